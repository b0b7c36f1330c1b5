"""The NixOS module: options and their defaults, wrong values, and what it makes of a machine."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.settings import Settings
from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.evaluating import Nix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

CHECKOUT = Path(__file__).parents[2]
NIX_FILES = [
    *(path.name for path in CHECKOUT.glob("*.nix")),
    *(f"nixos-module/{path.name}" for path in (CHECKOUT / "nixos-module").glob("*.nix")),
]
INSIDE = "/opt/luminous"
"""Where the sandbox has the files: it does not see every place of the host."""
PACKAGE = 'pkgs.runCommand "luminous" { } "mkdir $out"'
"""What stands for the package: the small nixpkgs has no Python to build it with."""


@pytest.fixture(scope="module")
def evaluator(nix: NixVersion) -> Iterator[Nix]:
    """Give the evaluator of a sandbox without daemon and agent."""
    with Sandbox(SandboxOptions(nix=nix, daemon=False, agent="none")) as sandbox:
        inside = sandbox.path(INSIDE)
        shutil.copytree(CHECKOUT / "nixos-module", inside / "nixos-module")
        for file in CHECKOUT.glob("*.nix"):
            shutil.copy(file, inside)
        yield Nix(sandbox)


def module(options: str) -> str:
    """Return a configuration with the module and these options of it."""
    return (
        f"{{ imports = [ {INSIDE}/nixos-module ]; services.luminous = lib.mkMerge "
        f"[ {{ package = {PACKAGE}; }} {{ {options} }} ]; }}"
    )


def test_every_setting_of_the_daemon_is_an_option_with_its_default(evaluator: Nix) -> None:
    shown = evaluator.of_system(module(""), "s.config.services.luminous.settings")
    defaults = {field.name: getattr(Settings(), field.name) for field in fields(Settings)}
    assert shown == json.loads(json.dumps(defaults, default=str))


def test_every_option_says_what_it_is(evaluator: Nix) -> None:
    asked = "builtins.mapAttrs (_: o: o.description) s.options.services.luminous"
    described: dict[str, Any] = evaluator.of_system(module(""), asked)
    assert {"enable", "package", "users", "group", "authentication", "settings"} == set(described)
    assert all(isinstance(text, str) and text.strip() for text in described.values())


def test_enabling_it_is_all_that_it_takes(evaluator: Nix) -> None:
    enabled = module('enable = true; users = [ "alice" ];')
    asked = """let c = s.config; p = c.services.luminous.package; in {
      program = builtins.elem p c.environment.systemPackages;
      bus = builtins.elem p c.services.dbus.packages;
      unit = builtins.elem p c.systemd.packages;
      polkit = c.security.polkit.enable;
      members = c.users.groups.luminous.members;
      wanted = c.systemd.services.luminousd.wantedBy;
      restarts = c.systemd.services.luminousd.restartIfChanged;
      writes = c.systemd.services.luminousd.serviceConfig.ReadWritePaths;
      problems = builtins.filter (a: !a.assertion) c.assertions;
    }"""
    assert evaluator.of_system(enabled, asked) == {
        "program": True,
        "bus": True,
        "unit": True,
        "polkit": True,
        "members": ["alice"],
        "wanted": ["multi-user.target"],
        "restarts": False,
        "writes": ["-/etc/nixos"],
        "problems": [],
    }
    assert evaluator.of_system(enabled, "s.system.drvPath").startswith("/nix/store/")


def test_nothing_is_there_that_is_not_enabled(evaluator: Nix) -> None:
    asked = "[ (s.config.systemd.services ? luminousd) (s.config.users.groups ? luminous) ]"
    assert evaluator.of_system(module("enable = false;"), asked) == [False, False]


def test_the_settings_file_is_one_that_the_daemon_reads(evaluator: Nix, tmp_path: Path) -> None:
    enabled = module('enable = true; settings.plan_seconds = 60; settings.log_level = "debug";')
    asked = 's.config.environment.etc."luminous/luminous.toml".source.text'
    file = tmp_path / "luminous.toml"
    file.write_text(evaluator.of_system(enabled, asked), encoding="utf-8")
    from luminous_daemon.settings import load  # noqa: PLC0415 - the reader under test

    assert load(file, {}) == Settings(plan_seconds=60, log_level="debug")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("enabled = true;", "services.luminous.enabled' does not exist"),
        ('users = "alice";', "services.luminous.users' is not of type"),
        ('authentication = "no";', "services.luminous.authentication' is not of type"),
        ("settings.plan_seconds = 0;", "services.luminous.settings.plan_seconds' is not of type"),
        ('settings.file = "nixos.nix";', "services.luminous.settings.file' is not of type"),
        ('settings.backend = "other";', "services.luminous.settings.backend' is not of type"),
    ],
)
def test_a_wrong_value_names_its_option(evaluator: Nix, options: str, says: str) -> None:
    asked = "[ s.config.services.luminous.settings s.config.services.luminous.users "
    asked += "s.config.services.luminous.authentication ]"
    assert says in evaluator.refusal(module(options), asked)


def test_people_who_are_not_there_are_named(evaluator: Nix) -> None:
    enabled = module('enable = true; users = [ "nobody-knows" ];')
    said = evaluator.refusal(enabled, "s.system.drvPath")
    assert "services.luminous.users names nobody-knows, whom users.users does not know." in said


@pytest.mark.parametrize(
    ("authentication", "answer"),
    [("none", "YES"), ("self", "AUTH_SELF_KEEP"), ("administrator", "AUTH_ADMIN_KEEP")],
)
def test_the_rule_answers_for_members_and_leaves_the_rest(
    evaluator: Nix, authentication: str, answer: str
) -> None:
    enabled = module(f'enable = true; group = "menders"; authentication = "{authentication}";')
    rule = evaluator.of_system(enabled, "s.config.security.polkit.extraConfig")
    assert 'subject.isInGroup("menders")' in rule
    assert re.findall(r"polkit\.Result\.(\w+)", rule) == [answer, "NOT_HANDLED"]
    assert "collect-garbage" not in rule
    assert "manage-others" not in rule


@pytest.mark.parametrize("file", NIX_FILES)
def test_every_file_parses(evaluator: Nix, file: str) -> None:
    done = evaluator.sandbox.run(["nix-instantiate", "--parse", f"{INSIDE}/{file}"])
    assert done.returncode == 0, done.stderr


def test_the_flake_has_its_outputs(evaluator: Nix) -> None:
    stub = f"""let
      lib = import <nixpkgs/lib>;
      pkgs = {{
        inherit lib; python3 = 0; gnumake = 0; pkg-config = 0; systemd = 0; nixfmt-rfc-style = 0;
        stdenv.hostPlatform.system = "x86_64-linux";
        callPackage = file: _: toString file; mkShell = x: x;
      }};
      legacyPackages = {{ x86_64-linux = pkgs; aarch64-linux = pkgs; }};
      nixpkgs = {{ inherit lib legacyPackages; }};
      flake = import {INSIDE}/flake.nix;
      outputs = flake.outputs {{ self = outputs; inherit nixpkgs; }};
    in {{
      names = builtins.attrNames outputs;
      checks = builtins.attrNames outputs.checks.x86_64-linux;
      package = outputs.packages.x86_64-linux.default;
      module = builtins.length outputs.nixosModules.default.imports;
    }}"""
    argv = ["nix-instantiate", "--eval", "--json", "--strict", "-E", stub]
    done = evaluator.sandbox.run(argv)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "names": ["checks", "devShells", "formatter", "nixosModules", "overlays", "packages"],
        "checks": ["package"],
        "package": f"{INSIDE}/nixos-module/package.nix",
        "module": 1,
    }
