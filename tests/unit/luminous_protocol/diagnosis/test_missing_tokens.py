"""What a file lacks or has too much is named, with its place, where Nix cannot read it."""

from __future__ import annotations

import pytest

from luminous_protocol.diagnosis import diagnose
from luminous_protocol.diagnosis.pinpointing import pinpoint
from luminous_protocol.repairs import RepairFile
from tests.unit.luminous_protocol.diagnosis.files import MAIN, Files

END = "unexpected end of file"
ABOVE = "or look above whether something was closed too early."

SAID: dict[str, tuple[str, str, str, str]] = {
    "a semicolon": (
        "{\n  a = 1 # one\n\n  b.c = 2;\n}\n",
        "unexpected '=', expecting ';'|4:7",
        "Write ; after 1 in line 2, column 8.",
        "2:8",
    ),
    "a semicolon after a long text": (
        '{\n  a = "' + "x" * 50 + '"\n  b = 2;\n}\n',
        "unexpected '=', expecting ';'|3:5",
        "Write ; in line 2, column 59.",
        "2:59",
    ),
    "a bracket before a semicolon": (
        "{\n  a = [\n    1\n  ;\n}\n",
        "unexpected ';'|4:3",
        "Write ] after 1 in line 3, column 6.",
        "3:6",
    ),
    "a parenthesis": (
        "{\n  a = f (1;\n}\n",
        "unexpected ';'|2:11",
        "Write ) after 1 in line 2, column 11.",
        "2:11",
    ),
    "a semicolon too many": (
        "{\n  a = 1;;\n}\n",
        "unexpected ';'|2:9",
        "Take the ; in line 2, column 9 away.",
        "2:9",
    ),
    "a value": (
        "{\n  a = ;\n}\n",
        "unexpected ';'|2:7",
        "Write the value after = in line 2, column 6.",
        "2:6",
    ),
    "the last brace": (
        "{\n  a = 1;\n",
        f"{END}|3:1",
        "Write } at the end, after ; in line 2, column 9: it closes the { of line 1, column 1.",
        "2:9",
    ),
    "a brace in the middle": (
        "{\n  a = {\n    b = 1;\n\n  c = {\n  };\n}\n",
        f"{END}, expecting ';'|8:1",
        "Write } where what the { of line 2, column 7 opens is to end.",
        "2:7",
    ),
    "a bracket in the middle": (
        "{\n  a = [\n    1\n\n  b.c = 2;\n}\n",
        "unexpected '='|5:7",
        "Write ]; after 1 in line 3, column 6.",
        "3:6",
    ),
    "a quotation mark": (
        '{\n  a = "one;\n  b = "two";\n}\n',
        f"{END}, expecting '\"'|5:1",
        'Write " where the text that begins in line 2, column 7 is to end: perhaps in column 11.',
        "2:7",
    ),
    "a bracket too many": (
        "{\n  a = 1 ];\n}\n",
        "unexpected ']', expecting ';'|2:9",
        f"Take the ] in line 2, column 9 away, {ABOVE}",
        "2:9",
    ),
    "a comma": (
        "{\n  a = 1,\n}\n",
        "unexpected ',', expecting ';'|2:8",
        "Write ; instead of the comma in line 2, column 8.",
        "2:8",
    ),
    "a colon": (
        "{\n  a: 1;\n}\n",
        "unexpected ':'|2:4",
        "Write = instead of the : in line 2, column 4, if it is to have a value.",
        "2:4",
    ),
}


@pytest.mark.parametrize("what", SAID)
def test_the_token_and_its_place_are_named(what: str) -> None:
    text, said, advice, place = SAID[what]
    complaint, _, at = said.partition("|")
    message = f"error: syntax error, {complaint}\n at {MAIN}:{at}:\n"
    found = pinpoint(diagnose(message), Files(configuration=text))
    assert found.advice == (advice,)
    assert str(found.place) == f"{MAIN}:{place}"
    for change in found.repairs:
        assert RepairFile(**change).file == MAIN


def test_a_semicolon_that_ends_nothing_is_taken_out() -> None:
    message = f"error: syntax error, unexpected ';'\n at {MAIN}:2:9:\n"
    found = pinpoint(diagnose(message), Files(configuration="{\n  a = 1;;\n}\n"))
    assert found.summary == "There is one ; too many."
    (repair,) = found.repairs
    assert (repair["operation"], repair["old"]) == ("remove-token", ";")
    assert (repair["line"], repair["column"]) == (2, 9)


def test_what_has_changed_since_the_message_is_left_at_what_all_are_told() -> None:
    message = f"error: syntax error, unexpected ']', expecting ';'\n at {MAIN}:2:9:\n"
    told = diagnose(message)
    assert pinpoint(told, Files(configuration="{\n  a = 1;\n}\n")).advice == told.advice
    assert pinpoint(told, Files(other="{ }")).advice == told.advice
