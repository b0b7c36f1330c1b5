"""The mind's settings: defaults, then `/etc/luminous/mind.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from luminous_protocol.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path("/etc/luminous/mind.toml")
MEANINGS: Mapping[str, str] = {
    "index": "the directory that holds what can be searched",
    "idle_seconds": "after how many seconds without a question the process ends; it is started "
    "again by the next one",
    "log_level": "what is written to the journal: debug, info, warning or error",
}
"""What each setting means, as the manual page says it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the index is, and how long the process stays."""

    index: Path = Path("/var/lib/luminous-mind/index")
    idle_seconds: float = 300
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Raise `InvalidValue` for what has the right type and makes no sense."""
        if not self.index.is_absolute():
            raise InvalidValue("index: It is a whole path, from / on.")
        if not 0 < self.idle_seconds < float("inf"):
            raise InvalidValue("idle_seconds: It is a number above 0.")


def load(file: Path = FILE) -> Settings:
    """Return the settings. Raises `InvalidValue` that names file and key for what is wrong."""
    if not file.exists():
        return Settings()
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - not without a file

    try:
        return TypeAdapter(Settings).validate_python(tomllib.loads(file.read_text()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{file} is not TOML: {error}.") from None
    except InvalidValue as error:
        raise InvalidValue(f"{file}: {error.message}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InvalidValue(f"{file}: {key}: {first['msg']}.") from None
