"""Refused packages: where a configuration names one that nixpkgs does not give out.

The refusal calls it by its name and version; a file calls it by its attribute, which is the name,
or the name and the beginning of the version (`openssl_1_1`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from luminous_protocol.diagnosis.report import Place
from luminous_protocol.diagnosis.tokens import Source

if TYPE_CHECKING:
    from luminous_protocol.diagnosis.missing_files import Sources
    from luminous_protocol.diagnosis.report import Diagnosis

REFUSED = frozenset({"unfree-package", "insecure-package", "broken-package", "unsupported-package"})

_VERSION = re.compile(r"-(?=[^A-Za-z])")
"""As `parseDrvName` of Nix: a version begins at the first dash that no letter follows."""
_SEPARATORS = re.compile(r"[._-]")
_TOP = "flake.nix"
"""It is on the way to everything."""


def refused_package(diagnosis: Diagnosis, sources: Sources) -> Diagnosis:
    """Return a diagnosis with the one place that names the package, or where the trace leads."""
    found = _named(diagnosis.names.get("package", ""), sources)
    if len(found) == 1:
        return replace(diagnosis, place=found[0])
    place = diagnosis.place
    return replace(diagnosis, place=None) if place and place.file.endswith(_TOP) else diagnosis


def _named(package: str, sources: Sources) -> list[Place]:
    """Return where the package is named; by its version too, where anything is."""
    name, *rest = _VERSION.split(package, maxsplit=1)
    if not name:
        return []
    by_name, by_version = [], []
    for file in sources.files():
        source = Source(sources.read(file) or "")
        for token in source.tokens:
            if token.kind != "name" or not token.text.startswith(name):
                continue
            tail = token.text[len(name) :]
            place = Place(file, *source.position(token.start))
            if not tail:
                by_name.append(place)
            elif _is_version(tail, rest[0] if rest else ""):
                by_version.append(place)
    return by_version or by_name


def _is_version(tail: str, version: str) -> bool:
    """Tell whether the end of an attribute is the beginning of a version: `_1_1` of 1.1.1w."""
    digits, whole = (_SEPARATORS.sub("", text) for text in (tail, version))
    return bool(digits) and digits[0].isdigit() and whole.startswith(digits)
