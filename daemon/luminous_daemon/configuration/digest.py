"""The digest of a configuration: of all Nix and lock files in a directory that is a user's."""

from __future__ import annotations

import errno
import os
import stat
from hashlib import sha256
from typing import TYPE_CHECKING

from luminous_daemon.configuration.real_path import real_path
from luminous_protocol.errors import ConfigurationUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SUFFIXES = (".nix", ".lock")
_LEFT_OUT = {".git", ".jj", ".hg", ".direnv", "node_modules"}
"""Directories that hold no configuration, and may hold a lot."""
_STORE = "/nix/store"
_MAX_ENTRIES = 100_000
_MAX_BYTES = 16 * 1024 * 1024
"""The largest file that is read; the largest one of Nixpkgs would do."""
_MAX_BYTES_IN_ALL = 64 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}
"""What opening a file meets that is no file any more: nothing, a link, or a socket."""


def digest_of(folder: Path) -> str:
    """Return a digest of every Nix and lock file in `folder`, names included.

    Raises `ConfigurationUnreadable`, which names what is too much to be read.
    """
    survey, found = _Survey(str(folder)), sha256()
    for path in sorted(survey.paths()):
        found.update(os.fsencode(path) + b"\0" + survey.digest(path))
    return found.hexdigest()


class _Survey:
    """One look through a folder, as root and at what somebody else may change meanwhile."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._roots = (f"{real_path(folder)}/", f"{_STORE}/")
        self._entries = self._bytes = 0

    def paths(self) -> Iterator[str]:
        """Return the files that the digest covers; links to directories are not followed."""
        waiting = [self._folder]
        while waiting:
            directory = waiting.pop()
            for entry in self._listed(directory):
                path = f"{directory}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting += [] if entry.name in _LEFT_OUT else [path]
                elif entry.name.endswith(_SUFFIXES) and (
                    entry.is_symlink() or entry.is_file(follow_symlinks=False)
                ):
                    yield path

    def _listed(self, directory: str) -> Iterator[os.DirEntry[str]]:
        no_link = 0 if directory == self._folder else os.O_NOFOLLOW
        try:
            handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | no_link)
        except OSError:  # it has gone meanwhile, or is a link by now
            return
        try:
            with os.scandir(handle) as entries:
                for entry in entries:
                    self._entries += 1
                    if self._entries > _MAX_ENTRIES:
                        raise self._too_much(directory, f"There are more than {_MAX_ENTRIES} files")
                    yield entry
        finally:
            os.close(handle)

    def digest(self, path: str) -> bytes:
        """Return what stands for one file: its content, or where it leads and what is there."""
        try:
            target = os.readlink(path)  # noqa: PTH115 - a text, many times
        except OSError:
            return b"file" + self._content(path)
        real = real_path(path)
        return b"link" + sha256(os.fsencode(target)).digest() + self._beyond(real)

    def _beyond(self, real: str) -> bytes:
        """Return what stands for the file that a link leads to.

        The owner of the link could not read just any; of a file elsewhere it is told only whether
        it is another one or has been written to.
        """
        if real.startswith(self._roots):
            return self._content(real)
        try:
            status = os.stat(real)  # noqa: PTH116 - a text, many times
        except OSError:
            return b""
        return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}".encode()

    def _content(self, path: str) -> bytes:
        """Return the digest of a file's content; nothing where there is no such file any more."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in _GONE:
                return b""
            raise self._too_much(path, f"It cannot be read ({error.strerror})") from None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                return b""
            if status.st_size > _MAX_BYTES:
                raise self._too_much(path, f"It is larger than {_MAX_BYTES} bytes")
            return self._read(handle, path)
        finally:
            os.close(handle)

    def _read(self, handle: int, path: str) -> bytes:
        found = sha256()
        while chunk := os.read(handle, _CHUNK_BYTES):
            self._bytes += len(chunk)
            if self._bytes > _MAX_BYTES_IN_ALL:
                reason = f"With it, the files are larger than {_MAX_BYTES_IN_ALL} bytes in all"
                raise self._too_much(path, reason)
            found.update(chunk)
        return found.digest()

    def _too_much(self, path: str, reason: str) -> ConfigurationUnreadable:
        name = os.fsencode(path).decode(errors="replace")
        return ConfigurationUnreadable(
            f"The configuration was not looked at because of {name}. {reason}. "
            f"Move what is no configuration out of {self._folder}.",
            {"file": name},
        )
