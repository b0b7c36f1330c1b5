"""PID 1 of the machine: makes its file system, then collects orphans until the runner is gone.

The first line of standard input is the blueprint. The rest of it never comes: its end, which the
kernel brings about however the runner dies, is the end of this process, and the end of PID 1 is the
end of every process of the machine, of its mounts and of its files.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import struct
import sys
from typing import TYPE_CHECKING, Final

from luminous_sandbox.blueprint import HOST_NAME, Blueprint
from luminous_sandbox.rootfs import build
from luminous_sandbox.syscalls import Namespace, unshare

if TYPE_CHECKING:
    from types import FrameType

READY: Final = "ready"

_KINDS: Final = Namespace.MOUNT | Namespace.CGROUP | Namespace.UTS | Namespace.IPC | Namespace.NET
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
_INTERFACE_REQUEST = struct.Struct("16sh14x")


def _raise_loopback() -> None:
    """Bring up the one network interface that a new network namespace has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = b"lo"
        answer = fcntl.ioctl(control, _SIOCGIFFLAGS, _INTERFACE_REQUEST.pack(name, 0))
        flags = _INTERFACE_REQUEST.unpack(answer)[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, _INTERFACE_REQUEST.pack(name, flags | _IFF_UP))


def _reap(_number: int, _frame: FrameType | None) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> int:
    """Make the machine, say so on standard output, and stay for as long as the runner does."""
    blueprint = Blueprint.from_json(sys.stdin.buffer.readline().decode())
    unshare(_KINDS)
    socket.sethostname(HOST_NAME)
    _raise_loopback()
    build(blueprint)
    signal.signal(signal.SIGCHLD, _reap)
    print(READY, flush=True)
    while os.read(sys.stdin.fileno(), 4096):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
