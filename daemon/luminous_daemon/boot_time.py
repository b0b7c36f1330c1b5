"""Which boot this is and how long it has lasted: a clock that nobody can set."""

from __future__ import annotations

import time
from pathlib import Path

from luminous_daemon.core.ports import BootTime

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_time(boot_id: Path = _BOOT_ID) -> BootTime:
    """Return the moment; its boot has no name where the kernel does not say it."""
    try:
        boot = boot_id.read_text().strip()
    except OSError:
        boot = ""
    return BootTime(boot, time.clock_gettime(time.CLOCK_BOOTTIME))
