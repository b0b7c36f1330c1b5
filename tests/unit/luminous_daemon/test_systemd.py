"""Systemd over the bus: what is asked, what is made of the answers, and who may read logs."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon import systemd
from luminous_daemon.core.ports import Caller
from luminous_daemon.nix.command import Outcome
from luminous_daemon.systemd import Systemd
from luminous_protocol.dbus import BusError, Connection
from luminous_protocol.errors import SystemdUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.nix.command import Command

UNIT = "org.freedesktop.systemd1.Unit"
SERVICE = "org.freedesktop.systemd1.Service"


class FakeManager(Connection):
    """Systemd on a bus, with one unit; or nobody."""

    def __init__(self, *, is_there: bool = True) -> None:
        """Have `web.service`."""
        self.is_there = is_there
        self.calls: list[tuple[str, ...]] = []

    async def call(
        self,
        destination: str,
        path: str,
        method: tuple[str, str],
        arguments: tuple[str, Sequence[Any]] = ("", ()),
    ) -> list[Any]:
        """Answer."""
        self.calls.append((destination, path, *method, *map(str, arguments[1])))
        if not self.is_there:
            raise BusError("org.freedesktop.DBus.Error.ServiceUnknown", "no")
        match method[1], *arguments[1]:
            case "LoadUnit", name:
                if name == "!":
                    raise BusError("org.freedesktop.DBus.Error.InvalidArgs", "no")
                return [f"/unit/{name}"]
            case "ListUnits", *_:
                return [[["web.service", "Web", "loaded"], ["x.mount", "X", "loaded"]]]
            case "GetAll", interface:
                return [self._properties(path, interface)]
        raise AssertionError(method)

    @staticmethod
    def _properties(path: str, interface: str) -> dict[str, Any]:
        if path != "/unit/web.service":
            return {"LoadState": "not-found", "ActiveState": "inactive", "Id": path[6:]}
        if interface == SERVICE:
            return {"Result": "exit-code", "ExecMainCode": 1, "ExecMainStatus": 203, "NRestarts": 4}
        return {
            "Id": "web.service",
            "Description": "Web",
            "LoadState": "loaded",
            "ActiveState": "failed",
            "SubState": "failed",
            "UnitFileState": "enabled",
            "StateChangeTimestamp": 1_763_686_400_000_000,
            "LoadError": ["", ""],
        }


def test_the_first_unit_that_there_is_counts() -> None:
    manager = FakeManager()
    found = asyncio.run(Systemd(manager).find(["!", "no.service", "web.service"]))
    assert found is not None
    assert (found.name, found.active, found.enabled) == ("web.service", "failed", "enabled")
    assert (found.result, found.code, found.status) == ("exit-code", 1, 203)
    assert (found.since, found.restarts) == (1_763_686_400, 4)
    assert {call[0] for call in manager.calls} == {"org.freedesktop.systemd1"}
    assert asyncio.run(Systemd(manager).find(["no.service"])) is None
    assert list(asyncio.run(Systemd(manager).names())) == ["web.service", "x.mount"]


def test_without_systemd_its_absence_is_named() -> None:
    with pytest.raises(SystemdUnavailable):
        asyncio.run(Systemd(FakeManager(is_there=False)).find(["web.service"]))


def test_the_log_of_one_unit_alone_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []

    async def run(command: Command) -> Outcome:
        commands.append(command)
        return Outcome(0, "one\n\ntwo\n", ())

    monkeypatch.setattr(systemd, "run", run)
    monkeypatch.setattr(systemd, "find_program", lambda *_: "/bin/journalctl")
    assert asyncio.run(Systemd(FakeManager()).log("web.service", 7)) == ("one", "two")
    argv = commands[0].argv
    assert argv[:3] == ("/bin/journalctl", "--unit=web.service", "--lines=7")
    monkeypatch.setattr(systemd, "find_program", lambda *_: None)
    assert asyncio.run(Systemd(FakeManager()).log("web.service", 7)) == ()


@pytest.mark.parametrize(
    ("groups", "may"),
    [({"users"}, False), ({"users", "wheel"}, True), ({"systemd-journal"}, True), ({"adm"}, True)],
)
def test_logs_are_for_root_and_for_the_groups_that_may_read_them(
    monkeypatch: pytest.MonkeyPatch, groups: set[str], *, may: bool
) -> None:
    monkeypatch.setattr(systemd, "_groups_of", lambda _: frozenset(groups))
    units = Systemd(FakeManager())
    assert units.may_read_logs(Caller(":1", 1000, 1, "alice")) is may
    assert units.may_read_logs(Caller(":1", 0, 1, "root"))


def test_a_user_that_there_is_not_is_in_no_group() -> None:
    units = Systemd(FakeManager())
    assert not units.may_read_logs(Caller(":1", 2**31 - 7, 1, "nobody-at-all"))
    assert isinstance(units.may_read_logs(Caller(":1", os.getuid(), 1, "me")), bool)
