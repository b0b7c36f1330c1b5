"""The system calls of namespaces and mounts that Python's standard library lacks."""

from __future__ import annotations

import ctypes
import os
from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

# The number of pivot_root, which the C library does not wrap: (x86_64, everything newer).
_PIVOT_ROOT = {"x86_64": 155}
_PIVOT_ROOT_GENERIC = 41
_MNT_DETACH = 2


class Namespace(IntFlag):
    """Kinds of namespaces, numbered as in <linux/sched.h>."""

    MOUNT = 0x00020000
    CGROUP = 0x02000000
    UTS = 0x04000000
    IPC = 0x08000000
    PID = 0x20000000
    NET = 0x40000000


class Mount(IntFlag):
    """Flags of mount(2), numbered as in <linux/mount.h>."""

    NONE = 0
    READ_ONLY = 1
    NO_SUID = 2
    NO_DEVICES = 4
    NO_EXEC = 8
    REMOUNT = 32
    BIND = 4096
    RECURSIVE = 16384
    PRIVATE = 1 << 18


def unshare(kinds: Namespace) -> None:
    """Leave the namespaces of these kinds for new ones. Raises OSError."""
    _check(_libc.unshare, int(kinds))


def setns(file_descriptor: int, kind: Namespace) -> None:
    """Enter the namespace that a file of /proc/PID/ns stands for. Raises OSError."""
    _check(_libc.setns, file_descriptor, int(kind))


def mount_file_system(kind: str, target: Path, flags: Mount, data: str = "") -> None:
    """Mount a new file system of this kind (tmpfs, proc, overlay …). Raises OSError."""
    _check(_libc.mount, kind.encode(), _raw(target), kind.encode(), _long(flags), data.encode())


def bind(source: Path, target: Path) -> None:
    """Show a file or folder, with what is mounted below it, at a second place. Raises OSError."""
    how = Mount.BIND | Mount.RECURSIVE
    _check(_libc.mount, _raw(source), _raw(target), None, _long(how), None)


def make_read_only(target: Path) -> None:
    """Let nothing be written through this mount; others of the same files stay. Raises OSError."""
    how = Mount.BIND | Mount.REMOUNT | Mount.READ_ONLY
    _check(_libc.mount, None, _raw(target), None, _long(how), None)


def make_private(target: Path) -> None:
    """Keep what is mounted at and below `target` from now on in this namespace. Raises OSError."""
    how = Mount.PRIVATE | Mount.RECURSIVE
    _check(_libc.mount, None, _raw(target), None, _long(how), None)


def change_root(root: Path) -> None:
    """Make `root`, a mount point, the root of this namespace and let go of the old one."""
    os.chdir(root)
    number = _PIVOT_ROOT.get(os.uname().machine, _PIVOT_ROOT_GENERIC)
    # Both may be the same folder: the old root then lies on top of the new one (pivot_root(2)).
    _check(_libc.syscall, ctypes.c_long(number), b".", b".")
    _check(_libc.umount2, b".", _MNT_DETACH)
    os.chdir("/")


def _check(call: Callable[..., int], *arguments: object) -> None:
    if call(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{os.strerror(code)}: {getattr(call, '__name__', call)}{arguments}")


def _raw(path: Path) -> bytes:
    return os.fsencode(path)


def _long(flags: Mount) -> ctypes.c_ulong:
    return ctypes.c_ulong(int(flags))
