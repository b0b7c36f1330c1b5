"""A transaction's state: which states follow which, and what clients see of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_protocol.transaction import Mode, Progress, Result, TransactionState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_daemon.core.ports import Caller
    from luminous_daemon.core.prepared import Prepared
    from luminous_protocol.errors import Detail

_STATES = TransactionState
NEXT: Mapping[TransactionState, frozenset[TransactionState]] = {
    _STATES.PREPARING: frozenset({_STATES.AUTHORISING, _STATES.FAILED, _STATES.CANCELLED}),
    _STATES.AUTHORISING: frozenset(
        {_STATES.WAITING, _STATES.BUILDING, _STATES.FAILED, _STATES.CANCELLED}
    ),
    _STATES.WAITING: frozenset({_STATES.BUILDING, _STATES.FAILED, _STATES.CANCELLED}),
    _STATES.BUILDING: frozenset(
        {_STATES.ACTIVATING, _STATES.DONE, _STATES.FAILED, _STATES.CANCELLED}
    ),
    _STATES.ACTIVATING: frozenset({_STATES.CONFIRMING, _STATES.DONE, _STATES.FAILED}),
    _STATES.CONFIRMING: frozenset({_STATES.ACTIVATING, _STATES.FAILED, _STATES.CANCELLED}),
    _STATES.DONE: frozenset(),
    _STATES.FAILED: frozenset(),
    _STATES.CANCELLED: frozenset(),
}
"""The state machine."""

_KEPT_LINES = 1_000

CANCELLABLE = frozenset({_STATES.PREPARING, _STATES.AUTHORISING, _STATES.WAITING, _STATES.BUILDING})
"""From here on nothing has been changed; later only undo helps."""


class IllegalTransition(RuntimeError):
    """A defect: a state that cannot follow."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wants a plan applied. `confirm_within` is in seconds; 0 asks for nothing."""

    mode: Mode = Mode.SWITCH
    wait: bool = False
    confirm_within: int = 0
    interactive: bool = True


@dataclass(slots=True)
class Transaction:
    """A plan being carried out. `observer` is called with the name of what changed."""

    id: str
    prepared: Prepared
    caller: Caller
    wishes: Wishes
    started: int
    observer: Callable[[str], None] = lambda _: None
    state: TransactionState = TransactionState.PREPARING
    phase: str = "preparing"
    is_asking: bool = False
    is_recorded: bool = False
    remark: str = ""
    progress: Progress = field(default_factory=lambda: Progress(""))
    result: Result = field(default_factory=Result)
    details: Mapping[str, Detail] = field(default_factory=dict)
    finished: int = 0
    log: list[str] = field(default_factory=list)

    def enter(self, state: TransactionState, phase: str) -> None:
        """Go to `state`. Raises `IllegalTransition` where the state machine has no such way."""
        if state not in NEXT[self.state]:
            raise IllegalTransition(f"{self.state} -> {state}")
        self.state = state
        self.note(phase)

    def ask(self) -> None:
        """Say that a person is asked for permission."""
        self.is_asking = True
        self.note("asking for permission")

    def note(self, phase: str) -> None:
        """Say what is being done, within the same state."""
        self.phase = phase
        self.progress = Progress(phase)
        self.observer("state")

    def advance(self, progress: Progress, line: str) -> None:
        """Say how far it is; keep a line of output when there is one."""
        if progress != self.progress:
            self.progress = progress
            self.observer("progress")
        if line:
            self.write(line)

    def write(self, line: str) -> None:
        """Keep a line of output, and so many before it as anybody may want to see."""
        self.log.append(line)
        del self.log[:-_KEPT_LINES]
        self.observer("log")

    def end(self, state: TransactionState, result: Result, now: int) -> None:
        """Finish in a final state; nobody is told before `announce`."""
        if state not in NEXT[self.state]:
            raise IllegalTransition(f"{self.state} -> {state}")
        self.result = result
        self.finished = now
        self.state = state
        self.phase = state.value

    def announce(self) -> None:
        """Tell everybody that it is over."""
        self.observer("finished")
