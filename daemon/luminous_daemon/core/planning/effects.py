"""What comes of going from the system that runs to another: packages, units, a reboot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from luminous_daemon.core.comparing import (
    System,
    changed_inhibitors,
    compare_packages,
    reboot_reason,
)
from luminous_daemon.core.units import compare_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.ports import World
    from luminous_protocol.plan import Plan

_INHIBITED = (
    "NixOS refuses to switch to this system while the machine runs. Apply it with --boot, then "
    "restart the machine."
)


def built_system(world: World, toplevel: str, packages: Mapping[str, str]) -> System:
    """Return a system as it is in the store."""
    toplevels = world.toplevels
    units, boot = toplevels.units(toplevel), toplevels.boot(toplevel)
    return System(packages, units, boot, toplevels.inhibitors(toplevel))


def with_effects(plan: Plan, world: World, before: System, after: System) -> Plan:
    """Return `plan` with what differs between the system that runs and the one that it makes."""
    booted = world.toplevels.boot(world.profile.booted() or world.profile.running())
    inhibitors = changed_inhibitors(before.inhibitors, after.inhibitors)
    reason = reboot_reason(booted, after.boot, inhibitors)
    return replace(
        plan,
        packages=compare_packages(before.packages, after.packages),
        units=compare_units(before.units, after.units),
        reboot_required=bool(reason),
        reboot_reason=reason,
        inhibitors=inhibitors,
        warnings=(*((_INHIBITED,) if inhibitors else ()), *plan.warnings),
    )
