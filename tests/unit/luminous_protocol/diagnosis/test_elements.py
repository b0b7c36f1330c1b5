"""What stands in a list is named in words, and what is to be typed names the list."""

from __future__ import annotations

import pytest

from luminous_protocol.diagnosis import diagnose
from luminous_protocol.diagnosis.elements import in_words, list_of


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("a.b", "a.b"),
        ('a.b."[definition 1-entry 1]"', "the first element of the list a.b"),
        ("a.b.[definition 3-entry 10]", "the tenth element of the list a.b"),
        ('a.b."[definition 2-entry 11]"', "element 11 of the list a.b"),
        ('a."[definition 1-entry 2]".c.d', "c.d in the second element of the list a"),
        (
            'a."[definition 1-entry 2]"."[definition 1-entry 3]"',
            "the third element of the second element of the list a",
        ),
    ],
)
def test_an_element_is_called_as_people_call_it(option: str, words: str) -> None:
    assert in_words(option) == words
    assert list_of(option) == words.rpartition(" ")[2]


def test_a_value_in_a_list_that_is_of_a_wrong_type_is_told_in_words() -> None:
    text = (
        'error: A definition for option `a.ports."[definition 1-entry 2]"\' is not of type '
        "`integer'. Definition values:\n       - In `/etc/nixos/configuration.nix': \"x\"\n"
    )
    found = diagnose(text)
    assert found.summary == (
        "The second element of the list a.ports takes another type of value: integer."
    )
    assert found.advice == (
        "Write a value of the type integer. What it means: ask-nix option a.ports",
    )


def test_a_name_stays_as_it_is_written() -> None:
    text = "error: A definition for option `the.words' is not of type `integer'.\n"
    assert diagnose(text).summary == "the.words takes another type of value: integer."
