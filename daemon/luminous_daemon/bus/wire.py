"""From types to what travels: plain dicts with the keys and names of the contract."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.redaction import redact_changes
from luminous_daemon.core.understanding import reasons_of
from luminous_protocol.changes import change_to_dict
from luminous_protocol.errors import InvalidChange
from luminous_protocol.requests import changes_for
from luminous_protocol.variants import Typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luminous_daemon.core.auditing import Verification
    from luminous_daemon.core.describing import OptionAnswer, PackageAnswer, Standing
    from luminous_daemon.core.descriptions import Below
    from luminous_daemon.core.ports import Generation
    from luminous_daemon.core.records import Record
    from luminous_protocol.diagnosis import Diagnosis
    from luminous_protocol.errors import Detail
    from luminous_protocol.indexing import IndexReport
    from luminous_protocol.intents import Intent
    from luminous_protocol.passages import Child, Named, Passage
    from luminous_protocol.plan import Plan, UnitEffects
    from luminous_protocol.transaction import Progress, Result

Dict = dict[str, Any]

_DEEPEST = 4
"""Levels. The bus ends the connection of who nests much more."""
_LARGEST = 2**63
_MOST_FAILURES = 100
_LONGEST = 1000
_SENTENCES = ("kind", "summary", "cause")
_LISTS = ("excerpt", "advice", "suggestions")
"""What a diagnosis has of texts, and of lists of them."""


def intent_to_dict(intent: Intent, speaker: str, *, is_explained: bool = False) -> Dict:
    """Return an intent with the changes that it asks for, ready for `System.Plan`."""
    try:
        changes = changes_for(intent, speaker)
    except InvalidChange:
        changes = ()
    return {
        "kind": intent.kind.value,
        "slots": dict(intent.slots),
        "confidence": float(intent.confidence),
        "explanation": intent.explanation,
        "alternatives": [intent_to_dict(item, speaker) for item in intent.alternatives],
        "changes": [change_to_dict(change) for change in changes],
        "grounds": dict(intent.grounds),
        **({"reasons": [asdict(one) for one in reasons_of(intent)]} if is_explained else {}),
    }


def plan_to_properties(plan: Plan) -> Dict:
    """Return the properties of `org.luminous1.Plan` that a prepared plan has."""
    return {
        "Id": plan.id,
        "Summary": plan.summary,
        "Risk": plan.risk.value,
        "Changes": [change_to_dict(change) for change in plan.changes],
        "ConfigurationDiff": plan.configuration_diff,
        "Packages": [asdict(package) for package in plan.packages],
        "Options": [asdict(option) for option in plan.options],
        "OptionsProblem": plan.options_problem,
        "Closure": {
            **asdict(plan.closure),
            "builds": list(plan.closure.builds),
            "fetched": list(plan.closure.fetched),
        },
        "Space": [asdict(room) for room in plan.rooms],
        "Units": units_to_dict(plan.units),
        "Generations": list(plan.generations),
        "GenerationDates": list(plan.generation_dates),
        "Roots": [asdict(item) for item in plan.keepers],
        "RebootRequired": plan.reboot_required,
        "RebootReason": plan.reboot_reason,
        "SwitchInhibitors": [asdict(item) for item in plan.inhibitors],
        "Warnings": list(plan.warnings),
        "Action": str(plan.action),
        "Expires": plan.expires,
    }


def units_to_dict(units: UnitEffects) -> dict[str, list[str]]:
    """Return unit names by effect."""
    return {effect: list(names) for effect, names in asdict(units).items()}


def generation_to_dict(generation: Generation, record: Record | None) -> Dict:
    """Return a generation, with the words that made it where Luminous did.

    What is false or empty is left out: there may be hundreds of them, and it is most of it.
    """
    described = {
        "number": generation.number,
        "date": generation.date,
        "nixos-version": generation.nixos_version,
        "kernel": generation.kernel,
        "configuration-revision": generation.configuration_revision,
        "specialisations": list(generation.specialisations),
        "toplevel": generation.toplevel,
        "current": generation.is_current,
        "booted": generation.is_booted,
        "default": generation.is_default,
        "words": record.words or record.summary if record else "",
        "user": record.user if record else "",
    }
    return {key: value for key, value in described.items() if value}


def progress_to_dict(progress: Progress, line: str) -> Dict:
    """Return the detail of a progress signal."""
    return {
        "done": progress.done,
        "expected": progress.expected,
        "running": progress.running,
        "package": progress.package,
        "line": line,
    }


def result_to_dict(result: Result, details: dict[str, Any]) -> Dict:
    """Return a transaction's result."""
    return {
        "running": result.running,
        "default": result.default,
        "toplevel": result.toplevel,
        "put-back": result.put_back,
        "error": result.error,
        "message": result.message,
        "log": list(result.log),
        "freed": result.freed,
        "closure-before": result.closure_before,
        "closure-after": result.closure_after,
        "details": details,
    }


def record_to_dict(record: Record, path: str) -> Dict:
    """Return a transaction of the past."""
    return {
        "id": record.id,
        "path": path,
        "summary": record.summary,
        "words": record.words,
        "caller": record.uid,
        "user": record.user,
        "started": record.started,
        "finished": record.finished,
        "state": record.state,
        "message": record.message,
        "error": record.error,
        "changes": list(redact_changes(record.changes)),
        "undoable": record.is_undoable,
        "undoes": record.undoes,
        "generation": record.generation,
    }


def entry_to_dict(entry: Mapping[str, Any]) -> Dict:
    """Return an entry of the audit record. Nothing is what D-Bus has no value for."""
    return {key: _without_none(value) for key, value in entry.items() if value is not None}


def _without_none(value: Any) -> Any:  # noqa: ANN401 - any value that JSON has
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value if item is not None]
    return value


def verification_to_dict(found: Verification) -> Dict:
    """Return what is true of the audit record."""
    return {"intact": not found.problem, **asdict(found)}


def passage_to_dict(passage: Passage) -> Dict:
    """Return a passage, whose text is whatever somebody once wrote somewhere."""
    return {key: _carried(value) for key, value in asdict(passage).items()}


def named_to_dict(found: Named) -> Dict:
    """Return what there is under a name."""
    passage = {"passage": passage_to_dict(found.passage)} if found.passage else {}
    return {**passage, "below": _listed(found.below)}


def diagnosis_to_dict(found: Diagnosis) -> Dict:
    """Return what an error message means; its texts are a stranger's, and bounded."""
    place, texts = found.place, {key: getattr(found, key)[:_LONGEST] for key in _SENTENCES}
    lists = {key: getattr(found, key)[:_MOST_FAILURES] for key in _LISTS}
    return {
        **{key: readable(text) for key, text in texts.items()},
        **{key: [readable(item[:_LONGEST]) for item in items] for key, items in lists.items()},
        "place": Typed("a{sv}", _carried(asdict(place)) if place else {}),
        "names": Typed("a{ss}", {readable(k): readable(v) for k, v in found.names.items()}),
        "repairs": Typed("aa{sv}", [_carried(dict(change)) for change in found.repairs]),
        "confidence": float(found.confidence),
    }


def index_to_dict(status: Mapping[str, Any]) -> Dict:
    """Return what another process tells of its index, as far as D-Bus can carry it."""
    return {readable(key): _carried(value) for key, value in status.items() if value is not None}


def option_to_dict(answer: OptionAnswer) -> Dict:
    """Return an option as it stands on this machine; its texts are NixOS's and the machine's."""
    found = answer.found
    described = {
        "name": found.name,
        "is-set-of-options": not found.exists,
        "alias": answer.alias,
        "type": found.type,
        "default": found.default,
        "example": found.example,
        "description": found.description,
        "declarations": list(found.declarations),
        "read-only": found.is_read_only,
        "value": answer.value,
        "withheld": answer.is_withheld,
        "problem": found.problem,
    }
    return {
        **_carried(described),
        "definitions": _listed(answer.definitions),
        "overridden": _listed(answer.overridden),
        "below": _listed(found.below),
    }


def package_to_dict(answer: PackageAnswer) -> Dict:
    """Return a package as it stands on this machine."""
    found, facts = answer.found, answer.found.facts
    described = {
        "name": facts.attribute,
        "pname": facts.name,
        "version": facts.version,
        "availability": facts.availability.value,
        "reason": facts.reason,
        "description": found.description,
        "homepage": found.homepage,
        "licences": list(found.licences),
        "program": found.program,
        "position": found.position,
        "unfree": found.is_unfree,
        "broken": found.is_broken,
        "insecure": found.is_insecure,
        "switches": list(answer.switches),
    }
    return {**_carried(described), "installed": _listed(answer.installed)}


def _listed(items: Iterable[Standing | Below | Child]) -> Typed:
    """Return records in the type of the contract, also where there are none."""
    return Typed("aa{sv}", [_carried(asdict(item)) for item in items])


def report_to_details(report: IndexReport) -> dict[str, Detail]:
    """Return what came of indexing, as details of a result."""
    failures = list(report.failures.items())[:_MOST_FAILURES]
    return {
        "documents": {readable(kind): str(count) for kind, count in report.documents.items()},
        "failures": {
            readable(source[:_LONGEST]): readable(reason[:_LONGEST]) for source, reason in failures
        },
    }


def _carried(value: Any, depth: int = 1) -> Any:  # noqa: ANN401 - any value of a frame
    match value:
        case str():
            return readable(value)
        case int() if not -_LARGEST <= value < _LARGEST:
            return float(value)
        case dict() | list() | tuple() if depth >= _DEEPEST:
            return readable(str(value))
        case dict():
            inner = {readable(key): item for key, item in value.items() if item is not None}
            return {key: _carried(item, depth + 1) for key, item in inner.items()}
        case list() | tuple():
            return [_carried(item, depth + 1) for item in value if item is not None]
    return value


def readable(text: str) -> str:
    """Return `text` without what drives terminals, or ends the connection to the bus."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in text)
