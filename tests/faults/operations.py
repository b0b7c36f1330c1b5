"""The operations into which faults are injected, and the moments that each passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.integration.machine_state import default_generation, generations, own_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_sandbox.machine import Sandbox
    from tests.faults.doomed import Doomed

    Change = dict[str, Any]

PACKAGE = "cowsay"
_TEST = "switch-to-configuration test"
_BOOT = "switch-to-configuration boot"
_SET = "nix-env --set"
_SELECT = "nix-env --switch-generation"
_COMMAND = ("before", "started", "after")
_WRITTEN = ("file luminous.nix before", "file luminous.nix after")


@dataclass(frozen=True)
class Operation:
    """Something that is asked for, from whatever state a fault has left.

    `entries` are those of the journal in their order, `others` what else it passes; `knob` is what
    makes it fail, and `options` are those of `Apply`.
    """

    name: str
    prepare: Callable[[Doomed], list[Change]]
    entries: tuple[str, ...]
    others: tuple[str, ...] = ()
    knob: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    can_be_undone: bool = True

    def moments(self) -> list[str]:
        """Return every moment, each of the journal's entries with its three."""
        kept = [f"journal {entry} {when}" for entry in self.entries for when in _ENTRY]
        return [*kept, *self.others]


_ENTRY = ("before", "torn", "after")


def carry_out(machine: Doomed, *changes: Change) -> None:
    """Make changes that must succeed."""
    ended = machine.alice.carry_out(*changes)
    assert ended["State"] == "done", ended


def has_package(sandbox: Sandbox, name: str) -> bool:
    """Tell whether Luminous's file has a package."""
    return f"pkgs.{name} ]" in own_file(sandbox)


def _without(machine: Doomed) -> list[Change]:
    if has_package(machine.sandbox, PACKAGE):
        carry_out(machine, {"kind": "remove-package", "package": PACKAGE})
    return [{"kind": "add-package", "package": PACKAGE}]


def _with(machine: Doomed) -> list[Change]:
    if not has_package(machine.sandbox, PACKAGE):
        carry_out(machine, {"kind": "add-package", "package": PACKAGE})
    return [{"kind": "remove-package", "package": PACKAGE}]


def _not_imported(machine: Doomed) -> list[Change]:
    configuration = machine.sandbox.path("/etc/nixos/configuration.nix")
    lines = configuration.read_text().splitlines(keepends=True)
    configuration.write_text("".join(line for line in lines if "./luminous.nix" not in line))
    machine.sandbox.path("/etc/nixos/luminous.nix").unlink()
    return [{"kind": "import-file"}]


def _old_name(machine: Doomed) -> list[Change]:
    """Give an option its old name, with which the system is the same."""
    configuration = machine.sandbox.path("/etc/nixos/configuration.nix")
    new, old = "settings.PasswordAuthentication", "passwordAuthentication"
    configuration.write_text(configuration.read_text().replace(new, old))
    names = {"old": f"services.openssh.{old}", "new": f"services.openssh.{new}"}
    file = "/etc/nixos/configuration.nix"
    return [{"kind": "repair-file", "file": file, "operation": "rename", **names}]


def is_imported(sandbox: Sandbox) -> bool:
    """Tell whether Luminous's file is there, as it is in the beginning."""
    return sandbox.path("/etc/nixos/luminous.nix").exists()


def _older(machine: Doomed) -> list[Change]:
    sandbox = machine.sandbox
    default = default_generation(sandbox)
    if default == 1:
        toggle(machine)
        default = default_generation(sandbox)
    return [{"kind": "switch-generation", "generation": 1}]


def _newer_inputs(machine: Doomed) -> list[Change]:
    del machine
    return [{"kind": "update-inputs"}]


def _garbage(machine: Doomed) -> list[Change]:
    while len(generations(machine.sandbox)) < 5:  # four are kept whatever happens
        toggle(machine)
    return [{"kind": "collect-garbage"}]


def toggle(machine: Doomed) -> None:
    """Make a change that must succeed: one package goes, another comes."""
    names = ("hello", "sl")
    there = [name for name in names if has_package(machine.sandbox, name)]
    gone = [name for name in names if name not in there]
    carry_out(
        machine,
        {"kind": "add-package", "package": gone[0]},
        *({"kind": "remove-package", "package": name} for name in there[:1]),
    )


def _each(name: str) -> tuple[str, ...]:
    return tuple(f"{name} {when}" for when in _COMMAND)


INSTALL = Operation(
    "install",
    _without,
    ("begin", "write", "test", "default", "finish"),
    (*_WRITTEN, *_each(_TEST), *_each(_SET), *_each(_BOOT)),
)
REMOVE = Operation(
    "remove",
    _with,
    ("begin", "write", "test", "default", "finish"),
    _WRITTEN,
)
SET_UP = Operation(
    "set up",
    _not_imported,
    ("begin", "create", "write", "finish"),
    (*_WRITTEN, "file configuration.nix before", "file configuration.nix after"),
    can_be_undone=False,
)
MEND = Operation(
    "mend",
    _old_name,
    ("begin", "place-0", "test", "default", "finish"),
    ("file configuration.nix before", "file configuration.nix after"),
)
UPDATE = Operation(
    "update",
    _newer_inputs,
    ("begin", "inputs", "test", "default", "finish"),
    (*_each("nix-env --install"), *_each(_TEST), *_each(_SET), *_each(_BOOT)),
)
ROLL_BACK = Operation(
    "rollback",
    _older,
    ("begin", "test", "default", "finish"),
    (*_each(_TEST), *_each(_SELECT), *_each(_BOOT)),
)
GARBAGE = Operation(
    "garbage collection",
    _garbage,
    ("begin", "garbage", "finish"),
    (*_each("nix-env --delete-generations"), *_each("nix-store --gc")),
    can_be_undone=False,
)
FAILING = Operation(
    "putting back",
    _without,
    ("begin", "write", "test", "back", "finish"),
    (*_WRITTEN, *_each(_TEST)),
    knob="switch-fails",
)
BOOT_FAILING = Operation(
    "putting the default back",
    _without,
    ("begin", "write", "test", "default", "back", "finish"),
    (*_each(_SET), *_each(_BOOT), *_each(_SELECT), *_each("nix-env --delete-generations")),
    knob="boot-fails",
)
