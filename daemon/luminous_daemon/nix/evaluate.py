"""Evaluation: questions to Nix about this machine's configuration, asked as its owner.

Everything goes through `inspect.nix`, which takes a request as JSON, so that no word becomes code.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_daemon.configuration.module_file import EMPTY_FILE
from luminous_daemon.configuration.real_path import real_path
from luminous_daemon.core.edits import Candidate
from luminous_daemon.core.facts import (
    Availability,
    Evaluation,
    Facts,
    OptionFacts,
    PackageFacts,
    Query,
    Unit,
)
from luminous_daemon.core.option_values import as_text, standing_for
from luminous_daemon.nix.builder import builder_of
from luminous_daemon.nix.command import Command, run
from luminous_daemon.nix.progress import LogReader
from luminous_daemon.nix.refusals import refused_package
from luminous_daemon.nix.source import ChannelSource, FlakeSource
from luminous_protocol.changes import join_option, split_option
from luminous_protocol.errors import EvaluationFailed, InvalidChange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luminous_daemon.core.edits import FileEdit
    from luminous_daemon.nix.command import Outcome, Replacement
    from luminous_daemon.nix.source import Source
    from luminous_daemon.settings import Settings

_INSPECT = Path(__file__).with_name("inspect.nix")
_NEAREST = 3
_SHOWN_LINES = 20
_HINT = "(use '--show-trace'"
"""What Nix 2.8 says after an error, as an error of its own."""
_MAX_REQUEST = 120_000
"""Characters: Linux takes no argument of 128 KiB or more."""
_NICENESS = 10
"""So that the daemon answers others at once while a core evaluates."""
_AT_ONCE = 2
"""Evaluations beside one another: a real one takes a core and some hundred megabytes."""
_AS_IT_IS = Candidate()
_READING_VALUES = "luminous: reading the values of options"
"""What inspect.nix prints when everything but the values has been evaluated."""
_RETRY_SECONDS = 600.0
"""How long values are left out after reading them has failed, which costs an evaluation more."""
_log = logging.getLogger(__name__)


class NixEvaluator:
    """Asks `nix-instantiate`."""

    def __init__(self, settings: Settings) -> None:
        """Ask about the configuration that `settings` names."""
        self._settings = settings
        flake = settings.own_flake()
        self._source: Source = FlakeSource(settings, flake) if flake else ChannelSource(settings)
        self._names: dict[str, list[str]] = {}
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._read_values_from = 0.0

    async def look_up(
        self, query: Query, inputs: str = "", edits: tuple[FileEdit, ...] = ()
    ) -> Facts:
        """Answer a query about packages and options, as they are or with edits of files."""
        request = {
            "mode": "facts",
            "packages": [name.split(".") for name in query.packages],
            "options": _option_requests(query.options),
        }
        answer = await self._ask(request, Candidate(inputs=inputs, others=edits))
        packages = {
            name: package_facts(name, found)
            for name, found in zip(query.packages, answer["packages"], strict=True)
        }
        for name, facts in packages.items():
            if facts.availability is Availability.REFUSED:
                packages[name] = await self._with_refusal(facts)
        options = {name: _option_facts(name, found) for name, found in answer["options"].items()}
        for found in answer["packages"]:
            switches = _switches(found)
            options |= {name: switches[name] for name in switches if not query.options.get(name)}
        for name, option in answer["options"].items():
            if option.get("gone"):
                options[name] = await self._with_removal(options[name])
        imported = _is_among(answer["imported"], self._settings.file)
        return Facts(packages, options, is_imported=imported)

    async def evaluate(self, candidate: Candidate) -> Evaluation:
        """Evaluate a whole configuration, and write its derivations to the store."""
        now = asyncio.get_running_loop().time()
        also = [list(split_option(name)) for name in candidate.options]
        request = {"mode": "system", "values": now >= self._read_values_from, "also": also}
        answer = await self._ask(request, candidate)
        if "values" not in answer:
            self._read_values_from = max(self._read_values_from, now + _RETRY_SECONDS)
        return Evaluation(
            derivation=answer["derivation"],
            toplevel=answer["toplevel"],
            packages={item["name"]: item["version"] for item in answer["packages"]},
            paths=frozenset(item["path"] for item in answer["packages"]),
            units=_units(answer["units"]),
            user_units=_units(answer.get("userUnits", {})),
            boot=answer["boot"],
            is_imported=_is_among(
                answer["imported"],
                self._settings.file,
                *((EMPTY_FILE,) if candidate.edit else ()),  # stands for one that is not made yet
            ),
            values=_values(answer["values"]) if "values" in answer else None,
            sources=tuple(answer.get("sources", ())),
            inhibitors=answer.get("inhibitors", {}),
            boot_partition=answer.get("bootPartition", ""),
        )

    async def nearest_packages(self, name: str) -> list[str]:
        """Return the package names most like `name`, best first."""
        return _nearest(name, await self._all_names("packages"))

    async def nearest_options(self, name: str) -> list[str]:
        """Return the option names most like `name`, best first.

        A name without a dot is compared with what can be enabled: `nginx` of services.nginx.enable.
        """
        names = await self._all_names("options")
        if name.endswith(".enable"):
            name = name.split(".")[-2]  # the rest is alike in too many
        if "." in name:
            return _nearest(name, names)
        short = {option.split(".")[-2]: option for option in names if option.endswith(".enable")}
        return [short[found] for found in _nearest(name, list(short))]

    async def known_packages(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return what this machine's nixpkgs has of `names`, and the names to call it by."""
        return await self._known("packages", {name: name.split(".") for name in names})

    async def known_options(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return what this machine's NixOS has of `names`, and the names that it has now."""
        return await self._known("options", {name: [*split_option(name)] for name in names})

    async def _known(self, kind: str, paths: Mapping[str, list[str]]) -> Mapping[str, str]:
        found = await self._ask({"mode": "known", "kind": kind, "paths": [*paths.values()]})
        return {
            name: known if isinstance(known, str) else name
            for name, known in zip(paths, found, strict=True)
            if known
        }

    async def ask(self, request: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON, taken apart by the caller
        """Answer a request of `inspect.nix` about the configuration as it is."""
        return await self._ask(request)

    async def _all_names(self, kind: str) -> list[str]:
        if kind not in self._names:
            self._names[kind] = await self._ask({"mode": "names", "kind": kind})
        return self._names[kind]

    async def _with_refusal(self, facts: PackageFacts) -> PackageFacts:
        """Add nixpkgs's own words on why it refuses a package."""
        request = {"mode": "refusal", "package": facts.attribute.split(".")}
        try:
            await self._ask(request)
        except EvaluationFailed as error:
            reason = last_sentence(str(error.details.get("reason", "")))
            return replace(facts, reason=reason)
        return facts

    async def _with_removal(self, facts: OptionFacts) -> OptionFacts:
        """Add NixOS's own words on what to do without an option that has gone."""
        try:
            await self._ask({"mode": "removal", "option": list(split_option(facts.name))})
        except EvaluationFailed as error:
            return replace(facts, removal=last_sentence(str(error.details.get("reason", ""))))
        return facts

    async def _ask(self, request: Mapping[str, Any], candidate: Candidate = _AS_IT_IS) -> Any:  # noqa: ANN401 - JSON, taken apart by the caller
        source = self._source
        async with self._room, source.replacements(candidate) as replacements:
            ask = partial(self._answer, candidate=candidate, replacements=replacements)
            try:
                found = await ask(request)
            except EvaluationFailed as error:
                raise await source.explain(error, lambda: ask({"mode": "source"})) from None
        return source.read(found, candidate)

    async def _answer(
        self,
        request: Mapping[str, Any],
        candidate: Candidate,
        replacements: tuple[Replacement, ...],
    ) -> Any:  # noqa: ANN401 - JSON, taken apart by the caller
        words = json.dumps({**request, **self._source.request(candidate)})
        if len(words) > _MAX_REQUEST:
            raise InvalidChange("That is too much for one plan. Plan a part of it at a time.")
        reader, is_reading = LogReader(), False

        def on_line(line: str) -> None:
            nonlocal is_reading
            is_reading = is_reading or _READING_VALUES in line
            reader.feed(line)

        command = Command(
            _argv(self._source.arguments(candidate), words),
            user=builder_of(self._settings),
            environment=self._source.environment(),
            replacements=replacements,
            niceness=_NICENESS,
        )
        outcome = await self._run(command, on_line)
        if outcome.status != 0 and is_reading:  # the rest had been evaluated by then
            reason = evaluation_failed(reader).details["reason"]
            _log.warning("the values of the options cannot be read: %s", reason)
            without = {**request, "values": False}
            return await self._answer(without, candidate, replacements)
        if outcome.status != 0:
            raise evaluation_failed(reader)
        return json.loads(outcome.output)

    async def _run(self, command: Command, on_line: Callable[[str], object]) -> Outcome:
        """Run Nix, but not for ever: a pipe that stands in a file's place never ends."""
        seconds = self._settings.evaluation_seconds
        try:
            async with asyncio.timeout(seconds):
                return await run(command, on_line)
        except TimeoutError:
            raise EvaluationFailed(
                f"Nix has not evaluated the configuration within {seconds} seconds, so it was "
                "stopped. Look for what it waits for; the setting evaluation_seconds gives it more."
            ) from None


def _units(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Unit]:
    return {name: Unit(unit["text"], unit["wanted"]) for name, unit in found.items()}


def _values(found: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return values of options as the core writes them."""
    return {
        name: as_text(name, item["value"]) if "value" in item else standing_for(item["text"])
        for name, item in found.items()
    }


def _is_among(files: Sequence[str], *own: Path) -> bool:
    """Tell whether one of `files` is one of these, whichever links lead there."""
    return not {*map(real_path, files)}.isdisjoint(map(real_path, own))


def _argv(arguments: tuple[str, ...], request: str) -> tuple[str, ...]:
    return (
        "nix-instantiate",
        "--eval",
        "--strict",
        "--json",
        "--read-write-mode",
        "--log-format",
        "internal-json",
        *arguments,
        str(_INSPECT),
        "--argstr",
        "request",
        request,
    )


def evaluation_failed(reader: LogReader) -> EvaluationFailed:
    """Return the error that Nix's own report comes to."""
    told = [error for error in reader.errors if not error.message.startswith(_HINT)]
    found = told[-1] if told else None
    lines = found.message.splitlines() if found else reader.other
    reason = "\n".join(lines[-_SHOWN_LINES:]) or "Nix gave no reason."
    place = f" ({found.place})" if found and found.place else ""
    refused = refused_package("\n".join(lines))
    return EvaluationFailed(
        f"The configuration cannot be evaluated{place}: {last_sentence(reason)}",
        {
            "reason": reason,
            "log": lines[-_SHOWN_LINES:],
            "place": found.place if found else "",
            **({"refused": refused} if refused else {}),
        },
    )


def last_sentence(reason: str) -> str:
    """Return what stands after the last `error:`, which is where Nix says the cause."""
    cause = reason.rsplit("error:", 1)[-1]
    return " ".join(cause.split())


def _option_requests(options: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    return {
        name: {"path": list(split_option(name)), "tries": list(tries)}
        for name, tries in options.items()
    }


def package_facts(name: str, found: Mapping[str, Any]) -> PackageFacts:
    """Return what inspect.nix says of a package."""
    return PackageFacts(
        attribute=name,
        availability=Availability(found["availability"]),
        name=found.get("name", ""),
        version=found.get("version", ""),
        full_name=found.get("fullName", ""),
        reason=found.get("reason", ""),
        is_installed=found.get("installed", False),
        files=tuple(found.get("files", ())),
        switches=tuple(_switches(found)),
    )


def _switches(found: Mapping[str, Any]) -> dict[str, OptionFacts]:
    """Return the options that switch on what brings a package in, by name."""
    named = {join_option(tuple(item["path"])): item["option"] for item in found.get("switches", ())}
    return {name: _option_facts(name, option) for name, option in named.items()}


def _option_facts(name: str, found: Mapping[str, Any]) -> OptionFacts:
    if not found["exists"]:
        return OptionFacts(name, exists=False)
    return OptionFacts(
        name=name,
        exists=True,
        type_name=found["type"],
        type_description=found["typeDescription"],
        example=found["example"],
        description=found["description"],
        value=found["value"],
        is_plain=found["plain"],
        is_defined=found["defined"],
        is_read_only=found["readOnly"],
        files=tuple(found["files"]),
        fitting=found["fitting"],
        renamed_to=found.get("renamedTo", ""),
        package=found.get("package", ""),
    )


def _nearest(name: str, names: Sequence[str]) -> list[str]:
    """Return up to three names that a typing error could have made `name` of, or that hold it."""
    from rapidfuzz import process  # noqa: PLC0415 - only a wrong name needs it
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - as above

    wanted = name.lower()
    inside = [
        other
        for other in names
        if re.search(rf"(?:^|[.-]){re.escape(wanted)}(?:$|[.-])", other.lower())
    ]
    alike = process.extract(
        wanted, names, scorer=OSA.normalized_similarity, limit=_NEAREST, score_cutoff=0.55
    )
    ranked = [match[0] for match in alike] + sorted(inside, key=len)
    return [other for other in dict.fromkeys(ranked) if other != name][:_NEAREST]
