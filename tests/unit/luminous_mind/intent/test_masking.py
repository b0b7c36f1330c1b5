"""Sentences are compared without what their names are, and names are found where they stand."""

from __future__ import annotations

import pytest

from luminous_mind.intent.masking import Masking, NoCatalogue
from tests.unit.luminous_mind.intent.sentences import TwoPackages


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Could you fetch VLC, please?", "could you fetch firefox please"),
        ("get vim, git and htop", "get firefox"),
        ("let ssh run", "let nginx run"),
        ("go to generation 118!", "go to generation 42"),
        ("what is services.openssh.enable", "what is services.x.y"),
        ("I live in Europe/Berlin", "i live in london"),
    ],
)
def test_a_name_becomes_one_that_stands_for_its_kind(text: str, masked: str) -> None:
    assert Masking(NoCatalogue()).mask(text).text == masked


def test_a_name_that_only_the_catalogue_knows_is_found_and_its_source_told() -> None:
    masked = Masking(TwoPackages()).mask("hand me Tagsistant")
    assert (masked.text, masked.mentions[0].package) == ("hand me firefox", "tagsistant")
    assert masked.mentions[0].source == "the catalogue"
    assert Masking(NoCatalogue()).mask("hand me Tagsistant").mentions == ()


def test_a_word_of_every_day_is_no_package_though_one_is_called_so() -> None:
    assert Masking(NoCatalogue()).mask("the time is right").mentions == ()
