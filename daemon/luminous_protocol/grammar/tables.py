"""Tables: reading the packaged word lists.

The lists are TOML. Long ones are one literal string each with an entry a line, because tomllib
reads such a string about fifty times as fast as an array of strings, and the first recognition
must not keep anybody waiting.
"""

from __future__ import annotations

import tomllib
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_protocol.grammar.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

_FOLDER = Path(__file__).parent / "data"


def load(name: str) -> dict[str, Any]:
    """Read the table `name` of the package."""
    return tomllib.loads(source(name))


def source(name: str) -> str:
    """Return the table `name` as it is written."""
    return (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def phrases(text: str) -> list[str]:
    """Read phrases that are separated by commas or line ends, folded for comparing."""
    parts = fold(text).replace("\n", ",").split(",")
    return [" ".join(part.split()) for part in parts if part.strip()]


def expanded(templates: Iterable[str]) -> list[str]:
    """Write out templates: `edit|crop a? photo` is "edit photo", "crop a photo" and so on."""
    found: list[str] = []
    for template in templates:
        if "|" not in template and "?" not in template:
            found.append(template)
            continue
        choices: list[list[str]] = []
        for item in template.split():
            is_optional = len(item) > 1 and item[-1] == "?"
            words = (item[:-1] if is_optional else item).split("|")
            choices.append([word.replace("_", " ") for word in words] + [""] * is_optional)
        found.extend(" ".join(filter(None, chosen)) for chosen in product(*choices))
    return found


def entries(text: str) -> list[tuple[str, list[str]]]:
    """Read lines of the form `name : phrase, phrase`; a line may be the name alone."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        name, _, rest = line.partition(" : ")
        if name.strip():
            found.append((name.strip(), expanded(phrases(rest))))
    return found


def pairs(text: str) -> dict[str, str]:
    """Read lines of the form `phrase = value` into a mapping with folded keys."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" = ")
        if name.strip():
            found[" ".join(fold(name).split())] = value.strip()
    return found
