"""Prose: markup of manuals goes, and what is left is safe and fits the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_clients.cli.prose import (
    cut,
    fold,
    fold_code,
    in_one_line,
    paragraphs,
    short_path,
    shorten,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", []),
        ("One\ntwo.\n\nThree.\n", ["One two.", "Three."]),
        ("See {option}`a.b` and {manpage}`x(5)`.", ["See a.b and x(5)."]),
        ("[docs](https://x.org/a), [above](#a)", ["docs (https://x.org/a), above"]),
        ("Either:\n- one\n  or\n- two", ["Either:", "- one or", "- two"]),
        (
            "So:\n```nix\n{ a = 1;\n  b = 2; }\n```\nDone.",
            ["So:", "{ a = 1;", "  b = 2; }", "Done."],
        ),
        ("::: {.note}\nMind.\n:::", ["Mind."]),
        ("\x1b[2Jgone\x07", ["gone\\x07"]),
    ],
)
def test_a_text_becomes_its_paragraphs(text: str, shown: list[str]) -> None:
    assert paragraphs(text) == shown


@given(st.text())
def test_no_text_drives_the_terminal(text: str) -> None:
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in in_one_line(text))


def test_lines_are_folded_to_the_width_and_cut_where_there_are_too_many() -> None:
    lines = fold("word " * 20, 30)
    assert max(map(len, lines)) <= 30
    assert cut(lines, 2) == [lines[0], f"{lines[1]} …"]
    assert cut(["a"], 2) == ["a"]
    assert fold("a" * 500, 0) == ["a" * 500]
    assert (shorten("abcdef", 4), shorten("abcd", 4)) == ("abc…", "abcd")


@given(st.text(st.sampled_from('ab "\\={};'), max_size=200), st.integers(20, 100))
def test_code_is_folded_to_the_width_and_nothing_of_it_is_lost(text: str, width: int) -> None:
    lines = fold_code(text, width)
    assert max(map(len, lines), default=0) <= width
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_the_lines_of_folded_code_are_set_in_and_strings_and_assignments_stay_whole() -> None:
    assert fold_code('  a = { b = "one two"; c = 3; };', 20) == [
        "  a = {",
        '    b = "one two";',
        "    c = 3; };",
    ]
    assert fold_code("a = 1;", 0) == ["a = 1;"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/nix/store/{'a' * 32}-nixos/nixos/nixos/modules/x.nix", "nixos/modules/x.nix"),
        (f"/nix/store/{'a' * 32}-source/nixos/modules/x.nix", "nixos/modules/x.nix"),
        (f"/nix/store/{'a' * 32}-nixos/nixos/pkgs/x.nix:3", "pkgs/x.nix:3"),
        ("/nix/var/nix/profiles/per-user/root/channels/nixos/lib/x.nix", "lib/x.nix"),
        ("/etc/nixos/x.nix", "/etc/nixos/x.nix"),
        ("nixos/modules/x.nix", "nixos/modules/x.nix"),
    ],
)
def test_a_file_of_nixpkgs_is_known_by_its_path_below_it(path: str, shown: str) -> None:
    assert short_path(path) == shown
