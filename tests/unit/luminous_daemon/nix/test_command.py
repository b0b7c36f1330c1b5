"""Commands: really run, followed line by line, and stopped with everything they have started."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
import sys
import time
from pathlib import Path

import pytest

from luminous_daemon.nix import command
from luminous_daemon.nix.command import Command, Replacement, find_program, run, run_detached

OWN = pwd.getpwuid(os.geteuid()).pw_name


def sh(script: str, *arguments: str) -> Command:
    """Return a command that runs a shell's script."""
    return Command(("sh", "-c", script, "sh", *arguments))


def test_output_errors_and_status_are_told_apart() -> None:
    outcome = asyncio.run(run(sh("echo out; echo err 1 >&2; echo err 2 >&2; exit 7")))
    assert (outcome.status, outcome.output) == (7, "out\n")
    assert outcome.errors == ("err 1", "err 2")


def test_lines_are_handed_over_while_the_command_runs(tmp_path: Path) -> None:
    heard: list[str] = []
    gate = tmp_path / "gate"
    os.mkfifo(gate)

    def on_line(line: str) -> None:
        heard.append(line)
        if line == "first":
            with gate.open("w") as opened:  # the command waits for this
                opened.write("go\n")

    asyncio.run(run(sh('echo first >&2; read x < "$1"; echo "$x" >&2', str(gate)), on_line))
    assert heard == ["first", "go"]


def test_a_long_output_and_a_long_line_come_through_whole() -> None:
    script = "head -c 3000000 /dev/zero | tr '\\0' x >&2; yes line | head -n 200000"
    outcome = asyncio.run(run(sh(script)))
    assert len(outcome.errors[0]) == 3_000_000
    assert outcome.output.count("\n") == 200_000


def test_of_a_program_that_prints_without_end_only_the_last_bytes_are_kept() -> None:
    script = "yes out | head -n 500000; yes err | head -n 500000 >&2"
    outcome = asyncio.run(run(Command(("sh", "-c", script), kept=10)))
    assert outcome.output == "t\nout\nout\n"
    assert outcome.errors == ("r", "err", "err")


def test_a_listening_socket_is_handed_on_as_systemd_does() -> None:
    script = 'echo "$LISTEN_FDS $((LISTEN_PID - $$))"; readlink /proc/$$/fd/0 /proc/$$/fd/3'
    with socket.socket(socket.AF_UNIX) as listening:
        command = Command(("sh", "-c", script), listening=listening.fileno(), niceness=1)
        count, null, place = asyncio.run(run(command)).output.splitlines()
        assert (count, null) == ("1 0", "/dev/null")
        assert place == f"socket:[{os.fstat(listening.fileno()).st_ino}]"


def test_bytes_that_are_no_text_are_replaced() -> None:
    outcome = asyncio.run(run(sh("printf '\\377\\n'; printf '\\376\\n' >&2")))
    assert outcome.output == "\N{REPLACEMENT CHARACTER}\n"
    assert outcome.errors == ("\N{REPLACEMENT CHARACTER}",)


def test_standard_input_is_empty_and_the_folder_is_the_root() -> None:
    assert asyncio.run(run(sh("cat; pwd"))).output == "/\n"


def test_arguments_are_never_a_shells_text() -> None:
    nasty = "$(reboot); `reboot`\n'\" ${x}"
    assert asyncio.run(run(Command(("printf", "%s", nasty)))).output == nasty


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        asyncio.run(run(Command(("/no/such/program",))))


async def started(program: Command, mark: Path) -> asyncio.Task[object]:
    """Start a command that makes a file once it runs."""
    task: asyncio.Task[object] = asyncio.create_task(run(program))
    deadline = time.monotonic() + 5
    while not mark.exists():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)
    return task


def is_running(pid: int) -> bool:
    """Tell whether a process is there and has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(") ")[2][0] not in "ZX"


DEAF = "sh -c 'trap : TERM; while :; do sleep 0.02; done'"


@pytest.mark.parametrize(
    "child",
    ["sleep 60", DEAF, f"{DEAF} >/dev/null 2>&1"],
    ids=["meek", "deaf", "deaf and silent"],
)
def test_cancelling_stops_the_command_and_its_children(
    tmp_path: Path, child: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_STOP_SECONDS", 0.2)
    script = f'{child} & echo $! > "$1.part"; mv "$1.part" "$1"; wait'
    mark = tmp_path / "mark"

    async def steps() -> int:
        task = await started(sh(script, str(mark)), mark)
        pid = int(mark.read_text())
        assert is_running(pid)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pid

    pid = asyncio.run(steps())
    deadline = time.monotonic() + 2
    while is_running(pid):
        assert time.monotonic() < deadline, "the child outlived its command"
        time.sleep(0.01)


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8])
def test_cancelling_while_it_starts_leaves_nothing_behind(tmp_path: Path, turns: int) -> None:
    mark = tmp_path / "mark"

    async def steps() -> None:
        script = 'sleep 60 & echo $! > "$1"; wait'
        task = asyncio.create_task(run(sh(script, str(mark))))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(steps())
    words = mark.read_text().split() if mark.exists() else []
    deadline = time.monotonic() + 2
    while any(is_running(int(pid)) for pid in words):
        assert time.monotonic() < deadline, "the child outlived its command"
        time.sleep(0.01)


def test_a_program_that_is_not_there_can_be_cancelled_too() -> None:
    async def steps() -> None:
        task = asyncio.create_task(run(Command(("/no/such/program",))))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises((asyncio.CancelledError, FileNotFoundError)):
            await task

    asyncio.run(steps())


def test_a_listener_that_fails_stops_the_command(tmp_path: Path) -> None:
    def fails(_: str) -> None:
        raise ValueError("a defect")

    before = time.monotonic()
    with pytest.raises(ValueError, match="a defect"):
        asyncio.run(run(sh("echo x >&2; exec sleep 60"), fails))
    assert time.monotonic() - before < 3
    assert list(tmp_path.iterdir()) == []


def test_a_detached_command_writes_its_log_and_goes_on_when_nobody_waits(tmp_path: Path) -> None:
    log, mark = tmp_path / "log", tmp_path / "mark"
    heard: list[str] = []
    status = asyncio.run(run_detached(sh("echo out; echo err >&2; exit 3"), log, heard.append))
    assert (status, heard) == (3, ["out", "err"])

    async def steps() -> None:
        script = 'echo begun; : > "$1.begun"; sleep 0.05; : > "$1"'
        task = asyncio.create_task(run_detached(sh(script, str(mark)), log, heard.append))
        while not mark.with_name("mark.begun").exists():
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while not mark.exists():
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)  # so that the loop sees its end

    asyncio.run(steps())


def test_a_detached_command_is_heard_while_it_runs(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    heard: list[str] = []

    def on_line(line: str) -> None:
        heard.append(line)
        gate.touch()

    script = (
        'echo first; n=0; until [ -e "$1" ] || [ $n -gt 150 ]; do sleep 0.02; n=$((n+1)); done; '
        '[ -e "$1" ] && echo second'
    )
    status = asyncio.run(run_detached(sh(script, str(gate)), tmp_path / "log", on_line))
    assert (status, heard) == (0, ["first", "second"])


def test_ones_own_user_needs_no_change_of_user() -> None:
    assert Command(("true",), user=OWN).whole_argv() == ["true"]
    assert Command(("true",)).whole_argv() == ["true"]


def test_another_user_comes_with_its_groups_and_no_capabilities() -> None:
    other = next(entry for entry in pwd.getpwall() if entry.pw_name != OWN)
    assert Command(("nix-build", "x"), user=other.pw_name).whole_argv() == [
        "setpriv",
        f"--reuid={other.pw_uid}",
        f"--regid={other.pw_gid}",
        "--init-groups",
        "--inh-caps=-all",
        "--",
        "nix-build",
        "x",
    ]


def test_what_gives_way_to_others_does_so_from_its_first_step() -> None:
    status = asyncio.run(run(Command(("nice",), niceness=7)))
    assert status.output.strip() == str(os.nice(0) + 7)


def test_replaced_files_are_seen_in_a_mount_namespace_of_its_own() -> None:
    other = next(entry for entry in pwd.getpwall() if entry.pw_name != OWN)
    replacements = (
        Replacement(Path("/etc/nixos/luminous.nix"), Path("/run/$(reboot)")),
        Replacement(Path("/etc/ni xos/flake.lock"), Path("/run/lock")),
    )
    argv = Command(("nix", "x"), user=other.pw_name, replacements=replacements).whole_argv()
    assert argv[:16] == [
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "--",
        "sh",
        "-c",
        argv[7],
        "sh",
        "/run/$(reboot)",
        "/etc/nixos/luminous.nix",
        "/etc/nixos/luminous.nix",
        "/run/lock",
        "/etc/ni xos/flake.lock",
        "/etc/ni\\040xos/flake.lock",
        "run",
    ]
    assert argv[16] == "setpriv"
    assert not [path for path in argv[9:15] if path in argv[7]], "no path becomes a script"
    assert argv[-2:] == ["nix", "x"]


def test_a_user_comes_with_home_and_the_nix_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/own")
    other = next(entry for entry in pwd.getpwall() if entry.pw_uid not in {0, os.geteuid()})
    found = Command(("x",), user=other.pw_name, environment={"A": "1"}).whole_environment()
    assert (found["HOME"], found["USER"], found["LOGNAME"]) == (
        other.pw_dir,
        other.pw_name,
        other.pw_name,
    )
    assert (found["NIX_REMOTE"], found["A"], found["PATH"]) == ("daemon", "1", "/own")
    assert found["LC_ALL"] == "C.UTF-8"


def test_an_environment_reaches_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    program = Command(("sh", "-c", "echo $A $LC_ALL"), environment={"A": "1"})
    assert asyncio.run(run(program)).output == "1 C.UTF-8\n"


def test_a_program_is_found_in_the_folders_given_then_in_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tool"
    program.write_text(f"#!{sys.executable}\n")
    monkeypatch.setenv("PATH", f":{tmp_path}")
    assert find_program("tool") is None, "it cannot be run"
    program.chmod(0o755)
    assert find_program("tool") == str(program)
    assert find_program("tool", [str(tmp_path / "none")]) == str(program)
    (tmp_path / "folder").mkdir()
    assert find_program("folder") is None
