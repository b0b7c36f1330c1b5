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
from luminous_daemon.core.units import comparable, compare_units, for_users

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.ports import World
    from luminous_protocol.plan import Plan, UnitEffects

_INHIBITED = (
    "NixOS refuses to switch to this system while the machine runs. Apply it with --boot, then "
    "restart the machine."
)


def built_system(world: World, toplevel: str, packages: Mapping[str, str]) -> System:
    """Return a system as it is in the store."""
    toplevels = world.toplevels
    return System(
        packages,
        toplevels.units(toplevel),
        toplevels.boot(toplevel),
        toplevels.inhibitors(toplevel),
        toplevels.user_units(toplevel),
        is_built=True,
    )


def unit_effects(before: System, after: System) -> UnitEffects:
    """Return what becomes of the units; a system that is only evaluated shows some of its own."""
    pairs = (before.units, after.units), (before.user_units, after.user_units)
    if before.is_built and not after.is_built:
        pairs = comparable(*pairs[0]), comparable(*pairs[1])
    return for_users(compare_units(*pairs[0]), compare_units(*pairs[1]))


def with_effects(plan: Plan, world: World, before: System, after: System) -> Plan:
    """Return `plan` with what differs between the system that runs and the one that it makes."""
    booted = world.toplevels.boot(world.profile.booted() or world.profile.running())
    inhibitors = changed_inhibitors(before.inhibitors, after.inhibitors)
    reason = reboot_reason(booted, after.boot, inhibitors)
    return replace(
        plan,
        packages=compare_packages(before.packages, after.packages),
        units=unit_effects(before, after),
        reboot_required=bool(reason),
        reboot_reason=reason,
        inhibitors=inhibitors,
        warnings=(*((_INHIBITED,) if inhibitors else ()), *plan.warnings),
    )
