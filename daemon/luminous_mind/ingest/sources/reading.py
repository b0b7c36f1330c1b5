"""Reading: files as they may be, which is huge, no text, a pipe, or a link to somewhere else."""

from __future__ import annotations

import gzip
import json
import os
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from luminous_mind.knowledge.documents import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 2**20
_MOST_OF_A_LIST = 1024 * MIB
_MOST_OF_A_TEXT = 4 * MIB
_MOST_OF_A_LINE = 4 * MIB
_MOST_FILES = 50_000
_DEEPEST = 12


class SourceError(ValueError):
    """A source, or one place in it, cannot be read."""


@dataclass(frozen=True, slots=True)
class Rename:
    """An option that has another name now."""

    old: str
    new: str


Item = Document | Rename | SourceError
if TYPE_CHECKING:
    Reader = Callable[[Path], Iterator[Item]]


def opened(file: Path, most: int = _MOST_OF_A_LIST) -> BinaryIO:
    """Open an ordinary file of at most so many bytes. Raises SourceError and OSError."""
    # Without waiting: at the other end of a pipe there may never be anybody.
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode) or about.st_size > most:
        os.close(handle)
        reason = f"larger than {most // MIB} MiB" if stat.S_ISREG(about.st_mode) else "no file"
        raise SourceError(f"{file} is {reason}.")
    return os.fdopen(handle, "rb")


def text_of(file: Path) -> str:
    """Return a text, also of a compressed file. Raises SourceError and OSError."""
    with opened(file, _MOST_OF_A_TEXT) as content:
        try:
            packed = gzip.GzipFile(fileobj=content) if file.suffix == ".gz" else content
            found = packed.read(_MOST_OF_A_TEXT)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise SourceError(f"{file} is damaged: {error}.") from None
    if b"\0" in found:
        raise SourceError(f"{file} is no text.")
    return found.decode(errors="replace")


def object_in(file: Path) -> dict[str, Any]:
    """Return the object that a JSON file holds. Raises SourceError and OSError."""
    with opened(file) as content:
        try:
            found = json.loads(content.read().decode(errors="replace"))
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{file} is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise SourceError(f"{file} holds no object by name.")
    return found


def records_in(file: Path) -> Iterator[tuple[str, dict[str, Any] | SourceError]]:
    """Yield the objects of a file of JSON lines, each with the name of its line."""
    with opened(file) as content:
        number = 0
        while line := content.readline(_MOST_OF_A_LINE):
            number += 1
            place = f"{file}, line {number},"
            if line.strip():
                yield place, _record(place, line)


def _record(place: str, line: bytes) -> dict[str, Any] | SourceError:
    try:
        found = json.loads(line.decode(errors="replace"))
    except (ValueError, RecursionError) as error:
        return SourceError(f"{place} is not JSON: {error}.")
    return found if isinstance(found, dict) else SourceError(f"{place} is no object.")


def made_of(
    records: Iterator[tuple[str, dict[str, Any] | SourceError]],
    make: Callable[[dict[str, Any]], Document | Rename],
) -> Iterator[Item]:
    """Yield what `make` makes of records; of one that lacks something, an error with its place."""
    for place, record in records:
        if isinstance(record, SourceError):
            yield record
            continue
        try:
            yield make(record)
        except KeyError as error:
            yield SourceError(f"{place} lacks {error}.")
        except (TypeError, AttributeError, IndexError):
            yield SourceError(f"{place} has a value of another kind than it should.")


def files_in(folder: Path, *, leaving: bool) -> Iterator[Path | SourceError]:
    """Yield the files in a directory, in order; a single file is one of its own.

    Links are followed when they may be `leaving` the directory; otherwise only to files in it.
    """
    if not folder.is_dir():
        yield folder
        return
    inside = folder.resolve()
    for number, file in enumerate(_walk(folder, leaving=leaving)):
        if number >= _MOST_FILES:
            yield SourceError(f"{folder} holds more than {_MOST_FILES} files.")
            return
        if leaving or file.resolve().is_relative_to(inside):
            yield file
        else:
            yield SourceError(f"{file} is a link to somewhere else.")


def _walk(folder: Path, *, leaving: bool) -> Iterator[Path]:
    """Yield all files but hidden ones, in order; no directory twice, however it is linked."""
    seen = set[str]()
    for place, folders, names in os.walk(folder, followlinks=leaving):
        real = os.path.realpath(place)
        depth = len(Path(place).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if name[0] != "." and depth < _DEEPEST)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        yield from (Path(place, name) for name in sorted(names) if name[0] != ".")


def texts_in(
    folder: Path, is_wanted: Callable[[Path], bool], *, leaving: bool
) -> Iterator[tuple[Path, str | SourceError]]:
    """Yield the texts in a directory that are wanted by their names, each with its file."""
    for file in files_in(folder, leaving=leaving):
        if isinstance(file, SourceError):
            yield folder, file
        elif is_wanted(file):
            try:
                yield file, text_of(file)
            except SourceError as error:
                yield file, error
            except OSError as error:
                yield file, SourceError(f"{file} cannot be read: {error.strerror}.")


def text(value: object) -> str:
    """Return a text as it stands, or in the wrapping in which NixOS renders literals."""
    if isinstance(value, dict):
        return str(value.get("text", ""))
    return str(value)


def first(value: object) -> str:
    """Return a text, or the first of a list of them."""
    while isinstance(value, list):
        value = value[0] if value else ""
    return value if isinstance(value, str) else ""
