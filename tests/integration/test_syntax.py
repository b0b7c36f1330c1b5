"""The syntax tree against Nix's own parser: what each takes, on both versions."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luminous_daemon.configuration.syntax import parse
from luminous_daemon.configuration.tokens import NotNix
from luminous_sandbox.toolchain import find_toolchain
from tests.integration.evaluating import CHECKOUT

if TYPE_CHECKING:
    from luminous_sandbox.toolchain import NixVersion

TRAPS = CHECKOUT / "tests/evals/data"
"""Of the files that edits are tried on some are no Nix, on purpose."""
FILES = sorted(
    path
    for folder in ("daemon", "nixos-module", "tests")
    for path in (CHECKOUT / folder).rglob("*.nix")
    if not path.is_relative_to(TRAPS)
)
NAMES = "a: b: c: f: s: "
"""So that no name of the texts is unknown, which Nix complains of before it evaluates too."""
OPERATORS = [
    "+",
    "-",
    "*",
    "/ ",
    "++",
    "//",
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    "->",
    "|>",
    " ",
    "",
]
ODDITIES = [
    *("{ }:1", "{}@a:a", "a@{}:a", "{a,}:a", "{...,a}:a", "{,a}:a", "{a ? 1}:a", "a@b: 1"),
    *("{ inherit; }", '{ inherit ({}) a "b"; }', "{ or = 1; }", "{ a.or.b = 1; }", "{or}: 1"),
    *("./a/", "./a", "a/b", "~/a", "<a>", "<a/b>", "https://a.b", "x:y", "./a//b", "./${a}/"),
    *('"${1}"', '"${}"', '"${ {} }"', "''${\"a\"}''", '"\\${"', "1.5", ".5", "007", "1.", "1.5e3"),
    *("99999999999999999999", "9223372036854775807", "9223372036854775808", "1.0e400", "1.0e-400"),
    *("a or", "[ a.b or c {} ]", "[ 1 -1 ]", "[ a: a ]", "- -1", "a ? b ? c", "-1 ? a ? b"),
    *("1 + let x = 1; in x", "1 + with {}; 1", "1 ++ (with {}; 1)", "1 < 2 < 3", "1 == 1 != 1"),
    *("''$''", "''''$''", "''a''\\n''", "''a'''b''", '"$"', '"$$"', '"$${a"', '"a\r\nb"'),
    *("\ufeff1", "1\x0c", "é", '"é"', "# a\r1", "#a\r", "/**/", "/***/1", "/*/1", "a' ", "1 # c"),
    *("", "{ a = 1; }}", "{ a = 1 }", "let in 1", "rec { a = b; }", "rec a", "if 1 then 2", "a..b"),
]


def takes(version: NixVersion, text: str) -> bool:
    """Tell whether Nix itself parses `text`."""
    program = find_toolchain(version).bin_dir / "nix-instantiate"
    done = subprocess.run(
        [str(program), "--parse", "-"],
        check=False,
        input=text.encode(),
        capture_output=True,
        env=os.environ | {"NIX_REMOTE": "dummy://"},
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode == 0


def is_read(text: str) -> bool:
    try:
        parse(text)
    except NotNix:
        return False
    return True


def expressions() -> st.SearchStrategy[str]:
    """Make texts that are nearly always Nix; what is left out now and then makes them none."""
    leaves = st.sampled_from(
        ["a", "b", "1", '"s"', "./p", "''i''", "{ }", "[ ]", "a.b", "https://x.y"]
    )

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        def made(pattern: str) -> st.SearchStrategy[str]:
            holes = pattern.count("%s")
            return st.tuples(*[inner] * holes).map(lambda parts: pattern % parts)

        patterns = [
            *("(%s)", "[ %s %s ]", "[%s]", "{ a = %s; b.c = %s; }", "rec { a = %s; }", "x: %s"),
            *("{ a, b ? %s, ... }: %s", "f@{ ... }: %s", "let a = %s; in %s", "with %s; %s"),
            *("if %s then %s else %s", "assert %s; %s", '"x${%s}y"', "''${%s}''", "%s.a or %s"),
            *(
                "%s ? a.b",
                "!%s",
                "-%s",
                "f %s",
                "{ inherit (%s) a; }",
                "{ ${%s} = %s; }",
                "%s # c\n",
            ),
            *("%s.a", "./x${%s}", "(%s", "{ a = %s }", "[ %s; ]"),
            *(f"%s {sign} %s" for sign in OPERATORS),
        ]
        return st.sampled_from(patterns).flatmap(made)

    return st.recursive(leaves, larger, max_leaves=8)


def test_every_file_here_that_nix_parses_is_read(nix: NixVersion) -> None:
    program = find_toolchain(nix).bin_dir / "nix-instantiate"
    subprocess.run(
        [str(program), "--parse", *map(str, FILES)],
        check=True,
        capture_output=True,
        env=os.environ | {"NIX_REMOTE": "dummy://"},
    )
    assert len(FILES) > 40
    assert all(is_read(file.read_text(encoding="utf-8")) for file in FILES)


def test_every_file_that_edits_are_tried_on_is_read_if_nix_parses_it(nix: NixVersion) -> None:
    texts = [file.read_bytes().decode() for file in sorted(TRAPS.rglob("*.nix"))]
    parsed = [text for text in texts if takes(nix, text)]
    assert 40 < len(parsed) < len(texts)
    assert [text for text in parsed if not is_read(text)] == []


@pytest.mark.parametrize("text", ODDITIES)
def test_an_oddity_is_read_just_where_nix_reads_it(nix: NixVersion, text: str) -> None:
    wrapped = f"{NAMES}d: x: y: a': {text}"
    if any(sign in text for sign in ("a or", "let in")):
        assert not is_read(wrapped) or takes(nix, wrapped)
    else:
        assert is_read(wrapped) == takes(nix, wrapped)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=expressions())
def test_made_text_is_read_just_where_nix_reads_it(nix: NixVersion, text: str) -> None:
    assert is_read(NAMES + text) == takes(nix, NAMES + text)


@pytest.mark.parametrize("text", ["let { body = 1; }", '{ inherit ({ }) ${"b"}; }', "1\0"])
def test_what_only_nix_reads_is_refused(nix: NixVersion, text: str) -> None:
    assert takes(nix, text)
    assert not is_read(text)
