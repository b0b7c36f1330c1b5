"""The plans and transactions on the bus: making them, finding them, letting them go."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from luminous_daemon.bus.departures import Departures
from luminous_daemon.bus.plan import PlanObject
from luminous_daemon.bus.transaction import PastTransaction, TransactionObject
from luminous_daemon.core import policy
from luminous_daemon.core.placing import Placed
from luminous_daemon.core.planning import Request
from luminous_daemon.core.ports import Caller
from luminous_daemon.core.prepared import Prepared
from luminous_daemon.core.reporting import storage_failed
from luminous_daemon.core.transactions import Transaction, Wishes
from luminous_protocol import names
from luminous_protocol.changes import ImportFile, change_to_dict
from luminous_protocol.codec import parse_changes
from luminous_protocol.errors import (
    Internal,
    LimitExceeded,
    LuminousError,
    NothingToDo,
)
from luminous_protocol.plan import Plan, Risk
from luminous_protocol.transaction import Mode, TransactionState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from luminous_daemon.bus.service import BusObject, Service
    from luminous_daemon.core.execution import Executor
    from luminous_daemon.core.jobs import Job
    from luminous_daemon.core.planning import Planner
    from luminous_daemon.core.ports import World
    from luminous_daemon.core.records import Record
    from luminous_daemon.core.recovery import Steps

    Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]

_KEPT_TRANSACTIONS = 20
_IMPORT_STAYS = (
    "Luminous does not take its own import back. Delete the line in your configuration by hand if "
    "you want; then nothing that Luminous was asked for is in force any more."
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Workers:
    """Who does the work: `spawn` starts tasks in the daemon's task group.

    `after_change` is called when a transaction has ended and everybody has been told.
    """

    planner: Planner
    executor: Executor
    spawn: Spawn
    after_change: Callable[[], None] = lambda: None


class Objects:
    """What clients have asked for, while it lives."""

    def __init__(
        self,
        service: Service,
        world: World,
        workers: Workers,
    ) -> None:
        """Publish on `service`; `workers` do the work."""
        self.service = service
        self.world = world
        self.planner, self.executor = workers.planner, workers.executor
        self._spawn = workers.spawn
        self._after_change = workers.after_change
        self._plans: dict[str, PlanObject] = {}
        self._transactions: dict[str, TransactionObject] = {}
        self._finished: deque[str] = deque()
        self.departures = Departures(service.connection, workers.spawn, self._notice_leaving)
        service.find_more(self._find_past)

    def plan(self, request: Request) -> PlanObject:
        """Publish a plan that is being prepared. Raises `LimitExceeded`."""
        self._make_room(request.caller)
        published = PlanObject(names.plan_path(_identifier()), request.caller, self)
        self._plans[published.path] = published
        self.service.publish(published)
        self.departures.watch(request.caller.sender)
        published.task = self._spawn(self._prepare(published, request))
        return published

    async def _prepare(self, published: PlanObject, request: Request) -> None:
        try:
            prepared = await self.planner.prepare(request)
        except LuminousError as error:
            published.become_failed(error)
        except OSError as error:
            published.become_failed(storage_failed(error))
        except Exception:  # noqa: BLE001 - a plan must end, whatever happens; the log has the rest
            _log.exception("planning failed")
            published.become_failed(
                Internal("Something went wrong inside Luminous. Its journal has the details.")
            )
        else:
            published.become_ready(prepared)

    def _make_room(self, caller: Caller) -> None:
        """Let go of what is of no use any more; raise `LimitExceeded` when that is not enough.

        A plan that is over stays for a while, so that its owner can read why.
        """
        now = self.world.clock()
        for path, published in list(self._plans.items()):
            if published.is_forgotten(now):
                self.drop_plan(path)
        own = [item for item in self._plans.values() if item.owner.uid == caller.uid]
        over = [item for item in own if item.is_over(now)]
        for published in over[: -policy.MAX_PLANS_OF_CLIENT]:
            self.drop_plan(published.path)
        if len(own) - len(over) < policy.MAX_PLANS_OF_CLIENT:
            return
        for published in own:
            if published.is_left_behind:
                published.discard_quietly()
                return
        raise LimitExceeded(
            f"You hold {policy.MAX_PLANS_OF_CLIENT} plans already. Apply or discard one first."
        )

    def _notice_leaving(self, sender: str) -> None:
        """Ask no person any more for somebody who has left; let go of the plans left behind soon.

        What has permission, or waits for its turn with it, goes on: whoever left has approved it.
        """
        for item in self._transactions.values():
            if item.transaction.caller.sender == sender:
                item.stop_asking()
        for published in self._plans.values():
            published.note_leaving(sender)
        asyncio.get_running_loop().call_later(policy.LEFT_SECONDS, self._drop_left_behind, sender)

    def _drop_left_behind(self, sender: str) -> None:
        for published in list(self._plans.values()):
            if published.holder == sender and published.is_left_behind:
                published.discard_quietly()

    def drop_plan(self, path: str) -> None:
        """Take a plan off the bus."""
        self._plans.pop(path, None)
        self.service.withdraw(path)

    def begin_request(self, request: Request, wishes: Wishes) -> TransactionObject:
        """Publish a transaction that makes its plan first. Raises as `begin` does."""

        async def prepare() -> Prepared:
            return await self.planner.prepare(request)

        plan = Plan(
            id="",
            summary=request.changes[0].kind,
            risk=policy.risk_of(request.changes[0]),
            changes=request.changes,
            action=policy.action_for(request.changes),
            expires=0,
        )
        unprepared = Prepared(plan=plan, words=request.words, base="", default=0)
        transaction = self.new_transaction(request.caller, unprepared, wishes)
        return self.begin(transaction, prepare=prepare)

    def new_transaction(self, caller: Caller, prepared: Prepared, wishes: Wishes) -> Transaction:
        """Return a transaction that has not begun."""
        now = int(self.world.clock())
        return Transaction(_identifier(), prepared, caller, wishes, started=now)

    def begin(
        self,
        transaction: Transaction,
        *,
        plan_path: str = "/",
        prepare: Callable[[], Awaitable[Prepared]] | None = None,
    ) -> TransactionObject:
        """Publish a transaction and start it. Raises `Busy` or `LimitExceeded`."""
        self._check_room(transaction.caller)
        self.executor.refuse_when_busy(wait=transaction.wishes.wait)
        published = TransactionObject(transaction, plan_path, self)
        self._start(published, self.executor.run(transaction, prepare))
        return published

    def begin_job(self, caller: Caller, job: Job, *, interactive: bool) -> TransactionObject:
        """Publish a transaction that does `job`, and start it. Raises as `begin` does."""
        self._check_room(caller)
        self.executor.jobs.refuse_when_busy()
        wishes = Wishes(mode=Mode.BUILD, interactive=interactive)
        transaction = self.new_transaction(caller, job.prepared(), wishes)
        published = TransactionObject(transaction, "/", self)
        self._start(published, self.executor.jobs.run(transaction, job.work))
        return published

    def _start(self, published: TransactionObject, work: Coroutine[Any, Any, None]) -> None:
        self._transactions[published.path] = published
        self.service.publish(published)
        self.departures.watch(published.transaction.caller.sender)
        published.task = self._spawn(self._carry_out(published, work))

    def resume(self, record: Record, steps: Steps) -> None:
        """Publish a transaction of an earlier daemon that still waits to be confirmed."""
        transaction = _waiting_transaction(record, dict(steps)["confirm"])
        published = TransactionObject(transaction, "/", self)
        self._transactions[published.path] = published
        self.service.publish(published)
        work = self.executor.resume(transaction, steps)
        published.task = self._spawn(self._carry_out(published, work))

    def _check_room(self, caller: Caller) -> None:
        running = [
            item
            for item in self._transactions.values()
            if not item.transaction.state.is_final and item.transaction.caller.uid == caller.uid
        ]
        if len(running) >= policy.MAX_TRANSACTIONS_OF_CLIENT:
            raise LimitExceeded("You have too many changes waiting already. Let one finish first.")

    async def _carry_out(
        self,
        published: TransactionObject,
        work: Coroutine[Any, Any, None],
    ) -> None:
        await work
        self.emit_machine_changed()
        self._finished.append(published.path)
        while len(self._finished) > _KEPT_TRANSACTIONS:
            path = self._finished.popleft()
            self._transactions.pop(path, None)
            self.service.withdraw(path)
        self._after_change()

    def emit_machine_changed(self) -> None:
        """Say that the root object's properties may have changed."""
        root = self.service.root
        if root:
            self.service.emit_changed(root, names.SYSTEM, list(root.properties(names.SYSTEM)))

    async def undo(self, caller: Caller, record: Record) -> PlanObject:
        """Plan the inverse of a transaction. Raises `NothingToDo` when it has none."""
        if change_to_dict(ImportFile()) in record.changes:
            raise NothingToDo(_IMPORT_STAYS)
        if not record.inverse or record.state != "done":
            raise NothingToDo("There is nothing to undo: that changed nothing that can be undone.")
        changes = parse_changes(list(record.inverse))
        words = f"undo: {record.words or record.summary}"
        return self.plan(Request(changes, caller, words, undoes=record.id))

    def records(self, limit: int) -> list[tuple[Record, str]]:
        """Return the newest transactions, finished or not, with their object paths."""
        return [
            (record, names.transaction_path(record.id))
            for record in self.world.journal.records(limit)
        ]

    def running_transaction(self) -> tuple[str, str]:
        """Return path and state of the transaction that changes the machine; empty for none."""
        return next(
            (
                (path, item.transaction.state.value)
                for path, item in self._transactions.items()
                if item.transaction.prepared.plan.changes and not item.transaction.state.is_final
            ),
            ("", ""),
        )

    def cancel_all(self) -> None:
        """Stop what can be stopped: the daemon is about to end."""
        for published in self._plans.values():
            published.stop()
        for item in self._transactions.values():
            item.stop_if_possible()

    def _find_past(self, path: str) -> BusObject | None:
        if not path.startswith(names.TRANSACTION_PREFIX):
            return None
        record = self.world.journal.find(path.removeprefix(names.TRANSACTION_PREFIX))
        return PastTransaction(record, self) if record else None


def _waiting_transaction(record: Record, step: Mapping[str, Any]) -> Transaction:
    """Return the transaction that the journal knows, in the state in which it was left."""
    changes = parse_changes(list(record.changes))
    plan = Plan(
        id=step["plan"],
        summary=record.summary,
        risk=max(map(policy.risk_of, changes), key=list(Risk).index),
        changes=changes,
        action=policy.action_for(changes),
        expires=0,
        generations=tuple(step["generations"]),
    )
    prepared = Prepared(
        plan=plan,
        words=record.words,
        base="",
        default=step["default"],
        inverse=parse_changes(list(record.inverse)) if record.inverse else (),
        derivation=step["derivation"],
        undoes=record.undoes,
        placed=tuple(map(Placed.from_data, record.placed)),
        is_mending=record.is_mending,
    )
    return Transaction(
        id=record.id,
        prepared=prepared,
        caller=Caller(step["sender"], record.uid, 0, record.user),
        wishes=Wishes(mode=Mode(step["mode"]), confirm_within=step["seconds"]),
        started=record.started,
        state=TransactionState.CONFIRMING,
        phase=f"waiting {step['seconds']} seconds for confirmation",
        is_recorded=True,
    )


def _identifier() -> str:
    """Return a name for an object path that nobody can guess."""
    return secrets.token_hex(8)
