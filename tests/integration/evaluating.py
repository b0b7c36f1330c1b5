"""Nix's evaluator, in a sandbox or over a nixpkgs, asked about packages and whole systems."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from luminous_sandbox.toolchain import find_toolchain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luminous_sandbox.machine import Sandbox

    Runner = Callable[[Sequence[str]], subprocess.CompletedProcess[str]]

CHECKOUT: Final = Path(__file__).parents[2]
NIX_FOLDERS: Final = ("nixos-module", "tests/nixos")
_INSIDE: Final = Path("/opt/luminous")
_SYSTEM = "import <nixpkgs/nixos> { configuration = { lib, pkgs, config, ... }: %s; }"
NIXPKGS: Final = os.environ.get("NIXPKGS", "")
"""A real nixpkgs to try things with, if one is named."""
PACKAGE: Final = 'pkgs.runCommand "luminous" { } "mkdir $out"'
"""What stands for the package: not every nixpkgs has what it is built with."""
_MIND: Final = PACKAGE.replace('"luminous"', '"luminous-mind"')
_PLAIN = """{
  boot.loader.grub.device = "nodev";
  fileSystems."/".device = "/dev/sda1";
  users.users.alice.isNormalUser = true;
}"""
"""The least that a real NixOS takes for a machine."""


@dataclass(frozen=True)
class Nix:
    """Nix's evaluator. `base` is a machine's configuration, in Nix's words."""

    run: Runner
    base: str = "/etc/nixos/configuration.nix"
    writes: bool = True

    @classmethod
    def of_sandbox(cls, sandbox: Sandbox) -> Nix:
        """Ask in a sandbox, as an unprivileged user, about its machine."""
        return cls(sandbox.run)

    @classmethod
    def of_nixpkgs(cls, nixpkgs: Path) -> Nix:
        """Ask a newer Nix about a plain machine of `nixpkgs`; nothing is written to a store."""
        variables = os.environ | {"NIX_PATH": f"nixpkgs={nixpkgs}", "NIX_REMOTE": "dummy://"}
        programs = find_toolchain("2.26").bin_dir

        def run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [str(programs / argv[0]), *argv[1:]],
                check=False,
                capture_output=True,
                text=True,
                env=variables,
            )

        return cls(run, _PLAIN, writes=False)

    def value(self, expression: str) -> Any:  # noqa: ANN401 - any JSON
        """Return what an expression evaluates to."""
        done = self._evaluate(expression)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def complaint(self, expression: str) -> str:
        """Return what Nix says about an expression that it refuses."""
        done = self._evaluate(expression)
        assert done.returncode == 1, done.stdout
        return "\n".join(line.strip() for line in done.stderr.splitlines())

    def of_system(self, module: str, expression: str) -> Any:  # noqa: ANN401 - any JSON
        """Return an expression over `s`, the machine's configuration with a module more."""
        return self.value(f"let s = {self._system(module)}; in {expression}")

    def refusal(self, module: str, expression: str = "s.system.drvPath") -> str:
        """Return what Nix says about the machine's configuration with a bad module more."""
        return self.complaint(f"let s = {self._system(module)}; in {expression}")

    def _evaluate(self, expression: str) -> subprocess.CompletedProcess[str]:
        argv = ["nix-instantiate", "--eval", "--strict", "--json"]
        mode = ["--read-write-mode"] if self.writes else []
        return self.run([*argv, *mode, "-E", expression])

    def _system(self, module: str) -> str:
        argument = f"({{ lib, pkgs, config, options, ... }}: {module})"
        return _SYSTEM % f"{{ imports = [ {self.base} {argument} ]; }}"


@dataclass(frozen=True)
class Module:
    """The module in a checkout, and the Nix that evaluates it."""

    nix: Nix
    checkout: Path

    def of(self, options: str, expression: str) -> Any:  # noqa: ANN401 - any JSON
        """Return an expression over `s`, a machine with these options of the module."""
        return self.nix.of_system(self._configuration(options), expression)

    def refusal(self, options: str, expression: str) -> str:
        """Return what Nix says about a machine with these options."""
        return self.nix.refusal(self._configuration(options), expression)

    def _configuration(self, options: str) -> str:
        return (
            f"{{ imports = [ {self.checkout}/nixos-module ]; services.luminous = lib.mkMerge "
            f"[ {{ package = {PACKAGE}; mind.package = {_MIND}; }} {{ {options} }} ]; }}"
        )


def copy_nix_files(sandbox: Sandbox) -> Path:
    """Copy this checkout's Nix files into a sandbox, which sees few places of the host.

    Return where they are there.
    """
    inside = sandbox.path(str(_INSIDE))
    for name in NIX_FOLDERS:
        shutil.copytree(CHECKOUT / name, inside / name)
    for file in CHECKOUT.glob("*.nix"):
        shutil.copy(file, inside)
    return _INSIDE
