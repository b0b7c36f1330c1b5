"""A client on a sandbox's bus: alice, bob or root, making whatever calls a test wants."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from luminous_protocol.names import BUS_NAME, PLAN, PROPERTIES, ROOT_PATH, SYSTEM, TRANSACTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.users import UserName

    Data = dict[str, Any]

_PROGRAM = Path(__file__).with_name("bus_program.py")
_FINAL = {"done", "failed", "cancelled"}
_STEP_SECONDS = 0.03


class Refused(Exception):
    """An error reply. `name` is the part after the last dot, `full_name` the whole."""

    def __init__(self, full_name: str, message: str) -> None:
        """Keep what the reply says."""
        super().__init__(f"{full_name}: {message}")
        self.full_name = full_name
        self.name = full_name.rpartition(".")[2]
        self.message = message


class Client:
    """One process on the bus. A context manager; it leaves the bus at the end."""

    def __init__(self, sandbox: Sandbox, user: UserName = "alice") -> None:
        """Connect as `user`."""
        self._process = sandbox.popen(["python", str(_PROGRAM)], user=user)
        self._sandbox = sandbox
        self.unique_name = str(self._read()["name"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Leave the bus."""
        self._process.communicate()

    def send(
        self, path: str, member: tuple[str | None, str], arguments: tuple[str, list[Any]] = ("", [])
    ) -> tuple[str, list[Any]]:
        """Call (interface, member) with (signature, body); return the reply's (signature, body).

        Raises `Refused` for an error.
        """
        answer = self.begin(path, member, arguments)()
        if "error" in answer:
            raise Refused(answer["error"], answer["message"])
        return answer["signature"], answer["reply"]

    def begin(
        self, path: str, member: tuple[str | None, str], arguments: tuple[str, list[Any]] = ("", [])
    ) -> Callable[[], Data]:
        """Make a call as `send` does; return what waits for its answer."""
        self._write(
            {
                "destination": BUS_NAME,
                "path": path,
                "interface": member[0],
                "member": member[1],
                "signature": arguments[0],
                "body": arguments[1],
                "seconds": 30,
            }
        )
        return self._read

    def system(self, member: str, signature: str = "", *body: object) -> Any:  # noqa: ANN401 - any value
        """Call a method of `org.luminous1.System` and return its only value."""
        return self.send(ROOT_PATH, (SYSTEM, member), (signature, list(body)))[1][0]

    def properties(self, path: str, interface: str) -> Data:
        """Read all properties of an interface."""
        found: Data = self.send(path, (PROPERTIES, "GetAll"), ("s", [interface]))[1][0]
        return found

    def plan(self, *changes: Data, **options: object) -> str:
        """Make a plan and wait until it is ready or has failed; return its path."""
        path: str = self.system("Plan", "aa{sv}a{sv}", list(changes), options)
        while self.properties(path, PLAN)["State"] == "preparing":
            time.sleep(_STEP_SECONDS)
        return path

    def apply(self, plan: str, mode: str = "switch", **options: object) -> str:
        """Begin a transaction; return its path. Underscores in options become hyphens."""
        named = {name.replace("_", "-"): value for name, value in options.items()}
        path: str = self.send(plan, (PLAN, "Apply"), ("sa{sv}", [mode, named]))[1][0]
        return path

    def transaction(self, path: str) -> Data:
        """Read a transaction's properties."""
        return self.properties(path, TRANSACTION)

    def until(self, path: str, *states: str, seconds: float = 30.0) -> Data:
        """Wait until a transaction is in one of these states, or is over."""
        deadline = time.monotonic() + seconds
        while (found := self.transaction(path))["State"] not in _FINAL.union(states):
            if time.monotonic() > deadline:
                message = f"still {found['State']} ({found['Phase']}) after {seconds:g} s"
                raise AssertionError(f"{message}\n{self._sandbox.daemon_log}")
            time.sleep(_STEP_SECONDS)
        return found

    def carry_out(self, *changes: Data, mode: str = "switch", **options: object) -> Data:
        """Plan, apply and wait for the end."""
        return self.until(self.apply(self.plan(*changes), mode, **options))

    def cancel(self, transaction: str) -> None:
        """Cancel a transaction."""
        self.send(transaction, (TRANSACTION, "Cancel"))

    def signals(self, path: str = "", member: str = "", seconds: float = 10.0) -> list[list[Any]]:
        """Return the signals so far, after one of `member` at `path`.

        Without arguments nothing is waited for.
        """
        request = {"path": path, "member": member, "seconds": seconds if member else 0.05}
        found: list[list[Any]] = self._ask(request)["signals"]
        return found

    def _ask(self, request: Data) -> Data:
        self._write(request)
        return self._read()

    def _write(self, request: Data) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def _read(self) -> Data:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, errors = self._process.communicate()
            raise AssertionError(f"The bus program has ended:\n{errors}")
        answer: Data = json.loads(line)
        return answer
