"""Repairs of a person's own files: what each comes to, what is said of it, and its way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from luminous_daemon.core.policy import danger_of
from luminous_daemon.core.redaction import REDACTED, speaks_of_secret
from luminous_daemon.core.resolving import Resolution, shown
from luminous_protocol.changes import RepairFile
from luminous_protocol.errors import RepairRefused

if TYPE_CHECKING:
    from luminous_daemon.core.edits import FileEdit

PUT_BACK: Final = "put-back"
TRACK: Final = "track-file"
_IN_STORE = (
    "What a flake has is copied to the Nix store, where everybody on this machine can read it, and "
    "git goes on knowing the file after an undo."
)


@dataclass(frozen=True, slots=True)
class MendedFile:
    """The edit of one file. `problem` says what is not understood in it still, or nothing.

    `lines` are where each of its repairs changes the text that those before it have made.
    """

    edit: FileEdit
    problem: str = ""
    lines: tuple[int, ...] = ()


def way_back_of(edit: FileEdit) -> RepairFile:
    """Return the change that takes a repair back: by digests, for texts are in the journal."""
    before, after = ((text or "").encode() for text in (edit.before, edit.after))
    return RepairFile(edit.file, PUT_BACK, sha256(after).hexdigest(), sha256(before).hexdigest())


def refused(file: str, why: str, patch: str = "") -> RepairRefused:
    """Return the error for a file that is not repaired."""
    details = {"file": file, "reason": why} | ({"patch": patch} if patch else {})
    return RepairRefused(
        f"{file} is not repaired, because {why}. Nothing was changed; look at it there.", details
    )


def line_of_change(before: str, after: str, near: int = 0) -> int:
    """Return the first line that differs, or that comes in or goes.

    Where several lines can be taken for the changed one, as they are the same, `near` is, if it is
    among them.
    """
    old, new = before.split("\n"), after.split("\n")
    shorter = min(len(old), len(new))
    same = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    behind = next((at for at in range(shorter) if old[-1 - at] != new[-1 - at]), shorter)
    first = min(shorter - behind, same) if len(old) != len(new) else same
    return near if first <= near - 1 <= same else same + 1


def resolution_of(repair: RepairFile, line: int = 0) -> Resolution:
    """Return what is said of a repair, and the options that it decides.

    `line` is the one that it changes, which need not be the one where Nix stumbled.
    """
    found = Resolution(
        options=_options(repair),
        summary=_summary(repair, line or repair.line),
        notes=(_IN_STORE,) if repair.operation == TRACK else (),
    )
    values = repair.new if isinstance(repair.new, list) else [repair.new]
    dangers = [danger for option in found.options if (danger := danger_of(option, values))]
    if not dangers:
        return found
    return replace(found, notes=(*found.notes, *dangers), is_dangerous=True)


def _options(repair: RepairFile) -> tuple[str, ...]:
    match repair.operation:
        case "rename":
            return (repair.old, str(repair.new))
        case "remove-definition" | "set-value":
            return (repair.old,)
    return ()


def _summary(repair: RepairFile, line: int) -> str:
    place = f"line {line} of {repair.file}" if repair.line else repair.file
    match repair.operation:
        case "rename":
            return f"rename {repair.old} to {repair.new} in {place}"
        case "remove-definition":
            return f"remove the definition of {repair.old} from {place}"
        case "set-value":
            value = REDACTED if speaks_of_secret(repair.old) else shown(repair.new)
            return f"set {repair.old} to {value} in {place}"
        case "insert-token":
            return f"put the missing {repair.new} into {place}"
        case "remove-token":
            return f"take the {repair.old} out of {place}"
        case "add-argument":
            return f"add the argument {repair.new} to {place}"
        case "replace-hash":
            return f"replace a hash in {place}"
        case "track-file":
            return f"make {place} known to git"
        case "put-back":
            return f"put {place} back"
