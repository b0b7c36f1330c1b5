"""Follow-ups: sentences that mean something only after those before them."""

from __future__ import annotations

import pytest

from luminous_protocol.conversation import Turn
from luminous_protocol.grammar import recognise
from luminous_protocol.intents import CHANGING, Intent, IntentKind

INSTALL, REMOVE = IntentKind.INSTALL, IntentKind.REMOVE
VIM, GIT = Intent(INSTALL, {"package": "vim"}), Intent(INSTALL, {"package": "git"})
DOCKER = Intent(
    IntentKind.ENABLE_SERVICE, {"service": "docker", "option": "virtualisation.docker.enable"}
)
ONE, BOTH, SERVICE = Turn((VIM,)), Turn((VIM, GIT)), Turn((DOCKER,))
FOUND = Turn(
    offered=(
        Intent(IntentKind.EXPLAIN, {"package": "helix"}),
        Intent(IntentKind.EXPLAIN, {"package": "kakoune"}),
        Intent(IntentKind.EXPLAIN, {"option": "services.nginx.enable"}),
    )
)

Expected = list[tuple[str, dict[str, str]]]


def read(text: str, *turns: Turn) -> Expected:
    """Return what a sentence means after turns, without where it is written."""
    found = recognise(text, turns).intents
    return [(intent.kind.value, dict(intent.slots)) for intent in found]


@pytest.mark.parametrize(
    ("turn", "text", "expected"),
    [
        (ONE, "remove it again", [("remove", {"package": "vim"})]),
        (ONE, "get rid of it", [("remove", {"package": "vim"})]),
        (ONE, "and git too", [("install", {"package": "git"})]),
        (ONE, "same for htop please", [("install", {"package": "htop"})]),
        (BOTH, "remove them", [("remove", {"package": "vim"}), ("remove", {"package": "git"})]),
        (SERVICE, "turn it off again", [("disable_service", dict(DOCKER.slots))]),
        (
            SERVICE,
            "and bluetooth too",
            [
                (
                    "enable_service",
                    {"service": "bluetooth", "option": "hardware.bluetooth.enable"},
                )
            ],
        ),
        (FOUND, "install the second one", [("install", {"package": "kakoune"})]),
        (FOUND, "number 1", [("explain", {"package": "helix"})]),
        (FOUND, "enable the third", [("enable_service", {"option": "services.nginx.enable"})]),
        (FOUND, "the last one", [("explain", {"option": "services.nginx.enable"})]),
    ],
)
def test_what_was_said_before_stands_in_the_place_of_a_pronoun(
    turn: Turn, text: str, expected: Expected
) -> None:
    assert read(text, turn) == expected


@pytest.mark.parametrize(
    "text",
    [
        "entferne es wieder",
        "supprime-le",
        "bórralo",
        "remova-o",
        "rimuovilo",
        "verwijder het weer",
        "usuń to",
        "удали его",  # noqa: RUF001 - Russian
        "卸载它",
        "それを削除して",
    ],
)
def test_a_pronoun_of_any_language_means_what_was_said_before(text: str) -> None:
    assert read(text, ONE) == [("remove", {"package": "vim"})]
    assert "package" not in dict(recognise(text).intents[0].slots)


@pytest.mark.parametrize("text", ["und git auch", "et git aussi", "y git también", "и git тоже"])
def test_a_list_goes_on_in_any_language(text: str) -> None:
    assert read(text, ONE) == [("install", {"package": "git"})]


NOTHING = "I do not know what is meant by that. Say its name."


@pytest.mark.parametrize("text", ["remove it", "install that", "remove them", "install both"])
@pytest.mark.parametrize("last", [Turn(), SERVICE, FOUND])
def test_what_is_older_than_the_last_turn_is_never_meant(text: str, last: Turn) -> None:
    found = recognise(text, (ONE, BOTH, last))
    assert (found.intents, found.question) == ((), NOTHING)


@pytest.mark.parametrize("text", ["install the second one", "remove the first", "the last one"])
def test_no_list_but_the_last_one_is_gone_on_with(text: str) -> None:
    assert read(text, FOUND, ONE, Turn()) == []


def test_both_are_two_and_neither_one_nor_three() -> None:
    assert len(read("remove both", BOTH)) == 2
    assert read("remove both", ONE) == []
    assert read("remove both", Turn((VIM, GIT, Intent(INSTALL, {"package": "jq"})))) == []


@pytest.mark.parametrize("text", ["put it back", "please put it back", "bring it back again"])
def test_what_was_just_taken_away_is_put_back(text: str) -> None:
    gone = Turn((Intent(REMOVE, {"package": "vim"}),))
    assert read(text, ONE, gone) == [("install", {"package": "vim"})]
    off = Turn((Intent(IntentKind.DISABLE_SERVICE, DOCKER.slots),))
    assert read(text, off) == [("enable_service", dict(DOCKER.slots))]


@pytest.mark.parametrize("text", ["put it back", "please put it back", "put that back!"])
@pytest.mark.parametrize("turns", [(), (ONE,), (SERVICE,), (FOUND,), (ONE, Turn())])
def test_what_nobody_has_taken_away_is_not_put_back_and_no_generation_is_meant(
    text: str, turns: tuple[Turn, ...]
) -> None:
    found = recognise(text, turns)
    assert found.intents == ()
    assert found.question.startswith("I do not know what is to be put back.")


def test_nothing_is_put_back_within_a_longer_sentence() -> None:
    assert IntentKind.ROLLBACK not in {
        intent.kind for intent in recognise("remove vim and put it back").intents
    }


def test_what_goes_on_as_a_question_is_only_a_question() -> None:
    assert read("and git too?", ONE) == []


def test_what_may_be_one_of_several_is_asked_back_with_each_of_them() -> None:
    found = recognise("remove it", [BOTH])
    assert found.question == "Which one is meant: vim or git? Say its name."
    (open_one,) = found.intents
    assert "package" not in open_one.slots
    readings = [(one.kind, dict(one.slots)) for one in open_one.alternatives]
    assert readings == [(REMOVE, {"package": "vim"}), (REMOVE, {"package": "git"})]


@pytest.mark.parametrize(
    "text",
    [
        "don't remove it",
        "and don't install git",
        "not the second one",
        "should I remove it?",
        "if you remove it, install git",
        "she said remove it",
    ],
)
@pytest.mark.parametrize("turn", [ONE, FOUND])
def test_what_is_denied_or_only_asked_about_is_not_done_to_what_was_said_before(
    text: str, turn: Turn
) -> None:
    found = recognise(text, [turn])
    assert not CHANGING.intersection(intent.kind for intent in found.intents)


@pytest.mark.parametrize("text", ["install the second one", "number 4", "the second one"])
def test_a_number_means_nothing_where_nothing_was_offered_or_too_little(text: str) -> None:
    assert read(text, ONE) == []
    assert recognise("number 4", [FOUND]).question.startswith("There are 3 to choose from.")


def test_nothing_is_meant_by_it_where_no_such_thing_was_named() -> None:
    found = recognise("remove it", [SERVICE])
    assert (found.intents, found.question) == (
        (),
        "I do not know what is meant by that. Say its name.",
    )
