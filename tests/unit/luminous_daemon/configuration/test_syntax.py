"""The syntax tree: everything of the text is in it, and what it says is what Nix reads there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.configuration.nodes import Application, Node, Operation, Text, Variable
from luminous_daemon.configuration.syntax import parse
from luminous_daemon.configuration.tokens import NotNix

CHECKOUT = Path(__file__).parents[4]
BROKEN = {"broken-string.nix", "broken.nix", "empty.nix"}
"""Files of the evals that are no Nix, as Nix itself says too."""
FILES = sorted(
    path
    for folder in ("daemon", "nixos-module", "tests")
    for path in (CHECKOUT / folder).rglob("*.nix")
    if path.name not in BROKEN
)
PIECES = [
    *("{", "}", "[", "]", "(", ")", "=", ";", ":", ",", "@", "...", ".", "${", '"', "''", "\\"),
    *("let", "in", "rec", "with", "inherit", "if", "then", "else", "assert", "or", "a", "b'", "1"),
    *("++", "//", "?", "-", "!", "==", "->", "# c\n", "/* c */", " ", "\r\n", "./a", "é", "x:y"),
]


def shape(node: Node) -> str:
    """Return what belongs together, in brackets."""
    match node:
        case Operation(sign=sign, operands=(one,)):
            return f"({sign}{shape(one)})"
        case Operation(sign=sign, operands=(one, other)):
            return f"({shape(one)} {sign} {shape(other)})"
        case Application(function=function, arguments=arguments):
            return f"({' '.join(map(shape, (function, *arguments)))})"
        case Variable(name=name):
            return name
        case _:
            return f"<{' '.join(map(shape, node.children()))}>"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_tree_holds_every_character_of_a_file(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree = parse(text)
    assert "".join(token.text for token in tree.tokens) == text
    for node in tree.root.walk():
        places = [place for child in node.children() for place in (child.start, child.end)]
        assert places == sorted(places)
        assert all(node.start <= place <= node.end for place in places)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_read_whole_or_refused_by_name(text: str) -> None:
    try:
        tree = parse(text)
    except NotNix:
        return
    assert "".join(token.text for token in tree.tokens) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * c + d", "((a + (b * c)) + d)"),
        ("a ++ b ++ c", "(a ++ (b ++ c))"),
        ("a // b ++ c == d", "((a // (b ++ c)) == d)"),
        ("a -> b -> c || d && e", "(a -> (b -> (c || (d && e))))"),
        ("!a + b", "(!(a + b))"),
        ("!a == b", "((!a) == b)"),
        ("a * !b + c", "(a * (!(b + c)))"),
        ("-a + b", "((-a) + b)"),
        ("f a b + g c", "((f a b) + (g c))"),
        ("f a.b or c d", "(f <a <> c> d)"),
        ("a ? b.c && d", "(<a <> <>> && d)"),
    ],
)
def test_operators_bind_as_in_nix(text: str, expected: str) -> None:
    assert shape(parse(text).root) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a\\n\\"\\${b}$c"', 'a\n"${b}$c'),
        ('"a\r\nb"', "a\nb"),
        ("https://a.org/b", "https://a.org/b"),
        ('"${a}"', None),
        ("''a''", "a"),
        ("'' a''", "a"),
        ("''a''$b''", "a$b"),
        ("''  \n    a\n\n      '''b\n  ''", "a\n\n  ''b\n"),
        ("''\n\ta\n b''", "\ta\n b"),
        ("''\n   \n ''", "\n"),
        ("''a\r\n''", None),
        ("''a''\\nb''", None),
        ("''${a}''", None),
    ],
)
def test_a_string_has_the_value_that_nix_gives_it(text: str, value: str | None) -> None:
    root = parse(text).root
    assert isinstance(root, Text)
    assert root.value == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it ends too early"),
        ("{ a = 1; }\n}", "'}' was not expected in line 2"),
        ("let { body = 1; }", "an old form of let, without an 'in', in line 1"),
        ("a or b", "a word was not expected in line 1"),
        ("a |> b", "'|>' was not expected in line 1"),
        ("a == b == c", "'==' was not expected in line 1"),
        ("./a/", "a path with a slash at its end in line 1"),
        ("9223372036854775808", "a number that Nix does not take in line 1"),
        ("1.0e400", "a number that Nix does not take in line 1"),
        ("1\0", "there is a NUL character in it"),
        ("[ " * 1000 + "]" * 1000, "it is nested too deeply in line 1"),
        ("a: " * 1000 + "a", "it is nested too deeply in line 1"),
        ('"${' * 50 + "a" + '}"' * 50, "too many interpolations lie in one another"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(text: str, reason: str) -> None:
    with pytest.raises(NotNix) as refused:
        parse(text)
    assert reason in str(refused.value)


def test_a_large_file_is_read_in_one_pass() -> None:
    """A quadratic parser would take minutes, and the test times out."""
    binding = '  a."b${c}" = with d; [ e.f (g { h = 1; }) ] ++ i;\n'
    text = "{\n" + binding * (128 * 1024 // len(binding)) + "}\n"
    assert parse(text).text == text
