"""Suggestions: names that the mind finds for words, soon or not at all."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from luminous_protocol.errors import LuminousError
from luminous_protocol.passages import SearchRequest

if TYPE_CHECKING:
    from luminous_protocol.passages import Passage

_log = logging.getLogger(__name__)

_SECONDS = 1.5
"""Somebody waits for a plan. A mind that is not awake yet may be late for one question."""
_MOST = 10
_FITTING = 0.45
"""Of the best score: what is found beside it is no suggestion below this."""


_BY_MEANING = "its meaning"
"""What a passage says of why it was found, where nothing else speaks for it."""


class Searching(Protocol):
    """Who searches."""

    async def search(self, request: SearchRequest) -> list[Passage]:
        """Return what answers best. Raises a `LuminousError`."""


class Suggestions:
    """Asks the mind, and never fails."""

    def __init__(self, mind: Searching, seconds: float = _SECONDS) -> None:
        """Wait so many seconds for what `mind` finds."""
        self._mind = mind
        self._seconds = seconds

    async def packages_for(self, words: str) -> list[str]:
        """Return packages that `words` may mean."""
        return await self._names("package", words)

    async def options_for(self, words: str) -> list[str]:
        """Return options that `words` may mean."""
        return await self._names("option", words)

    async def _names(self, kind: str, words: str) -> list[str]:
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._mind.search(SearchRequest(words, (kind,), _MOST))
        except (LuminousError, TimeoutError) as error:
            _log.info("no suggestions: %s", str(error) or "the mind is late")
            return []
        least = _FITTING * max((passage.score for passage in found), default=0.0)
        return [item.title for item in found if item.score >= least and _is_about(item, words)]


def _is_about(passage: Passage, words: str) -> bool:
    """Tell whether more than likeness of meaning speaks for a passage.

    Of a single word that is in no text, the encoder makes a meaning that is next to anything.
    """
    return len(words.split()) > 1 or passage.why != (_BY_MEANING,)
