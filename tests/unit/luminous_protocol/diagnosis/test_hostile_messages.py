"""A message is text of a stranger: whatever it holds, it stays text, and takes no time."""

from __future__ import annotations

import random
import time

import pytest
from broken import told

from luminous_protocol.diagnosis import diagnose, to_dict
from luminous_protocol.diagnosis.message import MAX_TEXT
from luminous_protocol.diagnosis.pinpointing import pinpoint
from luminous_protocol.repairs import RepairFile

MEBIBYTE = 1024 * 1024
SECONDS = 3.0
"""Many times what it takes, as other tests run at the same time; a benchmark measures it."""

LONG = {
    "one line": "x" * MEBIBYTE,
    "quotes": "'" * MEBIBYTE,
    "spaces": " " * MEBIBYTE,
    "errors": "error: The option `\n" * 50_000,
    "errors in a line": "error: attribute '" * 60_000,
    "long errors": ("error: " + "a '" * 600 + "\n") * 600,
    "refusals": ("error: Package 'a' in " + "b" * 499 + "\n") * 2000,
    "escapes": "\x1b[" * 500_000,
    "strings of escapes": "\x1b]" * 500_000,
    "lines of JSON": ('@nix {"action":"msg","level":0,"msg":"' + "[" * 1000 + '"}\n') * 900,
    "nested JSON": ("@nix " + '{"a":' * 5000 + "\n") * 50,
    "traces": ("error:\n" + "       … while evaluating x\n" * 3 + " at /a.nix:1:1:\n") * 15_000,
}


class OneFile:
    """A configuration of one file."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, _file: str) -> str | None:
        return self._text

    def files(self) -> list[str]:
        return ["/etc/nixos/configuration.nix"]

    def names(self, _directory: str) -> set[str]:
        return {"configuration.nix", "words\x1b[2J.nix"}


@pytest.mark.parametrize("name", LONG)
def test_a_long_message_takes_no_time(name: str) -> None:
    began = time.monotonic()
    found = diagnose(LONG[name])
    assert time.monotonic() - began < SECONDS
    assert sum(map(len, found.excerpt)) < 10_000


def test_of_a_message_that_is_too_long_the_end_counts_too() -> None:
    text = "building\n" * MAX_TEXT + "error: undefined variable 'words'\n"
    assert diagnose(text).kind == "undefined-variable"


@pytest.mark.parametrize("seed", range(30))
def test_random_bytes_are_no_reason_to_fail(seed: int) -> None:
    chance = random.Random(seed)
    text = chance.randbytes(4000).decode("latin-1")
    pieces = [case.text for case in told()]
    mixed = "".join(chance.choice([text[: chance.randrange(50)], *pieces]) for _ in range(20))
    for message in (text, mixed, mixed[chance.randrange(100) :: 2]):
        found = diagnose(message)
        assert to_dict(found)
        assert pinpoint(found, OneFile(text)).kind == found.kind


COMPLAINTS = (
    "unexpected '=', expecting ';'",
    "unexpected end of file",
    "unexpected end of file, expecting ';'",
    "unexpected end of file, expecting '\"'",
    "unexpected ';'",
    "unexpected ',', expecting ';'",
    "unexpected ']', expecting ';'",
    "unexpected '}', expecting end of file",
    "unexpected '='",
    "unexpected ':'",
)
PIECES = ("{", "}", "[", "]", "(", ")", ";", "=", ":", ",", "a", ".", '"', "''", "${", "\n", " é")


@pytest.mark.parametrize("seed", range(30))
def test_a_place_that_fits_no_text_is_no_reason_to_fail(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randrange(30)))
        line, column = chance.randrange(9), chance.randrange(9)
        place = f"/etc/nixos/configuration.nix:{line}:{column}"
        for complaint in COMPLAINTS:
            found = diagnose(f"error: syntax error, {complaint}\n at {place}:\n")
            pinned = pinpoint(found, OneFile(text))
            assert pinned.kind == found.kind
            for change in pinned.repairs:
                assert RepairFile(**change).column


def test_what_drives_a_terminal_is_not_in_a_diagnosis() -> None:
    text = "error: undefined variable '\x1b]0;owned\x07wor\x9bds\x1b[2J\u202e'\n"
    found = diagnose(text)
    said = " ".join((found.summary, *found.excerpt, *found.advice, *found.names.values()))
    assert all(char.isprintable() for char in said)
    assert "words" in said


@pytest.mark.parametrize(
    "name", ["x; rm -rf /", "$(reboot)", "a' or 'b", "../../etc/passwd", "`id`", "a\tb", "-x"]
)
def test_a_name_that_is_no_name_gets_into_no_repair(name: str) -> None:
    text = (
        f"error: undefined variable '{name}'\n  at /etc/nixos/configuration.nix:1:1:\n"
        f"  Did you mean {name}a?\n"
    )
    for change in diagnose(text).repairs:
        assert name not in str(change)


@pytest.mark.parametrize("path", ["../../etc/shadow", "a/../../b"])
def test_a_path_that_leads_out_of_a_flake_is_not_tracked(path: str) -> None:
    text = f"error: Path '{path}' in the repository \"/etc/nixos\" is not tracked by Git.\n"
    assert diagnose(text).repairs == ()
