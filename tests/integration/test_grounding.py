"""Words held against a real machine: names put right, choices offered, and what "it" means."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import INTENT, KNOWLEDGE, ROOT_PATH
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import state_of
from tests.integration.test_meant_names import INDEX, index  # noqa: F401 - a fixture
from tests.integration.test_mind import end_mind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the daemon of the module's sandbox starts the mind"),
]


@pytest.fixture
def awake(sandbox: Sandbox, index: Path) -> Iterator[Sandbox]:  # noqa: F811 - the fixture
    """Have a mind that has read its index."""
    assert index.exists()
    with Client(sandbox) as client:
        client.send(ROOT_PATH, (KNOWLEDGE, "Search"), ("sa{sv}", ["web server", {}]))
    yield sandbox
    end_mind(sandbox)


def say(client: Client, text: str, conversation: str = "") -> tuple[list[Any], str]:
    """Return what a sentence is understood as, within a conversation."""
    options = {"conversation": conversation} if conversation else {}
    method, arguments = (INTENT, "Recognise"), ("sa{sv}", [text, options])
    intents, question = client.send(ROOT_PATH, method, arguments)[1]
    return intents, question


def slots_of(answer: tuple[list[Any], str]) -> list[dict[str, str]]:
    """Return the slots of all intents."""
    return [dict(intent["slots"]) for intent in answer[0]]


def test_a_misspelt_name_that_only_the_index_knows_is_put_right_and_said_so(
    awake: Sandbox,
) -> None:
    with Client(awake) as client:
        (intent,), question = say(client, "install krita-of-elsewhre")
    assert (intent["slots"], question) == ({"package": "krita-of-elsewhere"}, "")
    assert "reading 'krita-of-elsewhre' as 'krita-of-elsewhere'" in intent["explanation"]
    assert intent["grounds"] == {"package": "'krita-of-elsewhre' put right"}
    assert intent["alternatives"][0]["slots"] == {"package": "krita-of-elsewhre"}


def test_a_generation_is_looked_for_on_the_machine(awake: Sandbox) -> None:
    with Client(awake) as client:
        (intent,), _ = say(client, "switch to generation 1")
    assert intent["grounds"]["generation"] == "a generation of this machine"


def test_a_misspelt_account_is_that_of_the_machine_and_no_new_one(awake: Sandbox) -> None:
    with Client(awake) as client:
        (intent,), _ = say(client, "add alcie to the audio group")
    assert (intent["slots"]["user"], intent["slots"]["groups"]) == ("alice", "audio")
    assert intent["alternatives"][0]["slots"]["user"] == "alcie"


def test_it_means_what_the_same_user_said_before_and_nobody_elses_words(awake: Sandbox) -> None:
    with Client(awake) as alice, Client(awake, user="bob") as bob:
        assert slots_of(say(alice, "install hello")) == [{"package": "hello"}]
        assert slots_of(say(alice, "and htop too")) == [{"package": "htop"}]
        assert "package" not in slots_of(say(bob, "remove it again"))[0]
        assert "package" not in slots_of(say(alice, "remove it", "another"))[0]
        assert slots_of(say(alice, "remove it again")) == [{"package": "htop"}]


def test_it_means_the_same_over_another_connection_of_the_same_user(awake: Sandbox) -> None:
    assert ask(awake, "--dry-run", "install tree").code == 0
    asked = ask(awake, "--dry-run", "remove it again")
    assert asked.document["intents"][0]["slots"] == {"package": "tree"}


def test_the_second_one_is_the_second_that_a_search_has_found(awake: Sandbox) -> None:
    with Client(awake) as client:
        arguments = ("sa{sv}", ["web", {"kinds": ["package"]}])
        (found,) = client.send(ROOT_PATH, (KNOWLEDGE, "Search"), arguments)[1]
        titles = [passage["title"] for passage in found]
        assert slots_of(say(client, "install the second one")) == [{"package": titles[1]}]


def test_a_name_alone_is_asked_back_and_nothing_is_done(awake: Sandbox) -> None:
    before = state_of(awake)
    asked = ask(awake, "--yes", "firefox")
    assert asked.code != 0
    assert asked.document["question"] == "firefox: install firefox or tell what it is?"
    (intent,) = asked.document["intents"]
    assert intent["changes"] == []
    kinds = [one["kind"] for one in intent["alternatives"]]
    assert kinds == ["install", "explain"]
    assert state_of(awake) == before


def test_what_is_there_already_is_said_to_be_there(awake: Sandbox) -> None:
    before = state_of(awake)
    asked = ask(awake, "--yes", "install htop if it is not there already")
    assert asked.document["intents"][0]["slots"] == {"package": "htop"}
    assert "already" in " ".join(asked.document["answers"]), asked.document
    assert state_of(awake) == before


def test_what_is_to_be_done_later_is_refused_with_the_reason(awake: Sandbox) -> None:
    before = state_of(awake)
    asked = ask(awake, "--yes", "remove htop tonight")
    assert "keeps no appointments" in asked.document["question"]
    assert state_of(awake) == before


def test_without_the_mind_everything_is_read_as_it_was_typed(sandbox: Sandbox) -> None:
    shutil.rmtree(sandbox.path(INDEX), ignore_errors=True)
    with Client(sandbox) as client:
        (intent,), _ = say(client, "install krita-of-elsewhre")
    assert intent["slots"] == {"package": "krita-of-elsewhre"}
    end_mind(sandbox)


@pytest.mark.parametrize(
    "shown",
    [
        ("package", "htop"),
        ("what-if", "remove", "htop"),
        ("what if I removed htop",),
        ("don't remove htop",),
        ("remove htop tonight",),
    ],
)
def test_after_something_else_was_shown_or_refused_it_means_nothing_older(
    sandbox: Sandbox, shown: tuple[str, ...]
) -> None:
    assert ask(sandbox, "--dry-run", "install hello").code == 0
    ask(sandbox, *shown)
    asked = ask(sandbox, "--dry-run", "remove it")
    assert asked.document["intents"] == []
    assert asked.document["question"] == "I do not know what is meant by that. Say its name."
    end_mind(sandbox)


def test_what_was_only_supposed_or_asked_how_to_do_is_nothing_to_go_on_with(
    sandbox: Sandbox,
) -> None:
    assert ask(sandbox, "--dry-run", "install hello").code == 0
    ask(sandbox, "what if I removed htop")
    ask(sandbox, "how do I remove htop")
    asked = ask(sandbox, "--dry-run", "and jq too")
    (intent,) = asked.document["intents"]
    assert (intent["kind"], intent["slots"]) == ("install", {"package": "jq"})
    end_mind(sandbox)
