"""File systems: what is free in them."""

from __future__ import annotations

import os

from luminous_daemon.core.disks import FileSystem


class MountedDisks:
    """Asks the kernel."""

    def holding(self, path: str) -> FileSystem | None:
        """Return the file system that `path` is in; None where there is no such path.

        Free is what everybody may use: what the file system reserves for root is for repairs.
        """
        try:
            status = os.statvfs(path)
            return FileSystem(os.stat(path).st_dev, status.f_bavail * status.f_frsize)  # noqa: PTH116 - beside statvfs, which pathlib lacks
        except OSError:
            return None
