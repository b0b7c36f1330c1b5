"""What a plan mends in files that a person wrote, and what is true where that is not enough."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.core.placing import NotPlaced, Placed
from luminous_daemon.core.repairing import (
    PUT_BACK,
    TRACK,
    refused,
    resolution_of,
    way_back_of,
)
from luminous_protocol.changes import AllowPackage, RepairFile
from luminous_protocol.errors import EvaluationFailed, RepairRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luminous_daemon.core.planning.request import Request
    from luminous_daemon.core.ports import Caller, World
    from luminous_daemon.core.repairing import MendedFile
    from luminous_daemon.core.resolving import Resolution
    from luminous_protocol.changes import Change

_NOT_UNDONE = (
    "it is not as the repair left it, or nothing was repaired. Undo brings back bytes only where "
    "nobody has changed them since"
)
_SAME = "That is not what Nix stumbles over first"
_SYNTAX = "syntax error"
_AT_ITS_PLACE = (_SYNTAX, "undefined variable", "attribute '")
"""What Nix says of the very place where the mistake is."""
_NEAR = 3
"""Lines. What is put in wrongly lets Nix stumble this soon after it."""
_PLACE = re.compile(r"(?:/nix/store/[^/]+)?(/.+):(\d{1,9}):(\d{1,9})")
_KNOWN = "git knows it already, or it lies in no git repository of the machine's flake"


@dataclass(frozen=True, slots=True)
class Repairs:
    """Edits of files, and files to be made known to git.

    `problems` are of files that are not understood even then.
    """

    placed: tuple[Placed, ...] = ()
    tracked: tuple[str, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    problems: tuple[RepairRefused, ...] = ()


def is_repair(changes: Iterable[Change]) -> bool:
    """Tell whether `changes` are for a configuration that need not evaluate as it is."""
    return any(isinstance(change, RepairFile | AllowPackage) for change in changes)


def has_new_hash(changes: Iterable[Change]) -> bool:
    """Tell whether something can be fetched only with `changes`, which evaluates without them."""
    return any(
        isinstance(change, RepairFile) and change.operation == "replace-hash" for change in changes
    )


async def mend(world: World, request: Request, changes: Sequence[Change]) -> Repairs:
    """Return what the repairs among `changes` come to. Raises `RepairRefused`."""
    repairs = [change for change in changes if isinstance(change, RepairFile)]
    files: dict[str, list[RepairFile]] = {}
    for repair in repairs:
        if repair.operation == PUT_BACK:
            raise refused(repair.file, _NOT_UNDONE)
        if repair.operation != TRACK:
            files.setdefault(repair.file, []).append(repair)
    tracked = tuple(repair.file for repair in repairs if repair.operation == TRACK)
    await _check_tracked(world, tracked, request.caller)
    mended = {file: _mended(world, mine, request.caller) for file, mine in files.items()}
    lines = {file: iter(found.lines) for file, found in mended.items()}
    return Repairs(
        tuple(_placed(found, files[file]) for file, found in mended.items()),
        tuple(dict.fromkeys(tracked)),
        tuple(resolution_of(item, next(lines.get(item.file, iter(())), 0)) for item in repairs),
        tuple(
            refused(file, f"its syntax is not understood ({found.problem})")
            for file, found in mended.items()
            if found.problem
        ),
    )


def _mended(world: World, repairs: Sequence[RepairFile], caller: Caller) -> MendedFile:
    file = repairs[0].file
    try:
        return world.configuration.plan_repairs(file, repairs, caller.uid)
    except NotPlaced as error:
        raise refused(file, str(error), error.patch) from None


def _placed(found: MendedFile, repairs: Sequence[RepairFile]) -> Placed:
    return Placed(found.edit, (), (way_back_of(found.edit),), repairs=tuple(repairs))


async def _check_tracked(world: World, files: Sequence[str], caller: Caller) -> None:
    """Raise `RepairRefused` unless git may be told of all `files`, and does not know them."""
    for file in files:
        try:
            world.configuration.check_trackable(file, caller.uid)
        except NotPlaced as error:
            raise refused(file, str(error)) from None
    unknown = await world.repository.unknown_among(files) if files else ()
    for file in files:
        if file not in unknown:
            raise refused(file, _KNOWN)


def still_failing(
    error: EvaluationFailed, base: EvaluationFailed | None, changes: Sequence[Change]
) -> EvaluationFailed | RepairRefused:
    """Return what is true where the configuration does not evaluate with what was planned.

    `base` is how it fails as it is, if it does. The details are those of what comes next, so that
    it can be explained and repaired in its turn.
    """
    backs = [
        item for item in changes if isinstance(item, RepairFile) and item.operation == PUT_BACK
    ]
    if backs:
        # No system can be made of it, so there would be nothing to switch to: a file that nobody
        # asked to be broken would be, and the next change would fail for it.
        return RepairRefused(
            f"Taking this back would bring back what was repaired: {error.message} Nothing was "
            "changed. To run the system from before: ask-nix rollback",
            {**error.details, "file": backs[0].file},
        )
    if base is not None and base.message != error.message and _is_no_better(base, error):
        return EvaluationFailed(
            f"That would not help, so nothing was changed. Then Nix says: {error.message}",
            base.details,
        )
    is_same = base is not None and base.message == error.message
    told = _SAME if is_same else "That helps, but something else is wrong, too"
    return EvaluationFailed(f"{told}, so nothing was changed: {error.message}", error.details)


def _is_no_better(base: EvaluationFailed, error: EvaluationFailed) -> bool:
    """Tell whether Nix stumbles at the same place as before, or reads a file no further."""
    said, now = (str(item.details.get("reason", "")) for item in (base, error))
    (file, line, column), (new_file, new_line, new_column) = map(_place_of, (base, error))
    if not file or file != new_file or not said.startswith(_AT_ITS_PLACE):
        return False
    if (line, column) == (new_line, new_column):
        return True
    is_syntax = said.startswith(_SYNTAX) and now.startswith(_SYNTAX)
    is_next = said == now and new_line > line
    return is_syntax and not is_next and new_line <= line + _NEAR


def _place_of(error: EvaluationFailed) -> tuple[str, int, int]:
    """Return file, line and column; of a flake's file without the copy that it was read in."""
    found = _PLACE.fullmatch(str(error.details.get("place", "")))
    return (found[1], int(found[2]), int(found[3])) if found else ("", 0, 0)
