"""What is searched, and for what: real passages, more of their kind, and queries of each sort.

Queries are made of the passages by chance with a fixed seed, so that none of those that search is
judged by is among them.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from luminous_mind.ingest.sources import READERS
from luminous_mind.knowledge.documents import MANUAL, OPTION, PACKAGE, Document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

SOURCES: Final[Mapping[str, str]] = {
    "nixos-options-25.11.jsonl": "option-lines",
    "nixpkgs-packages-2025-09.jsonl": "package-lines",
    "docs.jsonl": "manual-lines",
    "docs-community.jsonl": "manual-lines",
    "home-manager-options-26.11pre.jsonl": "option-lines",
}
"""The files of real passages, each with its reader."""

_SEED: Final = 7
_SHORTEST_NAME: Final = 5
_SYLLABLES: Final = ("ba", "con", "di", "fer", "go", "lin", "mo", "net", "per", "ra", "su", "tor")


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as every contender gets it."""

    id: str
    kind: str
    name: str
    text: str


def real_documents(folder: Path) -> list[Document]:
    """Read what is there of the real passages, each once; none where there is no such folder."""
    found = {
        document.id: document
        for name, reader in SOURCES.items()
        if (folder / name).exists()
        for document in READERS[reader](folder / name)
        if isinstance(document, Document)
    }
    return list(found.values())


def grown(real: Sequence[Document], count: int) -> list[Document]:
    """Return so many documents: real ones by chance, and past their number such as might be."""
    chance = random.Random(_SEED)
    chosen = list(real)
    chance.shuffle(chosen)
    while len(chosen) < count:
        chosen.append(_invented(chance, real, len(chosen)))
    return chosen[:count]


def _invented(chance: random.Random, real: Sequence[Document], number: int) -> Document:
    """Return a document whose words are those of two others, if there are any."""
    kind = chance.choices((PACKAGE, OPTION, MANUAL), (76, 20, 4))[0]
    word = "".join(chance.choices(_SYLLABLES, k=3))
    if not real:
        name, text = word, " ".join("".join(chance.choices(_SYLLABLES, k=2)) for _ in range(12))
    else:
        one, other = chance.choice(real), chance.choice(real)
        name = f"{one.name.rpartition('.')[2]}-{word}"
        text = f"{one.text[: len(one.text) // 2]} {other.text[len(other.text) // 2 :]}"
    if kind == OPTION:
        name = f"services.{name}.enable"
    return Document(f"{kind}:{name}.{number}", kind, f"{name}.{number}", text, name)


def entries(documents: Sequence[Document]) -> list[Entry]:
    """Return documents as contenders get them."""
    return [
        Entry(document.id, document.kind, document.title or document.name, document.text)
        for document in documents
    ]


def write_entries(documents: Sequence[Document], file: Path) -> None:
    """Write documents for contenders, which run in processes of their own."""
    with file.open("w", encoding="utf-8") as opened:
        opened.writelines(json.dumps(asdict(entry)) + "\n" for entry in entries(documents))


def read_entries(file: Path) -> list[Entry]:
    """Read what `write_entries` wrote."""
    with file.open(encoding="utf-8") as lines:
        return [Entry(**json.loads(line)) for line in lines]


def queries(documents: Sequence[Document], count: int) -> dict[str, list[str]]:
    """Return so many queries of each sort, made of the documents."""
    chance = random.Random(_SEED + 1)
    makers: dict[str, Callable[[random.Random, Document], str]] = {
        "exact": lambda _, document: document.name,
        "beginning": lambda _, document: _last(document)[: max(4, len(_last(document)) * 2 // 3)],
        "typo": lambda chance, document: _misspelt(chance, _last(document)),
        "words": lambda chance, document: _words(chance, document, 3),
        "sentence": lambda chance, document: _words(chance, document, 8),
    }
    named = [item for item in documents if item.kind != MANUAL and _is_typed(_last(item))]
    return {
        sort: [make(chance, chance.choice(named)) for _ in range(count)]
        for sort, make in makers.items()
    }


def people_s_queries(folder: Path) -> list[str]:
    """Read what people have typed elsewhere, if it is there."""
    file = folder / "dev" / "observed-queries.jsonl"
    if not file.exists():
        return []
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line)["query"] for line in lines]


def _last(document: Document) -> str:
    name = document.name.removesuffix(".enable")
    return name.rpartition(".")[2]


def _is_typed(name: str) -> bool:
    return len(name) >= _SHORTEST_NAME and name.isascii() and name.isprintable()


def _misspelt(chance: random.Random, name: str) -> str:
    place = chance.randrange(1, len(name) - 1)
    swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    dropped = name[:place] + name[place + 1 :]
    doubled = name[:place] + name[place] + name[place:]
    return chance.choice((swapped, dropped, doubled))


def _words(chance: random.Random, document: Document, count: int) -> str:
    """Return some words of a document that stand side by side, or its name for want of any."""
    words = [word for word in document.text.split() if word.isalpha()]
    start = chance.randrange(max(1, len(words) - count))
    return " ".join(words[start : start + count]) or document.name
