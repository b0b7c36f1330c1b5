"""Commands: what people type is an answer too, and what is told of `ask-nix` is true."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from luminous_clients.cli.arguments import parse
from luminous_protocol.grammar.recogniser import recognise
from tests.unit.luminous_mind.knowledge.shelf import found

ENTRIES = tomllib.loads((files("luminous_mind") / "data/commands.toml").read_text())["command"]
ALL = sorted({command for entry in ENTRIES for command in entry["run"]})
INSTEAD = {"<number>": "7", "<days>": "30d", "<words>": "install hello", "<name>": "boot.tmp"}


@pytest.mark.parametrize(
    ("query", "command"),
    [
        ("what would happen if I rebuild, show me first", "ask-nix --dry-run <words>"),
        ("my web server's unit has crashed, where is its log", "systemctl status <service>"),
        ("the store takes too much of the disk, delete what is old", "ask-nix gc"),
        ("use a tool for once without installing it", "nix shell nixpkgs#<package>"),
        ("go back to generation 12", "ask-nix rollback <number>"),
    ],
)
def test_a_command_answers_what_it_is_for(query: str, command: str) -> None:
    assert f"command:{command}" in found(query)[:3]


def test_a_command_is_found_by_its_own_beginning() -> None:
    assert found("nix flake up", "command")[0] == "command:nix flake update"


def test_who_asks_for_options_gets_no_command() -> None:
    assert all(item.startswith("option:") for item in found("undo the last update", "option"))


@pytest.mark.parametrize("command", [item for item in ALL if item.startswith("ask-nix ")])
def test_what_is_told_of_ask_nix_is_understood_by_it(command: str) -> None:
    words = re.sub(r"<\w+>", lambda match: INSTEAD[match[0]], command).split()[1:]
    chosen = parse(words)
    assert chosen.verb or recognise(chosen.words).intents


def test_every_command_says_what_it_does_and_is_told_once_as_the_usual_one() -> None:
    usual = [entry["run"][0] for entry in ENTRIES]
    assert len(set(usual)) == len(usual)
    assert all(entry["about"].endswith((".", '"')) for entry in ENTRIES)
