"""The sandbox ends without a trace, and `luminous-sandbox` behaves as the command it runs."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest

from luminous_sandbox.cli import main
from luminous_sandbox.demo import SCENES
from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from luminous_sandbox.terminal import Terminal
from tests.integration.asking import wait_until

pytestmark = pytest.mark.integration

CLI: Final = [sys.executable, "-m", "luminous_sandbox"]


def test_nothing_is_left_after_the_end() -> None:
    before = _traces()
    with Sandbox(SandboxOptions(daemon=False)) as box:
        box.run(["sh", "-c", "setsid sleep 1000 > /dev/null 2>&1 & exit"])
        members = _members(box.pid)
        assert len(members) >= 5
    assert not any(Path(f"/proc/{pid}").exists() for pid in members)
    assert _traces() == before


def test_a_daemon_that_was_killed_is_started_again_by_its_name() -> None:
    script = (
        "kill -9 $1; while ask-nix status >/dev/null 2>&1; do sleep 0.1; done; ask-nix status; "
        "luminousd & until ask-nix status 2>/dev/null; do sleep 0.1; done; kill $!"
    )
    with Sandbox() as box:
        asked = ["busctl", "status", "org.luminous1"]
        (line, *_) = box.run(asked, user="root").stdout.splitlines()
        again = box.run(["sh", "-c", script, "sh", line.removeprefix("PID=")], user="root")
    assert "The Luminous daemon is not running" in again.stderr
    assert "Daemon     luminousd" in again.stdout


def test_an_exception_ends_the_sandbox() -> None:
    pids: list[int] = []

    def fail() -> None:
        with Sandbox(SandboxOptions(daemon=False)) as box:
            pids.extend(_members(box.pid))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert pids
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_sandbox_ends_with_the_process_that_made_it(number: signal.Signals) -> None:
    code = (
        "import time; from luminous_sandbox.machine import *; "
        "box = Sandbox(SandboxOptions(daemon=False)).start(); print(box.pid, flush=True); "
        "time.sleep(100)"
    )
    argv = [sys.executable, "-c", code]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as runner:
        assert runner.stdout is not None
        members = _members(int(runner.stdout.readline()))
        runner.send_signal(number)
        assert runner.wait(10) != 0
    wait_until(lambda: not any(_is_alive(pid) for pid in members))


def test_the_command_passes_streams_and_exit_code_through() -> None:
    argv = [*CLI, "--no-daemon", "--user", "bob", "--", "sh", "-c", "cat; id -un >&2; exit 7"]
    done = subprocess.run(argv, input="words", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "words", "bob\n")


def test_the_command_hands_signals_on_and_ends_as_its_command_did() -> None:
    script = "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.02; done"
    argv = [*CLI, "--no-daemon", "--", "bash", "-c", script]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.stdout.readline() == "told\n"
        assert process.wait(10) == 9


def test_the_machine_of_the_command_can_search_its_own_options_and_packages() -> None:
    argv = [*CLI, "--", "ask-nix", "search", "surf the web"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    kinds_and_names = [line.split("\t")[:2] for line in done.stdout.splitlines()]
    assert ["package", "firefox"] in kinds_and_names[:3]
    assert ["option", "programs.firefox.enable"] in kinds_and_names[:3]


def test_every_scene_of_the_demo_ends_as_it_must() -> None:
    argv = [sys.executable, "-m", "luminous_sandbox.demo"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("alice$ ") == len(SCENES)


def test_ctrl_c_goes_to_the_command_and_not_to_the_sandbox() -> None:
    script = "trap 'echo interrupted; exit' INT; echo ready; while :; do sleep 0.05; done"
    with _terminal([*CLI, "--no-daemon", "--keep", "--", "bash", "-c", script]) as terminal:
        terminal.expect("ready")
        terminal.send("\x03")
        terminal.expect("interrupted")
        # The shell that --keep opens needs the machine's services, which Ctrl-C must not reach.
        terminal.expect("throw-away NixOS")
        terminal.send("busctl list --no-pager | grep -c PolicyKit1; tty; exit\n")
        assert terminal.wait() == 0
        assert "1\n/dev/pts/" in terminal.output


def test_the_command_needs_root_and_says_so() -> None:
    argv = ["setpriv", "--reuid=65534", "--clear-groups", *CLI, "--", "true"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    reason = "The sandbox makes namespaces and mounts, so it must be started as root."
    assert done.stderr == f"luminous-sandbox: {reason}\n"


@pytest.mark.parametrize("knob", ["=1", "../x", ""])
def test_the_command_refuses_what_is_no_knob(knob: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--knob", knob, "--", "true"])
    assert ended.value.code == 2
    assert "is not NAME or NAME=VALUE" in capsys.readouterr().err


def _terminal(argv: list[str]) -> Terminal:
    def start(screen: int) -> subprocess.Popen[bytes]:
        command = ["setsid", "--ctty", *argv]
        return subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen)

    return Terminal(start)


def _traces() -> tuple[str, list[Path]]:
    """Return what a careless sandbox would have changed on the host: mounts and folders' contents.

    Other programs use the folder for temporary files too, so only what is ours is compared.
    """
    folders = [Path("/"), Path("/run"), Path("/var/lib"), Path("/etc")]
    ours = list(Path(tempfile.gettempdir()).glob("*luminous*"))
    found = [path for folder in folders for path in folder.iterdir()]
    return Path("/proc/self/mounts").read_text(), sorted(found + ours)


def _members(init: int) -> list[int]:
    """Return the host's numbers of the processes in a sandbox."""
    wanted = Path(f"/proc/{init}/ns/pid").readlink()
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if (entry / "ns/pid").readlink() == wanted:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _is_alive(pid: int) -> bool:
    """Tell whether a process still has a program, rather than waits to be collected."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False
