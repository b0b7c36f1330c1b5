"""Choosing: what a name alone may mean is asked, and nothing of it is done."""

from __future__ import annotations

import pytest

from luminous_daemon.core.choosing import choice_of
from luminous_protocol.intents import CHANGING


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("python", "python: install python3, use it in a development shell or tell what it is?"),
        (
            "docker",
            "docker: install docker, switch on virtualisation.docker.enable or tell what it is?",
        ),
        ("Firefox!", "firefox: install firefox or tell what it is?"),
        ("bluetooth", "bluetooth: switch on hardware.bluetooth.enable or tell what it is?"),
    ],
)
def test_a_name_alone_is_asked_back_with_what_may_be_meant(text: str, question: str) -> None:
    found = choice_of(text)
    assert found is not None
    assert found.question == question
    (first,) = found.intents
    assert first.kind not in CHANGING
    assert len(first.alternatives) == question.count(",") + question.count(" or ") + 1


@pytest.mark.parametrize("text", ["", "hello there", "yes", "what", "blorp", "a b c d firefox"])
def test_other_words_are_no_choice(text: str) -> None:
    assert choice_of(text) is None
