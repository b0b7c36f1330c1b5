"""The daemon's settings: defaults, then `/etc/luminous/luminous.toml`, then the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from luminous_daemon.configuration.flake import Flake, read_flake
from luminous_daemon.core.probes import LONGEST_SECONDS, UNPRIVILEGED, Probe, check_probes, is_host
from luminous_protocol.errors import InvalidValue
from luminous_protocol.settings_file import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = Path("/etc/luminous/luminous.toml")
MEANINGS: Mapping[str, str] = {
    "configuration": "the configuration of this machine; it is evaluated as its owner",
    "file": "Luminous's own file, which the configuration imports; others are edited where that is "
    "proved to be safe",
    "flake": "the flake of this machine, DIRECTORY#NAME or DIRECTORY (NAME is then the host's); "
    "nothing means a configuration with channels",
    "nixpkgs": "where the configuration finds <nixpkgs>",
    "channels": "the list of channels that an update fetches",
    "channel_profile": "the profile that holds the channels",
    "profile": "the profile whose generations boot",
    "state_directory": "where the journal of changes is, and what is known of its systems",
    "runtime_directory": "where files are that nobody needs after a reboot",
    "mind_socket": "where the process that searches is asked; without systemd the daemon listens "
    "there for it and starts it. A reload does not change it",
    "builder": "who evaluates and builds; nothing means the owner of the configuration",
    "backend": "who activates a system that is built: native or nixos-rebuild",
    "commit": "whether Luminous commits its own files to the git repository of the flake after a "
    "change, with the words as message and nothing else with it",
    "plan_seconds": "how long a plan can be applied after it was made, in seconds",
    "evaluation_seconds": "how long Nix may take to evaluate the configuration, with what it "
    "fetches for that, in seconds",
    "log_level": "what is written to the journal: debug, info, warning or error",
    "network_seconds": "how long a default route and the lookup of a name, if they were there "
    "before a change, may take to be back after it, in seconds; 0 does not look at them",
    "lookup": "the host whose name is looked up before and after a change; nothing looks up none",
    "probes": "what must be as well after a change as before it, besides the units; see PROBES",
}
"""What each setting means, as the manual page says it."""

PROBE_MEANINGS: Mapping[str, str] = {
    "command": "a program and its arguments, which ends with 0 when all is well; no shell reads it",
    "unit": "a unit of systemd, which is active when all is well",
    "tcp": "host and port, such as localhost:22 or [::1]:22, where something takes connections",
    "url": "a page of http or https, which curl gets with an answer below 400; it follows no "
    "redirection",
    "seconds": "how long the probe may take, and for how long after a change it is tried again; "
    f"from 1 to {LONGEST_SECONDS}, and {Probe().seconds} unless it is given",
    "user": f"who runs a command; {UNPRIVILEGED} unless it is given",
}
"""What each field of a probe means, as the manual page says it."""

BACKEND_VARIABLE = "LUMINOUS_NIX_PYTHON_BACKEND"
"""`false` drives the installed nixos-rebuild instead of running the steps itself."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are on this machine, and how long the daemon waits.

    Times are in seconds. `builder` is the user that evaluates and builds; empty means the owner of
    the configuration: of `configuration`, or of the flake.nix of `flake`.
    """

    configuration: Path = Path("/etc/nixos/configuration.nix")
    file: Path = Path("/etc/nixos/luminous.nix")
    flake: str = ""
    nixpkgs: str = "/nix/var/nix/profiles/per-user/root/channels/nixos"
    channels: Path = Path("/root/.nix-channels")
    channel_profile: Path = Path("/nix/var/nix/profiles/per-user/root/channels")
    profile: Path = Path("/nix/var/nix/profiles/system")
    state_directory: Path = Path("/var/lib/luminous")
    runtime_directory: Path = Path("/run/luminous")
    mind_socket: Path = Path("/run/luminous-mind.sock")
    builder: str = ""
    backend: Literal["native", "nixos-rebuild"] = "native"
    commit: bool = False
    plan_seconds: int = 900
    evaluation_seconds: int = 900
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    network_seconds: int = 15
    lookup: str = "cache.nixos.org"
    probes: dict[str, Probe] = field(default_factory=dict)
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Raise `InvalidValue` for what has the right type and makes no sense."""
        if self.plan_seconds < 1:
            raise InvalidValue("plan_seconds: Plans need at least one second.")
        if self.evaluation_seconds < 1:
            raise InvalidValue("evaluation_seconds: An evaluation needs at least one second.")
        if not 0 <= self.network_seconds <= LONGEST_SECONDS:
            raise InvalidValue(f"network_seconds: It is a number from 0 to {LONGEST_SECONDS}.")
        if self.lookup and not is_host(self.lookup):
            raise InvalidValue(f"lookup: {self.lookup!r} is no name of a host.")
        check_probes(self.probes)
        flake = self.own_flake()
        if flake and not Path(os.path.normpath(self.file)).is_relative_to(flake.directory):
            raise InvalidValue(
                f"file: {self.file} lies outside of the flake in {flake.directory}, so Nix would "
                "never see it. Name a file inside."
            )

    def own_flake(self) -> Flake | None:
        """Return the flake, or None where the configuration has channels. Raises `InvalidValue`."""
        try:
            return read_flake(self.flake) if self.flake else None
        except ValueError as error:
            raise InvalidValue(f"flake: {error}") from None

    def main_file(self) -> Path:
        """Return the file at which the evaluation of this machine begins."""
        flake = self.own_flake()
        return flake.file if flake else self.configuration

    def module_file(self) -> Path:
        """Return the module that is to import Luminous's file."""
        flake = self.own_flake()
        if flake and not self.configuration.is_relative_to(flake.directory):
            return flake.directory / self.configuration.name
        return self.configuration

    def written(self) -> tuple[Path, ...]:
        """Return the files of the configuration that are Luminous's to write."""
        flake = self.own_flake()
        return (self.file, flake.lock) if flake else (self.file,)

    def written_folders(self) -> set[Path]:
        """Return the directories in which a file of the configuration may be written."""
        return {file.parent for file in (*self.written(), self.module_file())}

    def folder(self) -> Path:
        """Return the directory whose Nix files are the configuration of this machine."""
        flake = self.own_flake()
        return flake.directory if flake else self.file.parent

    def search_path(self) -> tuple[str, ...]:
        """Return Nix's `-I` arguments for this machine."""
        return ("-I", f"nixpkgs={self.nixpkgs}", "-I", f"nixos-config={self.configuration}")


def load(file: Path = FILE, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings. Raises `InvalidValue` that names file and key for what is wrong."""
    variables = os.environ if environment is None else environment
    settings = read_settings(file, Settings)
    if variables.get(BACKEND_VARIABLE, "").lower() in {"false", "0", "no"}:
        settings = replace(settings, backend="nixos-rebuild")
    return settings
