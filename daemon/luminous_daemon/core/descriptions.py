"""Descriptions: what evaluation finds out about one option or package that somebody asks about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.facts import PackageFacts


@dataclass(frozen=True, slots=True)
class Below:
    """An option below another or below a set of them; `type` and `text` are empty for a set."""

    name: str
    type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition that counts: its file, below nixpkgs if that is relative, and its value.

    The value is a text of `option_values`, or empty where it is not known.
    """

    file: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class OptionDescription:
    """An option of this machine, or a set of options: that does not exist, and has some below.

    `value` is a text of `option_values`, empty where there is none. `problem` says why neither the
    value nor `definitions` could be read. `overridden` are definitions in the machine's own files
    that do not count, as others are stronger. `sources` are the files that the value may come from.
    One that `is_gone` was removed from NixOS.
    """

    name: str
    exists: bool
    type: str = ""
    default: str = ""
    example: str = ""
    description: str = ""
    declarations: tuple[str, ...] = ()
    is_read_only: bool = False
    is_gone: bool = False
    value: str = ""
    definitions: tuple[Defined, ...] = ()
    overridden: tuple[Defined, ...] = ()
    sources: tuple[str, ...] = ()
    below: tuple[Below, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PackageDescription:
    """A package of this machine's nixpkgs; `program` is the main one.

    `options` are those asked for beside it that there are, by name.
    """

    facts: PackageFacts
    description: str = ""
    homepage: str = ""
    licences: tuple[str, ...] = ()
    program: str = ""
    position: str = ""
    is_unfree: bool = False
    is_broken: bool = False
    is_insecure: bool = False
    options: Mapping[str, OptionDescription] = field(default_factory=dict)


class Describer(Protocol):
    """Nix's evaluation of what people ask about, done as the configuration's owner."""

    async def option(self, name: str) -> OptionDescription:
        """Describe an option or a set of them. Raises `EvaluationFailed`."""

    async def package(self, name: str, options: tuple[str, ...]) -> PackageDescription:
        """Describe a package, and `options` beside it. Raises `EvaluationFailed`."""

    async def removal(self, option: str) -> str:
        """Return NixOS's own words on why an option is gone."""
