"""`org.luminous1.Intent`: words in, intents out. Nothing is changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from luminous_daemon.bus.guard import requires
from luminous_daemon.bus.wire import intent_to_dict
from luminous_daemon.core.choosing import choice_of
from luminous_daemon.core.conversations import LONGEST_NAME, Speaker, turn_of
from luminous_daemon.core.grounding import Grounding
from luminous_daemon.core.understanding import alone, is_unsure, join
from luminous_protocol.codec import take_options
from luminous_protocol.conversation import Turn
from luminous_protocol.errors import InvalidText, InvalidValue, LuminousError
from luminous_protocol.grammar import recognise
from luminous_protocol.names import Action

if TYPE_CHECKING:
    from luminous_daemon.core.conversations import Conversations
    from luminous_daemon.core.grounding import Names
    from luminous_daemon.core.ports import Caller
    from luminous_protocol.intents import Recognition
    from luminous_protocol.understanding import Judgement

MAX_TEXT = 2000
"""Characters. Nobody asks for so much in one sentence."""


class Judging(Protocol):
    """Who compares sentences with examples."""

    async def judge(self, text: str) -> Judgement:
        """Say what a sentence asks for, at once or not at all. Raises a `LuminousError`."""


class IntentInterface:
    """Understands words by rules, then by likeness, and holds them against the machine."""

    def __init__(self, names: Names, conversations: Conversations, mind: Judging) -> None:
        """Look names up in `names`; what "it" means is in `conversations`.

        Where the rules are unsure, `mind` compares.
        """
        self._names, self._conversations, self._mind = names, conversations, mind

    @requires(Action.READ)
    async def recognise(
        self, caller: Caller, text: str, options: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], str]:
        """Return what `text` asks for, in order, or a question to ask back."""
        taken = take_options(options, {"conversation": str, "explain": bool})
        check_text(text)
        speaker = speaker_of(caller, taken.get("conversation", ""))
        found = recognise(text, self._conversations.turns(speaker))
        if not found.intents:
            found = choice_of(text) or found
        if is_unsure(found):
            found = await self._compared(found, text)
        found = await Grounding(self._names).ground(found, text)
        self._conversations.note(speaker, turn_of(found))
        intents = [
            intent_to_dict(intent, caller.user, is_explained=taken.get("explain", False))
            for intent in found.intents
        ]
        return intents, found.question

    @requires(Action.READ)
    async def forget(self, caller: Caller, options: dict[str, Any]) -> tuple[()]:
        """Let what `caller` says next refer to nothing that came before."""
        taken = take_options(options, {"conversation": str})
        self._conversations.note(speaker_of(caller, taken.get("conversation", "")), Turn())
        return ()

    async def _compared(self, found: Recognition, text: str) -> Recognition:
        """Ask the mind too; without it, what the rules say stands."""
        try:
            return join(found, await self._mind.judge(text))
        except LuminousError as error:
            return alone(found, error.message)


def speaker_of(caller: Caller, conversation: str) -> Speaker:
    """Return whose turns they are: the user's own. Raises `InvalidValue`."""
    if len(conversation) > LONGEST_NAME:
        raise InvalidValue(f"The name of a conversation has at most {LONGEST_NAME} characters.")
    return Speaker(caller.uid, conversation)


def check_text(text: str) -> None:
    """Raise `InvalidText` for text that is too long, or not made of words."""
    if len(text) > MAX_TEXT:
        raise InvalidText(f"The text is longer than {MAX_TEXT} characters. Say it in fewer words.")
    if any(not (char.isprintable() or char in "\n\t") for char in text):
        raise InvalidText("The text holds control characters. Type it again.")
