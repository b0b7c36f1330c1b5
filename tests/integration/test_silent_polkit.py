"""A polkit that says nothing holds up only those whose permission is not known, and not long."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import state_of, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

HELLO = {"kind": "add-package", "package": "hello"}


@contextmanager
def silent_polkit(sandbox: Sandbox) -> Iterator[None]:
    """Stop polkitd for a while, as a debugger or a machine out of breath does."""
    listed = sandbox.run(["pgrep", "-x", "polkitd"], user="root").stdout.split()
    assert listed
    for number in listed:
        assert sandbox.run(["kill", "-STOP", number], user="root").returncode == 0
    try:
        yield
    finally:
        for number in listed:
            sandbox.run(["kill", "-CONT", number], user="root")


def test_others_are_served_while_polkit_says_nothing(sandbox: Sandbox) -> None:
    with (
        Client(sandbox) as alice,
        Client(sandbox, "bob") as bob,
        Client(sandbox, "root") as root,
    ):
        plan = alice.plan(HELLO)
        alice.system("Status")
        with silent_polkit(sandbox):
            began = time.monotonic()
            assert alice.system("Status")["busy"] is False
            assert alice.system("ListGenerations")
            assert alice.properties(plan, PLAN)["State"] == "ready"
            assert root.until(root.apply(root.plan(HELLO)))["State"] == "done"
            assert root.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"
            assert time.monotonic() - began < 9, "nobody of these waits for polkit"
            with pytest.raises(Refused) as caught:
                bob.system("Status")
            assert (caught.value.name, time.monotonic() - began < 25) == ("NotAuthorized", True)
            assert "polkit does not answer" in caught.value.message
        wait_until(lambda: ask(sandbox, "status", user="bob").code == 0, 40)


def test_a_change_that_polkit_says_nothing_of_is_refused_by_name_and_may_be_cancelled(
    sandbox: Sandbox,
) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        first, second = alice.plan(HELLO), alice.plan(HELLO)
        with silent_polkit(sandbox):
            waiting = alice.apply(first)
            assert alice.transaction(waiting)["State"] == "authorising"
            alice.cancel(waiting)
            assert alice.until(waiting)["State"] == "cancelled"
            refused = alice.until(alice.apply(second), seconds=25)
        assert (refused["State"], refused["Result"]["error"]) == ("failed", "NotAuthorized")
        assert "polkit does not answer" in refused["Result"]["message"]
    assert state_of(sandbox) == before
    newest = ask(sandbox, "history", "--audit", user="root").document["audit"]
    decisions = [entry["decision"] for entry in newest if entry["event"] == "decided"]
    assert decisions[:2] == ["error", "cancelled"]
