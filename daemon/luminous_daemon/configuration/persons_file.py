"""A file that a person wrote and that Nix may not be able to read: how it is mended."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.configuration.machine_configuration import (
    MachineConfiguration,
    Unfit,
    is_below,
)
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.patches import patch_of
from luminous_daemon.configuration.plain_file import NotAFile, read_plain_file
from luminous_daemon.configuration.readable import may_read
from luminous_daemon.configuration.real_path import real_path
from luminous_daemon.core.edits import FileEdit
from luminous_daemon.core.placing import NotPlaced
from luminous_daemon.core.repairing import MendedFile, line_of_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_protocol.changes import RepairFile

_CONTEXT = 3
_ROOT = 0


class PersonsFile:
    """One file below the folder of the machine's configuration, as one user may have it mended."""

    def __init__(self, file: Path, folder: Path, configuration: Path, uid: int) -> None:
        """Look at `file` for the user `uid`; it is to be of the owner of `configuration`."""
        self._file = file
        self._folder = folder
        self._configuration = configuration
        self._uid = uid

    def plan_repairs(self, repairs: Sequence[RepairFile]) -> MendedFile:
        """Return what `repairs` come to, each made after those before it. Raises `NotPlaced`."""
        from luminous_daemon.configuration.repairing import (  # noqa: PLC0415 - 1.7 MB, and few changes need it
            repair_text,
            syntax_problem,
        )

        try:
            before = after = self._text()
            lines = []
            for repair in repairs:
                text, after = after, repair_text(after, repair)
                lines.append(line_of_change(text, after, repair.line))
        except (Unfit, NotEditable, OSError) as why:
            raise NotPlaced(_told(why)) from None
        edit = FileEdit(str(self._file), before, after, self._patch(before, after))
        return MendedFile(edit, syntax_problem(after), tuple(lines))

    def plan_return(self, done: FileEdit) -> FileEdit:
        """Return what takes a repair back to the byte. Raises `NotPlaced`."""
        try:
            text = self._text()
        except (Unfit, OSError) as why:
            raise NotPlaced(_told(why)) from None
        if text != done.after or done.before is None:
            raise NotPlaced("somebody has changed it since")
        return FileEdit(done.file, text, done.before, self._patch(text, done.before))

    def check_trackable(self) -> None:
        """Raise `NotPlaced` unless everybody may read the file, for a flake's files are copied."""
        try:
            self._check_place(is_in=_lies_in(self._file, self._folder))
            read_plain_file(self._file)
            self._check_shared()
        except NotAFile as error:
            raise NotPlaced(f"it is {error}") from None
        except (Unfit, OSError) as why:
            raise NotPlaced(_told(why)) from None

    def _text(self) -> str:
        """Return the text of a Nix file that may be edited. Raises `Unfit`, and `OSError`."""
        machine = MachineConfiguration(self._file)
        self._check_place(is_in=is_below(self._file, self._folder))
        text = machine.text()
        machine.check_written_by_hand(text)
        return text

    def _check_place(self, *, is_in: bool) -> None:
        """Raise `Unfit` for a file that is not the owner's, or that the user may not read.

        What is asked for tells of what stands in it, also where it is refused.
        """
        if not is_in:
            raise Unfit(f"it is no file of the configuration in {self._folder}")
        if self._file.lstat().st_uid not in {_ROOT, self._owner()}:
            raise Unfit("it belongs to somebody else than the configuration")
        if not may_read(str(self._file), self._uid):
            raise Unfit("you may not read it")

    def _owner(self) -> int:
        """Return whose the configuration is; not every flake has a `configuration.nix`."""
        begins = (self._configuration, self._folder / "flake.nix", self._folder)
        return next(path.stat().st_uid for path in begins if path.exists())

    def _check_shared(self) -> None:
        """Raise `Unfit` for what its owner keeps to himself, whatever its folders do."""
        if not self._file.stat().st_mode & stat.S_IROTH:
            raise Unfit(
                "not everybody may read it, and what a flake has is copied to the Nix store, where "
                "everybody can"
            )

    def _patch(self, before: str, after: str) -> str:
        return patch_of(str(self._file), before, after, _CONTEXT)


def _lies_in(file: Path, folder: Path) -> bool:
    """Tell whether `file` lies in `folder`, by its name and by where that leads; not in git's."""
    if not file.is_relative_to(folder) or ".git" in file.relative_to(folder).parts:
        return False
    return Path(real_path(file.parent)).is_relative_to(real_path(folder))


def _told(why: Exception) -> str:
    if isinstance(why, FileNotFoundError):
        return "there is no such file"
    if isinstance(why, OSError):
        return f"it cannot be read ({why.strerror})"
    return str(why)
