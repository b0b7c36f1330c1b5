"""Installing and removing packages: the option that NixOS prefers, exceptions, refusals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import (
    SYSTEM_PACKAGES,
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
from luminous_daemon.core.resolving.allowances import (
    allowance_for,
    drop_allowance,
    note_on,
    refuse_unavailable,
)
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
from luminous_protocol.errors import NothingToDo, UnknownPackage

if TYPE_CHECKING:
    from luminous_daemon.core.facts import OptionFacts
    from luminous_protocol.changes import Change

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def program_options(name: str) -> tuple[str, ...]:
    """Return the options that NixOS may prefer to installing the package `name`."""
    return (f"programs.{name}.enable",) if _PLAIN_NAME.fullmatch(name) else ()


def service_options(name: str) -> tuple[str, ...]:
    """Return the options that may run the package `name` as a service."""
    if not _PLAIN_NAME.fullmatch(name):
        return ()
    return (f"services.{name}.enable", f"virtualisation.{name}.enable")


_CONFIGURING_ONLY = frozenset({"programs.chromium.enable"})
"""Switches of modules that set a program up and do not bring it in."""


def _program_of(name: str, situation: Situation) -> OptionFacts | None:
    """Return the switch that NixOS prefers to installing `name`: called so, or for that package."""
    switch = first_switch(program_options(name), situation)
    if switch is None:
        others = [option for option in _switches(name, situation) if _is_program(option)]
        switch = first_switch(others, situation) if len(others) == 1 else None
    return None if switch and switch.name in _CONFIGURING_ONLY else switch


def _service_of(name: str, situation: Situation) -> OptionFacts | None:
    """Return the switch that runs `name` as a service: called so, or for that package."""
    others = [option for option in _switches(name, situation) if not _is_program(option)]
    return first_switch((*service_options(name), *(others if len(others) == 1 else ())), situation)


def _switches(name: str, situation: Situation) -> tuple[str, ...]:
    known = situation.facts.packages.get(name)
    return known.switches if known else ()


def _is_program(option: str) -> bool:
    return option.startswith("programs.")


def _exchange(switch: OptionFacts | None, name: str) -> tuple[Put, ...]:
    """Return what makes a module bring in `name` where it would bring in another package.

    What is not wrapped yet is wrapped by the module, and so is the right one.
    """
    if switch is None or switch.package in {"", name, f"{name}-unwrapped"}:
        return ()
    return (Put(_package_option(switch.name), package(name)),)


def _package_option(switch: str) -> str:
    return f"{switch.removesuffix('.enable')}.package"


def add_package(name: str, situation: Situation) -> Resolution:
    """Return what installing `name` comes to."""
    facts = situation.facts.packages[name]
    if facts.availability is Availability.UNKNOWN:
        raise _unknown(name)
    refuse_unavailable(facts)
    switch = _program_of(name, situation)
    exchange = _exchange(switch, name)
    if switch and switch.value is True and not exchange:
        raise NothingToDo(f"{name} is installed already ({switch.name} is true).")
    if facts.is_installed or package(name) in items_of(situation.definitions, SYSTEM_PACKAGES):
        raise NothingToDo(f"{name} is installed already.")
    exception = allowance_for(facts, situation.definitions)
    notes = note_on(facts)
    service = _service_of(name, situation)
    if service and service.value is not True and not switch:
        target = name if service.name in service_options(name) else service.name
        notes += (
            (
                f"{name} is installed, not started. "
                f"To run it: ask-nix enable {target.removesuffix('.enable')}"
            ),
        )
    placements = place_value(switch, True, situation) if switch and not switch.value else ()  # noqa: FBT003 - the value that the option gets
    if switch:
        put = () if placements or switch.value else (Put(switch.name, value=True),)
        edits: tuple[Edit, ...] = (*exception, *put, *exchange)
        options = (switch.name, *(edit.option for edit in (*exception, *exchange)))
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


def _unknown(name: str) -> UnknownPackage:
    return UnknownPackage(f"There is no package called {name!r}.", {"package": name})


def remove_package(name: str, situation: Situation) -> Resolution:
    """Return what removing `name` comes to."""
    definitions, facts = situation.definitions, situation.facts.packages[name]
    if package(name) in items_of(definitions, SYSTEM_PACKAGES):
        edits: list[Edit] = [DropItem(SYSTEM_PACKAGES, package(name))]
        edits += drop_allowance(facts, definitions)
        return Resolution(tuple(edits), (), (SYSTEM_PACKAGES,), f"remove {name}")
    switch = _program_of(name, situation)
    for option in (*program_options(name), *([switch.name] if switch else ())):
        if is_defined(definitions, option):
            edits = [Drop(option), *_drop_exchange(option, name, situation)]
            edits += drop_allowance(facts, definitions)
            return Resolution(tuple(edits), (), (option,), f"remove {name}")
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


def _drop_exchange(switch: str, name: str, situation: Situation) -> tuple[Drop, ...]:
    option = _package_option(switch)
    own = [line.value for line in situation.definitions if line.option == option]
    return (Drop(option),) if own == [package(name)] else ()


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
