"""Recovery: what to do at start about transactions that the daemon's end cut short.

Before the new system was found healthy, everything goes back. Afterwards the only thing missing is
that it boots by default, so that is finished.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.ports import FileEdit, Record, World
from luminous_protocol.errors import LuminousError

if TYPE_CHECKING:
    from collections.abc import Sequence

    Steps = Sequence[tuple[str, dict[str, Any]]]


async def recover(world: World, record: Record, steps: Steps) -> Record:
    """Finish or put back one transaction; return its record with what came of it."""
    taken = dict(steps)
    try:
        if "default" in taken:
            await _finish(world, taken["default"])
            state, error, message = "done", "", "The daemon stopped; this was finished afterwards."
        else:
            await _put_back(world, taken)
            state, error = "failed", "Interrupted"
            message = "The daemon stopped in the middle of this. Everything was put back as it was."
    except (LuminousError, OSError) as failure:
        state, error = "failed", "Interrupted"
        message = f"The daemon stopped in the middle of this, and putting it back failed: {failure}"
    return replace(
        record,
        finished=int(world.clock()),
        state=state,
        error=error,
        message=message,
        generation=world.profile.default(),
        made=world.profile.default() if state == "done" and not taken["default"]["number"] else 0,
        inverse=record.inverse if state == "done" else (),
    )


async def _finish(world: World, step: dict[str, Any]) -> None:
    await world.activation.make_default(step["toplevel"], step["number"], _ignore)


async def _put_back(world: World, taken: dict[str, dict[str, Any]]) -> None:
    if "test" in taken and world.profile.running() == taken["test"]["toplevel"]:
        await world.activation.test(taken["test"]["base"], _ignore)
    if "inputs" in taken and world.inputs.generation() != taken["inputs"]["before"]:
        await world.inputs.restore(taken["inputs"]["before"])
    if "write" in taken:
        world.configuration.restore(FileEdit(**taken["write"]))


def _ignore(_line: str) -> None:
    """Output of a recovery has nobody to read it."""
