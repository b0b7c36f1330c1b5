"""What tests do to a machine with a flake by hand, as its owner would."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

FLAKES = ("--extra-experimental-features", "nix-command flakes")
SYSTEM = "luminous-sandbox"


def toplevel_by_hand(sandbox: Sandbox, flake: str = "/etc/nixos") -> str:
    """Return the system that Nix's own command makes of the flake, as nixos-rebuild calls it."""
    wanted = f"{flake}#nixosConfigurations.{SYSTEM}.config.system.build.toplevel"
    done = sandbox.run(["nix", *FLAKES, "eval", "--raw", f"{wanted}.outPath"])
    assert done.returncode == 0, done.stderr
    return done.stdout


def git(sandbox: Sandbox, *arguments: str) -> str:
    """Run git in /etc/nixos as alice, and return what it says."""
    name = ["-c", "user.name=Alice", "-c", "user.email=alice@example.org"]
    done = sandbox.run(["git", "-C", "/etc/nixos", *name, *arguments])
    assert done.returncode == 0, done.stderr
    return done.stdout
