"""Activation: two back ends behind one port.

`NativeActivation` runs the steps itself; `RebuildActivation` drives the installed nixos-rebuild
(26.05 or later, for `--store-path`). All argument lists stand here and nowhere else. The steps and
the name of the transient unit are nixos-rebuild's own, so that the two exclude each other; the
order is nh's: a system becomes the default only after it has come up.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.nix.command import Command, find_program, run, run_detached
from luminous_protocol.errors import ActivationFailed, Busy, LuminousError

if TYPE_CHECKING:
    from collections.abc import Callable

    Log = Callable[[str], None]

_SYSTEMD_RUNS = Path("/run/systemd/system")
_UNIT = "nixos-rebuild-switch-to-configuration"
_FRAGMENT = Path(f"/run/systemd/transient/{_UNIT}.service")
"""Where systemd keeps a transient unit for as long as it knows it."""
_TRANSIENT_UNIT = (
    "systemd-run",
    "-E",
    "LOCALE_ARCHIVE",
    "-E",
    "NIXOS_INSTALL_BOOTLOADER",
    "--collect",
    "--no-ask-password",
    "--pipe",
    "--quiet",
    "--service-type=exec",
    f"--unit={_UNIT}",
)
_LOCK = Path("/run/nixos/switch-to-configuration.lock")
_TAKEN = ("Could not acquire lock", f"{_UNIT}.service was already loaded")
"""What the second of two that switch at the same time is told by NixOS, or by systemd."""
_SWITCHING = (
    "Another program is switching the system at this moment, such as nixos-rebuild. Try again when "
    "it is done."
)
_LOOK_SECONDS = 0.2
_OUTPUT_PREFIX = "activation-"
_SHOWN_LINES = 15
_LATE_SECONDS = 5
"""How long after the last moment to confirm: by then a daemon that runs has gone back itself."""
_log = logging.getLogger("luminousd")


def switch_argv(toplevel: str, verb: str, *, systemd: bool) -> tuple[str, ...]:
    """Return the arguments that run `verb` of a system's switch-to-configuration."""
    prefix = _TRANSIENT_UNIT if systemd else ()
    return (*prefix, f"{toplevel}/bin/switch-to-configuration", verb)


def set_profile_argv(profile: Path, toplevel: str) -> tuple[str, ...]:
    """Return the arguments that make `toplevel` a new generation of `profile`."""
    return ("nix-env", "--profile", str(profile), "--set", toplevel)


def select_generation_argv(profile: Path, generation: int) -> tuple[str, ...]:
    """Return the arguments that make an existing generation of `profile` the default."""
    return ("nix-env", "--profile", str(profile), "--switch-generation", str(generation))


def rebuild_argv(verb: str, toplevel: str) -> tuple[str, ...]:
    """Return the arguments that let nixos-rebuild activate a system that is built already."""
    return ("nixos-rebuild", verb, "--no-reexec", "--store-path", toplevel)


def wake_argv(identifier: str, seconds: int) -> tuple[str, ...]:
    """Return the arguments that start the daemon in so many seconds; one that runs goes on."""
    return (
        "systemd-run",
        "--collect",
        "--no-ask-password",
        "--quiet",
        f"--on-active={seconds + _LATE_SECONDS}s",
        "--timer-property=AccuracySec=1s",
        f"--unit=luminous-confirm-{identifier}",
        "systemctl",
        "start",
        "luminousd.service",
    )


class NativeActivation:
    """Runs the system's own switch-to-configuration, and nix-env."""

    def __init__(self, profile: Path, runtime_directory: Path) -> None:
        """Activate for `profile`; output passes through files in `runtime_directory`."""
        self._profile = profile
        self._runtime = runtime_directory

    def check_free(self) -> None:
        """Raise `Busy` while another program is switching the system."""
        if _is_held(_LOCK) or _FRAGMENT.exists():
            raise Busy(_SWITCHING)

    async def test(self, toplevel: str, log: Log) -> None:
        """Run `toplevel` now, until the next boot."""
        await self._switch(toplevel, "test", log)

    async def make_default(self, toplevel: str, generation: int, log: Log) -> None:
        """Make `toplevel` boot by default."""
        if generation:
            argv = select_generation_argv(self._profile, generation)
        else:
            argv = set_profile_argv(self._profile, toplevel)
        await self._run(argv, log)
        await self._switch(toplevel, "boot", log)

    async def wake_after(self, identifier: str, seconds: int) -> None:
        """Let systemd start the daemon then; without systemd nobody can."""
        if not _SYSTEMD_RUNS.is_dir():
            return
        outcome = await run(Command(wake_argv(identifier, seconds)))
        if outcome.status != 0:
            _log.warning("no timer was set to start the daemon: %s", " ".join(outcome.errors[-3:]))

    async def _switch(self, toplevel: str, verb: str, log: Log) -> None:
        systemd = _SYSTEMD_RUNS.is_dir()
        await self._run(switch_argv(toplevel, verb, systemd=systemd), log)

    async def _run(self, argv: tuple[str, ...], log: Log) -> None:
        lines: list[str] = []

        def on_line(line: str) -> None:
            lines.append(line)
            log(line)

        with tempfile.NamedTemporaryFile(dir=self._runtime, prefix=_OUTPUT_PREFIX) as kept:
            status = await run_detached(Command(argv), Path(kept.name), on_line)
        if status != 0:
            raise _failed(argv, status, lines)


class RebuildActivation(NativeActivation):
    """Drives the installed nixos-rebuild, for those who trust only that."""

    async def test(self, toplevel: str, log: Log) -> None:
        """Run `toplevel` now, until the next boot."""
        await self._rebuild("test", toplevel, log)

    async def make_default(self, toplevel: str, generation: int, log: Log) -> None:
        """Make `toplevel` boot by default.

        nixos-rebuild cannot go to a generation by number, so that stays with nix-env.
        """
        if generation:
            await super().make_default(toplevel, generation, log)
        else:
            await self._rebuild("boot", toplevel, log)

    async def _rebuild(self, verb: str, toplevel: str, log: Log) -> None:
        if find_program("nixos-rebuild") is None:
            raise ActivationFailed(
                "The setting asks for nixos-rebuild, which is not installed here. "
                "Install it, or use the native back end."
            )
        await self._run(rebuild_argv(verb, toplevel), log)


def remove_outputs(runtime_directory: Path) -> None:
    """Remove the outputs of activations whose end no daemon has seen."""
    for left in runtime_directory.glob(f"{_OUTPUT_PREFIX}*"):
        left.unlink(missing_ok=True)


async def wait_for_switch(lock: Path = _LOCK) -> None:
    """Wait until nobody is switching the system, such as one that outlived an earlier daemon."""
    while _is_held(lock):  # noqa: ASYNC110 - a lock on a file has no event to wait for
        await asyncio.sleep(_LOOK_SECONDS)


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _failed(argv: tuple[str, ...], status: int, lines: list[str]) -> LuminousError:
    log = [line for line in lines if line.strip()][-_SHOWN_LINES:]
    if any(sign in line for line in log for sign in _TAKEN):
        return Busy(_SWITCHING)
    message = f"{Path(argv[-2]).name} {argv[-1]} ended with status {status}."
    return ActivationFailed(message, {"log": log})
