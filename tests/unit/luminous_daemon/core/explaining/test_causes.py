"""Causes of failures: what exit statuses mean, and what the last lines of a log say."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from luminous_daemon.core.explaining.causes import cause_of, ending_of, has_failed
from luminous_daemon.core.explaining.sights import UnitState
from luminous_daemon.core.explaining.unit import UnitReport, report_unit
from luminous_daemon.core.ports import Caller
from luminous_protocol.changes import Disable
from luminous_protocol.errors import InvalidValue, UnknownUnit
from tests.unit.luminous_daemon.fake_sights import FakeSights
from tests.unit.luminous_daemon.fake_world import make_machine, make_world

ALICE, BOB = Caller(":1.7", 1000, 1, "alice"), Caller(":1.8", 1001, 1, "bob")
FAILED = UnitState(
    "web.service", load="loaded", active="failed", sub="failed", result="exit-code", code=1
)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (203, "EXEC"),
        (200, "CHDIR"),
        (226, "NAMESPACE"),
        (217, "USER"),
        (238, "STATE_DIRECTORY"),
    ],
)
def test_an_exit_status_of_systemd_counts_for_more_than_the_log(status: int, said: str) -> None:
    cause = cause_of(replace(FAILED, status=status), ["x: permission denied"])
    assert said in cause


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
            "0.0.0.0:80 is taken by another program already",
        ),
        ("Error: listen EADDRINUSE", "a port that it listens on is taken"),
        (
            'open() "/var/log/web/error.log" failed (13: Permission denied)',
            "/var/log/web/error.log",
        ),
        ("sh: /srv/web/run: No such file or directory", "/srv/web/run is missing"),
        ("cannot open shared object: No such file or directory: /lib/x.so", "/lib/x.so is missing"),
        ("write: No space left on device", "a disk is full"),
        ("python: Cannot allocate memory", "memory ran out"),
        ("could not resolve host: example.org", "a name could not be resolved"),
        ("connect() failed: Connection refused", "does not listen"),
        ('unknown directive "servre" in /etc/web.conf:3', "its configuration has an error"),
        ("cannot load certificate /etc/ssl/a.pem: no such file", "key or a certificate is missing"),
    ],
)
def test_the_last_lines_of_a_log_say_what_was_wrong(line: str, said: str) -> None:
    assert said in cause_of(replace(FAILED, status=1), ["Starting…", line, "Failed."])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": 2, "status": 9}, "SIGKILL"),
        ({"code": 3, "status": 11}, "SIGSEGV"),
        ({"code": 2, "status": 64}, "the signal 64"),
        ({"code": 1, "status": 137}, "SIGKILL"),
        ({"code": 1, "status": 127}, "not found"),
        ({"code": 0, "result": "timeout"}, "in time"),
        ({"code": 2, "status": 9, "result": "oom-kill"}, "more memory"),
        ({"code": 0, "result": "start-limit-hit"}, "too often"),
        ({"load": "error", "load_problem": "Bad unit file setting."}, "Bad unit file"),
    ],
)
def test_how_it_ended_says_it_where_the_log_does_not(changed: dict[str, object], said: str) -> None:
    assert said in cause_of(replace(FAILED, **changed), ["Stopped."])  # type: ignore[arg-type] # fields


def test_nothing_is_guessed_where_nothing_is_known() -> None:
    assert cause_of(replace(FAILED, status=1), ["Something odd."]) == ""
    well = UnitState("web.service", active="active", sub="running")
    assert cause_of(well, ["permission denied"]) == ""
    assert not has_failed(well)
    assert has_failed(replace(FAILED, active="activating", sub="auto-restart"))


def test_how_a_process_ended_is_told_in_systemds_words() -> None:
    assert ending_of(replace(FAILED, status=3)) == "exited with 3"
    assert ending_of(replace(FAILED, code=2, status=9)) == "killed by signal 9"
    assert ending_of(replace(FAILED, code=3, status=6)) == "dumped core by signal 6"
    assert ending_of(replace(FAILED, code=0)) == ""


def report(name: str, *, log: tuple[str, ...] = (), caller: Caller = ALICE) -> UnitReport:
    """Ask for a unit, of a few."""
    sights = FakeSights(
        units={
            "web.service": replace(FAILED, status=1),
            "nginx.service": replace(FAILED, name="nginx.service", status=1),
            "sshd.service": UnitState("sshd.service", load="loaded", active="inactive"),
            "NetworkManager.service": UnitState("NetworkManager.service", active="active"),
        },
        logs={"web.service": log},
    )
    machine = make_machine()
    line = "    { services.nginx.enable = true; } # alice, 2026-11-21 09:30:12 UTC: x\n  ];"
    machine.text = machine.text.replace("  ];", line)
    machine.sights = sights
    return asyncio.run(report_unit(make_world(machine), sights.sights(), name, caller))


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("web", "web.service"),
        ("web.service", "web.service"),
        ("openssh", "sshd.service"),
        ("networkmanager", "NetworkManager.service"),
    ],
)
def test_a_unit_is_found_by_the_names_that_people_use(name: str, unit: str) -> None:
    assert report(name).state.name == unit


def test_a_failed_service_can_be_restarted_by_hand_or_switched_off_for_good() -> None:
    found = report("web", log=("a: connection refused",))
    assert (found.has_failed, found.commands) == (True, ("sudo systemctl restart web.service",))
    assert found.switch is None, "no option of NixOS brings it"
    switch = report("nginx").switch
    assert switch is not None
    assert (switch.name, switch.changes) == (
        "services.nginx.enable",
        (Disable("services.nginx.enable"),),
    )
    assert switch.standings
    assert report("sshd").commands == ("sudo systemctl start sshd.service",)
    assert report("networkmanager").commands == ()


def test_secrets_are_not_in_the_log_and_others_do_not_get_it() -> None:
    log = ("curl --token abcdefgh https://x", "permission denied: /srv/secret-plans")
    mine, others = report("web", log=log), report("web", log=log, caller=BOB)
    assert "abcdefgh" not in str(mine)
    assert mine.cause == "it may not use /srv/secret-plans"
    assert (others.log, others.is_log_withheld, others.cause) == ((), True, "")


def test_a_unit_that_there_is_not_names_those_that_are_like_it() -> None:
    with pytest.raises(UnknownUnit, match=r"Did you mean sshd\.service") as caught:
        report("sshdd")
    assert caught.value.details["nearest"] == ["sshd.service"]
    with pytest.raises(InvalidValue):
        report("web; reboot")
