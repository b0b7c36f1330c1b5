"""Grounding: names held against what is there, put right, and said so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from luminous_daemon.core.grounding import Grounding
from luminous_protocol.grammar import recognise
from luminous_protocol.intents import Intent, IntentKind, Recognition
from luminous_protocol.passages import Child, Named, Passage


@dataclass
class Here:
    """A machine that has these names; nobody answers about the index where there is none."""

    index: frozenset[str] | None = frozenset({"zathura-plus", "services.openssh.enable"})
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def look_up(self, kind: str, name: str) -> Named | None:
        """Look into the index."""
        self.asked.append((kind, name))
        if self.index is None:
            return None
        if name in self.index:
            return Named(Passage(name, kind, name, "", "", 0, "", 1.0, ()))
        return Named(nearest=tuple(sorted(self.index)))

    def users(self) -> frozenset[str]:
        """Return the accounts."""
        return frozenset({"alice", "bob"})

    def units(self) -> frozenset[str]:
        """Return the services."""
        return frozenset({"nginx", "borgmatic"})

    def generations(self) -> frozenset[int]:
        """Return the generations."""
        return frozenset({1, 2})


def grounded(found: Recognition | str, here: Here | None = None) -> list[Intent]:
    """Return the intents of a sentence, grounded."""
    text = found if isinstance(found, str) else ""
    read = recognise(found) if isinstance(found, str) else found
    return [*asyncio.run(Grounding(here or Here()).ground(read, text)).intents]


def test_a_name_one_slip_away_becomes_the_name_of_the_index_and_says_so() -> None:
    (intent,) = grounded("install zathura-pluss")
    assert intent.slots == {"package": "zathura-plus"}
    assert "reading 'zathura-pluss' as 'zathura-plus'" in intent.explanation
    assert intent.grounds == {"package": "'zathura-pluss' put right"}
    (typed,) = intent.alternatives
    assert typed.slots == {"package": "zathura-pluss"}
    assert intent.confidence < 1


def test_a_name_that_two_are_one_slip_away_from_stays_as_it_was_typed() -> None:
    here = Here(frozenset({"blorpa", "blorpe"}))
    (intent,) = grounded("install blorpi", here)
    assert intent.slots == {"package": "blorpi"}
    assert intent.grounds == {"package": "not known here; like it: blorpa, blorpe"}
    assert intent.alternatives == ()


def test_the_best_known_names_are_not_asked_about() -> None:
    here = Here()
    (intent,) = grounded("install firefox", here)
    assert intent.grounds == {"package": "among the best known names"}
    assert here.asked == []


def test_where_nobody_answers_everything_stays_as_it_was_read() -> None:
    (intent,) = grounded("install zathura-pluss", Here(None))
    assert intent.slots == {"package": "zathura-pluss"}
    assert intent.grounds == {"package": "as it was said"}


def test_no_more_than_a_few_names_of_a_sentence_are_asked_about() -> None:
    here = Here()
    names = [f"nameless{letter}" for letter in "abcdefghij"]
    assert len(grounded(f"install {', '.join(names)}", here)) == len(names)
    assert len(here.asked) == 6


def test_a_misspelt_option_is_put_right() -> None:
    (intent,) = grounded("set services.opensh.enable to true")
    assert intent.slots["option"] == "services.openssh.enable"
    assert intent.grounds["option"] == "'services.opensh.enable' put right"


@pytest.mark.parametrize("typed", ["zorgmatic", "zorgmatc"])
def test_a_service_that_only_the_index_knows_gets_its_option(typed: str) -> None:
    here = Here(frozenset({"services.zorgmatic.enable", "services.other.port"}))
    (intent,) = grounded(f"enable {typed}", here)
    assert intent.slots == {"service": "zorgmatic", "option": "services.zorgmatic.enable"}
    assert bool(intent.alternatives) == (typed != "zorgmatic")
    assert intent.grounds["option"] == "in the index of options"


def test_a_service_that_nobody_knows_stays_as_it_was_typed() -> None:
    (intent,) = grounded("enable zorgmatic")
    assert intent.slots == {"service": "zorgmatic"}


def test_a_set_of_options_is_a_name_of_the_index_as_well() -> None:
    class Sets(Here):
        async def look_up(self, kind: str, name: str) -> Named | None:
            return Named(below=(Child(f"{name}.{kind}"),))

    (intent,) = grounded("set services.foo.bar to 3", Sets())
    assert intent.grounds["option"] == "in the index of options"


def test_a_misspelt_account_is_not_taken_for_a_new_one() -> None:
    (intent,) = grounded("add alcie to the docker group")
    assert (intent.slots["user"], intent.slots["groups"]) == ("alice", "docker")
    assert intent.alternatives[0].slots["user"] == "alcie"


@pytest.mark.parametrize("name", ["alcie", "maria"])
def test_an_account_that_is_asked_for_is_a_new_one(name: str) -> None:
    (intent,) = grounded(f"create a user called {name}")
    assert (intent.slots["user"], intent.grounds["user"]) == (name, "a new account")


def test_who_is_asking_and_who_is_there_are_known() -> None:
    (intent,) = grounded("add bob to the docker group")
    assert intent.grounds["user"] == "an account of this machine"
    (intent,) = grounded("add me to the docker group")
    assert intent.grounds["user"] == "who is asking"


def test_a_unit_of_this_machine_is_known_and_a_misspelt_one_put_right() -> None:
    asked = Intent(IntentKind.QUERY_STATUS, {"what": "service", "service": "borgmatc"})
    (intent,) = grounded(Recognition((asked,)))
    assert intent.slots["service"] == "borgmatic"
    (intent,) = grounded("restart nginx")
    assert intent.grounds["service"] == "a unit of this machine"


@pytest.mark.parametrize(
    ("number", "ground"),
    [(2, "a generation of this machine"), (9, "not among this machine's generations")],
)
def test_generations_are_those_of_this_machine(number: int, ground: str) -> None:
    (intent,) = grounded(f"switch to generation {number}")
    assert intent.grounds["generation"] == ground
