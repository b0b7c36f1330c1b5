"""A check-up: what of this machine wants attention, how much, and what would mend it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from luminous_daemon.core.comparing import reboot_reason
from luminous_daemon.core.edits import Candidate
from luminous_daemon.core.garbage import choose_generations
from luminous_daemon.core.space import size_text
from luminous_protocol.changes import CollectGarbage, UpdateInputs
from luminous_protocol.errors import EvaluationFailed, LuminousError, SystemdUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from luminous_daemon.core.explaining.sights import Fullness, Sights, Units
    from luminous_daemon.core.ports import Generation, World
    from luminous_protocol.changes import Change

_PLACES = ("/", "/nix/store", "/boot", "/var", "/home")
_BOOT = "/boot"
_FULL, _NEARLY_FULL = 0.97, 0.90
_MANY_GENERATIONS = 30
_OLD_DAYS, _VERY_OLD_DAYS = 30, 120
_DAY = 86_400
_MOST_UNITS = 20
_ANSWER_SECONDS = 10.0
"""How long a check-up waits for systemd."""
_EVALUATION_SECONDS = 60.0
"""How long a check-up waits for Nix to evaluate the configuration."""


class Severity(StrEnum):
    """How much something matters, in rising order of it; what is unknown may be well or not."""

    NOTE = "note"
    UNKNOWN = "unknown"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that wants attention. `command` are words to type; `changes` would mend it.

    `topic` is unit, disk, boot, generations, inputs, reboot, system, configuration or journal.
    """

    severity: Severity
    topic: str
    text: str
    command: str = ""
    changes: tuple[Change, ...] = ()


async def check_up(world: World, sights: Sights) -> tuple[Finding, ...]:
    """Look at everything, the worst first."""
    async with asyncio.TaskGroup() as group:
        evaluated = group.create_task(_evaluation(world))
        units = group.create_task(_services(world, sights.units))
    generations = world.profile.generations()
    found = (
        *units.result(),
        *_disks(world, sights.usage.fullness(_PLACES), generations),
        *_generations(world, generations),
        *_running(world, generations),
        *_inputs(world),
        *_own(world),
        *evaluated.result(),
    )
    weights = {severity: number for number, severity in enumerate(Severity)}
    return tuple(sorted(found, key=lambda item: -weights[item.severity]))


async def _services(world: World, units: Units) -> tuple[Finding, ...]:
    """Return the units that have failed, or that nobody can say whether any has."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await units.names()
    except (SystemdUnavailable, TimeoutError):
        text = "Not known: services, because systemd does not answer."
        return (Finding(Severity.UNKNOWN, "unit", text),)
    return tuple(_units(sorted((await world.health.measure()).failed_units)))


async def _evaluation(world: World) -> tuple[Finding, ...]:
    """Return why the configuration does not evaluate, or that it is not known whether it does."""
    topic = "configuration"
    try:
        async with asyncio.timeout(_EVALUATION_SECONDS):
            await world.evaluator.evaluate(Candidate())
    except EvaluationFailed as error:
        return (Finding(Severity.WARNING, topic, error.message, "ask-nix explain-error"),)
    except TimeoutError:
        why = f"It takes longer than {_EVALUATION_SECONDS:.0f} seconds."
    except LuminousError as error:
        why = error.message
    else:
        return ()
    text = f"Not known: whether the configuration evaluates. {why}"
    return (Finding(Severity.UNKNOWN, topic, text),)


def _units(failed: Sequence[str]) -> Iterator[Finding]:
    for name in failed[:_MOST_UNITS]:
        yield Finding(Severity.CRITICAL, "unit", f"{name} has failed.", f"ask-nix unit {name}")
    if len(failed) > _MOST_UNITS:
        more = len(failed) - _MOST_UNITS
        yield Finding(
            Severity.CRITICAL, "unit", f"{more} more units have failed.", "systemctl --failed"
        )


def _disks(
    world: World, disks: Iterable[Fullness], generations: Sequence[Generation]
) -> Iterator[Finding]:
    for disk in disks:
        used = 1 - disk.free / disk.size if disk.size else 0.0
        topic = "boot" if disk.path == _BOOT else "disk"
        if used >= _NEARLY_FULL:
            severity = Severity.CRITICAL if used >= _FULL else Severity.WARNING
            text = f"{disk.path} is {used:.0%} full: {size_text(disk.free)} are free."
            mend = _garbage(world, generations)
            yield Finding(severity, topic, text, "ask-nix gc" if mend else "ask-nix disk", mend)
        elif topic == "boot" and (kernel := _next_kernel(world)) > disk.free:
            free, needed = size_text(disk.free), size_text(kernel)
            text = f"{disk.path} has {free} free, and a new kernel takes {needed}."
            mend = _garbage(world, generations)
            yield Finding(Severity.WARNING, topic, text, "ask-nix gc" if mend else "", mend)


def _garbage(world: World, generations: Sequence[Generation]) -> tuple[Change, ...]:
    """Return the collection of garbage, where it would delete anything."""
    change = CollectGarbage()
    return (change,) if choose_generations(generations, change, world.clock()) else ()


def _next_kernel(world: World) -> int:
    """Return the bytes that a kernel with its initrd takes, as the running one's."""
    return sum(world.toplevels.boot_sizes(world.profile.running()).values())


def _generations(world: World, generations: Sequence[Generation]) -> Iterator[Finding]:
    change = CollectGarbage(keep=_MANY_GENERATIONS // 3)
    if len(generations) > _MANY_GENERATIONS:
        text = f"{len(generations)} generations are kept."
        deleted = choose_generations(generations, change, world.clock())
        command = f"ask-nix gc --keep {change.keep}"
        yield Finding(Severity.NOTE, "generations", text, command, (change,) if deleted else ())


def _running(world: World, generations: Sequence[Generation]) -> Iterator[Finding]:
    profile, toplevels = world.profile, world.toplevels
    running = profile.running()
    reason = reboot_reason(toplevels.boot(profile.booted() or running), toplevels.boot(running))
    if reason:
        text = f"A reboot is needed: {reason}."
        yield Finding(Severity.WARNING, "reboot", text, "systemctl reboot")
    current = next((item for item in generations if item.is_current), None)
    default = next((item for item in generations if item.is_default), None)
    if current is None:
        text = "The running system is no generation: it is gone after a reboot."
        yield Finding(Severity.NOTE, "system", text, "ask-nix status")
    elif default is not None and default.number != current.number:
        text = f"Generation {current.number} runs, but {default.number} starts at the next boot."
        yield Finding(Severity.NOTE, "system", text, f"ask-nix rollback {current.number}")


def _inputs(world: World) -> Iterator[Finding]:
    made = world.inputs.updated()
    days = int((world.clock() - made) // _DAY) if made else 0
    if days >= _OLD_DAYS:
        severity = Severity.WARNING if days >= _VERY_OLD_DAYS else Severity.NOTE
        text = f"The {world.inputs.words} are {days} days old: security updates may be missing."
        yield Finding(severity, "inputs", text, "ask-nix update", (UpdateInputs(),))


def _own(world: World) -> Iterator[Finding]:
    try:
        world.configuration.read()
    except LuminousError as error:
        yield Finding(Severity.WARNING, "configuration", error.message)
    if problem := world.journal.problem():
        yield Finding(Severity.WARNING, "journal", problem, "ask-nix history")
