"""Naming: what somebody may have meant by a name that this machine does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.core.beside import beside
from luminous_protocol.changes import AddPackage, Enable
from luminous_protocol.errors import InvalidChange, UnknownOption, UnknownPackage
from luminous_protocol.grammar.distance import allowance, osa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from luminous_daemon.core.ports import World

_MOST = 5
_SWITCH = ".enable"


class Naming:
    """Finds names that are written alike, and names of what is meant."""

    def __init__(self, world: World) -> None:
        """Look on the machine behind `world`."""
        self._world = world

    async def explain(
        self, error: UnknownPackage | UnknownOption
    ) -> UnknownPackage | UnknownOption:
        """Return `error` with what may have been meant."""
        match error:
            case UnknownPackage(details={"package": str(name)}):
                nearest = await self._packages(name)
            case UnknownOption(details={"option": str(name)}):
                nearest = await self._options(name)
            case _:
                return error
        details = {**error.details, "nearest": nearest}
        return type(error)(error.message + _did_you_mean(nearest), details)

    async def _packages(self, name: str) -> list[str]:
        evaluator = self._world.evaluator
        async with beside(self._world.knowledge.packages_for(name)) as asking:
            alike = await evaluator.nearest_packages(name)
            meant = _well_formed(AddPackage, await asking)
        known = await evaluator.known_packages(meant) if meant else []
        return _joined(name, alike, known)

    async def _options(self, name: str) -> list[str]:
        evaluator = self._world.evaluator
        async with beside(self._world.knowledge.options_for(name)) as asking:
            alike = await evaluator.nearest_options(name)
            meant = _well_formed(Enable, await asking)
        if "." not in name:  # what is to be switched on or off
            meant = [option for option in meant if option.endswith(_SWITCH)]
        known = await evaluator.known_options(meant) if meant else []
        return _joined(name, alike, known)


def _well_formed(change: Callable[[str], object], names: Iterable[str]) -> list[str]:
    """Return the names that a change can hold, among which nothing else than names is."""
    return [name for name in dict.fromkeys(names) if _is_well_formed(change, name)]


def _is_well_formed(change: Callable[[str], object], name: str) -> bool:
    try:
        change(name)
    except InvalidChange:
        return False
    return True


def _joined(name: str, alike: Sequence[str], meant: Sequence[str]) -> list[str]:
    """Return both, the likeliest first: a slip of the fingers, then what is meant."""
    if not meant:
        return [*alike]
    slips = [other for other in alike[:1] if _is_slip(name, other)]
    return [*dict.fromkeys((*slips, *meant, *alike))][:_MOST]


def _is_slip(name: str, other: str) -> bool:
    """Tell whether one is the other but for a letter or two."""
    if "." not in name:
        other = other.removesuffix(_SWITCH).rpartition(".")[2]
    most = allowance(name)
    return osa(name.lower(), other.lower(), most) <= most


def _did_you_mean(nearest: Sequence[str]) -> str:
    if not nearest:
        return ""
    *others, last = nearest
    return f" Did you mean {', '.join(others)} or {last}?" if others else f" Did you mean {last}?"
