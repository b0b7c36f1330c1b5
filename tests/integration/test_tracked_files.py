"""A file that git does not know is made known by a plan, so that the flake has it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import PLAN
from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.flakes import git, toplevel_by_hand
from tests.integration.machine_state import has_program, running_system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

pytestmark = pytest.mark.integration

FILE = "/etc/nixos/shell.nix"
TRACK = {"kind": "repair-file", "file": FILE, "operation": "track-file"}
MODULE = "{ pkgs, ... }: { environment.systemPackages = [ pkgs.hello ]; }\n"


@pytest.fixture
def sandbox(nix: NixVersion) -> Iterator[Sandbox]:
    """Start a machine whose flake imports a file that git does not know."""
    with Sandbox(SandboxOptions(nix=nix, flake="git")) as sandbox:
        main, file = sandbox.path("/etc/nixos/configuration.nix"), sandbox.path(FILE)
        main.write_text(main.read_text().replace("imports = [", "imports = [\n    ./shell.nix"))
        file.write_text(MODULE)
        os.chown(file, main.stat().st_uid, main.stat().st_gid)
        yield sandbox


def failure(client: Client, *changes: dict[str, Any]) -> dict[str, Any]:
    """Return how a plan fails."""
    properties = client.properties(client.plan(*changes), PLAN)
    assert properties["State"] == "failed", properties
    found: dict[str, Any] = properties["Failure"]
    return found


def test_the_file_becomes_known_and_a_failed_switch_lets_git_forget_it(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        failed = failure(alice, {"kind": "rebuild"})
        assert failed["details"]["untracked"] == FILE
        path = alice.plan(TRACK)
        plan = alice.properties(path, PLAN)
        assert plan["State"] == "ready", plan["Failure"]
        assert plan["Summary"] == f"make {FILE} known to git"
        assert "hello" in [package["name"] for package in plan["Packages"]]
        assert any("copied to the Nix store" in warning for warning in plan["Warnings"])
        assert git(sandbox, "status", "--porcelain", "shell.nix") == "?? shell.nix\n"
        sandbox.set_knob("switch-fails")
        ended = alice.until(alice.apply(path))
        assert ended["Result"]["error"] == "ActivationFailed"
        assert git(sandbox, "status", "--porcelain", "shell.nix") == "?? shell.nix\n"
        sandbox.clear_knob("switch-fails")
        assert alice.carry_out(TRACK)["State"] == "done"
        assert has_program(sandbox, "hello")
        assert git(sandbox, "status", "--porcelain", "shell.nix") == " A shell.nix\n"
        assert git(sandbox, "diff", "--cached", "--name-only") == "", "its content is not staged"
        assert toplevel_by_hand(sandbox) == running_system(sandbox)
        assert "git knows it already" in failure(alice, TRACK)["message"]
    undone = ask(sandbox, "--yes", "undo")
    assert "no change of Luminous left to take back" in undone.document["answers"][0]
    assert has_program(sandbox, "hello"), "without the file no system could be built"


def test_what_is_private_or_no_file_or_elsewhere_is_not_made_known(sandbox: Sandbox) -> None:
    file = sandbox.path(FILE)
    with Client(sandbox) as alice, Client(sandbox, "bob") as bob:
        file.chmod(0o600)
        assert "not everybody may read it" in failure(alice, TRACK)["message"]
        assert "you may not read it" in failure(bob, TRACK)["message"]
        file.unlink()
        file.symlink_to("/etc/passwd")
        os.chown(file, sandbox.path("/etc/nixos").stat().st_uid, -1, follow_symlinks=False)
        assert "it is a symbolic link" in failure(alice, TRACK)["message"]
        for other in ("/etc/passwd", "/etc/nixos/.git/config", "/etc/nixos/none.nix"):
            assert failure(alice, {**TRACK, "file": other})["name"] == "RepairRefused"
    assert git(sandbox, "status", "--porcelain", "shell.nix") == "?? shell.nix\n"
