"""The verb index: how far it is, what came of it, and what is true when nothing did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_clients.errors import DaemonLost
from luminous_protocol.errors import Busy, InvalidValue
from tests.unit.luminous_clients.fake_bus import TRANSACTION_PATH, FakeBus, progress, state

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Ask = Callable[..., Any]

TOLD = "Indexed: 3 options and 1 package."
FAILURES = {"/etc/a\x1b[2J": "/etc/a, line 7, is not JSON: \x1b]0;owned\x07."}


def begin(bus: FakeBus) -> None:
    """Have the transaction begin."""
    bus.answers["Ingest"] = (TRANSACTION_PATH,)


def test_indexing_shows_how_far_it_is_and_ends_with_what_was_indexed(
    bus: FakeBus, ask: Ask
) -> None:
    bus.prepare_transaction(
        state("building", Phase="reading options.json"),
        progress("encoding texts", 50.0, done=5, expected=10),
        message=TOLD,
        running=0,
        default=0,
    )
    begin(bus)
    said = ask("index")
    assert said.code == ExitCode.DONE
    assert said.out.splitlines()[-3:] == ["Reading options.json", "Encoding texts · 5/10", TOLD]
    assert ("luminous1", "Ingest", "", {}) in bus.calls


def test_a_source_that_could_not_be_read_is_complained_of_and_no_more(
    bus: FakeBus, ask: Ask
) -> None:
    bus.prepare_transaction(message=TOLD, details={"failures": FAILURES, "documents": {}})
    begin(bus)
    said = ask("index", "/etc/a")
    assert (said.code, said.err) == (0, "/etc/a: /etc/a, line 7, is not JSON: .\n")
    assert ("luminous1", "Ingest", "/etc/a", {}) in bus.calls


def test_json_has_the_transaction_and_the_failures(bus: FakeBus, ask: Ask) -> None:
    bus.prepare_transaction(message=TOLD, details={"failures": FAILURES})
    begin(bus)
    document = ask("--json", "index").document()
    assert document["answers"] == [TOLD]
    assert document["failures"] == FAILURES
    assert document["transactions"][0]["state"] == "done"


@pytest.mark.parametrize("state_", ["failed", "cancelled"])
def test_when_nothing_came_of_it_that_is_said_with_what_is_true(
    bus: FakeBus, ask: Ask, state_: str
) -> None:
    bus.prepare_transaction(
        state=state_, error="MindUnavailable", message="It is gone.", running=0, default=0
    )
    begin(bus)
    said = ask("index")
    assert said.code != ExitCode.DONE
    assert "It is gone." in said.err
    assert "What was indexed before can be searched." in said.err


def test_a_daemon_that_leaves_is_said(bus: FakeBus, ask: Ask) -> None:
    bus.begin_transaction(state("building"), DaemonLost("It has left."))
    begin(bus)
    assert "What was indexed before can be searched." in ask("index").err


@pytest.mark.parametrize("error", [Busy("Wait."), InvalidValue("There is no source /x.")])
def test_what_begins_nothing_is_said(bus: FakeBus, ask: Ask, error: Exception) -> None:
    bus.answers["Ingest"] = error
    said = ask("index", "/x")
    assert said.code != ExitCode.DONE
    assert error.message in said.err  # type: ignore[attr-defined] # both have one


def test_words_that_begin_with_index_are_words(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(question="What do you mean?")
    ask("index my notes")
    ask("index", "my", "notes")
    assert bus.members() == ["Recognise", "Recognise"]
