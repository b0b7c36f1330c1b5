"""Broken: machines with one thing wrong, and what the command says that meets it."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.users import UserName

DATA = Path(__file__).parent / "data" / "errors"
ETC = "/etc/nixos"
_BEFORE = "  # The release this machine was installed with."
_BUILD = ("nixos-rebuild", "build")


@dataclass(frozen=True)
class Broken:
    """A machine with one thing wrong, and what is to be found out about it."""

    name: str
    kind: str
    old: str = ""
    new: str = ""
    add: str = ""
    file: str = "configuration.nix"
    files: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = _BUILD
    machine: str = "channels"
    user: UserName | None = None
    knob: str = ""
    place: str = ""
    unplaced: tuple[str, ...] = ()
    repairable: bool = False

    @property
    def asker(self) -> UserName:
        """Return who runs the command: root where it needs that, otherwise the owner."""
        return self.user or ("root" if self.command[1] in {"switch", "boot", "test"} else "alice")


def caused(machine: str = "") -> list[Broken]:
    """Return all broken machines, or those of one sort."""
    read = tomllib.loads((DATA / "caused.toml").read_text())["case"]
    found = [Broken(**{**case, "command": tuple(case.get("command", _BUILD))}) for case in read]
    return [case for case in found if machine in {"", case.machine}]


class Workshop:
    """A sandbox whose configuration is broken and mended again, case after case."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Keep what the configuration is like when nothing is wrong."""
        self._sandbox = sandbox
        self._folder = sandbox.path(ETC)
        self._kept = {
            path.relative_to(self._folder): path.read_text()
            for path in self._folder.rglob("*")
            if path.is_file() and ".git" not in path.parts
        }

    def break_it(self, case: Broken) -> None:
        """Make the machine what the case says."""
        self.mend()
        edited = self._folder / case.file
        text = edited.read_text()
        if case.old:
            assert case.old in text, case.old
            text = text.replace(case.old, case.new, 1)
        if case.add:
            text = text.replace(_BEFORE, f"  {case.add}\n{_BEFORE}", 1)
        edited.write_text(text)
        for name, content in case.files.items():
            (self._folder / name).write_text(content)
            shutil.chown(self._folder / name, 1000, 100)
        if case.knob:
            self._sandbox.set_knob(case.knob)

    def run(self, case: Broken) -> subprocess.CompletedProcess[str]:
        """Run the command of the case, whatever comes of it."""
        return self._sandbox.run([*case.command], user=case.asker, folder="/run", timeout=120)

    def mend(self) -> None:
        """Put back what was there at first."""
        for path in self._folder.rglob("*"):
            name = path.relative_to(self._folder)
            if path.is_file() and ".git" not in path.parts and name not in self._kept:
                path.unlink()
        for name, content in self._kept.items():
            if (self._folder / name).read_text() != content:
                (self._folder / name).write_text(content)
        for knob in self._sandbox.knobs():
            self._sandbox.clear_knob(knob)
        if (self._folder / ".git").exists():
            self._sandbox.run(["git", "-C", ETC, "reset", "--quiet"])


def is_placed_right(case: Broken, place: Mapping[str, object], version: str) -> bool:
    """Tell whether a place is that of the mistake; without one in the case any will do."""
    if not case.place or version in case.unplaced:
        return True
    file, _, line = case.place.partition(":")
    return place.get("file") == f"{ETC}/{file}" and (not line or place.get("line") == int(line))


@dataclass(frozen=True)
class Told:
    """A message as somebody else has it, and what is to be found out about it."""

    name: str
    kind: str
    text: str
    place: str = ""


def told() -> list[Told]:
    """Return the messages that are kept as texts."""
    read = tomllib.loads((DATA / "told.toml").read_text())["case"]
    return [Told(**case) for case in read]
