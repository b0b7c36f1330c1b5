"""Comparing two systems: packages, and whether the difference needs a reboot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_protocol.plan import Inhibitor, PackageChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luminous_daemon.core.facts import Unit

_BOOT_PARTS = {
    "kernel": "the kernel changes",
    "initrd": "the initial RAM disk changes",
    "parameters": "the kernel's parameters change",
}


@dataclass(frozen=True, slots=True)
class System:
    """A system, built or only evaluated: packages (name to version), units, and boot parts.

    `inhibitors` are parts by name that NixOS does not exchange while the machine runs; `user_units`
    are those that each user's own manager runs.
    """

    packages: Mapping[str, str]
    units: Mapping[str, Unit]
    boot: Mapping[str, str]
    inhibitors: Mapping[str, str] = field(default_factory=dict)
    user_units: Mapping[str, Unit] = field(default_factory=dict)
    is_built: bool = False


def compare_packages(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[PackageChange, ...]:
    """Return the packages that come, go or change their version, by name."""
    return tuple(
        PackageChange(name, before.get(name, ""), after.get(name, ""))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def changed_inhibitors(
    running: Mapping[str, str], after: Mapping[str, str]
) -> tuple[Inhibitor, ...]:
    """Return the parts for which NixOS refuses to switch from what runs to `after`.

    As its own check before a switch, this looks only at parts that both systems have.
    """
    return tuple(
        Inhibitor(name, running[name], after[name])
        for name in sorted(running.keys() & after.keys())
        if running[name] != after[name]
    )


def reboot_reason(
    booted: Mapping[str, str], after: Mapping[str, str], inhibitors: Iterable[Inhibitor] = ()
) -> str:
    """Return why `after` needs a reboot on a machine that booted `booted`; empty if it does not.

    A part may be known as the store path of a package, or of a file in it; the parameters are text.
    """
    reasons = [
        reason
        for part, reason in _BOOT_PARTS.items()
        if part in booted and part in after and differs(part, booted[part], after[part])
    ]
    reasons += [f"{item.name} goes from {item.before} to {item.after}" for item in inhibitors]
    return " and ".join(reasons)


def differs(part: str, booted: str, after: str) -> bool:
    """Tell whether a part of what boots is another one."""
    if part == "parameters":
        return booted != after
    if not booted or not after:
        return False
    return not (booted.startswith(after) or after.startswith(booted))
