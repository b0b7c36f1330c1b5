"""Naming: what somebody may have meant by a name that this machine does not know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_daemon.core.beside import beside
from luminous_protocol.changes import AddPackage, Enable
from luminous_protocol.errors import InvalidChange, PackageRefused, UnknownOption, UnknownPackage
from luminous_protocol.grammar.distance import allowance, osa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from luminous_daemon.core.ports import World

    Unusable = UnknownPackage | UnknownOption | PackageRefused

_MOST = 5
_SWITCH = ".enable"
_NAMED = re.compile(
    r"['`\N{LEFT SINGLE QUOTATION MARK}]([\w.+-]{1,100}?)['`\N{RIGHT SINGLE QUOTATION MARK}]"
    r"|(?:renamed to|replaced (?:by|with)|favou?r of|use) ([\w+-]+(?:\.[\w+-]+)*)"
)
"""How nixpkgs names other packages where it says why one has gone."""


class Naming:
    """Finds names that are written alike, and names of what is meant."""

    def __init__(self, world: World) -> None:
        """Look on the machine behind `world`."""
        self._world = world

    async def explain(self, error: Unusable) -> Unusable:
        """Return `error` with what may have been meant, or what takes the place of a package."""
        match error:
            case PackageRefused(details={"package": str(name), "reason": str(reason)}):
                return await self._with_replacement(error, name, reason)
            case UnknownOption(details={"nearest": _}):
                return error
            case UnknownPackage(details={"package": str(name)}):
                nearest = await self._packages(name)
            case UnknownOption(details={"option": str(name)}):
                nearest = await self._options(name)
            case _:
                return error
        details = {**error.details, "nearest": nearest}
        return type(error)(error.message + did_you_mean(nearest), details)

    async def _with_replacement(self, error: PackageRefused, name: str, reason: str) -> Unusable:
        """Return `error` with the packages of this machine that the reason names."""
        named = [one or other for one, other in _NAMED.findall(reason) if name not in {one, other}]
        well_formed = _well_formed(AddPackage, named)
        known = [*(await self._world.evaluator.known_packages(well_formed) if well_formed else ())]
        if not known:
            return error
        message = f"{error.message.rstrip(' .')}. To install that: ask-nix install {known[0]}"
        details = {**error.details, "replacement": known[0], "nearest": known[:_MOST]}
        return PackageRefused(message, details)

    async def _packages(self, name: str) -> list[str]:
        evaluator = self._world.evaluator
        async with beside(self._world.knowledge.packages_for(name)) as asking:
            alike = await evaluator.nearest_packages(name)
            meant = _well_formed(AddPackage, await asking)
        # Of what is written alike, some names only say that a package has gone.
        names = [*dict.fromkeys((*alike, *meant))]
        return _joined(name, alike, meant, await evaluator.known_packages(names) if names else {})

    async def _options(self, name: str) -> list[str]:
        evaluator = self._world.evaluator
        async with beside(self._world.knowledge.options_for(name)) as asking:
            alike = await evaluator.nearest_options(name)
            meant = _well_formed(Enable, await asking)
        if "." not in name:  # what is to be switched on or off
            meant = [option for option in meant if option.endswith(_SWITCH)]
        names = [*dict.fromkeys((*alike, *meant))]
        return _joined(name, alike, meant, await evaluator.known_options(names) if names else {})


def _well_formed(change: Callable[[str], object], names: Iterable[str]) -> list[str]:
    """Return the names that a change can hold, among which nothing else than names is."""
    return [name for name in dict.fromkeys(names) if _is_well_formed(change, name)]


def _is_well_formed(change: Callable[[str], object], name: str) -> bool:
    try:
        change(name)
    except InvalidChange:
        return False
    return True


def _joined(
    name: str, alike: Sequence[str], meant: Sequence[str], known: Mapping[str, str]
) -> list[str]:
    """Return what is known, the likeliest first: slips of the fingers alone, or what is meant."""
    slips = [other for other in alike if _is_slip(name, other) and other in known]
    ranked = slips or [*meant, *alike]
    return [*dict.fromkeys(known[other] for other in ranked if other in known)][:_MOST]


def _is_slip(name: str, other: str) -> bool:
    """Tell whether one is the other but for a letter or two."""
    if "." not in name:
        other = other.removesuffix(_SWITCH).rpartition(".")[2]
    most = allowance(name)
    return osa(name.lower(), other.lower(), most) <= most


def did_you_mean(nearest: Sequence[str]) -> str:
    """Return the question, to go on after a sentence; nothing where there is no name to offer."""
    if not nearest:
        return ""
    *others, last = nearest
    return f" Did you mean {', '.join(others)} or {last}?" if others else f" Did you mean {last}?"
