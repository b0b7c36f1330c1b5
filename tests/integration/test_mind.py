"""The process that searches: started by a question, and no trouble but its own when it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import KNOWLEDGE, ROOT_PATH, SYSTEM
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
    pytest.mark.outlives("the daemon of the module's sandbox starts the mind"),
]

SETTINGS = "/etc/luminous/mind.toml"
SOCKET = "/run/luminous-mind.sock"
USER = 901
ASKING = """
import contextlib, socket, sys
from luminous_protocol.frames import Hello, Request, decode, encode
with socket.socket(socket.AF_UNIX) as asking:
    asking.settimeout(10)
    try:
        asking.connect(sys.argv[1])
        with contextlib.suppress(BrokenPipeError):
            asking.sendall(encode(Hello()) + encode(Request(1, "status", {})))
        heard = asking.recv(4096)
        print(decode(heard[4 : 4 + heard[3]]))
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.fixture
def alice(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as alice."""
    with Client(sandbox) as client:
        yield client


@contextlib.contextmanager
def configured(sandbox: Sandbox, text: str) -> Iterator[None]:
    """Give the mind these settings, from its next start on."""
    file = sandbox.path(SETTINGS)
    file.parent.mkdir(exist_ok=True)
    end_mind(sandbox)
    file.write_text(text)
    try:
        yield
    finally:
        file.unlink()
        end_mind(sandbox)


def minds(sandbox: Sandbox) -> list[int]:
    """Return the processes of the sandbox that are a mind, by the host's numbers."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal() and is_mind(sandbox, entry)
    ]


def is_mind(sandbox: Sandbox, entry: Path) -> bool:
    """Tell whether a process is a mind of the sandbox's."""
    try:
        own = (entry / "ns/pid").readlink() == Path(f"/proc/{sandbox.pid}/ns/pid").readlink()
        argv = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return own and any(word.endswith(b"/luminous-mind") for word in argv[:2])


def end_mind(sandbox: Sandbox) -> None:
    """End the mind, if there is one, as systemd does."""
    for pid in minds(sandbox):
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not minds(sandbox))


def error_of(client: Client, member: str = "Status", *body: object) -> str:
    """Return the name of the error that a question ends with."""
    signature = "sa{sv}" if body else ""
    with pytest.raises(Refused) as caught:
        client.send(ROOT_PATH, (KNOWLEDGE, member), (signature, list(body)))
    return caught.value.name


def test_the_first_question_starts_the_mind_without_any_right(
    sandbox: Sandbox, alice: Client
) -> None:
    end_mind(sandbox)
    assert error_of(alice) == "NotReady"
    (pid,) = minds(sandbox)
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    assert status["Uid"].split() == [str(USER)] * 4
    assert status["Gid"].split() == [str(USER)] * 4
    assert [int(status[name], 16) for name in ("CapPrm", "CapEff", "CapInh", "CapAmb")] == [0] * 4
    assert status["NoNewPrivs"] == "1"
    assert error_of(alice, "Search", "video editor", {}) == "NotReady"
    assert minds(sandbox) == [pid]


@pytest.mark.parametrize("query", ["", "x" * 1_000_000, "a\x1b[2J"])
def test_what_no_query_is_is_refused_by_name(alice: Client, query: str) -> None:
    assert error_of(alice, "Search", query, {}) == "InvalidText"


def test_who_waits_when_the_mind_is_killed_is_answered_by_the_next_one(
    sandbox: Sandbox, alice: Client
) -> None:
    assert error_of(alice) == "NotReady"
    (pid,) = minds(sandbox)
    time.sleep(2)  # a mind that fails sooner turns those away who wait
    os.kill(pid, signal.SIGSTOP)
    answer = alice.begin(ROOT_PATH, (KNOWLEDGE, "Status"))
    before = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    assert answer()["error"].endswith(".NotReady")
    assert time.monotonic() - before < 5
    assert minds(sandbox) != [pid]


def test_whenever_the_mind_is_killed_there_is_an_answer_or_an_error_by_name(
    sandbox: Sandbox, alice: Client
) -> None:
    errors = set()
    for step in range(12):
        answer = alice.begin(ROOT_PATH, (KNOWLEDGE, "Status"))
        time.sleep(step * 0.0005)
        for pid in minds(sandbox):
            os.kill(pid, signal.SIGKILL)
        errors.add(answer()["error"].rpartition(".")[2])
    assert errors <= {"NotReady", "MindUnavailable"}
    assert error_of(alice) == "NotReady"


def test_a_dead_mind_costs_nothing_but_searches(sandbox: Sandbox, alice: Client) -> None:
    with configured(sandbox, "idle_seconds = -1\n"):
        before = time.monotonic()
        assert error_of(alice) == "MindUnavailable"
        assert time.monotonic() - before < 10
        assert alice.send(ROOT_PATH, (SYSTEM, "Status"))[1][0]["backend"]
    assert "idle_seconds: It is a number above 0" in sandbox.daemon_log
    assert error_of(alice) == "NotReady"


def test_an_idle_mind_leaves_and_comes_back(sandbox: Sandbox, alice: Client) -> None:
    with configured(sandbox, "idle_seconds = 0.2\n"):
        for _ in range(3):
            assert error_of(alice) == "NotReady"
            wait_until(lambda: not minds(sandbox))


def ask(sandbox: Sandbox, path: str, **who: Any) -> str:  # noqa: ANN401 - how to run it
    """Ask at a socket; return the answer."""
    done = sandbox.run([sys.executable, "-c", ASKING, path], **who)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def test_nobody_but_root_gets_to_the_socket(sandbox: Sandbox, alice: Client) -> None:
    assert error_of(alice) == "NotReady"
    assert ask(sandbox, SOCKET, user="alice") == "PermissionError\n"
    assert ask(sandbox, SOCKET, user="root").startswith("Hello(")


def test_who_is_neither_root_nor_itself_is_turned_away_where_the_socket_is_open(
    sandbox: Sandbox,
) -> None:
    path = "/tmp/open.sock"  # noqa: S108 - of the machine that is thrown away
    mind = sandbox.popen(["luminous-mind", "--socket", path], user="bob")
    try:
        wait_until(lambda: sandbox.path(path).exists())
        sandbox.path(path).chmod(0o666)
        assert "name='NotAuthorized'" in ask(sandbox, path, user="alice")
        assert ask(sandbox, path, user="bob").startswith("Hello(")
        assert ask(sandbox, path, user="root").startswith("Hello(")
    finally:
        mind.terminate()
        mind.communicate()
    assert mind.returncode == 0


def test_the_end_of_the_daemon_is_the_end_of_the_mind(sandbox: Sandbox) -> None:
    with Client(sandbox) as client:
        assert error_of(client) == "NotReady"
    assert minds(sandbox)
    assert sandbox.stop_daemon() == 0
    assert not minds(sandbox)
    sandbox.start_daemon()
    with Client(sandbox) as client:
        assert error_of(client) == "NotReady"
