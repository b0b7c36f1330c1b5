"""The verb search: the options, packages and passages of manuals that may be meant.

On a terminal each has a heading and some lines. Elsewhere each is one line, its fields apart by
tabs: kind, name, type or version, place, text, and with --why what matched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.prose import cut, fold, in_one_line, short_path, shorten
from luminous_clients.cli.text import clean
from luminous_clients.cli.verbs.package import FLAWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

DEFAULT_LIMIT = 10
_INDENT = 9
_LINES = 2
_LONGEST_FACT = 40


def run(session: Session) -> None:
    """Search for the words of the command line."""
    show(session, session.choices.words)


def show(session: Session, words: str) -> None:
    """List what is found for some words, the best first."""
    choices, say = session.choices, session.terminal.say
    with session.document.timing("search"):
        found = session.daemon.search(words, choices.limit or DEFAULT_LIMIT, choices.kind)
    session.document.add("passages", found)
    if not found:
        say("Nothing was found. Try it in other words.")
    for passage in found:
        if session.terminal.width:
            _draw(session, passage)
        else:
            say("\t".join(_fields(passage, is_explained=choices.why)))


def _fields(passage: Data, *, is_explained: bool) -> list[str]:
    fields = [
        clean(passage.get("kind", "")),
        clean(passage.get("title", "")),
        _fact(passage),
        _place(passage),
        in_one_line(passage.get("text", "")),
    ]
    return [*fields, _why(passage)] if is_explained else fields


def _draw(session: Session, passage: Data) -> None:
    terminal = session.terminal
    kind, title, fact, place, text = _fields(passage, is_explained=False)
    head = f"{terminal.paint(kind.ljust(_INDENT), 'cyan')}{terminal.paint(title, 'bold')}"
    terminal.say(f"{head}  {terminal.paint(shorten(fact, _LONGEST_FACT), 'dim')}" if fact else head)
    for line in cut(fold(text, terminal.width - _INDENT), _LINES):
        terminal.say(" " * _INDENT + line)
    told = [place] if kind not in {"option", "package"} else []
    if session.choices.why:
        told.append(_why(passage))
    for line in filter(None, told):
        terminal.say(" " * _INDENT + terminal.paint(line, "dim"))


def _fact(passage: Data) -> str:
    """Return the type of an option, or the version of a package and what is wrong with it."""
    facts = passage.get("facts", {})
    flaws = [flaw for flaw in FLAWS if facts.get(flaw) == "true"]
    return clean(" ".join(filter(None, (facts.get("type"), facts.get("version"), *flaws))))


def _place(passage: Data) -> str:
    """Return where to read on: the address of a manual or a package, or a file and its line."""
    source, line = passage.get("source", ""), passage.get("line", 0)
    file = f"{source}:{line}" if source and line else source
    address = "" if passage.get("kind") == "option" else passage.get("address", "")
    return clean(address) or short_path(file)


def _why(passage: Data) -> str:
    reasons = ", ".join(passage.get("why", ()))
    return clean(f"matched by {reasons}") if reasons else ""
