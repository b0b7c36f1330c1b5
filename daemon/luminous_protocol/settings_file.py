"""Settings files: TOML that is checked against a dataclass."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, TypeVar

from luminous_protocol.errors import InvalidValue

if TYPE_CHECKING:
    from pathlib import Path

T = TypeVar("T")


def read_settings(file: Path, kind: type[T]) -> T:
    """Return what `file` says as a `kind`; the defaults where there is no such file.

    Raises `InvalidValue` that names file and key for what is wrong.
    """
    if not file.exists():
        return kind()
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - not without a file

    try:
        return TypeAdapter(kind).validate_python(tomllib.loads(file.read_text()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{file} is not TOML: {error}.") from None
    except InvalidValue as error:
        raise InvalidValue(f"{file}: {error.message}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InvalidValue(f"{file}: {key}: {first['msg']}.") from None
