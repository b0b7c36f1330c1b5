"""The mind's settings: defaults, then `/etc/luminous/mind.toml`."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic looks it up
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from luminous_protocol.errors import InvalidValue
from luminous_protocol.settings_file import read_settings

FILE = Path("/etc/luminous/mind.toml")
MEANINGS: Mapping[str, str] = {
    "index": "the directory that holds what can be searched",
    "encoder": "the directory of the sentence encoder; without one searches go by words alone",
    "sources": "what is indexed: by the name of a file or directory how it is read, which is "
    "options, option-lines, home-manager-options, home-manager-option-lines, packages, "
    "package-lines, manual (Markdown and HTML), manual-lines, man-pages, notes or renames",
    "idle_seconds": "after how many seconds without a question the process ends; it is started "
    "again by the next one",
    "log_level": "what is written to the journal: debug, info, warning or error",
}
"""What each setting means, as the manual page says it."""


SourceKind = Literal[
    "options",
    "option-lines",
    "home-manager-options",
    "home-manager-option-lines",
    "packages",
    "package-lines",
    "manual",
    "manual-lines",
    "man-pages",
    "notes",
    "renames",
]
_SOURCES: Mapping[Path, SourceKind] = {
    Path("/etc/luminous/options.json"): "options",
    Path("/var/cache/luminous-catalogue/packages.json"): "packages",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What is indexed and where, and how long the process stays."""

    index: Path = Path("/var/lib/luminous-mind/index")
    encoder: Path | None = None
    sources: Mapping[Path, SourceKind] = field(default_factory=lambda: dict(_SOURCES))
    idle_seconds: float = 300
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Raise `InvalidValue` for what has the right type and makes no sense."""
        for name, path in (("index", self.index), ("encoder", self.encoder)):
            if path and not path.is_absolute():
                raise InvalidValue(f"{name}: It is a whole path, from / on.")
        if not 0 < self.idle_seconds < float("inf"):
            raise InvalidValue("idle_seconds: It is a number above 0.")


def load(file: Path = FILE) -> Settings:
    """Return the settings. Raises `InvalidValue` that names file and key for what is wrong."""
    return read_settings(file, Settings)
