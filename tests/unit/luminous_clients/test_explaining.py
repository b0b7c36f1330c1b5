"""The verb explain-error: a message in, an explanation out, and a plan only when it is wanted."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from luminous_clients.cli.explanation import in_words, snippet
from luminous_clients.cli.own_files import OwnFiles
from luminous_clients.connection import Connection
from luminous_clients.errors import DaemonAbsent
from luminous_protocol.diagnosis import Place, diagnose, to_dict
from luminous_protocol.diagnosis.repairs import changes_for
from luminous_protocol.errors import MindUnavailable, NothingToDo
from tests.unit.luminous_clients.fake_bus import READY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.luminous_clients.conftest import Said
    from tests.unit.luminous_clients.fake_bus import FakeBus

    Ask = Callable[..., Said]

REFUSED = "error: Package 'words-1.0' in /x.nix:1 has an unfree license ('unfree'), refusing\n"
ALLOWED = {"kind": "allow-package", "package": "words-1.0", "reason": "unfree"}


def explained(_path: str, text: str, _options: dict[str, Any]) -> tuple[dict[str, Any]]:
    """Answer as the daemon does."""
    return (to_dict(diagnose(text)),)


@pytest.fixture
def message(tmp_path: Path) -> Callable[[str], str]:
    """Write a message into a file; return its name."""

    def write(text: str) -> str:
        file = tmp_path / "message.txt"
        file.write_text(text)
        return str(file)

    return write


def test_a_message_of_a_file_is_explained_with_the_lines_of_the_mistake(
    bus: FakeBus, ask: Ask, message: Callable[[str], str], tmp_path: Path
) -> None:
    bus.answers["ExplainError"] = explained
    own = tmp_path / "host.nix"
    own.write_text("{ pkgs, ... }:\n{\n  programs = wrods;\n}\n")
    text = f"error: undefined variable 'wrods'\n  at {own}:3:14:\n"
    said = ask("explain-error", message(text))
    assert said.code == 0
    assert "Error       Nothing is called wrods here." in said.out
    assert f"Where       {own}:3:14\n" in said.out
    assert "  3 |   programs = wrods;\n    |              ^\n" in said.out


def test_what_is_piped_in_is_explained(
    bus: FakeBus, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus.answers["ExplainError"] = explained
    piped = io.TextIOWrapper(io.BytesIO(REFUSED.encode() + b"\xff\n"))
    monkeypatch.setattr("sys.stdin", piped)
    said = ask("explain-error", "--json")
    explanation = said.document()["explanation"]
    assert explanation["kind"] == "unfree-package"
    assert explanation["repairs"] == [ALLOWED]
    assert said.document()["plans"] == []


def test_nothing_is_planned_that_nobody_asked_for(
    bus: FakeBus, ask: Ask, message: Callable[[str], str]
) -> None:
    bus.answers["ExplainError"] = explained
    said = ask("explain-error", message(REFUSED))
    assert "Repair      allow words-1.0, which is unfree, and no other" in said.out
    assert "To plan the repair: the same with --plan" in said.out
    assert [call[1] for call in bus.calls] == ["ExplainError"]


@pytest.mark.parametrize(("answer", "is_planned"), [("y\nn\n", True), ("n\n", False), ("", False)])
def test_on_a_terminal_it_is_asked_whether_to_plan_the_repair(
    bus: FakeBus,
    ask_on_terminal: Ask,
    message: Callable[[str], str],
    answer: str,
    *,
    is_planned: bool,
) -> None:
    bus.answers |= {"ExplainError": explained, "Plan": ("/org/luminous1/plan/p1",)}
    bus.objects["/org/luminous1/plan/p1"] = READY
    said = ask_on_terminal("explain-error", message(REFUSED), answer=answer)
    assert "Plan the repair? [y/N] " in said.out + said.err
    planned = [call[2] for call in bus.calls if call[1] == "Plan"]
    assert planned == ([[ALLOWED]] if is_planned else [])


def test_without_the_index_the_rules_explain_and_say_so(
    bus: FakeBus, ask: Ask, message: Callable[[str], str]
) -> None:
    bus.answers["ExplainError"] = MindUnavailable("What searches is not there.")
    said = ask("explain-error", message(REFUSED))
    assert said.code == 0
    assert "words-1.0 is unfree software" in said.out
    assert "explained by rules alone" in said.out


def test_without_a_bus_the_rules_explain(
    ask: Ask,
    message: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> Connection:
        raise DaemonAbsent("There is no bus.")

    monkeypatch.setattr(Connection, "open", refuse)
    said = ask("explain-error", "--json", message(REFUSED))
    assert said.code == 0
    assert said.document()["explanation"]["kind"] == "unfree-package"
    assert "names are not looked up" in said.document()["explanation"]["note"]
    assert ask("explain-error", "--plan", message(REFUSED)).code == 12


def test_what_nobody_knows_is_shortened_and_cannot_be_planned(
    bus: FakeBus, ask: Ask, message: Callable[[str], str]
) -> None:
    bus.answers["ExplainError"] = explained
    file = message("working\nerror: the words are in the wrong order\n")
    said = ask("explain-error", file)
    assert "Message     error: the words are in the wrong order" in said.out
    refused = ask("explain-error", "--plan", file)
    assert refused.code == 18
    assert "nothing in this that Luminous could mend" in refused.err


def test_at_a_terminal_without_a_file_the_last_change_that_failed_is_explained(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    path = "/org/luminous1/transaction/t1"
    failed = {
        "id": "t1",
        "path": path,
        "state": "failed",
        "caller": os.getuid(),
        "message": "The configuration cannot be evaluated: undefined variable 'wrods'",
    }
    others = {**failed, "caller": os.getuid() + 1, "message": "division by zero"}
    done = {**failed, "state": "done"}
    bus.answers |= {"ExplainError": explained, "ListTransactions": ([done, others, failed],)}
    bus.answers["Plan"] = NothingToDo("It is so already.")
    said = ask_on_terminal("explain-error")
    assert "Nothing is called wrods here." in said.out
    bus.answers["ListTransactions"] = ([done],)
    assert "None of your last changes has failed" in ask_on_terminal("explain-error").out


PLAN = "/org/luminous1/plan/p1"
SAID = "undefined variable 'wrods'"
FAILURE = {
    "name": "EvaluationFailed",
    "message": f"The configuration cannot be evaluated (/x/y.nix:3:4): {SAID}",
    "details": {"reason": SAID, "log": [SAID], "place": "/x/y.nix:3:4"},
}


def test_at_a_terminal_without_a_file_a_configuration_that_does_not_evaluate_is_explained(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    bus.answers |= {"ExplainError": explained, "Plan": (PLAN,)}
    bus.objects[PLAN] = {**READY, "State": "failed", "Failure": FAILURE}
    said = ask_on_terminal("explain-error")
    assert "Nothing is called wrods here." in said.out
    assert "Where       /x/y.nix:3:4\n" in said.out


def test_a_change_that_fails_is_told_in_a_sentence_and_the_raw_words_with_debug(
    bus: FakeBus, ask: Ask
) -> None:
    install = {"kind": "install", "slots": {}, "confidence": 1.0, "changes": [ALLOWED]}
    bus.answers |= {"Recognise": ([install], ""), "Plan": (PLAN,), "Status": ({},)}
    bus.answers["ExplainError"] = explained
    bus.objects[PLAN] = {**READY, "State": "failed", "Failure": FAILURE}
    said = ask("install", "wrods")
    assert said.err.startswith(
        "ask-nix: Nothing is called wrods here.\nIt is in /x/y.nix:3:4\nIf it is a package"
    )
    assert SAID not in said.err
    assert f"error: {SAID}\n" in ask("--debug", "install", "wrods").err
    document = ask("--json", "install", "wrods").document()
    assert document["explanation"]["kind"] == "undefined-variable"
    assert document["error"]["message"] == FAILURE["message"]


def test_a_build_that_fails_keeps_its_log_and_says_what_it_means(bus: FakeBus, ask: Ask) -> None:
    log = ["> applying patch fix.patch", "> 1 out of 1 hunk FAILED"]
    failure = {"name": "BuildFailed", "message": "words does not build.", "details": {"log": log}}
    bus.answers |= {"Plan": (PLAN,)}
    bus.objects[PLAN] = {**READY, "State": "failed", "Failure": failure}
    said = ask("rebuild")
    assert "ask-nix: words does not build.\nLast lines of the log:\n" in said.err
    assert "That means: A patch does not fit the source.\n" in said.err


def test_a_change_that_fails_for_a_wrong_name_is_mended_as_an_explained_error_is(
    bus: FakeBus, ask: Ask
) -> None:
    def named(_path: str, text: str, _options: dict[str, Any]) -> tuple[dict[str, Any]]:
        meant = replace(diagnose(text), suggestions=("words",))
        return (to_dict(changes_for(meant)),)

    install = {"kind": "install", "slots": {}, "confidence": 1.0, "changes": [ALLOWED]}
    bus.answers |= {"Recognise": ([install], ""), "Plan": (PLAN,), "ExplainError": named}
    bus.objects[PLAN] = {**READY, "State": "failed", "Failure": FAILURE}
    said = ask("install", "hello")
    assert said.code == 8
    assert "Perhaps meant: words\n" in said.err
    assert "To mend it: nixos-rebuild build 2>&1 | ask-nix explain-error --plan\n" in said.err
    bus.answers["ExplainError"] = MindUnavailable("What searches is not there.")
    assert "ask-nix: Nothing is called wrods here.\n" in ask("install", "hello").err


@pytest.mark.parametrize("is_put_back", [True, False])
def test_where_everything_was_put_back_nobody_is_told_to_go_back(
    bus: FakeBus, ask: Ask, *, is_put_back: bool
) -> None:
    state = "Everything was put back as it was." if is_put_back else "Worse: it runs still."
    failure = {
        "name": "ActivationFailed",
        "message": f"The switch failed. {state}",
        "details": {"log": ["Activation script snippet 'knob' failed (1)"]},
    }
    bus.answers |= {"Plan": (PLAN,)}
    bus.objects[PLAN] = {**READY, "State": "failed", "Failure": failure}
    said = ask("rebuild")
    assert "That means: A step of the activation failed: knob.\n" in said.err
    assert ("ask-nix rollback" in said.err) is not is_put_back


@pytest.mark.parametrize("text", ["", " \n"])
def test_of_an_empty_message_it_is_said_how_to_give_one(
    ask: Ask, message: Callable[[str], str], text: str
) -> None:
    assert "There is nothing to explain." in ask("explain-error", message(text)).err


def test_a_file_that_is_not_there_is_a_wrong_usage(ask: Ask, tmp_path: Path) -> None:
    said = ask("explain-error", str(tmp_path / "none"))
    assert said.code == 2
    assert "cannot be read: No such file or directory" in said.err


def test_only_nix_files_that_are_regular_and_short_are_read(tmp_path: Path) -> None:
    for name, content in (("a.nix", "{ }"), ("key", "secret"), ("long.nix", "x" * 300_000)):
        (tmp_path / name).write_text(content)
    os.mkfifo(tmp_path / "pipe.nix")
    (tmp_path / "folder.nix").mkdir()
    (tmp_path / "bytes.nix").write_bytes(b"\xff\xfe")
    files = OwnFiles(str(tmp_path))
    assert files.read(str(tmp_path / "a.nix")) == "{ }"
    for name in ("key", "long.nix", "pipe.nix", "folder.nix", "bytes.nix", "none.nix"):
        assert files.read(str(tmp_path / name)) is None, name
    assert files.read("a.nix") is None


def test_files_of_a_configuration_are_looked_for_within_bounds(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefgh")
    deep.mkdir(parents=True)
    (deep / "deep.nix").touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "hidden.nix").touch()
    for number in range(300):
        (tmp_path / f"{number:03}.nix").touch()
    found = list(OwnFiles(str(tmp_path)).files())
    assert len(found) == 200
    assert found[0] == str(tmp_path / "000.nix")


def test_a_caret_stands_below_the_column_that_is_counted_in_bytes() -> None:
    place = Place("/x.nix", 2, 10)
    assert snippet(place, "{\n\té = wrong;\n}") == [
        "1 | {",
        "2 |     é = wrong;",
        "  |            ^",
    ]
    assert snippet(place, "{") == []
    assert snippet(place, None) == []


def test_a_line_of_a_file_cannot_drive_the_terminal() -> None:
    assert snippet(Place("/x.nix", 1, 1), "\x1b]0;owned\x07a\x9b2J") == ["1 | a\\x9b2J", "  | ^"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"kind": "repair-file", "operation": "rename", "old": "a", "new": "b", "file": "/x"},
            "write b instead of a in /x",
        ),
        (
            {
                "kind": "repair-file",
                "operation": "set-value",
                "old": "a.b",
                "new": [1],
                "file": "/x",
            },
            "set a.b to [1] in /x",
        ),
        (ALLOWED, "allow words-1.0, which is unfree, and no other"),
        ({"kind": "collect-garbage"}, "delete old generations and what only they need"),
    ],
)
def test_a_repair_is_told_in_words(change: dict[str, Any], words: str) -> None:
    assert in_words(change) == words


@pytest.mark.parametrize(("token", "where"), [(";", "line 2, column 8"), ('"', "line 4, column 3")])
def test_what_is_missing_is_written_where_it_is_missing_and_not_where_nix_stumbles(
    token: str, where: str
) -> None:
    change = {
        "kind": "repair-file",
        "operation": "insert-token",
        "file": "/x.nix",
        "old": "b",
        "new": token,
        "line": 4,
        "column": 3,
    }
    assert in_words(change, Place("/x.nix", 2, 8)) == f"write {token} in {where} of /x.nix"


def test_the_names_in_a_directory_are_read_with_the_rights_of_the_person(tmp_path: Path) -> None:
    (tmp_path / "a.nix").touch()
    (tmp_path / "hosts").mkdir()
    files = OwnFiles(str(tmp_path))
    assert files.names(str(tmp_path)) == frozenset({"a.nix", "hosts"})
    assert files.names(str(tmp_path / "a.nix")) is None
    assert files.names(str(tmp_path / "none")) is None
    assert files.names("/a\0b") is None
