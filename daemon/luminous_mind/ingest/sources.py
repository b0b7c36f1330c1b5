"""Sources: files that documents come from, each a reader that is registered under its name.

A reader takes a file and yields documents. What it cannot read is a `SourceError` that names the
source and the line: the other sources are read all the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from luminous_mind.knowledge.documents import MANUAL, OPTION, PACKAGE, Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Reader = Callable[[Path], Iterator[Document]]

_KEPT_FACTS = ("type", "default", "example")
_PACKAGE_FACTS = ("pname", "version", "position")
_FLAWS = ("unfree", "broken", "insecure")


class SourceError(ValueError):
    """A source cannot be read."""


def read_options(file: Path) -> Iterator[Document]:
    """Read `options.json` as NixOS's module system renders it: an object by option name."""
    for name, option in _object(file).items():
        if not isinstance(option, dict):
            raise SourceError(f"{file}: {name} is no option.")
        declared = option.get("declarations") or [""]
        facts = {key: _text(option[key]) for key in _KEPT_FACTS if option.get(key)}
        text = _text(option.get("description", ""))
        yield Document(f"option:{name}", OPTION, name, text, name, _text(declared[0]), facts=facts)


def read_option_lines(file: Path) -> Iterator[Document]:
    """Read options as JSON lines: `name, type, description, default?, example?, declaredBy[]`."""
    for record in _lines(file):
        name = record["name"]
        facts = {key: record[key] for key in _KEPT_FACTS if record.get(key)}
        declared = record.get("declaredBy") or [""]
        yield Document(
            f"option:{name}", OPTION, name, record["description"], name, declared[0], facts=facts
        )


def read_packages(file: Path) -> Iterator[Document]:
    """Read what `nix-env -qaP --json --meta` prints, or a channel's packages.json around it."""
    found = _object(file)
    if isinstance(found.get("version"), int):
        found = found["packages"]
    for attribute, package in found.items():
        meta = package.get("meta", {})
        yield _package(
            attribute.removeprefix("nixos.").removeprefix("nixpkgs."),
            {**meta, **{key: package.get(key) for key in ("pname", "version")}},
        )


def read_package_lines(file: Path) -> Iterator[Document]:
    """Read packages as JSON lines: `attr, pname, version, description, homepage?, position?`."""
    for record in _lines(file):
        yield _package(record["attr"], record)


def read_manual_lines(file: Path) -> Iterator[Document]:
    """Read sections of manuals as JSON lines: `id, source, title, heading_path[], path, text`."""
    for record in _lines(file):
        title = " \u203a ".join(record["heading_path"]) or record["title"]
        anchor = f"#{record['anchor']}" if record.get("anchor") else ""
        address = f"{record['repo']}/{record['path']}{anchor}"
        yield Document(
            f"manual:{record['id']}",
            MANUAL,
            record["id"],
            record["text"],
            title,
            record["source"],
            address,
        )


READERS: Mapping[str, Reader] = {
    "options": read_options,
    "option-lines": read_option_lines,
    "packages": read_packages,
    "package-lines": read_package_lines,
    "manual-lines": read_manual_lines,
}
"""Readers by the name that settings give."""


def _package(attribute: str, record: Mapping[str, Any]) -> Document:
    facts = {key: str(record[key]) for key in _PACKAGE_FACTS if record.get(key)}
    facts |= {key: "true" for key in _FLAWS if record.get(key) is True}
    told = {"license": _licence(record.get("license")), "program": record.get("mainProgram")}
    facts |= {key: str(value) for key, value in told.items() if value}
    return Document(
        f"package:{attribute}",
        PACKAGE,
        attribute,
        record.get("description") or "",
        attribute,
        "nixpkgs",
        _first(record.get("homepage")),
        facts=facts,
    )


def _object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8", errors="replace"))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{file} is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise SourceError(f"{file} holds no object by name.")
    return found


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8", errors="replace") as opened:
        for number, line in enumerate(opened, 1):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise SourceError(f"{file}, line {number}, is not JSON: {error}.") from None


def _first(value: Any) -> str:  # noqa: ANN401 - JSON: a text, a list of them, or nothing
    return _first(value[0]) if isinstance(value, list) and value else value or ""


def _licence(value: Any) -> str:  # noqa: ANN401 - JSON: a licence of nixpkgs, a name, or several
    if isinstance(value, list):
        return ", ".join(filter(None, map(_licence, value)))
    names = value if isinstance(value, dict) else {"fullName": value or ""}
    return str(names.get("fullName") or names.get("shortName") or "")


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    """Return a text as it stands, or in the wrapping in which NixOS renders literals."""
    if isinstance(value, dict):
        return str(value.get("text", ""))
    return str(value)
