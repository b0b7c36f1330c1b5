"""A file that somebody else wrote: whether one import or another edit can be put into it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.configuration.imports import NotPlain, add_import
from luminous_daemon.configuration.module_file import EMPTY, EMPTY_FILE
from luminous_daemon.configuration.nix_values import render_string
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.patches import patch_of
from luminous_daemon.configuration.plain_file import NotAFile, read_plain_file
from luminous_daemon.configuration.readable import is_public
from luminous_daemon.configuration.real_path import real_path
from luminous_daemon.core.edits import FileEdit
from luminous_daemon.core.importing import ImportEdit, not_edited
from luminous_daemon.core.placing import NotPlaced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.definitions import Edit
    from luminous_protocol.errors import NotImported

_STORE = Path("/nix/store")
_CONTEXT = 3
_MAX_BYTES = 128 * 1024
"""The largest configuration that is edited; those that people write are a fraction of it."""
_NO_FILE = (
    "there is no such file (where your imports are in another one, set `configuration` in "
    "/etc/luminous/luminous.toml to that)"
)
_NOT_SEEN = "what it says of that is not seen there"
_HARDWARE = "hardware-configuration.nix"
_GENERATED = "Do not modify this file!"
"""What nixos-generate-config writes above its files."""
_PATH_LITERAL = re.compile(r"(?:\.\.?)?(?:/[A-Za-z0-9._+-]+)+")


class Unfit(Exception):
    """Why the configuration is not edited; the text goes on after "because"."""


class MachineConfiguration:
    """A file of the machine's configuration, such as that which it begins with."""

    def __init__(self, file: Path) -> None:
        """Look at `file`; nothing is read yet."""
        self._file = file

    def plan_import(self, imported: Path, *, is_there: bool) -> ImportEdit:
        """Return the edit that imports `imported`, after making it where it is not there.

        Raises `NotImported`, with what to do by hand, where the file is not of a shape, or not in
        a place, that can be edited without harm.
        """
        item = spelled(imported, self._file)
        creation = None
        if not is_there:
            patch = patch_of(str(imported), None, EMPTY, _CONTEXT)
            creation = FileEdit(str(imported), None, EMPTY, patch)
        patches = creation.diff if creation else ""
        try:
            before = self.text()
            after = add_import(before, item)
            patches += (diff := self._patch(before, after))
            self._check_place(self._file.parent, imported.parent)
            trial = add_import(before, spelled(EMPTY_FILE, self._file)) if creation else after
        except (Unfit, NotPlain) as why:
            raise self._refused(imported, str(why), patches) from None
        name = str(self._file)
        edit = FileEdit(name, before, after, diff)
        return ImportEdit(item, edit, FileEdit(name, before, trial, ""), creation)

    def plan_edits(self, edits: Sequence[Edit], folder: Path) -> FileEdit:
        """Return the edit that `edits` come to, if the file lies in `folder`. Raises `NotPlaced`.

        The error has the patch where one could be made.
        """
        patch = ""
        try:
            before = self._own_text(folder)
            after = _edited(before, edits)
            patch = self._patch(before, after)
            self.check_written_by_hand(before)
        except (Unfit, NotEditable) as why:
            question = why.question if isinstance(why, NotEditable) else ""
            raise NotPlaced(str(why), patch, question) from None
        return FileEdit(str(self._file), before, after, patch)

    def plan_return(self, done: FileEdit, edits: Sequence[Edit], folder: Path) -> FileEdit:
        """Return what takes `done` back: to the byte where it is as it was left, or as `edits`.

        Raises `NotPlaced`.
        """
        try:
            text = self._own_text(folder)
            if text != done.after or done.before is None:
                return self.plan_edits(edits, folder)
            self.check_written_by_hand(text)
            return FileEdit(done.file, text, done.before, self._patch(text, done.before))
        except Unfit as why:
            raise NotPlaced(str(why)) from None

    def _own_text(self, folder: Path) -> str:
        """Return the text, but of no file outside of `folder`: Nix says what its owner wants."""
        if not is_below(self._file, folder):
            raise Unfit(f"it lies outside of {folder}")
        return self.text()

    def check_written_by_hand(self, text: str) -> None:
        """Raise `Unfit` for a file that no person wrote, or that is better not written."""
        if self._file.name == _HARDWARE or _GENERATED in text:
            raise Unfit("it is generated")
        self._check_place(self._file.parent)

    def _refused(self, imported: Path, why: str, patch: str) -> NotImported:
        # Where a link leads, there Nix takes what is written from.
        item = spelled(imported, Path(real_path(self._file)))
        return not_edited((str(imported), str(self._file), item), f"because {why}", patch)

    def text(self) -> str:
        """Return the text. Raises `Unfit` for what is not a file to be edited."""
        try:
            content = read_plain_file(self._file)
        except FileNotFoundError:
            raise Unfit(_NO_FILE) from None
        except NotAFile as error:
            raise Unfit(f"it is {error}") from None
        if len(content) > _MAX_BYTES:
            raise Unfit(f"it is larger than {_MAX_BYTES} bytes")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Unfit("it is not UTF-8 text") from None

    def _check_place(self, *folders: Path) -> None:
        """Raise `Unfit` where a file in `folders` cannot be written, or better is not."""
        if _STORE in self._file.resolve().parents:
            raise Unfit("it lies in the Nix store")
        if self._file.stat().st_nlink > 1:
            raise Unfit("it has several names (hard links)")
        for directory in folders:
            if not directory.is_dir():
                raise Unfit(f"there is no directory {directory}")
            if os.statvfs(directory).f_flag & os.ST_RDONLY:
                raise Unfit(f"{directory} is read-only for the daemon")

    def _patch(self, before: str, after: str) -> str:
        """Return the patch; where not everybody may read the file, only what is added is in it.

        Everybody may ask for a plan. Raises `Unfit` where more than that would be shown.
        """
        if is_public(self._file):
            return patch_of(str(self._file), before, after, _CONTEXT)
        patch = patch_of(str(self._file), before, after, 0)
        if "\n-" in patch:
            raise Unfit("not everybody may read it, and the patch would show a line of it")
        return patch


def _edited(text: str, edits: Sequence[Edit]) -> str:
    from luminous_daemon.configuration.editing import edit_text  # noqa: PLC0415 - 1.7 MB, and few changes need it

    after = text
    for edit in edits:
        after = edit_text(after, edit)
    if after == text:
        raise Unfit(_NOT_SEEN)
    return after


def is_below(file: Path, folder: Path) -> bool:
    """Tell whether `file` is a Nix file in `folder`, by its name and by where that leads."""
    if file.suffix != ".nix" or ".." in file.parts:
        return False
    real = Path(real_path(file.parent))
    return file.is_relative_to(folder) and real.is_relative_to(real_path(folder))


def spelled(imported: Path, configuration: Path) -> str:
    """Return how `configuration` names `imported`: relatively where both lie in one tree."""
    folder = configuration.parent
    if imported.is_relative_to(folder):
        name = f"./{imported.relative_to(folder)}"
    elif _is_near(imported.parent, folder):
        name = os.path.relpath(imported, folder)
    else:
        name = str(imported)
    if _PATH_LITERAL.fullmatch(name):
        return name
    base = "/." if name.startswith("/") else "./."
    return f"({base} + {render_string('/' + name.removeprefix('./').lstrip('/'))})"


def _is_near(one: Path, other: Path) -> bool:
    """Tell whether a way with `..` leads from one folder to the other, below a common one.

    Nix follows links on such a way, so there may be none.
    """
    common = Path(os.path.commonpath((one, other)))
    is_straight = all(folder.resolve() == folder for folder in (one, other))
    return is_straight and common.parent != common.parent.parent
