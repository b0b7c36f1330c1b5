"""Installing and removing packages: the option that NixOS prefers, exceptions, refusals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import (
    INSECURE,
    SYSTEM_PACKAGES,
    UNFREE,
    Append,
    Drop,
    DropItem,
    Edit,
    Put,
    is_defined,
    items_of,
    package,
)
from luminous_daemon.core.facts import Availability, PackageFacts
from luminous_daemon.core.resolving.options import enable_candidates
from luminous_daemon.core.resolving.situation import (
    Resolution,
    Situation,
    Standing,
    first_switch,
    place_in_file,
    place_value,
)
from luminous_protocol.changes import AddPackage, SetOption
from luminous_protocol.errors import NothingToDo, PackageRefused, UnknownPackage

if TYPE_CHECKING:
    from luminous_protocol.changes import Change, Value

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def program_options(name: str) -> tuple[str, ...]:
    """Return the options that NixOS may prefer to installing the package `name`."""
    return (f"programs.{name}.enable",) if _PLAIN_NAME.fullmatch(name) else ()


def service_options(name: str) -> tuple[str, ...]:
    """Return the options that may run the package `name` as a service."""
    if not _PLAIN_NAME.fullmatch(name):
        return ()
    return (f"services.{name}.enable", f"virtualisation.{name}.enable")


def add_package(name: str, situation: Situation) -> Resolution:
    """Return what installing `name` comes to."""
    facts = situation.facts.packages[name]
    _refuse_unavailable(facts)
    switch = first_switch(program_options(name), situation.facts)
    if switch and switch.value is True:
        raise NothingToDo(f"{name} is installed already ({switch.name} is true).")
    if facts.is_installed or package(name) in items_of(situation.definitions, SYSTEM_PACKAGES):
        raise NothingToDo(f"{name} is installed already.")
    exception = _exception_for(facts, situation)
    notes = _note_on_exception(facts)
    service = first_switch(service_options(name), situation.facts)
    if service and service.value is not True and not switch:
        notes += (f"{name} is installed, not started. To run it: ask-nix enable {name}",)
    placements = place_value(switch, True, situation) if switch else ()  # noqa: FBT003 - the value that the option gets
    if switch:
        put = () if placements else (Put(switch.name, value=True),)
        edits: tuple[Edit, ...] = (*exception, *put)
        options = (switch.name, *(edit.option for edit in exception))
    else:
        edits = (*exception, Append(SYSTEM_PACKAGES, package(name)))
        options = (SYSTEM_PACKAGES, *(edit.option for edit in exception))
    return Resolution(
        edits,
        placements,
        options,
        f"install {_named(facts)}",
        notes,
        is_dangerous=facts.availability is Availability.INSECURE,
    )


def _named(facts: PackageFacts) -> str:
    return f"{facts.attribute} {facts.version}".rstrip()


def _refuse_unavailable(facts: PackageFacts) -> None:
    match facts.availability:
        case Availability.UNKNOWN:
            raise _unknown(facts.attribute)
        case Availability.BROKEN:
            message = (
                f"{facts.attribute} is marked as broken in nixpkgs: it does not build or does not "
                "work. Wait for an update, or look for another program."
            )
            raise PackageRefused(message, {"reason": "broken"})
        case Availability.UNSUPPORTED:
            message = f"{facts.attribute} is not available for this kind of machine."
            raise PackageRefused(message, {"reason": "unsupported"})
        case Availability.REFUSED:
            raise PackageRefused(
                f"nixpkgs refuses {facts.attribute}: {facts.reason}", {"reason": facts.reason}
            )


def _unknown(name: str) -> UnknownPackage:
    return UnknownPackage(f"There is no package called {name!r}.", {"package": name})


def _exception_for(facts: PackageFacts, situation: Situation) -> tuple[Put | Append, ...]:
    """Return the narrowest exception that lets nixpkgs give the package out."""
    if facts.availability is Availability.UNFREE:
        allowed = [
            name
            for line in situation.definitions
            if line.option == UNFREE and isinstance(line.value, dict)
            for name in _texts(line.value.get("unfree"))
        ]
        names: list[Value] = [*allowed, facts.name]
        return (Put(UNFREE, {"unfree": list(dict.fromkeys(map(str, names)))}),)
    if facts.availability is Availability.INSECURE:
        return (Append(INSECURE, facts.full_name),)
    return ()


def _texts(value: Value) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _note_on_exception(facts: PackageFacts) -> tuple[str, ...]:
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


def remove_package(name: str, situation: Situation) -> Resolution:
    """Return what removing `name` comes to."""
    definitions = situation.definitions
    if package(name) in items_of(definitions, SYSTEM_PACKAGES):
        edits: list[Edit] = [DropItem(SYSTEM_PACKAGES, package(name))]
        edits += _drop_exception(name, situation)
        return Resolution(tuple(edits), (), (SYSTEM_PACKAGES,), f"remove {name}")
    for option in program_options(name):
        if is_defined(definitions, option):
            edits = [Drop(option), *_drop_exception(name, situation)]
            return Resolution(tuple(edits), (), (option,), f"remove {name}")
    facts = situation.facts.packages[name]
    switch = first_switch(program_options(name), situation.facts)
    if switch and switch.value is True:
        what = f"{name} is switched on by {switch.name}"
        inverse: Change = SetOption(switch.name, value=True)
        drop, standing = Drop(switch.name), Standing(what, switch.files, switch.name)
        placements = place_in_file(standing, drop, inverse, situation)
        return Resolution((), placements, (switch.name,), f"remove {name}")
    if facts.is_installed:
        item = DropItem(SYSTEM_PACKAGES, package(name))
        standing = Standing(f"{name} is installed", facts.files, name)
        placements = place_in_file(standing, item, AddPackage(name), situation)
        return Resolution((), placements, (SYSTEM_PACKAGES,), f"remove {name}")
    if facts.availability is Availability.UNKNOWN:
        raise _switched_on(name, situation) or _unknown(name)
    raise NothingToDo(f"{name} is not installed.")


def _switched_on(name: str, situation: Situation) -> UnknownPackage | None:
    """Return the error for what is no package, but was switched on by Luminous."""
    for option in enable_candidates(name):
        if is_defined(situation.definitions, option):
            return UnknownPackage(
                f"There is no package called {name!r}, but {option} is set. "
                f"To switch it off: ask-nix disable {name}",
                {"option": option},
            )
    return None


def _drop_exception(name: str, situation: Situation) -> tuple[Edit, ...]:
    """Return the edits that take back the exception that was made for a package alone."""
    facts = situation.facts.packages[name]
    for line in situation.definitions:
        if line.option == UNFREE and isinstance(line.value, dict):
            allowed = _texts(line.value.get("unfree"))
            left: list[Value] = [other for other in allowed if other != facts.name]
            if facts.name in allowed:
                return (Put(UNFREE, {"unfree": left}),) if left else (Drop(UNFREE),)
    if facts.full_name in items_of(situation.definitions, INSECURE):
        return (DropItem(INSECURE, facts.full_name),)
    return ()
