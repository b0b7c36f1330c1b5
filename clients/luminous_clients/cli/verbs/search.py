"""The verb search: the options, packages and passages of manuals that may be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.columns import aligned
from luminous_clients.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

DEFAULT_LIMIT = 10
_TITLES = ("KIND", "NAME", "ABOUT")
_LONGEST = 72


def run(session: Session) -> None:
    """Search for the words of the command line."""
    show(session, session.choices.words)


def show(session: Session, words: str) -> None:
    """List what is found for some words, the best first."""
    with session.document.timing("search"):
        found = session.daemon.search(words, session.choices.limit or DEFAULT_LIMIT)
    session.document.add("passages", found)
    if not found:
        session.terminal.say("Nothing was found. Try it in other words.")
        return
    for number, line in enumerate(aligned([_TITLES, *map(_row, found)])):
        session.terminal.say(session.terminal.paint(line, "dim") if number == 0 else line)


def _row(passage: Data) -> tuple[str, ...]:
    about = clean(passage.get("text", ""))
    if len(about) > _LONGEST:
        about = about[: _LONGEST - 1].rstrip() + "…"
    return clean(passage.get("kind", "")), clean(passage.get("title", "")), about
