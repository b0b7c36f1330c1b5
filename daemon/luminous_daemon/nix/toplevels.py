"""Reading a built system: its units, and what a reboot is needed for."""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.facts import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

_WANTS = (".wants", ".requires")
_DROP_INS = ".d"
_GENERATED = re.compile(r"^/nix/store/[a-z0-9]{32}-unit-")


class BuiltSystems:
    """Reads toplevels in the store."""

    def units(self, toplevel: str) -> Mapping[str, Unit]:
        """Return the units of `toplevel` by name."""
        return _units_in(Path(toplevel) / "etc/systemd/system")

    def user_units(self, toplevel: str) -> Mapping[str, Unit]:
        """Return the units that each user's own manager runs, by name."""
        return _units_in(Path(toplevel) / "etc/systemd/user")

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


def _units_in(directory: Path) -> dict[str, Unit]:
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
    extended = {entry.removesuffix(_DROP_INS) for entry in entries if entry.endswith(_DROP_INS)}
    files = {entry: directory / entry for entry in entries}
    for name in extended - files.keys():  # an instance that is only an addition to its template
        files[name] = directory / re.sub(r"@[^@]*\.", "@.", name)
    return {
        name: _unit(file, name, is_wanted=name in wanted, is_extended=name in extended)
        for name, file in files.items()
        if file.is_file()
    }


def _unit(file: Path, name: str, *, is_wanted: bool, is_extended: bool) -> Unit:
    """Read a unit with its drop-ins, in the order in which systemd reads them."""
    text = _read(file)
    if is_extended:
        folder = file.with_name(f"{name}{_DROP_INS}")
        parts = [part for part in sorted(folder.glob("*.conf")) if part.is_file()]
        text = "\n".join([text, *map(_read, parts)])
    # What NixOS writes lies in a derivation of its own; the rest is linked from a package.
    is_generated = _GENERATED.search(os.path.realpath(file)) is not None
    return Unit(text, is_wanted, is_generated=is_generated)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
