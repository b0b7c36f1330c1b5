"""Nix values: written in one form, read back from it, and Nix reads the same."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given

from luminous_daemon.configuration.nix_values import (
    NotCanonical,
    parse,
    parse_path,
    render,
    render_path,
)
from tests.unit.luminous_protocol.strategies import items, option_parts, thoroughly, values

if TYPE_CHECKING:
    from pathlib import Path

    from luminous_protocol.changes import Value

needs_nix = pytest.mark.skipif(
    shutil.which("nix-instantiate") is None, reason="Nix's own parser is not on PATH"
)

SAMPLES: dict[str, Value] = {
    "null": None,
    "true": True,
    "-5": -5,
    "[ (-5) (-0.5) 5 ]": [-5, -0.5, 5],
    "1.0e+22": 1e22,
    "1.0e-07": 1e-7,
    "1.5e+300": 1.5e300,
    "0.1": 0.1,
    '""': "",
    '"a\\"b\\\\c\\nd\\re\\tf"': 'a"b\\c\nd\re\tf',
    '"\\${x} $\\${y} $z $$ {"': "${x} $${y} $z $$ {",
    '"\\\\\\${x}"': "\\${x}",
    '"ü ☃ \u2028\u0085\x0c\x1c\x01"': "ü ☃ \u2028\u0085\x0c\x1c\x01",
    "[ ]": [],
    '[ "a" [ 1 ] { } ]': ["a", [1], {}],
    '{ a = 1; "b c" = [ ]; "if" = true; }': {"a": 1, "b c": [], "if": True},
    "pkgs.zsh": {"package": "zsh"},
    'pkgs."7zz"': {"package": "7zz"},
    'pkgs.python3Packages."or"."c++"': {"package": "python3Packages.or.c++"},
    'pkg: builtins.elem (lib.getName pkg) [ "steam" ]': {"unfree": ["steam"]},
    '{ package = 5; "x" = 1; }'.replace('"x"', "x"): {"package": 5, "x": 1},
}


@pytest.mark.parametrize("text", list(SAMPLES), ids=ascii)
def test_a_value_has_one_form(text: str) -> None:
    assert render(SAMPLES[text]) == text
    assert parse(text) == SAMPLES[text]


@thoroughly
@given(values)
def test_reading_takes_back_what_writing_made(value: Value) -> None:
    text = render(value)
    assert "\n" not in text
    assert json.dumps(parse(text)) == json.dumps(value)


@thoroughly
@given(option_parts)
@example(("a", "or", "b = c", "d.e"))
def test_reading_a_path_takes_back_what_writing_made(parts: tuple[str, ...]) -> None:
    assert parse_path(render_path(parts)) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        " true",
        "true ",
        "True",
        "nullx",
        "01",
        "1e5",
        "+1",
        "[1]",
        "[ 1]",
        "[ 1 ",
        "[ -1 ]",
        "(1)",
        "{ }; reboot",
        "{ a = 1 }",
        "{ a = 1; a = 1; }",
        '{ "a" = 1; }',
        "'a'",
        "''a''",
        '"a',
        '"${x}"',
        '"\\q"',
        '"a" + "b"',
        "pkgs",
        "pkgs.",
        "pkgs.a b",
        "pkgs.zsh.override { }",
        "builtins.readFile /etc/shadow",
        "import ./x.nix",
        "x: x",
        "/etc/shadow",
        'pkg: builtins.elem (lib.getName pkg) "steam"',
    ],
)
def test_an_expression_in_any_other_form_is_not_read(text: str) -> None:
    with pytest.raises((NotCanonical, ValueError)):
        parse(text)


@pytest.mark.parametrize("text", ["", "a.", ".a", "a b", 'a."b', "a.$", "1a"])
def test_a_path_in_any_other_form_is_not_read(text: str) -> None:
    with pytest.raises(NotCanonical):
        parse_path(text)


def ask_nix(directory: Path, expression: str, *arguments: str) -> str:
    """Let Nix read an expression, with a store and state of no importance."""
    variables = {name: str(directory / name) for name in ("NIX_STATE_DIR", "NIX_STORE_DIR")}
    file = directory / "expression.nix"
    file.write_bytes(expression.encode())
    told = subprocess.run(
        ["nix-instantiate", *arguments, str(file)],
        env={**os.environ, **variables, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr.decode()
    return told.stdout.decode()


@needs_nix
def test_nix_reads_every_value_as_it_was_meant(tmp_path: Path) -> None:
    meant: list[Value] = []

    @thoroughly
    @given(items)
    def gather(value: Value) -> None:
        meant.append(value)

    gather()
    meant += [value for value in SAMPLES.values() if value != {"unfree": ["steam"]}]
    written = "\n".join(f"({render(value)})" for value in meant)
    # Any package's name is taken, and gives the data that stands for it.
    find = "let pkgs = { }; in"
    plain = [value for value in meant if '"package"' not in json.dumps(value)]
    ask_nix(tmp_path, f"{find} [ {written} ]", "--parse")
    written = " ".join(f"({render(value)})" for value in plain)
    told = ask_nix(tmp_path, f"builtins.toJSON [ {written} ]", "--eval", "--strict", "--json")
    for read, value in zip(json.loads(json.loads(told)), plain, strict=True):
        assert is_alike(read, value), (read, value)


def is_alike(read: Value, meant: Value) -> bool:
    """Tell whether two values are the same, with numbers as exact as Nix prints them."""
    match read, meant:
        case (bool(), _) | (_, bool()):
            return read is meant
        case int() | float(), int() | float():
            return math.isclose(read, meant, rel_tol=1e-5)
        case list(), list():
            return len(read) == len(meant) and all(map(is_alike, read, meant))
        case dict(), dict():
            return read.keys() == meant.keys() and all(is_alike(read[k], meant[k]) for k in meant)
    return read == meant
