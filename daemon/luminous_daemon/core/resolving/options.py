"""Setting options and switching services on and off: what a value may mean, and whether it fits."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import (
    INSECURE,
    UNFREE,
    Append,
    Drop,
    DropItem,
    Put,
    holds,
    is_defined,
    is_same,
    items_of,
)
from luminous_daemon.core.facts import Availability, OptionFacts
from luminous_daemon.core.policy import danger_of, danger_of_removal
from luminous_daemon.core.redaction import REDACTED, looks_secret, speaks_of_secret
from luminous_daemon.core.resolving.allowances import allow_unfree, forbid_unfree, stops_allowing
from luminous_daemon.core.resolving.situation import (
    NOT_PLAIN,
    Resolution,
    Situation,
    Standing,
    defined_elsewhere,
    first_switch,
    has_gone,
    place_in_file,
    place_value,
    shown,
)
from luminous_protocol.changes import SetOption, check_value
from luminous_protocol.errors import (
    InvalidChange,
    InvalidValue,
    NothingToDo,
    UnknownOption,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_protocol.changes import Value

_ENABLE_PLACES = (
    "services.{}.enable",
    "programs.{}.enable",
    "hardware.{}.enable",
    "virtualisation.{}.enable",
    "networking.{}.enable",
    "security.{}.enable",
    "services.desktopManager.{}.enable",
    "services.displayManager.{}.enable",
    "services.xserver.desktopManager.{}.enable",
    "boot.{}.enable",
    "{}.enable",
)
"""Where a short name may be switched on, in the order of preference."""

_TRUE = frozenset({"true", "on", "yes", "enabled"})
_FALSE = frozenset({"false", "off", "no", "disabled"})


def enable_candidates(target: str) -> tuple[str, ...]:
    """Return the options that `target` may mean, the likeliest first."""
    if "." in target:
        return (target,) if target.endswith(".enable") else (f"{target}.enable", target)
    return tuple(place.format(target) for place in _ENABLE_PLACES)


def switch(target: str, situation: Situation, *, on: bool) -> Resolution:
    """Return what switching `target` on or off comes to."""
    option = first_switch(enable_candidates(target), situation)
    if option is None:
        raise _no_switch(target, situation)
    state = "on" if on else "off"
    if option.value is on:
        where = f" in {' and '.join(option.files)}" if option.files else " by default"
        raise NothingToDo(f"{option.name} is switched {state} already{where}.")
    placements = place_value(option, on, situation)
    found = Resolution(
        edits=() if placements else (Put(option.name, value=on),),
        placements=placements,
        options=(option.name,),
        summary=f"switch {state} {option.name.removesuffix('.enable')}",
    )
    return _warned(found, (on,))


def _warned(found: Resolution, values: Sequence[Value] = ()) -> Resolution:
    """Add the warning that belongs to what `found` sets, to these values or with these items."""
    dangers = [danger for option in found.options if (danger := danger_of(option, values))]
    if not dangers:
        return found
    return replace(found, notes=(*found.notes, *dangers), is_dangerous=True)


def _no_switch(target: str, situation: Situation) -> UnknownOption:
    options = situation.facts.options
    for name in enable_candidates(target):
        if name in options and options[name].is_gone:
            return _gone(options[name], target)
    known = situation.facts.packages.get(target)
    if known and known.availability is not Availability.UNKNOWN:
        return UnknownOption(
            f"NixOS has no switch for {target!r}; it is a package. "
            f"To install it: ask-nix install {target}",
            {"package": target},
        )
    return UnknownOption(
        f"NixOS has no service, program or option called {target!r}.", {"option": target}
    )


def _gone(option: OptionFacts, asked: str) -> UnknownOption:
    if option.renamed_to:
        message = f"{option.name} has been renamed. It is called {option.renamed_to} now."
    else:
        message = f"NixOS says: {option.removal}"
    nearest = [option.renamed_to] if option.renamed_to else []
    return UnknownOption(message, {"option": asked, "nearest": nearest})


def readings(value: Value, *, append: bool) -> tuple[Value, ...]:
    """Return what `value` may be meant as, the most particular first; the type takes its pick.

    Words are texts, so "8080" may be a number, "pkgs.zsh" a package and "a, b" a list.
    """
    found = _readings_of_text(value) if isinstance(value, str) else [value]
    if append or not isinstance(value, list):
        found += [[item] for item in found if item is not None and not isinstance(item, list)]
    return tuple(found)


def _readings_of_text(given: str) -> list[Value]:
    """Return what words may mean; as a text, first with the spaces and line ends around them."""
    text = given.strip()
    found: list[Value] = []
    if text.lower() in _TRUE | _FALSE:
        found.append(text.lower() in _TRUE)
    found += _read_json(text)
    name = re.fullmatch(r"(pkgs\.)?([A-Za-z0-9_][\w+-]*(?:\.[\w+-]+)*)", text)
    as_package: list[Value] = [{"package": name[2]}] if name else []
    if name and name[1]:
        return as_package  # never a text: many a type takes any text, and fails only later
    found += [*dict.fromkeys((given, text)), *as_package]
    if "," in text:
        found.append([part.strip() for part in text.split(",") if part.strip()])
    return found


def _read_json(text: str) -> list[Value]:
    try:
        found = json.loads(text)
        check_value(found)
    except (ValueError, RecursionError, InvalidChange):
        return []
    return [] if isinstance(found, str) else [found]


def set_option(change: SetOption, situation: Situation) -> Resolution:
    """Return what setting or extending an option comes to."""
    option = situation.facts.options[change.option]
    match change:
        case SetOption(option=name, value=[str(package)], append=True) if name == UNFREE:
            return allow_unfree(package, situation.definitions)
    if not option.exists:
        raise _unknown(change.option)
    if has_gone(option, situation):
        raise _gone(option, change.option)
    if option.is_read_only:
        raise InvalidValue(f"{change.option} is read-only: NixOS sets it itself.")
    if option.fitting < 0:
        raise _misfit(change.value, option)
    value = readings(change.value, append=change.append)[option.fitting]
    if isinstance(value, list) and (change.append or _is_one_item(change.value, value)):
        return _append(option, value, situation)
    if option.is_plain and is_same(option.value, value):
        raise NothingToDo(f"{option.name} is {_told(option.name, value)} already.")
    placements = place_value(option, value, situation)
    found = Resolution(
        edits=() if placements else (Put(option.name, value),),
        placements=placements,
        options=(option.name,),
        summary=f"set {option.name} to {_told(option.name, value)}",
    )
    return _warned(found, value if isinstance(value, list) else (value,))


def _unknown(name: str) -> UnknownOption:
    return UnknownOption(f"There is no option called {name!r}.", {"option": name})


def _is_one_item(given: Value, value: list[Value]) -> bool:
    """Tell whether a single value was given for a list: it is added to what is there."""
    is_listed = isinstance(given, str) and given.lstrip().startswith("[")
    return len(value) == 1 and not isinstance(given, list) and not is_listed


def _append(option: OptionFacts, items: list[Value], situation: Situation) -> Resolution:
    present = option.value if isinstance(option.value, list) else []
    own = items_of(situation.definitions, option.name)
    new = [item for item in items if not holds([*present, *own], item)]
    listed = ", ".join(_told(option.name, item) for item in items)
    if not new:
        raise NothingToDo(f"{option.name} holds {listed} already.")
    found = Resolution(
        tuple(Append(option.name, item) for item in new),
        options=(option.name,),
        summary=f"add {listed} to {option.name}",
    )
    return _warned(found, new)


def _misfit(value: Value, option: OptionFacts) -> InvalidValue:
    example = f" For example: {option.example}" if option.example else ""
    return InvalidValue(
        f"{shown(value)} is no value for {option.name}, which takes: "
        f"{option.type_description}.{example}",
        {"type": option.type_description, "example": option.example},
    )


def unset_option(name: str, item: Value, situation: Situation) -> Resolution:
    """Return what taking back an option, or one item of it, comes to."""
    option = situation.facts.options[name]
    definitions = situation.definitions
    if name == UNFREE and isinstance(item, str):
        return forbid_unfree(item, definitions)
    if item is not None:
        own = items_of(definitions, name)
        # Words are texts: "8080" may be the number that stands there.
        held = next(
            (reading for reading in readings(item, append=False) if holds(own, reading)), None
        )
        if held is None:
            return _drop_elsewhere(option, item, situation)
        summary = f"take {_told(name, held)} out of {name}"
        if name == INSECURE and isinstance(held, str):
            summary = stops_allowing(held)
        return Resolution((DropItem(name, held),), options=(name,), summary=summary)
    if is_defined(definitions, name):
        return _warned(Resolution((Drop(name),), options=(name,), summary=f"unset {name}"))
    if option.files:
        return _unset_elsewhere(option, situation)
    if not option.exists:
        raise _unknown(name)
    raise NothingToDo(f"{name} is not set.")


def _unset_elsewhere(option: OptionFacts, situation: Situation) -> Resolution:
    standing = Standing(f"{option.name} is set", option.files, option.name)
    if not option.is_plain:
        raise defined_elsewhere(standing, situation, NOT_PLAIN)
    inverse = SetOption(option.name, option.value)
    placements = place_in_file(standing, Drop(option.name), inverse, situation)
    summary = f"unset {option.name}"
    return _warned(Resolution((), placements, options=(option.name,), summary=summary))


def _drop_elsewhere(option: OptionFacts, item: Value, situation: Situation) -> Resolution:
    """Return what taking an item out of a list comes to that Luminous did not add."""
    present = option.value if isinstance(option.value, list) else []
    held = next((one for one in readings(item, append=False) if holds(present, one)), None)
    # What was in Luminous's own file alone has been taken out of it in this very plan.
    if held is None or set(option.files) == {situation.own_file}:
        raise NothingToDo(f"{option.name} does not hold {_told(option.name, item)}.")
    what = f"{_told(option.name, item)} is in {option.name}, set"
    standing = Standing(what, option.files, option.name)
    inverse = SetOption(option.name, [held], append=True)
    placements = place_in_file(standing, DropItem(option.name, held), inverse, situation)
    found = Resolution(
        (),
        placements,
        (option.name,),
        summary=f"take {_told(option.name, held)} out of {option.name}",
    )
    danger = danger_of_removal(option.name, held)
    return replace(found, notes=(danger,), is_dangerous=True) if danger else found


def _told(option: str, value: Value) -> str:
    """Return a value as a sentence that others read can hold it: without what may be a secret."""
    if speaks_of_secret(option) and not isinstance(value, bool):
        return REDACTED
    text = shown(value)
    return REDACTED if looks_secret(text) else text
