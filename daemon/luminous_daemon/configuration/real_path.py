"""Where links lead, also where somebody makes other ones meanwhile."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from luminous_protocol.errors import Drifted

if TYPE_CHECKING:
    from pathlib import Path

_LOOKS = 100


def real_path(path: str | Path) -> str:
    """Return where `path` leads, as far as anything is there.

    `os.path.realpath` looks twice at each link, and raises where it is none at its second look;
    then the answer is that of another try. Raises `Drifted` where none succeeds.
    """
    for _ in range(_LOOKS):
        try:
            return os.path.realpath(path)
        except OSError:
            continue
    raise Drifted(f"{path} is another file each time it is looked at. Nothing was changed.")
