"""What is asked of the planner, and what all kinds of plans share."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from luminous_protocol.changes import SwitchGeneration, change_to_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.ports import Caller, Generation
    from luminous_daemon.core.prepared import Prepared
    from luminous_protocol.changes import Change


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants planned.

    `build` builds before the plan is shown; `undoes` is the transaction that it takes back, if any.
    """

    changes: tuple[Change, ...]
    caller: Caller
    words: str = ""
    build: bool = False
    undoes: str = ""


def sealed(prepared: Prepared) -> Prepared:
    """Give the plan its id: a digest of everything that it depends on."""
    depends = {
        "changes": [change_to_dict(change) for change in prepared.plan.changes],
        "after": [edit.after for edit in (prepared.creation, prepared.edit) if edit],
        "placed": [[item.edit.file, item.edit.after] for item in prepared.placed],
        "configuration": prepared.digest,
        "base": prepared.base,
        "default": prepared.default,
        "tracked": list(prepared.tracked),
        "derivation": prepared.derivation,
        "toplevel": prepared.toplevel,
        "inputs": list(prepared.inputs.paths) if prepared.inputs else [],
        "generations": list(prepared.plan.generations),
    }
    digest = sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()
    return replace(prepared, plan=replace(prepared.plan, id=digest))


def way_back(generations: Sequence[Generation]) -> tuple[Change, ...]:
    """Return the changes that lead back to the generation that runs now."""
    current = next((item.number for item in generations if item.is_current), 0)
    return (SwitchGeneration(current),) if current else ()
