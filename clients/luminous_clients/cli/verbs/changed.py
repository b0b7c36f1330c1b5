"""The verb what-changed: packages, options and services since a moment, and who asked for it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.columns import aligned
from luminous_clients.cli.document import effects_data, underscored
from luminous_clients.cli.text import clean, moment
from luminous_clients.cli.times import generation_in, moment_in
from luminous_clients.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]


def run(session: Session) -> None:
    """Show what changed since the moment of the command line, or with the last generation."""
    show(session, session.choices.words)


def show(session: Session, since: str) -> None:
    """Show what changed since a moment that people name."""
    options = _options(since)
    with session.document.timing("changes"):
        found = session.daemon.changes(**options)
    from luminous_clients.plans import read_comparison  # noqa: PLC0415 - as in the verb diff

    comparison = read_comparison(found["comparison"])
    data = {"before": comparison.before, "after": comparison.after}
    session.document.add("comparison", data | effects_data(comparison.effects))
    shown = {key: found[key] for key in ("since", "before", "after", "cut-short")}
    done = [underscored(item) for item in found["transactions"]]
    session.document.add("changed", underscored(shown) | {"transactions": done})
    if comparison.before == comparison.after:
        session.answer(_nothing(found))
    elif not session.terminal.is_quiet:
        _tell_cut(session, found)
        from luminous_clients.cli.drawing import draw_comparison, put  # noqa: PLC0415 - rich

        put(session.terminal, lambda width: draw_comparison(comparison, width))
    _tell_asked(session, found)


def _options(since: str) -> dict[str, int]:
    if not since.strip():
        return {}
    if generation := generation_in(since):
        return {"generation": generation}
    try:
        return {"since": moment_in(since, datetime.now().astimezone())}
    except (ValueError, OverflowError):
        raise UsageError(
            f"{clean(since)!r} is no time that is understood; for example: ask-nix what-changed "
            "since tuesday · yesterday · 3 days ago · 2026-01-31 · generation 41",
            {"usage": "ask-nix what-changed [SINCE...]"},
        ) from None


def _nothing(found: Data) -> str:
    if found["cut-short"]:
        return (
            f"Generation {found['after']} is the oldest that is left, so nothing older can be "
            "compared."
        )
    since = moment(int(found["since"]))
    return f"Nothing has changed since {since}: generation {found['after']} was there already."


def _tell_cut(session: Session, found: Data) -> None:
    if found["cut-short"]:
        session.terminal.say(
            f"Generation {found['before']} is the oldest that is left; this is since then."
        )


def _tell_asked(session: Session, found: Data) -> None:
    rows = [_asked(item) for item in found["transactions"]]
    for number, line in enumerate(aligned(rows)):
        label = "Asked" if not number else ""
        session.terminal.say(session.terminal.paint(label.ljust(12), "dim") + line)


def _asked(item: Data) -> tuple[str, str, str]:
    words = clean(item.get("words", "")) or clean(item.get("summary", ""))
    when = int(item.get("finished", 0) or item.get("started", 0))
    return moment(when), clean(item.get("user", "")), f"“{words}”"
