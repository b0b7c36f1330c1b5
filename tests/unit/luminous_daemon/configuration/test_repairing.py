"""Repairs of a file that a person wrote: to the byte in each shape, refused in all others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.repairing import repair_text, syntax_problem
from luminous_protocol.changes import RepairFile
from luminous_protocol.repairs import TOKENS

FILE = "/etc/nixos/configuration.nix"
P = "{ pkgs, ... }:\n"
SRI = "sha256-" + "A" * 43 + "="
BASE16 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
BASE32 = "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"
BASE64 = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def repaired(text: str, operation: Any, old: str = "", new: Any = None, *place: int) -> str:  # noqa: ANN401 - any value of JSON
    """Return `text` after the repair."""
    line, column = (*place, 0, 0)[:2]
    return repair_text(text, RepairFile(FILE, operation, old, new, line, column))


def sides(marked: str) -> tuple[str, str]:
    """Return what ▶old|new◀ is before and after."""
    before, after = "", ""
    for number, part in enumerate(marked.replace("◀", "▶").split("▶")):
        old, new = part.split("|") if number % 2 else (part, part)
        before, after = before + old, after + new
    return before, after


RENAMED = [
    (P + "{ a = [ pkgs.▶x|y◀ ]; b = pkgs.▶x|y◀; }", "x", "y"),
    ("{ services.▶opensh|openssh◀.enable = true; }", "services.opensh", "services.openssh"),
    ("{ config = { services = { ▶opensh|openssh◀.enable = true; }; }; options = { }; }",
     "services.opensh", "services.openssh"),
    ("{ lib, ... }: lib.mkIf true { services = lib.mkForce { ▶a|b◀ = { x = 1; y = 2; }; }; }",
     "services.a", "services.b"),
    ("{ services.▶a|b◀.x = 1; services.▶a|b◀.y = 2; c.a = 3; }", "services.a", "services.b"),
    ("{ hardware.▶opengl|graphics◀.enable = true; }",
     "hardware.opengl.enable", "hardware.graphics.enable"),
    ("{ services.▶xserver.displayManager|displayManager◀.gdm.enable = true; }",
     "services.xserver.displayManager.gdm.enable", "services.displayManager.gdm.enable"),
    ("{ programs.▶a|b.a◀ = 1; }", "programs.a", "programs.b.a"),
    ('{ users.users."▶a b|c d◀".x = 1; }'.replace('"▶a b|c d◀"', '▶"a b"|"c d"◀'),
     'users.users."a b".x', 'users.users."c d".x'),
    (P + "{ environment.systemPackages = with pkgs; [ vim ▶firefx|firefox◀ ]; }",
     "firefx", "firefox"),
    (P + "{ environment.systemPackages = [ ▶firefox|pkgs.firefox◀ ]; }",
     "firefox", "pkgs.firefox"),
    (P + "{ a = [ pkgs.▶firefx|firefox◀ ]; }", "firefx", "firefox"),
    (P + "{ a = [ pkgs.▶a.b|c◀.d ]; }", "a.b", "c"),
    (P + "{ a = [ ▶pkg.firefox|pkgs.firefox◀ ]; }", "pkg.firefox", "pkgs.firefox"),
    (P + "{ a = ▶pgks|pkgs◀.a; b = [ ▶pgks|pkgs◀.b ]; }", "pgks", "pkgs"),
    ("{ config, ... }: { a = config.services.▶opensh|openssh◀.enable; }", "opensh", "openssh"),
    ("{ ▶pgks|pkgs◀, ... }: { a = pkgs.b; }", "pgks", "pkgs"),
    ("{ ▶pgks|pkgs◀, ... }: { a = ▶pgks|pkgs◀.b; c.pgks = 1; }", "pgks", "pkgs"),
    ("{ lib, ... }: let inherit (lib) ▶mkIff|mkIf◀; in { a = mkIf; }", "mkIff", "mkIf"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "old", "new"), RENAMED)
def test_a_name_becomes_another_and_no_other_byte(marked: str, old: str, new: str) -> None:
    before, after = sides(marked)
    assert repaired(before, "rename", old, new) == after


def test_a_definition_whose_new_name_is_elsewhere_moves_there_with_its_value() -> None:
    before = (
        "{ ... }:\n{\n  services.xserver = {\n    enable = true;\n"
        '    displayManager.gdm = {\n      enable = true; # "x"\n    };\n  };\n}\n'
    )
    after = (
        "{ ... }:\n{\n  services.xserver = {\n    enable = true;\n  };\n"
        "  services.displayManager.gdm.enable = true;\n}\n"
    )
    old, new = (f"services.{part}displayManager.gdm" for part in ("xserver.", ""))
    assert "services.displayManager.gdm = {" in repaired(before, "rename", old, new)
    assert "xserver = {\n    enable = true;\n  };" in repaired(before, "rename", old, new)
    one = before.replace('gdm = {\n      enable = true; # "x"\n    }', "gdm.enable = true")
    assert repaired(one, "rename", f"{old}.enable", f"{new}.enable") == after


def test_only_what_stands_at_the_place_becomes_another() -> None:
    text = "{ lib, ... }: {\n  services.a.x = 1;\n  services.a.y = lib.a; c = lib.a;\n}\n"
    assert repaired(text, "rename", "services.a", "services.b", 3, 3) == text.replace("a.y", "b.y")
    assert repaired(text, "rename", "a", "b", 3, 22) == text.replace("lib.a; c", "lib.b; c")
    assert repaired(text, "rename", "a", "b", 3, 33) == text.replace("c = lib.a", "c = lib.b")


def test_a_column_counts_bytes() -> None:
    text = '{ lib, ... }: {\n  x = "ü"; y = lib.a; z = lib.a;\n}\n'
    assert repaired(text, "rename", "a", "b", 2, 31) == text.replace("z = lib.a", "z = lib.b")


REMOVED = [
    "{\n  a.b = 1;\n▶  a.c = 2;\n|◀  d = 3;\n}\n",
    "{ a = {▶ c = 2;|◀ b = 1; }; }",
    "{ a = {\n    b = 1;\n▶    c = [\n      1\n    ]; # why\n|◀  };\n}\n",
]


@pytest.mark.parametrize("marked", REMOVED)
def test_a_definition_goes_with_its_lines(marked: str) -> None:
    before, after = sides(marked)
    assert repaired(before, "remove-definition", "a.c") == after


def test_one_of_two_definitions_goes_where_the_place_says_which() -> None:
    text = "{\n  a.b = 1;\n  a.b = 2;\n}\n"
    assert repaired(text, "remove-definition", "a.b", None, 3, 3) == "{\n  a.b = 1;\n}\n"
    with pytest.raises(NotEditable, match="more than once, in lines 2 and 3"):
        repaired(text, "remove-definition", "a.b")


def test_a_set_that_holds_its_own_name_is_one_definition() -> None:
    assert repaired("{ a = { a = 1; }; b = 2; }", "remove-definition", "a") == "{ b = 2; }"


def test_at_a_place_a_definition_is_called_as_it_is_written_there() -> None:
    text = "{\n  a = {\n    b = 1;\n    b = 2;\n  };\n}\n"
    one = "{\n  a = {\n    b = 1;\n  };\n}\n"
    assert repaired(text, "remove-definition", "b", None, 4, 5) == one
    assert repaired(one, "set-value", "b", "x", 3, 5) == one.replace("1", '"x"')
    with pytest.raises(NotEditable, match="b is not defined there"):
        repaired(text, "remove-definition", "b", None, 4)


@pytest.mark.parametrize(
    ("marked", "new"),
    [
        ('{ a.b = ▶"22"|22◀; }', 22),
        ('{ a.b = ▶"x"|[ "x" ]◀; }', ["x"]),
        ("{ a = { b = ▶{ }|null◀; }; }".replace("▶{ }|null◀", "▶1|null◀"), None),
        (P + "{ a.b = ▶pkgs.vim|[ pkgs.vim ]◀; }", [{"package": "vim"}]),
        ('{ a.b = ▶1|"\\${x}\\""◀; }', '${x}"'),
        ('{ lib, ... }: { a = lib.mkIf x { b = ▶"1"|1◀; }; }', 1),
        ('{ lib, ... }: { a.b = lib.mkIf x (lib.mkForce ▶"1"|(-1)◀); }', -1),
    ],
)
def test_a_definition_gets_its_value_as_luminous_writes_it(marked: str, new: Any) -> None:  # noqa: ANN401 - any value
    before, after = sides(marked)
    assert repaired(before, "set-value", "a.b", new) == after


INSERTED = [
    ("{\n  a = 1▶|;◀\n  b = 2;\n}\n", "b", ";", (3, 3)),
    ('{\n  a = "x"▶|;◀\n  b."c d".e = 2;\n}\n', "=", ";", (3, 13)),
    ("{\n  a = 1▶|;◀ # one\n}\n", "}", ";", (3, 1)),
    ("{\n  a = [ 1 2▶| ]◀;\n}\n", ";", "]", (2, 12)),
    ("{\n  a = [\n    1\n    2▶|\n  ]◀\n  ;\n}\n", ";", "]", (5, 3)),
    ("{\n  a = (1▶|)◀;\n}\n", ";", ")", (2, 9)),
    ("{\n  a = {\n    b = 1;▶|\n  }◀\n  ;\n}\n", ";", "}", (4, 3)),
    ("{\n  a = 1;▶|\n}◀\n", "", "}", (3, 1)),
    ('{\n  a = "x▶|"◀;\n}\n', ";", '"', (2, 9)),
    ("{\n  a = ''\n    x\n  ▶|''◀;\n}\n", ";", "''", (4, 3)),
]


@pytest.mark.parametrize(("marked", "old", "new", "place"), INSERTED)
def test_a_missing_token_comes_where_it_belongs(
    marked: str, old: str, new: str, place: tuple[int, int]
) -> None:
    before, after = sides(marked)
    assert repaired(before, "insert-token", old, new, *place) == after
    assert not syntax_problem(after)


@pytest.mark.parametrize(
    ("marked", "old", "place"),
    [
        ("{\n  a = 1;▶;|◀\n}\n", ";", (2, 9)),
        ("{\n  a = 1;\n}\n▶}\n|◀", "}", (4, 1)),
        ("{\n  a = [ 1 ]▶]|◀;\n}\n", "]", (2, 12)),
        ('{\n  a = ""▶"|◀;\n}\n', '"', (2, 9)),
    ],
)
def test_a_token_too_many_goes(marked: str, old: str, place: tuple[int, int]) -> None:
    before, after = sides(marked)
    assert repaired(before, "remove-token", old, None, *place) == after


@pytest.mark.parametrize(
    "marked",
    [
        "{ pkgs, ▶|lib, ◀... }: { }",
        "{\n  pkgs,\n  ▶|lib,\n  ◀...\n}: { }",
        "{ pkgs▶|, lib◀ }: { }",
        "{▶| lib ◀}: { }",
        "▶|{ lib, ... }:\n◀{ a = 1; }",
        "# why\n▶|{ lib, ... }:\n◀{ a = 1; }",
    ],
)
def test_a_function_takes_one_argument_more(marked: str) -> None:
    before, after = sides(marked)
    assert repaired(before, "add-argument", "", "lib") == after


def test_a_function_takes_all_others_too() -> None:
    assert repaired("{ pkgs }: { }", "add-argument", "", "...") == "{ pkgs, ... }: { }"
    assert repaired("{ }: { }", "add-argument", "", "...") == "{ ... }: { }"
    with pytest.raises(NotEditable, match=r"takes \.\.\. already"):
        repaired("{ pkgs, ... }: { }", "add-argument", "", "...")


def test_the_innermost_function_around_a_place_takes_it() -> None:
    text = "{ a }: {\n  m = { b, ... }: { c = lib; };\n}\n"
    assert "{ b, lib, ... }" in repaired(text, "add-argument", "", "lib", 2, 25)
    assert "{ a, lib }" in repaired(text, "add-argument", "", "lib")


@pytest.mark.parametrize("written", [BASE16, BASE32, BASE64, f"sha256:{BASE32}"])
@pytest.mark.parametrize("old", [BASE16, BASE32, BASE64])
def test_a_hash_is_found_however_it_is_written(written: str, old: str) -> None:
    text = f'{{ a = fetch {{ sha256 = "{written}"; url = "x"; }}; }}'
    assert repaired(text, "replace-hash", old, SRI) == text.replace(written, SRI)


@pytest.mark.parametrize(
    "marked",
    [
        '{ a = ""; hash = ▶""|"NEW"◀; }',
        '{ lib, ... }: { hash = ▶lib.fakeHash|"NEW"◀; }',
        '{ outputHash = ▶"' + SRI + '"|"NEW"◀; }',
    ],
)
def test_a_hash_that_is_not_known_yet_is_filled_in(marked: str) -> None:
    before, after = sides(marked)
    assert repaired(before, "replace-hash", SRI, BASE64) == after.replace("NEW", BASE64)


REFUSED: list[tuple[str, tuple[Any, ...], str]] = [
    ("{ a = 1; }", ("rename", "b", "c"), "b does not stand there"),
    ("{ a = 1; }", ("rename", "a", "c", 9), "no line 9"),
    ("{ a = 1; }", ("rename", "a", "c", 1, 99), "no column 99"),
    ("{ a = ; }", ("rename", "a", "c"), "its syntax is not understood"),
    (P + "{ a = [ pkgs.x lib.x ]; }", ("rename", "x", "y"), "more than once, in lines 2"),
    (P + "{ a = [ (f 1).x (g 1).x ]; }", ("rename", "x", "y"), "more than once, in lines 2"),
    (P + "{ a = [ firefox ]; }", ("rename", "firefox", "let"), "cannot be a name there"),
    ("{ lib, ... }: let inherit (lib) x; in { }", ("rename", "x", "a.b"), "cannot become a path"),
    ("{ a = let q = 1; in { b.c = q; }; }", ("rename", "a.b.c", "d.c"), "another meaning"),
    ("{ a = 1; }", ("remove-definition", "b"), "b is not defined there"),
    ("{ a = 1; }", ("set-value", "b", 1), "b is not defined there"),
    ("{ a.b = 1; }", ("set-value", "a", 1), "a is set in parts"),
    ("{ a = 1; }", ("set-value", "a", 1), "so already"),
    ("{ x }: { a = x; }", ("set-value", "a", 1), "computed|no module"),
    ("{ a = 1; }", ("insert-token", "}", ";", 1, 10), "right as it is"),
    ("{ a = 1 }", ("insert-token", ";", ";", 1, 9), "something else stands"),
    ("{ a = 1 }", ("insert-token", "", ";", 1, 9), "something else stands"),
    ('{ a = "x }', ("insert-token", "x", ";", 1, 8), "inside of a text|not understood"),
    ("{ a = 1; }", ("remove-token", ";", None, 1, 8), "right as it is"),
    ("{ a = 1;; }", ("remove-token", "}", None, 1, 9), "something else stands"),
    ("{ lib, ... }: { }", ("add-argument", "", "lib"), "takes lib already"),
    ("args: { }", ("add-argument", "", "lib"), "as a whole"),
    ("[ 1 ]", ("add-argument", "", "lib"), "no function"),
    ('{ a = "x"; }', ("replace-hash", SRI, BASE64), "does not stand there"),
    ('{ hash = ""; b.hash = ""; }', ("replace-hash", SRI, BASE64), "more than once"),
]


@pytest.mark.parametrize(("text", "repair", "why"), REFUSED)
def test_what_is_not_certain_is_refused_with_the_reason(
    text: str, repair: tuple[Any, ...], why: str
) -> None:
    with pytest.raises(NotEditable, match=why):
        repaired(text, *repair)


@given(st.text(st.sampled_from("ab{}[]()\"';=. \n#$u/*"), max_size=40), st.sampled_from(TOKENS))
def test_a_token_is_all_that_comes_or_goes(text: str, token: str) -> None:
    for line, content in enumerate(text.split("\n"), 1):
        for column in range(1, len(content) + 2):
            for change in (("insert-token", "", token), ("remove-token", token, None)):
                try:
                    after = repaired(text, *change, line, column)
                except NotEditable:
                    continue
                longer, shorter = sorted((text, after), key=len, reverse=True)
                assert "".join(longer.split()).replace(token, "") == "".join(
                    shorter.split()
                ).replace(token, "")
