"""Grounding: names in what was understood, held against the catalogue and this machine.

A name that is nowhere and is one slip of the finger from one that is there becomes that, and says
so; what may be several things is asked back. Nothing here asks for a change that was not read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from luminous_protocol.grammar.distance import allowance, osa
from luminous_protocol.grammar.vocabulary import vocabulary
from luminous_protocol.intents import Intent, IntentKind, Recognition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from luminous_protocol.passages import Named

_MOST_ASKED = 6
"""Names of one sentence: whoever lists more knows how they are written."""
_LESS_SURE = 0.8
_SHORTEST = 4
_PACKAGES = frozenset({IntentKind.INSTALL, IntentKind.REMOVE})
_SERVICES = frozenset({IntentKind.ENABLE_SERVICE, IntentKind.DISABLE_SERVICE})
_KNOWN = "among the best known names"
_SAID = "as it was said"
_RULE = "what the words stand for"


class Names(Protocol):
    """What this machine has under names. None of it fails: nothing known is nothing said."""

    async def look_up(self, kind: str, name: str) -> Named | None:
        """Return what the index has under a name; None where nobody answers in time."""

    def users(self) -> frozenset[str]:
        """Return the accounts of people."""

    def units(self) -> frozenset[str]:
        """Return the names of services that are on this machine, running or not."""

    def generations(self) -> frozenset[int]:
        """Return the numbers of the system's generations."""


class Grounding:
    """Holds slots against what is known."""

    def __init__(self, names: Names) -> None:
        """Look names up in `names`."""
        self._names = names
        self._left = _MOST_ASKED  # one of these is made for each sentence

    async def ground(self, found: Recognition, text: str) -> Recognition:
        """Return what was understood, with names put right and where each comes from."""
        said = frozenset(text.casefold().split())
        intents = tuple([await self._one(intent, said) for intent in found.intents])
        return Recognition(intents, found.question)

    async def _one(self, intent: Intent, said: frozenset[str]) -> Intent:
        grounds = {
            name: _SAID if value.casefold() in said else _RULE
            for name, value in intent.slots.items()
        }
        intent = replace(intent, grounds={**grounds, **intent.grounds})
        for slot, ground in self._grounders().items():
            if slot in intent.slots:
                intent = await ground(intent)
        return intent

    def _grounders(self) -> Mapping[str, Callable[[Intent], Awaitable[Intent]]]:
        return {
            "package": self._package,
            "option": self._option,
            "service": self._service,
            "user": self._user,
            "generation": self._generation,
        }

    async def _package(self, intent: Intent) -> Intent:
        name = intent.slots["package"]
        if name in _best_known():
            return _grounded(intent, "package", _KNOWN)
        if intent.kind not in _PACKAGES:
            return intent
        return await self._looked_up(intent, "package")

    async def _option(self, intent: Intent) -> Intent:
        if intent.grounds.get("option") != _SAID:
            return _grounded(intent, "option", _RULE)
        return await self._looked_up(intent, "option")

    async def _looked_up(self, intent: Intent, kind: str) -> Intent:
        """Hold a name against the index."""
        name = intent.slots[kind]
        self._left -= 1
        there = await self._names.look_up(kind, name) if self._left >= 0 else None
        if there is None:
            return intent
        if there.passage or there.below:
            return _grounded(intent, kind, f"in the index of {kind}s")
        return _repaired(intent, kind, there.nearest)

    async def _service(self, intent: Intent) -> Intent:
        units = self._names.units()
        if intent.slots["service"] in units:
            return _grounded(intent, "service", "a unit of this machine")
        if "option" in intent.slots:
            return intent
        if intent.kind in _SERVICES and "action" not in intent.slots:
            return await self._switch(intent)
        return _repaired(intent, "service", units)

    async def _switch(self, intent: Intent) -> Intent:
        """Find the option that switches on a service of which the words know nothing."""
        option = f"services.{intent.slots['service']}.enable"
        self._left -= 1
        there = await self._names.look_up("option", option) if self._left >= 0 else None
        if there is None:
            return intent
        if there.passage is None:
            switches = {name.split(".")[-2]: name for name in there.nearest if _is_switch(name)}
            intent = _repaired(intent, "service", switches)
            option = switches.get(intent.slots["service"], "")
        if not option:
            return intent
        found = replace(intent, slots={**intent.slots, "option": option})
        return _grounded(found, "option", "in the index of options")

    async def _user(self, intent: Intent) -> Intent:
        name = intent.slots["user"]
        if name == "me":
            return _grounded(intent, "user", "who is asking")
        users = self._names.users()
        if name in users:
            return _grounded(intent, "user", "an account of this machine")
        if intent.slots.get("action") == "create":
            return _grounded(intent, "user", "a new account")
        return _repaired(intent, "user", users)

    async def _generation(self, intent: Intent) -> Intent:
        number = intent.slots["generation"]
        is_there = number.isdecimal() and int(number) in self._names.generations()
        why = "a generation of this machine" if is_there else "not among this machine's generations"
        return _grounded(intent, "generation", why)


def _is_switch(option: str) -> bool:
    return option.startswith("services.") and option.endswith(".enable")


def _best_known() -> frozenset[str]:
    return vocabulary().lexicon.attributes


def _grounded(intent: Intent, slot: str, why: str) -> Intent:
    return replace(intent, grounds={**intent.grounds, slot: why})


def _repaired(intent: Intent, slot: str, names: Iterable[str]) -> Intent:
    """Put the only name that is a slip away in the place of one that is nowhere."""
    typed = intent.slots[slot]
    alike = [name for name in names if is_slip(typed, name)]
    if len(alike) != 1:
        like = f"; like it: {', '.join(sorted(alike)[:5])}" if alike else ""
        return _grounded(intent, slot, f"not known here{like}")
    (name,) = alike
    second = replace(intent, confidence=round(intent.confidence / 2, 2), alternatives=())
    explanation = f"{intent.explanation}, reading {typed!r} as {name!r}"
    return replace(
        _grounded(intent, slot, f"{typed!r} put right"),
        slots={**intent.slots, slot: name},
        confidence=round(intent.confidence * _LESS_SURE, 2),
        explanation=explanation,
        alternatives=(replace(second, explanation="as it was typed"), *intent.alternatives),
    )


def is_slip(name: str, other: str) -> bool:
    """Tell whether one is the other but for a letter or two, the first left aside."""
    if len(name) < _SHORTEST or name[:1].casefold() != other[:1].casefold():
        return False
    most = allowance(name)
    return 0 < osa(name.casefold(), other.casefold(), most) <= most
