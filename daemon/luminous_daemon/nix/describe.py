"""Describing: what Nix says of single options and packages that people ask about."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.descriptions import Below, Defined, OptionDescription, PackageDescription
from luminous_daemon.core.facts import Availability, PackageFacts
from luminous_daemon.core.option_values import as_nix, as_text, standing_for
from luminous_daemon.nix.evaluate import last_sentence, package_facts
from luminous_protocol.changes import split_option
from luminous_protocol.errors import EvaluationFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_daemon.nix.evaluate import NixEvaluator

    Data = Mapping[str, Any]

_UNKNOWN_FILE = "<unknown-file>"
"""How Nix calls the file of an option inside of another's value."""


class NixDescriber:
    """Asks an evaluator, one question at a time: plans do not wait behind questions."""

    def __init__(self, evaluator: NixEvaluator) -> None:
        """Ask `evaluator`."""
        self._evaluator = evaluator
        self._turn = asyncio.Semaphore(1)

    async def option(self, name: str) -> OptionDescription:
        """Describe an option or a set of them; without its value where that cannot be read."""
        answer, problem = await self._describe((), (name,), overridden=True)
        return _option(name, answer["options"][name], problem)

    async def package(self, name: str, options: tuple[str, ...]) -> PackageDescription:
        """Describe a package, and `options` beside it."""
        answer, problem = await self._describe((name,), options)
        (found,) = answer["packages"]
        facts = package_facts(name, found)
        if facts.availability is Availability.REFUSED:
            request = {"mode": "refusal", "package": name.split(".")}
            reason = await self._complaint(request)
            facts = PackageFacts(name, Availability.REFUSED, reason=reason)
        described = {
            option: _option(option, item, problem) for option, item in answer["options"].items()
        }
        return _package(facts, found, described)

    async def removal(self, option: str) -> str:
        """Return NixOS's own words on why an option is gone."""
        return await self._complaint({"mode": "removal", "option": list(split_option(option))})

    async def _describe(
        self, packages: Sequence[str], options: Sequence[str], *, overridden: bool = False
    ) -> tuple[dict[str, Any], str]:
        """Return what is known, and why values are not if so.

        With `overridden`, definitions that do not count are asked for, too; they are gathered from
        files that may not stand being read alone, and are left out then.
        """
        request = {
            "mode": "description",
            "packages": [name.split(".") for name in packages],
            "options": {name: {"path": list(split_option(name))} for name in options},
        }
        if overridden:
            with contextlib.suppress(EvaluationFailed):
                return await self._ask({**request, "values": True, "overridden": True}), ""
        try:
            return await self._ask({**request, "values": True}), ""
        except EvaluationFailed as error:
            return await self._ask({**request, "values": False}), error.message

    async def _complaint(self, request: Data) -> str:
        try:
            await self._ask(request)
        except EvaluationFailed as error:
            return last_sentence(str(error.details.get("reason", "")))
        return ""

    async def _ask(self, request: Data) -> Any:  # noqa: ANN401 - JSON, taken apart by the caller
        async with self._turn:
            return await self._evaluator.ask(request)


def _option(name: str, found: Data, problem: str) -> OptionDescription:
    below = tuple(Below(item["name"], item["type"], item["text"]) for item in found["below"])
    if not found["exists"]:
        return OptionDescription(name, exists=False, below=below)
    return OptionDescription(
        name=name,
        exists=True,
        type=found["type"],
        default=_documented(found.get("default")),
        example=_documented(found.get("example")),
        description=found["description"],
        declarations=tuple(file for file in found["declarations"] if file != _UNKNOWN_FILE),
        is_read_only=found["readOnly"],
        is_gone=found["gone"],
        value=_told(name, found.get("value")),
        definitions=tuple(
            Defined(file, _told(name, value))
            for file, value in zip(found["files"], found.get("values", ()), strict=True)
        ),
        overridden=tuple(
            Defined(item["file"], _told(name, item["value"]))
            for item in found.get("overridden", ())
        ),
        sources=tuple(dict.fromkeys(found["sources"])),
        below=below,
        problem=problem,
    )


def _told(name: str, value: Data | None) -> str:
    """Return a value of the machine, in which no secret is."""
    if value is None:
        return ""
    return as_text(name, value["value"]) if "value" in value else standing_for(value["text"])


def _documented(value: Data | None) -> str:
    """Return a default or an example, which NixOS's manual has too."""
    match value:
        case {"literal": str(text)}:
            return text
        case {"value": plain}:
            return as_nix(plain)
        case {"text": str(text)}:
            return standing_for(text)
    return ""


def _package(
    facts: PackageFacts, found: Data, options: Mapping[str, OptionDescription]
) -> PackageDescription:
    if "description" not in found:
        return PackageDescription(facts, options=options)
    return PackageDescription(
        facts=facts,
        description=found["description"],
        homepage=found["homepage"],
        licences=tuple(found["licences"]),
        program=found["program"],
        position=found["position"],
        is_unfree=found["unfree"],
        is_broken=found["broken"],
        is_insecure=found["insecure"],
        options=options,
    )
