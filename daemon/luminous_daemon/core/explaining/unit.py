"""Units: whether one runs, why it failed, and what can be done."""

from __future__ import annotations

import asyncio
import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.core.explaining.causes import cause_of, ending_of, has_failed
from luminous_daemon.core.explaining.presence import Tracing
from luminous_daemon.core.planning.naming import did_you_mean
from luminous_daemon.core.redaction import redact_words
from luminous_protocol.errors import InvalidValue, LuminousError, UnknownUnit

if TYPE_CHECKING:
    from luminous_daemon.core.explaining.presence import Presence
    from luminous_daemon.core.explaining.sights import Sights, Units, UnitState
    from luminous_daemon.core.ports import Caller, World

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@_.:\\-]{0,200}")
_KINDS = ("service", "socket", "timer", "target", "mount", "path", "swap", "slice", "automount")
_CALLED = {
    "openssh": "sshd",
    "ssh": "sshd",
    "postgres": "postgresql",
    "networkmanager": "NetworkManager",
    "network-manager": "NetworkManager",
    "avahi": "avahi-daemon",
    "mariadb": "mysql",
    "samba": "samba-smbd",
    "resolved": "systemd-resolved",
    "timesyncd": "systemd-timesyncd",
    "networkd": "systemd-networkd",
    "printing": "cups",
    "printer": "cups",
    "wifi": "wpa_supplicant",
}
"""Units that NixOS calls otherwise than people and its own options do."""
_OPTIONS = {unit: name for name, unit in _CALLED.items() if name in {"openssh", "avahi", "samba"}}
_LINES = 12
_SECONDS = 20.0
"""How long a question waits for Nix to say what brings a unit."""
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class UnitReport:
    """How a unit is. The log has no secrets, and is withheld from who may not read the journal.

    `cause` is a sentence without its end. `commands` are words to type in a shell. Of one that has
    failed, `switch` is how the option stands that brings it, with what would switch it off.
    """

    state: UnitState
    ending: str = ""
    cause: str = ""
    log: tuple[str, ...] = ()
    is_log_withheld: bool = False
    commands: tuple[str, ...] = ()
    switch: Presence | None = None

    @property
    def has_failed(self) -> bool:
        """Tell whether it failed."""
        return has_failed(self.state)


async def report_unit(world: World, sights: Sights, name: str, caller: Caller) -> UnitReport:
    """Look at a unit for a caller. Raises `UnknownUnit` or `SystemdUnavailable`."""
    if not _NAME.fullmatch(name):
        raise InvalidValue(f"{name[:60]!r} is not the name of a unit.")
    units = sights.units
    state = await units.find(_candidates(name))
    if state is None:
        raise await _unknown(units, name)
    log = tuple(map(redact_words, await units.log(state.name, _LINES)))
    may_read = units.may_read_logs(caller)
    return UnitReport(
        state=state,
        ending=ending_of(state),
        cause=cause_of(state, log if may_read else ()),
        log=log if may_read else (),
        is_log_withheld=bool(log) and not may_read,
        commands=_commands(state),
        switch=await _switch(world, sights, state, caller) if has_failed(state) else None,
    )


async def _switch(
    world: World, sights: Sights, state: UnitState, caller: Caller
) -> Presence | None:
    """Return how the option stands that brings a service, where Nix can say so soon enough."""
    name, _, kind = state.name.rpartition(".")
    if kind != "service":
        return None
    tracing = Tracing(world, sights.references, caller.uid)
    try:
        async with asyncio.timeout(_SECONDS):
            found = await tracing.service(_OPTIONS.get(name, name))
    except (LuminousError, TimeoutError):
        return None
    return found if found and found.changes else None


def _candidates(name: str) -> list[str]:
    """Return the units that may be called so, the likeliest first."""
    if name.rpartition(".")[2] in _KINDS and "." in name:
        return [name]
    called = _CALLED.get(name.lower(), name)
    names = dict.fromkeys((called, name, name.lower(), f"{name}d"))
    return [f"{one}.service" for one in names] + [f"{name}.{kind}" for kind in _KINDS[1:5]]


async def _unknown(units: Units, name: str) -> UnknownUnit:
    bare = {one.rpartition(".")[0]: one for one in await units.names() if one.endswith(".service")}
    near = [bare[one] for one in difflib.get_close_matches(name, bare, _NEAREST, 0.7)]
    message = f"There is no unit called {name!r} here.{did_you_mean(near)}"
    return UnknownUnit(message, {"unit": name, "nearest": near})


def _commands(state: UnitState) -> tuple[str, ...]:
    """Return what a shell takes to do about it what no change of the configuration does."""
    if has_failed(state):
        return (f"sudo systemctl restart {state.name}",)
    if state.active == "inactive" and state.load == "loaded" and state.name.endswith(".service"):
        return (f"sudo systemctl start {state.name}",)
    return ()
