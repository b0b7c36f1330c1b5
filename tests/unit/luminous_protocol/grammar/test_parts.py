"""The grammar's parts: distance, tokens, values, and word lists that hold together."""

from __future__ import annotations

import re

import pytest

from luminous_protocol.grammar.distance import letters, nearest, osa
from luminous_protocol.grammar.lexicon import OPTION, PACKAGE
from luminous_protocol.grammar.patterns import Compiler
from luminous_protocol.grammar.phrases import Phrases, mirrored
from luminous_protocol.grammar.tables import load
from luminous_protocol.grammar.text import clean, fold, tokenise, unquoted
from luminous_protocol.grammar.values import duration, shaped
from luminous_protocol.grammar.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("left", "right", "far"),
    [("vim", "vim", 0), ("vmi", "vim", 1), ("firefx", "firefox", 1), ("abc", "xyz", 3)],
)
def test_distance_counts_typing_errors(left: str, right: str, far: int) -> None:
    assert osa(left, right, 3) == far


def test_distance_stops_counting_at_its_limit() -> None:
    assert osa("aaaa", "bbbb", 2) == 3


def test_two_equally_near_words_are_no_answer() -> None:
    choices = {word: letters(word) for word in ("barn", "bark")}
    assert nearest("bary", choices) is None


def test_a_word_that_begins_otherwise_is_another_word() -> None:
    assert nearest("unable", {"enable": letters("enable")}) is None


def test_folding_drops_case_and_accents() -> None:
    assert fold("Désactive") == "desactive"
    assert fold("Wyłącz") == "wylacz"
    assert fold("が") == "が"


def test_tokens_keep_option_paths_with_quoted_parts_whole() -> None:
    clause = tokenise('set users.users."al".shell = "x y"', {}, frozenset())
    assert clause.raws == ("set", 'users.users."al".shell', "=", '"x y"')


def test_tokens_of_languages_without_spaces_are_cut_at_known_words() -> None:
    clause = tokenise("请安装vim", {}, frozenset({"请", "安装"}))
    assert clause.words == ("请", "安装", "vim")


def test_smileys_and_quotes_round_one_word_are_left_out() -> None:
    assert unquoted(clean('install "vim" :)')).split() == ["install", "vim"]


@pytest.mark.parametrize(
    ("said", "days"),
    [("30d", "30d"), ("two weeks", "14d"), ("a month", "30d"), ("a couple of days", "2d")],
)
def test_ages_are_days(said: str, days: str) -> None:
    assert duration(tuple(said.split())) == days


@pytest.mark.parametrize(
    ("form", "value"),
    [("host", "no_underscores"), ("timezone", "berlin-ish"), ("ports", "70000"), ("layout", "X!")],
)
def test_a_value_of_the_wrong_shape_is_none(form: str, value: str) -> None:
    assert shaped(form, value, {}) is None


PLACES = Phrases(lambda: ["on|in this|that? back_room", "here", "the|my box"])


@pytest.mark.parametrize(
    ("said", "length"),
    [("on back room", 3), ("in that back room", 4), ("here now", 1), ("box", 1), ("on this", 0)],
)
def test_a_template_stands_for_all_that_it_can_be_written_out_as(said: str, length: int) -> None:
    assert max(PLACES.lengths(tuple(said.split()), 0), default=0) == length


def test_templates_are_found_from_behind_when_they_are_mirrored() -> None:
    behind = Phrases(lambda: mirrored(["thanks a_lot|very_much sir?"]))
    assert behind.lengths(("much", "very", "thanks"), 0) == [3]
    assert behind.lengths(("sir", "lot", "a", "thanks"), 0) == [4]


@pytest.mark.parametrize("name", sorted(set(load("words")["order"]) - {"help"}))
def test_words_are_tied_by_underscores_in_templates_only(name: str) -> None:
    phrases = [part for text in load(name)["words"].values() for part in re.split("[,\n]", text)]
    assert [part for part in phrases if "_" in part and not set(part) & {"|", "?"}] == []


def test_one_of_several_words_of_a_pattern_may_be_a_phrase() -> None:
    item = Compiler({"may": Phrases(lambda: ["be allowed to"])}).item("must|has_to|%may")
    assert item.phrases
    said = ("must", "has to", "be allowed to", "has")
    found = [list(item.phrases.lengths(tuple(words.split()), 0)) for words in said]
    assert found == [[1], [2], [3], []]


def test_every_rule_compiles_and_every_name_of_the_lexicon_has_its_shape() -> None:
    words = vocabulary()
    for rule in words.rules:
        assert rule.compiler.items(rule.pattern), rule.name
    lexicon = words.lexicon
    assert all(PACKAGE.fullmatch(name.lstrip("_")) for name in lexicon.packages.values())
    options = [service.option for service in lexicon.services.values()]
    options += [service.boot for service in lexicon.services.values()]
    options += [setting.option for setting in lexicon.settings.values()]
    assert all(OPTION.fullmatch(option) or option == "zramSwap.enable" for option in options)


def test_every_slot_and_word_class_of_the_rules_exists() -> None:
    words = vocabulary()
    slots = {item.slot for rule in words.rules for item in rule.compiler.items(rule.pattern)}
    assert slots - {""} <= words.reader.names


@pytest.mark.parametrize("name", load("words")["order"])
def test_flags_of_a_rule_file_name_rules_that_are_there(name: str) -> None:
    table = load(name)
    named = set(table.get("confidence", {})) | set(table.get("fixed", {}))
    for flag in ("may_negate", "may_ask"):
        named |= set(table.get(flag, {}).get("rules", "").split())
    assert named <= set(table["rules"])


def test_no_word_of_the_lists_is_a_mark_of_doubt() -> None:
    pattern = re.compile(r"\w\?")
    doubtful = [
        word
        for found in vocabulary().classes.values()
        for word in found.words()
        if pattern.search(word)
    ]
    assert doubtful == []
