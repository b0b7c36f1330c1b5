"""`org.luminous1.Plan`: a plan on the bus. Only its owner sees and applies it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from luminous_daemon.bus.guard import guarded_inside
from luminous_daemon.bus.service import BusObject
from luminous_daemon.bus.wire import plan_to_properties
from luminous_daemon.core import policy
from luminous_daemon.core.transactions import Wishes
from luminous_protocol import names
from luminous_protocol.codec import take_options
from luminous_protocol.errors import (
    AlreadyUsed,
    Expired,
    InvalidValue,
    LuminousError,
    NotAuthorized,
    NotReady,
)
from luminous_protocol.plan import Plan, PlanState, Risk
from luminous_protocol.transaction import Mode

if TYPE_CHECKING:
    import asyncio

    from luminous_daemon.bus.objects import Objects
    from luminous_daemon.core.ports import Caller
    from luminous_daemon.core.prepared import Prepared

_EMPTY = Plan(id="", summary="", risk=Risk.LOW, changes=(), action="", expires=0)
_APPLY_OPTIONS = {"wait": bool, "confirm-within": int, "interactive": bool}
_MAX_CONFIRM_SECONDS = 3600


class PlanObject(BusObject):
    """A plan, from its preparation to its only use."""

    kind: ClassVar[str] = "plan"

    def __init__(self, path: str, owner: Caller, objects: Objects) -> None:
        """Publish under `path` for `owner`."""
        super().__init__(path, {names.PLAN: self})
        self.owner = owner
        self.holder = owner.sender
        self._has_holder = True
        self.state = PlanState.PREPARING
        self.task: asyncio.Task[None] | None = None
        self._objects = objects
        self._made = objects.world.clock()
        self._prepared: Prepared | None = None
        self._failure: LuminousError | None = None

    def become_ready(self, prepared: Prepared) -> None:
        """Show what was prepared."""
        self._prepared = prepared
        self._enter(PlanState.READY)

    def become_failed(self, error: LuminousError) -> None:
        """Show why it cannot be."""
        self._failure = error
        self._enter(PlanState.FAILED)

    def is_over(self, now: float) -> bool:
        """Tell whether nobody can use it any more."""
        if self._prepared and now > self._prepared.plan.expires:
            return True
        return self.state in {PlanState.USED, PlanState.FAILED, PlanState.DISCARDED}

    def is_forgotten(self, now: float) -> bool:
        """Tell whether it has been over for so long that nobody asks why any more."""
        expires = self._prepared.plan.expires if self._prepared else self._made
        return self.is_over(now) and now > expires + policy.PLAN_SECONDS

    def stop(self) -> None:
        """Stop preparing."""
        if self.task:
            self.task.cancel()

    def discard_quietly(self) -> None:
        """Let go of it, whatever its state."""
        self.stop()
        self.state = PlanState.DISCARDED
        self._objects.drop_plan(self.path)

    @property
    def is_left_behind(self) -> bool:
        """Whether it is only of use to somebody who comes back for it."""
        is_unused = self.state in {PlanState.PREPARING, PlanState.READY}
        return is_unused and not self._has_holder

    def note_leaving(self, sender: str) -> None:
        """Take note that a connection is gone from the bus."""
        self._has_holder = self._has_holder and sender != self.holder

    def touch(self, caller: Caller) -> None:
        """Take note over which connection its maker asks: some tools use one for each call."""
        if caller.uid == self.owner.uid and caller.sender != self.holder:
            self.holder, self._has_holder = caller.sender, True
            self._objects.departures.watch(caller.sender)

    def check_readable(self, caller: Caller) -> None:
        """Raise `NotAuthorized` unless `caller` made the plan, or is root."""
        if caller.uid not in {self.owner.uid, 0}:
            raise NotAuthorized("This plan belongs to somebody else.")

    def properties(self, _interface: str) -> dict[str, Any]:
        """Return what a person needs to decide."""
        plan = self._prepared.plan if self._prepared else _EMPTY
        failure = self._failure
        described = (
            {"name": failure.name, "message": failure.message, "details": failure.details}
            if failure
            else {}
        )
        return {"State": self.state.value, "Failure": described, **plan_to_properties(plan)}

    @guarded_inside("only the owner may, and polkit is asked inside the transaction")
    async def apply(self, caller: Caller, mode: str, options: dict[str, Any]) -> tuple[str]:
        """Begin the transaction that carries this plan out."""
        self.check_readable(caller)
        wishes = wishes_from(mode, options)
        if self._prepared:
            policy.check_mode(self._prepared.plan.changes, wishes.mode)
        prepared = self._take()
        try:
            transaction = self._objects.begin(
                self._objects.new_transaction(caller, prepared, wishes), plan_path=self.path
            )
        except LuminousError:
            self.state = PlanState.READY
            raise
        self._enter(PlanState.USED)
        await transaction.answered()
        return (transaction.path,)

    @guarded_inside("only the owner may")
    async def discard(self, caller: Caller) -> tuple[()]:
        """Forget this plan."""
        self.check_readable(caller)
        self.discard_quietly()
        return ()

    def _take(self) -> Prepared:
        """Use the plan up: from here on nobody else can. Raises a named error otherwise."""
        if self.state in {PlanState.USED, PlanState.DISCARDED}:
            raise AlreadyUsed("This plan has been used already. Plan again.")
        if self._failure:
            raise self._failure
        if self._prepared is None:
            raise NotReady("This plan is still being prepared. Wait until its State is ready.")
        if self._objects.world.clock() > self._prepared.plan.expires:
            raise Expired("This plan is too old. Plan again.")
        self.state = PlanState.USED
        return self._prepared

    def _enter(self, state: PlanState) -> None:
        self.state = state
        self._objects.service.emit(
            self.path,
            names.PROPERTIES,
            "PropertiesChanged",
            # Signals are for everybody on the bus; the plan itself is for its owner alone.
            (names.PLAN, {"State": state.value}, []),
        )


def wishes_from(mode: str, options: dict[str, Any]) -> Wishes:
    """Return how somebody wants a plan applied. Raises `InvalidValue`."""
    if mode not in set(Mode):
        raise InvalidValue(f"There is no mode {mode[:20]!r}. Use one of: {', '.join(Mode)}.")
    taken = take_options(options, _APPLY_OPTIONS)
    seconds = taken.get("confirm-within", 0)
    if not 0 <= seconds <= _MAX_CONFIRM_SECONDS:
        raise InvalidValue(f"confirm-within takes 0 to {_MAX_CONFIRM_SECONDS} seconds.")
    return Wishes(
        mode=Mode(mode),
        wait=taken.get("wait", False),
        confirm_within=seconds,
        interactive=taken.get("interactive", True),
    )
