"""The lines of a Nix file in which an option is defined, as its syntax tree shows."""

from __future__ import annotations

from luminous_daemon.configuration.modules import line_of, modules_of, places_of
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.scope import TooMuch
from luminous_daemon.configuration.syntax import parse
from luminous_daemon.configuration.tokens import NotNix
from luminous_protocol.changes import split_option

_MAX_BYTES = 128 * 1024
"""The largest file that is read; those that people write are a fraction of it."""


def lines_of(content: bytes, option: str) -> list[int]:
    """Return the lines of the definitions that count always, or of all where none does.

    What is only set in parts is defined from its first one on.
    """
    if len(content) > _MAX_BYTES:
        return []
    try:
        tree = parse(content.decode())
        places = places_of(tree, modules_of(tree), split_option(option))
    except (NotNix, NotEditable, TooMuch, UnicodeDecodeError):
        return []
    found = [definition.binding for definition in places.active or places.definitions]
    return sorted(line_of(tree.text, binding.start) for binding in found or places.parts[:1])
