"""The verb health: what of this machine wants attention, and what would mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.columns import aligned
from luminous_clients.cli.document import underscored
from luminous_clients.cli.text import clean, count
from luminous_clients.errors import Unwell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_STYLES = {"critical": "red", "warning": "yellow", "unknown": "yellow", "note": "dim"}
_UNKNOWN = "unknown"
_SERIOUS = frozenset({"critical", "warning"})


def run(session: Session) -> None:
    """Show what wants attention. Raises `Unwell` where not only notes are found."""
    judge(session, show(session))


def show(session: Session) -> Sequence[Data]:
    """Show what wants attention, with what would mend it, and return it."""
    with session.document.timing("health"):
        findings = session.daemon.health()
    session.document.add("findings", [underscored(finding) for finding in findings])
    for line, finding in zip(aligned([*map(_row, findings)]), findings, strict=True):
        severity = str(finding["severity"])
        session.terminal.say(session.terminal.paint(line, _STYLES.get(severity, "")))
        if finding["command"]:
            session.terminal.say(f"          {clean(finding['command'])}")
    return findings


def judge(session: Session, findings: Sequence[Data]) -> None:
    """Say how well the machine is. Raises `Unwell` where not only notes are found."""
    serious = [finding for finding in findings if finding["severity"] in _SERIOUS]
    unknown = [finding for finding in findings if finding["severity"] == _UNKNOWN]
    if serious or unknown:
        raise Unwell(_verdict(len(serious), len(unknown)))
    session.answer("Nothing else wants attention." if findings else "All is well.")


def _verdict(serious: int, unknown: int) -> str:
    wanting = f"{count(serious, 'thing')} {'wants' if serious == 1 else 'want'} attention"
    missing = f"{count(unknown, 'thing')} {'is' if unknown == 1 else 'are'} not known"
    if not unknown:
        return f"{wanting}."
    return f"{wanting if serious else 'Nothing known wants attention'}, and {missing}."


def _row(finding: Data) -> tuple[str, str]:
    return clean(finding["severity"]), clean(finding["text"])
