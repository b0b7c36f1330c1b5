"""Who may read a file of the configuration: everybody on the machine, or its owner alone."""

from __future__ import annotations

import re
import stat
from pathlib import Path

_ROOT = 0
_WHICH_MODULE = re.compile(r"(?:#|, via ).*", re.DOTALL)
"""What flakes put after a file's name for one of the modules in it."""


def is_public(file: Path) -> bool:
    """Tell whether everybody on the machine may read `file`, wherever links on its way lead."""
    real = file.resolve(strict=True)
    ways = all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents)
    return ways and bool(real.stat().st_mode & stat.S_IROTH)


def may_read(name: str, uid: int) -> bool:
    """Tell whether a user may know what is in a file that Nix names; no, where that is not sure.

    A directory stands for the `default.nix` in it.
    """
    if uid == _ROOT:
        return True
    for spelling in (name, _WHICH_MODULE.sub("", name)):
        try:
            file = Path(spelling)
            file = file / "default.nix" if file.is_dir() else file
            return file.stat().st_uid == uid or is_public(file)
        except (OSError, ValueError, RuntimeError):
            continue
    return False
