"""Suggestions: what the mind finds, and nothing at all where it does not answer at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from luminous_daemon.suggestions import Suggestions
from luminous_protocol.errors import LuminousError, MindUnavailable, NotReady
from luminous_protocol.passages import Passage, SearchRequest
from tests.unit.luminous_daemon.fake_mind import FakeMind

NGINX = Passage(
    "option:services.nginx.enable", "option", "services.nginx.enable", "", "", 0, "", 1.0, ()
)


def test_names_come_in_the_order_in_which_the_mind_finds_them() -> None:
    mind = FakeMind([NGINX])
    assert asyncio.run(Suggestions(mind).options_for("web server")) == ["services.nginx.enable"]
    assert mind.asked == [SearchRequest("web server", ("option",), 10)]
    asyncio.run(Suggestions(mind).packages_for("web server"))
    assert mind.asked[1].kinds == ("package",)


def test_a_word_that_is_in_no_text_suggests_nothing() -> None:
    far = replace(NGINX, title="services.tailscale.enable", why=("its meaning",))
    near = replace(NGINX, why=("its words", "its meaning"))
    suggestions = Suggestions(FakeMind([far, near]))
    assert asyncio.run(suggestions.options_for("nope")) == [NGINX.title]
    assert asyncio.run(suggestions.options_for("private network")) == [far.title, near.title]


@pytest.mark.parametrize("failure", [MindUnavailable("Dead."), NotReady("No index.")])
def test_a_mind_that_is_dead_or_has_no_index_suggests_nothing(failure: LuminousError) -> None:
    assert asyncio.run(Suggestions(FakeMind(failure=failure)).packages_for("git")) == []


def test_a_mind_that_is_late_suggests_nothing() -> None:
    async def steps() -> list[str]:
        mind = FakeMind([NGINX], gate=asyncio.Event())
        return await Suggestions(mind, seconds=0.0).options_for("nginx")

    assert asyncio.run(steps()) == []


def test_words_that_nobody_can_search_for_suggest_nothing() -> None:
    assert asyncio.run(Suggestions(FakeMind([NGINX])).options_for(" \x00")) == []
