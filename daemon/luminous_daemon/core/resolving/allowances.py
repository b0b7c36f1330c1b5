"""Allowances: the narrowest exception that lets nixpkgs give a package out, or why none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import (
    INSECURE,
    UNFREE,
    Append,
    Drop,
    DropItem,
    Edit,
    Put,
    items_of,
    unfree_names,
)
from luminous_daemon.core.facts import Availability, PackageFacts
from luminous_daemon.core.resolving.situation import Resolution
from luminous_protocol.changes import AllowPackage, UnsetOption
from luminous_protocol.errors import NothingToDo, PackageRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luminous_daemon.core.definitions import Definition
    from luminous_protocol.changes import Change, Value
    from luminous_protocol.errors import EvaluationFailed


def refused_by(error: EvaluationFailed) -> PackageFacts | None:
    """Return the package that a configuration needs and nixpkgs refuses, if that has failed."""
    match error.details.get("refused"):
        case {"package": package, "name": name, "kind": kind, "reason": reason}:
            is_known = kind in {*Availability}
            availability = Availability(kind) if is_known else Availability.REFUSED
            return PackageFacts(name, availability, name, full_name=package, reason=reason)
    return None


def allow(facts: PackageFacts, definitions: Sequence[Definition]) -> Resolution:
    """Return what allowing a package comes to that something else needs."""
    edits = allowance_for(facts, definitions)
    return Resolution(
        edits,
        options=tuple(edit.option for edit in edits),
        notes=note_on(facts),
        is_dangerous=facts.availability is Availability.INSECURE,
    )


def refuse_unavailable(facts: PackageFacts) -> None:
    """Raise `PackageRefused` for what no exception makes available."""
    name = facts.attribute
    match facts.availability:
        case Availability.BROKEN:
            message = (
                f"{name} is marked as broken in nixpkgs: it does not build or does not "
                "work. Wait for an update, or look for another program."
            )
            raise PackageRefused(message, {"reason": "broken"})
        case Availability.UNSUPPORTED:
            message = f"{name} is not available for this kind of machine."
            raise PackageRefused(message, {"reason": "unsupported"})
        case Availability.REFUSED:
            raise PackageRefused(
                f"nixpkgs refuses {name}: {facts.reason}",
                {"package": name, "reason": facts.reason},
            )


def allowance_for(
    facts: PackageFacts, definitions: Sequence[Definition]
) -> tuple[Put | Append, ...]:
    """Return the narrowest exception that lets nixpkgs give the package out."""
    if facts.availability is Availability.UNFREE:
        return (_allowing(facts.name, definitions),)
    if facts.availability is Availability.INSECURE:
        return (Append(INSECURE, facts.full_name),)
    return ()


def note_on(facts: PackageFacts) -> tuple[str, ...]:
    """Return what a person is to know of a package that is allowed by exception."""
    match facts.availability:
        case Availability.UNFREE:
            licence = facts.reason or "unfree"
            note = (
                f"{facts.attribute} is unfree software (licence: {licence}). "
                "This plan allows this one package, and no other."
            )
        case Availability.INSECURE:
            note = (
                f"{facts.full_name} has known security holes: {facts.reason}. "
                "This plan allows this one version all the same."
            )
        case _:
            return ()
    return (note,)


def drop_allowance(facts: PackageFacts, definitions: Sequence[Definition]) -> tuple[Edit, ...]:
    """Return the edits that take back the exception that was made for a package alone."""
    if facts.name in unfree_names(definitions):
        return (_forbidding(facts.name, definitions),)
    if facts.full_name in items_of(definitions, INSECURE):
        return (DropItem(INSECURE, facts.full_name),)
    return ()


def _allowing(name: str, definitions: Sequence[Definition]) -> Put:
    names: list[Value] = [*dict.fromkeys((*unfree_names(definitions), name))]
    return Put(UNFREE, {"unfree": names})


def _forbidding(name: str, definitions: Sequence[Definition]) -> Edit:
    left: list[Value] = [other for other in unfree_names(definitions) if other != name]
    return Put(UNFREE, {"unfree": left}) if left else Drop(UNFREE)


def allow_unfree(name: str, definitions: Sequence[Definition]) -> Resolution:
    """Return what an exception by name comes to, as an undo makes it.

    Raises `NothingToDo`, and `InvalidChange` for what is no name of a package.
    """
    AllowPackage(name, "unfree")  # which raises where that is no name
    if name in unfree_names(definitions):
        raise NothingToDo(f"{name} is allowed already.")
    edits = (_allowing(name, definitions),)
    return Resolution(edits, options=(UNFREE,), summary=f"allow {name}")


def forbid_unfree(name: str, definitions: Sequence[Definition]) -> Resolution:
    """Return what taking back the exception of one name comes to. Raises `NothingToDo`."""
    if name not in unfree_names(definitions):
        raise NothingToDo(f"Luminous makes no exception for {name}.")
    edits = (_forbidding(name, definitions),)
    return Resolution(edits, options=(UNFREE,), summary=stops_allowing(name))


def stops_allowing(name: str) -> str:
    """Return what is said of an exception that goes."""
    return f"stop allowing {name}"


def still_needed(refused: PackageFacts, changes: Iterable[Change]) -> PackageRefused | None:
    """Return the error for a package that lacks an exception only as `changes` take some back."""
    option = {Availability.UNFREE: UNFREE, Availability.INSECURE: INSECURE}.get(
        refused.availability
    )
    if not any(isinstance(item, UnsetOption) and item.option == option for item in changes):
        return None
    name = refused.full_name or refused.name
    return PackageRefused(
        f"Your configuration needs {name} still, which nixpkgs gives out only with the exception "
        f"that this would take back. Take {refused.name} out first. Nothing was changed.",
        {"package": refused.name, "reason": str(refused.availability)},
    )
