"""From intents to changes: what an understood sentence asks the machine to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_protocol.changes import (
    AddPackage,
    CollectGarbage,
    Disable,
    Enable,
    Rebuild,
    RemovePackage,
    SetOption,
    SwitchGeneration,
    UnsetOption,
    UpdateInputs,
)
from luminous_protocol.errors import InvalidChange
from luminous_protocol.intents import Intent, IntentKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_protocol.changes import Change, Value

    Slots = Mapping[str, str]

_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def _days(text: str) -> int:
    """Read "30d", "2w" or "6m" as days; a plain number is days.

    What cannot be read is refused: taken for no limit, it would delete more than was asked for.
    """
    match = re.fullmatch(r"(\d{1,5})\s*([dwmy]?)", text.strip().lower())
    if not match:
        raise InvalidChange(f"{text[:60]!r} is no age. Say for example: 30d, 2w or 6m.")
    return int(match[1]) * _DAYS.get(match[2], 1)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - below 2**31


def _install(slots: Slots) -> Change | None:
    return AddPackage(slots["package"]) if "package" in slots else None


def _remove(slots: Slots) -> Change | None:
    return RemovePackage(slots["package"]) if "package" in slots else None


def _enable(slots: Slots) -> Change | None:
    if slots.get("action") in {"start", "stop", "restart"}:
        return None
    if "value" in slots:
        return _set(slots)
    target = slots.get("option") or slots.get("service")
    return Enable(target) if target else None


def _disable(slots: Slots) -> Change | None:
    if slots.get("action") in {"start", "stop", "restart"}:
        return None
    target = slots.get("option") or slots.get("service")
    return Disable(target) if target else None


def _range(text: str) -> Value:
    """Return a range of ports, "60000-61000", as NixOS writes it."""
    first, _, last = text.partition("-")
    if not (first.isdecimal() and last.isdecimal()):
        raise InvalidChange(f"{text[:60]!r} is no range of ports. Say for example: 60000-61000.")
    return [{"from": int(first), "to": int(last)}]


def _swap(text: str) -> Value:
    """Return a swap file of so many MiB."""
    if not _number(text):
        raise InvalidChange(f"{text[:60]!r} is no size of a swap file in MiB.")
    return [{"device": "/var/lib/swapfile", "size": int(text)}]


_STRUCTURED: Mapping[str, Callable[[str], Value]] = {
    "networking.firewall.allowedTCPPortRanges": _range,
    "networking.firewall.allowedUDPPortRanges": _range,
    "swapDevices": _swap,
}
"""Lists of sets that people say in a few words; what is said is added to the list."""


def _structured(option: str, slots: Slots) -> Change:
    value = _STRUCTURED[option](slots["value"])
    if slots.get("action") == "unset":
        return UnsetOption(option, value)
    return SetOption(option, value, append=True)


def _set(slots: Slots) -> Change | None:
    if "option" not in slots or "<" in slots["option"]:
        return None
    if slots["option"] in _STRUCTURED and "value" in slots:
        return _structured(slots["option"], slots)
    if slots.get("action") == "unset":
        return UnsetOption(slots["option"], slots.get("value"))
    if "value" not in slots:
        return None
    return SetOption(slots["option"], slots["value"], append=slots.get("append") == "true")


def _update(slots: Slots) -> Change | None:
    """Bring inputs up to date; a single package has no version of its own to choose."""
    if "package" in slots:
        return None
    return UpdateInputs((slots["input"],) if "input" in slots else ())


def _rebuild(slots: Slots) -> Change:
    return Rebuild(slots.get("action", "switch"))


def _switch(slots: Slots) -> Change | None:
    number = _number(slots.get("generation", ""))
    return SwitchGeneration(number) if number else None


def _rollback(slots: Slots) -> Change | None:
    """Go one generation back; several steps, or a day, need the list that the machine has."""
    if slots.get("undo") == "true" or slots.get("steps", "1") != "1" or "when" in slots:
        return None
    return SwitchGeneration(0)


def _collect(slots: Slots) -> Change:
    keep = _number(slots.get("keep", "0"))
    if not keep and slots.get("keep", "0") != "0":
        raise InvalidChange(f"{slots['keep'][:60]!r} is no number of generations to keep.")
    return CollectGarbage(older_than_days=_days(slots.get("older_than", "0")), keep=keep)


_MAKERS: Mapping[IntentKind, Callable[[Slots], Change | None]] = {
    IntentKind.INSTALL: _install,
    IntentKind.REMOVE: _remove,
    IntentKind.ENABLE_SERVICE: _enable,
    IntentKind.DISABLE_SERVICE: _disable,
    IntentKind.SET_OPTION: _set,
    IntentKind.UPDATE: _update,
    IntentKind.REBUILD: _rebuild,
    IntentKind.SWITCH_GENERATION: _switch,
    IntentKind.ROLLBACK: _rollback,
    IntentKind.GARBAGE_COLLECT: _collect,
}


def _configure_user(slots: Slots, speaker: str) -> tuple[Change, ...]:
    """Set up an account; `me` is the speaker. A new account is a normal user's.

    None is ever taken away: that would be more lines than those that Luminous knows.
    """
    if slots.get("action") == "remove":
        return ()
    name = slots.get("user", "")
    is_self = name in {"", "me"}
    account = f"users.users.{speaker if is_self else name}"
    changes: list[Change] = [] if is_self else [SetOption(f"{account}.isNormalUser", value=True)]
    groups = re.findall(r"[A-Za-z0-9_-]+", slots.get("groups", ""))
    changes += [SetOption(f"{account}.extraGroups", [group], append=True) for group in groups]
    if "shell" in slots:
        changes.append(SetOption(f"{account}.shell", {"package": slots["shell"]}))
    return tuple(changes)


def changes_for(intent: Intent, speaker: str) -> tuple[Change, ...]:
    """Return the changes that `intent` asks for when the user `speaker` says it.

    None where it asks for no change, or does not say enough. Raises `InvalidChange` when a slot is
    not well-formed.
    """
    if intent.kind is IntentKind.CONFIGURE_USER:
        return _configure_user(intent.slots, speaker)
    maker = _MAKERS.get(intent.kind)
    change = maker(intent.slots) if maker else None
    return (change,) if change else ()
