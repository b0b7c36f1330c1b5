"""luminousd: joins the decisions, the adapters and the bus, and lives until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
from dataclasses import fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_daemon import log, settings
from luminous_daemon.assembly import Lasting, assemble
from luminous_daemon.audit import DiskAudit
from luminous_daemon.bus.caller import Callers
from luminous_daemon.bus.guard import Guard
from luminous_daemon.bus.objects import Objects, Workers
from luminous_daemon.bus.root import RootObject
from luminous_daemon.bus.service import Service
from luminous_daemon.bus.status import StatusBoard
from luminous_daemon.configuration.module_file import EMPTY
from luminous_daemon.configuration.plain_file import remove_leftovers
from luminous_daemon.core import auditing
from luminous_daemon.core.confirming import is_waiting
from luminous_daemon.core.execution import Executor
from luminous_daemon.core.on_disk import OnDisk
from luminous_daemon.core.planning import Planner
from luminous_daemon.core.ports import World
from luminous_daemon.core.recovery import recover
from luminous_daemon.journal import DiskJournal
from luminous_daemon.mind import Activation, Mind
from luminous_daemon.nix.activation import remove_outputs, wait_for_switch
from luminous_daemon.nix.candidates import remove_candidates
from luminous_daemon.nix.command import Command, run
from luminous_daemon.nix.generations import BOOTED_SYSTEM, CURRENT_SYSTEM
from luminous_daemon.notify import notify, watchdog_seconds
from luminous_daemon.polkit import Polkit
from luminous_protocol.dbus import LIBRARY, BusError, BusLost, Connection, open_with_patience
from luminous_protocol.errors import LuminousError
from luminous_protocol.names import BUS_NAME

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from luminous_daemon.core.records import Record
    from luminous_daemon.core.recovery import Steps
    from luminous_daemon.settings import Settings

_log = logging.getLogger("luminousd")

_OUTDATED = 75
"""EX_TEMPFAIL of sysexits.h; the unit names it as one to start again after."""
_PROGRAM = CURRENT_SYSTEM / "sw/bin/luminousd"
_KEPT = ("state_directory", "runtime_directory", "mind_socket")
_LOOK_SECONDS = 10.0
"""How often it is looked whether a rebuild by hand has brought another Luminous."""
_M_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 128 * 1024
_PARTING_SECONDS = 1.0
"""How long clients get to read the end of the change that brought another Luminous."""


def main() -> None:
    """Run the daemon; the exit status is 0 only after a stop that was asked for.

    It is 75 when a change has brought another Luminous, which systemd then starts.
    """
    parser = argparse.ArgumentParser(
        prog="luminousd", description="Change, understand and undo a NixOS machine, over D-Bus."
    )
    parser.add_argument(
        "--settings", type=Path, default=settings.FILE, help="settings file (default: %(default)s)"
    )
    parser.add_argument("--version", action="version", version=version("luminous"))
    parser.add_argument(
        "--print-module",
        action="store_true",
        help="print an empty luminous.nix, and do nothing else",
    )
    arguments = parser.parse_args()
    if arguments.print_module:
        sys.stdout.write(EMPTY)
        return
    try:
        loaded = settings.load(arguments.settings)
    except LuminousError as error:
        sys.exit(f"luminousd: {error.message}")
    log.set_up(loaded.log_level)
    _give_memory_back()
    try:
        is_outdated = asyncio.run(Daemon(loaded, arguments.settings).serve())
    except (BusError, BusLost) as error:
        sys.exit(f"luminousd: the system bus cannot be used: {error}")
    except OSError as error:
        sys.exit(f"luminousd: {error}")
    sys.exit(_OUTDATED if is_outdated else 0)


def _give_memory_back() -> None:
    """Let large blocks go back to the system when they are freed; see mallopt(3).

    Otherwise glibc learns from the first large message to keep room for more of them for ever.
    """
    with contextlib.suppress(AttributeError):  # another C library, which does not do that
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


class NameTaken(OSError):
    """Another daemon owns the name already."""


class Daemon:
    """One daemon, from start to stop."""

    def __init__(self, loaded: Settings, file: Path) -> None:
        """Prepare to serve with these settings, which were read from `file`."""
        self._settings = loaded
        self._file = file
        self._is_reload_wanted = False
        self._stop = asyncio.Event()
        self._program = os.path.realpath(_PROGRAM)

    async def serve(self) -> bool:
        """Own the name and answer until a signal asks to stop, or the bus is lost.

        Return whether another Luminous than this one belongs to the system by then.
        """
        self._make_directories()
        self._listen_for_signals()
        self._connection = connection = await _connect()
        # First of all: what a daemon that still runs is doing is not to be "recovered".
        if not await connection.request_name(BUS_NAME):
            raise NameTaken(f"{BUS_NAME} has an owner already. Is luminousd running?")
        journal = DiskJournal(self._settings.state_directory / "journal.jsonl")
        audit = DiskAudit(self._settings.state_directory / "audit.jsonl", time.time)
        lasting = Lasting(Polkit(connection), journal, audit, self._owns_name, connection)
        world = assemble(self._settings, lasting)
        waiting = await self._recover(world, journal)
        try:
            async with asyncio.TaskGroup() as tasks:
                objects = self._publish(connection, world, tasks)
                for record, steps in waiting:
                    objects.resume(record, steps)
                self._listen_for_reloads(objects)
                watch = tasks.create_task(_watch(connection, self._stop))
                chores = [
                    tasks.create_task(chore) for chore in (_beat(), self._watch_program(objects))
                ]
                notify("READY=1")
                _log.info("serving %s with %s", BUS_NAME, LIBRARY)
                await self._stop.wait()
                notify("STOPPING=1")
                objects.cancel_all()
                self._activation.stop()
                for chore in chores:
                    chore.cancel()
                watch.cancel()
        except ExceptionGroup as group:
            if len(group.exceptions) == 1:
                raise group.exceptions[0] from None
            raise
        connection.close()
        return self._is_outdated()

    def _is_outdated(self) -> bool:
        """Tell whether the system that runs now has another Luminous."""
        return _PROGRAM.exists() and os.path.realpath(_PROGRAM) != self._program

    def _after_change(self, objects: Objects) -> None:
        """Reload what had to wait; make way for the Luminous that the change has brought."""
        if self._is_reload_wanted:
            self._reload(objects)
        self._make_way(objects)

    async def _watch_program(self, objects: Objects) -> None:
        """Look now and then whether somebody else has brought another Luminous."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._make_way(objects)

    def _make_way(self, objects: Objects) -> None:
        """Stop if the system has another Luminous, as soon as nothing is being changed."""
        if not self._is_outdated():
            return

        def part() -> None:
            if not objects.executor.is_busy:
                self._stop.set()

        _log.info("the system has another Luminous now; making way for it")
        asyncio.get_running_loop().call_later(_PARTING_SECONDS, part)

    def _listen_for_reloads(self, objects: Objects) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload, objects)

    def _reload(self, objects: Objects) -> None:
        """Read the settings again, and put them in force when nothing is being changed.

        The directories of state and of what is short-lived stay those of the start.
        """
        self._is_reload_wanted = objects.executor.is_busy
        if self._is_reload_wanted:
            return
        notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            loaded = settings.load(self._file)
        except LuminousError as error:
            _log.error("%s The settings from before stay in force.", error.message)
        else:
            kept = {name: getattr(self._settings, name) for name in _KEPT}
            self._settings = replace(loaded, **kept)
            log.set_up(loaded.log_level)
            self._equip(objects.world)
            objects.planner.plan_seconds = loaded.plan_seconds
            self._status.forget()
            _log.info("the settings were read again")
        notify("READY=1")

    def _make_directories(self) -> None:
        for directory, mode in (
            (self._settings.state_directory, 0o700),
            (self._settings.runtime_directory, 0o755),
        ):
            directory.mkdir(mode=mode, parents=True, exist_ok=True)

    async def _owns_name(self) -> bool:
        try:
            owner = await self._connection.call_bus("GetNameOwner", "s", [BUS_NAME])
        except (BusError, BusLost):
            return False
        return bool(owner[0] == self._connection.unique_name)

    def _equip(self, world: World) -> None:
        """Replace the ports by those of the settings that are in force now."""
        lasting = Lasting(
            world.authority, world.journal, world.audit, self._owns_name, self._connection
        )
        fresh = assemble(self._settings, lasting)
        for port in fields(World):
            setattr(world, port.name, getattr(fresh, port.name))

    def _publish(self, connection: Connection, world: World, tasks: asyncio.TaskGroup) -> Objects:
        def spawn(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
            return tasks.create_task(_contained(work))

        callers, guard = Callers(connection), Guard(world.authority)
        service = Service(connection, callers, guard, spawn)
        on_disk = OnDisk(world)
        planner = Planner(world, on_disk, self._settings.plan_seconds)
        executor = Executor(world, on_disk, _report)
        workers = Workers(planner, executor, spawn, lambda: self._after_change(objects))
        objects = Objects(service, world, workers)
        self._status = status = StatusBoard(objects, self._stamp, self._constants)
        self._activation = Activation(self._settings.mind_socket, spawn)
        self._activation.begin()
        mind = Mind(self._settings.mind_socket)
        service.publish(RootObject(objects, status, mind, version("luminous")))
        return objects

    async def _recover(self, world: World, journal: DiskJournal) -> list[tuple[Record, Steps]]:
        """Finish or put back what an earlier daemon left half done, before anybody can ask.

        Return what still waits to be confirmed.
        """
        waiting: list[tuple[Record, Steps]] = []
        for record, steps in journal.unfinished():
            await wait_for_switch()
            if is_waiting(world, steps):
                waiting.append((record, steps))
                _log.warning("transaction %s still waits to be confirmed", record.id)
                continue
            recovered = await recover(world, record, steps)
            journal.finish(recovered)
            world.audit.record_late(auditing.recovered(recovered))
        auditing.close_unended(world.audit, journal)
        _tidy(journal)
        remove_outputs(self._settings.runtime_directory)
        remove_candidates(self._settings.runtime_directory)
        for folder in self._settings.written_folders():
            remove_leftovers(folder)
        return waiting

    def _listen_for_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for kind in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(kind, self._stop.set)

    def _stamp(self) -> tuple[object, ...]:
        """Return what changes with the generations, with Luminous's file or with the settings."""
        loaded = self._settings
        return (
            loaded,
            _link(CURRENT_SYSTEM),
            _link(BOOTED_SYSTEM),
            _link(loaded.profile),
            _changed(loaded.profile.parent),
            _changed(loaded.file),
        )

    async def _constants(self) -> dict[str, str]:
        outcome = await run(Command(("nix-instantiate", "--version")))
        return {
            "version": version("luminous"),
            "backend": self._settings.backend,
            "bus-library": LIBRARY,
            "nix": outcome.output.split()[-1] if outcome.output.strip() else "",
            "configuration": str(self._settings.own_flake() or self._settings.configuration),
            "file": str(self._settings.file),
        }


def _tidy(journal: DiskJournal) -> None:
    """Set damage aside and keep the journal small; where that cannot be, go on as it is."""
    damaged = journal.damaged
    try:
        journal.tidy()
    except OSError as error:
        _log.warning("the journal was not written anew: %s", error)
    if damaged:
        _log.warning("%d damaged lines of the journal. %s", damaged, journal.problem())


async def _connect() -> Connection:
    """Connect to the bus. Raises `BusLost`, so that no other error is taken for the bus's."""
    try:
        return await open_with_patience()
    except OSError as error:
        raise BusLost(str(error)) from None


def _link(path: Path) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 - a text, 3 times a call
    except OSError:
        return ""


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


async def _contained(work: Coroutine[Any, Any, None]) -> None:
    """Run a client's work; a defect in it is logged and ends nobody else's."""
    try:
        await work
    except Exception:  # noqa: BLE001 - the edge of the program, and the log has it whole
        _log.exception("a defect")


async def _watch(connection: Connection, stop: asyncio.Event) -> None:
    """Stop with an error when the bus is lost, so that systemd starts a new daemon."""
    with contextlib.suppress(asyncio.CancelledError):
        await connection.wait_lost()
    if not stop.is_set():
        raise BusLost("the connection was closed")


async def _beat() -> None:
    """Tell the watchdog that the loop turns."""
    seconds = watchdog_seconds()
    while seconds:
        notify("WATCHDOG=1")
        await asyncio.sleep(seconds)


def _report(identifier: str, error: BaseException) -> None:
    """Write a defect to the log, or what a file system did not do."""
    fields = {"LUMINOUS_TRANSACTION": identifier}
    if isinstance(error, OSError):
        _log.error("transaction %s: %s", identifier, error, extra=fields)
        return
    _log.error("transaction %s failed", identifier, exc_info=error, extra=fields)
