"""Trying a probe: what is started for it, and what is said of it when it is not well."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.probes import Probe
from luminous_daemon.nix import probes
from luminous_daemon.nix.command import Command
from luminous_daemon.nix.health import SystemdHealth
from luminous_daemon.nix.probes import curl_argv, try_probe

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.nix.recorder import Recorder

CHECK = Probe(command=("/bin/check", "; $(reboot)"))
PAGE = Probe(url="http://localhost/", seconds=7)
UNIT = Probe(unit="web.service")


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every program be there."""
    monkeypatch.setattr(probes, "find_program", lambda name, *_: f"/sw/bin/{name}")


def tried(probe: Probe) -> str:
    """Try a probe."""
    return asyncio.run(try_probe(probe))


def test_a_command_runs_as_nobody_or_whom_it_names(recorder: Recorder) -> None:
    assert tried(CHECK) == ""
    assert tried(Probe(command=("/bin/check",), user="root")) == ""
    assert recorder.commands == [
        Command(("/bin/check", "; $(reboot)"), user="nobody", kept=4096),
        Command(("/bin/check",), user="root", kept=4096),
    ]


@pytest.mark.parametrize(
    ("output", "errors", "status", "says"),
    [
        ("", (), 3, "/bin/check ended with status 3"),
        ("", (), -9, "/bin/check was ended by SIGKILL"),
        ("1\n2\n", (), 1, "/bin/check ended with status 1: 2"),
        ("1\n", ("first", "no disk.", " "), 1, "/bin/check ended with status 1: no disk"),
        ("\x1b[31m\x00a\tb\n", (), 1, "/bin/check ended with status 1: [31m a b"),
        ("x" * 5000, (), 1, f"/bin/check ended with status 1: {'x' * 200}"),
    ],
)
def test_a_command_that_fails_is_told_with_its_last_line(
    recorder: Recorder, output: str, errors: tuple[str, ...], status: int, says: str
) -> None:
    recorder.answer(output, *errors, status=status)
    assert tried(CHECK) == says


def test_a_user_who_is_not_there_is_named(recorder: Recorder) -> None:
    probe = Probe(command=("/bin/check",), user="no-such-user")
    assert tried(probe) == "there is no user no-such-user on this machine to run it"
    assert recorder.commands == []


def test_a_page_is_asked_for_by_curl_as_nobody(recorder: Recorder) -> None:
    assert tried(PAGE) == ""
    argv = curl_argv("/sw/bin/curl", "http://localhost/", 7)
    assert argv == (
        "/sw/bin/curl",
        "--disable",
        "--silent",
        "--show-error",
        "--fail",
        "--globoff",
        "--proto",
        "=http,https",
        "--max-time",
        "7",
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_code}",
        "--url",
        "http://localhost/",
    )
    assert recorder.commands == [Command(argv, user="nobody", kept=4096)]


@pytest.mark.parametrize(
    ("output", "error", "status", "says"),
    [
        ("502", "curl: (22) The requested URL returned error: 502", 22, "answered 502"),
        ("000", "curl: (7) Failed to connect", 7, "Failed to connect"),
        ("000", "", 35, "curl ended with status 35"),
        ("", "", -11, "curl was ended by SIGSEGV"),
    ],
)
def test_a_page_that_does_not_come_is_told_with_the_answer_or_the_reason(
    recorder: Recorder, output: str, error: str, status: int, says: str
) -> None:
    recorder.answer(output, *filter(None, [error]), status=status)
    assert tried(PAGE) == f"http://localhost/{' ' if says.startswith('ans') else ': '}{says}"


def test_without_its_program_a_probe_is_not_well(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "find_program", lambda *_: None)
    assert tried(PAGE) == "curl is not there to ask for it; add it to the system's packages"
    assert tried(UNIT) == "systemctl is not there to ask for it"
    assert recorder.commands == []


def test_a_unit_is_well_when_it_is_active(recorder: Recorder) -> None:
    recorder.answer("active\n")
    assert tried(UNIT) == ""
    recorder.answer("failed\n", status=3)
    assert tried(UNIT) == "web.service is failed"
    recorder.answer(status=1)
    assert tried(UNIT) == "web.service is not active"
    assert recorder.argvs == [("/sw/bin/systemctl", "is-active", "web.service")] * 3


def test_a_port_is_well_when_something_takes_the_connection() -> None:
    async def steps() -> tuple[str, str]:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            open_port = await try_probe(Probe(tcp=f"127.0.0.1:{port}"))
        closed_port = await try_probe(Probe(tcp=f"127.0.0.1:{port}"))
        return open_port, closed_port.replace(str(port), "PORT")

    assert asyncio.run(steps()) == ("", "127.0.0.1:PORT: Connection refused")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service"),
        (OSError("Multiple exceptions: [Errno 111] …, [Errno 111] …"), "no connection"),
        (TimeoutError(110, "Connect call failed"), "Connection timed out"),
    ],
)
def test_a_port_that_cannot_be_reached_is_told_in_the_systems_words(
    monkeypatch: pytest.MonkeyPatch, error: OSError, says: str
) -> None:
    async def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(asyncio, "open_connection", refuse)
    assert tried(Probe(tcp="web:80")).startswith(f"web:80: {says}")


def test_health_knows_its_probes_by_name(recorder: Recorder) -> None:
    health = SystemdHealth({"web": PAGE, "check": CHECK})
    assert health.probes == {"web": 7, "check": 10}
    asyncio.run(health.try_probe("check"))
    assert [argv[0] for argv in recorder.argvs] == ["/bin/check"]


def test_what_is_new_of_a_probe_stands_in_the_log(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "luminousd")
    health = SystemdHealth({"check": CHECK})
    for status in (0, 1, 1, 2, 0, 0):
        recorder.answer(status=status)
        asyncio.run(health.try_probe("check"))
    assert caplog.messages == [
        "the probe check is not well: /bin/check ended with status 1",
        "the probe check is not well: /bin/check ended with status 2",
        "the probe check is well again",
    ]
