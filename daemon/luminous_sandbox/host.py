"""The host: which of its folders programs in the machine need, and whether it can run one."""

from __future__ import annotations

import compileall
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from luminous_sandbox.blueprint import Shown
from luminous_sandbox.shipped import checkout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

POLKITD: Final = Path("/usr/lib/polkit-1/polkitd")

# Programs that the runner starts, with the Debian package that has each.
_PROGRAMS: Final = {
    "dbus-daemon": "dbus-daemon",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "setsid": "util-linux",
    "bash": "bash",
    "nice": "coreutils",
    str(POLKITD): "polkitd",
}
_PACKAGES: Final = (
    "luminous_sandbox",
    "luminous_protocol",
    "luminous_daemon",
    "luminous_mind",
    "luminous_clients",
)

_OPEN: Final = 0o005


class HostError(RuntimeError):
    """This machine cannot run a sandbox; the message says why and what to do."""


def check_host() -> None:
    """Raise HostError when a sandbox cannot run here."""
    if os.geteuid() != 0:
        raise HostError("The sandbox makes namespaces and mounts, so it must be started as root.")
    missing = sorted({package for name, package in _PROGRAMS.items() if not shutil.which(name)})
    if missing:
        packages = " ".join(missing)
        raise HostError(f"The sandbox needs {packages}: run `apt-get install {packages}`.")
    for folder in (*_source_roots(), Path(sys.prefix)):
        if folder.stat().st_mode & _OPEN != _OPEN:
            raise HostError(
                f"The users of the sandbox run programs from {folder}, which is closed to others: "
                f"run `chmod -R o+rX {folder}`."
            )


def shown_folders() -> list[Shown]:
    """Return the folders of the host that hold this program, its Python and its libraries."""
    python = [Path(sys.prefix), Path(sys.base_prefix)]
    outside = [folder for folder in python if not folder.is_relative_to("/usr")]
    wanted = [*_code_folders(), *outside]
    return [Shown(source=str(path), target=str(path)) for path in _outermost(wanted)]


def compile_sources() -> None:
    """Compile the packages' sources: unprivileged users of a sandbox could not keep the result."""
    for root in _source_roots():
        if os.access(root, os.W_OK):
            compileall.compile_dir(root, quiet=2)


def _code_folders() -> list[Path]:
    """Return the folders with our code.

    A checkout shows its folders one by one, because the checkout's own folder may be closed to
    others (as one that mktemp made is).
    """
    place = checkout()
    if place is None:
        return list(_source_roots())
    return [folder for folder in place.iterdir() if folder.is_dir() and folder.name != ".git"]


def _source_roots() -> Iterator[Path]:
    found: set[Path] = set()
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        for location in (spec.submodule_search_locations or []) if spec else []:
            found.add(Path(location).resolve())
    yield from sorted(found)


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Return the paths that lie in none of the others."""
    kept: list[Path] = []
    for path in sorted(set(paths)):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept
