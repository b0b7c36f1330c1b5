"""Languages: found by their words, read by their own rules, and denied in all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from luminous_protocol.grammar import recognise
from luminous_protocol.grammar.languages import LANGUAGES, languages_of
from luminous_protocol.intents import CHANGING

EVALS = Path(__file__).parents[3] / "evals" / "data"
Expected = list[tuple[str, dict[str, str]]]


SPELT_ALIKE = {"active ssh"}
"""In another language as in English: it is read in English, and so is what it means."""


def phrases(name: str) -> list[tuple[str, str]]:
    """Return language and text of the written phrases in a file that ask for something."""
    lines = (EVALS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        (record["lang"], record["text"])
        for record in map(json.loads, lines)
        if record["intents"][0]["intent"] != "other"
    ]


def test_each_phrase_of_a_language_is_taken_to_be_in_it() -> None:
    written = phrases("phrases-languages") + phrases("phrases-languages-second")
    missed = [
        (language, text)
        for language, text in written
        if language not in languages_of(text) and text not in SPELT_ALIKE
    ]
    assert missed == []


def test_english_is_taken_for_no_other_language() -> None:
    mistaken = [
        text
        for language, text in phrases("phrases-own") + phrases("phrases-strangers")
        if language == "en" and languages_of(text)
    ]
    assert mistaken == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("füge vim hinzu", [("install", {"package": "vim"})]),
        ("vim kann weg", [("remove", {"package": "vim"})]),
        ("mets tout à jour", [("update", {})]),
        ("quiero deshacerme de vim", [("remove", {"package": "vim"})]),
        ("volte para a geração anterior", [("rollback", {})]),
        ("fai pulizia", [("garbage_collect", {})]),
        (
            "schakel bluetooth in",
            [
                (
                    "enable_service",
                    {"service": "bluetooth", "option": "hardware.bluetooth.enable"},
                )
            ],
        ),
        ("usuń generacje starsze niż 2 tygodnie", [("garbage_collect", {"older_than": "14d"})]),
        ("удали поколения старше 30 дней", [("garbage_collect", {"older_than": "30d"})]),
        ("把vim删掉", [("remove", {"package": "vim"})]),
        ("vimとgitを入れて", [("install", {"package": "vim"}), ("install", {"package": "git"})]),
        ("世代12に切り替えて", [("switch_generation", {"generation": "12"})]),
    ],
)
def test_each_language_has_its_own_order_of_words(text: str, expected: Expected) -> None:
    found = recognise(text).intents
    assert [(intent.kind.value, dict(intent.slots)) for intent in found] == expected


@pytest.mark.parametrize(
    "text",
    [
        "installiere vim nicht",
        "lösche nichts",
        "soll ich vim installieren?",
        "n'installe pas vim",
        "ne supprime rien",
        "no instales vim",
        "no borres nada",
        "não remova o vim",
        "non installare vim",
        "non cancellare niente",
        "installeer vim niet",
        "verwijder alsjeblieft niets",
        "nie instaluj vim",
        "niczego nie usuwaj",
        "не удаляй vim",
        "ничего не удаляй",
        "不要删除vim",
        "vimを削除しないで",
        "vimをインストールしますか",
        "ya instalé vim",
        "installé vim",
        "wer hat vim installiert?",
        "mach das Licht aus",
        "éteins la lumière",
        "limpia la cocina",
        "posprzątaj pokój",
        "выключи свет",
        "关灯",
        "電気を消して",
        "installiere alles",
        "supprime tout",
        "firefox吗",
    ],
)
def test_what_is_denied_asked_or_nameless_is_no_change_in_any_language(text: str) -> None:
    found = recognise(text)
    assert not CHANGING.intersection(intent.kind for intent in found.intents), found


def test_what_denies_in_one_language_denies_in_every_other() -> None:
    for word in ("niets", "nichts", "rien", "nada", "niente", "nic"):
        assert not CHANGING.intersection(
            intent.kind for intent in recognise(f"remove vim {word}").intents
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_and_courtesies_are_not_mixed_up(language: str) -> None:
    thanks = {"de": "danke", "fr": "merci", "es": "porfa", "pt": "obrigado", "it": "grazie"}
    word = thanks.get(language)
    if word:
        verb = {"de": "installiere", "fr": "installe", "es": "instala", "pt": "instale"}
        found = recognise(f"{verb.get(language, 'installa')} krita, {word}").intents
        assert [dict(intent.slots) for intent in found] == [{"package": "krita"}]
