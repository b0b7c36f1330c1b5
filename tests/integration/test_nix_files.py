"""The Nix files at the edge of the product: they parse, and the flake has what it promises."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.evaluating import CHECKOUT, NIX_FOLDERS, NIXPKGS, Nix, copy_nix_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

NIX_FILES = sorted(
    str(path.relative_to(CHECKOUT))
    for folder in (".", *NIX_FOLDERS)
    for path in (CHECKOUT / folder).glob("*.nix")
)
SCRIPTS = sorted(path.stem for path in (CHECKOUT / "tests" / "nixos").glob("*.testscript"))
STUB = Path(__file__).with_name("stub-nixpkgs.nix")
LACKING = """let has = name: pkgs.lib.hasAttrByPath (pkgs.lib.splitString "." name) pkgs; in
builtins.filter (name: !has name) [
  "lib.fileset" "lib.importTOML" "nixosOptionsDoc" "ruff" "testers.runNixOSTest"
  "python3Packages.dbus-next" "python3Packages.hatchling" "python3Packages.systemd-python"
]"""
CHECKS = ["closure", "lint", "module", "options-documentation", "package", "package-mind", "unit"]
HEAVY = {
    *("aiohttp", "beautifulsoup4", "hnswlib", "httpx", "llama-cpp-python", "numpy", "onnxruntime"),
    *("peft", "requests", "scrapy", "sentence-transformers", "starlette", "tokenizers", "torch"),
    *("transformers", "urllib3", "uvicorn"),
}


@pytest.fixture(scope="module")
def evaluator(nix: NixVersion) -> Iterator[tuple[Nix, Path]]:
    """Give the evaluator of a sandbox without daemon, and where it sees this checkout."""
    with Sandbox(SandboxOptions(nix=nix, daemon=False, agent="none")) as sandbox:
        checkout = copy_nix_files(sandbox)
        shutil.copy(STUB, sandbox.path(str(checkout)))
        yield Nix.of_sandbox(sandbox), checkout


def outputs(evaluator: tuple[Nix, Path], expression: str) -> Any:  # noqa: ANN401 - any JSON
    """Return an expression over `o`, the flake's outputs with a nixpkgs that is none."""
    nix, checkout = evaluator
    stub = f"nixpkgs = import {checkout}/{STUB.name}; inherit (nixpkgs) lib pkgs;"
    flake = f"(import {checkout}/flake.nix).outputs {{ self = o; inherit nixpkgs; }}"
    return nix.value(f"let {stub} o = {flake}; in {expression}")


@pytest.mark.parametrize("file", NIX_FILES)
def test_every_file_parses(evaluator: tuple[Nix, Path], file: str) -> None:
    nix, checkout = evaluator
    done = nix.run(["nix-instantiate", "--parse", f"{checkout}/{file}"])
    assert done.returncode == 0, done.stderr


def test_the_flake_has_its_outputs(evaluator: tuple[Nix, Path]) -> None:
    asked = """{
      names = builtins.attrNames o;
      packages = builtins.attrNames o.packages.x86_64-linux;
      checks = builtins.attrNames o.checks.aarch64-linux;
      overlay = builtins.attrNames (o.overlays.default pkgs { });
      module = builtins.length o.nixosModules.default.imports;
      formatter = o.formatter.x86_64-linux;
    }"""
    assert outputs(evaluator, asked) == {
        "names": ["checks", "devShells", "formatter", "nixosModules", "overlays", "packages"],
        "packages": ["ask-nix", "default", "luminous", "luminous-mind", "luminousd"],
        "checks": sorted([*CHECKS, *SCRIPTS]),
        "overlay": ["ask-nix", "luminous", "luminous-mind", "luminousd"],
        "module": 1,
        "formatter": "nixfmt",
    }


def test_each_script_is_a_test_of_a_machine(evaluator: tuple[Nix, Path]) -> None:
    others = " ".join(f'"{name}"' for name in CHECKS)
    tests = f"removeAttrs o.checks.x86_64-linux [ {others} ]"
    asked = f"builtins.mapAttrs (_: test: test.testScript) ({tests})"
    assert outputs(evaluator, asked) == {
        name: (CHECKOUT / "tests" / "nixos" / f"{name}.testscript").read_text(encoding="utf-8")
        for name in SCRIPTS
    }


def test_the_machine_of_the_scripts_is_written_as_a_module(evaluator: tuple[Nix, Path]) -> None:
    _, checkout = evaluator
    machine = f"import {checkout}/tests/nixos/machine.nix {{ inherit lib pkgs; }}"
    asked = f"""let m = {machine}; in {{
      enabled = m.services.luminous.enable;
      people = builtins.attrNames m.users.users;
      installed = m.system.extraDependencies;
    }}"""
    assert outputs(evaluator, asked) == {
        "enabled": True,
        "people": ["alice", "bob"],
        "installed": ["bat", "cowsay", "figlet", "hello", "sl"],
    }


def is_installed(requirement: str) -> bool:
    """Tell whether a requirement is there; what its markers leave out is not."""
    try:
        metadata.distribution(re.split(r"[^\w.-]", requirement)[0])
    except metadata.PackageNotFoundError:
        return False
    return True


def needed(distribution: str) -> set[str]:
    """Return a distribution and all that it needs, as this environment has them."""
    found: set[str] = set()
    waiting = [distribution]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        required = [one for one in metadata.requires(name) or [] if "extra ==" not in one]
        waiting += [re.split(r"[^\w.-]", one)[0] for one in required if is_installed(one)]
    return found


@pytest.mark.parametrize(
    ("program", "others"),
    [("luminousd", {"rich", "jeepney"}), ("ask-nix", {"pydantic", "dbus-next"})],
)
def test_a_program_needs_its_own_libraries_only_and_no_heavy_one(
    evaluator: tuple[Nix, Path], program: str, others: set[str]
) -> None:
    named = outputs(evaluator, f"o.packages.x86_64-linux.{program}.dependencies")
    assert named
    closure = set[str]().union(*map(needed, named))
    assert not closure & (HEAVY | others)


_PACKAGES = {"Stemmer": "pystemmer"}
"""What is imported by another name than it is packaged by."""


def imported_by_what_searches() -> set[str]:
    """Return the libraries that the mind imports, at whichever moment."""
    folder = CHECKOUT / "daemon" / "luminous_mind"
    found: set[str] = set()
    for file in {*folder.rglob("*.py")} - {folder / "engine" / "export.py"}:  # run elsewhere
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    own = {"luminous_mind", "luminous_protocol"}
    found |= {"msgpack", "pydantic"}  # those of the frames
    return {_PACKAGES.get(name, name) for name in found - own - sys.stdlib_module_names}


def test_what_searches_has_all_that_it_imports_and_comes_by_itself(
    evaluator: tuple[Nix, Path],
) -> None:
    asked = """with o.packages.x86_64-linux; {
      needs = luminous-mind.dependencies;
      joined = map toString luminous.paths;
    }"""
    assert outputs(evaluator, asked) == {
        "needs": sorted(imported_by_what_searches()),
        "joined": ["/made/luminousd", "/made/ask-nix"],
    }


@pytest.mark.skipif(not NIXPKGS, reason="needs a real nixpkgs: NIXPKGS=path make test-module")
@pytest.mark.parametrize("name", [*CHECKS, *SCRIPTS])
def test_every_check_can_be_instantiated_with_a_real_nixpkgs(name: str) -> None:
    nix = Nix.of_nixpkgs(Path(NIXPKGS).resolve())
    lacking = nix.value(f"let pkgs = import <nixpkgs> {{ }}; in {LACKING}")
    if lacking:
        pytest.skip(f"this nixpkgs has no {', '.join(lacking)}")
    flake = f"""let
      pkgs = import <nixpkgs> {{ }};
      legacyPackages = {{ x86_64-linux = pkgs; aarch64-linux = pkgs; }};
      nixpkgs = {{ inherit (pkgs) lib; inherit legacyPackages; }};
      o = (import {CHECKOUT}/flake.nix).outputs {{ self = o; inherit nixpkgs; }};
    in o.checks.x86_64-linux.{name}.drvPath"""
    assert nix.value(flake).startswith("/nix/store/")
