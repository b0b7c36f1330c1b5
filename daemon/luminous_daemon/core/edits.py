"""Edits of files, and the configurations that they lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luminous_daemon.core.definitions import Definition


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Luminous's file as it was read. `digest` covers all Nix files of the configuration."""

    file: str
    text: str
    definitions: tuple[Definition, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class FileEdit:
    """A whole file, before and after; `before` is None where there was none.

    `diff` is a unified diff for people.
    """

    file: str
    before: str | None
    after: str
    diff: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A configuration to evaluate: the one on disk, with edits and with inputs not yet in force.

    `inputs` is the path of a set of channels or of a lock file, or empty for those in use.
    `options` are names whose values are told as well, whether own files define them or not;
    `others` are edits of files that a person wrote, `tracked` files that git is to know.
    """

    edit: FileEdit | None = None
    inputs: str = ""
    options: tuple[str, ...] = ()
    others: tuple[FileEdit, ...] = ()
    tracked: tuple[str, ...] = ()

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        """All edits, each of another file."""
        return (*((self.edit,) if self.edit else ()), *self.others)
