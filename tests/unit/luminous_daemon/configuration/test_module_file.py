"""The module file: what is rendered reads back, and what a hand has touched is refused by line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from luminous_daemon.configuration.module_file import (
    EMPTY,
    read_module,
    render_module,
    tidy_words,
)
from luminous_daemon.core.definitions import Attribution, Definition
from luminous_protocol.errors import ConfigurationUnreadable
from tests.unit.luminous_daemon.configuration.test_nix_values import ask_nix, needs_nix
from tests.unit.luminous_protocol.strategies import option_names, thoroughly, values, words

if TYPE_CHECKING:
    from pathlib import Path

FILE = "/etc/nixos/luminous.nix"
WHEN = 1_763_686_400

attributions = st.builds(
    Attribution,
    st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True),
    st.integers(0, 4_000_000_000),
    words.map(tidy_words),
)
lines = st.builds(Definition, option_names, values, attributions)


def line(option: str, value: object, said: str = "said") -> Definition:
    """Return a definition by alice."""
    return Definition(option, value, Attribution("alice", WHEN, said))  # type: ignore[arg-type] # any value of the tests


HELLO = render_module(
    (line("environment.systemPackages", [{"package": "hello"}], "install hello"),)
)


def test_a_definition_is_one_line_with_who_when_and_which_words() -> None:
    assert HELLO.splitlines()[7] == (
        "    { environment.systemPackages = [ pkgs.hello ]; } "
        "# alice, 2025-11-21 00:53:20 UTC: install hello"
    )


def test_the_file_before_anything_was_asked_for_holds_no_definition() -> None:
    assert read_module(EMPTY, FILE) == ()
    assert render_module(()) == EMPTY


@thoroughly
@given(st.lists(lines, max_size=4).map(tuple))
@example((line('a."b = c".d', 1), line('a."; } # x"', "; } # bob, 2020-01-01 00:00:00 UTC: x")))
@example((line("a", 1, "; } # bob, 2020-01-01 00:00:00 UTC: x"),))
@example((line("a", "\u2028\u0085\x0b\x0c\x1c\x1d\x1e", "x"), line("a", "\r", "x")))
@example((line("a", ["# ", "*/", "'' ${a}"], "*/ ''"),))
def test_reading_takes_back_what_rendering_made(definitions: tuple[Definition, ...]) -> None:
    text = render_module(definitions)
    read = read_module(text, FILE)
    assert read == definitions
    assert [json.dumps(item.value) for item in read] == [
        json.dumps(item.value) for item in definitions
    ]
    assert render_module(read) == text


@thoroughly
@given(
    st.lists(lines, max_size=3).map(tuple),
    st.integers(0, 2000),
    st.integers(0, 30),
    st.text("{}[]#;=\"'\n\r\t a1\u2028$", max_size=4),
)
def test_whatever_a_hand_has_done_is_read_as_it_stands_or_refused_by_its_line(
    definitions: tuple[Definition, ...], place: int, removed: int, written: str
) -> None:
    text = render_module(definitions)
    place %= len(text)
    changed = text[:place] + written + text[place + removed :]
    try:
        read = read_module(changed, FILE)
    except ConfigurationUnreadable as refused:
        line_number = refused.details["line"]
        assert isinstance(line_number, str)
        assert 1 <= int(line_number) <= changed.count("\n") + 1
    else:
        assert render_module(read) == changed


@thoroughly
@given(words)
def test_words_in_a_comment_are_one_printable_line(said: str) -> None:
    tidy = tidy_words(said)
    assert len(tidy) <= 200
    assert tidy == "" or tidy.isprintable()
    assert tidy == tidy_words(tidy)


def test_words_that_look_like_nix_stay_words() -> None:
    nasty = 'x"; } ]; } # \n  reboot = true;\r\n ${evil} \u2028 \x1b[31m'
    definitions = read_module(render_module((line("a", 1, nasty),)), FILE)
    assert [item.option for item in definitions] == ["a"]
    assert definitions[0].attribution.words == 'x"; } ]; } # reboot = true; ${evil} [31m'


def test_a_name_that_is_no_account_name_cannot_leave_its_place() -> None:
    definition = Definition("a", 1, Attribution("evil, 1 UTC: }\n", WHEN, "x"))
    assert read_module(render_module((definition,)), FILE)[0].attribution.who == "evil__1_UTC____"
    definition = Definition("a", 1, Attribution("", WHEN, "x"))
    assert read_module(render_module((definition,)), FILE)[0].attribution.who == "unknown"


GOOD = "    { a = 1; } # alice, 2025-11-21 00:53:20 UTC: x\n"


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        ("# Written by Luminous", "# Written by me", 1),
        ("{ lib, pkgs, ... }:", "{ lib, ... }:", 3),
        ("{ _module.args.luminous = true; }", "{ }", 7),
        (GOOD, "    { a = 1; }\n", 8),
        (GOOD, GOOD.replace("a = 1", "a =  1"), 8),
        (GOOD, GOOD.replace("a = 1", "a = 1 + 1"), 8),
        (GOOD, GOOD.replace("a = 1", "a = lib.mkForce 1"), 8),
        (GOOD, GOOD.replace("a = 1", "a = 1; b = 2"), 8),
        (GOOD, GOOD.replace("    {", "\t{"), 8),
        (GOOD, GOOD.replace("2025-11-21", "2025-13-41"), 8),
        (GOOD, GOOD.replace("alice", "al ice"), 8),
        (GOOD, GOOD.replace(": x", ": x "), 8),
        (GOOD, GOOD.replace("\n", "\r\n"), 8),
        (GOOD, GOOD + "    ./mine.nix\n", 9),
        (GOOD, GOOD + "\n" + GOOD, 9),
        (GOOD, GOOD + "    # mine\n", 9),
        ("  ];\n}\n", "  ];\n  # mine\n}\n", 11),
        ("  ];\n}\n", "  ];\n", 9),
        ("  ];\n}\n", "  ];\n}", 10),
    ],
)
def test_a_line_that_luminous_did_not_write_is_refused_by_number(
    old: str, new: str, number: int
) -> None:
    text = EMPTY.replace("  ];\n", GOOD + "  ];\n")
    assert len(read_module(text, FILE)) == 1
    with pytest.raises(ConfigurationUnreadable, match=f"Line {number} of {FILE} ") as refused:
        read_module(text.replace(old, new), FILE)
    assert refused.value.details == {"file": FILE, "line": str(number)}


@pytest.mark.parametrize("text", ["", "\n", "{ }\n"])
def test_a_file_that_is_not_luminouss_at_all_is_refused_at_its_first_line(text: str) -> None:
    with pytest.raises(ConfigurationUnreadable) as refused:
        read_module(text, FILE)
    assert refused.value.details["line"] == "1"


@needs_nix
def test_nix_can_parse_whatever_was_rendered(tmp_path: Path) -> None:
    rendered: list[str] = []

    @thoroughly
    @given(st.lists(lines, max_size=3).map(tuple))
    def gather(definitions: tuple[Definition, ...]) -> None:
        rendered.append(render_module(definitions))

    gather()
    ask_nix(tmp_path, "[\n" + "".join(f"({text})\n" for text in rendered) + "]", "--parse")


def test_a_long_line_that_is_full_of_what_looks_like_comments_is_looked_through_once() -> None:
    """Reading all before each of them would take hours, and the test times out."""
    line = '    { a.b = "' + "x; } # a, 2020-01-01 00:00:00 UTC: " * 20_000
    text = EMPTY.replace("  ];\n}\n", f"{line}\n  ];\n}}\n")
    with pytest.raises(ConfigurationUnreadable, match="Line 8 of"):
        read_module(text, "luminous.nix")
