"""The verb search: the options, packages and passages of manuals that may be meant.

On a terminal each has a heading and some lines. Elsewhere each is one line, its fields apart by
tabs: kind, name, fact, place, text, and with --why what matched. The fact is an option's type, a
package's version, or other commands that do the same, with semicolons between them.
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
_MOST_OTHERS = 3
_OTHER = "Also: "
"""What the lines of a command's text begin with that name another one."""
_SELF_EVIDENT = ("option", "package", "command")
"""Kinds of which the place tells a reader nothing more."""


def run(session: Session) -> None:
    """Search for the words of the command line."""
    show(session, session.choices.words)


def show(session: Session, words: str) -> None:
    """List what is found for some words, the best first."""
    choices, say = session.choices, session.terminal.say
    session.document.add("passages", [])
    with session.document.timing("search"):
        found = session.daemon.search(words, choices.limit or DEFAULT_LIMIT, choices.kind)
    session.document.add("passages", found)
    if not found:
        session.terminal.complain("Nothing was found. Try it in other words.")
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
        in_one_line(_split(passage)[0]),
    ]
    return [*fields, _why(passage)] if is_explained else fields


def _draw(session: Session, passage: Data) -> None:
    terminal = session.terminal
    kind, title, fact, place, text = _fields(passage, is_explained=False)
    others = _split(passage)[1]
    fact = "" if others else fact  # too long for the heading
    head = f"{terminal.paint(kind.ljust(_INDENT), 'cyan')}{terminal.paint(title, 'bold')}"
    terminal.say(f"{head}  {terminal.paint(shorten(fact, _LONGEST_FACT), 'dim')}" if fact else head)
    for line in cut(fold(text, terminal.width - _INDENT), _LINES):
        terminal.say(" " * _INDENT + line)
    for other in others[:_MOST_OTHERS]:
        terminal.say(" " * _INDENT + _OTHER + other)
    told = [place] if kind not in _SELF_EVIDENT else []
    if session.choices.why:
        told.append(_why(passage))
    for line in filter(None, told):
        terminal.say(" " * _INDENT + terminal.paint(line, "dim"))


def _fact(passage: Data) -> str:
    """Return a type, a version and what is wrong with the package, or the other commands."""
    others = _split(passage)[1]
    if others:
        return "; ".join(others)
    facts = passage.get("facts", {})
    flaws = [flaw for flaw in FLAWS if facts.get(flaw) == "true"]
    return clean(" ".join(filter(None, (facts.get("type"), facts.get("version"), *flaws))))


def _split(passage: Data) -> tuple[str, list[str]]:
    """Return the text of a passage; of a command without the others that do the same, and these."""
    lines = str(passage.get("text", "")).split("\n")
    if passage.get("kind") != "command":
        return "\n".join(lines), []
    others = [clean(line.removeprefix(_OTHER)) for line in lines if line.startswith(_OTHER)]
    return "\n".join(line for line in lines if not line.startswith(_OTHER)), others


def _place(passage: Data) -> str:
    """Return where to read on: the address of a manual or a package, or a file and its line."""
    source, line = passage.get("source", ""), passage.get("line", 0)
    file = f"{source}:{line}" if source and line else source
    address = "" if passage.get("kind") == "option" else passage.get("address", "")
    return clean(address) or short_path(file)


def _why(passage: Data) -> str:
    reasons = ", ".join(passage.get("why", ()))
    return clean(f"matched by {reasons}") if reasons else ""
