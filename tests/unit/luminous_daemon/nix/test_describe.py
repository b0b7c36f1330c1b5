"""Describing by Nix: its answer as it stands, and what is left where a value cannot be read."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.core.descriptions import Below, Defined
from luminous_daemon.core.facts import Availability
from luminous_daemon.nix.describe import NixDescriber
from luminous_daemon.nix.evaluate import NixEvaluator
from luminous_protocol.errors import EvaluationFailed

if TYPE_CHECKING:
    from luminous_daemon.settings import Settings
    from tests.unit.luminous_daemon.nix.recorder import Recorder

NAME = "services.a.token"
OPTION: dict[str, Any] = {
    "exists": True,
    "type": "string",
    "description": "A token.",
    "declarations": ["nixos/modules/a.nix", "<unknown-file>"],
    "readOnly": False,
    "gone": False,
    "files": ["/etc/nixos/a.nix"],
    "sources": ["/etc/nixos/a.nix"],
    "default": {"literal": "config.b"},
    "example": {"value": ["a", True]},
    "value": {"value": "hunter2"},
    "values": [{"value": "hunter2"}],
    "below": [{"name": "c", "type": "boolean", "text": "Whether."}],
}
FAILURE = '@nix {"action":"msg","level":0,"msg":"","raw_msg":"infinite recursion"}'


def describer(settings: Settings) -> NixDescriber:
    """Return a describer of the settings' configuration."""
    return NixDescriber(NixEvaluator(settings))


def answer(option: dict[str, Any]) -> str:
    """Return what Nix prints of one option."""
    return json.dumps({"packages": [], "options": {NAME: option}})


def test_an_option_is_told_without_the_secret_in_it(recorder: Recorder, settings: Settings) -> None:
    recorder.answer(answer(OPTION))
    found = asyncio.run(describer(settings).option(NAME))
    assert "hunter2" not in repr(found)
    assert found.value.startswith("«hidden")
    assert found.definitions == (Defined("/etc/nixos/a.nix", found.value),)
    assert (found.default, found.example) == ("config.b", '[ "a" true ]')
    assert found.declarations == ("nixos/modules/a.nix",)
    assert found.below == (Below("c", "boolean", "Whether."),)
    (command,) = recorder.commands
    assert json.loads(command.argv[-1]) == {
        "mode": "description",
        "packages": [],
        "options": {NAME: {"path": ["services", "a", "token"]}},
        "values": True,
        "overridden": True,
    }


def test_a_definition_that_does_not_count_is_told_without_the_secret_in_it(
    recorder: Recorder, settings: Settings
) -> None:
    weak = {"file": "/etc/nixos/b.nix", "value": {"value": "hunter3"}}
    recorder.answer(answer({**OPTION, "overridden": [weak]}))
    found = asyncio.run(describer(settings).option(NAME))
    assert [item.file for item in found.overridden] == ["/etc/nixos/b.nix"]
    assert "hunter3" not in repr(found)


def test_where_definitions_cannot_be_gathered_the_value_is_told_all_the_same(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer("", FAILURE, status=1)
    recorder.answer(answer(OPTION))
    found = asyncio.run(describer(settings).option(NAME))
    assert (found.overridden, found.problem) == ((), "")
    assert found.value
    assert "overridden" not in json.loads(recorder.commands[-1].argv[-1])


def test_a_value_that_cannot_be_read_costs_only_itself(
    recorder: Recorder, settings: Settings
) -> None:
    for _ in range(2):
        recorder.answer("", FAILURE, status=1)
    without = {key: item for key, item in OPTION.items() if key not in {"value", "values"}}
    recorder.answer(answer({**without, "files": [], "sources": []}))
    found = asyncio.run(describer(settings).option(NAME))
    assert (found.type, found.value) == ("string", "")
    assert found.definitions == ()
    assert "infinite recursion" in found.problem


def test_a_configuration_that_cannot_be_evaluated_is_an_error(
    recorder: Recorder, settings: Settings
) -> None:
    for _ in range(3):
        recorder.answer("", FAILURE, status=1)
    with pytest.raises(EvaluationFailed, match="infinite recursion"):
        asyncio.run(describer(settings).option(NAME))


def test_a_package_that_nixpkgs_refuses_comes_with_its_words(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer(json.dumps({"packages": [{"availability": "refused"}], "options": {}}))
    recorder.answer("", FAILURE.replace("infinite recursion", "error: 'a' is now 'b'"), status=1)
    found = asyncio.run(describer(settings).package("a", ()))
    assert found.facts.availability is Availability.REFUSED
    assert found.facts.reason == "'a' is now 'b'"


def test_questions_wait_for_one_another(recorder: Recorder, settings: Settings) -> None:
    running = most = 0

    async def run(*_: object) -> object:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return await original(*_)  # type: ignore[arg-type] # as it was called

    async def steps() -> None:
        asking = describer(settings)
        await asyncio.gather(*(asking.option(NAME) for _ in range(3)))

    original = recorder.run
    for _ in range(3):
        recorder.answer(answer(OPTION))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("luminous_daemon.nix.evaluate.run", run)
        asyncio.run(steps())
    assert most == 1
