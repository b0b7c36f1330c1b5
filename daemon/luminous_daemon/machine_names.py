"""Names of this machine: of the index, of accounts, of units and of generations."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from luminous_protocol.errors import LuminousError
from luminous_protocol.passages import NameRequest

if TYPE_CHECKING:
    from luminous_daemon.core.ports import World
    from luminous_protocol.passages import Named

_log = logging.getLogger(__name__)

_ACCOUNTS = Path("/etc/passwd")
_FIRST, _LAST = 1000, 59999
"""Numbers that NixOS gives to people."""
_UID = 2
_SERVICE = ".service"


class Describing(Protocol):
    """Who knows what there is under a name."""

    async def describe(self, request: NameRequest) -> Named:
        """Return what there is under a name, soon or not at all. Raises a `LuminousError`."""


class MachineNames:
    """Looks names up, and never fails: where nobody answers, nothing is known."""

    def __init__(self, mind: Describing, world: World, accounts: Path = _ACCOUNTS) -> None:
        """Ask `mind` about the index, and the machine behind `world`; people are in `accounts`."""
        self._mind, self._world, self._accounts = mind, world, accounts
        self._units: tuple[str, frozenset[str]] = ("", frozenset())

    async def look_up(self, kind: str, name: str) -> Named | None:
        """Return what the index has under a name; None where nobody answers in time."""
        try:
            return await self._mind.describe(NameRequest(kind, name))
        except LuminousError as error:
            _log.info("the index was not asked about a name: %s", error)
            return None

    def users(self) -> frozenset[str]:
        """Return the accounts of people."""
        try:
            lines = self._accounts.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return frozenset()
        entries = [line.split(":") for line in lines]
        return frozenset(
            entry[0]
            for entry in entries
            if len(entry) > _UID and entry[_UID].isdecimal() and _FIRST <= int(entry[_UID]) <= _LAST
        )

    def units(self) -> frozenset[str]:
        """Return the names of services of the system that runs, without their ending."""
        toplevel = self._world.profile.running()
        if self._units[0] != toplevel:
            try:
                found = self._world.toplevels.units(toplevel)
            except OSError:
                found = {}
            names = (name.removesuffix(_SERVICE) for name in found if name.endswith(_SERVICE))
            self._units = (toplevel, frozenset(names))
        return self._units[1]

    def generations(self) -> frozenset[int]:
        """Return the numbers of the system's generations."""
        try:
            return frozenset(one.number for one in self._world.profile.generations())
        except OSError:
            return frozenset()
