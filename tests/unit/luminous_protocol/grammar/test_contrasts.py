"""Contrasts: what is asked for beside what is not, and what is taken back in the same breath."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from luminous_protocol.grammar import recognise
from luminous_protocol.intents import IntentKind

INSTALL, REMOVE, UPDATE = IntentKind.INSTALL, IntentKind.REMOVE, IntentKind.UPDATE


@pytest.mark.parametrize(
    ("text", "kind", "package"),
    [
        ("add gimp but please don't remove vlc", INSTALL, "gimp"),
        ("add gimp and do not remove vlc", INSTALL, "gimp"),
        ("don't remove vlc but add gimp", INSTALL, "gimp"),
        ("don't remove vlc. add gimp", INSTALL, "gimp"),
        ("leave vlc alone and add gimp", INSTALL, "gimp"),
        ("keep vlc and mpv but remove gimp", REMOVE, "gimp"),
        ("don't add vlc but gimp", INSTALL, "gimp"),
        ("add gimp, not vlc", INSTALL, "gimp"),
        ("add gimp instead of vlc", INSTALL, "gimp"),
        ("instead of vlc, add gimp", INSTALL, "gimp"),
        ("I don't want vlc, give me gimp instead", INSTALL, "gimp"),
        ("don't bother with vlc, get gimp", INSTALL, "gimp"),
        ("installiere nicht vlc sondern gimp", INSTALL, "gimp"),
        ("don't install anything, just remove gimp", REMOVE, "gimp"),
    ],
)
def test_what_is_asked_for_is_read_without_what_is_not(
    text: str, kind: IntentKind, package: str
) -> None:
    found = recognise(text)
    assert not found.question
    assert [(one.kind, dict(one.slots)) for one in found.intents] == [(kind, {"package": package})]


def test_a_whole_update_may_stand_beside_what_is_not_to_be_added() -> None:
    assert [one.kind for one in recognise("don't add anything, just update").intents] == [UPDATE]


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("add vlc, no wait, gimp", {"package": "gimp"}),
        ("add vlc... actually no, gimp", {"package": "gimp"}),
        ("add vlc on this machine, I mean gimp", {"package": "gimp"}),
        ("switch to generation 12, no, 13", {"generation": "13"}),
        ("add vlc. no wait, remove gimp", {"package": "gimp"}),
    ],
)
def test_what_is_said_last_counts(text: str, slots: dict[str, str]) -> None:
    assert [dict(one.slots) for one in recognise(text).intents] == [slots]


@pytest.mark.parametrize(
    "text",
    [
        "don't remove vlc and add gimp",
        "don't add gimp, remove vlc, update",
        "don't add gimp, update, roll back",
        "please don't remove vlc and mpv",
        "please don't remove vlc, mpv",
        "leave vlc alone and gimp",
        "add gimp but don't add gimp",
        "add gimp but don't add anything",
        "don't install anything, just enable docker",
        "add docker but don't start docker",
        "add nginx but don't enable it",
        "add gimp but not now",
        "add gimp but don't rebuild",
        "update but don't rebuild",
        "keep vlc and update",
        "don't touch vlc, just update",
        "don't remove anything but vlc",
        "remove not only vlc but gimp",
        "he said don't add vlc but add gimp",
        "I did not add vlc but gimp",
        "you should not add vlc but gimp",
        "if you don't add vlc but gimp",
        "add gimp, no, don't",
        "add gimp... no, forget it",
        "add gimp, no, stop",
        "call this computer atlas, no, stop",
        "update, wait no, leave it",
        "never add vlc but gimp",
        "don't you dare remove vlc, but add gimp",
    ],
)
def test_where_it_is_not_clear_how_far_a_prohibition_goes_nothing_is_done(text: str) -> None:
    assert recognise(text).intents == ()


WORDS = (
    *("install", "remove", "enable", "update", "vim", "gimp", "docker", "nginx", "the", "please"),
    *("not", "no", "wait", "but", "instead", "of", "leave", "keep", "alone", "don't", "with"),
    *("and", ",", ".", ";", "either", "rather", "anything", "sorry", "mean", "i"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=24))
@example(["mean", "instead", "of"])
def test_no_order_of_such_words_is_too_much(said: list[str]) -> None:
    found = recognise(" ".join(said))
    assert found.intents or found.question
