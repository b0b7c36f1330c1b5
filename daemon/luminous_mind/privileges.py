"""Privileges: what root starts goes on as the user that searches, where there is one."""

from __future__ import annotations

import contextlib
import os
import pwd
from pathlib import Path

USER = "luminous-mind"
_FIRST_TO_GO = Path("/proc/self/oom_score_adj")


def drop_privileges(folder: Path) -> None:
    """Become the user that searches, to whom `folder` is to belong; be the first to go, too.

    Files of root's would be in the way of the next job, and a source is only read by who may.
    """
    with contextlib.suppress(OSError):
        _FIRST_TO_GO.write_text("1000", encoding="ascii")  # memory is for what searches
    with contextlib.suppress(KeyError):
        user = pwd.getpwnam(USER)
        if os.geteuid() == 0:
            _hand_over(folder, user)
            os.setgroups([])
            os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
            os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)


def _hand_over(folder: Path, user: pwd.struct_passwd) -> None:
    """Make what is missing of the way to `folder`, for `user` alone."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir(mode=0o700)
        os.chown(place, user.pw_uid, user.pw_gid, follow_symlinks=False)
