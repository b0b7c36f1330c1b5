"""The verbs that read: whole texts and documents."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_clients.errors import DaemonAbsent
from luminous_protocol.errors import NotReady
from tests.unit.luminous_clients.fake_bus import intent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.luminous_clients.conftest import Said
    from tests.unit.luminous_clients.fake_bus import FakeBus

    Ask = Callable[..., Said]

STATUS = {
    "version": "0.1.0",
    "backend": "native",
    "nix": "2.26.3",
    "nixos-version": "25.11.20251101.abc",
    "kernel": "6.12.3",
    "current": 12,
    "booted": 11,
    "default": 12,
    "reboot-required": True,
    "reboot-reason": "the kernel changes from 6.6 to 6.12",
    "busy": False,
    "transaction": "",
    "configuration": "/etc/nixos/configuration.nix",
    "file": "/etc/nixos/luminous.nix",
    "packages": ["hello", "vim"],
    "definitions": 3,
}

GENERATIONS = [
    {
        "number": 12,
        "date": 1_763_686_400,
        "nixos-version": "25.11",
        "kernel": "6.12.3",
        "current": True,
        "default": True,
        "booted": False,
        "words": "install \x1b[31mhello\x07",
        "user": "alice",
    },
    {
        "number": 9,
        "date": 1_763_600_000,
        "nixos-version": "25.05",
        "kernel": "6.6.1",
        "current": False,
        "default": False,
        "booted": True,
        "words": "",
        "user": "",
    },
]


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    """Tell times in UTC."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def test_status_says_what_runs_and_what_comes(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Status"] = (STATUS,)
    assert ask("status").out == (
        "System     NixOS 25.11.20251101.abc, kernel 6.12.3\n"
        "Running    generation 12\n"
        "Next boot  generation 12\n"
        "Booted     generation 11\n"
        "Reboot     needed: the kernel changes from 6.6 to 6.12\n"
        "Luminous   3 definitions in /etc/nixos/luminous.nix; packages: hello, vim\n"
        "Changes    none being made\n"
        "Daemon     luminousd 0.1.0, native back end, Nix 2.26.3\n"
    )


def test_status_names_the_change_under_way(bus: FakeBus, ask: Ask) -> None:
    under_way = {"busy": True, "transaction": "/org/luminous1/transaction/t7"}
    bus.answers["Status"] = (STATUS | under_way,)
    assert "\nChanges    one is being made now (t7)\n" in ask("status").out
    bus.answers["Status"] = (STATUS | under_way | {"transaction-state": "confirming"},)
    assert "one waits to be confirmed (t7): ask-nix confirm\n" in ask("status").out


def test_status_says_that_a_system_is_only_tried(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Status"] = (STATUS | {"current": 0},)
    assert "\nRunning    a system that is no generation, tried until" in ask("status").out


def test_status_as_json_has_underscores(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Status"] = (STATUS,)
    found = ask("--json", "status").document()
    assert found["status"]["nixos_version"] == "25.11.20251101.abc"
    assert (found["ok"], found["plans"], found["error"]) == (True, [], None)


def test_generations_are_a_table_without_anybodys_escape_sequences(bus: FakeBus, ask: Ask) -> None:
    bus.answers["ListGenerations"] = (GENERATIONS,)
    assert ask("generations").out == (
        "   #   MADE              NIXOS  KERNEL  STATE               CHANGE\n"
        "*  12  2025-11-21 00:53  25.11  6.12.3  running, next boot  “install hello\\x07” (alice)\n"
        "   9   2025-11-20 00:53  25.05  6.6.1   booted\n"
    )


def test_words_can_ask_for_the_generations(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("list_generations"))
    bus.answers["ListGenerations"] = (GENERATIONS,)
    found = ask("list generations", "--json").document()
    assert [item["number"] for item in found["generations"]] == [12, 9]


def test_diff_without_numbers_compares_with_the_generation_before(bus: FakeBus, ask: Ask) -> None:
    bus.answers["ListGenerations"] = (GENERATIONS,)
    bus.answers["CompareGenerations"] = (
        {
            "before": 9,
            "after": 12,
            "packages": [
                {"name": "hello", "before": "", "after": "2.12"},
                {"name": "nano", "before": "7.2", "after": ""},
                {"name": "vim", "before": "9.0", "after": "9.1"},
            ],
            "closure": {"before": 1_048_576, "after": 1_572_864},
            "units": {"start": [], "stop": [], "restart": ["nginx.service"], "reload": []},
            "reboot-required": True,
            "reboot-reason": "the kernel",
        },
    )
    assert ask("diff").out == (
        "Compare   generation 9 → generation 12\n"
        "Packages  + hello 2.12\n"
        "          - nano 7.2\n"
        "          ~ vim 9.0 → 9.1\n"
        "Size      1.0 MiB → 1.5 MiB (+512.0 KiB)\n"
        "Services  restart nginx.service\n"
        "Reboot    needed: the kernel\n"
    )
    assert bus.calls[-1][1:] == ("CompareGenerations", 9, 12)


def test_diff_takes_both_numbers_in_the_order_they_are_said(bus: FakeBus, ask: Ask) -> None:
    bus.answers["CompareGenerations"] = ({"before": 12, "after": 9},)
    assert ask("diff", "12", "9").out == (
        "Compare   generation 12 → generation 9\n"
        "Packages  the same\n"
        "Services  none affected\n"
        "Reboot    not needed\n"
    )


def test_history_is_a_table(bus: FakeBus, ask: Ask) -> None:
    bus.answers["ListTransactions"] = (
        [
            {
                "id": "t2",
                "summary": "install hello",
                "words": "please install hello",
                "caller": 1000,
                "user": "alice",
                "started": 1_763_686_400,
                "state": "failed",
                "error": "BuildFailed",
                "generation": 0,
            },
            {
                "id": "t1",
                "summary": "switch to generation 9",
                "words": "",
                "caller": 0,
                "user": "",
                "started": 1_763_600_000,
                "state": "done",
                "error": "",
                "generation": 9,
            },
        ],
    )
    assert ask("history", "--limit", "2").out == (
        "WHEN              WHO    STATE                 GENERATION  ID  WHAT\n"
        "2025-11-21 00:53  alice  failed (BuildFailed)  -           t2  "
        "install hello “please install hello”\n"
        "2025-11-20 00:53  0      done                  9           t1  switch to generation 9\n"
    )
    assert bus.calls == [("luminous1", "ListTransactions", {"limit": 2})]


AUDIT = [
    {
        "sequence": 4,
        "time": 1_763_686_403,
        "event": "repaired",
        "bytes": 12,
        "sha256": "ab",
        "cut_off": True,
    },
    {
        "sequence": 3,
        "time": 1_763_686_402,
        "event": "ended",
        "transaction": "t1",
        "uid": 1000,
        "user": "alice",
        "state": "failed",
        "error": "BuildFailed",
        "generation": 9,
    },
    {
        "sequence": 2,
        "time": 1_763_686_401,
        "event": "decided",
        "transaction": "t1",
        "uid": 1000,
        "user": "alice",
        "decision": "allowed",
        "by": "root",
        "action": "org.luminous1.change-packages",
        "asked_person": False,
    },
    {
        "sequence": 1,
        "time": 1_763_686_400,
        "event": "asked",
        "transaction": "t1",
        "uid": 1000,
        "user": "alice",
        "words": "please install hello \x1b[31m",
        "summary": "install hello",
        "risk": "low",
    },
]


def test_the_audit_record_is_a_table(bus: FakeBus, ask: Ask) -> None:
    bus.answers["ListAudit"] = (AUDIT,)
    said = ask("history", "--audit", "--limit", "4")
    assert (said.code, said.err) == (0, "")
    rows = [line.split(maxsplit=1)[1] for line in said.out.splitlines()]
    assert rows == [
        "WHEN              WHO    ID  EVENT     WHAT",
        "2025-11-21 00:53  -      -   repaired  12 bytes before this are no entry",
        "2025-11-21 00:53  alice  t1  ended     failed (BuildFailed), generation 9",
        "2025-11-21 00:53  alice  t1  decided   allowed (change-packages, by root)",
        "2025-11-21 00:53  alice  t1  asked     install hello “please install hello ” (low risk)",
    ]
    assert bus.calls == [("luminous1", "ListAudit", {"limit": 4, "everybody": False})]


def test_the_audit_record_of_everybody_is_data_too(bus: FakeBus, ask: Ask) -> None:
    bus.answers["ListAudit"] = (AUDIT,)
    document = ask("history", "--audit", "--everybody", "--json").document()
    assert document["audit"] == AUDIT
    assert bus.calls == [("luminous1", "ListAudit", {"limit": 50, "everybody": True})]


VERIFIED = {
    "intact": True,
    "entries": 24,
    "since": 1_763_686_400,
    "last": "ab12",
    "repaired": 1,
    "problem": "",
}


def test_a_whole_record_says_how_long_it_is_and_its_last_hash(bus: FakeBus, ask: Ask) -> None:
    bus.answers["VerifyAudit"] = (VERIFIED,)
    said = ask("history", "--verify")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "24 entries, unbroken since 2025-11-21 00:53, last hash ab12. "
        "1 line was cut off by a crash, and the next says so.\n"
    )


def test_a_broken_record_has_an_exit_code_of_its_own(bus: FakeBus, ask: Ask) -> None:
    bus.answers["VerifyAudit"] = (VERIFIED | {"intact": False, "problem": "Entry 3 is missing."},)
    said = ask("history", "--verify")
    assert (said.code, said.out) == (ExitCode.RECORD_BROKEN, "")
    assert said.err.startswith("ask-nix: The audit record is broken: Entry 3 is missing. The")
    document = ask("history", "--verify", "--json").document()
    assert (document["ok"], document["verification"]["intact"]) == (False, False)


def test_an_empty_history_says_so(bus: FakeBus, ask: Ask) -> None:
    bus.answers["ListTransactions"] = ([],)
    assert ask("history") == (0, "Luminous has not changed anything yet.\n", "")


def test_a_question_about_a_package_is_answered_as_far_as_it_is_known(
    bus: FakeBus, ask: Ask
) -> None:
    bus.answers["Status"] = (STATUS,)
    bus.recognise(intent("query_status", what="packages", package="vim"))
    assert ask("is vim installed?") == (0, "vim is installed by /etc/nixos/luminous.nix.\n", "")


@pytest.mark.parametrize(
    ("what", "said"), [("updates", "Luminous does not know yet"), ("service", "Which service?")]
)
def test_what_luminous_does_not_know_it_does_not_pretend(
    bus: FakeBus, ask: Ask, what: str, said: str
) -> None:
    bus.answers["Status"] = (STATUS,)
    bus.recognise(intent("query_status", what=what))
    asked = ask("how is it")
    assert (asked.code, asked.out) == (ExitCode.REFUSED, "")
    assert asked.err.startswith(f"ask-nix: {said}")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("explain", ExitCode.REFUSED),
        ("update", ExitCode.REFUSED),
        ("configure_user", ExitCode.NOT_UNDERSTOOD),
        ("install", ExitCode.NOT_UNDERSTOOD),
        ("set_option", ExitCode.NOT_UNDERSTOOD),
        ("help", ExitCode.DONE),
    ],
)
def test_what_leads_to_no_change_has_an_honest_code(
    bus: FakeBus, ask: Ask, kind: str, code: int
) -> None:
    bus.answers["Search"] = NotReady("There is no index.")
    bus.recognise(intent(kind))
    assert ask("something").code == code


def test_restarting_a_unit_is_refused_with_the_command_that_does_it(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("enable_service", action="restart", service="nginx"))
    assert ask("restart nginx").err == (
        "ask-nix: Luminous changes what the configuration says; it does not start, stop or "
        "restart units. This does: sudo systemctl restart nginx\n"
    )


def test_a_units_name_that_is_none_is_not_put_into_a_command(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("enable_service", action="start", service="a; reboot"))
    assert ask("start a; reboot").err.endswith("sudo systemctl start UNIT\n")


def test_a_daemon_that_is_absent_says_how_to_start_it(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Status"] = DaemonAbsent("Not running. Start it with: …")
    assert ask("status") == (
        ExitCode.DAEMON_ABSENT,
        "",
        "ask-nix: Not running. Start it with: …\n",
    )


def test_a_defect_is_told_without_a_traceback(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Status"] = ZeroDivisionError("oh")
    said = ask("status")
    assert (said.code, said.out) == (ExitCode.OTHER, "")
    assert said.err == (
        "ask-nix: This is a defect in ask-nix: ZeroDivisionError: oh. "
        "More with --debug. What the machine does: ask-nix status\n"
    )


def test_a_command_line_that_cannot_be_read_points_to_the_help(bus: FakeBus, ask: Ask) -> None:
    assert ask("status", "--yes") == (
        ExitCode.USAGE,
        "",
        "ask-nix: --yes means nothing to the verb status\nSee: ask-nix --help\n",
    )
    assert bus.calls == []


def test_the_version_is_known_without_a_daemon(bus: FakeBus, ask: Ask) -> None:
    assert ask("--version") == (0, f"ask-nix {version('luminous')}\n", "")
    assert ask("--version", "--json").document()["version"] == version("luminous")
    assert bus.calls == []


def test_ctrl_c_in_a_call_is_a_clean_end(bus: FakeBus, ask: Ask) -> None:
    def interrupt(*_: object) -> tuple[()]:
        raise KeyboardInterrupt

    bus.answers["Status"] = interrupt
    assert ask("status") == (ExitCode.CANCELLED, "", "Cancelled.\n")
