"""The rules and the mind become one answer, in which likeness alone changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from luminous_daemon.core.understanding import alone, is_unsure, join, reasons_of
from luminous_protocol.grammar import guards, recognise
from luminous_protocol.grammar.recogniser import UNKNOWN
from luminous_protocol.intents import Intent, IntentKind, Recognition
from luminous_protocol.understanding import Judgement, Likeness

NOTHING = Recognition(question=UNKNOWN)


def judged(kind: str, **slots: str) -> Judgement:
    """Return a judgement that is as sure as can be."""
    near = (Likeness("an example", kind, 0.9),)
    return Judgement(kind, 0.97, "other", (slots,), {"vim": "'Vim', a list"}, likenesses=near)


def kinds(found: Recognition) -> list[str]:
    return [intent.kind.value for intent in found.intents]


def test_nobody_else_is_asked_where_a_rule_is_sure() -> None:
    assert not is_unsure(recognise("install vim"))
    assert not is_unsure(recognise("install vim; rm -rf /"))
    assert is_unsure(recognise("would some vim do me good"))


def test_what_only_reads_is_answered() -> None:
    assert join(NOTHING, judged("list_generations")) == Recognition(
        join(NOTHING, judged("list_generations")).intents
    )
    assert kinds(join(NOTHING, judged("list_generations"))) == ["list_generations"]


@pytest.mark.parametrize(
    ("kind", "slots", "question"),
    [
        ("install", {"package": "vim"}, "Do you want to install vim?"),
        ("remove", {"package": "vim"}, "Do you want to remove vim?"),
        ("garbage_collect", {}, "Do you want to delete old generations and what nothing needs?"),
        (
            "set_option",
            {"option": "time.timeZone", "value": "UTC"},
            "Do you want to set time.timeZone to UTC?",
        ),
    ],
)
def test_a_change_that_only_the_mind_reads_is_asked_about(
    kind: str, slots: dict[str, str], question: str
) -> None:
    found = join(NOTHING, judged(kind, **slots))
    assert (kinds(found), found.question) == ([kind], question)


@pytest.mark.parametrize("question", [guards.HOSTILE, guards.INJECTED, guards.TIMED])
def test_what_a_guard_has_refused_is_not_even_compared(question: str) -> None:
    assert not is_unsure(Recognition(question=question))


@pytest.mark.parametrize("question", [guards.SUPPOSED, guards.REPORTED, guards.ASKED])
def test_what_the_rules_doubt_is_asked_about_where_it_is_very_like_an_example(
    question: str,
) -> None:
    doubted = Recognition(question=question)
    alike = judged("install", package="vim")
    assert is_unsure(doubted)
    found = join(doubted, replace(alike, likenesses=(Likeness("vim here", "install", 0.9),)))
    assert (kinds(found), found.question) == (["install"], "Do you want to install vim?")
    for less in (
        replace(alike, likenesses=(Likeness("vim here", "install", 0.7),)),
        replace(alike, likenesses=(Likeness("vim stays", "other", 0.9),)),
        replace(alike, strange=("carpet",)),
    ):
        assert join(doubted, less) == doubted


def test_any_question_can_be_one_for_an_explanation() -> None:
    vague = Recognition((Intent(IntentKind.EXPLAIN, {"topic": "old systems"}, 0.6, "which …"),))
    assert is_unsure(vague)
    assert kinds(join(vague, judged("list_generations"))) == ["list_generations"]
    assert join(vague, judged("remove", package="vim")) == vague


def test_a_change_that_was_refused_for_its_words_stays_refused() -> None:
    refused = Recognition(question=guards.NEGATED)
    assert join(refused, judged("remove", package="vim")) == refused
    assert kinds(join(refused, judged("diagnose", problem="wifi"))) == ["diagnose"]


@pytest.mark.parametrize(
    "doubtful",
    [
        replace(judged("remove", package="vim"), slots=None),
        replace(judged("remove", package="vim"), confidence=0.4),
        replace(judged("remove", package="vim"), strange=("piano", "carpet", "sofa", "roof")),
        replace(judged("remove", package="vim"), likenesses=()),
        replace(judged("remove", package="vim"), likenesses=(Likeness("no", "remove", 0.1),)),
        replace(judged("remove"), kind="other"),
        replace(judged("remove"), kind="format_disk"),
    ],
)
def test_what_is_doubtful_stays_not_understood(doubtful: Judgement) -> None:
    assert join(NOTHING, doubtful) == NOTHING


def test_a_sure_contradiction_makes_a_question_of_an_unsure_change() -> None:
    unsure = Intent(IntentKind.REMOVE, {"package": "vim"}, 0.5, "by its words")
    against = replace(judged("other"), likenesses=(Likeness("keep vim", "other", 0.9),))
    found = join(Recognition((unsure,)), against)
    assert (found.intents, found.question) == ((unsure,), "Do you want to remove vim?")
    agreed = join(Recognition((unsure,)), judged("remove", package="vim"))
    assert agreed == Recognition((unsure,))


def test_every_reason_is_told() -> None:
    (intent,) = join(NOTHING, judged("remove", package="vim")).intents
    assert [reason.layer for reason in reasons_of(intent)] == ["semantic", "semantic", "slots"]
    (ruled,) = recognise("install vim").intents
    assert [(reason.layer, reason.weight) for reason in reasons_of(ruled)] == [("rules", 0.95)]


def test_that_nobody_else_could_be_asked_is_a_reason_too() -> None:
    unsure = Intent(IntentKind.REMOVE, {"package": "vim"}, 0.5, "by its words")
    (told,) = alone(Recognition((unsure,)), "it did not answer").intents
    assert [reason.text for reason in told.reasons] == [
        "by its words",
        "not asked: it did not answer",
    ]


def test_a_change_that_is_most_like_what_asks_for_none_is_not_even_asked_about() -> None:
    near = (Likeness("the firewall is up and running", "other", 0.97),)
    told = replace(judged("enable_service", service="firewall"), likenesses=near)
    assert join(NOTHING, told) == NOTHING


@pytest.mark.parametrize("question", [guards.NEGATED, guards.SUPPOSED, guards.REPORTED])
def test_words_that_forbid_a_change_forbid_no_answer(question: str) -> None:
    refused = Recognition(question=question)
    told = replace(judged("diagnose", problem="suspend"), strange=("suspend",))
    assert kinds(join(refused, told)) == ["diagnose"]
    assert join(refused, replace(told, confidence=0.7)) == refused
    assert join(refused, replace(judged("explain", topic="vim"), strange=("vim",))) == refused
