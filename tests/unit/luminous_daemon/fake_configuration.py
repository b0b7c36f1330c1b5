"""Luminous's own file on the fake machine."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from luminous_daemon.configuration.editing import edit_text
from luminous_daemon.configuration.module_file import EMPTY, read_module, render_module
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.repairing import repair_text, syntax_problem
from luminous_daemon.core.edits import FileEdit, Snapshot
from luminous_daemon.core.importing import ImportEdit
from luminous_daemon.core.placing import NotPlaced
from luminous_daemon.core.repairing import MendedFile
from luminous_protocol.errors import Drifted, NotImported

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luminous_daemon.core.definitions import Definition, Edit
    from luminous_protocol.changes import RepairFile
    from tests.unit.luminous_daemon.fake_world import Machine

FILE = "/etc/nixos/luminous.nix"
CONFIGURATION = "/etc/nixos/configuration.nix"
IMPORT = "imports Luminous's file;"


def _locate(file: str, word: str) -> str:
    return f"{file}:{len(word)}"


@dataclass
class FakeConfiguration:
    """Luminous's file, held in memory, in the real form."""

    machine: Machine
    file: str = FILE

    render: Callable[[tuple[Definition, ...]], str] = render_module
    locate: Callable[[str, str], str] = _locate

    def may_read(self, file: str, uid: int) -> bool:
        """Say that private files are root's."""
        return uid == 0 or file not in self.machine.private

    def locate_definitions(self, file: str, option: str) -> tuple[str, ...]:
        """Say that it is in one line; of web.nix nothing is seen."""
        return () if file.endswith("web.nix") else (f"{file}:{len(option)}",)

    def read(self) -> Snapshot:
        """Read it."""
        self.machine.begin("configuration.read")
        if not self.machine.text:
            raise NotImported(f"There is no {FILE}.", {"file": FILE})
        definitions = read_module(self.machine.text, FILE)
        return Snapshot(FILE, self.machine.text, definitions, self.digest())

    def digest(self) -> str:
        """Return a digest of it and of all other files."""
        return sha256(f"{self.machine.text}\0{self.machine.other_files}".encode()).hexdigest()

    def plan_edit(self, snapshot: Snapshot, after: str) -> FileEdit:
        """Return the edit; the diff here is only the new lines."""
        old = snapshot.text.splitlines()
        diff = "".join(f"+{line}\n" for line in after.splitlines() if line not in old)
        return FileEdit(snapshot.file, snapshot.text, after, diff)

    def plan_import(self) -> ImportEdit:
        """Return the edit of the other files that imports this one, and makes it if need be."""
        self.machine.begin("configuration.plan_import")
        before = self.machine.other_files
        edit = FileEdit(CONFIGURATION, before, before + IMPORT, f"+{IMPORT}\n")
        creation = None if self.machine.text else FileEdit(FILE, None, EMPTY, "+all of it\n")
        return ImportEdit("./luminous.nix", edit, edit, creation)

    def plan_place(self, file: str, edits: Sequence[Edit]) -> FileEdit:
        """Return the edit of another file, which holds `git` or is of no known shape."""
        self.machine.begin("configuration.plan_place")
        before = self.machine.other_files
        after = before
        try:
            for edit in edits:
                after = edit_text(after, edit)
        except NotEditable as error:
            raise NotPlaced(str(error), question=error.question) from None
        if after == before:
            raise NotPlaced("it is not seen there", "-git\n")
        return FileEdit(file, before, after, "-git\n")

    def plan_return(self, done: FileEdit, edits: Sequence[Edit]) -> FileEdit:
        """Return what takes an edit back."""
        if self.machine.other_files != done.after:
            return self.plan_place(done.file, edits)
        return FileEdit(done.file, done.after, done.before or "", "+git\n")

    def plan_repairs(self, file: str, repairs: Sequence[RepairFile], uid: int) -> MendedFile:
        """Return what repairs of the other file come to."""
        self.machine.begin("configuration.plan_repairs")
        before = after = self.machine.other_files
        if not self.may_read(file, uid):
            raise NotPlaced("you may not read it")
        try:
            for repair in repairs:
                after = repair_text(after, repair)
        except NotEditable as error:
            raise NotPlaced(str(error)) from None
        return MendedFile(FileEdit(file, before, after, "+repaired\n"), syntax_problem(after))

    def plan_unrepair(self, done: FileEdit, uid: int) -> FileEdit:
        """Return what takes a repair back."""
        if self.machine.other_files != done.after or not self.may_read(done.file, uid):
            raise NotPlaced("somebody has changed it since")
        return FileEdit(done.file, done.after, done.before or "", "-repaired\n")

    def check_trackable(self, file: str, uid: int) -> None:
        """Refuse private files."""
        if file in self.machine.private:
            raise NotPlaced(f"{uid} may not read it")

    def replace(self, edit: FileEdit) -> None:
        """Write it."""
        self.machine.begin("configuration.replace")
        if self._held(edit) != (edit.before or ""):
            raise Drifted("It has changed.")
        self._hold(edit, edit.after)
        self.machine.end()

    def restore(self, edit: FileEdit) -> None:
        """Take it back."""
        self.machine.begin("configuration.restore")
        if self._held(edit) == edit.after:
            self._hold(edit, edit.before or "")
        self.machine.end()

    def _held(self, edit: FileEdit) -> str:
        return self.machine.text if edit.file == FILE else self.machine.other_files

    def _hold(self, edit: FileEdit, text: str) -> None:
        if edit.file == FILE:
            self.machine.text = text
        else:
            self.machine.other_files = text
