"""What a machine can search in: its own options and packages, indexed once and kept."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Final

from luminous_sandbox.blueprint import Copy
from luminous_sandbox.cache import cache_dir, ensure
from luminous_sandbox.command import CommandError, run
from luminous_sandbox.users import account

LISTS: Final = "var/lib/luminous-sandbox/lists"
"""Where a template keeps what its options and packages are."""
_MIND: Final = Path(__file__).parents[1] / "luminous_mind"
_PLACES: Final = {
    "options": ("options.json", "/etc/luminous/options.json"),
    "packages": ("packages.json", "/var/cache/luminous-catalogue/packages.json"),
}
_INDEX: Final = "/var/lib/luminous-mind/index"


class KnowledgeUnavailableError(RuntimeError):
    """The index cannot be made; the message says what to do."""


def knowledge(template: Path) -> list[Copy]:
    """Return the lists and the index that a machine made of a template begins with.

    Raises KnowledgeUnavailableError.
    """
    target = cache_dir() / "sandbox" / f"knowledge-{_digest(template)}"
    try:
        kept = ensure(target, lambda folder: _make(template / LISTS, folder))
    except CommandError as error:
        raise KnowledgeUnavailableError(
            f"The index of the sandbox could not be made; run `make setup`. {error}"
        ) from error
    mind = account("luminous-mind")
    lists = [
        Copy(source=str(kept / kind), target=str(Path(place).parent))
        for kind, (_, place) in _PLACES.items()
    ]
    return [*lists, Copy(source=str(kept / "index"), target=_INDEX, uid=mind.uid, gid=mind.gid)]


def _make(lists: Path, folder: Path) -> None:
    sources = []
    for kind, (name, _) in _PLACES.items():
        (folder / kind).mkdir()
        (folder / kind / name).write_bytes((lists / name).read_bytes())
        sources.append(f"{json.dumps(str(folder / kind / name))} = {json.dumps(kind)}")
    settings = folder / "mind.toml"
    index = json.dumps(str(folder / "index"))
    settings.write_text("\n".join((f"index = {index}", "[sources]", *sources)) + "\n")
    run([sys.executable, "-m", "luminous_mind", "--settings", str(settings), "--index"])


def _digest(template: Path) -> str:
    """Return a name for the lists and for the code that indexes them."""
    seen = hashlib.sha256(template.name.encode())
    for path in sorted(_MIND.rglob("*")):
        if path.suffix in {".py", ".toml"}:
            seen.update(path.read_bytes())
    return seen.hexdigest()[:16]
