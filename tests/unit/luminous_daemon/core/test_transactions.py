"""The state machine: no sequence of calls leads where no way leads, and an end is an end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.core.prepared import Prepared
from luminous_daemon.core.transactions import (
    CANCELLABLE,
    NEXT,
    IllegalTransition,
    Transaction,
    Wishes,
)
from luminous_protocol.plan import Plan, Risk
from luminous_protocol.transaction import Progress, Result, TransactionState
from tests.unit.luminous_daemon.fake_world import ALICE
from tests.unit.luminous_protocol.strategies import thoroughly

PREPARED = Prepared(
    Plan(id="", summary="", risk=Risk.LOW, changes=(), action="", expires=0), "", "", 0
)


def begun() -> tuple[Transaction, list[str]]:
    """Return a transaction that has not begun, and the list of what its observer hears."""
    heard: list[str] = []
    return Transaction("t", PREPARED, ALICE, Wishes(), 0, heard.append), heard


def test_every_state_says_which_follow_it() -> None:
    assert set(NEXT) == set(TransactionState)
    assert {state for state, following in NEXT.items() if not following} == {
        state for state in TransactionState if state.is_final
    }


def test_every_state_can_be_reached_and_every_state_can_fail() -> None:
    reached = {TransactionState.PREPARING}
    for _ in TransactionState:
        reached |= {state for known in reached for state in NEXT[known]}
    assert reached == set(TransactionState)
    running = [state for state in TransactionState if not state.is_final]
    assert all(TransactionState.FAILED in NEXT[state] for state in running)


def test_cancelled_follows_what_has_changed_nothing_or_waits_for_an_answer() -> None:
    cancellable = {
        state for state, following in NEXT.items() if TransactionState.CANCELLED in following
    }
    assert cancellable == CANCELLABLE | {TransactionState.CONFIRMING}


calls = st.lists(
    st.tuples(st.sampled_from(["enter", "end"]), st.sampled_from(list(TransactionState)))
    | st.tuples(st.sampled_from(["note", "advance", "write"]), st.none()),
    max_size=30,
)


@thoroughly
@given(calls)
def test_no_sequence_of_calls_reaches_an_illegal_state(
    sequence: list[tuple[str, TransactionState | None]],
) -> None:
    transaction, _ = begun()
    for call, state in sequence:
        before = transaction.state, transaction.finished
        if state is None:
            _say(transaction, call)
            assert transaction.state is before[0]
            continue
        try:
            if call == "enter":
                transaction.enter(state, "x")
            else:
                transaction.end(state, Result(message="x"), 5)
        except IllegalTransition:
            assert state not in NEXT[before[0]]
            assert (transaction.state, transaction.finished) == before
        else:
            assert state in NEXT[before[0]]
            assert transaction.state is state
        assert not (before[0].is_final and transaction.state is not before[0])


def _say(transaction: Transaction, call: str) -> None:
    if call == "note":
        transaction.note("a phase")
    elif call == "advance":
        transaction.advance(Progress("building", 1, 2), "a line")
    else:
        transaction.write("a line")


def test_the_observer_hears_of_progress_only_when_there_is_some() -> None:
    transaction, heard = begun()
    transaction.advance(Progress("building", 1, 2), "")
    transaction.advance(Progress("building", 1, 2), "")
    transaction.advance(Progress("building", 1, 2), "a line")
    assert heard == ["progress", "log"]
    assert transaction.log == ["a line"]


def test_a_new_phase_begins_without_progress() -> None:
    transaction, heard = begun()
    transaction.advance(Progress("building", 1, 2), "")
    transaction.note("activating")
    assert transaction.progress == Progress("activating")
    assert heard == ["progress", "state"]


@pytest.mark.parametrize("state", [TransactionState.FAILED, TransactionState.CANCELLED])
def test_an_end_is_told_when_everything_about_it_is_known(state: TransactionState) -> None:
    transaction, heard = begun()
    transaction.end(state, Result(message="x"), 5)
    assert heard == []
    transaction.announce()
    assert heard == ["finished"]
    assert (transaction.result.message, transaction.finished) == ("x", 5)
