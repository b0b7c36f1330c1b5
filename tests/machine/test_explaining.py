"""Explanations where systemd really runs: as systemctl, the journal and du have it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.machine.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("explaining")

SERVER = (
    '/usr/bin/python3 -c \'import socket; s = socket.create_server(("127.0.0.1", 8099)); '
    'print("listening", flush=True); s.accept()\''
)
SERVICES = {
    "absent": "ExecStart=/no/such/program",
    "homeless": "WorkingDirectory=/no/such/directory\nExecStart=/bin/true",
    "unmounted": "ReadWritePaths=/no/such/directory\nExecStart=/bin/true",
    "unknown-user": "User=no-such-user\nExecStart=/bin/true",
    "killed": "ExecStart=/bin/sh -c 'kill -KILL $$$$'",
    "first": f"ExecStart={SERVER}",
    "second": f"ExecStartPre=/bin/sleep 1\nExecStart={SERVER}",
    "locked-out": "User=nobody\nExecStart=/bin/cat /etc/shadow",
    "slow": "Type=notify\nTimeoutStartSec=1\nExecStart=/bin/sleep 60",
    "talkative": "ExecStart=/bin/sh -c 'echo \"password: correct-horse\"; exit 3'",
    "sshd": "ExecStart=/no/such/sshd",
    "odd": "ExecStart=/bin/sh -c 'exit 42'",
}
CAUSES = {
    "absent": "(EXEC)",
    "homeless": "(CHDIR)",
    "unmounted": "(NAMESPACE)",
    "unknown-user": "(USER)",
    "killed": "SIGKILL",
    "second": "a port that it listens on is taken",
    "locked-out": "/etc/shadow",
    "slow": "in time",
    "talkative": "",
    "odd": "",
}
EXPLAIN = "busctl call org.luminous1 /org/luminous1 org.luminous1.Explain"


@pytest.fixture(scope="module")
def machine(
    layers: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """Give one machine to all, with units that fail in ways of their own."""
    machine = Machine(layers, tmp_path_factory.mktemp("machine"))
    machine.start()
    machine.wait_for_unit("multi-user.target")
    for name, text in SERVICES.items():
        unit = shlex.quote(f"[Service]\n{text}\n")
        machine.succeed(f"printf %s {unit} >/run/systemd/system/{name}.service")
    machine.succeed("systemctl daemon-reload")
    for name in SERVICES:
        machine.execute(f"systemctl start {name}.service 2>/dev/null || true")
    machine.wait_until_succeeds("systemctl is-failed second.service")
    yield machine
    machine.crash()


def unit(machine: Machine, name: str, user: str = "root") -> dict[str, Any]:
    """Ask for a unit as a user."""
    command = f"ask-nix --json unit {name}"
    asked = machine.succeed(command if user == "root" else f"su - {user} -c '{command}'")
    found: dict[str, Any] = json.loads(asked)["unit"]
    return found


def shown(machine: Machine, name: str, key: str) -> str:
    """Return a property of a unit, as systemctl shows it."""
    return machine.succeed(f"systemctl show --value --property={key} {name}.service").strip()


@pytest.mark.parametrize("name", CAUSES)
def test_a_failed_unit_is_told_as_systemd_has_it_with_its_likely_cause(
    machine: Machine, name: str
) -> None:
    found = unit(machine, name)
    assert found["failed"]
    for key, its in (("ActiveState", "active"), ("SubState", "sub"), ("Result", "result")):
        assert found[its] == shown(machine, name, key)
    assert found["ending"].endswith(shown(machine, name, "ExecMainStatus"))
    assert CAUSES[name] in found["cause"]
    assert bool(found["cause"]) == bool(CAUSES[name]), "nothing is guessed"
    journal = machine.succeed(f"journalctl --unit={name}.service --output=cat --lines=12")
    assert len(found["log"]) == len(journal.splitlines())
    assert journal.splitlines()[-1] in found["log"][-1]


def test_a_failed_service_names_the_line_that_switches_it_on_and_what_switches_it_off(
    machine: Machine,
) -> None:
    found = unit(machine, "openssh", "alice")
    line = machine.succeed("grep -n '^    enable = true;' /etc/nixos/configuration.nix").partition(
        ":"
    )[0]
    assert (found["name"], found["option"]) == ("sshd.service", "services.openssh.enable")
    assert found["standings"] == [
        {"place": f"/etc/nixos/configuration.nix:{line}", "value": "true"}
    ]
    assert found["changes"] == [{"kind": "disable", "target": "services.openssh.enable"}]
    assert found["commands"] == ["sudo systemctl restart sshd.service"]


def test_a_unit_that_runs_is_told_to_run(machine: Machine) -> None:
    found = unit(machine, "first", "bob")
    assert (found["active"], found["sub"], found["failed"]) == ("active", "running", False)
    assert found["pid"] == int(shown(machine, "first", "MainPID"))
    since = shown(machine, "first", "StateChangeTimestamp")
    assert found["since"] == int(machine.succeed(f"date --date='{since}' +%s"))
    assert unit(machine, "luminousd")["active"] == "active"


def test_secrets_of_a_log_stay_in_the_journal(machine: Machine) -> None:
    assert "correct-horse" in machine.succeed("journalctl --unit=talkative.service")
    assert "correct-horse" not in str(unit(machine, "talkative"))


def test_who_may_not_read_the_journal_gets_no_log_by_this_way_either(machine: Machine) -> None:
    others, mine = unit(machine, "locked-out", "bob"), unit(machine, "locked-out")
    assert (others["log"], others["log_withheld"], others["cause"]) == ([], True, "")
    assert mine["log"]
    groups = machine.succeed("id --name --groups alice").split()
    may_read = bool({"wheel", "adm", "systemd-journal"} & set(groups))
    assert bool(unit(machine, "locked-out", "alice")["log"]) is may_read


def test_a_unit_that_there_is_not_is_an_error_that_names_what_is_like_it(machine: Machine) -> None:
    status, written = machine.execute("ask-nix --json unit luminousdd")
    error = json.loads(written)["error"]
    assert (status, error["name"]) == (4, "UnknownUnit")
    assert "luminousd.service" in error["message"]


def test_health_names_each_failed_unit_that_systemctl_does(machine: Machine) -> None:
    failed = machine.succeed("systemctl --failed --plain --no-legend").splitlines()
    status, written = machine.execute("ask-nix --json health")
    findings = json.loads(written)["findings"]
    named = {item["text"].split()[0] for item in findings if item["topic"] == "unit"}
    assert named == {line.split()[0] for line in failed}
    assert status == 17
    assert "ask-nix unit absent.service" in machine.execute("ask-nix health")[1]


def test_the_shipped_unit_may_count_every_directory_and_tells_no_names_of_others(
    machine: Machine,
) -> None:
    machine.succeed(
        "mkdir -p /var/lib/grown/deep; head -c 3M /dev/zero >/var/lib/grown/deep/file",
        "su - alice -c 'mkdir -p my-project && head -c 2M /dev/zero >my-project/file'",
        "chmod 700 /var/lib/grown/deep /home/alice",
    )
    others = json.loads(machine.succeed("su - bob -c 'ask-nix --json disk'"))["disk"]
    sizes = {item["path"]: item["size"] for item in others["folders"]}
    assert sizes["/var/lib/grown"] == int(machine.succeed("du -sB1 /var/lib/grown").split()[0])
    assert others["other_homes"] >= 2 * 2**20
    assert "alice" not in str(others["folders"])
    mine = json.loads(machine.succeed("su - alice -c 'ask-nix --json disk'"))["disk"]
    sizes = {item["path"]: item["size"] for item in mine["folders"]}
    assert sizes["/home/alice"] == int(machine.succeed("du -sB1 /home/alice").split()[0])
    assert "my-project" not in str((mine, others))
    assert mine["uncounted"] == 0
