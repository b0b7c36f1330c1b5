"""The file that Luminous owns, and others beside it: written whole or not at all."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.configuration.digest import digest_of
from luminous_daemon.configuration.locate import locate
from luminous_daemon.configuration.machine_configuration import MachineConfiguration, is_below
from luminous_daemon.configuration.module_file import read_module, render_module
from luminous_daemon.configuration.patches import patch_of
from luminous_daemon.configuration.persons_file import PersonsFile
from luminous_daemon.configuration.plain_file import (
    MAX_BYTES,
    Changed,
    NotAFile,
    create_file,
    read_plain_file,
    remove_file,
    replace_file,
)
from luminous_daemon.configuration.readable import may_read
from luminous_daemon.core.edits import FileEdit, Snapshot
from luminous_daemon.core.placing import NotPlaced
from luminous_protocol.errors import ConfigurationUnreadable, Drifted, NotImported

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from luminous_daemon.core.definitions import Edit
    from luminous_daemon.core.importing import ImportEdit
    from luminous_daemon.core.repairing import MendedFile
    from luminous_protocol.changes import RepairFile


class OwnedFile:
    """`luminous.nix` in a machine's configuration directory, and its import."""

    def __init__(self, file: Path, configuration: Path, folder: Path | None = None) -> None:
        """Own `file`, which `configuration` is to import; nothing is read yet.

        The whole configuration lies in `folder`: where `file` does, unless it is given.
        """
        self._file = file
        self._configuration = configuration
        self._folder = folder or file.parent

    @property
    def file(self) -> str:
        """The file's name."""
        return str(self._file)

    def read(self) -> Snapshot:
        """Return the definitions, the bytes they come from and the digest of all Nix files beside.

        Raises `NotImported` when the file is missing and `ConfigurationUnreadable` when it is not
        in Luminous's form.
        """
        content = self._content(self._file)
        if content is None:
            raise NotImported(
                f"There is no {self._file} yet, Luminous's own file. Was it deleted? As root: "
                f"luminousd --print-module > {self._file}. Was it never there? Run: ask-nix setup",
                {"file": self.file},
            )
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise ConfigurationUnreadable(
                f"{self._file} is not UTF-8 text, so it was left alone.", {"file": self.file}
            ) from None
        return Snapshot(
            file=self.file,
            text=text,
            definitions=read_module(text, self.file),
            digest=self.digest(),
        )

    def plan_edit(self, snapshot: Snapshot, after: str) -> FileEdit:
        """Return the edit from the snapshot's text to `after`, with a unified diff to show.

        Raises `ConfigurationUnreadable` for a text that would be too large to be read again.
        """
        if len(after.encode()) > MAX_BYTES:
            raise _too_large(self._file)
        diff = patch_of(snapshot.file, snapshot.text, after, 0)
        return FileEdit(file=snapshot.file, before=snapshot.text, after=after, diff=diff)

    def plan_import(self) -> ImportEdit:
        """Return the edit that imports this file, and makes it where it is missing.

        Raises `NotImported` where the configuration is not to be edited, and
        `ConfigurationUnreadable` for a file that is there and not in Luminous's form.
        """
        is_there = self._content(self._file) is not None
        if is_there:
            self.read()
        return MachineConfiguration(self._configuration).plan_import(self._file, is_there=is_there)

    render = staticmethod(render_module)
    locate = staticmethod(locate)
    may_read = staticmethod(may_read)

    def locate_definitions(self, file: str, option: str) -> tuple[str, ...]:
        """Return the places where a file defines `option`; none where that is not seen in it."""
        if not is_below(Path(file), self._folder):
            return ()
        from luminous_daemon.configuration.defined import lines_of  # noqa: PLC0415 - 1.7 MB, and few questions need it

        content = None
        with contextlib.suppress(NotAFile, OSError):
            content = read_plain_file(Path(file))
        return tuple(f"{file}:{line}" for line in lines_of(content or b"", option))

    def digest(self) -> str:
        """Return a digest of every Nix and lock file in the configuration, names included.

        Raises `ConfigurationUnreadable` where they are too many or too large.
        """
        return digest_of(self._folder)

    def plan_place(self, file: str, edits: Sequence[Edit]) -> FileEdit:
        """Return the edit of a file that a person wrote. Raises `NotPlaced`."""
        return MachineConfiguration(Path(file)).plan_edits(edits, self._folder)

    def plan_return(self, done: FileEdit, edits: Sequence[Edit]) -> FileEdit:
        """Return what takes `done` back: to the byte where it is as it was left, or as `edits`.

        Raises `NotPlaced`.
        """
        return MachineConfiguration(Path(done.file)).plan_return(done, edits, self._folder)

    def plan_repairs(self, file: str, repairs: Sequence[RepairFile], uid: int) -> MendedFile:
        """Return what repairs of a person's file come to, for that user. Raises `NotPlaced`."""
        return self._of_a_person(file, uid).plan_repairs(repairs)

    def plan_unrepair(self, done: FileEdit, uid: int) -> FileEdit:
        """Return what takes a repair back to the byte, for that user. Raises `NotPlaced`."""
        return self._of_a_person(done.file, uid).plan_return(done)

    def check_trackable(self, file: str, uid: int) -> None:
        """Raise `NotPlaced` unless that user may have a file made known to git."""
        self._of_a_person(file, uid).check_trackable()

    def _of_a_person(self, file: str, uid: int) -> PersonsFile:
        if Path(file) == self._file:
            raise NotPlaced("it is Luminous's own file; change what is in it with ask-nix")
        return PersonsFile(Path(file), self._folder, self._configuration, uid)

    def replace(self, edit: FileEdit) -> None:
        """Write `edit`. Raises `Drifted`, and writes nothing, if the file is not as it was."""
        file, before = self._editable(edit), edit.before
        try:
            if before is None:
                with _refusing(file):
                    create_file(file, edit.after.encode(), self._configuration)
            else:
                self._exchange(file, before, edit.after)
        except (Changed, FileExistsError):
            raise Drifted(f"{file} has changed since the plan was made. Plan again.") from None

    def restore(self, edit: FileEdit) -> None:
        """Take `edit` back, unless somebody else has changed the file since.

        A link or a pipe in its place is somebody else's too.
        """
        file = self._editable(edit)
        with contextlib.suppress(Changed, ConfigurationUnreadable):
            if edit.before is not None:
                self._exchange(file, edit.after, edit.before)
            elif self._content(file) == edit.after.encode():
                remove_file(file)

    def _exchange(self, file: Path, old: str, new: str) -> None:
        """Replace the text `old` by `new`. Raises `Changed` where it is not there."""
        try:
            with _refusing(file):
                replace_file(file, new.encode(), old.encode())
        except FileNotFoundError:
            raise Changed from None

    def _editable(self, edit: FileEdit) -> Path:
        """Return the file that `edit` is of. Raises `Drifted` for one of no configuration."""
        file = Path(edit.file)
        if file not in {self._file, self._configuration} and not is_below(file, self._folder):
            raise Drifted(f"The settings name other files than {file} now. Plan again.")
        return file

    def _content(self, file: Path) -> bytes | None:
        """Return a file's bytes; None where there is no such file."""
        try:
            with _refusing(file):
                content = read_plain_file(file)
        except FileNotFoundError:
            return None
        if len(content) > MAX_BYTES:
            raise _too_large(file)
        return content


@contextlib.contextmanager
def _refusing(file: Path) -> Iterator[None]:
    """Turn away what is no plain file. Raises `ConfigurationUnreadable`."""
    try:
        yield
    except NotAFile as error:
        raise ConfigurationUnreadable(
            f"{file} is {error}, so it was left alone. Put a file there, or name another "
            "place in /etc/luminous/luminous.toml.",
            {"file": str(file)},
        ) from None


def _too_large(file: Path) -> ConfigurationUnreadable:
    return ConfigurationUnreadable(
        f"{file} is larger than {MAX_BYTES} bytes, or would be. "
        "Move some of its lines into files of your own.",
        {"file": str(file)},
    )
