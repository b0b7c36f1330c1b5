"""`org.luminous1.Intent`: words in, intents out. Nothing is changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_daemon.bus.guard import requires
from luminous_daemon.bus.wire import intent_to_dict
from luminous_protocol.codec import take_options
from luminous_protocol.errors import InvalidText
from luminous_protocol.grammar import recognise
from luminous_protocol.names import Action

if TYPE_CHECKING:
    from luminous_daemon.core.ports import Caller

MAX_TEXT = 2000
"""Characters. Nobody asks for so much in one sentence."""


class IntentInterface:
    """Understands words by the rules of the protocol."""

    @requires(Action.READ)
    async def recognise(
        self, caller: Caller, text: str, options: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], str]:
        """Return what `text` asks for, in order, or a question to ask back."""
        take_options(options, {})
        check_text(text)
        found = recognise(text)
        return [intent_to_dict(intent, caller.user) for intent in found.intents], found.question


def check_text(text: str) -> None:
    """Raise `InvalidText` for text that is too long, or not made of words."""
    if len(text) > MAX_TEXT:
        raise InvalidText(f"The text is longer than {MAX_TEXT} characters. Say it in fewer words.")
    if any(not (char.isprintable() or char in "\n\t") for char in text):
        raise InvalidText("The text holds control characters. Type it again.")
