"""A transaction as a client follows it: what is known of it after each signal, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from luminous_protocol.names import PROPERTIES, TRANSACTION
from luminous_protocol.transaction import TransactionState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.connection import Signal


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a transaction now. `percentage` and `expected` are -1 when unknown."""

    state: str = TransactionState.AUTHORISING
    phase: str = ""
    percentage: float = -1.0
    done: int = 0
    expected: int = -1
    running: int = 0
    package: str = ""
    line: str = ""
    message: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        """Tell whether nothing will happen any more."""
        return self.state in {
            TransactionState.DONE,
            TransactionState.FAILED,
            TransactionState.CANCELLED,
        }

    @property
    def can_be_cancelled(self) -> bool:
        """Tell whether activation has not begun."""
        return self.state in {
            TransactionState.PREPARING,
            TransactionState.AUTHORISING,
            TransactionState.WAITING,
            TransactionState.BUILDING,
        }

    @property
    def can_be_stopped(self) -> bool:
        """Tell whether cancelling has an effect: nothing was changed, or it waits for a yes."""
        return self.can_be_cancelled or self.state == TransactionState.CONFIRMING

    def with_properties(self, properties: Mapping[str, Any]) -> Seen:
        """Take over what `properties` of the transaction say."""
        seen = replace(
            self,
            state=str(properties.get("State", self.state)),
            phase=str(properties.get("Phase", self.phase)),
            percentage=float(properties.get("Percentage", self.percentage)),
            result=properties.get("Result") or self.result,
        )
        seen = seen.with_detail(properties.get("Detail", {}))
        return replace(seen, message=str(seen.result.get("message") or seen.message))

    def with_signal(self, signal: Signal) -> Seen:
        """Take over what one of the transaction's signals says."""
        match (signal.interface, signal.member, *signal.body):
            case (str(interface), "PropertiesChanged", str(owner), dict(changed), _) if (
                interface == PROPERTIES and owner == TRANSACTION
            ):
                return self.with_properties(changed)
            case (_, "Progress", str(phase), percentage, dict(detail)):
                seen = replace(self, phase=phase, percentage=float(percentage))
                return seen.with_detail(detail)
            case (_, "Log", list(lines)) if lines:
                return replace(self, line=str(lines[-1]))
            case (_, "Finished", str(status), str(message)):
                return replace(self, state=status, message=message)
            case _:
                return self

    def with_detail(self, detail: Mapping[str, Any]) -> Seen:
        """Take over what the detail of a build says."""
        return replace(
            self,
            done=int(detail.get("done", self.done)),
            expected=int(detail.get("expected", self.expected)),
            running=int(detail.get("running", self.running)),
            package=str(detail.get("package", self.package)),
            line=str(detail.get("line") or self.line),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a transaction ended. `result` is plain data, as the bus has it.

    `stages` is how many seconds each state has lasted.
    """

    path: str
    state: str
    message: str
    result: Mapping[str, Any]
    stages: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """Tell whether it did what was asked for."""
        return self.state == TransactionState.DONE
