"""Sandboxes for tests: one for all tests of a module, or a fresh one for a test that spoils it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from luminous_sandbox.toolchain import NIX_VERSIONS, NixVersion
from tests.integration.evaluating import CHECKOUT, NIXPKGS, Module, Nix, copy_nix_files

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=NIX_VERSIONS)
def nix(request: pytest.FixtureRequest) -> NixVersion:
    """Take each version of Nix, one after the other.

    A module or test that does not depend on it takes one only:
    `@pytest.mark.parametrize("nix", ["2.26"], scope="module")`.
    """
    version: NixVersion = request.param
    return version


def _options(nix: NixVersion) -> SandboxOptions:
    # Set for a whole run, so that the suite can be run on each of the bus libraries.
    return SandboxOptions(nix=nix, dbus_library=os.environ.get("LUMINOUS_DBUS_LIBRARY"))


@pytest.fixture(scope="module")
def module_sandbox(nix: NixVersion) -> Iterator[Sandbox]:
    """Start the sandbox that the tests of a module share."""
    with Sandbox(_options(nix)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(module_sandbox: Sandbox) -> Iterator[Sandbox]:
    """Take the module's sandbox, with an agent that allows and every knob off at the start."""
    module_sandbox.set_agent("allow")
    yield module_sandbox
    for knob in module_sandbox.knobs():
        module_sandbox.clear_knob(knob)


@pytest.fixture
def fresh_sandbox(nix: NixVersion) -> Iterator[Sandbox]:
    """Start a sandbox for this test alone."""
    with Sandbox(_options(nix)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module", params=["nixpkgs"] if NIXPKGS else NIX_VERSIONS)
def luminous(request: pytest.FixtureRequest) -> Iterator[Module]:
    """Give the module in each module system."""
    if request.param == "nixpkgs":
        yield Module(Nix.of_nixpkgs(Path(NIXPKGS).resolve()), CHECKOUT)
        return
    with Sandbox(SandboxOptions(nix=request.param, daemon=False, agent="none")) as sandbox:
        yield Module(Nix.of_sandbox(sandbox), copy_nix_files(sandbox))
