"""Packages, as `nix-env` prints them and as JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_mind.ingest.sources.reading import SourceError, first, made_of, object_in, records_in
from luminous_mind.knowledge.documents import PACKAGE, Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_mind.ingest.sources.reading import Item

_FACTS = ("pname", "version", "position")
_FLAWS = ("unfree", "broken", "insecure")
_MOST_LICENCES = 20


def read(file: Path) -> Iterator[Item]:
    """Read what `nix-env -qaP --json --meta` prints, or a channel's packages.json around it."""
    whole = object_in(file)
    found = whole.get("packages") if isinstance(whole.get("version"), int) else whole
    if not isinstance(found, dict):
        raise SourceError(f"{file} holds no packages by attribute.")
    return made_of(((f"{file}: {name}", _flat(name, of)) for name, of in found.items()), _package)


def read_lines(file: Path) -> Iterator[Item]:
    """Read JSON lines: `attr, pname, version, description, homepage?, position?`."""
    return made_of(records_in(file), _package)


def _flat(attribute: str, package: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a package as a line has it; what is none has no attribute that is a text."""
    meta = package.get("meta", {}) if isinstance(package, dict) else None
    if not isinstance(meta, dict):
        return {"attr": None}
    return {**meta, **{key: package.get(key) for key in ("pname", "version")}, "attr": attribute}


def _package(record: dict[str, Any]) -> Document:
    attribute = record["attr"].removeprefix("nixos.").removeprefix("nixpkgs.")
    facts = {key: str(record[key]) for key in _FACTS if record.get(key)}
    facts |= {key: "true" for key in _FLAWS if record.get(key) is True}
    told = {"license": _licence(record.get("license")), "program": record.get("mainProgram")}
    facts |= {key: str(value) for key, value in told.items() if value}
    return Document(
        id=f"package:{attribute}",
        kind=PACKAGE,
        name=attribute,
        text=first(record.get("description")),
        title=attribute,
        source="nixpkgs",
        address=first(record.get("homepage")),
        facts=facts,
    )


def _licence(value: Any) -> str:  # noqa: ANN401 - JSON: a licence of nixpkgs, a name, or several
    several = value if isinstance(value, list) else [value]
    return ", ".join(filter(None, map(_name_of, several[:_MOST_LICENCES])))


def _name_of(licence: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(licence, dict):
        return str(licence.get("fullName") or licence.get("shortName") or "")
    return licence if isinstance(licence, str) else ""
