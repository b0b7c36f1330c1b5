"""What can be chosen about a sandbox, and about one command that is run in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_sandbox.flake import FlakeKind
    from luminous_sandbox.toolchain import NixVersion
    from luminous_sandbox.users import UserName

AgentMode = Literal["allow", "deny", "dismiss", "hang", "none"]


@dataclass(frozen=True, kw_only=True)
class SandboxOptions:
    """A sandbox.

    `agent` says how questions of polkit are answered. `knobs` are switched on from the start, each
    with its value. `dbus_library` is what the daemon uses (`dbus-next` or `dbus-fast`), its own
    choice when None. `environment` is added to that of every process; `settings` is the text of
    the daemon's settings file, which does not exist when empty. `flake` makes /etc/nixos a flake,
    in a git repository of alice or without one; the daemon's settings begin with it. `knowledge`
    indexes the machine's options and packages, as the NixOS module does.
    """

    nix: NixVersion = "2.26"
    agent: AgentMode = "allow"
    knobs: Mapping[str, str] = field(default_factory=dict)
    daemon: bool = True
    dbus_library: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    flake: FlakeKind | None = None
    knowledge: bool = False


class Who(TypedDict, total=False):
    """By whom and where a command is run; `env` is added to what that user's login has."""

    user: UserName
    env: Mapping[str, str] | None
    folder: str | None


class How(Who, total=False):
    """How a command is run to its end. `tty` gives it a terminal, whose text is its output."""

    input: str | None
    timeout: float
    tty: bool
