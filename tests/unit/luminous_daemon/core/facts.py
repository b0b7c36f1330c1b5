"""Facts for tests of resolving: those of the fake evaluator, about given lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import Attribution, Definition
from luminous_daemon.core.facts import Availability, Facts, PackageFacts
from luminous_daemon.core.resolving import Situation, query_for, resolve
from tests.unit.luminous_daemon.fake_evaluator import (
    INSTALLED_ELSEWHERE,
    PACKAGES,
    option_facts,
    switches_of,
)

if TYPE_CHECKING:
    from luminous_daemon.core.resolving import Resolution
    from luminous_protocol.changes import Change, Value


def resolved(change: Change, *own: tuple[str, Value]) -> Resolution:
    """Resolve a change on a machine where Luminous's file has these lines."""
    lines = tuple(Definition(option, value, Attribution("a", 0, "")) for option, value in own)
    query = query_for([change], lines)
    packages = {name: _package(name) for name in query.packages}
    asked = {**query.options, **switches_of(packages.values())}
    facts = Facts(
        packages=packages,
        options={name: option_facts(name, tries, lines) for name, tries in asked.items()},
        is_imported=True,
    )
    return resolve(change, Situation(facts, lines, lambda file, word: f"{file} ({word})"))


def _package(name: str) -> PackageFacts:
    known = PACKAGES.get(name)
    if known is None:
        return PackageFacts(name, Availability.UNKNOWN)
    if name not in INSTALLED_ELSEWHERE:
        return known
    return PackageFacts(
        name,
        known.availability,
        known.name,
        known.version,
        is_installed=True,
        files=INSTALLED_ELSEWHERE[name],
    )
