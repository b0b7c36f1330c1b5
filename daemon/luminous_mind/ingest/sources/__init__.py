"""Sources: what documents come from, each kind with a reader that is registered under its name.

A reader takes a file or a directory and yields what it finds: documents, renames, and as values
the errors of places that it had to leave out. What it cannot read at all it raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_mind.ingest.sources import (
    man_pages,
    manuals,
    notes,
    options,
    packages,
    renames,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_mind.ingest.sources.reading import Reader

READERS: Mapping[str, Reader] = {
    "options": options.read,
    "option-lines": options.read_lines,
    "home-manager-options": options.read_of_home_manager,
    "home-manager-option-lines": options.read_lines_of_home_manager,
    "packages": packages.read,
    "package-lines": packages.read_lines,
    "manual": manuals.read,
    "manual-lines": manuals.read_lines,
    "man-pages": man_pages.read,
    "notes": notes.read,
    "renames": renames.read,
}
"""Readers by the name that settings give. What of the same name comes first is found first."""
