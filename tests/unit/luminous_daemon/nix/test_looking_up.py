"""Looking names up: which there are, which have gone, and what brings a package in."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from luminous_daemon.core.facts import Query
from luminous_daemon.nix.evaluate import NixEvaluator
from tests.unit.luminous_daemon.nix.recorder import request_in

if TYPE_CHECKING:
    from luminous_daemon.settings import Settings
    from tests.unit.luminous_daemon.nix.recorder import Recorder


def test_names_from_elsewhere_are_checked_by_their_parts(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer('[true, false, "new.name"]')
    names = ["services.nginx.enable", 'services."x.y"', "old.name"]
    assert asyncio.run(NixEvaluator(settings).known_options(names)) == {
        "services.nginx.enable": "services.nginx.enable",
        "old.name": "new.name",
    }
    assert request_in(recorder.commands[0]) == {
        "mode": "known",
        "kind": "options",
        "paths": [["services", "nginx", "enable"], ["services", "x.y"], ["old", "name"]],
    }


def test_an_option_that_has_gone_says_what_to_do_without_it(
    recorder: Recorder, settings: Settings
) -> None:
    gone: dict[str, object] = {
        **dict.fromkeys(("type", "typeDescription", "example", "description"), ""),
        "exists": True,
        "value": None,
        "plain": False,
        "defined": False,
        "readOnly": False,
        "files": [],
        "fitting": 0,
        "gone": True,
    }
    recorder.answer(json.dumps({"packages": [], "options": {"sound.enable": gone}, "imported": []}))
    recorder.answer("", "error: The option `sound.enable' is gone. Leave it away.", status=1)
    found = asyncio.run(NixEvaluator(settings).look_up(Query((), {"sound.enable": (True,)})))
    assert request_in(recorder.commands[1]) == {"mode": "removal", "option": ["sound", "enable"]}
    assert found.options["sound.enable"].is_gone
    assert found.options["sound.enable"].removal == (
        "The option `sound.enable' is gone. Leave it away."
    )


def test_what_brings_a_package_in_is_looked_up_beside_it(
    recorder: Recorder, settings: Settings
) -> None:
    switch: dict[str, object] = {
        **dict.fromkeys(("type", "typeDescription", "example", "description"), ""),
        "exists": True,
        "value": False,
        "plain": True,
        "defined": False,
        "readOnly": False,
        "files": [],
        "fitting": 0,
        "package": "jdk",
    }
    jdk = {
        "availability": "available",
        "switches": [{"path": ["programs", "java", "enable"], "option": switch}],
    }
    untried = {
        "programs.java.enable": switch | {"fitting": -1}
    }  # as Luminous's lines are asked for
    recorder.answer(json.dumps({"packages": [jdk], "options": untried, "imported": []}))
    query = Query(("jdk",), {"programs.java.enable": ()})
    facts = asyncio.run(NixEvaluator(settings).look_up(query))
    assert facts.packages["jdk"].switches == ("programs.java.enable",)
    assert facts.options["programs.java.enable"].package == "jdk"
    assert facts.options["programs.java.enable"].fitting == 0
