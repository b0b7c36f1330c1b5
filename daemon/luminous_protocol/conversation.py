"""Conversation: what somebody has said before, as far as what comes next may refer to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luminous_protocol.intents import Intent


@dataclass(frozen=True, slots=True)
class Turn:
    """What one sentence was understood as, and what it was answered with to choose from.

    `offered` stands in the order in which it was shown: "the second one" is the second of them.
    """

    intents: tuple[Intent, ...] = ()
    offered: tuple[Intent, ...] = ()
