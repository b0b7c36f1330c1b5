"""Debian packages: fetched from any suite and unpacked into a folder; the host's own stay as is."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_sandbox.command import CommandError, run

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""Whose signatures are trusted."""

_UNWANTED = ("./usr/share/doc*", "./usr/share/man*", "./usr/share/locale*", "./usr/share/perl*")


def fetch_packages(suite: str, names: Sequence[str], target: Path) -> None:
    """Unpack these packages of a suite, and all they depend on, into `target`.

    apt works with a state of its own in which nothing is installed, so that it brings the suite's
    C library too. Raises CommandError with what apt said.
    """
    with tempfile.TemporaryDirectory(prefix="luminous-debian-") as folder:
        state = Path(folder)
        env = {**os.environ, "APT_CONFIG": str(_configure(state, suite))}
        run(["apt-get", "-qq", "update"], env=env)
        run(["apt-get", "-qq", "-y", "--download-only", "install", *names], env=env)
        target.mkdir(parents=True)
        for package in sorted((state / "cache/archives").glob("*.deb")):
            _unpack(package, target)


def _configure(state: Path, suite: str) -> Path:
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True)
    (state / "status").touch()
    sources = state / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n")
    settings = {
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Install-Recommends": "false",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    config = state / "apt.conf"
    config.write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()))
    return config


def mirror() -> str:
    """Return the mirror this host already uses for Debian's main archive."""
    argv = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Identifier: Packages"]
    for uri in run(argv).splitlines():
        if uri.rstrip("/").endswith("/debian"):
            return uri
    raise CommandError(argv, 0, "None of the sources of apt is a mirror of Debian's archive.")


def _unpack(package: Path, target: Path) -> None:
    excluded = [f"--exclude={pattern}" for pattern in _UNWANTED]
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(package)],
        stdout=subprocess.PIPE,
    ) as archive:
        unpack = ["tar", "-x", "-C", str(target), *excluded]
        done = subprocess.run(unpack, stdin=archive.stdout, check=False)
    if done.returncode or archive.returncode:
        raise CommandError(unpack, done.returncode or archive.returncode, str(package))
