"""Assembly: every port's adapter, for the settings that are in force."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.boot_time import boot_time
from luminous_daemon.configuration.owned_file import OwnedFile
from luminous_daemon.core.ports import World
from luminous_daemon.kept_values import KeptValues
from luminous_daemon.mind import Mind
from luminous_daemon.nix.activation import NativeActivation, RebuildActivation
from luminous_daemon.nix.channels import Channels
from luminous_daemon.nix.describe import NixDescriber
from luminous_daemon.nix.disks import MountedDisks
from luminous_daemon.nix.evaluate import NixEvaluator
from luminous_daemon.nix.flake_inputs import FlakeInputs
from luminous_daemon.nix.generations import SystemProfile
from luminous_daemon.nix.health import SystemdHealth
from luminous_daemon.nix.repository import GitRepository
from luminous_daemon.nix.roots import GarbageRoots
from luminous_daemon.nix.signs import Signs
from luminous_daemon.nix.store import NixStore
from luminous_daemon.nix.toplevels import BuiltSystems
from luminous_daemon.suggestions import Suggestions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from luminous_daemon.core.auditing import Audit
    from luminous_daemon.core.explaining.sights import Sights
    from luminous_daemon.core.ports import Authority, Journal
    from luminous_daemon.settings import Settings
    from luminous_protocol.dbus import Connection


@dataclass(frozen=True, slots=True)
class Lasting:
    """What stays the same when other settings come into force.

    `owns_name` tells whether this daemon still owns its bus name; `connection` is the bus's.
    """

    authority: Authority
    journal: Journal
    audit: Audit
    owns_name: Callable[[], Awaitable[bool]]
    connection: Connection


def assemble(loaded: Settings, lasting: Lasting) -> World:
    """Return the world as `loaded` says that it is."""
    flake = loaded.own_flake()
    activation = NativeActivation if loaded.backend == "native" else RebuildActivation
    evaluator = NixEvaluator(loaded)
    return World(
        configuration=OwnedFile(loaded.file, loaded.module_file(), loaded.folder()),
        evaluator=evaluator,
        describer=NixDescriber(evaluator),
        knowledge=Suggestions(Mind(loaded.mind_socket)),
        store=NixStore(loaded),
        roots=GarbageRoots(loaded),
        profile=SystemProfile(loaded.profile),
        toplevels=BuiltSystems(),
        disks=MountedDisks(),
        activation=activation(loaded.profile, loaded.runtime_directory),
        health=SystemdHealth(loaded.probes, Signs(loaded, lasting.owns_name)),
        inputs=FlakeInputs(loaded, flake) if flake else Channels(loaded),
        repository=GitRepository(loaded),
        authority=lasting.authority,
        values=KeptValues(loaded.state_directory / "values"),
        journal=lasting.journal,
        audit=lasting.audit,
        clock=time.time,
        boot_time=boot_time,
        sights=lambda: _sights(lasting.connection),
    )


def _sights(connection: Connection) -> Sights:
    """Return what only explanations look at, imported when the first is asked for."""
    # ruff: noqa: PLC0415 - the daemon starts without them, and most days pass without them
    from luminous_daemon.core.explaining.sights import Sights
    from luminous_daemon.nix.references import StoreReferences
    from luminous_daemon.nix.usage import DiskUsage
    from luminous_daemon.systemd import Systemd

    return Sights(StoreReferences(), Systemd(connection), DiskUsage())
