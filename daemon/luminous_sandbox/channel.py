"""The channel: the small package set packed as nixos.org packs the real one, in two states."""

from __future__ import annotations

import io
import json
import lzma
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from luminous_sandbox.command import run

if TYPE_CHECKING:
    from luminous_sandbox.toolchain import Toolchain

STATES: Final = ("2025-12", "2026-01")
"""The states of the channel, oldest first: names of files in its folder `versions`."""

CHANNEL_DIR: Final = Path("/var/lib/luminous-sandbox/channel")
"""Where the machine has the channel; its address is file:// and the tarball's path."""

_TREE: Final = Path(__file__).with_name("nixos") / "nixpkgs"
_TARBALL: Final = "nixexprs.tar.xz"
_LEVEL: Final = 1


def make_channel(toolchain: Toolchain, work: Path, target: Path) -> None:
    """Pack every state of the channel into `target`, and offer the oldest.

    `work` is an empty folder. The tarballs hold the seed of all builds: a static shell.
    """
    tree = work / "nixpkgs"
    shutil.copytree(_TREE, tree, ignore=shutil.ignore_patterns("seed", "seed.json"))
    _plant_seed(toolchain, tree / "bootstrap")
    target.mkdir(parents=True)
    for state in STATES:
        _name_release(tree, state)
        _pack(tree, target / f"{state}.tar.xz", _release(tree, state))
    offer(target, STATES[0])


def offer(channel: Path, state: str) -> None:
    """Let the channel's address bring this state from now on."""
    link = channel / f".{_TARBALL}.new"
    link.symlink_to(f"{state}.tar.xz")
    link.rename(channel / _TARBALL)


def _release(tree: Path, state: str) -> str:
    facts = json.loads((tree / f"versions/{state}.json").read_text())
    return f"nixos-{facts['release']}{facts['suffix']}"


def _name_release(tree: Path, state: str) -> None:
    """Write down what this state is, in the files in which Nixpkgs has it."""
    facts = json.loads((tree / f"versions/{state}.json").read_text())
    (tree / "versions/current").write_text(f"{state}\n")
    (tree / ".version").write_text(facts["release"])
    (tree / ".version-suffix").write_text(facts["suffix"])
    (tree / ".git-revision").write_text(facts["revision"])


def _plant_seed(toolchain: Toolchain, bootstrap: Path) -> None:
    programs = bootstrap / "seed/bin"
    programs.mkdir(parents=True)
    # A folder with two names: the shell finds out by its own name what it is asked to be.
    shutil.copy2(toolchain.shell, programs / "busybox")
    (programs / "busybox").chmod(0o755)
    (programs / "sh").symlink_to("busybox")
    program = str(toolchain.bin_dir / "nix-hash")
    found = run([program, "--type", "sha256", "--base32", str(programs.parent)])
    (bootstrap / "seed.json").write_text(json.dumps({"sha256": found.strip()}))


def _pack(tree: Path, tarball: Path, name: str) -> None:
    """Pack a tree so that the same tree always gives the same bytes."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = 1
        return member

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(tree, arcname=name, filter=plain)
    tarball.write_bytes(lzma.compress(packed.getvalue(), preset=_LEVEL))
