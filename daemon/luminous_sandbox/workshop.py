"""The workshop: a mount namespace in which a folder of ours is /nix, so that Nix can fill it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from luminous_sandbox.command import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_sandbox.toolchain import Toolchain

OWN_FOLDERS: Final = ("nix", "boot", "root", "etc/nixos", "var/lib/luminous-sandbox")
"""The folders that are the template's own inside; everything else is the host's, unchanged."""

_NIX_MOUNT: Final = "/opt/nix"
_SOURCES: Final = Path(__file__).with_name("nixos")
_CHANNELS: Final = "/nix/var/nix/profiles/per-user/root/channels"
# What is written outside the template's own folders goes into memory and is gone afterwards.
_SETUP: Final = """\
template=$1 prefix=$2 sources=$3 folders=$4
shift 4
mount -t tmpfs tmpfs /run
mkdir /run/root /run/upper /run/work
mount -t overlay overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work /run/root
cd /run/root
for folder in $folders; do
  mkdir -p "$template/$folder" "$folder"
  mount --bind "$template/$folder" "$folder"
done
mount -t tmpfs tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t proc proc proc
mount --rbind /dev dev
mkdir -p ".$NIX_MOUNT" run/nixos run/host
mount --bind "$prefix" ".$NIX_MOUNT"
mount --bind "$sources" run/nixos
touch etc/NIXOS
# Nix goes back to the namespace's root for its helpers, so a chroot would not hold.
pivot_root . run/host
cd /
umount -l /run/host
exec "$@"
"""


def run_inside(template: Path, toolchain: Toolchain, argv: Sequence[str]) -> str:
    """Run a command as root where the template's folders are /nix and the others of a machine.

    The host sees nothing of it. Returns what the command printed; raises CommandError.
    """
    namespace = ["unshare", "--mount", "--net", "--propagation", "private"]
    setup = ["sh", "-euc", _SETUP, "sh"]
    places = [str(template), str(toolchain.prefix), str(_SOURCES), " ".join(OWN_FOLDERS)]
    return run([*namespace, *setup, *places, *argv], env=_environment(toolchain))


def _environment(toolchain: Toolchain) -> dict[str, str]:
    return {
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "NIX_CONFIG": _settings(toolchain),
        "NIX_MOUNT": _NIX_MOUNT,
        "NIX_PATH": f"nixpkgs={_CHANNELS}/nixos:nixos-config=/etc/nixos/configuration.nix",
        "PATH": f"{_NIX_MOUNT}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "TMPDIR": "/tmp",  # noqa: S108 - the namespace's own, empty one
        "USER": "root",
    }


def _settings(toolchain: Toolchain) -> str:
    """Return Nix's settings: all is built here, in Nix's own build sandbox, without network."""
    return "\n".join(
        (
            "build-users-group =",
            "sandbox = true",
            "sandbox-fallback = false",
            f"sandbox-paths = /bin/sh={toolchain.shell}",
            "substitute = false",
            "substituters =",
            "max-jobs = 4",
        )
    )
