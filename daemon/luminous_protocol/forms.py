"""Forms: how names and values in changes are written, and what is refused.

`Value` is what an option can be set to: JSON's values, and `{"package": "zsh"}` for a package.
"""

from __future__ import annotations

import json
import math
import re
import sys
from typing import TYPE_CHECKING, Any

from luminous_protocol.errors import InvalidChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = bool | int | float | str | list["Value"] | dict[str, "Value"] | None
else:
    # Values check themselves (`check_value`); pydantic need not know their recursive shape.
    Value = Any

STRICT: Mapping[str, object] = {"extra": "forbid", "strict": True}
"""What pydantic is told of every kind of change."""

PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_+-]*){0,4}")
PLAIN_PART = r"[A-Za-z_][A-Za-z0-9_'-]*"
_QUOTED_PART = r'"[A-Za-z0-9@%:/._ +=~-]{1,200}"'
_OPTION = re.compile(rf"{PLAIN_PART}(?:\.(?:{PLAIN_PART}|{_QUOTED_PART})){{0,15}}")
DIRECTORY = re.compile(r"/[A-Za-z0-9/._+-]{0,4095}")
INPUT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")

_MAX_NAME = 300
_MAX_TEXT = 10_000
_MAX_DEPTH = 8
_MAX_VALUE = 20_000
"""Characters of a whole value, as JSON: Nix gets it in one argument, which Linux limits."""


def split_option(option: str) -> tuple[str, ...]:
    """Split an option's name into its parts, without the quotes of quoted parts.

    `services.nginx.virtualHosts."a.org".root` becomes five parts.
    """
    return tuple(
        part.removeprefix('"').removesuffix('"')
        for part in re.findall(rf"{_QUOTED_PART}|[^.\"]+", option)
    )


def join_option(parts: tuple[str, ...]) -> str:
    """Join an option's parts, quoting those that are not plain names."""
    return ".".join(part if re.fullmatch(PLAIN_PART, part) else f'"{part}"' for part in parts)


def check_option(what: str, change: object, field: str) -> None:
    """Check an option's name, and drop quotes that it does not need: one option has one name."""
    option = getattr(change, field)
    check_name(what, option, _OPTION)
    object.__setattr__(change, field, join_option(split_option(option)))


def check_name(what: str, value: str, pattern: re.Pattern[str]) -> None:
    """Raise `InvalidChange` unless `value` is `what`, and not too long."""
    if len(value) > _MAX_NAME or not pattern.fullmatch(value):
        shown = str(value)[:60]
        raise InvalidChange(f"{shown!r} is not {what}.")


def check_value(value: object) -> None:
    """Raise `InvalidChange` unless `value` can be a Nix value; null only as a whole."""
    _check_value(value)
    if len(json.dumps(value)) > _MAX_VALUE:
        raise InvalidChange("The value is too large. Write it into a file of your own.")


def _check_value(value: object, depth: int = 0) -> None:
    match value:
        case _ if depth > _MAX_DEPTH:
            raise InvalidChange("The value is nested too deeply.")
        case None if depth == 0:
            return
        # Nix reads -2^63 as minus 2^63, and the latter is too large for it.
        case int() if not -(2**63) < value < 2**63:
            raise InvalidChange("The number is too large for Nix.")
        case float() if not math.isfinite(value) or 0 < abs(value) < sys.float_info.min:
            raise InvalidChange("Nix has no numbers that are infinite, undefined or so small.")
        case str() if len(value) > _MAX_TEXT or "\0" in value or not _is_unicode(value):
            raise InvalidChange("The text is too long, or holds what is no character.")
        case bool() | float() | int() | str():
            return
        case list():
            for item in value:
                _check_value(item, depth + 1)
        case dict():
            _check_attributes(value, depth)
        case _:
            raise InvalidChange(f"A value cannot hold a {type(value).__name__}.")


def _is_unicode(text: str) -> bool:
    """Tell whether `text` can be written as UTF-8: half a surrogate pair cannot."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _check_attributes(value: dict[object, object], depth: int) -> None:
    for key, item in value.items():
        _check_value(key, depth + 1)
        _check_value(item, depth + 1)
    match value:
        case {"package": str(name), **rest} if not rest:
            check_name("a package's name", name, PACKAGE)
        case {"package": _, **rest} if not rest:
            raise InvalidChange("A package is named by a text.")


def check_number(what: str, number: int) -> None:
    """Raise `InvalidChange` unless `number` is positive and not too large."""
    if not 0 < number < 2**31:
        raise InvalidChange(f"{what} must be a positive number.")
