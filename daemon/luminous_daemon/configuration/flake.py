"""The reference to this machine's flake: where it lies, and which of its systems this one is."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path

from luminous_daemon.configuration.real_path import real_path
from luminous_protocol.errors import ConfigurationUnreadable

_DIRECTORY = re.compile(r"/[A-Za-z0-9/._+-]*")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Flake:
    """A flake in a directory of this machine, whose nixosConfigurations has it as `name`."""

    directory: Path
    name: str

    def __str__(self) -> str:
        return f"{self.directory}#{self.name}"

    @property
    def file(self) -> Path:
        """The flake's own file."""
        return self.directory / "flake.nix"

    @property
    def lock(self) -> Path:
        """The file that says which inputs are in force."""
        return self.directory / "flake.lock"

    def work_tree(self) -> Path | None:
        """Return the git work tree that the flake lies in, as Nix finds it, or None."""
        real = Path(real_path(self.directory))
        return next((path for path in (real, *real.parents) if (path / ".git").exists()), None)

    def root(self) -> Path:
        """Return the directory that Nix copies to evaluate the flake."""
        return self.work_tree() or Path(real_path(self.directory))

    def url(self) -> str:
        """Return what Nix takes for the flake as `nixos-rebuild --flake DIRECTORY` means it.

        Nix's own `getFlake` would take a bare path for a directory without a repository, and copy
        all of it into the store, where everybody can read it. Raises `ConfigurationUnreadable`
        where a link leads to a directory whose name would mean something else in there.
        """
        real, tree = real_path(self.directory), self.work_tree()
        if not _DIRECTORY.fullmatch(real):
            # Not escaped: Nix 2.8 takes an escape for a part of the name.
            raise ConfigurationUnreadable(
                f"The flake in {self.directory} lies in {real!r}, which Nix can misread. Use a "
                "directory whose path has letters, digits and . _ + - only."
            )
        if tree is None:
            return f"path:{real}"
        below = os.path.relpath(real, tree)
        parts = [f"dir={below}"] if below != "." else []
        parts += ["shallow=1"] if (tree / ".git/shallow").exists() else []
        return f"git+file://{tree}" + (f"?{'&'.join(parts)}" if parts else "")


def read_flake(text: str) -> Flake:
    """Return the flake that `DIRECTORY#NAME` means; without a name it is that of the host.

    Raises ValueError with a sentence for people.
    """
    directory, _, name = text.partition("#")
    if _SCHEME.match(text):
        raise ValueError(
            f"Luminous edits a file of the flake, so {text} must be here: name a directory of this "
            "machine, such as /etc/nixos#NAME."
        )
    if not _DIRECTORY.fullmatch(directory):
        raise ValueError(
            f"{text!r} is no flake that Luminous can edit. Write DIRECTORY#NAME, with the whole "
            "path of a directory, of letters, digits and . _ + - only."
        )
    if name and not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be the name of a system in a flake.")
    return Flake(Path(os.path.normpath(directory)), name or socket.gethostname())
