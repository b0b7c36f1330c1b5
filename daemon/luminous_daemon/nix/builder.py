"""The builder: the user that evaluates and builds, and that user's environment."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.nix.ownership import NoOwner, owner_of_way
from luminous_protocol.errors import EvaluationFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.settings import Settings

FLAKES = ("--extra-experimental-features", "nix-command flakes")
"""Arguments that let every Nix read flakes, whatever its own settings say."""

_GIT_SETTINGS = {
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.fsmonitor",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_CONFIG_KEY_1": "core.hooksPath",
    "GIT_CONFIG_VALUE_1": "/dev/null",
}
"""Nobody waits for a program of the repository's; in variables, as Nix starts git too."""
_CACHE_VARIABLE = "CACHE_DIRECTORY"
"""Where systemd says that the unit may keep what can be fetched again."""


def builder_of(settings: Settings) -> str:
    """Return the user that evaluates and builds: the owner of the configuration, or as set.

    Raises `EvaluationFailed` where there is no configuration, and where its owner is not one user.
    """
    if settings.builder:
        return settings.builder
    file = settings.main_file()
    try:
        owner = owner_of_way(file)
    except (FileNotFoundError, NotADirectoryError):
        key = "flake" if settings.flake else "configuration"
        raise EvaluationFailed(
            f"There is no {file}. Luminous needs the configuration of this machine; "
            f"set `{key}` in /etc/luminous/luminous.toml if it lies elsewhere."
        ) from None
    except NoOwner as error:
        raise EvaluationFailed(
            f"{error} Mend that, or set `builder` in /etc/luminous/luminous.toml."
        ) from None
    return owner


def flake_environment(user: str) -> Mapping[str, str]:
    """Return what Nix and git need when `user` reads a flake.

    Both keep their hands off the repository's index and start none of its hooks. What is fetched
    goes to a directory that the daemon's unit may write: the home of `user` is read-only there.
    """
    environment = {"GIT_OPTIONAL_LOCKS": "0", **_GIT_SETTINGS}
    if cache := os.environ.get(_CACHE_VARIABLE):
        own, account = Path(cache) / user, pwd.getpwnam(user)
        if not own.exists():
            own.mkdir(mode=0o700)
            os.chown(own, account.pw_uid, account.pw_gid)
        environment["XDG_CACHE_HOME"] = str(own)
    return environment
