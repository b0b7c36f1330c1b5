"""How well the machine is, as systemd says."""

from __future__ import annotations

from luminous_daemon.core.ports import Health
from luminous_daemon.nix.command import Command, find_program, run

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
    """Asks `systemctl`."""

    async def measure(self) -> Health:
        """Return the failed units; none where there is no systemctl."""
        if find_program("systemctl", ("/run/current-system/sw/bin",)) is None:
            return Health()
        outcome = await run(Command(_FAILED_UNITS))
        names = (line.split()[0] for line in outcome.output.splitlines() if line.split())
        return Health(frozenset(name for name in names if "." in name))
