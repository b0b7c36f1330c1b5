"""A bus in memory: it hands calls to the daemon and keeps answers and signals, really encoded."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from luminous_daemon.bus.caller import Callers
from luminous_daemon.bus.guard import Guard
from luminous_daemon.bus.introspection import load_contract
from luminous_daemon.bus.objects import Objects, Workers
from luminous_daemon.bus.root import RootObject
from luminous_daemon.bus.service import Service
from luminous_daemon.bus.status import StatusBoard
from luminous_daemon.core.execution import Executor
from luminous_daemon.core.on_disk import OnDisk
from luminous_daemon.core.planning import Planner
from luminous_daemon.core.ports import Caller
from luminous_protocol import names
from luminous_protocol.dbus import BusError, Call, Connection, Signal
from tests.unit.luminous_daemon.fake_mind import FakeMind
from tests.unit.luminous_daemon.fake_world import Machine, make_machine, make_world
from tests.unit.luminous_daemon.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from luminous_protocol.replies import Body

ALICE, BOB, ROOT = ":1.7", ":1.8", ":1.1"
ALL_SEEING = Caller(ROOT, 0, 1, "root")
HELLO = {"kind": "add-package", "package": "hello"}
SSH = {"kind": "enable", "target": "openssh"}
CONTRACTS = {kind: load_contract(kind) for kind in ("root", "plan", "transaction")}


class Sent(NamedTuple):
    """A signal that was sent."""

    path: str
    interface: str
    member: str
    values: tuple[Any, ...]
    to: str | None = None


class Failed(Exception):
    """An error reply."""

    def __init__(self, name: str, message: str) -> None:
        """Keep both."""
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


class FakeConnection(Connection):
    """The daemon's side of the bus. `uids` says who is there; nobody else is."""

    def __init__(self) -> None:
        """Have alice, bob and root on the bus."""
        self.uids = {ALICE: 1000, BOB: 1001, ROOT: 0}
        self.asked: list[tuple[str, str]] = []
        self.signals: list[Sent] = []
        self.waiting: dict[int, asyncio.Future[Any]] = {}
        self._handler: Callable[[Call], None] | None = None

    def on_call(self, handler: Callable[[Call], None]) -> None:
        """Hand calls to `handler`."""
        self._handler = handler

    async def call_bus(self, member: str, signature: str, values: Sequence[Any]) -> list[Any]:
        """Answer as the bus itself does."""
        assert signature == "s"
        await asyncio.sleep(0)
        self.asked.append((member, values[0]))
        if member in {"AddMatch", "RemoveMatch"}:
            return []
        uid = self.uids.get(values[0])
        if member == "NameHasOwner":
            return [uid is not None]
        if uid is None:
            raise BusError("org.freedesktop.DBus.Error.NameHasNoOwner", "")
        return [{"UnixUserID": uid, "ProcessID": 42}]

    def leave(self, name: str) -> None:
        """Let somebody leave."""
        del self.uids[name]
        bus = "org.freedesktop.DBus"
        assert self._on_signal
        self._on_signal(Signal(bus, "/", bus, "NameOwnerChanged", [name, name, ""]))

    def deliver(self, call: Call) -> asyncio.Future[Any]:
        """Hand a call over; return where its answer will be."""
        assert self._handler
        answer = asyncio.get_running_loop().create_future()
        self.waiting[id(call._message)] = answer  # noqa: SLF001 - as the connection itself
        self._handler(call)
        return answer

    def reply(self, call: Call, signature: str, values: Sequence[Any]) -> None:
        """Keep an answer, once it is seen that it can be encoded."""
        self.encode(signature, values)
        self._answered(call).set_result(tuple(values))

    def reply_encoded(self, call: Call, body: Body) -> None:
        """Keep an answer that is encoded."""
        self._answered(call).set_result(body)

    def fail(self, call: Call, name: str, message: str) -> None:
        """Keep an error."""
        self.encode("s", [message])
        self._answered(call).set_exception(Failed(name, message))

    def emit(
        self,
        path: str,
        signal: tuple[str, str],
        arguments: tuple[str, Sequence[Any]],
        to: str | None = None,
    ) -> None:
        """Keep a signal, once it is seen that it can be encoded."""
        signature, values = arguments
        self.encode(signature, values)
        self.signals.append(Sent(path, *signal, tuple(values), to))

    def _answered(self, call: Call) -> asyncio.Future[Any]:
        """Return where the answer goes; an answer is given once."""
        return self.waiting.pop(id(call._message))  # noqa: SLF001 - as the connection itself


@dataclass
class Door:
    """A daemon without its process: everything behind the bus, on a fake machine."""

    tasks: asyncio.TaskGroup
    machine: Machine = field(default_factory=make_machine)
    bus: FakeConnection = field(default_factory=FakeConnection)
    mind: FakeMind = field(default_factory=FakeMind)
    stamp: int = 0
    looked_up: int = 0

    def __post_init__(self) -> None:
        """Join the parts, as the program does."""
        self.world = make_world(self.machine)
        self.callers = Callers(self.bus)
        self.service = Service(self.bus, self.callers, Guard(self.world.authority), self.spawn)
        on_disk = OnDisk(self.world)
        executor = Executor(self.world, on_disk, lambda *_: None)
        workers = Workers(Planner(self.world, on_disk), executor, self.spawn)
        self.objects = Objects(self.service, self.world, workers)
        self.status = StatusBoard(self.objects, lambda: self.stamp, self._constants)
        self.service.publish(RootObject(self.objects, self.status, self.mind, "1.2.3"))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task in the daemon's task group."""
        return self.tasks.create_task(work)

    async def _constants(self) -> dict[str, str]:
        self.looked_up += 1
        return {"version": "1.2.3", "nix": "2.26"}

    async def call(
        self, path: str, method: str, *body: object, sender: str = ALICE
    ) -> tuple[Any, ...]:
        """Call a method (interface.Member) as a client does; raise `Failed` for an error."""
        answer: Any = await self.send(path, method, *body, sender=sender)
        return answer if isinstance(answer, tuple) else (answer,)

    def send(
        self, path: str, method: str, *body: object, sender: str = ALICE
    ) -> asyncio.Future[Any]:
        """Call a method and do not wait for the answer."""
        interface, _, member = method.rpartition(".")
        signature = signature_of(interface, member)
        return self.send_raw(path, (interface, member), (signature, body), sender=sender)

    def send_raw(
        self,
        path: str,
        method: tuple[str, str],
        arguments: tuple[str, Sequence[object]] = ("", ()),
        *,
        sender: str = ALICE,
    ) -> asyncio.Future[Any]:
        """Send a call of any form."""
        signature, body = arguments
        return self.bus.deliver(Call(sender, path, *method, signature, list(body), object()))

    async def system(self, member: str, *body: object, sender: str = ALICE) -> Any:  # noqa: ANN401 - any reply
        """Call a method of the machine as a whole; return its only value."""
        path = names.ROOT_PATH
        return (await self.call(path, f"{names.SYSTEM}.{member}", *body, sender=sender))[0]

    async def properties(self, path: str, interface: str, *, sender: str = ALICE) -> dict[str, Any]:
        """Return an object's properties as plain values."""
        method = f"{names.PROPERTIES}.GetAll"
        (found,) = await self.call(path, method, interface, sender=sender)
        return {name: typed.value for name, typed in found.items()}

    async def planned(self, *changes: dict[str, Any], sender: str = ALICE) -> str:
        """Make a plan and wait until it is ready or has failed; return its path."""
        path: str = await self.system("Plan", list(changes), {}, sender=sender)
        await until(lambda: bool(self.heard(path, "PropertiesChanged")))
        return path

    async def apply(self, plan: str, mode: str = "switch", **options: object) -> str:
        """Apply a plan; return the transaction's path at once."""
        named = {name.replace("_", "-"): value for name, value in options.items()}
        (path,) = await self.call(plan, f"{names.PLAN}.Apply", mode, named)
        return str(path)

    async def reached(self, step: str) -> None:
        """Wait until the machine takes a step."""
        await until(lambda: step in self.machine.calls)

    async def applied(self, *changes: dict[str, Any]) -> str:
        """Plan and apply, and wait for the end; return the transaction's path."""
        path = await self.planned(*changes)
        (transaction,) = await self.call(path, f"{names.PLAN}.Apply", "switch", {})
        await self.end_of(transaction)
        return str(transaction)

    async def end_of(self, path: str) -> dict[str, Any]:
        """Wait for a transaction's end; return its properties."""
        await until(lambda: bool(self.heard(path, "Finished")))
        return await self.properties(path, names.TRANSACTION)

    def heard(self, path: str, member: str) -> list[tuple[Any, ...]]:
        """Return the values of the signals of one object."""
        return [
            sent.values for sent in self.bus.signals if (sent.path, sent.member) == (path, member)
        ]


def signature_of(interface: str, member: str) -> str:
    """Return the signature of a method's arguments, as the contract says."""
    for contract in CONTRACTS.values():
        if interface in contract.interfaces:
            return contract.interfaces[interface].methods[member].arguments
    raise KeyError(interface)


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Door]:
    """Open a door; at the end, what still runs is let go and ended."""
    async with asyncio.TaskGroup() as tasks:
        door = Door(tasks)
        yield door
        for gate in door.machine.gates.values():
            gate.set()
        door.objects.cancel_all()
