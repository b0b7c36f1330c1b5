"""Where a plan edits files that a person wrote, and how that is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_daemon.core.edits import FileEdit
from luminous_daemon.core.placing import (
    NOT_PROVED,
    NotPlaced,
    Placed,
    Placement,
    edits_of,
    is_proved,
    proof_query,
)
from luminous_daemon.core.resolving import Resolution
from luminous_protocol.changes import RepairFile, change_to_dict
from luminous_protocol.codec import parse_changes
from luminous_protocol.errors import LuminousError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from luminous_daemon.core.planning.drafting import Draft
    from luminous_daemon.core.planning.request import Request
    from luminous_daemon.core.ports import Configuration, World
    from luminous_protocol.changes import Change


def place(configuration: Configuration, resolutions: Iterable[Resolution]) -> tuple[Placed, ...]:
    """Return the edits of other files that `resolutions` ask for. Raises `DefinedElsewhere`."""
    files: dict[str, list[Placement]] = {}
    for found in resolutions:
        for placement in found.placements:
            files.setdefault(placement.file, []).append(placement)
    return tuple(_placed(configuration, placements) for placements in files.values())


def _placed(configuration: Configuration, placements: Sequence[Placement]) -> Placed:
    edits = tuple(placement.edit for placement in placements)
    try:
        edit = configuration.plan_place(placements[0].file, edits)
    except NotPlaced as error:
        raise placements[0].refusal(str(error), error.patch, error.question) from None
    inverse = tuple(placement.inverse for placement in reversed(placements))
    return Placed(edit, edits, inverse)


async def prove_placed(world: World, draft: Draft) -> None:
    """Raise `DefinedElsewhere` unless Nix finds what the edits of other files are to bring."""
    placements = [item for found in draft.resolutions for item in found.placements]
    placements += (item for placed in draft.placed if placed.unproved for item in placed.placements)
    if not placements:
        return
    query = proof_query(item.edit for item in placements)
    facts = await world.evaluator.look_up(query, draft.inputs.main, draft.edits)
    for item in placements:
        if not is_proved(item.edit, item.file, facts):
            patch = "".join(placed.edit.diff for placed in draft.placed)
            raise item.refusal(NOT_PROVED, patch)


def give_back(world: World, request: Request) -> tuple[tuple[Placed, ...], tuple[Change, ...]]:
    """Return what takes the edits of other files back that `request` undoes, and what is left.

    A file that is still as it was written becomes what it was, to the byte. In one that somebody
    has changed since, the same edits are made the other way round; where that is not safe, the
    changes are left to be planned as if somebody asked for them.
    """
    record = world.journal.find(request.undoes) if request.undoes else None
    left = list(request.changes)
    found: list[Placed] = []
    for data in record.placed if record else ():
        changes = [change for change in left if change_to_dict(change) in data["inverse"]]
        placed = _given_back(world.configuration, data, changes, request.caller.uid)
        if placed:
            found.append(placed)
            left = [change for change in left if change not in changes]
    return tuple(found), tuple(left)


def _given_back(
    configuration: Configuration, data: Mapping[str, Any], changes: Sequence[Change], uid: int
) -> Placed | None:
    edits = tuple(edit for change in changes for edit in edits_of(change))
    repairs = tuple(change for change in changes if isinstance(change, RepairFile))
    done = FileEdit(data["file"], data["before"], data["after"], "")
    try:
        inverse = parse_changes(list(data["changes"]))
        if repairs:
            edit = configuration.plan_unrepair(done, uid)
            return Placed(edit, edits, inverse, repairs=repairs)
        edit = configuration.plan_return(done, edits)
        return Placed(edit, edits, inverse, unproved=edit.after != done.before)
    except (NotPlaced, LuminousError):
        return None


def given_back(placed: Sequence[Placed]) -> tuple[Resolution, ...]:
    """Return what is said of the files that become what they were."""
    return tuple(
        Resolution(
            options=tuple(edit.option for edit in item.edits),
            summary=f"put {item.edit.file} back",
            notes=(f"This plan edits {item.edit.file}, a file of yours, as the change did.",),
        )
        for item in placed
    )
