"""From explanations to what travels: plain dicts with the keys of `org.luminous1.Explain`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from luminous_daemon.bus.wire import readable
from luminous_protocol.changes import change_to_dict
from luminous_protocol.variants import Typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luminous_daemon.core.explaining.checkup import Finding
    from luminous_daemon.core.explaining.disk import DiskReport
    from luminous_daemon.core.explaining.presence import Presence
    from luminous_daemon.core.explaining.unit import UnitReport
    from luminous_protocol.changes import Change

Dict = dict[str, Any]


def presence_to_dict(presence: Presence) -> Dict:
    """Return why something is here."""
    weight = presence.weight
    return {
        "name": presence.name,
        "kind": presence.kind,
        "version": presence.version,
        "value": readable(presence.value),
        "withheld": presence.is_withheld,
        "present": presence.is_there,
        "problem": readable(presence.problem),
        "standings": _records({"place": s.place, "value": s.value} for s in presence.standings),
        "via": presence.via,
        "chain": _texts(presence.chain),
        "own-size": weight.own if weight else -1,
        "closure-size": weight.closure if weight else -1,
        "exclusive-size": weight.exclusive if weight else -1,
        "users": _texts(presence.users),
        "changes": _changes(presence.changes),
    }


def disk_to_dict(report: DiskReport) -> Dict:
    """Return what fills the disks."""
    return {
        "file-systems": _records(asdict(item) for item in report.file_systems),
        "store": report.store,
        "roots": _records(asdict(item) for item in report.keepers),
        "generations": report.generations,
        "deletable": Typed("at", list(report.deletable)),
        "freed": report.freed,
        "journal": report.journal,
        "folders": _records({"path": item.path, "size": item.size} for item in report.folders),
        "other-homes": report.other_homes,
        "hidden-homes": report.hidden_homes,
        "uncounted": report.uncounted,
        "changes": _changes(report.changes),
    }


def unit_to_dict(report: UnitReport) -> Dict:
    """Return how a unit is."""
    state = report.state
    return {
        "name": state.name,
        "description": readable(state.description),
        "load": state.load,
        "active": state.active,
        "sub": state.sub,
        "enabled": state.enabled,
        "result": state.result,
        "ending": report.ending,
        "since": state.since,
        "restarts": state.restarts,
        "pid": state.pid,
        "failed": report.has_failed,
        "cause": readable(report.cause),
        "log": _texts(report.log),
        "log-withheld": report.is_log_withheld,
        "commands": _texts(report.commands),
        **_switch(report.switch),
    }


def _switch(switch: Presence | None) -> Dict:
    """Return the option that brings a unit, and what would switch it off."""
    standings = switch.standings if switch else ()
    return {
        "option": switch.name if switch else "",
        "standings": _records({"place": s.place, "value": s.value} for s in standings),
        "changes": _changes(switch.changes if switch else ()),
    }


def finding_to_dict(finding: Finding) -> Dict:
    """Return one thing that wants attention."""
    return {
        "severity": finding.severity.value,
        "topic": finding.topic,
        "text": readable(finding.text),
        "command": finding.command,
        "changes": _changes(finding.changes),
    }


def _changes(changes: Iterable[Change]) -> Typed:
    return Typed("aa{sv}", [change_to_dict(change) for change in changes])


def _records(items: Iterable[Dict]) -> Typed:
    """Return records in the type of the contract, also where there are none."""
    return Typed("aa{sv}", [_shown(item) for item in items])


def _shown(item: Dict) -> Dict:
    return {
        key: readable(value) if isinstance(value, str) else value for key, value in item.items()
    }


def _texts(items: Iterable[str]) -> Typed:
    return Typed("as", [readable(item) for item in items])
