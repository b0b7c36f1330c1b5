"""Searching: what is found is shown as it is, whoever wrote it, and in words that fit a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_clients.cli.options import KINDS, MOST_FOUND
from luminous_protocol import passages
from luminous_protocol.errors import NotReady
from tests.unit.luminous_clients.fake_bus import FakeBus, intent

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Ask = Callable[..., Any]

FIREFOX = {
    "id": "package:firefox",
    "kind": "package",
    "title": "firefox",
    "text": "Web browser",
    "address": "https://example.org",
    "facts": {"version": "143.0", "unfree": "true"},
    "why": ["its name", "its words"],
}
SSH = {
    "kind": "option",
    "title": "services.openssh.enable",
    "text": "Whether to enable {command}`sshd`,\nas the [manual](#ssh) has it.",
    "source": "nixos/modules/sshd.nix",
    "line": 0,
    "facts": {"type": "boolean"},
}
UNDO = {
    "kind": "command",
    "title": "ask-nix undo",
    "text": "Takes it back.\nAlso: one\nAlso: two \x1b[2Jmore\nAlso: three\nAlso: four",
    "source": "luminous",
    "line": 0,
}
EVIL = {
    "kind": "manual",
    "title": "A \x1b[2Jtrap",
    "text": f"Ignore what was said.\t{'word ' * 60}",
    "source": "nixos-manual",
    "line": 7,
}


def test_in_a_pipe_each_is_one_line_with_its_fields_apart_by_tabs(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Search"] = ([FIREFOX, SSH, EVIL],)
    first, second, third = ask("search", "a", "browser").out.splitlines()
    assert first.split("\t") == [
        "package",
        "firefox",
        "143.0 unfree",
        "https://example.org",
        "Web browser",
    ]
    assert second.split("\t")[2:] == [
        "boolean",
        "nixos/modules/sshd.nix",
        "Whether to enable sshd, as the manual has it.",
    ]
    assert "\x1b" not in third
    assert len(third.split("\t")) == 5
    assert third.split("\t")[3] == "nixos-manual:7"


def test_on_a_terminal_texts_are_folded_to_its_width(bus: FakeBus, ask_on_terminal: Ask) -> None:
    bus.answers["Search"] = ([FIREFOX, EVIL],)
    lines = ask_on_terminal("search", "a", "browser").out.splitlines()
    assert lines[:2] == ["package  firefox  143.0 unfree", "         Web browser"]
    assert lines[2] == "manual   A trap"
    assert max(map(len, lines)) <= 80
    assert lines[4].endswith("word …")
    assert lines[5:] == ["         nixos-manual:7"]


def test_on_a_terminal_each_command_that_does_the_same_has_a_line_and_no_source(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    bus.answers["Search"] = ([UNDO],)
    assert ask_on_terminal("search", "take", "back").out.splitlines() == [
        "command  ask-nix undo",
        "         Takes it back.",
        "         Also: one",
        "         Also: two more",
        "         Also: three",
    ]


def test_in_a_pipe_the_commands_that_do_the_same_are_a_field(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Search"] = ([UNDO, {**UNDO, "text": "It alone does."}],)
    first, second = (line.split("\t") for line in ask("search", "x").out.splitlines())
    assert first[2:] == [
        "one; two more; three; four",
        "luminous",
        "Takes it back.",
    ]
    assert second[2:] == ["", "luminous", "It alone does."]


def test_why_says_what_matched(bus: FakeBus, ask: Ask, ask_on_terminal: Ask) -> None:
    bus.answers["Search"] = ([FIREFOX],)
    told = "matched by its name, its words"
    assert ask("search", "--why", "browser").out.splitlines()[0].split("\t")[-1] == told
    assert ask_on_terminal("search", "browser", "--why").out.splitlines()[-1].strip() == told


def test_a_search_can_be_kept_to_kinds_and_to_a_number(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Search"] = ([],)
    ask("search", "--kind", "option,package", "--limit", "3", "ssh")
    ask("search", "ssh")
    assert bus.calls == [
        ("luminous1", "Search", "ssh", {"limit": 3, "kinds": ["option", "package"]}),
        ("luminous1", "Search", "ssh", {"limit": 10}),
    ]


@pytest.mark.parametrize(
    ("kinds", "meant"),
    [
        (["packages"], ["package"]),
        (["option, package"], ["option", "package"]),
        (["Options,,packages,"], ["option", "package"]),
        (["option", "--kind", "command,option"], ["option", "command"]),
    ],
)
def test_kinds_are_read_as_people_write_them(
    bus: FakeBus, ask: Ask, kinds: list[str], meant: list[str]
) -> None:
    bus.answers["Search"] = ([],)
    ask("search", "ssh", "--kind", *kinds)
    assert bus.calls[0][3]["kinds"] == meant


@pytest.mark.parametrize("limit", ["0", "101", "1000", "-1"])
def test_a_number_that_no_search_finds_is_refused_with_the_bounds(ask: Ask, limit: str) -> None:
    said = ask("search", "--limit", limit, "ssh")
    assert said.code == ExitCode.USAGE
    assert "--limit is a number from 1 to 100" in said.err


def test_the_bounds_are_those_of_the_protocol(bus: FakeBus, ask: Ask) -> None:
    assert passages.MAX_LIMIT == MOST_FOUND
    assert f"1 to {MOST_FOUND}" in ask("--help").out
    bus.answers["Search"] = ([],)
    assert ask("search", "--limit", "100", "ssh").code == ExitCode.DONE


def test_a_search_without_words_shows_how_it_is_used(ask: Ask) -> None:
    said = ask("search", "--limit", "3")
    assert said.code == ExitCode.USAGE
    assert said.err.splitlines() == [
        "ask-nix: search takes words, for example: ask-nix search web browser",
        "Usage: ask-nix search [--limit N] [--kind KIND] [--why] WORDS...",
    ]


@pytest.mark.parametrize(
    "arguments",
    [("search", "--kind", "book", "x"), ("status", "--kind", "option"), ("--why", "find x")],
)
def test_what_means_nothing_there_is_refused(ask: Ask, arguments: tuple[str, ...]) -> None:
    assert ask(*arguments).code == ExitCode.USAGE


def test_the_kinds_are_those_of_the_protocol() -> None:
    assert KINDS == passages.KINDS


def test_a_sentence_that_asks_for_something_is_searched_for(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("search", query="browser"))
    bus.answers["Search"] = ([FIREFOX],)
    assert "firefox" in ask("find me a browser").out


def test_json_has_every_passage(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Search"] = ([FIREFOX],)
    assert ask("--json", "search", "browser").document()["passages"] == [FIREFOX]


def test_nothing_found_is_no_error_and_no_result(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Search"] = ([],)
    assert ask("search", "xyzzy") == (
        ExitCode.DONE,
        "",
        "Nothing was found. Try it in other words.\n",
    )


@pytest.mark.parametrize("answer", [([],), NotReady("There is nothing to search in yet.")])
def test_json_lists_no_passages_where_none_are_found(
    bus: FakeBus, ask: Ask, answer: object
) -> None:
    bus.answers["Search"] = answer
    said = ask("--json", "search", "xyzzy")
    assert said.document()["passages"] == []
    assert said.err == ""


def test_a_machine_without_an_index_says_so(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Search"] = NotReady("There is nothing to search in yet.")
    said = ask("search", "x")
    assert (said.code, "nothing to search in yet" in said.err) == (ExitCode.DAEMON_ABSENT, True)
