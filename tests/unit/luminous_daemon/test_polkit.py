"""Polkit: four answers, the question taken away when nobody waits for it, and no silent yes."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.polkit import Polkit
from luminous_protocol.dbus import BusError, Connection
from luminous_protocol.errors import Dismissed, LuminousError, NoAgent, NotAuthorized
from tests.unit.luminous_daemon.fake_world import ALICE

if TYPE_CHECKING:
    from collections.abc import Sequence


class Polkitd(Connection):
    """A connection behind which polkitd gives answers from a list, or none at all."""

    def __init__(self, *answers: tuple[bool, bool, dict[str, str]] | BusError | None) -> None:
        self.answers = deque(answers)
        self.calls: list[tuple[str, tuple[str, Sequence[Any]]]] = []

    async def call(
        self,
        destination: str,
        path: str,
        method: tuple[str, str],
        arguments: tuple[str, Sequence[Any]] = ("", ()),
    ) -> list[Any]:
        """Answer."""
        assert destination == "org.freedesktop.PolicyKit1"
        assert path == "/org/freedesktop/PolicyKit1/Authority"
        assert method[0] == "org.freedesktop.PolicyKit1.Authority"
        self.calls.append((method[1], arguments))
        if method[1] == "CancelCheckAuthorization":
            return []
        answer = self.answers.popleft()
        if answer is None:
            await asyncio.Event().wait()
        if isinstance(answer, BusError):
            raise answer
        return [answer]


def ask(polkitd: Polkitd, *, interactive: bool = True) -> None:
    """Ask whether alice may do x."""
    question = Polkit(polkitd).require(
        ALICE, "org.luminous1.x", {"summary": "install hello"}, interactive=interactive
    )
    asyncio.run(question)


@pytest.mark.parametrize("interactive", [True, False])
def test_the_question_names_the_caller_the_action_and_what_is_approved(
    *, interactive: bool
) -> None:
    polkitd = Polkitd((True, False, {}))
    ask(polkitd, interactive=interactive)
    assert polkitd.calls == [
        (
            "CheckAuthorization",
            (
                "(sa{sv})sa{ss}us",
                [
                    ("system-bus-name", {"name": ":1.7"}),
                    "org.luminous1.x",
                    {"summary": "install hello"},
                    1 if interactive else 0,
                    "luminous-1",
                ],
            ),
        )
    ]


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ((False, False, {}), NotAuthorized, "polkit does not allow alice to do this"),
        ((False, False, {"polkit.dismissed": "true"}), Dismissed, "closed without an answer"),
        ((False, True, {"polkit.dismissed": "true"}), Dismissed, "closed without an answer"),
        ((False, True, {}), NoAgent, "this session has no polkit agent"),
        (BusError("org.freedesktop.DBus.Error.ServiceUnknown", ""), NotAuthorized, "cannot be"),
        (BusError("x.Failed", "it is on fire"), NotAuthorized, "polkit cannot be asked: it is on"),
    ],
)
def test_every_no_has_its_own_name(
    answer: tuple[bool, bool, dict[str, str]] | BusError, error: type[LuminousError], says: str
) -> None:
    with pytest.raises(error, match=says) as refused:
        ask(Polkitd(answer))
    assert type(refused.value) is error


def test_a_question_that_nobody_waits_for_is_taken_away() -> None:
    polkitd = Polkitd(None)

    async def steps() -> None:
        task = asyncio.create_task(
            Polkit(polkitd).require(ALICE, "org.luminous1.x", {}, interactive=True)
        )
        while not polkitd.calls:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(steps())
    assert polkitd.calls[-1] == ("CancelCheckAuthorization", ("s", ["luminous-1"]))


def test_every_question_has_a_name_of_its_own() -> None:
    polkitd = Polkitd((True, False, {}), (True, False, {}))
    polkit = Polkit(polkitd)

    async def steps() -> None:
        for _ in range(2):
            await polkit.require(ALICE, "a", {}, interactive=False)

    asyncio.run(steps())
    assert [arguments[1][4] for _, arguments in polkitd.calls] == ["luminous-1", "luminous-2"]
