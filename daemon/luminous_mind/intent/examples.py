"""Examples: sentences with what they ask for, written out of the templates in `data/intents`.

A line there is a template: `get|fetch me? {package}` is "get firefox", "fetch me firefox" and so
on; `_` joins words into one choice. Names in braces are filled in.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OTHER: Final = "other"
"""What asks for nothing that Luminous does."""
_FROM_A_LINE: Final = 4
_ALL_COUNTED: Final = 64
_FOLDER: Final = files("luminous_mind") / "data/intents"
_NAMES: Final = {
    "package": ["firefox", "gimp", "vlc", "htop", "inkscape", "git", "blender", "zathura", "emacs"],
    "service": ["nginx", "bluetooth", "ssh", "docker", "printing", "postgresql", "tailscale"],
    "category": [
        "music player",
        "pdf reader",
        "text editor",
        "video editor",
        "calculator",
        "office suite",
        "terminal emulator",
        "games",
        "screen recorder",
        "web browser",
    ],
    "place": ["london", "Europe/Berlin", "tokyo", "new york", "paris"],
    "user": ["anna", "bob", "carol", "guest", "peter"],
    "number": ["42", "7", "118", "30", "5", "8080"],
}
"""What stands in for a name in braces."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, what it asks for, and its template: `kind.family/line`."""

    text: str
    kind: str
    template: str


def read_examples() -> list[Example]:
    """Return the examples of every kind of intent, always the same ones."""
    return [
        Example(_filled(text, number), kind, template)
        for kind, template, number, text in _written()
    ]


def digest() -> str:
    """Return what changes when an example does, or how examples are written out."""
    texts = [name + text for name, text in _texts()]
    return hashlib.sha256("\n".join([*texts, repr(_NAMES), str(_FROM_A_LINE)]).encode()).hexdigest()


def expand(template: str, most: int = _FROM_A_LINE) -> list[str]:
    """Write out a template, at most so often, evenly over all that it can be."""
    choices = [_choices(item) for item in template.split()]
    every = prod(map(len, choices))
    if every <= _ALL_COUNTED:
        found = [" ".join(filter(None, words)) for words in product(*choices)]
        step = max(1, -(-len(found) // most))
        return list(dict.fromkeys(found[::step]))
    return list(dict.fromkeys(_picked(template, choices, most)))


def _texts() -> Iterator[tuple[str, str]]:
    for file in sorted(_FOLDER.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")


def _tables() -> Iterator[tuple[str, dict[str, str]]]:
    for name, text in _texts():
        yield name, tomllib.loads(text)["families"]


def _written() -> Iterator[tuple[str, str, int, str]]:
    """Give of every example its kind, its template, its number there and its words."""
    for kind, families in _tables():
        for family, lines in families.items():
            for at, line in enumerate(filter(str.strip, lines.splitlines())):
                for number, text in enumerate(expand(line)):
                    yield kind, f"{kind}.{family}/{at}", number, text


def _choices(item: str) -> list[str]:
    is_optional = len(item) > 1 and item.endswith("?")
    words = (item[:-1] if is_optional else item).split("|")
    # A name in braces keeps its underscores, of which it has none.
    found = [word.replace("_", " ") for word in words] + [""] * is_optional
    return list(dict.fromkeys("" if word == "?" else word for word in found))


def _picked(template: str, choices: Sequence[list[str]], most: int) -> Iterator[str]:
    """Pick from each item in turn, at places that the template itself decides."""
    for number in range(most):
        seed = hashlib.sha256(f"{template}{number}".encode()).digest()
        words = [
            every[(seed[at % len(seed)] + number) % len(every)] for at, every in enumerate(choices)
        ]
        yield " ".join(filter(None, words))


def _filled(text: str, number: int) -> str:
    for name, values in _NAMES.items():
        place = number + len(text)
        while f"{{{name}}}" in text:
            text = text.replace(f"{{{name}}}", values[place % len(values)], 1)
            place += 1
    return text
