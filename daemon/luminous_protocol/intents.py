"""Intents: what a person asked for, as data.

An intent is an understanding, not a permission: it becomes a change only through
`luminous_protocol.requests`, and a change becomes real only through a plan that somebody approved.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_SLOTS: Mapping[str, str] = MappingProxyType({})


class IntentKind(StrEnum):
    """What can be asked for. The values are the names used on the bus."""

    INSTALL = "install"
    REMOVE = "remove"
    SEARCH = "search"
    UPDATE = "update"
    ROLLBACK = "rollback"
    LIST_GENERATIONS = "list_generations"
    SWITCH_GENERATION = "switch_generation"
    REBUILD = "rebuild"
    GARBAGE_COLLECT = "garbage_collect"
    ENABLE_SERVICE = "enable_service"
    DISABLE_SERVICE = "disable_service"
    SET_OPTION = "set_option"
    QUERY_STATUS = "query_status"
    EXPLAIN = "explain"
    DIAGNOSE = "diagnose"
    HELP = "help"
    CONFIGURE_USER = "configure_user"


CHANGING: frozenset[IntentKind] = frozenset(
    {
        IntentKind.INSTALL,
        IntentKind.REMOVE,
        IntentKind.UPDATE,
        IntentKind.ROLLBACK,
        IntentKind.SWITCH_GENERATION,
        IntentKind.REBUILD,
        IntentKind.GARBAGE_COLLECT,
        IntentKind.ENABLE_SERVICE,
        IntentKind.DISABLE_SERVICE,
        IntentKind.SET_OPTION,
        IntentKind.CONFIGURE_USER,
    }
)
"""Kinds that lead to a change of the machine. All others only read."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was understood: by which layer, in words, and how much it counts (0 to 1)."""

    layer: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing asked for.

    `slots` are normalised words (a package's attribute name, an option's name, a number as text);
    `confidence` is between 0 and 1; `explanation` says in one sentence why this was understood;
    `alternatives` are other readings, most likely first, without alternatives of their own;
    `grounds` say of slots, by name, where their values come from; `reasons` are given where more
    than one rule has led to it.
    """

    kind: IntentKind
    slots: Mapping[str, str] = field(default_factory=lambda: _NO_SLOTS)
    confidence: float = 1.0
    explanation: str = ""
    alternatives: tuple[Intent, ...] = ()
    grounds: Mapping[str, str] = field(default_factory=lambda: _NO_SLOTS)
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a text was understood to ask for, in order.

    No intents means "I do not know" (or "nothing is to be done"); `question` then is the sentence
    to answer the person with. With an intent that has `alternatives` and asks for no change, the
    question is which of them is meant. Beside any other intents it asks whether they are meant:
    they are only guessed, and nothing is to be planned before somebody says yes. Else it is empty.
    """

    intents: tuple[Intent, ...] = ()
    question: str = ""
