"""Questions in words that are answered from the history, by examples, or honestly not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.luminous_clients.fake_bus import intent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.luminous_clients.conftest import Said
    from tests.unit.luminous_clients.fake_bus import FakeBus

    Ask = Callable[..., Said]

DONE = {"user": "alice", "state": "done", "started": 1_763_686_400, "generation": 7}
TRANSACTIONS = [
    {**DONE, "id": "t3", "summary": "install git 2.51", "words": "get git"},
    {**DONE, "id": "t2", "summary": "switch on services.openssh.enable", "words": "let me in"},
    {**DONE, "id": "t1", "summary": "install gitui 0.27", "words": ""},
]


def test_when_something_came_is_told_from_the_history(bus: FakeBus, ask: Ask) -> None:
    bus.answers["ListTransactions"] = (TRANSACTIONS,)
    bus.recognise(intent("query_status", what="history", package="git"))
    assert [one["id"] for one in ask("x", "--json").document()["history"]] == ["t3"]
    slots = {"service": "ssh", "option": "services.openssh.enable"}
    bus.recognise(intent("query_status", what="history", **slots))
    assert [one["id"] for one in ask("x", "--json").document()["history"]] == ["t2"]
    bus.recognise(intent("query_status", what="history", package="vim"))
    assert "is about vim. Whether and why it is here: ask-nix why vim" in ask("x").out


def test_what_nobody_can_tell_is_said_to_be_so(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("query_status", what="security"))
    said = ask("x")
    assert said.code != 0
    assert "Luminous cannot tell whether this machine is secure." in said.err
    bus.recognise(intent("configure_user", user="bob", action="remove"))
    said = ask("x")
    assert said.code != 0
    assert "Luminous deletes no accounts." in said.err


def test_how_to_do_anything_at_all_is_told_by_examples(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("explain", about="howto", topic="install something"))
    assert 'ask-nix "install firefox"' in ask("x").out
