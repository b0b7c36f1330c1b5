"""Administrators' probes: what gets worse by a change takes it back, and nothing else does."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import TRANSACTION
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import (
    assert_is_system,
    default_generation,
    has_program,
    processes,
    state_of,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

SERVER = Path(__file__).with_name("probed_server.py")
SETTINGS = "/etc/luminous/luminous.toml"
# Each test that wants a change to go wrong takes a package that no other installs.
WITHOUT = '[probes.{0}]\ncommand = ["/usr/bin/test", "!", "-e", "/run/current-system/sw/bin/{0}"]\n'


@pytest.fixture
def alice(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as alice; afterwards there are no probes, and the log tells of no defect."""
    with Client(sandbox) as client:
        yield client
    read_settings(sandbox, "")
    assert "Traceback" not in sandbox.daemon_log


def read_settings(sandbox: Sandbox, text: str, says: str = "the settings were read again") -> None:
    """Let the running daemon read these settings."""
    file = sandbox.path(SETTINGS)
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    before = len(sandbox.daemon_log)
    os.kill(sandbox.daemon_pid, signal.SIGHUP)
    wait_until(lambda: says in sandbox.daemon_log[before:])


@contextmanager
def serving(sandbox: Sandbox, *arguments: str) -> Iterator[None]:
    """Run the probed server."""
    server = sandbox.popen(["python", str(SERVER), *arguments])
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        yield
    finally:
        server.kill()
        server.communicate()


def install(package: str) -> dict[str, Any]:
    """Return the change that installs a package."""
    return {"kind": "add-package", "package": package}


def log_of(alice: Client, path: str) -> list[str]:
    """Return the lines that a transaction has logged."""
    found = alice.signals(path, "Finished")
    return [line for item in found if item[:3] == [path, TRANSACTION, "Log"] for line in item[3][0]]


def test_a_command_that_fails_after_the_switch_puts_the_machine_back(
    sandbox: Sandbox, alice: Client
) -> None:
    read_settings(sandbox, WITHOUT.format("figlet") + "seconds = 1\n")
    before, number = state_of(sandbox), default_generation(sandbox)
    ended = alice.carry_out(install("figlet"))
    result = ended["Result"]
    reason = "/usr/bin/test ended with status 1"
    assert (ended["State"], result["error"]) == ("failed", "ActivationFailed"), ended
    assert result["message"] == (
        f"After the switch these probes fail: figlet ({reason}). Everything was put back as it was."
    )
    assert result["details"]["units"] == []
    assert result["details"]["probes"] == {"figlet": reason}
    assert (result["put-back"], result["running"], result["default"]) == (True, number, number)
    assert state_of(sandbox) == before
    assert not has_program(sandbox, "figlet")
    read_settings(sandbox, "")
    assert alice.carry_out(install("figlet"))["State"] == "done"
    assert_is_system(sandbox, number + 1)


@pytest.mark.usefixtures("alice")
def test_ask_nix_says_which_probe_is_waited_for_and_which_fails(sandbox: Sandbox) -> None:
    read_settings(sandbox, WITHOUT.format("cowsay") + "seconds = 1\n")
    sentence = "these probes fail: cowsay (/usr/bin/test ended with status 1)."
    done = sandbox.run(["ask-nix", "--yes", "install cowsay"])
    assert done.returncode == ask(sandbox, "--yes", "install cowsay").code != 0
    told = done.stdout + done.stderr
    assert "\nWaiting for the probe cowsay\n" in told
    assert f"ask-nix: After the switch {sentence} Everything was put back as it was.\n" in told
    asked = ask(sandbox, "--yes", "install cowsay")
    assert asked.document["error"]["name"] == "ActivationFailed"
    assert sentence in asked.document["error"]["message"]
    (transaction,) = asked.document["transactions"]
    assert list(transaction["result"]["details"]["probes"]) == ["cowsay"]


def test_a_service_that_listens_after_a_moment_only_is_waited_for(
    sandbox: Sandbox, alice: Client
) -> None:
    read_settings(sandbox, '[probes.mail]\ntcp = "localhost:2525"\n')
    with serving(sandbox, "pausing", "2525"):
        path = alice.apply(alice.plan(install("bat")))
        ended = alice.until(path)
    assert ended["State"] == "done", ended
    log = log_of(alice, path)
    assert any(line.startswith("The probe mail is not well yet: localhost:2525: ") for line in log)
    assert "The probe mail is well now." in log
    assert has_program(sandbox, "bat")


def test_a_page_that_answers_with_an_error_puts_the_machine_back(
    sandbox: Sandbox, alice: Client
) -> None:
    read_settings(
        sandbox,
        '[probes.web]\nurl = "http://localhost:8080/health?a=[1-3]{b,c}"\nseconds = 1\n'
        '[probes.moved]\nurl = "http://127.0.0.1:8080/moved"\n',
    )
    with serving(sandbox, "page", "8080", "sl"):
        assert alice.carry_out(install("jq"))["State"] == "done"
        before = state_of(sandbox)
        result = alice.carry_out(install("sl"))["Result"]
    assert result["message"] == (
        "After the switch these probes fail: web (http://localhost:8080/health?a=[1-3]{b,c} "
        "answered 502). Everything was put back as it was."
    )
    assert state_of(sandbox) == before


def test_a_unit_that_is_not_active_any_more_puts_the_machine_back(
    sandbox: Sandbox, alice: Client
) -> None:
    assert alice.carry_out({"kind": "enable", "target": "bluetooth"})["State"] == "done"
    read_settings(sandbox, '[probes.keyboard]\nunit = "bluetooth.service"\nseconds = 1\n')
    before = state_of(sandbox)
    result = alice.carry_out({"kind": "disable", "target": "bluetooth"})["Result"]
    assert result["details"]["probes"] == {"keyboard": "bluetooth.service is inactive"}, result
    assert state_of(sandbox) == before


def test_a_probe_that_hangs_is_ended_at_its_limit_with_all_it_started(
    sandbox: Sandbox, alice: Client
) -> None:
    script = "test -e /run/current-system/sw/bin/rg || exit 0; sleep 4711 & sleep 4712"
    read_settings(sandbox, f'[probes.slow]\ncommand = ["/bin/sh", "-c", "{script}"]\nseconds = 1\n')
    before = state_of(sandbox)
    began = time.monotonic()
    path = alice.apply(alice.plan(install("ripgrep")))
    alice.until(path)
    assert time.monotonic() - began < 20
    result = alice.transaction(path)["Result"]
    assert result["details"]["probes"] == {"slow": "no answer within 1 second"}, result
    assert state_of(sandbox) == before
    assert not [line for line in processes(sandbox) if line in {"4711", "4712"}]


def test_what_was_ill_before_is_told_and_not_blamed(sandbox: Sandbox, alice: Client) -> None:
    read_settings(
        sandbox,
        '[probes.port]\ntcp = "127.0.0.1:9"\n'
        '[probes.page]\nurl = "http://127.0.0.1:9/"\n'
        '[probes.unit]\nunit = "nothing.service"\n'
        '[probes.user]\ncommand = ["/bin/true"]\nuser = "nobody-knows"\n'
        '[probes.gone]\ncommand = ["/no/such/program"]\n',
    )
    path = alice.apply(alice.plan(install("delta")))
    assert alice.until(path)["State"] == "done"
    told = {
        line.split()[2]: line.partition(" either: ")[2]
        for line in log_of(alice, path)
        if " was not well before this change either: " in line
    }
    assert told["port"] == "127.0.0.1:9: Connection refused."
    assert told["page"].startswith("http://127.0.0.1:9/: Failed to connect to 127.0.0.1 port 9")
    assert told["unit"] == "nothing.service is inactive."
    assert told["user"] == "there is no user nobody-knows on this machine to run it."
    assert "/no/such/program" in told["gone"]
    assert "No such file or directory" in told["gone"]


def test_a_command_runs_as_nobody_and_without_a_shell(sandbox: Sandbox, alice: Client) -> None:
    program = sandbox.path("/usr/local/bin/show")
    program.write_text(
        "#!/bin/sh\n"
        'echo "$(id -u) $(id -G) $(grep CapPrm /proc/self/status | cut -f2) $*"\n'
        "exit 1\n"
    )
    program.chmod(0o755)
    words = "; touch /tmp/x $(touch /tmp/x) `touch /tmp/x` | > /tmp/x"
    read_settings(
        sandbox,
        f'[probes.nobody]\ncommand = ["/usr/local/bin/show", "{words}"]\n'
        '[probes.alice]\ncommand = ["/usr/local/bin/show"]\nuser = "alice"\n',
    )
    path = alice.apply(alice.plan(install("tmux")))
    alice.until(path)
    log = "\n".join(log_of(alice, path))
    assert f"ended with status 1: 65534 65534 0000000000000000 {words}." in log
    assert "ended with status 1: 1000 100 1 0000000000000000." in log
    assert not sandbox.path("/tmp/x").exists()  # noqa: S108 - the machine's own /tmp


def test_what_a_probe_prints_does_not_fill_the_daemons_memory(
    sandbox: Sandbox, alice: Client
) -> None:
    read_settings(sandbox, '[probes.loud]\ncommand = ["/usr/bin/yes"]\nseconds = 2\n')
    assert alice.carry_out(install("btop"))["State"] in {"done", "failed"}
    status = Path(f"/proc/{sandbox.daemon_pid}/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    assert int(peak.split()[1]) < 200_000
    wait_until(lambda: "/usr/bin/yes" not in processes(sandbox))


def test_wrong_probes_are_named_and_those_from_before_stay(sandbox: Sandbox, alice: Client) -> None:
    read_settings(sandbox, WITHOUT.format("gh") + "seconds = 1\n")
    read_settings(
        sandbox,
        '[probes.web]\nurl = "localhost"\n',
        f"{SETTINGS}: probes.web.url: 'localhost' is no address that can be probed.",
    )
    result = alice.carry_out(install("gh"))["Result"]
    assert list(result["details"]["probes"]) == ["gh"]
