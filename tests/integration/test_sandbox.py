"""The sandbox keeps its promises: real bus, real polkit, real Nix, and no trace on the host."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from luminous_sandbox.machine import Sandbox, SandboxError
from luminous_sandbox.options import AgentMode, SandboxOptions
from luminous_sandbox.services import ServiceError
from luminous_sandbox.users import ALICE_PASSWORD
from tests.integration.asking import ask, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

pytestmark = pytest.mark.integration

ACTION: Final = "org.luminous1.change-packages"
CHECK: Final = f"pkcheck --process $$ --action-id {ACTION} --allow-user-interaction"
ONE_NIX = pytest.mark.parametrize("nix", ["2.26"], scope="module")
# Asks polkit about the asking process itself, as a service would about its caller.
ASK_POLKIT: Final = """
import time
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

polkit = "org.freedesktop.PolicyKit1"
authority = DBusAddress("/org/freedesktop/PolicyKit1/Authority", polkit, f"{polkit}.Authority")
with open_dbus_connection("SYSTEM") as bus:
    time.sleep(0.05)  # what the fastest service needs before it asks
    subject = ("system-bus-name", {"name": ("s", bus.unique_name)})
    body = (subject, "org.luminous1.change-packages", {}, 1, "")
    call = new_method_call(authority, "CheckAuthorization", "(sa{sv})sa{ss}us", body)
    print(bus.send_and_get_reply(call).body[0][0])
"""


@pytest.fixture(scope="module")
def bare(nix: NixVersion) -> Iterator[Sandbox]:
    """Start a sandbox without Luminous's daemon: only the machine."""
    with Sandbox(SandboxOptions(nix=nix, daemon=False)) as sandbox:
        yield sandbox


def test_nix_is_the_version_asked_for(bare: Sandbox) -> None:
    assert f"(Nix) {bare.options.nix}" in bare.run(["nix", "--version"]).stdout


def test_an_unprivileged_user_builds_a_derivation(bare: Sandbox) -> None:
    expression = (
        'derivation { name = "built"; system = builtins.currentSystem; builder = "/bin/sh"; '
        'args = [ "-c" "echo made by $name > $out" ]; }'
    )
    built = bare.run(["nix-build", "--no-out-link", "--expr", expression])
    assert built.returncode == 0, built.stderr
    assert bare.real_path(built.stdout.strip()).read_text() == "made by built\n"


def test_the_system_generation_is_the_running_one(bare: Sandbox) -> None:
    system = bare.real_path("/nix/var/nix/profiles/system")
    assert (system / "nixos-version").exists()
    assert bare.real_path("/run/current-system") == system
    assert bare.real_path("/run/booted-system") == system


@ONE_NIX
@pytest.mark.parametrize("user", ["alice", "bob"])
def test_users_can_run_the_products_python(bare: Sandbox, user: str) -> None:
    code = "import os, luminous_protocol; print(os.getuid())"
    done = bare.run(["python", "-c", code], user="bob" if user == "bob" else "alice")
    assert (done.stdout, done.stderr) == ({"alice": "1000\n", "bob": "1001\n"}[user], "")


@ONE_NIX
def test_alice_owns_the_configuration_and_bob_cannot_write_it(bare: Sandbox) -> None:
    touch = ["sh", "-c", "touch /etc/nixos/new && rm /etc/nixos/new"]
    assert bare.run(touch).returncode == 0
    assert bare.run(touch, user="bob").returncode != 0


@ONE_NIX
def test_what_root_writes_stays_in_the_sandbox(bare: Sandbox) -> None:
    places = [f"/{folder}/luminous-was-here" for folder in ("etc", "usr/bin", "tmp", "home")]
    assert bare.run(["touch", *places], user="root").returncode == 0
    assert all(bare.path(place).exists() for place in places)
    assert not any(Path(place).exists() for place in places)


@ONE_NIX
def test_the_source_code_is_shown_but_cannot_be_written(bare: Sandbox) -> None:
    done = bare.run(["touch", __file__], user="root")
    assert "Read-only file system" in done.stderr


@ONE_NIX
def test_there_is_no_network_but_the_machines_own(bare: Sandbox) -> None:
    interfaces = bare.run(["cat", "/proc/net/dev"]).stdout.splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    ping = "import socket as s; l = s.create_server(('127.0.0.1', 0)); "
    ping += "s.create_connection(l.getsockname()).close()"
    assert bare.run(["python", "-c", ping]).returncode == 0


@ONE_NIX
@pytest.mark.parametrize(
    ("mode", "code", "sentence"),
    [
        ("allow", 0, ""),
        ("deny", 1, "Not authorized."),
        ("dismiss", 3, "Authentication request was dismissed."),
        ("none", 2, "Authorization requires authentication but no agent is available."),
    ],
)
def test_polkit_gets_the_answer_that_was_chosen(
    bare: Sandbox, mode: AgentMode, code: int, sentence: str
) -> None:
    bare.set_agent(mode)
    done = bare.run(["sh", "-c", f"{CHECK}; exit $?"])
    assert (done.returncode, done.stderr.strip()) == (code, sentence)


@ONE_NIX
def test_the_agent_tells_what_it_was_asked(bare: Sandbox) -> None:
    bare.set_agent("allow")
    bare.run(["sh", "-c", f"{CHECK}; exit $?"])
    question = bare.agent_questions()[-1]
    assert question["action"] == ACTION
    assert question["identities"] == [{"kind": "unix-user", "uid": 1000}]
    assert question["answer"] == "allow"


@ONE_NIX
def test_a_hanging_agent_answers_when_the_question_is_withdrawn(bare: Sandbox) -> None:
    bare.set_agent("hang")
    asked = len(bare.agent_questions())
    with bare.popen(["sh", "-c", f"{CHECK}; exit $?"]) as process:
        wait_until(lambda: len(bare.agent_questions()) > asked)
        assert process.poll() is None
        bare.run(["pkill", "pkcheck"])
        assert process.wait(10) != 0
    bare.set_agent("allow")
    assert bare.run(["sh", "-c", f"{CHECK}; exit $?"]).returncode == 0


@ONE_NIX
def test_children_of_a_shell_have_an_agent_too(bare: Sandbox) -> None:
    bare.set_agent("allow")
    done = bare.run(["sh", "-c", 'python -c "$0"; python -c "$0"', ASK_POLKIT])
    assert done.stdout == "True\nTrue\n", done.stderr


@ONE_NIX
@pytest.mark.parametrize(
    ("password", "code"), [(ALICE_PASSWORD, 0), ("not the password", 1)], ids=["right", "wrong"]
)
def test_the_real_text_agent_takes_a_password_on_a_terminal(
    bare: Sandbox, password: str, code: int
) -> None:
    bare.set_agent("none")
    # pkttyagent closes this descriptor when polkit knows it.
    script = f"""
        mkfifo /tmp/registered-$$
        pkttyagent --process $$ --notify-fd 3 3> /tmp/registered-$$ &
        cat /tmp/registered-$$; {CHECK}; code=$?
        kill %1; exit $code
    """
    with bare.terminal(["bash", "-c", script], user="bob") as terminal:
        terminal.expect("Authenticating as: alice")
        terminal.send_hidden(f"{password}\n")
        assert terminal.wait() == code, terminal.output
        assert password not in terminal.output.replace("as: alice", "")


@ONE_NIX
def test_only_root_may_own_the_products_name(bare: Sandbox) -> None:
    arguments = "org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus RequestName su"
    request = ["busctl", "call", *arguments.split(), "org.luminous1", "0"]
    assert bare.run(request).stderr == "Call failed: Access denied\n"
    assert bare.run(request, user="root").stdout == "u 1\n"


@ONE_NIX
def test_two_sandboxes_know_nothing_of_each_other(bare: Sandbox) -> None:
    with Sandbox(SandboxOptions(daemon=False, agent="none")) as other:
        other.path("/etc/nixos/only-here").write_text("")
        assert not bare.path("/etc/nixos/only-here").exists()
        assert other.run(["pgrep", "-c", "dbus-daemon"], user="root").stdout == "1\n"


@ONE_NIX
def test_run_gives_input_and_tells_output_and_exit_code(bare: Sandbox) -> None:
    done = bare.run(["sh", "-c", "cat; echo oops >&2; exit 3"], input="words")
    assert (done.returncode, done.stdout, done.stderr) == (3, "words", "oops\n")


@ONE_NIX
def test_run_ends_a_command_and_its_children_that_take_too_long(bare: Sandbox) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        bare.run(["sh", "-c", "sleep 4321; true"], timeout=0.3)
    wait_until(lambda: bare.run(["pgrep", "-f", "sleep 4321"], user="root").returncode == 1)


@ONE_NIX
def test_the_started_process_is_the_command_itself(bare: Sandbox) -> None:
    with bare.popen(["sleep", "1000"]) as process:
        wait_until(lambda: Path(f"/proc/{process.pid}/comm").read_text() == "sleep\n")
        assert f"Uid:\t{1000}" in Path(f"/proc/{process.pid}/status").read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == -signal.SIGINT


@ONE_NIX
def test_a_command_on_a_terminal_can_be_interrupted(bare: Sandbox) -> None:
    with bare.terminal(["bash", "--norc", "-i"]) as terminal:
        terminal.send("echo pid $$; sleep 1000\n")
        terminal.expect("pid ")
        time.sleep(0.2)  # until the shell has given the terminal to sleep
        terminal.send("\x03")
        terminal.send("exit $?\n")
        assert terminal.wait() == 128 + signal.SIGINT


@ONE_NIX
def test_paths_follow_links_as_the_sandbox_would(bare: Sandbox) -> None:
    bare.run(["ln", "-s", "/etc/passwd", "/home/alice/link"])
    assert bare.path("/home/alice/link").readlink() == Path("/etc/passwd")
    assert "alice:x:1000" in bare.real_path("/home/alice/link").read_text()
    assert bare.inside(bare.real_path("/home/alice/link")) == "/etc/passwd"
    assert bare.inside(bare.real_path("/etc/../etc/./hostname")) == "/etc/hostname"


@ONE_NIX
def test_knobs_are_files_that_come_and_go(bare: Sandbox) -> None:
    bare.set_knob("slow-switch", "2")
    assert bare.run(["cat", "/etc/sandbox-knobs/slow-switch"]).stdout == "2"
    assert bare.knobs() == ["slow-switch"]
    bare.clear_knob("slow-switch")
    assert bare.knobs() == []
    with pytest.raises(SandboxError):
        bare.set_knob("../escape")


@ONE_NIX
@pytest.mark.parametrize("library", ["dbus-next", "dbus-fast"])
def test_the_daemon_runs_on_the_library_that_was_chosen(library: str, nix: NixVersion) -> None:
    with Sandbox(SandboxOptions(nix=nix, dbus_library=library)) as box:
        # The name is owned a moment before the daemon writes that it serves.
        wait_until(lambda: library.replace("-", "_") in box.daemon_log)


@ONE_NIX
@pytest.mark.outlives("the daemon that is started again belongs to the module's sandbox")
def test_the_daemon_can_be_stopped_and_killed_and_started_again(sandbox: Sandbox) -> None:
    owned = ["busctl", "introspect", "org.luminous1", "/org/luminous1"]
    assert sandbox.run(owned).returncode == 0
    assert sandbox.stop_daemon() == 0
    assert sandbox.run(owned).returncode != 0
    sandbox.start_daemon()
    first = sandbox.daemon_pid
    sandbox.kill_daemon()
    assert not sandbox.daemon_is_running
    sandbox.start_daemon()
    assert sandbox.daemon_pid != first
    assert sandbox.run(owned).returncode == 0


@ONE_NIX
def test_a_daemon_that_does_not_come_up_is_told_with_its_log(nix: NixVersion) -> None:
    box = Sandbox(SandboxOptions(nix=nix, settings="this is [ no TOML"))
    with pytest.raises(ServiceError, match=r"(?s)luminousd did not start.*luminous.toml"):
        box.start()
    with pytest.raises(SandboxError):
        _ = box.pid


@ONE_NIX
def test_asking_gives_the_document_of_ask_nix(sandbox: Sandbox) -> None:
    asked = ask(sandbox, "status")
    assert asked.code == 0, asked.stderr
    assert isinstance(asked.document, dict)


def test_a_sandbox_that_ended_says_so() -> None:
    with pytest.raises(SandboxError, match="not running"):
        Sandbox().run(["true"])
