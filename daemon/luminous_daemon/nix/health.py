"""How well the machine is, as systemd and the administrator's probes say."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from luminous_daemon.core.ports import Health
from luminous_daemon.nix.command import Command, find_program, run
from luminous_daemon.nix.probes import try_probe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.probes import Probe
    from luminous_daemon.nix.signs import Signs

_log = logging.getLogger("luminousd")

_FAILED_UNITS = (
    "systemctl",
    "list-units",
    "--state=failed",
    "--all",
    "--plain",
    "--no-legend",
    "--no-pager",
)


class SystemdHealth:
    """Asks `systemctl`, looks for signs of life, and tries probes."""

    def __init__(self, listed: Mapping[str, Probe], signs: Signs | None = None) -> None:
        """Try the probes that are listed, which may bear the name of a sign and replace it."""
        self._listed = listed
        self._signs = signs
        own = {name: probe.seconds for name, probe in listed.items()}
        self.probes = {**(signs.seconds if signs else {}), **own}
        self._reasons: dict[str, str] = {}

    def is_listed(self, probe: str) -> bool:
        """Tell whether the administrator has listed a probe."""
        return probe in self._listed

    async def measure(self) -> Health:
        """Return the failed units; none where there is no systemctl."""
        if find_program("systemctl", ("/run/current-system/sw/bin",)) is None:
            return Health()
        outcome = await run(Command(_FAILED_UNITS))
        names = (line.split()[0] for line in outcome.output.splitlines() if line.split())
        return Health(frozenset(name for name in names if "." in name))

    async def try_probe(self, name: str) -> str:
        """Return why a probe is not well, or nothing; the daemon's log has what is new of it."""
        if self._signs and not self.is_listed(name):
            return await self._signs.attempt(name)
        reason = await try_probe(self._listed[name])
        if reason and reason != self._reasons.get(name):
            _log.warning("the probe %s is not well: %s", name, reason)
        elif not reason and self._reasons.get(name):
            _log.info("the probe %s is well again", name)
        self._reasons[name] = reason
        return reason
