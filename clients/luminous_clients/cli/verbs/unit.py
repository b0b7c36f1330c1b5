"""The verb unit: whether a unit of systemd runs, and why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.document import underscored
from luminous_clients.cli.sheet import Sheet
from luminous_clients.cli.steps import title_of
from luminous_clients.cli.text import clean, count, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]


def run(session: Session) -> None:
    """Show the unit of the command line."""
    show(session, session.choices.words)


def show(session: Session, name: str) -> None:
    """Show how a unit is."""
    with session.document.timing("unit"):
        found = session.daemon.unit(name)
    session.document.add("unit", underscored(found))
    sheet = Sheet(session.terminal)
    about = clean(found["description"])
    sheet.tell("Unit", f"{found['name']}{f' ({about})' if about else ''}", style="bold")
    sheet.tell("State", _state(found), style="red" if found["failed"] else "")
    sheet.tell("At boot", _at_boot(found))
    sheet.tell("Ended", _ending(found))
    sheet.tell("Cause", f"Likely: {clean(found['cause'])}." if found["cause"] else "")
    sheet.tell("Log", *found["log"], style="dim")
    if found["log-withheld"]:
        sheet.tell(
            "Log", "not shown: the journal is for root and the groups adm, wheel, systemd-journal"
        )
    places = (f"{item['place']}  {found['option']}" for item in found["standings"])
    sheet.tell("Brought by", *places)
    sheet.tell("Now", *found["commands"])
    sheet.tell("For good", *(f"ask-nix {title_of(change)}" for change in found["changes"]))


def _state(found: Data) -> str:
    active, sub = clean(found["active"]), clean(found["sub"])
    shown = {"active": "runs" if sub == "running" else "active"}.get(active, active)
    more = f" ({sub})" if sub not in {"", active, "running", "dead"} else ""
    since = f" since {moment(int(found['since']))}" if found["since"] else ""
    restarts = int(found["restarts"])
    again = f", started again {count(restarts, 'time')}" if restarts else ""
    return f"{shown}{more}{since}{again}"


def _at_boot(found: Data) -> str:
    enabled = clean(found["enabled"])
    return {"enabled": "started", "disabled": "not started", "masked": "never started"}.get(
        enabled, ""
    )


def _ending(found: Data) -> str:
    ending, result = clean(found["ending"]), clean(found["result"])
    if not found["failed"]:
        return ""
    return ", ".join(filter(None, (ending, f"result: {result}" if result else "")))
