"""The flake: /etc/nixos as the flake of a machine, with or without a git repository around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from luminous_sandbox import users
from luminous_sandbox.blueprint import HOST_NAME, File
from luminous_sandbox.channel import CHANNEL_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator

FlakeKind = Literal["git", "plain"]

FLAKE_SETTINGS: Final = 'flake = "/etc/nixos"\n'
"""What the daemon's settings say on such a machine."""

# The channel's tarball is an input that needs no network and that an update finds something new at.
_FLAKE: Final = f"""\
{{
  description = "The machines of Alice";

  inputs.nixpkgs.url = "file://{CHANNEL_DIR}/nixexprs.tar.xz";

  outputs =
    {{ self, nixpkgs }}:
    {{
      nixosConfigurations.{HOST_NAME} = nixpkgs.lib.nixosSystem {{
        system = "x86_64-linux";
        modules = [ ./configuration.nix ];
      }};
    }};
}}
"""
_FEATURES: Final = ["--extra-experimental-features", "nix-command flakes"]
_LOCK: Final = ["nix", *_FEATURES, "flake", "lock", "path:/etc/nixos"]
_GIT: Final = [
    "git",
    "-C",
    "/etc/nixos",
    "-c",
    "user.name=Alice",
    "-c",
    "user.email=alice@example.org",
]


def flake_file() -> File:
    """Return the flake of the machine, which makes of it what the channel does."""
    owner = users.account("alice")
    return File(path="/etc/nixos/flake.nix", text=_FLAKE, uid=owner.uid, gid=owner.gid)


def flake_commands(kind: FlakeKind) -> Iterator[list[str]]:
    """Return what alice runs once the machine is there: lock the inputs, and commit all files."""
    yield _LOCK
    if kind == "git":
        yield [*_GIT, "init", "--quiet", "--initial-branch=main"]
        yield [*_GIT, "add", "."]
        yield [*_GIT, "commit", "--quiet", "--message=The machine as it was installed"]
