"""Recovery: what to do at start about transactions that the daemon's end cut short.

Before the new system was found healthy, everything goes back. Afterwards the only thing missing is
that it boots by default, so that is finished; where that cannot be, everything goes back too. So it
does where the power went before that, and the machine has booted the old system.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.edits import FileEdit
from luminous_daemon.core.inputs import InputsEdit
from luminous_daemon.core.records import DAMAGED_STEP, Record
from luminous_daemon.core.way_back import Before, WayBack
from luminous_daemon.core.writing import PLACE
from luminous_protocol.errors import Interrupted, LuminousError, Unconfirmed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luminous_daemon.core.ports import World

    Steps = Sequence[tuple[str, dict[str, Any]]]

_STOPPED = "The daemon stopped in the middle of this"


async def recover(world: World, record: Record, steps: Steps) -> Record:
    """Finish or put back one transaction; return its record with what came of it."""
    taken = dict(steps)
    is_done = "default" in taken and "back" not in taken
    try:
        if is_done and DAMAGED_STEP in taken:  # it may have been on its way back already
            is_done = _is_in_force(world, taken["default"]["toplevel"])
        if is_done and "test" in taken:
            is_done = not _has_booted_the_old(world, taken["test"])
        if "garbage" in taken:
            message = f"{_STOPPED}. What it had deleted by then is gone; plan again for the rest."
        elif is_done and await _finish(world, taken["default"]):
            message = "The daemon stopped; this was finished afterwards."
        elif set(taken) == {DAMAGED_STEP}:
            message = f"{_STOPPED}, or its end is damaged in the journal. Look at it."
        else:
            is_done = False
            _note_way_back(world, record, taken)
            message = await _put_back(world, taken)
    except (KeyError, TypeError):
        is_done = False
        message = f"{_STOPPED}, and the journal does not say how to put it back. Look at it."
    default = world.profile.default()
    return replace(
        record,
        finished=int(world.clock()),
        state="done" if is_done else "failed",
        error="" if is_done else _reason(taken).__name__,
        message=message,
        generation=default,
        made=default if is_done and not taken["default"]["number"] else 0,
        inverse=record.inverse if is_done else (),
        placed=record.placed if is_done else (),
    )


def _note_way_back(world: World, record: Record, taken: Mapping[str, dict[str, Any]]) -> None:
    """Write that it goes back: should this daemon end on the way, the next must not turn round."""
    if "back" not in taken:
        with contextlib.suppress(OSError):  # a full disk keeps nothing from being put back
            world.journal.step(record.id, "back", {})


def _is_in_force(world: World, toplevel: str) -> bool:
    """Tell whether a system runs and boots by default."""
    default = world.profile.default()
    found = (item.toplevel for item in world.profile.generations() if item.number == default)
    return world.profile.running() == toplevel == next(found, "")


def _has_booted_the_old(world: World, step: Mapping[str, Any]) -> bool:
    """Tell whether the system from before the test runs, because the machine has booted it."""
    has_booted = step.get("boot", "") not in {"", world.boot_time().boot}
    running = world.profile.running()
    return has_booted and running == step["base"] and running != step["toplevel"]


async def _finish(world: World, step: Mapping[str, Any]) -> bool:
    """Make the new system the default; tell whether that worked."""
    try:
        await world.activation.make_default(step["toplevel"], step["number"], _ignore)
    except (LuminousError, OSError):
        return False
    return True


async def _put_back(world: World, taken: Mapping[str, dict[str, Any]]) -> str:
    """Undo the steps that were taken; return the sentence that says what is true now."""
    undo = way_back_from(world, taken, _ignore)
    await undo.run()
    if DAMAGED_STEP in taken:
        undo.failures.append("a step is damaged in the journal, so look at what it was")
    cause = "This was not confirmed" if _reason(taken) is Unconfirmed else _STOPPED
    if undo.failures:
        told = "; ".join((*undo.failures, *undo.left))
        return f"{cause}, and not everything is as it was: {told}."
    return f"{cause}. {undo.outcome()}"


def _reason(taken: Mapping[str, object]) -> type[LuminousError]:
    """Return why a change did not come to its end."""
    is_unconfirmed = "confirm" in taken and "confirmed" not in taken
    return Unconfirmed if is_unconfirmed else Interrupted


def way_back_from(
    world: World, taken: Mapping[str, dict[str, Any]], log: Callable[[str], None]
) -> WayBack:
    """Return the way back from the steps that were taken."""
    default, test = taken.get("default"), taken.get("test")
    before = Before(**default["before"]) if default else Before(test["base"] if test else "", 0, 0)
    undo = WayBack(world, before, log)
    undo.new_default = default["toplevel"] if default else ""
    undo.has_switched = test is not None and _may_have_switched(world, test)
    undo.inputs = InputsEdit(**taken["inputs"]) if "inputs" in taken else None
    undo.tracked = tuple(taken["track"]["files"]) if "track" in taken else ()
    undo.edits = [
        FileEdit(**data)
        for step, data in taken.items()
        if step in {"create", "write"} or step.startswith(PLACE)
    ]
    return undo


def _may_have_switched(world: World, step: Mapping[str, Any]) -> bool:
    """Tell whether the new system, or half of it, may run.

    A switch that was cut off leaves half of both while the old system still seems to run. After a
    reboot that is over, and what somebody else has brought up since is theirs.
    """
    running = world.profile.running()
    is_same_boot = step.get("boot", "") in {"", world.boot_time().boot}
    return running == step["toplevel"] or (is_same_boot and running == step["base"])


def _ignore(_line: str) -> None:
    """Output of a recovery has nobody to read it."""
