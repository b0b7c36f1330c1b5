"""Fixtures for ask-nix: a scripted bus, and running the whole program against it."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from luminous_clients.cli.document import Document
from luminous_clients.cli.main import run
from luminous_clients.cli.terminal import Streams, Terminal
from luminous_clients.connection import Connection
from tests.unit.luminous_clients.fake_bus import FakeBus

if TYPE_CHECKING:
    from collections.abc import Callable


class Said(NamedTuple):
    """What a run has written, and its exit code."""

    code: int
    out: str
    err: str

    def document(self) -> dict[str, Any]:
        """Return standard output as the one JSON document that it must be."""
        data: dict[str, Any] = json.loads(self.out)
        return data


class Tty(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> FakeBus:
    """Give the bus that ask-nix finds."""
    fake = FakeBus()
    monkeypatch.setattr(Connection, "open", lambda: fake)
    return fake


@pytest.fixture
def ask(bus: FakeBus, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run ask-nix with arguments, as in a pipe."""

    def ask(*arguments: str) -> Said:
        code = run(arguments)
        assert bus.events == [], "the run ended before the script did"
        return Said(code, *capsys.readouterr())

    return ask


@pytest.fixture
def ask_on_terminal(bus: FakeBus, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Run ask-nix as on a plain terminal where `answer` is typed."""
    monkeypatch.setenv("TERM", "dumb")

    def ask(*arguments: str, answer: str = "") -> Said:
        streams = Streams(Tty(answer), Tty(), Tty())
        monkeypatch.setattr(
            Terminal,
            "standard",
            lambda *, is_quiet, wants_colour: Terminal(
                streams, is_quiet=is_quiet, wants_colour=wants_colour
            ),
        )
        code = run(arguments)
        assert bus.events == [], "the run ended before the script did"
        return Said(code, streams.out.getvalue(), streams.err.getvalue())  # type: ignore[attr-defined] # they are StringIO

    return ask


@pytest.fixture
def document() -> Document:
    """Give an empty document."""
    return Document()


@pytest.fixture
def contract() -> dict[tuple[str, str], str]:
    """Give the input signature of each method in the introspection files."""
    found = {}
    for file in files("luminous_protocol").joinpath("introspection").iterdir():
        if not file.name.endswith(".xml"):
            continue
        for interface in ET.fromstring(file.read_text(encoding="utf-8")):  # noqa: S314 - our own file
            for method in interface.iter("method"):
                types = [a.attrib["type"] for a in method.iter("arg") if a.get("direction") == "in"]
                found[interface.attrib["name"], method.attrib["name"]] = "".join(types)
    return found
