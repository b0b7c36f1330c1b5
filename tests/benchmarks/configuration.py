"""The configuration as a person would edit it, for references that work without Luminous."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.benchmarks.machine import Machine

FOLDER: Final = "/etc/nixos"
OWN_FILE: Final = f"{FOLDER}/luminous.nix"

_END_OF_LIST: Final = "  ];\n"


def with_package(text: str, package: str) -> str:
    """Return the text of luminous.nix with one package more."""
    before, end, after = text.rpartition(_END_OF_LIST)
    if not end:
        raise ValueError("luminous.nix has no list of definitions.")
    line = f"    {{ environment.systemPackages = [ pkgs.{package} ]; }}\n"
    return f"{before}{line}{end}{after}"


def copy_with_package(machine: Machine, package: str, folder: str) -> str:
    """Copy the configuration into a folder, with one package more; return its main file's path."""
    target = machine.path(folder)
    shutil.copytree(machine.real_path(FOLDER), target)
    own = target / "luminous.nix"
    own.write_text(with_package(own.read_text(encoding="utf-8"), package), encoding="utf-8")
    return f"{folder}/configuration.nix"
