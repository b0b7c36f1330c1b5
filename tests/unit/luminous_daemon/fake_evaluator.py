"""An evaluator that knows a handful of packages and options, with real rules of types."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from luminous_daemon.configuration.module_file import read_module
from luminous_daemon.core.comparing import System
from luminous_daemon.core.definitions import SYSTEM_PACKAGES, items_of
from luminous_daemon.core.facts import (
    Availability,
    Evaluation,
    Facts,
    OptionFacts,
    PackageFacts,
    Query,
    Unit,
)
from luminous_daemon.core.option_values import known_values
from luminous_protocol.errors import ConfigurationUnreadable, EvaluationFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from luminous_daemon.core.definitions import Definition
    from luminous_daemon.core.edits import Candidate, FileEdit
    from luminous_protocol.changes import Value
    from tests.unit.luminous_daemon.fake_world import Machine

FILE = "/etc/nixos/luminous.nix"


def _available(name: str, version: str) -> PackageFacts:
    return PackageFacts(name, Availability.AVAILABLE, name, version, full_name=f"{name}-{version}")


PACKAGES = {
    facts.attribute: facts
    for facts in (
        _available("hello", "2.12"),
        _available("jq", "1.8"),
        _available("openssh", "10.0"),
        _available("vim", "9.1"),
        _available("git", "2.51"),
        _available("firefox", "143.0"),
        _available("wire", "4.4"),
        _available("chromium", "140.0"),
        replace(_available("jars.jdk", "21"), switches=("programs.java.enable",)),
        replace(_available("radio", "5"), switches=("hardware.bluetooth.enable",)),
        replace(_available("both", "1"), switches=("programs.java.enable", "programs.vim.enable")),
        replace(
            _available("steam", "1.0"),
            name="steam-unwrapped",
            availability=Availability.UNFREE,
            reason="unfreeRedistributable",
        ),
        replace(_available("discord", "0.1"), availability=Availability.UNFREE, reason=""),
        replace(
            _available("oldssl", "1.1"),
            availability=Availability.INSECURE,
            reason="CVE-2022-0001",
        ),
        PackageFacts("shattered", Availability.BROKEN),
        PackageFacts("machines", Availability.UNSUPPORTED),
        PackageFacts("oldname", Availability.REFUSED, reason="it was renamed to newname"),
        PackageFacts("oldjq", Availability.REFUSED, reason="'oldjq' has gone. Try `jq` or 'qj'."),
    )
}
"""By attribute; all others are unknown."""


def _is_bool(value: Value) -> bool:
    return isinstance(value, bool)


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


def _is_port(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 65536


def _is_package(value: Value) -> bool:
    return isinstance(value, dict) and set(value) == {"package"}


def _list_of(check: Callable[[Value], bool]) -> Callable[[Value], bool]:
    return lambda value: isinstance(value, list) and all(map(check, value))


@dataclass(frozen=True)
class Kind:
    """A type: its name, its description, and what it takes."""

    name: str
    description: str
    takes: Callable[[Value], bool]


SWITCH = Kind("bool", "boolean", _is_bool)
TEXT = Kind("str", "string", _is_text)
ANYTHING = Kind("anything", "anything", lambda _: True)

OPTIONS = {
    SYSTEM_PACKAGES: Kind("listOf", "list of package", _list_of(_is_package)),
    "programs.firefox.enable": SWITCH,
    "programs.vim.enable": SWITCH,
    "services.openssh.enable": SWITCH,
    "services.nginx.enable": SWITCH,
    "hardware.bluetooth.enable": SWITCH,
    "networking.hostName": TEXT,
    "time.timeZone": TEXT,
    "networking.firewall.allowedTCPPorts": Kind(
        "listOf", "list of 16 bit unsigned integer", _list_of(_is_port)
    ),
    "networking.firewall.allowedUDPPorts": Kind("listOf", "list of port", _list_of(_is_port)),
    "users.users.alice.shell": Kind("package", "package", _is_package),
    "system.nixos.version": TEXT,
    "nix.settings.test": ANYTHING,
    "nix.settings.trusted-users": Kind("listOf", "list of string", _list_of(_is_text)),
    "users.users.alice.extraGroups": Kind("listOf", "list of string", _list_of(_is_text)),
    "nixpkgs.config.allowUnfreePredicate": ANYTHING,
    "nixpkgs.config.permittedInsecurePackages": Kind(
        "listOf", "list of string", _list_of(_is_text)
    ),
}
NEEDED = {
    "hardware.printer.enable": (
        {"package": "inks-2.0", "name": "inks", "kind": "unfree", "reason": "unfree"},
        {"package": "print-tables-7", "name": "print-tables", "kind": "unfree", "reason": ""},
        {"package": "oldssl-1.1", "name": "oldssl", "kind": "insecure", "reason": "CVE-2022-0001"},
    ),
    "hardware.ruin.enable": (
        {"package": "rubble-1", "name": "rubble", "kind": "broken", "reason": ""},
    ),
}
"""Packages that modules bring in, and nixpkgs refuses."""
OPTIONS |= dict.fromkeys(NEEDED, SWITCH)
RENAMED = {"sound.card.enable": "hardware.bluetooth.enable"}
REMOVED = {"sound.enable": "The option `sound.enable' is gone. Leave it away."}
OPTIONS |= dict.fromkeys((*RENAMED, *REMOVED), SWITCH)
BROUGHT = {"programs.firefox.enable": "firefox", "programs.wire.enable": "wire-cli"}
"""What modules bring in, where that is not what their own names say."""
OPTIONS |= dict.fromkeys(BROUGHT, SWITCH)
OPTIONS |= {"programs.java.enable": SWITCH, "programs.chromium.enable": SWITCH}
READ_ONLY = {"system.nixos.version"}
FOREIGN: dict[str, tuple[Value, str]] = {
    "time.timeZone": ("Europe/Zurich", "/etc/nixos/configuration.nix"),
    "services.nginx.enable": (True, "/etc/nixos/web.nix"),
    "networking.firewall.allowedUDPPorts": ([53], "/etc/nixos/web.nix"),
}
"""What other files define."""
INSTALLED_ELSEWHERE = {"git": ("/etc/nixos/configuration.nix",)}


def definitions_in(text: str) -> tuple[Definition, ...]:
    """Return what a text defines; a text that is no such file defines nothing."""
    try:
        return read_module(text, FILE)
    except ConfigurationUnreadable:
        return ()


def kernel_in(source: str) -> str:
    """Return the kernel of a system: each set of inputs has one."""
    return f"/nix/store/kernel{source.rpartition(chr(0))[2].replace('/', '-')}"


def inhibitors_in(source: str) -> dict[str, str]:
    """Return the switch inhibitors of a system: inputs called broker have another bus."""
    return {"dbus-implementation": "broker" if source.endswith("broker") else "dbus"}


def system_of(source: str) -> System:
    """Return what a system holds, from the text and inputs that it was made of."""
    text, _, inputs = source.rpartition("\0")
    definitions = definitions_in(text)
    packages = dict.fromkeys(INSTALLED_ELSEWHERE, "2.51")
    for item in items_of(definitions, SYSTEM_PACKAGES):
        if isinstance(item, dict):
            name = str(item["package"])
            packages[name] = PACKAGES[name].version
    units = {
        f"{line.option.split('.')[1]}.service": Unit(json.dumps(line.value), is_wanted=True)
        for line in definitions
        if line.option.startswith("services.") and line.value is True
    }
    packages = {
        name: f"{version}{'.1' if inputs.endswith('two') else ''}"
        for name, version in packages.items()
    }
    return System(packages, units, {"kernel": kernel_in(source)}, inhibitors_in(source))


class FakeEvaluator:
    """Looks at the machine's file, or at a candidate for it."""

    def __init__(self, machine: Machine) -> None:
        """Look at `machine`."""
        self._machine = machine

    async def look_up(
        self, query: Query, inputs: str = "", edits: tuple[FileEdit, ...] = ()
    ) -> Facts:
        """Answer a query."""
        await self._machine.take("evaluator.look_up")
        others = self._others(edits)
        self._check(others, ())
        assert inputs in {"", *self._machine.inputs.values(), self._machine.newest_inputs}
        definitions = definitions_in(self._machine.text)
        packages = {name: self._package(name, definitions, others) for name in query.packages}
        return Facts(
            packages=packages,
            options={
                name: option_facts(name, tries, definitions)
                for name, tries in {**query.options, **switches_of(packages.values())}.items()
            },
            is_imported=self._machine.imports(self._machine.other_files),
        )

    async def evaluate(self, candidate: Candidate) -> Evaluation:
        """Evaluate the file, or a candidate."""
        await self._machine.take("evaluator.evaluate")
        machine = self._machine
        edit, text, other_files = candidate.edit, machine.text, machine.other_files
        if edit and edit.file == FILE:
            text = edit.after
        other_files = self._others(candidate.edits)
        self._check(other_files, candidate.tracked)
        inputs = candidate.inputs or machine.inputs[machine.inputs_generation]
        _refuse(definitions_in(text))
        toplevel = machine.toplevel(text, inputs, other_files)
        system = system_of(machine.systems[toplevel])
        return Evaluation(
            f"{toplevel}.drv",
            toplevel,
            system.packages,
            frozenset(f"/nix/store/{name}" for name in system.packages),
            system.units,
            system.boot,
            is_imported=machine.imports(other_files),
            inhibitors=system.inhibitors,
            values=_values(text, candidate.options) if machine.are_values_readable else None,
            sources=(FILE, *dict.fromkeys(file for _, file in FOREIGN.values())),
        )

    async def nearest_packages(self, name: str) -> list[str]:
        """Return names with the same first letter."""
        await self._machine.take("evaluator.nearest_packages")
        return [other for other in sorted(PACKAGES) if other[0] == name[0]]

    async def nearest_options(self, name: str) -> list[str]:
        """Return names with the same first letter."""
        await self._machine.take("evaluator.nearest_options")
        return [other for other in sorted(OPTIONS) if other[0] == name[0]][:1]

    async def known_packages(self, names: Sequence[str]) -> dict[str, str]:
        """Return those that there are."""
        await self._machine.take("evaluator.known_packages")
        return {name: name for name in names if name in PACKAGES}

    async def known_options(self, names: Sequence[str]) -> dict[str, str]:
        """Return those that there are, by the names that they have now."""
        await self._machine.take("evaluator.known_options")
        return {name: RENAMED.get(name, name) for name in names if name in OPTIONS}

    def _others(self, edits: Sequence[FileEdit]) -> str:
        """Return the other files, as one, after `edits`."""
        afters = [edit.after for edit in edits if edit.file != FILE]
        return afters[-1] if afters else self._machine.other_files

    def _check(self, others: str, tracked: Sequence[str]) -> None:
        """Fail as Nix does for the first thing that is wrong."""
        needed = self._machine.needs_tracked
        if needed and needed not in {*tracked, *self._machine.tracked}:
            raise EvaluationFailed(f"There is no {needed}.", {"reason": needed})
        for word, reason in self._machine.wrong.items():
            if word in others:
                raise EvaluationFailed(f"Not evaluated: {reason}", {"reason": reason})

    def _package(self, name: str, definitions: Sequence[Definition], others: str) -> PackageFacts:
        facts = PACKAGES.get(name, PackageFacts(name, Availability.UNKNOWN))
        files = INSTALLED_ELSEWHERE.get(name, ()) if f"pkgs.{name}" in others else ()
        own = {"package": name} in items_of(definitions, SYSTEM_PACKAGES)
        return replace(facts, is_installed=bool(files) or own, files=files)


def _refuse(definitions: Sequence[Definition]) -> None:
    """Refuse the first package that is needed and not allowed, as nixpkgs does."""
    allowed = json.dumps([line.value for line in definitions if "nixpkgs" in line.option])
    for line in definitions:
        for refused in NEEDED.get(line.option, ()):
            allowance = refused["package" if refused["kind"] == "insecure" else "name"]
            if line.value is True and f'"{allowance}"' not in allowed:
                raise EvaluationFailed(f"No {refused['name']}.", {"refused": refused})


def switches_of(packages: Iterable[PackageFacts]) -> dict[str, tuple[Value, ...]]:
    """Return what is looked up beside packages: the options that bring them in."""
    return {switch: (True,) for facts in packages for switch in facts.switches}


def _values(text: str, also: Sequence[str]) -> dict[str, str]:
    """Return the values of the options that lines define, and of those asked for as well."""
    lines = definitions_in(text)
    own = {line.option for line in lines} - {SYSTEM_PACKAGES}
    return known_values(option_facts(name, (), lines) for name in {*own, *also, *FOREIGN})


def option_facts(
    name: str, tries: Sequence[Value], definitions: Sequence[Definition]
) -> OptionFacts:
    """Return what is true of an option."""
    kind = OPTIONS.get(name)
    if kind is None:
        return OptionFacts(name, exists=False)
    own = [line.value for line in definitions if line.option == name]
    value, file = FOREIGN.get(name, (None, ""))
    if own:
        value = items_of(definitions, name) if kind.name == "listOf" else own[0]
    elif not file and kind is SWITCH:
        value = False
    return OptionFacts(
        name=name,
        exists=True,
        type_name=kind.name,
        type_description=kind.description,
        example='"x"',
        value=None if name == SYSTEM_PACKAGES else value,
        is_plain=name != SYSTEM_PACKAGES,
        is_defined=bool(own or file),
        is_read_only=name in READ_ONLY,
        files=(*((file,) if file else ()), *((FILE,) if own else ())),
        fitting=next((at for at, tried in enumerate(tries) if kind.takes(tried)), -1),
        renamed_to=RENAMED.get(name, ""),
        removal=REMOVED.get(name, ""),
        package=BROUGHT.get(name, ""),
    )
