"""The environment of processes in the machine: what a login on NixOS would have set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from luminous_sandbox.users import account

if TYPE_CHECKING:
    from luminous_sandbox.toolchain import Toolchain

_CHANNELS: Final = "/nix/var/nix/profiles/per-user/root/channels"
_NIX_PATH: Final = (
    f"nixpkgs={_CHANNELS}/nixos:nixos-config=/etc/nixos/configuration.nix:{_CHANNELS}"
)
# Before the host's own programs, which the machine's stand for: `systemctl` above all.
_SYSTEM_PROGRAMS: Final = "/run/current-system/sw/bin"
_BASE_PATH: Final = (
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
)


def toolchain_place(toolchain: Toolchain) -> Path:
    """Return where the machine has the toolchain's tree: the system's own stays where it is."""
    if toolchain.prefix.is_relative_to("/usr"):
        return toolchain.prefix
    return Path(f"/opt/nix-{toolchain.version}")


def environment(toolchain: Toolchain, user: str) -> dict[str, str]:
    """Return the variables of a user's processes."""
    who = account(user)
    programs = Path(sys.prefix, "bin")
    nix = toolchain_place(toolchain) / toolchain.bin_dir.relative_to(toolchain.prefix)
    variables = {
        "HOME": who.home,
        "LANG": "C.UTF-8",
        "LOGNAME": user,
        "NIX_PATH": _NIX_PATH,
        "PATH": ":".join([str(programs), _SYSTEM_PROGRAMS, str(nix), *_BASE_PATH]),
        "SHELL": who.shell,
        "USER": user,
    }
    if who.uid != 0:
        variables["NIX_REMOTE"] = "daemon"
        variables["XDG_RUNTIME_DIR"] = f"/run/user/{who.uid}"
    return variables
