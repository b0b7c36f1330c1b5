"""Artefacts: folders that are written whole by one program and checked by the one that opens them.

An artefact has a manifest beside its files: of which kind and format it is, some facts about it,
and size and SHA-256 of each file. It gets its name in one step, when all of it is on disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Fact = str | int | float | bool

MANIFEST: Final = "manifest.json"
_MOST_OF_A_MANIFEST: Final = 64 * 1024
_ABANDONED: Final = 24 * 3600.0


class ArtefactUnusable(Exception):
    """An artefact that cannot be used; the message says what to do."""


class ArtefactMissing(ArtefactUnusable):
    """There is none, or one that was never finished."""


class ArtefactDamaged(ArtefactUnusable):
    """Its files are not those that were written."""


class ArtefactOutdated(ArtefactUnusable):
    """It is of another kind or format than this version of Luminous reads."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What an artefact is, which format of it is current, and what to do when it is unusable."""

    name: str
    format: int
    remedy: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Facts about an artefact, and one digest over all its files."""

    facts: Mapping[str, Fact]
    digest: str


def write_artefact(folder: Path, kind: Kind, fill: Callable[[Path], Mapping[str, Fact]]) -> str:
    """Make the artefact `folder`, and return its digest.

    `fill` writes its files into a folder and returns its facts. One that has the name already stays
    until the new one is whole. Raises OSError.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(folder)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        facts = fill(unfinished)
        digest = _write_manifest(unfinished, kind, facts)
        unfinished.chmod(0o755)  # mkdtemp gives 700; whoever may read the parent may read it
        _publish(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return digest


def read_artefact(folder: Path, kind: Kind) -> Manifest:
    """Check all files of the artefact `folder` and return what its manifest says.

    Raises ArtefactMissing, ArtefactOutdated and ArtefactDamaged.
    """
    manifest = _read_manifest(folder, kind)
    if (manifest.get("kind"), manifest.get("format")) != (kind.name, kind.format):
        raise ArtefactOutdated(
            f"{folder} holds no {kind.name} of format {kind.format}. {kind.remedy}"
        )
    files, facts = manifest.get("files"), manifest.get("facts")
    if not isinstance(files, dict) or not isinstance(facts, dict):
        raise _damaged(folder, MANIFEST, kind)
    for name, expected in files.items():
        if not _is_whole(folder / Path(name).name, expected):
            raise _damaged(folder, name, kind)
    return Manifest(facts=facts, digest=_digest_of(files))


def _write_manifest(folder: Path, kind: Kind, facts: Mapping[str, Fact]) -> str:
    names = sorted(path.name for path in folder.iterdir())
    files = {name: _measure(folder / name) for name in names}
    content = {"kind": kind.name, "format": kind.format, "facts": dict(facts), "files": files}
    (folder / MANIFEST).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    for name in [*names, MANIFEST]:
        (folder / name).chmod(0o644)
        _sync(folder / name)
    _sync(folder)
    return _digest_of(files)


def _clear_abandoned(folder: Path) -> None:
    """Remove what a killed program left unfinished; a day is more than any of them takes."""
    for left in folder.parent.glob(f".{folder.name}.*/"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left)


def clear_unfinished(parent: Path) -> None:
    """Remove what killed programs have left unfinished; nobody writes below `parent` meanwhile."""
    for left in parent.glob(".*.*/"):
        shutil.rmtree(left, ignore_errors=True)


def _publish(unfinished: Path, folder: Path) -> None:
    """Give the finished folder its name; another that had it goes."""
    if folder.exists():
        aside = unfinished.with_name(unfinished.name + ".old")
        folder.rename(aside)
        unfinished.rename(folder)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        unfinished.rename(folder)
    _sync(folder.parent)


def _read_manifest(folder: Path, kind: Kind) -> dict[str, object]:
    try:
        with (folder / MANIFEST).open("rb") as file:
            content = json.loads(file.read(_MOST_OF_A_MANIFEST))
    except (FileNotFoundError, NotADirectoryError):
        raise ArtefactMissing(f"There is no {kind.name} in {folder}. {kind.remedy}") from None
    except OSError as error:
        raise ArtefactMissing(f"{folder} cannot be read: {error}. {kind.remedy}") from error
    except (ValueError, RecursionError):
        raise _damaged(folder, MANIFEST, kind) from None
    if not isinstance(content, dict):
        raise _damaged(folder, MANIFEST, kind)
    return content


def _damaged(folder: Path, name: str, kind: Kind) -> ArtefactDamaged:
    return ArtefactDamaged(
        f"The {kind.name} in {folder} is damaged: {name} is not what was written. {kind.remedy}"
    )


def _measure(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"size": path.stat().st_size, "sha256": digest}


def _is_whole(path: Path, expected: object) -> bool:
    try:
        # The size first: what was cut short is seen without reading it.
        return (
            isinstance(expected, dict)
            and path.stat().st_size == expected.get("size")
            and _measure(path) == expected
        )
    except OSError:
        return False


def _digest_of(files: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
