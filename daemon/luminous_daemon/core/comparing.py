"""Comparing two systems: packages, and whether the difference needs a reboot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_protocol.plan import PackageChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.facts import Unit

_BOOT_PARTS = {
    "kernel": "the kernel changes",
    "initrd": "the initial RAM disk changes",
    "parameters": "the kernel's parameters change",
}


@dataclass(frozen=True, slots=True)
class System:
    """A system, built or only evaluated: packages (name to version), units, and boot parts."""

    packages: Mapping[str, str]
    units: Mapping[str, Unit]
    boot: Mapping[str, str]


def compare_packages(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[PackageChange, ...]:
    """Return the packages that come, go or change their version, by name."""
    return tuple(
        PackageChange(name, before.get(name, ""), after.get(name, ""))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def reboot_reason(booted: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return why `after` needs a reboot on a machine that booted `booted`; empty if it does not.

    A part may be known as the store path of a package, or of a file in it; the parameters are text.
    """
    reasons = [
        reason
        for part, reason in _BOOT_PARTS.items()
        if part in booted and part in after and _differs(part, booted[part], after[part])
    ]
    return " and ".join(reasons)


def _differs(part: str, booted: str, after: str) -> bool:
    if part == "parameters":
        return booted != after
    if not booted or not after:
        return False
    return not (booted.startswith(after) or after.startswith(booted))
