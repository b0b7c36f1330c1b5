"""Changes: the closed union of what Luminous can do to a machine.

There is no change that runs a command. A change checks its own words when it is made, so one that
exists is well-formed; whether the machine knows the package or option is the planner's question.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal

from luminous_protocol.errors import InvalidChange
from luminous_protocol.forms import (
    DIRECTORY,
    INPUT,
    PACKAGE,
    STRICT,
    Value,
    check_name,
    check_number,
    check_option,
    check_value,
    join_option,
    split_option,
)
from luminous_protocol.repairs import AllowPackage, RepairFile

__all__ = [
    "CHANGE_TYPES",
    "REBUILD_ACTIONS",
    "AddPackage",
    "AllowPackage",
    "Change",
    "CollectGarbage",
    "Disable",
    "Enable",
    "ImportFile",
    "Rebuild",
    "RemovePackage",
    "RepairFile",
    "RestoreInputs",
    "SetOption",
    "SwitchGeneration",
    "UnsetOption",
    "UpdateInputs",
    "Value",
    "change_to_dict",
    "check_value",
    "join_option",
    "split_option",
]

REBUILD_ACTIONS = ("switch", "boot", "test", "build")


@dataclass(frozen=True, slots=True)
class AddPackage:
    """Install a package for everybody."""

    package: str
    kind: Literal["add-package"] = "add-package"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `package` has an attribute name's form."""
        check_name("a package's name", self.package, PACKAGE)


@dataclass(frozen=True, slots=True)
class RemovePackage:
    """Take a package away that was installed for everybody."""

    package: str
    kind: Literal["remove-package"] = "remove-package"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `package` has an attribute name's form."""
        check_name("a package's name", self.package, PACKAGE)


@dataclass(frozen=True, slots=True)
class SetOption:
    """Set an option; with `append`, add to an option that is a list."""

    option: str
    value: Value = None
    append: bool = False
    kind: Literal["set-option"] = "set-option"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless the option's name and the value are well-formed."""
        check_option("an option's name", self, "option")
        check_value(self.value)


@dataclass(frozen=True, slots=True)
class UnsetOption:
    """Take back what Luminous has set; the option's default, or another file, decides again.

    With `value`, only that item of a list is taken out.
    """

    option: str
    value: Value = None
    kind: Literal["unset-option"] = "unset-option"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless the option's name and the value are well-formed."""
        check_option("an option's name", self, "option")
        check_value(self.value)


@dataclass(frozen=True, slots=True)
class Enable:
    """Switch on a service, program or device: a short name, or an option's name."""

    target: str
    kind: Literal["enable"] = "enable"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `target` has an option's form."""
        check_option("the name of a service or option", self, "target")


@dataclass(frozen=True, slots=True)
class Disable:
    """Switch off a service, program or device: a short name, or an option's name."""

    target: str
    kind: Literal["disable"] = "disable"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `target` has an option's form."""
        check_option("the name of a service or option", self, "target")


@dataclass(frozen=True, slots=True)
class UpdateInputs:
    """Bring channels or flake inputs up to date: those named, or all."""

    inputs: tuple[str, ...] = ()
    kind: Literal["update-inputs"] = "update-inputs"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless every input has a name's form."""
        for name in self.inputs:
            check_name("the name of an input", name, INPUT)


@dataclass(frozen=True, slots=True)
class RestoreInputs:
    """Take channels or flake inputs back to an earlier generation: an update's way back.

    `source` is the directory of the flake whose generation that is, or empty for the channels.
    """

    generation: int
    source: str = ""
    kind: Literal["restore-inputs"] = "restore-inputs"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` for no positive number, or a source that is no directory."""
        check_number("A generation of the inputs", self.generation)
        if self.source and not DIRECTORY.fullmatch(self.source):
            raise InvalidChange(f"{str(self.source)[:60]!r} is not the directory of a flake.")


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Build the configuration as it is, and do `action` with it, one of `REBUILD_ACTIONS`."""

    action: str = "switch"
    kind: Literal["rebuild"] = "rebuild"
    __pydantic_config__: ClassVar = STRICT

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
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless `generation` is a number that is not negative."""
        if self.generation != 0:
            check_number("A generation", self.generation)


@dataclass(frozen=True, slots=True)
class ImportFile:
    """Make Luminous's own file where it is missing, and the configuration import it."""

    kind: Literal["import-file"] = "import-file"
    __pydantic_config__: ClassVar = STRICT


@dataclass(frozen=True, slots=True)
class CollectGarbage:
    """Delete old generations and what only they need.

    `older_than_days`: only those older. `keep`: at least so many of the newest stay. Neither: all
    but those that must stay (current, booted, default and the one before).
    """

    older_than_days: int = 0
    keep: int = 0
    kind: Literal["collect-garbage"] = "collect-garbage"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless both numbers are not negative."""
        for number in (self.older_than_days, self.keep):
            if number != 0:
                check_number("Days and the number of generations to keep", number)


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
    | RepairFile
    | AllowPackage
)

CHANGE_TYPES: tuple[type[Change], ...] = Change.__args__


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
