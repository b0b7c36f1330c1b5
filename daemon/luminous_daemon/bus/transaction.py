"""`org.luminous1.Transaction`: a change being made, or one of the past."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, ClassVar

from luminous_daemon.bus.guard import guarded_inside, requires
from luminous_daemon.bus.service import BusObject
from luminous_daemon.bus.wire import progress_to_dict, result_to_dict
from luminous_daemon.core import permission
from luminous_daemon.core.reporting import record_of
from luminous_protocol import names
from luminous_protocol.errors import TooLate
from luminous_protocol.names import Action
from luminous_protocol.transaction import Result, TransactionState

if TYPE_CHECKING:
    from luminous_daemon.bus.objects import Objects
    from luminous_daemon.core.ports import Caller
    from luminous_daemon.core.records import Record
    from luminous_daemon.core.transactions import Transaction

_SIGNAL_SECONDS = 0.2
"""Progress and log signals are gathered for so long: a build prints faster than people read."""
_LINES_A_SIGNAL = 40
_LINE_CHARACTERS = 500
_ANSWER_SECONDS = 1.0
_UNANSWERED = frozenset({TransactionState.PREPARING, TransactionState.AUTHORISING})


class TransactionObject(BusObject):
    """A transaction that is running, or has just finished."""

    kind: ClassVar[str] = "transaction"

    def __init__(self, transaction: Transaction, plan_path: str, objects: Objects) -> None:
        """Publish `transaction`, which carries out the plan at `plan_path`."""
        super().__init__(names.transaction_path(transaction.id), {names.TRANSACTION: self})
        self.transaction = transaction
        self.task: asyncio.Task[None] | None = None
        self._plan_path = plan_path
        self._objects = objects
        self._lines: list[str] = []
        self._last_line = ""
        self._timer: asyncio.TimerHandle | None = None
        self._is_answered = asyncio.Event()
        transaction.observer = self._observe

    async def answered(self) -> None:
        """Wait, but not for long, until polkit has answered or a person has to be asked.

        Polkit knows a caller only while it is on the bus, and tools such as busctl leave it as soon
        as their call is answered.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_answered.wait(), _ANSWER_SECONDS)

    def properties(self, _interface: str) -> dict[str, Any]:
        """Return where the transaction is."""
        transaction = self.transaction
        return {
            "State": transaction.state.value,
            "Phase": transaction.phase,
            "Percentage": self._percentage(),
            "Detail": progress_to_dict(transaction.progress, self._last_line),
            "Plan": self._plan_path,
            "Summary": transaction.prepared.plan.summary,
            "Caller": transaction.caller.uid,
            "Started": transaction.started,
            "Finished": transaction.finished,
            "Result": result_to_dict(transaction.result, dict(transaction.details)),
        }

    def shown_to(self, caller: Caller, interface: str) -> dict[str, Any]:
        """Keep what programs have printed from everybody but the caller and root.

        As with the system's own journal, which is not for everybody either.
        """
        shown = self.properties(interface)
        if caller.uid in {self.transaction.caller.uid, 0}:
            return shown
        details = {name: value for name, value in self.transaction.details.items() if name != "log"}
        return {
            **shown,
            "Detail": {**shown["Detail"], "line": ""},
            "Result": {**shown["Result"], "log": [], "details": details},
        }

    @guarded_inside("one's own needs nothing; somebody else's needs manage-others")
    async def cancel(self, caller: Caller) -> tuple[()]:
        """Stop it as long as nothing has been changed, or while it waits to be confirmed."""
        await permission.interfere(self._objects.world, self.transaction, caller, "cancel")
        if self._objects.executor.questions.decline(self.transaction):
            return ()
        self._objects.executor.check_cancellable(self.transaction)
        if self.task:
            self.task.cancel()
        return ()

    @guarded_inside("one's own needs nothing; somebody else's needs manage-others")
    async def confirm(self, caller: Caller) -> tuple[()]:
        """Keep what was activated with a time limit."""
        await permission.interfere(self._objects.world, self.transaction, caller, "confirm")
        self._objects.executor.questions.confirm(self.transaction)
        return ()

    @requires(Action.PLAN)
    async def undo(self, caller: Caller) -> tuple[str]:
        """Plan the way back."""
        plan = await self._objects.undo(caller, record_of(self.transaction))
        return (plan.path,)

    def stop_asking(self) -> None:
        """Stop it if a person is being asked for permission."""
        is_asking = self.transaction.is_asking
        if is_asking and self.transaction.state is TransactionState.AUTHORISING and self.task:
            self.task.cancel()

    def stop_if_possible(self) -> None:
        """Stop it unless activation has begun: the daemon is about to end."""
        if self._objects.executor.questions.decline(self.transaction):
            return
        try:
            self._objects.executor.check_cancellable(self.transaction)
        except TooLate:
            return
        if self.task:
            self.task.cancel()

    def _percentage(self) -> float:
        fraction = self.transaction.progress.fraction
        return round(fraction * 100, 1) if fraction >= 0 else -1.0

    def _observe(self, what: str) -> None:
        if self.transaction.is_asking or self.transaction.state not in _UNANSWERED:
            self._is_answered.set()
        match what:
            case "state":
                self._flush()
                self._changed(["State", "Phase", "Percentage"])
                self._signal_progress()
            case "log":
                self._last_line = self.transaction.log[-1][:_LINE_CHARACTERS]
                self._lines.append(self._last_line)
                self._later()
            case "progress":
                self._later()
            case "finished":
                self._flush()
                self._changed(["State", "Finished"], unsaid=("Result",))
                result = self.transaction.result
                self._tell("Finished", (self.transaction.state.value, result.message))

    def _later(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_SIGNAL_SECONDS, self._flush, True)  # noqa: FBT003 - call_later has no keywords

    def _flush(self, with_progress: bool = False) -> None:  # noqa: FBT001, FBT002 - see `_later`
        """Send what has gathered: the newest lines, and where the build is."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            self._tell("Log", (self._lines[-_LINES_A_SIGNAL:],))
            self._lines.clear()
        if with_progress:
            self._signal_progress()

    def _signal_progress(self) -> None:
        progress = self.transaction.progress
        detail = progress_to_dict(progress, self._last_line)
        self._tell("Progress", (progress.phase, self._percentage(), detail))

    def _changed(self, changed: list[str], *, unsaid: tuple[str, ...] = ()) -> None:
        """Tell everybody on the bus, and so no more than how far it is."""
        self._objects.service.emit_changed(self, names.TRANSACTION, changed, unsaid)

    def _tell(self, signal: str, values: tuple[Any, ...]) -> None:
        """Tell whoever began it. Others read the properties, where polkit is asked first."""
        caller = self.transaction.caller
        self._objects.service.tell(caller, self.path, (names.TRANSACTION, signal), values)


class PastTransaction(BusObject):
    """A transaction that only the journal knows any more."""

    kind: ClassVar[str] = "transaction"

    def __init__(self, record: Record, objects: Objects) -> None:
        """Show `record`."""
        super().__init__(names.transaction_path(record.id), {names.TRANSACTION: self})
        self._record = record
        self._objects = objects

    def properties(self, _interface: str) -> dict[str, Any]:
        """Return what the journal kept."""
        record = self._record
        result = Result(default=record.generation, error=record.error, message=record.message)
        return {
            "State": record.state,
            "Phase": record.state,
            "Percentage": -1.0,
            "Detail": {},
            "Plan": "/",
            "Summary": record.summary,
            "Caller": record.uid,
            "Started": record.started,
            "Finished": record.finished,
            "Result": result_to_dict(result, {}),
        }

    @guarded_inside("it is over, so there is nothing to protect")
    async def cancel(self, _caller: Caller) -> tuple[()]:
        """Say that it is over."""
        raise TooLate("It is over already. To take it back: ask-nix undo")

    @guarded_inside("it is over, so there is nothing to protect")
    async def confirm(self, _caller: Caller) -> tuple[()]:
        """Say that it is over."""
        raise TooLate("There is nothing to confirm.")

    @requires(Action.PLAN)
    async def undo(self, caller: Caller) -> tuple[str]:
        """Plan the way back."""
        plan = await self._objects.undo(caller, self._record)
        return (plan.path,)
