"""The lines of a Nix file in which an option is defined, as its syntax tree shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.configuration.modules import line_of, modules_of, places_of
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.scope import TooMuch
from luminous_daemon.configuration.syntax import parse
from luminous_daemon.configuration.tokens import NotNix
from luminous_protocol.changes import split_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_daemon.configuration.modules import Definition

_MAX_BYTES = 128 * 1024
"""The largest file that is read; those that people write are a fraction of it."""


def lines_of(content: bytes, option: str) -> list[int]:
    """Return the lines of the definitions that count always, or of all where none does."""
    if len(content) > _MAX_BYTES:
        return []
    try:
        tree = parse(content.decode())
        places = places_of(tree, modules_of(tree), split_option(option))
    except (NotNix, NotEditable, TooMuch, UnicodeDecodeError):
        return []
    definitions = places.active or places.definitions
    return sorted(_lines(tree.text, definitions))


def _lines(text: str, definitions: list[Definition]) -> Iterator[int]:
    for definition in definitions:
        yield line_of(text, definition.binding.start)
