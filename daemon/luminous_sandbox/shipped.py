"""The shipped files: where the product's own bus policy and polkit actions are on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

_SOURCE_ROOT = Path(__file__).resolve().parents[1]
_CHECKOUT = _SOURCE_ROOT.parent

BUS_POLICY: Final = "org.luminous1.conf"
POLKIT_ACTIONS: Final = "org.luminous1.policy"

# For each file: its folder in a checkout, then its folder below the prefix of an installation.
_PLACES: Final[dict[str, tuple[Path, str]]] = {
    BUS_POLICY: (_SOURCE_ROOT / "data/dbus", "share/dbus-1/system.d"),
    POLKIT_ACTIONS: (_CHECKOUT / "polkit", "share/polkit-1/actions"),
}


class ShippedFileMissingError(RuntimeError):
    """A file that belongs to the product is not where an installation or a checkout has it."""


def shipped_file(name: str) -> Path:
    """Return where one of the product's files is: in the checkout, else in the installation.

    Raises ShippedFileMissingError, which names the places that were looked at.
    """
    checkout, installed = _PLACES[name]
    places = [
        checkout / name,
        *(Path(prefix) / installed / name for prefix in (sys.prefix, "/usr")),
    ]
    for place in places:
        if place.is_file():
            return place
    looked = ", ".join(str(place) for place in places)
    raise ShippedFileMissingError(f"{name} belongs to Luminous but is at none of: {looked}.")


def checkout() -> Path | None:
    """Return the folder of the checkout that this code runs from, or None when it is installed."""
    return _CHECKOUT if (_CHECKOUT / "pyproject.toml").is_file() else None
