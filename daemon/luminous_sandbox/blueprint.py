"""The blueprint: what the machine that PID 1 makes consists of, as the runner sends it there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Final

HOST_NAME: Final = "luminous-sandbox"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A file or folder of the host that is seen in the machine, and cannot be written there."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder that the machine has, with its mode and owner."""

    path: str
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that the machine has instead of the host's, with its mode and owner."""

    path: str
    text: str
    mode: int = 0o644
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A folder of the template that is copied, so that it belongs to this machine alone."""

    source: str
    target: str
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """The whole machine.

    `store` is the folder that /nix starts with. `removed` are the host's folders that the machine
    does without. Folders and files are made in this order, after everything else is in place.
    """

    store: str | None = None
    shown: list[Shown] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    def to_json(self) -> str:
        """Return the blueprint as one line."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(line: str) -> Blueprint:
        """Return the blueprint that `to_json` wrote."""
        read = json.loads(line)
        return Blueprint(
            store=read["store"],
            shown=[Shown(**item) for item in read["shown"]],
            removed=read["removed"],
            copies=[Copy(**item) for item in read["copies"]],
            folders=[Folder(**item) for item in read["folders"]],
            files=[File(**item) for item in read["files"]],
        )
