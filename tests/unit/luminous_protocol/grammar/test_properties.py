"""What holds for any text at all."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from luminous_protocol.grammar import recognise
from luminous_protocol.grammar.vocabulary import vocabulary
from luminous_protocol.intents import CHANGING

HOSTILE = "|&$`<>(){}[]\\^~*;\n\0"
COMMANDS = [
    "install firefox",
    "remove vim",
    "update",
    "update the system",
    "roll back",
    "rebuild",
    "enable bluetooth",
    "disable the firewall",
    "switch to generation 4",
    "collect garbage",
    "open port 22",
    "set networking.hostName to web1",
    "add alice to wheel",
]
REFUSALS = [
    "don't {}",
    "do not {}",
    "please don't {}",
    "never {}",
    "i don't want to {}",
    "you should not {}",
    "i won't {}",
    "not {}",
    "please never {}",
    "can you not {}",
    "make sure you don't {}",
    "i would rather not {}",
    "no need to {}",
    "refuse to {}",
    "if you {}",
    "maybe {}",
    "he told me to {}",
    "should i {}?",
    "what if i {}",
    "{} tomorrow",
    "{}? no",
    'the page says "{}"',
]

WORDS = sorted(
    {
        *[
            "install",
            "remove",
            "update",
            "undo",
            "not",
            "don't",
            "maybe",
            "if",
            "vim",
            "git",
            "firefox",
            "and",
            "then",
        ]
    }
)
sentences = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(sorted(vocabulary().known)),
        st.text(alphabet="abcdefg.-_+/'\"=,?! 安装é", max_size=8),
    ),
    max_size=14,
).map(" ".join)


@given(st.one_of(st.text(max_size=120), sentences))
@example("")
@example("?")
@example("-")
@example('"')
@example(", , ,")
@example("\ud800")
@settings(deadline=None, max_examples=300)
def test_any_text_is_answered_with_intents_or_a_question(text: str) -> None:
    recognition = recognise(text)
    assert bool(recognition.intents) != bool(recognition.question)
    assert all(0 < intent.confidence <= 1 for intent in recognition.intents)
    assert all(intent.explanation for intent in recognition.intents)


@given(st.text(alphabet=HOSTILE + "'\"/#%@!abc .=", max_size=20), st.sampled_from(COMMANDS))
@settings(deadline=None, max_examples=200)
def test_hostile_characters_never_end_in_a_slot(text: str, command: str) -> None:
    for sentence in (f"{command} {text}", f"{command}{text}", f"install {text}", text):
        for intent in recognise(sentence).intents:
            for value in intent.slots.values():
                assert not set(value) & set(HOSTILE)
                assert ".." not in value


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_negated_supposed_or_reported_changes_nothing(
    refusal: str, command: str
) -> None:
    kinds = {intent.kind for intent in recognise(refusal.format(command)).intents}
    assert not kinds & CHANGING


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "polite",
    ["{}", "please {}", "could you {}?", "hey, {} please", "i want to {}", "{}, thanks!"],
)
def test_politeness_changes_nothing_about_what_is_asked(polite: str, command: str) -> None:
    plain = [(intent.kind, dict(intent.slots)) for intent in recognise(command).intents]
    asked = recognise(polite.format(command)).intents
    assert [(intent.kind, dict(intent.slots)) for intent in asked] == plain
    assert plain


@given(sentences)
@settings(deadline=None, max_examples=100)
def test_the_same_text_is_always_understood_the_same(text: str) -> None:
    assert recognise(text) == recognise(text)
