"""Edits of files that a person wrote, where what is to be changed stands in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from luminous_daemon.core.definitions import (
    SYSTEM_PACKAGES,
    Append,
    Drop,
    DropItem,
    Edit,
    Put,
    holds,
    is_same,
    package,
)
from luminous_daemon.core.edits import FileEdit
from luminous_daemon.core.facts import Query
from luminous_protocol.changes import (
    AddPackage,
    RemovePackage,
    RepairFile,
    SetOption,
    UnsetOption,
    change_to_dict,
)
from luminous_protocol.codec import parse_changes
from luminous_protocol.errors import DefinedElsewhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luminous_daemon.core.facts import Facts
    from luminous_protocol.changes import Change

NOT_PROVED = "with that edit alone, Nix does not find what was asked for"


class NotPlaced(Exception):
    """Why a file is not edited; the text goes on after "because". `patch` is what is to be done.

    Where it is for a person to say what is meant, `question` asks for it.
    """

    def __init__(self, why: str, patch: str = "", question: str = "") -> None:
        """Say `why`."""
        super().__init__(why)
        self.patch = patch
        self.question = question


@dataclass(frozen=True, slots=True)
class Placement:
    """An edit of a person's own file, in which `what` stands at `place`.

    `inverse` is the change that takes it back.
    """

    file: str
    edit: Edit
    inverse: Change
    what: str
    place: str

    @property
    def note(self) -> str:
        """The sentence that says why a file of that person's is edited."""
        return f"{self.what} in {self.place}, so this plan edits that file of yours."

    def refusal(self, why: str, patch: str, question: str = "") -> DefinedElsewhere:
        """Return the error for a file that is not edited."""
        details: dict[str, Any] = {"files": [self.file], "places": [self.place]}
        details |= {"reason": why, "patch": patch}
        if question:
            details["question"] = question
            question += " "
        return DefinedElsewhere(
            f"{self.what} in {self.place}, which Luminous does not edit, because {why}. "
            f"{question}Change it there, then run `ask-nix rebuild`.",
            details,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """One file's edit, the typed edits that it is made of, and the changes that take it back.

    What is given back other than to the byte is `unproved` until Nix finds its edits to hold.
    A file that was mended has `repairs` instead.
    """

    edit: FileEdit
    edits: tuple[Edit, ...]
    inverse: tuple[Change, ...]
    unproved: bool = False
    repairs: tuple[RepairFile, ...] = ()

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Its edits, one by one."""
        file = self.edit.file
        return tuple(
            Placement(file, edit, change_of(edit), f"{edit.option} is set", file)
            for edit in self.edits
        )

    def as_data(self) -> dict[str, Any]:
        """Return what the journal keeps, from which it can be taken back to the byte."""
        return {
            "file": self.edit.file,
            "before": self.edit.before,
            "after": self.edit.after,
            "inverse": [change_to_dict(change) for change in self.inverse],
            "changes": [*map(change_to_dict, (*map(change_of, self.edits), *self.repairs))],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Placed:
        """Return what `as_data` was made of; only the diff is lost."""
        edit = FileEdit(data["file"], data["before"], data["after"], "")
        changes = parse_changes(list(data["changes"]))
        edits = tuple(item for change in changes for item in edits_of(change))
        repairs = tuple(change for change in changes if isinstance(change, RepairFile))
        return cls(edit, edits, parse_changes(list(data["inverse"])), repairs=repairs)


def change_of(edit: Edit) -> Change:
    """Return the change that asks for `edit`."""
    match edit:
        case Put(option, value):
            return SetOption(option, value)
        case Append(option, item):
            name = _package_in(option, item)
            return AddPackage(name) if name else SetOption(option, [item], append=True)
        case DropItem(option, item):
            name = _package_in(option, item)
            return RemovePackage(name) if name else UnsetOption(option, item)
        case Drop(option):
            return UnsetOption(option)


def edits_of(change: Change) -> tuple[Edit, ...]:
    """Return the edits that a change comes to which takes a placed one back."""
    match change:
        case AddPackage(name):
            return (Append(SYSTEM_PACKAGES, package(name)),)
        case RemovePackage(name):
            return (DropItem(SYSTEM_PACKAGES, package(name)),)
        case SetOption(option, list(items), True):
            return tuple(Append(option, item) for item in items)
        case SetOption(option, value):
            return (Put(option, value),)
        case UnsetOption(option, None):
            return (Drop(option),)
        case UnsetOption(option, item):
            return (DropItem(option, item),)
        case _:
            return ()


def _package_in(option: str, item: object) -> str:
    is_package = option == SYSTEM_PACKAGES and isinstance(item, dict) and set(item) == {"package"}
    return str(item["package"]) if is_package and isinstance(item, dict) else ""


def proof_query(edits: Iterable[Edit]) -> Query:
    """Return what must be known of the machine afterwards to tell whether `edits` hold."""
    edits = tuple(edits)
    listed = (edit for edit in edits if isinstance(edit, DropItem | Append))
    names = [_package_in(edit.option, edit.item) for edit in listed]
    options: Mapping[str, tuple[()]] = {edit.option: () for edit in edits}
    return Query(tuple(filter(None, names)), options)


def is_proved(edit: Edit, file: str, facts: Facts) -> bool:
    """Tell whether `edit` of `file` holds on the machine that `facts` are of."""
    option = facts.options[edit.option]
    match edit:
        case Put(value=value):
            return option.is_plain and is_same(option.value, value)
        case DropItem(item=item):
            if name := _package_in(edit.option, item):
                return not facts.packages[name].is_installed
            return isinstance(option.value, list) and not holds(option.value, item)
        case Drop():
            return file not in option.files
        case Append(item=item):
            if name := _package_in(edit.option, item):
                return facts.packages[name].is_installed
            return isinstance(option.value, list) and holds(option.value, item)
