"""The line that a repair names is the one that it changes, wherever Nix stumbled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.configuration.persons_file import PersonsFile
from luminous_daemon.configuration.repairing import repair_text
from luminous_daemon.core.repairing import line_of_change, resolution_of
from luminous_protocol.changes import RepairFile

if TYPE_CHECKING:
    from pathlib import Path

FILE = "/etc/nixos/configuration.nix"
SRI = "sha256-" + "A" * 43 + "="

BROKEN: dict[str, tuple[Any, Any, str, str]] = {
    "a semicolon": ("insert-token", ";", "", "  b = 1 # one\n{}  ▶c.d = 2;\n"),
    "a semicolon at an equals sign": ("insert-token", ";", "", "  b = 1\n{}  c.d ▶= 2;\n"),
    "a bracket": ("insert-token", "]", "", "  b = [\n    1\n{}  ▶;\n"),
    "a bracket in a line": ("insert-token", "]", "", "{}  b = [ 1 ▶;\n"),
    "a parenthesis": ("insert-token", ")", "", "  b = f (1\n{}  ▶;\n"),
    "a quotation mark": ("insert-token", '"', "", '{}  b = "one▶;\n  c = "two";\n'),
    "a semicolon too many": ("remove-token", None, ";", "  b = 1;\n{}  ▶;\n"),
    "a semicolon too many in a line": ("remove-token", None, ";", "{}  b = 1;▶;\n"),
    "a bracket too many": ("remove-token", None, "]", "{}  b = 1 ▶];\n"),
    "a name": ("rename", "words", "wrods", "{}  b = [ ▶wrods ];\n"),
    "a definition twice": ("remove-definition", None, "b", "  b = 1;\n{}  ▶b = 1;\n"),
    "a value": ("set-value", 80, "b", '{}  ▶b = "80";\n'),
    "a hash": ("replace-hash", SRI.replace("A", "B"), SRI, f'{{}}  b = [ ▶"{SRI}" ];\n'),
    "an argument": ("add-argument", "d", "", "{}  b = ▶{{ a\n    , c }}: a;\n"),
}

filler = st.lists(
    st.sampled_from(["", "  # b = 1", "  x = 1;", "  };", "  ]", "    "]), max_size=4
).map(lambda lines: "".join(f"{line}\n" for line in lines))
"""What stands around; brackets that close nothing are put into comments where they may not be."""


def commented(text: str) -> str:
    """Return filler of blank lines and comments, all of which may stand more than once."""
    return "".join(f"  # {line}\n" if line.strip() else f"{line}\n" for line in text.splitlines())


def place_in(marked: str) -> tuple[str, int, int]:
    """Return a text without its mark, and the mark's line and column."""
    before = marked.partition("▶")[0]
    row = before.rpartition("\n")[2]
    return marked.replace("▶", ""), before.count("\n") + 1, len(row.encode()) + 1


def is_at(line: int, before: str, after: str) -> bool:
    """Tell whether one line goes, comes in, or becomes another one, and it is that line."""
    old, new, at = before.split("\n"), after.split("\n"), line - 1
    if old[:at] != new[:at] or old[at:] == new[at:]:
        return False
    return old[at + 1 :] in (new[at + 1 :], new[at:]) or old[at:] == new[at + 1 :]


@pytest.mark.parametrize("what", BROKEN)
@given(above=filler, between=filler, below=filler)
def test_the_line_of_a_repair_is_that_of_its_change(
    what: str, above: str, between: str, below: str
) -> None:
    operation, new, old, body = BROKEN[what]
    part = body.format(commented(between))
    text, line, column = place_in(f"{{\n{commented(above)}{part}{commented(below)}}}\n")
    if operation == "insert-token":
        stands = body.partition("▶")[2]
        old = stands[:1]
    repair = RepairFile(FILE, operation, old, new, line, column)
    after = repair_text(text, repair)
    found = line_of_change(text, after, line)
    assert is_at(found, text, after), (text, after, found)
    assert f"line {found} of {FILE}" in resolution_of(repair, found).summary


@pytest.mark.parametrize(
    ("before", "after", "near", "line"),
    [
        ("a\nb\nc", "a\nx\nc", 0, 2),
        ("a\nb\nc", "a\nb\nx\nc", 0, 3),
        ("a\nb\nb\nb\nc", "a\nb\nb\nc", 3, 3),
        ("a\nb\nb\nb\nc", "a\nb\nb\nc", 2, 2),
        ("a\nb\nb\nb\nc", "a\nb\nb\nc", 1, 4),
        ("a\nb\nb\nc", "a\nb\nb\nb\nc", 2, 2),
        ("a\nx\nc\nd", "a\ny\nc\nd", 3, 2),
        ("a", "a\nb", 1, 2),
    ],
)
def test_the_line_near_the_place_counts_where_several_can_be_meant(
    before: str, after: str, near: int, line: int
) -> None:
    assert line_of_change(before, after, near) == line


def test_each_repair_of_a_file_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "atlas.nix"
    file.write_text("{\n  a = 1\n\n  b = [ 1\n  ;\n}\n")
    repairs = (
        RepairFile(str(file), "insert-token", "b", ";", 4, 3),
        RepairFile(str(file), "insert-token", ";", "]", 5, 3),
    )
    mended = PersonsFile(file, tmp_path, tmp_path / "configuration.nix", 0).plan_repairs(repairs)
    assert mended.edit.after == "{\n  a = 1;\n\n  b = [ 1\n  ]\n  ;\n}\n"
    assert mended.lines == (2, 5)
