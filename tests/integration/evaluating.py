"""Nix's evaluator in a sandbox, asked about packages and about whole systems."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

_SYSTEM = "import <nixpkgs/nixos> { configuration = { lib, pkgs, config, ... }: %s; }"
_BASE = "{ imports = [ /etc/nixos/configuration.nix %s ]; }"


@dataclass(frozen=True)
class Nix:
    """Nix's evaluator in a sandbox, asked by an unprivileged user."""

    sandbox: Sandbox

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
        return self.value(f"let s = {_system(module)}; in {expression}")

    def refusal(self, module: str, expression: str = "s.system.drvPath") -> str:
        """Return what Nix says about the machine's configuration with a bad module more."""
        return self.complaint(f"let s = {_system(module)}; in {expression}")

    def _evaluate(self, expression: str) -> Any:  # noqa: ANN401 - a CompletedProcess
        argv = ["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode", "-E"]
        return self.sandbox.run([*argv, expression])


def _system(module: str) -> str:
    return _SYSTEM % (_BASE % f"({{ lib, pkgs, config, options, ... }}: {module})")
