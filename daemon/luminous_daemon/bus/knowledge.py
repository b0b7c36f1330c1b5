"""`org.luminous1.Knowledge`: what there is to know of options, packages and manuals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from luminous_daemon.bus.bounded import Bounded
from luminous_daemon.bus.guard import requires
from luminous_daemon.bus.intent import speaker_of
from luminous_daemon.bus.wire import (
    diagnosis_to_dict,
    index_to_dict,
    named_to_dict,
    passage_to_dict,
    readable,
    report_to_details,
)
from luminous_daemon.core.conversations import offered
from luminous_daemon.core.jobs import Ending, Job
from luminous_daemon.core.planning.naming import did_you_mean
from luminous_protocol.codec import take_options
from luminous_protocol.errors import InvalidValue, UnknownOption, UnknownPackage
from luminous_protocol.indexing import IndexRequest
from luminous_protocol.names import Action
from luminous_protocol.passages import NameRequest, SearchRequest
from luminous_protocol.transaction import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luminous_daemon.bus.objects import Objects
    from luminous_daemon.core.conversations import Conversations
    from luminous_daemon.core.ports import Caller
    from luminous_daemon.core.transactions import Transaction
    from luminous_protocol.diagnosis import Diagnosis
    from luminous_protocol.diagnosis.request import ExplainRequest
    from luminous_protocol.errors import LuminousError
    from luminous_protocol.indexing import IndexReport, IndexStep
    from luminous_protocol.passages import Named, Passage


MAX_QUESTIONS = 16
"""So many questions of one user are under way at most, over all connections."""


_LONGEST_PHASE = 200
_MOST_DOCUMENTS = 2**40


class Searching(Protocol):
    """Who searches."""

    async def search(self, request: SearchRequest) -> list[Passage]:
        """Return what answers best. Raises a `LuminousError`, `MindUnavailable` among them."""

    async def describe(self, request: NameRequest) -> Named:
        """Return what there is under a name. Raises as `search` does."""

    async def explain(self, request: ExplainRequest) -> Diagnosis:
        """Return what an error message means. Raises as `search` does."""

    async def status(self) -> Mapping[str, Any]:
        """Return what can be searched. Raises as `search` does."""

    async def ingest(
        self, request: IndexRequest, on_step: Callable[[IndexStep], None]
    ) -> IndexReport:
        """Index, and tell each step. Raises as `search` does."""


class KnowledgeInterface:
    """Hands searches on to the process that does them."""

    def __init__(self, mind: Searching, objects: Objects, conversations: Conversations) -> None:
        """Let `mind` search; publish the transactions that index among `objects`.

        What was found may be referred to in the caller's one of `conversations`.
        """
        self._mind, self._objects, self._conversations = mind, objects, conversations
        self._bounded = Bounded(MAX_QUESTIONS, "searches")

    @requires(Action.READ)
    async def search(
        self, caller: Caller, query: str, options: dict[str, Any]
    ) -> tuple[list[dict[str, Any]]]:
        """Find passages, the best first."""
        taken = take_options(options, {"kinds": list, "limit": int, "conversation": str})
        kinds = taken.pop("kinds", [])
        speaker = speaker_of(caller, taken.pop("conversation", ""))
        if not all(isinstance(kind, str) for kind in kinds):
            raise InvalidValue("The option 'kinds' takes a list of texts.")
        request = SearchRequest(query, tuple(kinds), **taken)
        with self._bounded.counted(caller):
            found = await self._mind.search(request)
        self._conversations.note(speaker, offered(found))
        return ([passage_to_dict(passage) for passage in found],)

    @requires(Action.READ)
    async def describe(
        self, caller: Caller, kind: str, name: str, options: dict[str, Any]
    ) -> tuple[dict[str, Any]]:
        """Tell what the index has under the name of an option or of a package."""
        take_options(options, {})
        request = NameRequest(kind, name)
        with self._bounded.counted(caller):
            found = await self._mind.describe(request)
        if not (found.passage or found.below):
            raise _unknown(request, found.nearest)
        return (named_to_dict(found),)

    @requires(Action.READ)
    async def explain_error(
        self, caller: Caller, text: str, options: dict[str, Any]
    ) -> tuple[dict[str, Any]]:
        """Tell what an error message means, and what mends it."""
        from luminous_protocol.diagnosis.request import (  # noqa: PLC0415 - seldom asked for
            ExplainRequest,
        )

        request = ExplainRequest(text, **take_options(options, {"configuration": str}))
        with self._bounded.counted(caller):
            return (diagnosis_to_dict(await self._mind.explain(request)),)

    @requires(Action.READ)
    async def status(self, caller: Caller) -> tuple[dict[str, Any]]:
        """Return what is in the index."""
        with self._bounded.counted(caller):
            return (index_to_dict(await self._mind.status()),)

    @requires(Action.READ)
    async def ingest(self, caller: Caller, source: str, options: dict[str, Any]) -> tuple[str]:
        """Index what is to be searched; whether that is allowed is asked in the transaction."""
        taken = take_options(options, {"interactive": bool})
        request = IndexRequest(source)

        async def index(transaction: Transaction) -> Ending:
            report = await self._mind.ingest(request, lambda step: _show(transaction, step))
            return Ending(readable(report.sentence()), report_to_details(report))

        job = Job("index what can be searched", Action.INDEX, index)
        begun = self._objects.begin_job(caller, job, interactive=taken.get("interactive", True))
        await begun.answered()
        return (begun.path,)


def _unknown(request: NameRequest, nearest: Sequence[str]) -> LuminousError:
    error = UnknownOption if request.kind == "option" else UnknownPackage
    said = did_you_mean([readable(name) for name in nearest])
    return error(f"The index has no {request.kind} called {request.name!r}.{said}")


def _show(transaction: Transaction, step: IndexStep) -> None:
    """Show a step, whatever the mind calls it."""
    phase = readable(step.phase[:_LONGEST_PHASE])
    if phase != transaction.phase:
        transaction.note(phase)
    done, total = (min(max(number, -1), _MOST_DOCUMENTS) for number in (step.done, step.total))
    transaction.advance(Progress(phase, done, total), "")
