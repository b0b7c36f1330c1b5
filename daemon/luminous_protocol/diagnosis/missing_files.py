"""Missing files: where a configuration names one that is not there, and what there is instead."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from luminous_protocol.diagnosis.report import Place
from luminous_protocol.diagnosis.suggestions import alike
from luminous_protocol.diagnosis.tokens import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from luminous_protocol.diagnosis.report import Diagnosis

_MOST = 3


class Sources(Protocol):
    """The files of a configuration, as the person who asks may read them."""

    def read(self, file: str) -> str | None:
        """Return the text of a file; None for one that cannot be read, or is too long."""

    def files(self) -> Iterable[str]:
        """Return the Nix files of the configuration."""

    def names(self, directory: str) -> Collection[str] | None:
        """Return what lies in a directory; None where it is none, or cannot be read."""


def missing_file(diagnosis: Diagnosis, sources: Sources) -> Diagnosis:
    """Return a diagnosis with where the file is named, and the names that may have been meant."""
    wanted = _wanted(diagnosis)
    if not wanted:
        return diagnosis
    named = next(_named(wanted, sources), None)
    if named and not (diagnosis.place and diagnosis.place.line):
        diagnosis = replace(diagnosis, place=named[0])
    near = near_files(wanted, sources)
    if near is None:
        return diagnosis
    # No file imports itself.
    near = tuple(path for path in near if not (named and path == named[0].file))
    if not near:
        # There is nothing that git could be told of.
        return replace(diagnosis, repairs=())
    advice = diagnosis.advice
    if named:
        place, written = named
        meant = _as_written(written, near[0], place.file)
        at = f"line {place.line}, column {place.column} of {place.file}"
        advice = (f"Write {meant} instead of {written} in {at}.",)
    return replace(diagnosis, suggestions=near, advice=advice, repairs=())


def _wanted(diagnosis: Diagnosis) -> str:
    """Return the whole path of the file."""
    path, root = (diagnosis.names.get(key, "") for key in ("path", "root"))
    whole = posixpath.normpath(path if diagnosis.kind == "missing-file" else f"{root}/{path}")
    return whole if whole.startswith("/") and (root or diagnosis.kind == "missing-file") else ""


def _named(wanted: str, sources: Sources) -> Iterator[tuple[Place, str]]:
    """Yield where files name that path, and how they write it."""
    for file in sources.files():
        source = Source(sources.read(file) or "")
        folder = posixpath.dirname(file)
        for token in source.tokens:
            is_plain = token.kind == "path" and not token.text.startswith(("<", "~"))
            if is_plain and posixpath.normpath(posixpath.join(folder, token.text)) == wanted:
                yield Place(file, *source.position(token.start)), token.text


def near_files(wanted: str, sources: Sources) -> tuple[str, ...] | None:
    """Return the paths that a slip of the hand could have made `wanted` of, the nearest first.

    None where the file is there, or nothing around it can be read.
    """
    parts = wanted.strip("/").split("/")
    for depth in range(len(parts) - 1, 0, -1):
        folder = "/" + "/".join(parts[:depth])
        names = sources.names(folder)
        if names is None:
            continue
        if parts[depth] in names:
            return None
        near = (
            posixpath.join(folder, name, *parts[depth + 1 :])
            for name in alike(parts[depth], sorted(names))
        )
        return tuple(path for path in near if depth == len(parts) - 1 or _is_there(path, sources))[
            :_MOST
        ]
    return None


def _is_there(path: str, sources: Sources) -> bool:
    return posixpath.basename(path) in (sources.names(posixpath.dirname(path)) or ())


def _as_written(written: str, meant: str, file: str) -> str:
    """Write a path as the wrong one is written, which may begin at the file's own folder."""
    if written.startswith("/"):
        return meant
    path = posixpath.relpath(meant, posixpath.dirname(file))
    return path if path.startswith("../") else f"./{path}"
