"""Elements: how the module system names what stands in a list, and how people call it."""

from __future__ import annotations

import re

_ELEMENT = re.compile(r'\."?\[definition \d{1,4}-entry (?P<number>\d{1,6})\]"?')
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


def list_of(option: str) -> str:
    """Return the option whose list an element stands in; any other option as it is."""
    return _ELEMENT.split(option, maxsplit=1)[0]


def in_words(option: str) -> str:
    """Name an element as the first, second, … of its list; any other option as it is."""
    name, *rest = _ELEMENT.split(option)
    words = f"the list {name}" if rest else name
    for number, inner in zip(rest[::2], rest[1::2], strict=True):
        words = f"{_numbered(int(number))} of {words}"
        if inner:
            words = f"{inner.removeprefix('.')} in {words}"
    return words


def _numbered(number: int) -> str:
    is_named = 1 <= number <= len(_ORDINALS)
    return f"the {_ORDINALS[number - 1]} element" if is_named else f"element {number}"
