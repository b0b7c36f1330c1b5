"""The root file system of the machine: the host's below, memory above, and the host untouched.

Runs inside a mount namespace of its own, before anything else does.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from luminous_sandbox.syscalls import (
    Mount,
    bind,
    change_root,
    make_private,
    make_read_only,
    mount_file_system,
)

if TYPE_CHECKING:
    from luminous_sandbox.blueprint import Blueprint, Copy, File, Folder, Shown

# Everything is put together here. The host's /run has nothing that the machine needs, and a new
# file system on it is seen in this namespace only.
_WORKSHOP: Final = Path("/run")
_ROOT: Final = _WORKSHOP / "root"
# Folders that start empty, because what people and programs keep there is none of the machine's.
_FRESH: Final = {
    "run": "mode=755",
    "tmp": "mode=1777",
    "var/tmp": "mode=1777",
    "home": "mode=755",
    "root": "mode=700",
    "boot": "mode=755",
}
_DEVICES: Final = ("null", "zero", "full", "random", "urandom", "tty")
_PTMX: Final = os.makedev(5, 2)
_OVERLAY: Final = "lowerdir={lower},upperdir={upper},workdir={work},redirect_dir=on,index=off"


def build(blueprint: Blueprint) -> None:
    """Put the machine's file system together and make it the root. Raises OSError."""
    os.umask(0o022)
    make_private(Path("/"))
    mount_file_system("tmpfs", _WORKSHOP, Mount.NONE, "mode=755")
    _overlay(Path("/"), _ROOT, "all")
    for name, data in _FRESH.items():
        _mount_at(_ROOT / name, "tmpfs", data)
    _mount_kernel()
    for removed in blueprint.removed:
        shutil.rmtree(_within(removed), ignore_errors=True)
    for shown in blueprint.shown:
        _show(shown)
    if blueprint.store is not None:
        _overlay(Path(blueprint.store), _ROOT / "nix", "nix")
    for copy in blueprint.copies:
        _copy(copy)
    for folder in blueprint.folders:
        _make_folder(folder)
    for file in blueprint.files:
        _write_file(file)
    change_root(_ROOT)


def _within(path: str) -> Path:
    return _ROOT / path.lstrip("/")


def _overlay(lower: Path, target: Path, name: str) -> None:
    upper = _WORKSHOP / "layers" / name / "upper"
    work = _WORKSHOP / "layers" / name / "work"
    for folder in (upper, work, target):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copystat(lower, upper)
    data = _OVERLAY.format(lower=_escaped(lower), upper=upper, work=work)
    mount_file_system("overlay", target, Mount.NONE, data)


def _escaped(path: Path) -> str:
    """Return a path as overlayfs reads it in its options, where `:` and `,` separate."""
    return "".join(f"\\{letter}" if letter in "\\:," else letter for letter in str(path))


def _mount_at(target: Path, kind: str, data: str = "", flags: Mount = Mount.NONE) -> None:
    target.mkdir(parents=True, exist_ok=True)
    mount_file_system(kind, target, flags, data)


def _mount_kernel() -> None:
    guarded = Mount.NO_SUID | Mount.NO_DEVICES | Mount.NO_EXEC
    _mount_at(_ROOT / "proc", "proc", flags=guarded)
    _mount_at(_ROOT / "sys", "sysfs", flags=guarded | Mount.READ_ONLY)
    _mount_control_groups(_ROOT / "sys/fs/cgroup", guarded)
    devices = _ROOT / "dev"
    # No disk and no memory of the host: only devices that are harmless to share.
    _mount_at(devices, "tmpfs", "mode=755", Mount.NO_SUID)
    for name in _DEVICES:
        (devices / name).touch()
        bind(Path("/dev", name), devices / name)
    # The host's terminals, so that a command that is run from one can ask for its name.
    (devices / "pts").mkdir()
    bind(Path("/dev/pts"), devices / "pts")
    # Not the host's: this device finds its terminals in the `pts` beside it. Open to all, as usual.
    os.mknod(devices / "ptmx", stat.S_IFCHR, _PTMX)
    (devices / "ptmx").chmod(0o666)
    _mount_at(devices / "shm", "tmpfs", "mode=1777", Mount.NO_SUID | Mount.NO_DEVICES)
    for link, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        (devices / link).symlink_to(f"/proc/self/fd{target}")


def _mount_control_groups(target: Path, flags: Mount) -> None:
    """Show the machine's own control group, which busctl and polkit look a process up in."""
    try:
        mount_file_system("cgroup2", target, flags)
    except OSError:
        return  # hosts with version 1 only; nothing but busctl's columns depends on it
    make_read_only(target)


def _show(shown: Shown) -> None:
    source, target = Path(shown.source), _within(shown.target)
    _make_reachable(target)
    if source.is_dir():
        target.mkdir(exist_ok=True)
    elif not target.exists():
        target.touch()
    bind(source, target)
    make_read_only(target)


def _make_reachable(target: Path) -> None:
    """Let every user of the machine pass through the folders above `target`."""
    above = [folder for folder in target.parents if folder.is_relative_to(_ROOT)]
    for folder in reversed(above):
        folder.mkdir(exist_ok=True)
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod((mode & 0o7777) | 0o001)


def _copy(copy: Copy) -> None:
    source, target = Path(copy.source), _within(copy.target)
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    # Not everything at the target: folders of the host may be shown below it.
    for path in (source, *source.rglob("*")):
        os.chown(target / path.relative_to(source), copy.uid, copy.gid, follow_symlinks=False)


def _make_folder(folder: Folder) -> None:
    path = _within(folder.path)
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(folder.mode)
    os.chown(path, folder.uid, folder.gid)


def _write_file(file: File) -> None:
    path = _within(file.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Often a link on the host (os-release, resolv.conf): writing would change another file.
    path.unlink(missing_ok=True)
    path.write_text(file.text)
    path.chmod(file.mode)
    os.chown(path, file.uid, file.gid)
