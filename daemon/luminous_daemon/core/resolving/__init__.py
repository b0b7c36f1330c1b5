"""From changes to edits: what each change means on this machine, given the facts about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import SYSTEM_PACKAGES
from luminous_daemon.core.facts import Query
from luminous_daemon.core.resolving.allowances import (
    allow,
    refuse_unavailable,
    refused_by,
    still_needed,
)
from luminous_daemon.core.resolving.expecting import expected_facts
from luminous_daemon.core.resolving.options import (
    enable_candidates,
    readings,
    set_option,
    switch,
    unset_option,
)
from luminous_daemon.core.resolving.packages import (
    add_package,
    program_options,
    remove_package,
    service_options,
)
from luminous_daemon.core.resolving.situation import Resolution, Situation, shown
from luminous_protocol.changes import (
    AddPackage,
    Disable,
    Enable,
    RemovePackage,
    SetOption,
    UnsetOption,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luminous_daemon.core.definitions import Definition
    from luminous_protocol.changes import Change, Value

__all__ = [
    "Resolution",
    "Situation",
    "allow",
    "apart",
    "expected_facts",
    "query_for",
    "refuse_unavailable",
    "refused_by",
    "resolve",
    "shown",
    "still_needed",
]


def query_for(changes: Iterable[Change], definitions: Sequence[Definition]) -> Query:
    """Return what must be known about the machine before `changes` can be resolved."""
    packages: dict[str, None] = {}
    options: dict[str, tuple[Value, ...]] = {SYSTEM_PACKAGES: ()}
    for change in changes:
        match change:
            case AddPackage(name):
                packages[name] = None
                switches = (*program_options(name), *service_options(name))
                options |= dict.fromkeys(switches, (True,))
            case RemovePackage(name):
                packages[name] = None
                options |= dict.fromkeys(program_options(name), (True,))
            case Enable(target) | Disable(target):
                options |= dict.fromkeys(enable_candidates(target), (True,))
                if "." not in target:
                    packages[target] = None
            case SetOption(option, value, append):
                options[option] = readings(value, append=append)
            case UnsetOption(option):
                options[option] = ()
            case _:
                continue
    for definition in definitions:
        options.setdefault(definition.option, ())
    return Query(tuple(packages), options)


def apart(changes: Iterable[Change]) -> list[tuple[Change, ...]]:
    """Group changes, in order, so that no group tries one option's values in two ways.

    A query has one list of values to try for each option, and its answer is a place in that list.
    """
    groups: list[tuple[Change, ...]] = []
    tried: dict[str, tuple[Value, ...]] = {}
    for change in changes:
        own = query_for([change], ()).options
        if not groups or any(tried.get(option, tries) != tries for option, tries in own.items()):
            groups.append(())
            tried = {}
        groups[-1] = (*groups[-1], change)
        tried |= own
    return groups


def resolve(change: Change, situation: Situation) -> Resolution:
    """Return what `change` means here.

    Raises `UnknownPackage`, `UnknownOption`, `PackageRefused`, `InvalidValue`, `DefinedElsewhere`
    or `NothingToDo`.
    """
    match change:
        case AddPackage(name):
            return add_package(name, situation)
        case RemovePackage(name):
            return remove_package(name, situation)
        case Enable(target):
            return switch(target, situation, on=True)
        case Disable(target):
            return switch(target, situation, on=False)
        case SetOption():
            return set_option(change, situation)
        case UnsetOption(option, value):
            return unset_option(option, value, situation)
        case _:
            return Resolution()
