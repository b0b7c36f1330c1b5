"""Polkit: four answers, the question taken away when nobody waits for it, and no silent yes."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon import polkit
from luminous_daemon.core.ports import Caller
from luminous_daemon.polkit import Polkit
from luminous_protocol.dbus import BusError, Connection
from luminous_protocol.errors import Dismissed, LuminousError, NoAgent, NotAuthorized
from tests.unit.luminous_daemon.fake_world import ALICE

if TYPE_CHECKING:
    from collections.abc import Sequence


Answer = tuple[bool, bool, dict[str, str]]
HUNG_UP = "org.freedesktop.DBus.Error.NameHasNoOwner"


class Polkitd(Connection):
    """A connection behind which polkitd gives answers from a list, or none at all."""

    def __init__(self, *answers: Answer | BusError | None) -> None:
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


CHALLENGE: Answer = (False, True, {})


def ask(polkitd: Polkitd, caller: Caller = ALICE, *, interactive: bool = True) -> list[str]:
    """Ask whether somebody may do x; return what was known when a person was asked."""
    asked: list[str] = []

    def note() -> None:
        asked.append(f"after {len(polkitd.calls)}")

    question = Polkit(polkitd).require(
        caller, "org.luminous1.x", {"summary": "install hello"}, ask=note if interactive else None
    )
    asyncio.run(question)
    return asked


def check(flags: int, token: str) -> tuple[str, tuple[str, list[Any]]]:
    """Return the call that asks polkit."""
    subject = ("system-bus-name", {"name": ":1.7"})
    arguments = [subject, "org.luminous1.x", {"summary": "install hello"}, flags, token]
    return "CheckAuthorization", ("(sa{sv})sa{ss}us", arguments)


def test_the_question_names_the_caller_the_action_and_what_is_approved() -> None:
    polkitd = Polkitd((True, False, {}))
    assert ask(polkitd) == []
    assert polkitd.calls == [check(0, "luminous-1")]


def test_a_person_is_asked_only_where_that_may_help() -> None:
    polkitd = Polkitd(CHALLENGE, (True, False, {}))
    assert ask(polkitd) == ["after 1"]
    assert polkitd.calls == [check(0, "luminous-1"), check(1, "luminous-2")]


def test_nobody_is_asked_who_does_not_want_to_be() -> None:
    polkitd = Polkitd(CHALLENGE)
    with pytest.raises(NoAgent):
        ask(polkitd, interactive=False)
    assert polkitd.calls == [check(0, "luminous-1")]


def test_root_may_do_everything_also_when_it_has_left_the_bus() -> None:
    polkitd = Polkitd()
    ask(polkitd, Caller(":1.9", 0, 1, "root"))
    assert polkitd.calls == []


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ((False, False, {}), NotAuthorized, "polkit does not allow alice to do this"),
        ((False, False, {"polkit.dismissed": "true"}), Dismissed, "closed without an answer"),
        (BusError("x.Failed", f"GDBus.Error:{HUNG_UP}: no :1.7"), NotAuthorized, "Stay connected"),
        (BusError("org.freedesktop.DBus.Error.ServiceUnknown", ""), NotAuthorized, "cannot be"),
        (BusError("x.Failed", "it is on fire"), NotAuthorized, "polkit cannot be asked: it is on"),
    ],
)
def test_every_no_has_its_own_name(
    answer: Answer | BusError, error: type[LuminousError], says: str
) -> None:
    with pytest.raises(error, match=says) as refused:
        ask(Polkitd(answer))
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        ((False, True, {"polkit.dismissed": "true"}), Dismissed, "closed without an answer"),
        (CHALLENGE, NoAgent, "this session has no polkit agent"),
        ((False, False, {}), NotAuthorized, "polkit does not allow alice to do this"),
    ],
)
def test_a_person_s_no_has_its_name_too(
    answer: Answer, error: type[LuminousError], says: str
) -> None:
    with pytest.raises(error, match=says):
        ask(Polkitd(CHALLENGE, answer))


def test_a_question_that_nobody_waits_for_is_taken_away() -> None:
    polkitd = Polkitd(None)

    async def steps() -> None:
        task = asyncio.create_task(
            Polkit(polkitd).require(ALICE, "org.luminous1.x", {}, ask=lambda: None)
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
            await polkit.require(ALICE, "a", {}, ask=None)

    asyncio.run(steps())
    assert [arguments[1][4] for _, arguments in polkitd.calls] == ["luminous-1", "luminous-2"]


def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for long."""
    monkeypatch.setattr(polkit, "_ANSWER_SECONDS", 0.01)
    monkeypatch.setattr(polkit, "_WITHDRAW_SECONDS", 0.01)


def test_a_polkit_that_says_nothing_is_a_no_in_time_and_few_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent(monkeypatch)
    polkitd = Polkitd(None, (True, False, {}))
    authority = Polkit(polkitd)

    async def steps() -> None:
        for _ in range(5):
            with pytest.raises(NotAuthorized, match="polkit does not answer") as caught:
                await authority.require(ALICE, "x", {}, ask=None)
            assert caught.value.details == {"cause": "unreachable"}
        asked = [member for member, _ in polkitd.calls]
        assert asked == ["CheckAuthorization", "CancelCheckAuthorization"]
        monkeypatch.setattr(authority, "_silent_until", 0.0)  # the pause is over
        await authority.require(ALICE, "x", {}, ask=None)

    asyncio.run(steps())


def test_root_needs_no_polkit_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    silent(monkeypatch)
    root = Caller(":1.1", 0, 1, "root")
    asyncio.run(Polkit(Polkitd()).require(root, "x", {}, ask=None))


def test_a_question_can_be_taken_back_although_polkit_says_nothing_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent(monkeypatch)

    class Hung(Polkitd):
        async def call(
            self,
            destination: str,
            path: str,
            method: tuple[str, str],
            arguments: tuple[str, Sequence[Any]] = ("", ()),
        ) -> list[Any]:
            answer = await super().call(destination, path, method, arguments)
            if method[1] == "CancelCheckAuthorization":
                await asyncio.Event().wait()
            return answer

    async def steps() -> None:
        asked = asyncio.Event()
        authority = Polkit(Hung(CHALLENGE, None))
        task = asyncio.ensure_future(authority.require(ALICE, "x", {}, ask=asked.set))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)

    asyncio.run(steps())
