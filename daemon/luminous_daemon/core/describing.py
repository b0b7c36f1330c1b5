"""Describing: how an option or a package stands on this machine, and where it is written down."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import SYSTEM_PACKAGES
from luminous_daemon.core.facts import Availability
from luminous_daemon.core.option_values import written
from luminous_daemon.core.planning.naming import Naming
from luminous_daemon.core.resolving.packages import program_options, service_options
from luminous_daemon.core.resolving.situation import OUR_NIXOS
from luminous_protocol.changes import AddPackage, UnsetOption
from luminous_protocol.errors import InvalidChange, InvalidValue, UnknownOption, UnknownPackage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.descriptions import Defined, OptionDescription, PackageDescription
    from luminous_daemon.core.ports import World

_ALIAS = re.compile(r"Alias of \{option\}`([^`]+)`\.?")
"""How NixOS describes an option that has another name now."""
_QUOTED = re.compile(r"'([A-Za-z0-9_][A-Za-z0-9_.+-]*)'")
_TRUE = "true"
_PLACEHOLDER = re.compile(r"<[a-z0-9_-]+>|\*")
"""What stands for any name in the manual's names of options."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where something is written down, and which value is given there."""

    place: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class OptionAnswer:
    """An option on this machine. `alias` is its present name, where it is an old one.

    `value` is as Nix writes it, and empty where there is none, or where it `is_withheld`: a file
    that it comes from is none that the asker may read. Then the definitions have no values either.
    """

    found: OptionDescription
    value: str = ""
    definitions: tuple[Standing, ...] = ()
    overridden: tuple[Standing, ...] = ()
    alias: str = ""
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class PackageAnswer:
    """A package on this machine: who brings it in, and which options do so better."""

    found: PackageDescription
    installed: tuple[Standing, ...] = ()
    switches: tuple[str, ...] = ()


class Describing:
    """Answers questions about single options and packages."""

    def __init__(self, world: World) -> None:
        """Look at the machine behind `world`."""
        self._world = world

    async def option(self, name: str, uid: int) -> OptionAnswer:
        """Describe an option, or the options below a name, to a user. Raises `UnknownOption`."""
        _check_option(name)
        found = await self._world.describer.option(name)
        if found.is_gone:
            raise UnknownOption(await self._world.describer.removal(name), {"option": name})
        if not found.exists and not found.below:
            error = UnknownOption(f"There is no option called {name!r}.", {"option": name})
            raise await Naming(self._world).explain(error)
        alias = _ALIAS.fullmatch(found.description.strip())
        standings = self._standings(name, found.definitions)
        if alias:
            # Its value is the other's, and so are the files that say who may know it.
            shown = replace(found, value="")
            return OptionAnswer(shown, "", _places_alone(standings), alias=alias[1])
        if not self._may_know(found, uid):
            shown = found if self._may_read(found.declarations, uid) else _undocumented(found)
            return OptionAnswer(shown, "", _places_alone(standings), is_withheld=True)
        overridden = self._standings(name, self._readable(found.overridden, uid))
        return OptionAnswer(found, written(found.value), standings, overridden)

    async def package(self, name: str, uid: int) -> PackageAnswer:
        """Describe a package to a user.

        Raises `UnknownPackage`, also for one that is renamed or removed.
        """
        _check_package(name)
        options = (*program_options(name), *service_options(name))
        found = await self._world.describer.package(name, options)
        if found.facts.availability is Availability.UNKNOWN:
            error = UnknownPackage(f"There is no package called {name!r}.", {"package": name})
            raise await Naming(self._world).explain(error)
        if found.facts.availability is Availability.REFUSED:
            raise _refused(name, found.facts.reason)
        switches = tuple(option for option, item in found.options.items() if item.type == "boolean")
        return PackageAnswer(found, self._installed(found, switches, uid), switches)

    def _may_read(self, files: Sequence[str], uid: int) -> bool:
        may_read = self._world.configuration.may_read
        return all(_is_of_nixos(file) or may_read(file, uid) for file in files)

    def _readable(self, definitions: Sequence[Defined], uid: int) -> tuple[Defined, ...]:
        """Return definitions, without the values of those whose files a user may not read."""
        return tuple(
            item if self._may_read((item.file,), uid) else replace(item, value="")
            for item in definitions
        )

    def _installed(
        self, found: PackageDescription, switches: Sequence[str], uid: int
    ) -> tuple[Standing, ...]:
        """Return what brings a package in: switches that are on, and lists that hold it.

        Of what a user may not read, the places alone are told.
        """
        standings = [
            Standing(place.place, f"{option} = true" if self._may_know(item, uid) else "")
            for option in switches
            if (item := found.options[option]).value == _TRUE
            for place in self._standings(option, item.definitions) or (Standing(OUR_NIXOS),)
        ]
        # What a switch that is on brings in stands in a list of NixOS itself as well.
        files = [file for file in found.facts.files if not (standings and _is_of_nixos(file))]
        locate = self._world.configuration.locate
        places = [
            file if _is_of_nixos(file) else locate(file, found.facts.attribute) for file in files
        ]
        if found.facts.is_installed and not (standings or places):
            places = [OUR_NIXOS]
        value = SYSTEM_PACKAGES if self._may_read(files, uid) else ""
        return (*standings, *(Standing(place, value) for place in places))

    def _may_know(self, option: OptionDescription, uid: int) -> bool:
        """Tell whether a user may read all files that an option's value may come from."""
        files = (*option.sources, *(item.file for item in option.definitions))
        return self._may_read((*files, *option.declarations), uid)

    def _standings(self, option: str, definitions: Sequence[Defined]) -> tuple[Standing, ...]:
        """Return the definitions with their places: as many in a file as Nix counts there."""
        counted: dict[str, list[Defined]] = defaultdict(list)
        for definition in definitions:
            counted[definition.file].append(definition)
        placed = {file: self._places(file, option, len(own)) for file, own in counted.items()}
        return tuple(
            Standing(placed[item.file].pop(0), written(item.value)) for item in definitions
        )

    def _places(self, file: str, option: str, count: int) -> list[str]:
        if _is_of_nixos(file):
            return [file] * count
        places = self._world.configuration.locate_definitions(file, option)
        if len(places) == count:
            return list(places)
        return [places[0] if len(places) == 1 else file] * count


def _places_alone(standings: Sequence[Standing]) -> tuple[Standing, ...]:
    return tuple(Standing(item.place) for item in standings)


def _undocumented(found: OptionDescription) -> OptionDescription:
    """Return an option without the texts of the file that declares it."""
    return replace(found, default="", example="", description="")


def _is_of_nixos(file: str) -> bool:
    """Tell whether a file is one of nixpkgs: then it is told by its name below that."""
    return not file.startswith("/")


def _check_option(name: str) -> None:
    """Raise `InvalidValue` for what no option is called; the manual's `<name>` is a name."""
    plain = ".".join(_PLACEHOLDER.sub("any", part) for part in name.split("."))
    try:
        UnsetOption(plain)
    except InvalidChange:
        raise InvalidValue(f"{name[:60]!r} is not the name of an option.") from None


def _check_package(name: str) -> None:
    try:
        AddPackage(name)
    except InvalidChange:
        raise InvalidValue(f"{name[:60]!r} is not the name of a package.") from None


def _refused(name: str, reason: str) -> UnknownPackage:
    """Return the error for a package that nixpkgs knows by name alone, with the names it gives."""
    nearest = [other for other in dict.fromkeys(_QUOTED.findall(reason)) if other != name]
    said = reason if reason.endswith((".", "!")) else f"{reason}."
    see = f" To see it: ask-nix package {nearest[0]}" if nearest else ""
    return UnknownPackage(
        f"nixpkgs refuses {name}: {said}{see}", {"package": name, "nearest": nearest}
    )
