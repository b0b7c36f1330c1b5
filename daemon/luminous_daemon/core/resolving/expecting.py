"""What the facts will most likely be: enough to begin with what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import is_defined
from luminous_daemon.core.facts import Availability, Facts, OptionFacts, PackageFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.definitions import Definition
    from luminous_daemon.core.facts import Query


def expected_facts(query: Query, definitions: Sequence[Definition]) -> Facts:
    """Return the answer to `query` on most machines.

    Packages exist, are given out freely and are not installed yet; options exist where Luminous
    itself defines them.
    """
    return Facts(
        packages={
            name: PackageFacts(name, Availability.AVAILABLE, name=name) for name in query.packages
        },
        options={name: _expected_option(name, definitions) for name in query.options},
        is_imported=True,
    )


def _expected_option(name: str, definitions: Sequence[Definition]) -> OptionFacts:
    if not is_defined(definitions, name):
        return OptionFacts(name, exists=False)
    value = next(line.value for line in reversed(definitions) if line.option == name)
    return OptionFacts(name, exists=True, value=value, is_plain=True, is_defined=True, fitting=0)
