"""Conditions, times, and signs in the place of names."""

from __future__ import annotations

import pytest

from luminous_protocol.grammar import guards, recognise
from luminous_protocol.intents import CHANGING, IntentKind


@pytest.mark.parametrize(
    "text",
    [
        "install vim if it is not there already",
        "install vim unless it's already installed",
        "if it isn't installed yet, install vim",
        "if vim is missing, install it",
        "if vim is not installed then install vim",
    ],
)
def test_an_if_that_holds_whenever_there_is_something_to_do_is_no_obstacle(text: str) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind, dict(intent.slots)) == (IntentKind.INSTALL, {"package": "vim"})
    assert intent.explanation.endswith("as long as it is not there already")


def test_what_is_there_may_be_taken_away_under_that_condition() -> None:
    (intent,) = recognise("remove vim if it is installed").intents
    assert intent.kind is IntentKind.REMOVE
    (intent,) = recognise("disable docker if it's running").intents
    assert intent.kind is IntentKind.DISABLE_SERVICE


@pytest.mark.parametrize(
    "text",
    [
        "install vim if it is installed",
        "disable docker if it is not running",
        "if nano is missing, install vim",
        "install vim unless nano is installed",
        "remove vim if nano is installed",
        "install vim if it is any good",
        "stop nginx if it is running",
        "update if it is not installed",
    ],
)
def test_any_other_if_asks_for_nothing(text: str) -> None:
    found = recognise(text)
    assert found.intents == ()
    assert found.question


@pytest.mark.parametrize(
    "text",
    [
        "remove firefox tonight",
        "install vim tomorrow morning",
        "update the system at 5pm",
        "install git in 10 minutes",
        "update every sunday",
        "in two hours, rebuild",
        "collect garbage next week",
        "update the system at 23:30",
    ],
)
def test_what_is_to_be_done_at_another_time_is_refused_with_the_reason(text: str) -> None:
    found = recognise(text)
    assert (found.intents, found.question) == ((), guards.TIMED)


def test_what_is_not_to_be_done_at_some_time_is_refused_as_what_is_not_to_be_done() -> None:
    assert recognise("don't remove firefox tonight").question == guards.NEGATED


@pytest.mark.parametrize("text", ["install exa and 🦊", "install vim, 🦊", "remove 🦊 und vim, 🐧"])
def test_a_sign_in_the_place_of_a_name_is_asked_about_and_not_left_out(text: str) -> None:
    found = recognise(text)
    assert found.intents == ()
    assert found.question


def test_a_smiley_at_the_end_is_no_name() -> None:
    (intent,) = recognise("install vim and git 🙂").intents[:1]
    assert dict(intent.slots) == {"package": "vim"}


@pytest.mark.parametrize(
    "text",
    [
        "if git crashes, remove it",
        "when docker is slow, restart it",
        "when the disk is full, clean up",
        "whenever nginx breaks, restart nginx",
        "should vlc crash, remove it",
    ],
)
def test_trouble_that_may_come_is_no_reason_to_change_anything_now(text: str) -> None:
    assert not CHANGING.intersection(one.kind for one in recognise(text).intents)


@pytest.mark.parametrize(
    "text",
    [
        "install vim if the moon is full",
        "restart nginx if it is down",
        "remove vim if it is broken",
    ],
)
def test_a_request_with_a_condition_is_not_taken_for_a_complaint(text: str) -> None:
    found = recognise(text)
    assert (found.intents, found.question) == ((), guards.SUPPOSED)


@pytest.mark.parametrize(
    "text", ["my update fails if the disk is full", "the wifi drops once docker is running"]
)
def test_a_complaint_that_says_when_it_is_so_stays_one(text: str) -> None:
    assert [intent.kind for intent in recognise(text).intents] == [IntentKind.DIAGNOSE]
