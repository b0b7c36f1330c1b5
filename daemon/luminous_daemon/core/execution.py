"""Carrying out a plan: permission, build, activation, and the way back when that goes wrong.

Build first; then write the configuration; run the new system, and prove meanwhile that what was
written evaluates to it; look at its health; and only then make it the default. Until the writing,
stopping costs nothing; after it, whatever fails puts everything back and says exactly what is true.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from luminous_daemon.core import permission, policy
from luminous_daemon.core.beside import beside
from luminous_daemon.core.confirming import Questions
from luminous_daemon.core.health import check_health, look
from luminous_daemon.core.jobs import Jobs
from luminous_daemon.core.ports import Health
from luminous_daemon.core.recovery import way_back_from
from luminous_daemon.core.refusals import Refusals
from luminous_daemon.core.reporting import good_news, record_of, storage_failed, told_exactly
from luminous_daemon.core.space import boot_room, refuse_without_room, tell_of_space
from luminous_daemon.core.transactions import CANCELLABLE, Transaction
from luminous_daemon.core.way_back import Before, WayBack
from luminous_daemon.core.writing import commit, write, writes
from luminous_protocol.changes import CollectGarbage, ImportFile
from luminous_protocol.errors import (
    BuildFailed,
    Busy,
    Cancelled,
    Drifted,
    Internal,
    LuminousError,
    TooLate,
)
from luminous_protocol.transaction import Mode, Result, TransactionState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from luminous_daemon.core.on_disk import OnDisk
    from luminous_daemon.core.ports import Generation, World
    from luminous_daemon.core.prepared import Prepared
    from luminous_daemon.core.recovery import Steps

_FRESH_SECONDS = 5.0
_SOON_SECONDS = 0.5
"""What takes no longer is no phase that anybody wants to read of."""
_BUSY = "Another change is being made at this moment. Try again when it is done, or use --wait."


class Executor:
    """Carries out one change at a time."""

    def __init__(
        self, world: World, on_disk: OnDisk, report: Callable[[str, BaseException], None]
    ) -> None:
        """Work on `world`; `report` is told of defects, for the journal."""
        self._world = world
        self._on_disk = on_disk
        self._report = report
        self._refusals = Refusals(lambda: world.boot_time().seconds)
        self._turn = asyncio.Lock()
        self.questions = Questions(world)
        self.jobs = Jobs(world, self._permit, self._named)

    @property
    def is_busy(self) -> bool:
        """Tell whether a change is being made."""
        return self._turn.locked()

    def refuse_when_busy(self, *, wait: bool) -> None:
        """Raise `Busy` when a change is being made and the caller does not want to wait."""
        if self.is_busy and not wait:
            raise Busy(_BUSY)

    async def run(
        self, transaction: Transaction, prepare: Callable[[], Awaitable[Prepared]] | None = None
    ) -> None:
        """Carry `transaction` out to its end; whatever happens becomes its result.

        `prepare` makes the plan first, for callers who did not ask to see one. The task may be
        cancelled while `check_cancellable` allows it, and not afterwards.
        """
        try:
            if prepare:
                transaction.prepared = await prepare()
            await self._run(transaction)
        except asyncio.CancelledError:
            if transaction.state not in CANCELLABLE:
                raise  # the daemon is going down; the journal says what to do at its next start
            self._fail(transaction, Cancelled("Cancelled. Nothing was changed."))
        except Exception as error:  # noqa: BLE001 - the last stop before a client would wait for ever
            named = self._named(transaction, error)
            if isinstance(error, OSError) and transaction.state in CANCELLABLE:
                named.message += " Nothing was changed."
            self._fail(transaction, named)

    def _named(self, transaction: Transaction, error: Exception) -> LuminousError:
        """Return `error` as people are told; a defect is reported, and told without its text."""
        if isinstance(error, LuminousError):
            return error
        if isinstance(error, OSError):
            return storage_failed(error)
        self._report(transaction.id, error)
        return Internal("Something went wrong inside Luminous. The system journal has the details.")

    async def resume(self, transaction: Transaction, steps: Steps) -> None:
        """Go on with a change that waited for its confirmation when an earlier daemon ended."""
        taken = dict(steps)
        async with self._turn:
            undo = way_back_from(self._world, taken, transaction.write)
            toplevel = taken["confirm"]["toplevel"]
            try:
                async with self._putting_back(transaction, undo):
                    await self.questions.wait(transaction, taken)
                    if transaction.wishes.mode is Mode.SWITCH:
                        await self._make_default(transaction, toplevel, undo)
            except LuminousError as error:
                self._fail(transaction, error)
            else:
                await commit(self._world, transaction, undo)
                self._succeed(transaction, toplevel, await self._closure_size(toplevel))

    @staticmethod
    def check_cancellable(transaction: Transaction) -> None:
        """Raise `TooLate` once activation has begun."""
        if transaction.state not in CANCELLABLE:
            if transaction.state.is_final:
                raise TooLate("It is over already. To take it back: ask-nix undo")
            raise TooLate("The new system is being activated, which cannot be cut short.")

    async def _run(self, transaction: Transaction) -> None:
        prepared, wishes = transaction.prepared, transaction.wishes
        policy.check_mode(prepared.plan.changes, wishes.mode)
        policy.check_inhibitors(prepared.plan.inhibitors, wishes.mode)
        refuse_without_room(self._world, prepared.plan.rooms)
        await self._permit(transaction)
        async with self._my_turn(transaction):
            if wishes.mode is not Mode.BUILD:
                self._world.activation.check_free()
            self._check_undrifted(prepared)
            self._world.journal.begin(record_of(transaction))
            if isinstance(prepared.plan.changes[0], CollectGarbage):
                await self._collect_garbage(transaction)
                return
            if isinstance(prepared.plan.changes[0], ImportFile):
                await self._import_file(transaction)
                return
            if wishes.mode is Mode.BUILD:
                toplevel = await self._build(transaction)
                self._succeed(transaction, toplevel, await self._closure_size(toplevel))
                return
            await self._activate(transaction, *await self._build_and_look(transaction))

    async def _permit(self, transaction: Transaction) -> None:
        transaction.enter(TransactionState.AUTHORISING, "checking permission")
        with self._refusals.counted(transaction.caller):
            await permission.obtain(self._world, transaction)

    @contextlib.asynccontextmanager
    async def _my_turn(self, transaction: Transaction) -> AsyncIterator[None]:
        self.refuse_when_busy(wait=transaction.wishes.wait)
        if self.is_busy:
            transaction.enter(TransactionState.WAITING, "waiting for another change")
        async with self._turn:
            transaction.enter(TransactionState.BUILDING, "checking the plan")
            yield

    def _check_undrifted(self, prepared: Prepared) -> None:
        """Raise `Drifted` unless everything is as it was when the plan was made."""
        world = self._world
        if prepared.digest and world.configuration.digest() != prepared.digest:
            raise Drifted(
                "The configuration has changed since the plan was made. Nothing was changed; "
                "plan again."
            )
        if world.profile.running() != prepared.base or world.profile.default() != prepared.default:
            raise Drifted(
                "The system has changed since the plan was made. Nothing was changed; plan again."
            )

    async def _build(self, transaction: Transaction) -> str:
        prepared = transaction.prepared
        if not prepared.derivation or await self._closure_size(prepared.toplevel) >= 0:
            return prepared.toplevel
        transaction.note("building")
        try:
            return await self._world.store.build(prepared.derivation, transaction.advance)
        except BuildFailed as error:
            tell_of_space(self._world, prepared.plan.rooms, error)
            raise

    async def _build_for_boot(self, transaction: Transaction) -> str:
        """Build. Raises `NoSpace` where a kernel, whose size is known now, cannot be booted."""
        toplevel = await self._build(transaction)
        if transaction.wishes.mode is not Mode.TEST:
            partition = transaction.prepared.boot_partition
            refuse_without_room(self._world, boot_room(self._world, toplevel, partition))
        return toplevel

    async def _build_and_look(self, transaction: Transaction) -> tuple[str, Health]:
        """Build; return also how well the machine was before anything is changed.

        It is looked at beside the build, and again if that took long: what failed meanwhile is
        not to be blamed on the new system.
        """
        if transaction.wishes.mode is Mode.BOOT:  # nothing will be compared
            return await self._build_for_boot(transaction), Health()
        loop, check = asyncio.get_running_loop(), self._world.health
        began = loop.time()
        async with beside(look(check)) as looking:
            toplevel = await self._build_for_boot(transaction)
            seconds = loop.time() - began
            await asyncio.wait({looking}, timeout=_SOON_SECONDS)
            if not looking.done():
                transaction.note("looking at the machine's health")
            health = await looking
        if seconds > _FRESH_SECONDS:
            health = await look(check)
        return toplevel, health

    async def _activate(self, transaction: Transaction, toplevel: str, health: Health) -> None:
        """Make `toplevel` the system. Never cancelled half-way; puts back what it began.

        `health` is how well the machine was before.
        """
        self._world.activation.check_free()  # a build takes time, in which much can begin
        transaction.enter(TransactionState.ACTIVATING, "writing the configuration")
        async with self._putting_back(transaction) as undo:
            await write(self._world, transaction, undo)
            # What takes time and needs nothing of the switch is done beside it.
            async with beside(self._prove(transaction)) as proof:
                if transaction.wishes.mode in {Mode.SWITCH, Mode.TEST}:
                    await self._bring_up(transaction, toplevel, undo)
                    transaction.note("checking the machine's health")
                    await check_health(self._world.health, health, transaction)
                await proof
            async with beside(self._closure_size(toplevel)) as sizing:
                if transaction.wishes.confirm_within and undo.has_switched:
                    self._keep_values(transaction, toplevel)  # a later daemon has not got them
                    await self.questions.ask(transaction, toplevel)
                if transaction.wishes.mode in {Mode.SWITCH, Mode.BOOT}:
                    await self._make_default(transaction, toplevel, undo)
                size = await sizing
        await commit(self._world, transaction, undo)
        self._succeed(transaction, toplevel, size)

    async def _import_file(self, transaction: Transaction) -> None:
        """Make the configuration import Luminous's file. That is no other system: none is built."""
        transaction.enter(TransactionState.ACTIVATING, "writing the configuration")
        async with self._putting_back(transaction) as undo:
            await write(self._world, transaction, undo)
            transaction.note("proving that nothing else changes")
            await self._prove(transaction)
        self._succeed(transaction, "", -1)

    @contextlib.asynccontextmanager
    async def _putting_back(
        self, transaction: Transaction, begun: WayBack | None = None
    ) -> AsyncIterator[WayBack]:
        """Give the way back to be told what is begun; take it when anything fails."""
        undo = begun or WayBack(self._world, self._before(transaction), transaction.write)
        try:
            yield undo
        except Exception as error:  # noqa: BLE001 - whatever it is, what was begun is put back
            transaction.note("putting everything back")
            with contextlib.suppress(OSError):  # a full disk may be the very reason
                self._world.journal.step(transaction.id, "back", {})
            await undo.run()
            raise told_exactly(self._named(transaction, error), undo) from None

    def _before(self, transaction: Transaction) -> Before:
        prepared = transaction.prepared
        newest = max((item.number for item in self._world.profile.generations()), default=0)
        return Before(prepared.base, prepared.default, newest)

    async def _prove(self, transaction: Transaction) -> None:
        """Raise `Drifted` unless what is on disk evaluates to what was planned and built."""
        prepared = transaction.prepared
        if not writes(transaction):
            return
        proof = await self._on_disk.evaluate()
        is_import = isinstance(prepared.plan.changes[0], ImportFile)
        if proof.derivation != prepared.derivation or (is_import and not proof.is_imported):
            raise Drifted(
                "The configuration on disk does not evaluate to what the plan showed, so it was "
                "put back. Plan again."
            )

    async def _bring_up(self, transaction: Transaction, toplevel: str, undo: WayBack) -> None:
        world, base = self._world, transaction.prepared.base
        step = {"toplevel": toplevel, "base": base, "boot": world.boot_time().boot}
        world.journal.step(transaction.id, "test", step)
        transaction.note("activating")
        undo.has_switched = True
        try:
            await world.activation.test(toplevel, transaction.write)
        except Busy:
            undo.has_switched = False  # another program is switching: this has not begun
            raise

    async def _make_default(self, transaction: Transaction, toplevel: str, undo: WayBack) -> None:
        world = self._world
        prepared = transaction.prepared
        number = 0 if prepared.derivation else prepared.plan.generations[0]
        before = asdict(self._before(transaction))
        step = {"toplevel": toplevel, "number": number, "before": before}
        world.journal.step(transaction.id, "default", step)
        transaction.note("making it the default")
        undo.new_default = toplevel
        await world.activation.make_default(toplevel, number, transaction.write)

    async def _collect_garbage(self, transaction: Transaction) -> None:
        world, numbers = self._world, transaction.prepared.plan.generations
        world.journal.step(transaction.id, "garbage", {"generations": list(numbers)})
        transaction.enter(TransactionState.ACTIVATING, "deleting old generations")
        if numbers:
            await world.profile.delete(numbers)
        transaction.note("deleting what nothing needs")
        freed = await world.store.collect_garbage()
        running = world.profile.running()
        self._succeed(transaction, running, await self._closure_size(running), freed)

    async def _closure_size(self, toplevel: str) -> int:
        """Return the size of a system in bytes, or -1: only a figure to show."""
        try:
            return await self._world.store.closure_size(toplevel) if toplevel else -1
        except (LuminousError, OSError):
            return -1

    def _state(self, generations: Sequence[Generation]) -> Result:
        running = next((item.number for item in generations if item.is_current), 0)
        return Result(running=running, default=self._world.profile.default())

    def _succeed(self, transaction: Transaction, toplevel: str, size: int, freed: int = 0) -> None:
        """End well, with what is true now, looked at afresh; sizes are in bytes."""
        generations = self._world.profile.generations()
        result = replace(
            self._state(generations),
            toplevel=toplevel,
            closure_before=transaction.prepared.plan.closure.before,
            closure_after=size,
            freed=freed,
        )
        if transaction.wishes.mode in {Mode.SWITCH, Mode.BOOT}:
            self._keep_values(transaction, toplevel)
            self._world.values.retain({item.toplevel for item in generations})
        message = " ".join(filter(None, (good_news(transaction, result), transaction.remark)))
        self._end(transaction, TransactionState.DONE, replace(result, message=message))

    def _keep_values(self, transaction: Transaction, toplevel: str) -> None:
        """Keep the values of options of a system, which may be a generation one day."""
        values = transaction.prepared.values
        if values is not None:
            self._world.values.keep(toplevel, values)

    def _fail(self, transaction: Transaction, error: LuminousError) -> None:
        state = (
            TransactionState.CANCELLED if isinstance(error, Cancelled) else TransactionState.FAILED
        )
        transaction.details = error.details
        log = error.details.get("log", [])
        result = replace(
            self._state(self._world.profile.generations()),
            error=error.name,
            message=error.message,
            log=tuple([log] if isinstance(log, str) else log),
            put_back=error.details.get("put_back") == "yes",
        )
        self._end(transaction, state, result)

    def _end(self, transaction: Transaction, state: TransactionState, result: Result) -> None:
        was_begun = self._world.journal.find(transaction.id) is not None
        transaction.end(state, result, int(self._world.clock()))
        try:
            # Before anybody is told: whoever hears of the end can look it up.
            if was_begun:
                self._world.journal.finish(record_of(transaction))
        except OSError as error:
            self._report(transaction.id, error)
        permission.record_end(self._world, transaction)
        transaction.announce()
