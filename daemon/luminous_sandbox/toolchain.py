"""The toolchain: the Nix programs of one version, Debian 12's own or a newer one kept beside it."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from luminous_sandbox.cache import cache_dir, ensure
from luminous_sandbox.command import CommandError
from luminous_sandbox.debian import fetch_packages

NixVersion = Literal["2.8", "2.26"]
NIX_VERSIONS: Final[tuple[NixVersion, ...]] = get_args(NixVersion)

# The suite of Debian whose nix-bin is the newer version.
_SUITES: Final[dict[NixVersion, str]] = {"2.26": "trixie"}
# Where builds find /bin/sh: any static shell does, and both versions may share the host's.
_SHELL = Path("/bin/busybox")
_TOOLS = (
    "nix",
    "nix-build",
    "nix-channel",
    "nix-collect-garbage",
    "nix-copy-closure",
    "nix-daemon",
    "nix-env",
    "nix-hash",
    "nix-instantiate",
    "nix-prefetch-url",
    "nix-shell",
    "nix-store",
)
_LOADERS = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}
# The wrapper finds its own folder, so that the tree works wherever it is mounted.
_WRAPPER = """\
#!/bin/sh
# Starts the Nix beside this file with the C library it was made for.
self=$0
if [ -L "$self" ]; then self=$(readlink -f "$self"); fi
prefix=${{self%/*}}/..
export NIX_BIN_DIR="${{NIX_BIN_DIR:-${{self%/*}}}}"
exec "$prefix/lib/{loader}" --library-path "$prefix/lib" --argv0 "${{0##*/}}" \\
  "$prefix/libexec/nix" "$@"
"""


class ToolchainError(RuntimeError):
    """The Nix programs cannot be had; the message says what to do."""


class ToolchainMissingError(ToolchainError):
    """A program that must be installed first is not there."""


class ToolchainFetchError(ToolchainError):
    """The newer Nix could not be fetched from Debian."""


@dataclass(frozen=True, kw_only=True)
class Toolchain:
    """The Nix programs of one version.

    `bin_dir` holds them, in a tree (`prefix`) that may be mounted anywhere else. `shell` is a
    static shell for build sandboxes.
    """

    version: NixVersion
    bin_dir: Path
    shell: Path

    @property
    def prefix(self) -> Path:
        """The tree that holds everything these programs need beside the kernel."""
        return self.bin_dir.parent


def find_toolchain(version: NixVersion) -> Toolchain:
    """Return the Nix programs of this version, fetched when they are kept nowhere yet.

    Raises ToolchainMissingError when a Debian package is not installed, and ToolchainFetchError
    when the newer version cannot be fetched.
    """
    if not _SHELL.exists():
        raise ToolchainMissingError(
            "There is no static shell for builds: run `apt-get install busybox-static`."
        )
    if version in _SUITES:
        return Toolchain(version=version, bin_dir=_fetched(version) / "bin", shell=_SHELL)
    if not Path("/usr/bin/nix").exists():
        raise ToolchainMissingError("Nix is not installed: run `apt-get install nix-bin`.")
    return Toolchain(version=version, bin_dir=Path("/usr/bin"), shell=_SHELL)


def _fetched(version: NixVersion) -> Path:
    return ensure(cache_dir() / f"nix-{version}", lambda prefix: _fetch(_SUITES[version], prefix))


def _fetch(suite: str, prefix: Path) -> None:
    if platform.machine() not in _LOADERS:
        raise ToolchainFetchError(f"A newer Nix is only fetched for {' and '.join(_LOADERS)}.")
    _say(f"Fetching a newer Nix from Debian {suite} (about 30 MB, 15 s, once) …")
    unpacked = prefix / "unpacked"
    try:
        fetch_packages(suite, ["nix-bin"], unpacked)
    except CommandError as error:
        raise ToolchainFetchError(
            f"The newer Nix could not be fetched from Debian {suite}. Check that `apt-get update` "
            f"works and run `python -m luminous_sandbox.toolchain fetch` again. {error}"
        ) from error
    _arrange(unpacked, prefix)
    shutil.rmtree(unpacked)


def _arrange(unpacked: Path, prefix: Path) -> None:
    """Keep what Nix needs of the unpacked packages: its program, its libraries, wrappers."""
    libraries = f"{platform.machine()}-linux-gnu"
    (unpacked / "usr/lib" / libraries).rename(prefix / "lib")
    (prefix / "libexec").mkdir()
    (unpacked / "usr/bin/nix").rename(prefix / "libexec/nix")
    (prefix / "bin").mkdir()
    for tool in _TOOLS:
        wrapper = prefix / "bin" / tool
        wrapper.write_text(_WRAPPER.format(loader=_LOADERS[platform.machine()]))
        wrapper.chmod(0o755)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Fetch every version of Nix that is not installed, and say where each is."""
    parser = argparse.ArgumentParser(prog="python -m luminous_sandbox.toolchain")
    parser.add_argument("action", choices=["fetch"], help="make every version of Nix available")
    parser.parse_args()
    for version in NIX_VERSIONS:
        started = time.monotonic()
        try:
            toolchain = find_toolchain(version)
        except ToolchainError as error:
            _say(str(error))
            return 1
        _say(f"Nix {version}: {toolchain.bin_dir} ({time.monotonic() - started:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
