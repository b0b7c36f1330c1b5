"""Options of NixOS and of Home Manager, as the module system renders them and as JSON lines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from luminous_mind.ingest.sources.reading import first, made_of, object_in, records_in, text
from luminous_mind.knowledge.documents import HOME_MANAGER, OPTION, Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_mind.ingest.sources.reading import Item

_FACTS = ("type", "default", "example")


def read(file: Path) -> Iterator[Item]:
    """Read `options.json`: an object by option name."""
    return _rendered(file, "")


def read_lines(file: Path) -> Iterator[Item]:
    """Read JSON lines: `name, type, description, default?, example?, declaredBy[]`."""
    return made_of(records_in(file), partial(_of_line, owner=""))


def read_of_home_manager(file: Path) -> Iterator[Item]:
    """Read Home Manager's `options.json`."""
    return _rendered(file, HOME_MANAGER)


def read_lines_of_home_manager(file: Path) -> Iterator[Item]:
    """Read Home Manager's options as JSON lines."""
    return made_of(records_in(file), partial(_of_line, owner=HOME_MANAGER))


def _rendered(file: Path, owner: str) -> Iterator[Item]:
    named = ((f"{file}: {name}", {"name": name, "of": of}) for name, of in object_in(file).items())
    return made_of(named, lambda record: _option(record["name"], record["of"], owner))


def _of_line(record: dict[str, Any], owner: str) -> Document:
    declared = record.get("declaredBy") or []
    return _option(record["name"], {**record, "declarations": declared}, owner)


def _option(name: str, option: dict[str, Any], owner: str) -> Document:
    facts = {key: text(option[key]) for key in _FACTS if option.get(key)}
    # A declaration is the name of a file, or an object with one where documentation is rendered.
    declared = option.get("declarations") or [""]
    place = declared[0].get("name", "") if isinstance(declared[0], dict) else first(declared)
    if owner:
        facts["declared"] = place
    return Document(
        id=f"{owner or OPTION}:{_name(name)}",
        kind=OPTION,
        name=name,
        text=text(option.get("description") or ""),
        title=name,
        source=owner or place,
        facts=facts,
    )


def _name(name: str) -> str:
    if not isinstance(name, str):
        raise TypeError(name)
    return name
