"""The cache folder: where things that are slow to make are kept, each made whole and made once."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def cache_dir() -> Path:
    """Return the folder that holds everything kept: LUMINOUS_CACHE, else below XDG_CACHE_HOME."""
    own = os.environ.get("LUMINOUS_CACHE")
    if own:
        return Path(own)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "luminous"


def ensure(target: Path, make: Callable[[Path], None]) -> Path:
    """Return `target`, made by `make` when it is not there yet.

    `make` fills an empty folder beside the target, which gets its name in one step at the end: a
    folder that has the name is complete. Processes that ask at once wait for the first.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(f".{target.name}.lock")):
        if not target.exists():
            _make_whole(target, make)
    return target


def _make_whole(target: Path, make: Callable[[Path], None]) -> None:
    """Make the target. Whoever calls this holds its lock, so other unfinished ones are dead."""
    for abandoned in target.parent.glob(f".{target.name}.*/"):
        shutil.rmtree(abandoned, ignore_errors=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        make(unfinished)
        # mkdtemp gives mode 700, but unprivileged users of a sandbox read these folders.
        unfinished.chmod(0o755)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
