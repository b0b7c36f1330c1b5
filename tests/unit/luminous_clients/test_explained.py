"""The verbs that explain: whole texts, documents and exit codes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_protocol.errors import (
    MindUnavailable,
    NotAuthorized,
    UnknownOption,
    UnknownPackage,
    UnknownUnit,
)
from tests.unit.luminous_clients.fake_bus import INSTALL, FakeBus, intent

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]

STORE = f"/nix/store/{'a' * 32}-"
PRESENCE: dict[str, Any] = {
    "name": "git",
    "kind": "package",
    "version": "2.51",
    "value": "",
    "withheld": False,
    "present": True,
    "problem": "",
    "standings": [{"place": "/etc/nixos/a.nix:3", "value": "environment.systemPackages"}],
    "via": "",
    "chain": [f"{STORE}nixos", f"{STORE}system-path", f"{STORE}git-2.51"],
    "own-size": 2048,
    "closure-size": 4096,
    "exclusive-size": 2048,
    "users": [],
    "changes": [{"kind": "remove-package", "package": "git"}],
}
NOWHERE = {
    "present": False,
    "standings": [],
    "chain": [],
    "own-size": -1,
    "closure-size": -1,
    "exclusive-size": -1,
    "changes": [],
}
UNIT: dict[str, Any] = {
    "name": "web.service",
    "description": "A \x1b[31mweb server",
    "load": "loaded",
    "active": "failed",
    "sub": "failed",
    "enabled": "enabled",
    "result": "exit-code",
    "ending": "exited with 1",
    "since": 0,
    "restarts": 2,
    "pid": 0,
    "failed": True,
    "cause": "/srv/web is missing",
    "log": ["one", "two"],
    "log-withheld": False,
    "commands": ["sudo systemctl restart web.service"],
    "option": "services.web.enable",
    "standings": [{"place": "/etc/nixos/a.nix:5", "value": "true"}],
    "changes": [{"kind": "disable", "target": "services.web.enable"}],
}
DISK: dict[str, Any] = {
    "file-systems": [{"path": "/", "size": 1000, "free": 250}],
    "store": 600,
    "roots": [{"kind": "link", "what": "/home/a/result", "name": "x", "size": 5, "exclusive": 4}],
    "generations": 3,
    "deletable": [1],
    "freed": 50,
    "journal": 2**31,
    "folders": [{"path": "/var/lib/big", "size": 70}],
    "other-homes": 80,
    "hidden-homes": 2,
    "uncounted": 1,
    "changes": [{"kind": "collect-garbage"}],
}
COMPARISON: dict[str, Any] = {
    "before": 2,
    "after": 3,
    "packages": [{"name": "jq", "before": "", "after": "1.8"}],
    "options": [],
    "closure": {"before": 1, "after": 2},
    "units": {},
}


def test_why_tells_the_line_the_way_and_the_size(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Why"] = (PRESENCE,)
    said = ask("why", "git")
    assert said.out.splitlines() == [
        "Package     git 2.51",
        "Brought by  /etc/nixos/a.nix:3  environment.systemPackages",
        "Way         nixos → system-path → git-2.51",
        "Size        2.0 KiB; 4.0 KiB with all that it needs, of which nothing else needs 2.0 KiB",
        "To change   ask-nix remove git",
    ]
    assert ask("--json", "why", "git").document()["presence"]["own_size"] == 2048


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (NOWHERE, "Brought by  nothing: it is not in the system"),
        ({**NOWHERE, "standings": PRESENCE["standings"]}, "It is not in the running system yet"),
        ({"via": "hub", "kind": "path"}, "Brought by  hub, which needs it"),
        ({"problem": "It does not evaluate."}, "Brought by  not known: It does not evaluate."),
        ({"standings": [], "kind": "path"}, "Brought by  no line of the configuration by name"),
        ({"kind": "option", "value": "true"}, "Here        true"),
        (
            {"kind": "option", "value": "x", "standings": []},
            "(nothing sets it; the default counts)",
        ),
        ({"kind": "option", "withheld": True}, "not shown: it is set in a file"),
    ],
)
def test_why_says_what_is_so(bus: FakeBus, ask: Ask, changed: dict[str, Any], line: str) -> None:
    bus.answers["Why"] = ({**PRESENCE, **changed},)
    assert line in ask("why", "git").out


def test_a_unit_is_told_with_its_cause_its_log_and_what_to_do(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Unit"] = (UNIT,)
    assert ask("unit", "web").out.splitlines() == [
        "Unit        web.service (A web server)",
        "State       failed, started again 2 times",
        "At boot     started",
        "Ended       exited with 1, result: exit-code",
        "Cause       Likely: /srv/web is missing.",
        "Log         one",
        "            two",
        "Brought by  /etc/nixos/a.nix:5  services.web.enable",
        "Now         sudo systemctl restart web.service",
        "For good    ask-nix disable services.web.enable",
    ]
    bus.answers["Unit"] = ({**UNIT, "log": [], "log-withheld": True, "active": "active"},)
    assert "Log         not shown: the journal is for root" in ask("unit", "web").out


def test_health_ends_with_a_code_of_its_own_where_something_is_wrong(
    bus: FakeBus, ask: Ask
) -> None:
    finding = {
        "severity": "critical",
        "topic": "unit",
        "text": "web.service has failed.",
        "command": "ask-nix unit web.service",
        "changes": [],
    }
    note = {**finding, "severity": "note", "text": "Old.", "command": ""}
    bus.answers["Health"] = ([finding, note],)
    said = ask("health")
    assert said.out.splitlines() == [
        "critical  web.service has failed.",
        "          ask-nix unit web.service",
        "note      Old.",
    ]
    assert (said.code, said.err) == (ExitCode.UNWELL, "ask-nix: 1 thing wants attention.\n")
    bus.answers["Health"] = ([note],)
    assert ask("health").code == ExitCode.DONE
    bus.answers["Health"] = ([],)
    assert ask("health").out == "All is well.\n"


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        (["unknown"], "Nothing known wants attention, and 1 thing is not known."),
        (["warning", "unknown", "unknown"], "1 thing wants attention, and 2 things are not known."),
    ],
)
def test_all_is_never_well_where_something_is_not_known(
    bus: FakeBus, ask: Ask, severities: list[str], verdict: str
) -> None:
    bare = {"topic": "unit", "text": "Not known: services.", "command": "", "changes": []}
    bus.answers["Health"] = ([{**bare, "severity": severity} for severity in severities],)
    said = ask("--json", "health")
    document = said.document()
    assert [item["severity"] for item in document["findings"]] == severities
    assert (said.code, document["error"]["message"]) == (ExitCode.UNWELL, verdict)


def test_the_disk_ends_in_a_plan_that_is_not_applied(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Disk"] = (DISK,)
    bus.prepare_plan(Summary="delete 1 old generation")
    lines = ask("disk").out.splitlines()
    assert lines[0] == "Disks       /  75% of 1000 B used, 250 B free"
    assert "Systems     3 generations; 1 could go, and 50 B with them" in lines
    assert "Homes       80 B in 2 homes of other users" in lines
    assert "Note        1 directory took too long to count" in lines
    assert lines[-2:] == [
        "This is only the plan; nothing was changed.",
        "To make room so: ask-nix gc",
    ]
    assert "Apply" not in bus.members()


def test_who_may_not_plan_is_told_of_the_disk_all_the_same(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Disk"] = (DISK,)
    bus.answers["CollectGarbage"] = NotAuthorized("No.")
    said = ask("disk")
    assert (said.code, "To make room" in said.out) == (ExitCode.DONE, False)
    bus.answers["Disk"] = ({**DISK, "changes": [], "deletable": []},)
    assert "3 generations, all of which have to stay" in ask("disk").out


def test_what_changed_is_told_with_who_asked(bus: FakeBus, ask: Ask) -> None:
    done = {"user": "alice", "words": "install jq", "finished": 100, "id": "x"}
    found = {
        "since": 50,
        "before": 2,
        "after": 3,
        "cut-short": True,
        "comparison": COMPARISON,
        "transactions": [done],
    }
    bus.answers["Changes"] = (found,)
    said = ask("what-changed", "since", "generation", "2")
    lines = said.out.splitlines()
    assert bus.calls[-1][-1] == {"generation": 2}
    assert lines[0] == "Generation 2 is the oldest that is left; this is since then."
    assert any("+ jq 1.8" in line for line in lines)
    assert lines[-1].startswith("Asked")
    assert lines[-1].endswith("alice  “install jq”")
    same = {**found, "after": 2, "comparison": {**COMPARISON, "after": 2}, "transactions": []}
    bus.answers["Changes"] = (same,)
    assert "the oldest that is left" in ask("what-changed").out
    assert bus.calls[-1][-1] == {}
    bus.answers["Changes"] = ({**same, "cut-short": False},)
    assert ask("what-changed", "yesterday").out.startswith("Nothing has changed since ")
    assert ask("what-changed", "whenever").code == ExitCode.USAGE


def test_what_if_plans_and_never_applies_even_with_a_yes(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(INSTALL)
    bus.prepare_plan()
    said = ask("what-if", "I", "installed", "hello")
    assert bus.calls[0][2] == "install hello"
    assert said.out.endswith("This is only the plan; nothing was changed.\n")
    assert "Apply" not in bus.members()
    assert ask("--yes", "what-if", "install hello").code == ExitCode.USAGE


def test_words_that_begin_like_a_verb_and_go_on_are_words(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(question="What?")
    for words in (["why", "is", "my", "disk", "full"], ["disk", "usage"], ["health", "of", "it"]):
        ask(*words)
        assert bus.members()[-1] == "Recognise"
    assert ask("unit").code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("said", "member", "argument"),
    [
        (intent("query_status", what="service", service="nginx"), "Unit", "nginx"),
        (intent("diagnose", service="sshd", problem="ssh"), "Unit", "sshd"),
        (intent("query_status", what="disk"), "Disk", {}),
        (intent("diagnose", problem="disk full"), "Disk", {}),
        (intent("query_status", what="system", view="health"), "Health", {}),
        (intent("query_status", what="services"), "Health", {}),
        (intent("diagnose", problem="slow"), "Health", {}),
        (intent("query_status", what="changes", generation="2"), "Changes", {"generation": 2}),
        (intent("query_status", what="changes"), "Changes", {}),
        (intent("explain", about="presence", package="git"), "Why", "git"),
        (intent("explain", about="presence", topic="git"), "Why", "git"),
    ],
)
def test_a_question_in_words_is_answered_by_the_verb_that_knows(
    bus: FakeBus, ask: Ask, said: dict[str, Any], member: str, argument: object
) -> None:
    quiet = {**DISK, "changes": []}
    same = {**COMPARISON, "after": 2}
    changed = {
        "since": 5,
        "before": 2,
        "after": 2,
        "cut-short": False,
        "comparison": same,
        "transactions": [],
    }
    bus.answers |= {"Unit": (UNIT,), "Disk": (quiet,), "Health": ([],), "Why": (PRESENCE,)}
    bus.answers["Changes"] = (changed,)
    bus.recognise(said)
    assert ask("a question").code == ExitCode.DONE
    assert bus.members() == ["Recognise", member]
    assert bus.calls[1][2] == argument


def test_why_it_failed_is_asked_of_the_newest_change_and_else_of_the_machine(
    bus: FakeBus, ask: Ask
) -> None:
    failed = {
        "path": "/org/luminous1/transaction/t1",
        "state": "failed",
        "caller": os.getuid(),
        "message": "The configuration cannot be evaluated: undefined variable 'wrods'",
    }
    others = {**failed, "caller": os.getuid() + 1}
    bus.recognise(intent("diagnose", problem="unknown"))
    bus.answers |= {"Health": ([],), "ExplainError": MindUnavailable("It is gone.")}
    bus.answers["ListTransactions"] = ([others, failed],)
    explanation = ask("--json", "why did it fail?").document()["explanation"]
    assert explanation["kind"] == "undefined-variable"
    assert "Health" not in bus.members()
    bus.answers["ListTransactions"] = ([others, {**failed, "state": "done"}, failed],)
    assert ask("why did it fail?").out.endswith("All is well.\n")


def test_trouble_of_any_kind_is_answered_with_what_is_wrong_and_the_way_back(
    bus: FakeBus, ask: Ask
) -> None:
    bus.recognise(intent("diagnose", problem="slow"))
    bus.answers["Health"] = ([],)
    assert ask("it is slow").out.splitlines() == [
        "If it began with a change: ask-nix what-changed · ask-nix undo",
        "All is well.",
    ]


def test_trouble_with_what_is_no_unit_is_trouble_of_any_kind(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("diagnose", service="firefox", problem="service"))
    bus.answers["Unit"] = UnknownUnit("There is no unit called 'firefox' here.")
    bus.answers["Health"] = ([],)
    assert ask("why does it crash").out.splitlines() == [
        "There is no unit called 'firefox' here.",
        "If it began with a change: ask-nix what-changed · ask-nix undo",
        "All is well.",
    ]


def test_a_supposition_in_words_is_planned_and_the_question_stays_what_was_asked(
    bus: FakeBus, ask: Ask
) -> None:
    supposed = intent("explain", about="supposed", topic="preview")
    remove = intent("remove", {"kind": "remove-package", "package": "git"}, package="git")

    def recognise(_path: str, text: str, _options: object) -> tuple[list[dict[str, Any]], str]:
        return ([remove] if text == "remove git" else [supposed], "")

    bus.answers["Recognise"] = recognise
    bus.prepare_plan()
    said = ask("--json", "--yes", "what would happen if I removed git?")
    document = said.document()
    assert (document["ok"], document["transactions"]) == (True, [])
    assert [one["kind"] for one in document["intents"]] == ["explain"]
    assert document["text"] == "what would happen if I removed git?"
    assert len(document["plans"]) == 1
    assert "Apply" not in bus.members()


def test_a_thing_that_the_index_knows_by_name_is_described_and_others_are_looked_for(
    bus: FakeBus, ask: Ask
) -> None:
    bus.recognise(intent("explain", topic="video editor"))
    bus.answers["Search"] = ([],)
    ask("what is a video editor")
    assert bus.calls[-1][1:3] == ("Search", "what is a video editor")
    bus.recognise(intent("explain", about="presence", topic="nosuch"))
    bus.answers["Why"] = UnknownPackage("There is none.")
    bus.answers["Describe"] = UnknownPackage("There is none.")
    ask("what needs nosuch")
    assert bus.members()[-1] == "Search"
    bus.recognise(intent("explain", topic="preview"))
    assert "ask-nix what-if" in ask("show me a preview").out


def test_how_to_do_something_is_answered_with_the_words_to_type_and_not_done(
    bus: FakeBus, ask: Ask
) -> None:
    how = intent("explain", topic="enable ssh")
    option = "services.openssh.enable"
    enable = intent("enable_service", {"kind": "enable", "target": "openssh"}, option=option)
    bus.answers["Recognise"] = lambda _path, text, _options: (
        ([enable] if text == "enable ssh" else [how]),
        "",
    )
    bus.answers["Describe"] = UnknownOption("There is none.")
    bus.answers["DescribeOption"] = UnknownOption("There is none.")
    said = ask("--yes", "how do I enable ssh?")
    assert said.out == 'To do it: ask-nix "enable ssh"\n'
    assert bus.members() == ["Recognise", "Recognise", "Describe", "DescribeOption"]


def test_an_error_that_was_pasted_is_explained(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("diagnose", problem="unknown"))
    bus.answers["ExplainError"] = MindUnavailable("It is gone.")
    text = "error: undefined variable 'pkgss'"
    document = ask("--json", text).document()
    assert document["explanation"]["kind"]
    assert bus.members() == ["Recognise", "ExplainError"]
