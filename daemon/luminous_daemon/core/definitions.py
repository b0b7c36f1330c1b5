"""Definitions: what Luminous's own module file says, one line each, and how changes edit them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_protocol.changes import (
    AddPackage,
    RemovePackage,
    SetOption,
    UnsetOption,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luminous_protocol.changes import Change, Value

SYSTEM_PACKAGES = "environment.systemPackages"
UNFREE = "nixpkgs.config.allowUnfreePredicate"
INSECURE = "nixpkgs.config.permittedInsecurePackages"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who asked for a line, when (seconds since the epoch) and in which words."""

    who: str
    when: int
    words: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One line: an option and the value it is given there.

    A list option may have several lines, which the module system joins.
    """

    option: str
    value: Value
    attribution: Attribution


@dataclass(frozen=True, slots=True)
class Put:
    """Give an option this value, and no other."""

    option: str
    value: Value


@dataclass(frozen=True, slots=True)
class Append:
    """Give a list option one more item."""

    option: str
    item: Value


@dataclass(frozen=True, slots=True)
class Drop:
    """Take all lines of an option out."""

    option: str


@dataclass(frozen=True, slots=True)
class DropItem:
    """Take one item of a list option out, wherever it stands."""

    option: str
    item: Value


Edit = Put | Append | Drop | DropItem


def package(name: str) -> Value:
    """Return the value that stands for a package."""
    return {"package": name}


def is_same(one: Value, other: Value) -> bool:
    """Tell whether two values are written the same; for Python, true and 1 are equal."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def holds(items: Iterable[Value], item: Value) -> bool:
    """Tell whether `item` is among `items`."""
    return any(is_same(other, item) for other in items)


def edit(
    definitions: Sequence[Definition], edits: Iterable[Edit], attribution: Attribution
) -> tuple[Definition, ...]:
    """Return the definitions after `edits`; lines left alone keep their attribution."""
    result = list(definitions)
    for change in edits:
        result = _edit_once(result, change, attribution)
    return tuple(result)


def _edit_once(
    definitions: list[Definition], change: Edit, attribution: Attribution
) -> list[Definition]:
    match change:
        case Put(option, value):
            return _put(definitions, Definition(option, value, attribution))
        case Append(option, item):
            if holds(items_of(definitions, option), item):
                return definitions
            return [*definitions, Definition(option, [item], attribution)]
        case Drop(option):
            return [line for line in definitions if line.option != option]
        case DropItem(option, item):
            kept = (_without(line, item) if line.option == option else line for line in definitions)
            return [line for line in kept if line is not None]


def _put(definitions: list[Definition], new: Definition) -> list[Definition]:
    """Put `new` in the place of the option's first line, or at the end."""
    same = [line for line in definitions if line.option == new.option]
    if len(same) == 1 and is_same(same[0].value, new.value):
        return definitions
    place = definitions.index(same[0]) if same else len(definitions)
    rest = [line for line in definitions if line.option != new.option]
    return [*rest[:place], new, *rest[place:]]


def _without(line: Definition, item: Value) -> Definition | None:
    if not isinstance(line.value, list) or not holds(line.value, item):
        return line
    left = [other for other in line.value if not is_same(other, item)]
    return Definition(line.option, left, line.attribution) if left else None


def items_of(definitions: Iterable[Definition], option: str) -> list[Value]:
    """Return all items that the lines of a list option give it."""
    return [
        item
        for line in definitions
        if line.option == option and isinstance(line.value, list)
        for item in line.value
    ]


def unfree_names(definitions: Iterable[Definition]) -> list[str]:
    """Return the names of the unfree packages that lines allow."""
    return [
        name
        for line in definitions
        if line.option == UNFREE and isinstance(line.value, dict)
        for name in _texts(line.value.get("unfree"))
    ]


def _texts(value: Value) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _is_allowance(value: Value) -> bool:
    return isinstance(value, dict) and set(value) == {"unfree"}


def is_defined(definitions: Iterable[Definition], option: str) -> bool:
    """Tell whether any line gives `option` a value."""
    return any(line.option == option for line in definitions)


def inverse(before: Sequence[Definition], after: Sequence[Definition]) -> tuple[Change, ...]:
    """Return the changes that lead from `after` back to `before`.

    Lists are taken back item by item, so that what others added since stays, and so are the unfree
    packages that are allowed. Those go before the packages, which take theirs along.
    """
    found_options = dict.fromkeys(line.option for line in (*after, *before))
    options = sorted(found_options, key=lambda option: option not in {UNFREE, INSECURE})
    changes: list[Change] = []
    for option in options:
        old = [line.value for line in before if line.option == option]
        new = [line.value for line in after if line.option == option]
        if is_same(old, new):
            continue
        # An empty list is a value too, and so is the order of items: those come back whole.
        if all(value and isinstance(value, list) for value in (*old, *new)):
            found = _list_changes(option, items_of(after, option), items_of(before, option))
        elif option == UNFREE and all(map(_is_allowance, (*old, *new))):
            found = _list_changes(option, [*unfree_names(after)], [*unfree_names(before)])
        else:
            found = []
        changes += found or [_set_back(option, old)]
    return tuple(changes)


def _set_back(option: str, old: list[Value]) -> Change:
    if not old:
        return UnsetOption(option)
    if not all(isinstance(value, list) for value in old):
        return SetOption(option, old[0])
    return SetOption(option, [item for value in old if isinstance(value, list) for item in value])


def _list_changes(option: str, new: list[Value], old: list[Value]) -> list[Change]:
    taken: list[Change] = [_remove_item(option, item) for item in new if not holds(old, item)]
    return taken + [_add_item(option, item) for item in old if not holds(new, item)]


def _package_name(option: str, item: Value) -> str | None:
    if option == SYSTEM_PACKAGES and isinstance(item, dict) and set(item) == {"package"}:
        return str(item["package"])
    return None


def _remove_item(option: str, item: Value) -> Change:
    name = _package_name(option, item)
    return RemovePackage(name) if name else UnsetOption(option, item)


def _add_item(option: str, item: Value) -> Change:
    name = _package_name(option, item)
    return AddPackage(name) if name else SetOption(option, [item], append=True)
