"""Values of options: what may be known of each, how it is written for people, which ones change.

A value is kept as one text: JSON for plain data, or what stands for it in «angle quotes».
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from luminous_daemon.core.redaction import looks_secret, speaks_of_secret
from luminous_protocol.plan import OptionChange

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from luminous_daemon.core.facts import OptionFacts

_HIDDEN = "«hidden"
_STORE_HASH = re.compile(r"/nix/store/[a-z0-9]{32}-")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
_LONGEST = 200
"""Characters of a value that are shown."""


class OptionValues(Protocol):
    """The values of options of systems that Luminous made, as texts of this module."""

    def of(self, toplevel: str) -> Mapping[str, str] | None:
        """Return those of one system, or None where they are not kept."""

    def keep(self, toplevel: str, values: Mapping[str, str]) -> None:
        """Keep those of a system; it raises nothing, as only a comparison suffers."""

    def retain(self, toplevels: Collection[str]) -> None:
        """Forget those of all other systems."""


def as_text(name: str, value: Any) -> str:  # noqa: ANN401 - plain data
    """Return a plain value of the option `name` as JSON, or a digest where it may be a secret."""
    words = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if _is_secret(name, value) or any(map(looks_secret, _texts(value))):
        return f"{_HIDDEN} {sha256(words.encode()).hexdigest()[:12]}»"
    return words


def standing_for(words: str) -> str:
    """Return the text for a value that is no plain data."""
    return f"«{words}»"


def known_values(options: Iterable[OptionFacts]) -> dict[str, str]:
    """Return the values that facts tell of options."""
    return {
        option.name: as_text(option.name, option.value)
        for option in options
        if option.exists and option.is_plain
    }


def compare_options(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[OptionChange, ...]:
    """Return the options whose values differ, by name.

    Two that differ only in where the store has something are the same to people.
    """
    names = sorted(before.keys() | after.keys())
    found = ((name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(
        _change(name, old, new)
        for name, old, new in found
        if _without_hash(old) != _without_hash(new)
    )


def _change(name: str, old: str, new: str) -> OptionChange:
    if old.startswith(_HIDDEN) and new.startswith(_HIDDEN):
        return OptionChange(name, "«hidden»", "«hidden, another»")
    return OptionChange(name, _shown(old), _shown(new))


def written(text: str) -> str:
    """Return a text of this module for people: plain data as Nix writes it."""
    if text.startswith(_HIDDEN):
        return "«hidden»"
    return text if not text or text.startswith("«") else as_nix(json.loads(text))


def _shown(text: str) -> str:
    """Return the same for one line, in which the hashes of the store say nothing."""
    words = _without_hash(written(text))
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def as_nix(value: Any) -> str:  # noqa: ANN401 - plain data
    """Return plain data as Nix writes it."""
    match value:
        case list():
            return " ".join(["[", *map(as_nix, value), "]"])
        case dict():
            fields = (f"{_name(key)} = {as_nix(item)};" for key, item in value.items())
            return " ".join(["{", *fields, "}"])
        case _:
            return json.dumps(value, ensure_ascii=False)


def _name(key: str) -> str:
    return key if _PLAIN_NAME.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _without_hash(text: str) -> str:
    return _STORE_HASH.sub("/nix/store/…-", text)


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - plain data
    """Return all texts in a value; those of one list as they stand on a command line, too."""
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield from (key, *_texts(item))
        case list():
            yield " ".join(item for item in value if isinstance(item, str))
            for item in value:
                yield from _texts(item)


def _is_secret(name: str, value: Any) -> bool:  # noqa: ANN401 - plain data
    """Tell whether a value is called as secrets are. What only says yes or no is none."""
    match value:
        case None | bool():
            return False
        case dict():
            return any(_is_secret(f"{name}.{key}", item) for key, item in value.items())
        case list() if any(isinstance(item, dict) for item in value):
            return any(_is_secret(name, item) for item in value)
    return speaks_of_secret(name)
