"""Reading a built system: its units, and what a reboot is needed for."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.facts import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS = "etc/systemd/system"
_WANTS = (".wants", ".requires")


class BuiltSystems:
    """Reads toplevels in the store."""

    def units(self, toplevel: str) -> Mapping[str, Unit]:
        """Return the units of `toplevel` by name."""
        directory = Path(toplevel) / _UNITS
        try:
            entries = sorted(os.listdir(directory))  # noqa: PTH208 - names
        except OSError:
            return {}
        wanted = {
            name
            for entry in entries
            if entry.endswith(_WANTS)
            for name in os.listdir(directory / entry)  # noqa: PTH208 - names
        }
        return {
            entry: Unit(_read(directory / entry), entry in wanted)
            for entry in entries
            if (directory / entry).is_file()
        }

    def boot(self, toplevel: str) -> Mapping[str, str]:
        """Return what a reboot is needed for, as texts that differ when it is."""
        root = Path(toplevel)
        return {
            "kernel": os.path.realpath(root / "kernel"),
            "initrd": os.path.realpath(root / "initrd"),
            "parameters": _read(root / "kernel-params").strip(),
        }

    def inhibitors(self, toplevel: str) -> Mapping[str, str]:
        """Return the parts that NixOS (since 26.05) does not exchange while the machine runs.

        What is no such list is none, as it is for NixOS.
        """
        try:
            found = json.loads(_read(Path(toplevel) / "switch-inhibitors") or "{}")
        except (ValueError, RecursionError):
            return {}
        items = found.items() if isinstance(found, dict) else ()
        return {name: str(value) for name, value in items}

    def boot_sizes(self, toplevel: str) -> Mapping[str, int]:
        """Return the bytes of the kernel and of the initrd; nothing for what is not there."""
        found = {}
        for part in ("kernel", "initrd"):
            with contextlib.suppress(OSError):
                found[part] = (Path(toplevel) / part).stat().st_size
        return found


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
