"""Systemd: how its units are, asked over the bus, and what they have written to the journal."""

from __future__ import annotations

import grp
import os
import pwd
import re
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.explaining.sights import UnitState
from luminous_daemon.nix.command import Command, find_program, run
from luminous_protocol.dbus import BusError
from luminous_protocol.errors import SystemdUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.ports import Caller
    from luminous_protocol.dbus import Connection

_SERVICE = "org.freedesktop.systemd1"
_PATH = "/org/freedesktop/systemd1"
_MANAGER = f"{_SERVICE}.Manager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ABSENT = re.compile(r"\.(?:ServiceUnknown|NameHasNoOwner|Spawn\..*|Disconnected|NoReply)$")
_NOT_FOUND = "not-found"
_READERS = frozenset({"adm", "systemd-journal", "wheel"})
"""Who may read the system's journal, as systemd's own documentation says (journalctl(1))."""
_SECOND = 1_000_000
_KEPT = 256 * 1024
_NEVER = 2**64 - 1


class Systemd:
    """The service manager of this machine."""

    def __init__(self, connection: Connection) -> None:
        """Ask over `connection`, the system bus."""
        self._connection = connection

    async def find(self, names: Sequence[str]) -> UnitState | None:
        """Return the first of these units that there is. Raises `SystemdUnavailable`."""
        for name in names:
            try:
                path = (await self._manager("LoadUnit", ("s", [name])))[0]
                unit = await self._properties(path, "Unit")
            except BusError:  # no name of a unit
                continue
            if unit.get("LoadState") != _NOT_FOUND or unit.get("ActiveState") == "failed":
                own = await self._own_properties(path, str(unit.get("Id", name)))
                return _state(unit, own)
        return None

    async def names(self) -> Sequence[str]:
        """Return the names of all units that are loaded. Raises `SystemdUnavailable`."""
        listed = await self._manager("ListUnits")
        return [str(unit[0]) for unit in listed[0]]

    async def log(self, unit: str, lines: int) -> tuple[str, ...]:
        """Return the last lines that a unit has written, the oldest first."""
        program = find_program("journalctl", ("/run/current-system/sw/bin",))
        if program is None:
            return ()
        shown = ("--output=short-iso", "--no-hostname", "--no-pager", "--quiet")
        argv = (program, f"--unit={unit}", f"--lines={lines}", *shown)
        outcome = await run(Command(argv, kept=_KEPT))
        return tuple(line for line in outcome.output.splitlines() if line.strip())

    def may_read_logs(self, caller: Caller) -> bool:
        """Tell whether a caller is root, or in a group that may read the system's journal."""
        return caller.uid == 0 or bool(_groups_of(caller.uid) & _READERS)

    async def _own_properties(self, path: str, name: str) -> dict[str, Any]:
        kind = name.rpartition(".")[2]
        if kind not in {"service", "socket", "mount", "swap"}:
            return {}
        try:
            return await self._properties(path, kind.capitalize())
        except BusError:
            return {}

    async def _properties(self, path: str, interface: str) -> dict[str, Any]:
        argument = ("s", [f"{_SERVICE}.{interface}"])
        reply = await self._connection.call(_SERVICE, path, (_PROPERTIES, "GetAll"), argument)
        return dict(reply[0])

    async def _manager(
        self, member: str, arguments: tuple[str, Sequence[Any]] = ("", ())
    ) -> list[Any]:
        try:
            return await self._connection.call(_SERVICE, _PATH, (_MANAGER, member), arguments)
        except BusError as error:
            if not _ABSENT.search(error.name):
                raise
            raise SystemdUnavailable(
                "Systemd does not answer on the bus, so nothing is known of services here."
            ) from None


def _state(unit: dict[str, Any], own: dict[str, Any]) -> UnitState:
    def text(key: str) -> str:
        return str(unit.get(key, ""))

    problem = unit.get("LoadError") or ["", ""]
    since = int(unit.get("StateChangeTimestamp", 0))
    return UnitState(
        name=text("Id"),
        description=text("Description"),
        load=text("LoadState"),
        active=text("ActiveState"),
        sub=text("SubState"),
        enabled=text("UnitFileState"),
        result=str(own.get("Result", "")),
        code=int(own.get("ExecMainCode", 0)),
        status=int(own.get("ExecMainStatus", 0)),
        since=since // _SECOND if since != _NEVER else 0,
        restarts=int(own.get("NRestarts", 0)),
        pid=int(own.get("MainPID", 0)),
        load_problem=str(problem[1]),
    )


def _groups_of(uid: int) -> frozenset[str]:
    """Return the names of a user's groups; none for a user that there is not."""
    try:
        account = pwd.getpwuid(uid)
        numbers = os.getgrouplist(account.pw_name, account.pw_gid)
    except (KeyError, OSError):
        return frozenset()
    return frozenset(name for number in numbers if (name := _group_name(number)))


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return ""
