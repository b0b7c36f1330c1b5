"""The file that Luminous owns on disk: reading it, and replacing it whole or not at all."""

from __future__ import annotations

import contextlib
import difflib
import errno
import os
import stat
import tempfile
from hashlib import sha256
from pathlib import Path

from luminous_daemon.configuration.locate import locate
from luminous_daemon.configuration.module_file import lines_of, read_module, render_module
from luminous_daemon.core.ports import FileEdit, Snapshot
from luminous_protocol.errors import ConfigurationUnreadable, Drifted, NotImported

MAX_BYTES = 4 * 1024 * 1024
_HASHED_SUFFIXES = {".nix", ".lock"}


class OwnedFile:
    """`luminous.nix` in a machine's configuration directory."""

    def __init__(self, file: Path) -> None:
        """Own `file`; nothing is read yet."""
        self._file = file

    def read(self) -> Snapshot:
        """Return the definitions, the bytes they come from and the digest of all Nix files beside.

        Raises `NotImported` when the file is missing and `ConfigurationUnreadable` when it is not
        in Luminous's form.
        """
        content = self._content()
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise ConfigurationUnreadable(
                f"{self._file} is not UTF-8 text, so it was left alone.", {"file": str(self._file)}
            ) from None
        return Snapshot(
            file=str(self._file),
            text=text,
            definitions=read_module(text, str(self._file)),
            digest=self.digest(),
        )

    def plan_edit(self, snapshot: Snapshot, after: str) -> FileEdit:
        """Return the edit from the snapshot's text to `after`, with a unified diff to show.

        Raises `ConfigurationUnreadable` for a text that would be too large to be read again.
        """
        if len(after.encode()) > MAX_BYTES:
            raise self._too_large()
        diff = difflib.unified_diff(
            lines_of(snapshot.text),
            lines_of(after),
            fromfile=snapshot.file,
            tofile=snapshot.file,
            n=0,
        )
        return FileEdit(file=snapshot.file, before=snapshot.text, after=after, diff="".join(diff))

    render = staticmethod(render_module)
    locate = staticmethod(locate)

    def digest(self) -> str:
        """Return a digest of every Nix file in the configuration directory, names included."""
        found = sha256()
        for path in sorted(self._file.parent.rglob("*")):
            if path.suffix in _HASHED_SUFFIXES and path.is_file() and ".git" not in path.parts:
                found.update(str(path).encode() + b"\0")
                found.update(sha256(path.read_bytes()).digest())
        return found.hexdigest()

    def replace(self, edit: FileEdit) -> None:
        """Write `edit`. Raises `Drifted`, and writes nothing, if the file is not as it was."""
        if self._content() != edit.before.encode():
            raise Drifted(f"{self._file} has changed since the plan was made. Plan again.")
        self._write(edit.after)

    def restore(self, edit: FileEdit) -> None:
        """Take `edit` back, unless somebody else has changed the file since."""
        if self._content() == edit.after.encode():
            self._write(edit.before)

    def remove_leftovers(self) -> None:
        """Remove what a write left behind that was cut off."""
        for path in self._file.parent.glob(f"{self._prefix}*"):
            path.unlink(missing_ok=True)

    @property
    def _prefix(self) -> str:
        return f".{self._file.name}."

    def _content(self) -> bytes:
        try:
            content = self._read_plain_file()
        except FileNotFoundError:
            raise NotImported(
                f"There is no {self._file}. Make it, as root: luminousd --print-module > "
                f"{self._file} and add ./{self._file.name} to the imports of your configuration.",
                {"file": str(self._file)},
            ) from None
        if len(content) > MAX_BYTES:
            raise self._too_large()
        return content

    def _read_plain_file(self) -> bytes:
        """Return the file's bytes. Its directory is a user's: it may be a link, a pipe, anything.

        A link would let that user read and write through root what is none of theirs, and a pipe
        would keep root waiting.
        """
        try:
            handle = os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise self._not_plain("a symbolic link") from None
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise self._not_plain("no file")
            with open(handle, "rb", closefd=False) as opened:
                return opened.read(MAX_BYTES + 1)
        finally:
            os.close(handle)

    def _not_plain(self, what: str) -> ConfigurationUnreadable:
        return ConfigurationUnreadable(
            f"{self._file} is {what}, so it was left alone. Put a file there, or name another "
            "place with `file` in /etc/luminous/luminous.toml.",
            {"file": str(self._file)},
        )

    def _too_large(self) -> ConfigurationUnreadable:
        return ConfigurationUnreadable(
            f"{self._file} is larger than {MAX_BYTES} bytes, or would be. "
            "Move some of its lines into files of your own.",
            {"file": str(self._file)},
        )

    def _write(self, text: str) -> None:
        """Replace the file atomically, keeping its mode and owner."""
        status = self._file.lstat()
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=self._prefix)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as opened:
                os.fchown(handle, status.st_uid, status.st_gid)
                os.fchmod(handle, status.st_mode & 0o7777)
                opened.write(text.encode())
                opened.flush()
                os.fsync(handle)
            temporary.replace(self._file)
            _sync_directory(self._file.parent)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
            raise


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
