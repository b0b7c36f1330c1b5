"""Facts about the machine, as evaluation finds them: the planner's eyes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_protocol.changes import Value


class Availability(StrEnum):
    """Whether nixpkgs gives a package out."""

    AVAILABLE = "available"
    UNKNOWN = "unknown"
    UNFREE = "unfree"
    INSECURE = "insecure"
    BROKEN = "broken"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"
    """Evaluating it fails: renamed, removed, or not for this configuration; see `reason`."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look up. `options` maps an option to values to try against its type, in order."""

    packages: tuple[str, ...] = ()
    options: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """A package of this machine's nixpkgs.

    `full_name` is name and version in one; `files` are those that install it. `switches` are
    options that switch on modules which bring in this package before all others.
    """

    attribute: str
    availability: Availability
    name: str = ""
    version: str = ""
    full_name: str = ""
    reason: str = ""
    is_installed: bool = False
    files: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionFacts:
    """An option of this machine's NixOS.

    `fitting` is the index of the first tried value that the type takes, -1 for none. `files` are
    those that define it for good: a mere suggestion (mkDefault) does not count. `value` is None
    when it is not plain data or has none. `renamed_to` is the name that an option has now which
    only forwards to that, and `removal` says what to do without one that has gone. `package` is
    what a module brings in that this option switches on, where nothing else has been set.
    """

    name: str
    exists: bool
    type_name: str = ""
    type_description: str = ""
    example: str = ""
    description: str = ""
    value: Value = None
    is_plain: bool = False
    is_defined: bool = False
    is_read_only: bool = False
    files: tuple[str, ...] = ()
    fitting: int = -1
    renamed_to: str = ""
    removal: str = ""
    package: str = ""

    @property
    def is_gone(self) -> bool:
        """Tell whether the option is there only to say that it is none any more."""
        return bool(self.renamed_to or self.removal)

    @property
    def is_list(self) -> bool:
        """Tell whether definitions of the option are joined to a list."""
        return self.type_name == "listOf" or self.type_description.startswith("list of")


@dataclass(frozen=True, slots=True)
class Facts:
    """The answers to a query. `is_imported`: the configuration imports Luminous's file."""

    packages: Mapping[str, PackageFacts]
    options: Mapping[str, OptionFacts]
    is_imported: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """A systemd unit: its file's text with its drop-ins', and whether a target wants it.

    One that is not `is_generated` comes with a package, and evaluation alone does not show it.
    """

    text: str
    is_wanted: bool
    is_generated: bool = True


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluated configuration.

    `derivation` and `toplevel` are store paths; `packages` maps a name to a version for everything
    in `environment.systemPackages`, and `paths` are their store paths; `units` are by name, and so
    are `user_units`, which each user's own manager runs; `boot`
    holds what a reboot is needed for (kernel, initrd, kernel parameters). `is_imported`: the
    configuration imports Luminous's file. `values` are those of the options that the machine's own
    files define, as `option_values` writes them, and `sources` are those files; `values` are None
    where reading them failed. The boot loader reads kernels from `boot_partition`. `inhibitors` are
    parts by name that NixOS does not exchange while the machine runs.
    """

    derivation: str
    toplevel: str
    packages: Mapping[str, str]
    paths: frozenset[str]
    units: Mapping[str, Unit]
    boot: Mapping[str, str]
    is_imported: bool
    values: Mapping[str, str] | None = None
    sources: tuple[str, ...] = ()
    boot_partition: str = ""
    inhibitors: Mapping[str, str] = field(default_factory=dict)
    user_units: Mapping[str, Unit] = field(default_factory=dict)
