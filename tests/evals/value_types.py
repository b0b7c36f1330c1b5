"""The types of options, in the manual's words: which values they take, and which option has which.

On a machine Nix checks values against types. Where there is only the manual, its descriptions
(“list of string”, “null or boolean”) tell most of it; what they do not tell is taken.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from luminous_protocol.changes import split_option

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OPEN = re.compile(r"open submodule|attribute set|anything|value|raw|unspecified|config")
_BETWEEN = re.compile(r"between (-?\d+) and (-?\d+)")
_CHOICE = re.compile(r"“([^”]*)”|\"([^\"]*)\"")
_TEXTS = ("string", "strings", "non-empty string", "(optionally newline-terminated)", "single-line")
_SETS = ("attribute set", "lazy attribute set", "submodule", "open submodule")


def is_package(value: Any) -> bool:  # noqa: ANN401 - any value of Nix
    """Tell whether a value stands for a package."""
    return isinstance(value, dict) and set(value) == {"package"}


def fits(value: Any, described: str) -> bool:  # noqa: ANN401 - any value of Nix
    """Tell whether a type, in the manual's words, takes `value`; unknown types take all."""
    text = _bare(described.removesuffix("convertible to it").strip())
    parts = _alternatives(text)
    if len(parts) > 1:
        return any(fits(value, part) for part in parts)
    for start, of_items in (("list of ", list), ("non-empty (list of ", list)):
        if text.startswith(start):
            inner = text.removeprefix(start).removesuffix(")" if "(" in start else "")
            return isinstance(value, of_items) and all(fits(item, inner) for item in value)
    if found := re.match(r"(?:lazy )?attribute set of (.*)", text):
        is_set = isinstance(value, dict) and not is_package(value)
        return is_set and all(fits(item, found[1]) for item in value.values())
    return _fits_plain(value, text)


def _fits_plain(value: Any, text: str) -> bool:  # noqa: ANN401 - any value of Nix
    match text.split(" ", 1)[0]:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "package":
            return is_package(value)
        case "function":
            return False
        case "absolute" | "path":
            return is_package(value) or (isinstance(value, str) and value.startswith("/"))
        case "floating":
            return isinstance(value, float)
    if text.startswith("one of "):
        return value in [one or other for one, other in _CHOICE.findall(text)]
    if "integer" in text:
        return isinstance(value, int) and not isinstance(value, bool) and _is_within(value, text)
    return _fits_text_or_set(value, text)


def _fits_text_or_set(value: Any, text: str) -> bool:  # noqa: ANN401 - any value of Nix
    if text.startswith(_TEXTS):
        return isinstance(value, str) and _matches(value, text)
    if text.startswith(_SETS):
        return isinstance(value, dict) and not is_package(value)
    return True


def _matches(value: str, text: str) -> bool:
    if "without spaces" in text:
        return " " not in value
    _, _, pattern = text.partition("matching the pattern ")
    return not pattern or bool(re.fullmatch(pattern.replace("[:alnum:]", "A-Za-z0-9"), value))


def _is_within(value: int, text: str) -> bool:
    if found := _BETWEEN.search(text):
        return int(found[1]) <= value <= int(found[2])
    return value >= ("positive" in text) if re.search("unsigned|positive", text) else True


def _bare(text: str) -> str:
    """Drop brackets around the whole of a description."""
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return at
    return -1


def _alternatives(text: str) -> list[str]:
    """Split at each “or” that stands in no brackets and no quotes."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "(“") - (char in ")”")
        if depth == 0 and text.startswith(" or ", at):
            parts.append(text[start:at])
            start = at + len(" or ")
    return [*parts, text[start:]]


class Options:
    """The types of options by name, from files as the manual is made of; maybe none."""

    def __init__(self, folder: Path) -> None:
        """Read the lists of options, and of those that have another name now, where they are."""
        self._nixos = _Names(folder / "nixos-options-25.11.jsonl")
        self._home = _Names(folder / "home-manager-options-26.11pre.jsonl")
        self._old = {line["old"] for line in _lines(folder / "option-renames.jsonl")}

    @property
    def are_known(self) -> bool:
        """Whether there is a list at all."""
        return bool(self._nixos)

    def type_of(self, option: str, is_in_file: Callable[[str], bool]) -> str | None:
        """Return an option's type; empty where it is unknown, and None where there is no option.

        What a file declares or defines already is an option, be it one of another module.
        """
        parts = split_option(option)
        if parts[:2] == ("home-manager", "users"):
            found = self._home.type_of(parts[3:])
        else:
            found = self._nixos.type_of(parts)
        if found is None and (not self.are_known or option in self._old or is_in_file(option)):
            return ""
        return found


class _Names:
    """A tree of options' names, in which `<name>` and `*` stand for any."""

    _TYPE: Final = ""

    def __init__(self, file: Path) -> None:
        self._tree: dict[str, Any] = {}
        for line in _lines(file):
            node = self._tree
            for part in split_option(line["name"]):
                is_any = part == "*" or part.startswith("<")
                node = node.setdefault("*" if is_any else part, {})
            node[self._TYPE] = line["type"]

    def __bool__(self) -> bool:
        return bool(self._tree)

    def type_of(self, parts: tuple[str, ...]) -> str | None:
        """Return the type at a path, empty where a free key lies on the way."""
        return self._find(self._tree, parts)

    def _find(self, node: dict[str, Any], parts: tuple[str, ...]) -> str | None:
        if not parts:
            return str(node.get(self._TYPE, ""))
        for key in (parts[0], "*"):
            if key in node and (found := self._find(node[key], parts[1:])) is not None:
                return found
        described = str(node.get(self._TYPE, ""))
        if of := re.fullmatch(r"(?:lazy )?attribute set of (.*)", described):
            return _bare(of[1]) if len(parts) == 1 else ""
        return "" if _OPEN.search(described) else None


def _lines(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
