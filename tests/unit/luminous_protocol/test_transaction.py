"""Plans and transactions as clients see them: small truths about their data."""

from __future__ import annotations

import pytest

from luminous_protocol.plan import UnitEffects
from luminous_protocol.transaction import Progress, TransactionState


@pytest.mark.parametrize(
    ("done", "expected", "fraction"),
    [(0, -1, -1.0), (5, 0, -1.0), (0, 4, 0.0), (1, 4, 0.25), (4, 4, 1.0), (9, 4, 1.0)],
)
def test_the_share_done_is_between_nothing_and_all_or_unknown(
    done: int, expected: int, fraction: float
) -> None:
    assert Progress("building", done, expected).fraction == fraction


def test_three_states_are_final() -> None:
    final = [state for state in TransactionState if state.is_final]
    assert final == [TransactionState.DONE, TransactionState.FAILED, TransactionState.CANCELLED]


@pytest.mark.parametrize("effect", ["start", "stop", "restart", "reload"])
def test_units_are_affected_when_one_is(effect: str) -> None:
    assert UnitEffects(**{effect: ("a.service",)})
    assert not UnitEffects()
