"""Changes: the closed union of what Luminous can do to a machine.

There is no change that runs a command. A change checks its own words when it is made, so one that
exists is well-formed; whether the machine knows the package or option is the planner's question.

`Value` is what an option can be set to: JSON's values, and `{"package": "zsh"}` for a package.
"""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from luminous_protocol.errors import InvalidChange

if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = bool | int | float | str | list["Value"] | dict[str, "Value"] | None
else:
    # Values check themselves (`_check_value`); pydantic need not know their recursive shape.
    Value = Any

_STRICT: Mapping[str, object] = {"extra": "forbid", "strict": True}

REBUILD_ACTIONS = ("switch", "boot", "test", "build")

_PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_+-]*){0,4}")
_PLAIN_PART = r"[A-Za-z_][A-Za-z0-9_'-]*"
_QUOTED_PART = r'"[A-Za-z0-9@%:/._ +=~-]{1,200}"'
_OPTION = re.compile(rf"{_PLAIN_PART}(?:\.(?:{_PLAIN_PART}|{_QUOTED_PART})){{0,15}}")
_DIRECTORY = re.compile(r"/[A-Za-z0-9/._+-]{0,4095}")
_INPUT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")

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
    return ".".join(part if re.fullmatch(_PLAIN_PART, part) else f'"{part}"' for part in parts)


def _check_option(what: str, change: object, field: str) -> None:
    """Check an option's name, and drop quotes that it does not need: one option has one name."""
    option = getattr(change, field)
    _check(what, option, _OPTION)
    object.__setattr__(change, field, join_option(split_option(option)))


def _check(what: str, value: str, pattern: re.Pattern[str]) -> None:
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
            _check("a package's name", name, _PACKAGE)
        case {"package": _, **rest} if not rest:
            raise InvalidChange("A package is named by a text.")


@dataclass(frozen=True, slots=True)
class AddPackage:
    """Install a package for everybody."""

    package: str
    kind: Literal["add-package"] = "add-package"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `package` has an attribute name's form."""
        _check("a package's name", self.package, _PACKAGE)


@dataclass(frozen=True, slots=True)
class RemovePackage:
    """Take a package away that was installed for everybody."""

    package: str
    kind: Literal["remove-package"] = "remove-package"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `package` has an attribute name's form."""
        _check("a package's name", self.package, _PACKAGE)


@dataclass(frozen=True, slots=True)
class SetOption:
    """Set an option; with `append`, add to an option that is a list."""

    option: str
    value: Value = None
    append: bool = False
    kind: Literal["set-option"] = "set-option"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless the option's name and the value are well-formed."""
        _check_option("an option's name", self, "option")
        check_value(self.value)


@dataclass(frozen=True, slots=True)
class UnsetOption:
    """Take back what Luminous has set; the option's default, or another file, decides again.

    With `value`, only that item of a list is taken out.
    """

    option: str
    value: Value = None
    kind: Literal["unset-option"] = "unset-option"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless the option's name and the value are well-formed."""
        _check_option("an option's name", self, "option")
        check_value(self.value)


@dataclass(frozen=True, slots=True)
class Enable:
    """Switch on a service, program or device: a short name, or an option's name."""

    target: str
    kind: Literal["enable"] = "enable"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `target` has an option's form."""
        _check_option("the name of a service or option", self, "target")


@dataclass(frozen=True, slots=True)
class Disable:
    """Switch off a service, program or device: a short name, or an option's name."""

    target: str
    kind: Literal["disable"] = "disable"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `target` has an option's form."""
        _check_option("the name of a service or option", self, "target")


@dataclass(frozen=True, slots=True)
class UpdateInputs:
    """Bring channels or flake inputs up to date: those named, or all."""

    inputs: tuple[str, ...] = ()
    kind: Literal["update-inputs"] = "update-inputs"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless every input has a name's form."""
        for name in self.inputs:
            _check("the name of an input", name, _INPUT)


@dataclass(frozen=True, slots=True)
class RestoreInputs:
    """Take channels or flake inputs back to an earlier generation: an update's way back.

    `source` is the directory of the flake whose generation that is, or empty for the channels.
    """

    generation: int
    source: str = ""
    kind: Literal["restore-inputs"] = "restore-inputs"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` for no positive number, or a source that is no directory."""
        _check_number("A generation of the inputs", self.generation)
        if self.source and not _DIRECTORY.fullmatch(self.source):
            raise InvalidChange(f"{str(self.source)[:60]!r} is not the directory of a flake.")


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Build the configuration as it is, and do `action` with it, one of `REBUILD_ACTIONS`."""

    action: str = "switch"
    kind: Literal["rebuild"] = "rebuild"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `action` is one of `REBUILD_ACTIONS`."""
        if self.action not in REBUILD_ACTIONS:
            shown = str(self.action)[:60]
            raise InvalidChange(
                f"{shown!r} is not something a rebuild can do. Use one of: "
                + ", ".join(REBUILD_ACTIONS)
                + "."
            )


@dataclass(frozen=True, slots=True)
class SwitchGeneration:
    """Activate a generation that exists already, by number. 0 means the one before the current."""

    generation: int
    kind: Literal["switch-generation"] = "switch-generation"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `generation` is a number that is not negative."""
        if self.generation != 0:
            _check_number("A generation", self.generation)


@dataclass(frozen=True, slots=True)
class ImportFile:
    """Make Luminous's own file where it is missing, and the configuration import it."""

    kind: Literal["import-file"] = "import-file"
    __pydantic_config__: ClassVar = _STRICT


@dataclass(frozen=True, slots=True)
class CollectGarbage:
    """Delete old generations and what only they need.

    `older_than_days`: only those older. `keep`: at least so many of the newest stay. Neither: all
    but those that must stay (current, booted, default and the one before).
    """

    older_than_days: int = 0
    keep: int = 0
    kind: Literal["collect-garbage"] = "collect-garbage"
    __pydantic_config__: ClassVar = _STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless both numbers are not negative."""
        for number in (self.older_than_days, self.keep):
            if number != 0:
                _check_number("Days and the number of generations to keep", number)


Change = (
    AddPackage
    | RemovePackage
    | SetOption
    | UnsetOption
    | Enable
    | Disable
    | UpdateInputs
    | RestoreInputs
    | Rebuild
    | SwitchGeneration
    | CollectGarbage
    | ImportFile
)

CHANGE_TYPES: tuple[type[Change], ...] = Change.__args__


def _check_number(what: str, number: int) -> None:
    if not 0 < number < 2**31:
        raise InvalidChange(f"{what} must be a positive number.")


def change_to_dict(change: Change) -> dict[str, Value]:
    """Return the change as plain data, `kind` first; what equals its default is left out."""
    data: dict[str, Value] = {
        field.name: getattr(change, field.name)
        for field in fields(change)
        if field.name != "kind" and getattr(change, field.name) != field.default
    }
    if isinstance(change, UpdateInputs) and change.inputs:
        data["inputs"] = list(change.inputs)
    return {"kind": change.kind, **data}
