"""The template: the small NixOS as it was just installed, kept so that a machine starts from it."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from luminous_sandbox.cache import cache_dir, ensure
from luminous_sandbox.channel import CHANNEL_DIR, STATES, make_channel, offer
from luminous_sandbox.command import CommandError
from luminous_sandbox.toolchain import NIX_VERSIONS, ToolchainError, find_toolchain
from luminous_sandbox.workshop import run_inside

if TYPE_CHECKING:
    from luminous_sandbox.toolchain import Toolchain

_HERE: Final = Path(__file__).parent
_SOURCES: Final = _HERE / "nixos"
# Code that decides what a template holds, beside the Nix files.
_MAKERS: Final = ("template.py", "channel.py", "workshop.py")
_DIGEST_LENGTH: Final = 16
_UNUSED_SECONDS: Final = 7 * 24 * 3600


class TemplateError(RuntimeError):
    """The template could not be built; the message holds the end of what Nix said."""


def ensure_template(toolchain: Toolchain) -> Path:
    """Return the template for this version of Nix, built when it is not there or out of date.

    The folder holds `nix`, `etc/nixos`, `boot`, `root` and `var/lib/luminous-sandbox`, each to be
    shown at that place of a machine. Nothing may be written to it. Raises TemplateError.
    """
    kept = cache_dir() / "sandbox"
    target = kept / f"template-{toolchain.version}-{_digest(toolchain)}"
    try:
        ensure(target, lambda folder: _build(toolchain, folder))
    except CommandError as error:
        raise TemplateError(
            f"The sandbox's system could not be built with Nix {toolchain.version}. {error}"
        ) from error
    target.touch()
    _drop_unused(kept)
    return target


def _build(toolchain: Toolchain, folder: Path) -> None:
    started = time.monotonic()
    _say(f"Building the sandbox's system with Nix {toolchain.version} (once, about 15 s) …")
    channel = folder / CHANNEL_DIR.relative_to("/")
    with tempfile.TemporaryDirectory(prefix="luminous-channel-") as work:
        make_channel(toolchain, Path(work), channel)
    shutil.copytree(_SOURCES / "etc-nixos", folder / "etc/nixos")
    run_inside(folder, toolchain, ["/bin/sh", "/run/nixos/build-template.sh"])
    # From here on an update of the channel brings something new.
    offer(channel, STATES[-1])
    _say(f"Built in {time.monotonic() - started:.0f} s.")


def _digest(toolchain: Toolchain) -> str:
    """Return a name for everything that the template is made of."""
    digest = hashlib.sha256(toolchain.shell.read_bytes())
    files = [path for path in _SOURCES.rglob("*") if path.is_file()]
    for path in sorted([*files, *(_HERE / name for name in _MAKERS)]):
        digest.update(f"\0{path.relative_to(_HERE)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGEST_LENGTH]


def _drop_unused(kept: Path) -> None:
    """Delete templates that no machine has started from for a long time."""
    for old in kept.glob("template-*"):
        if time.time() - old.stat().st_mtime > _UNUSED_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Build the template of every version of Nix, and say where each is."""
    for version in NIX_VERSIONS:
        started = time.monotonic()
        try:
            template = ensure_template(find_toolchain(version))
        except (ToolchainError, TemplateError) as error:
            _say(str(error))
            return 1
        _say(f"Template for Nix {version}: {template} ({time.monotonic() - started:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
