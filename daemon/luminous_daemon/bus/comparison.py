"""Two generations side by side, as clients get it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from luminous_daemon.bus.wire import units_to_dict
from luminous_daemon.core.comparing import changed_inhibitors, compare_packages, reboot_reason
from luminous_daemon.core.option_values import compare_options
from luminous_daemon.core.units import compare_units, for_users
from luminous_protocol.variants import Typed

if TYPE_CHECKING:
    from luminous_daemon.core.ports import Generation, World


async def compare(world: World, old: Generation, new: Generation) -> dict[str, Any]:
    """Return what differs between two generations."""
    store, toplevels = world.store, world.toplevels
    packages = compare_packages(
        await store.packages_of(old.toplevel), await store.packages_of(new.toplevel)
    )
    units = for_users(
        compare_units(toplevels.units(old.toplevel), toplevels.units(new.toplevel)),
        compare_units(toplevels.user_units(old.toplevel), toplevels.user_units(new.toplevel)),
    )
    inhibitors = changed_inhibitors(
        toplevels.inhibitors(old.toplevel), toplevels.inhibitors(new.toplevel)
    )
    boots = toplevels.boot(old.toplevel), toplevels.boot(new.toplevel)
    reason = reboot_reason(boots[0], boots[1], inhibitors)
    return {
        "before": old.number,
        "after": new.number,
        "packages": [asdict(item) for item in packages],
        **_options(world, old, new),
        "closure": {
            "before": await store.closure_size(old.toplevel),
            "after": await store.closure_size(new.toplevel),
        },
        "units": units_to_dict(units),
        "reboot-required": bool(reason),
        "reboot-reason": reason,
    }


def _options(world: World, old: Generation, new: Generation) -> dict[str, Any]:
    """Return the options that differ, or the generations whose values nobody has kept."""
    values = {item.number: world.values.of(item.toplevel) for item in (old, new)}
    lacking = [number for number, found in values.items() if found is None]
    options = compare_options(values[old.number] or {}, values[new.number] or {})
    return {
        "options": [] if lacking else [asdict(option) for option in options],
        "options-missing": Typed("at", lacking),
    }
