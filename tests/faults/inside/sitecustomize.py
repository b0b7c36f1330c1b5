"""Loaded by the Python of a daemon under test, through PYTHONPATH: ends it at a chosen moment.

The product knows nothing of this. What it is about to do, and what it has just done, are *moments*
with names such as `journal test before`; each is noted in one file, and another says at which of
them the daemon is to be killed or stopped.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDER = Path("/run/faults")
WANTED, SEEN = FOLDER / "wanted", FOLDER / "seen"
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
_YEAR = 365 * 24 * 3600.0
_jumped: list[float] = []
_JUMPS = {"a year on": _YEAR, "a year back": -_YEAR}
_CHANGING = {
    "nix-env": ("--set", "--switch-generation", "--delete-generations", "--install"),
    "nix-store": ("--gc",),
    "switch-to-configuration": ("test", "boot"),
}


def pass_moment(name: str, child: int = 0) -> None:
    """Note a moment, and do what is wanted at it, to this process or to the `child` it started."""
    with contextlib.suppress(FileNotFoundError), SEEN.open("a") as seen:
        seen.write(f"{name}\n")
    if is_wanted(name):
        strike(name, child)


def is_wanted(name: str) -> bool:
    """Tell whether this is the moment at which something is to happen."""
    try:
        return WANTED.read_text().partition("\n")[0] == name
    except FileNotFoundError:
        return False


def strike(name: str, child: int = 0) -> None:
    """Do what is to be done at a moment, once."""
    how = WANTED.read_text().split("\n")[1]
    WANTED.write_text(f"done: {name}")
    if how in _JUMPS:
        _jumped.append(_JUMPS[how])
    elif how == "kill the child":
        os.kill(child, signal.SIGKILL)
    else:
        os.kill(os.getpid(), _SIGNALS[how])


class Watched:
    """The module `os` as another module sees it, with some functions that are watched."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.__dict__.update(functions)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - anything of os
        return getattr(os, name)


def watch_journal() -> None:
    """Pass a moment before and after each entry, and one when half of it is written."""
    from luminous_daemon import durable, journal  # noqa: PLC0415 - only now, in the daemon

    append = journal.DiskJournal._append  # noqa: SLF001 - the fault's place, not the product's door

    def watched(self: Any, entry: dict[str, Any]) -> None:  # noqa: ANN401 - a DiskJournal
        name = f"journal {entry.get('step') or entry['event']}"
        pass_moment(f"{name} before")
        if is_wanted(f"{name} torn"):
            replaced = Watched({"write": lambda *call: write_half(name, *call)})
            setattr(durable, "os", replaced)  # noqa: B010 - mypy knows a module's own `os`
        append(self, entry)
        pass_moment(f"{name} after")

    setattr(journal.DiskJournal, "_append", watched)  # noqa: B010 - as above


def write_half(name: str, handle: int, content: bytes) -> int:
    """Write half of an entry, and end."""
    os.write(handle, content[: len(content) // 2])
    strike(f"{name} torn")
    return 0


def watch_files() -> None:
    """Pass a moment before and after each file of the configuration gets its name."""
    from luminous_daemon.configuration import plain_file  # noqa: PLC0415 - as above

    def watched(function: Callable[..., None]) -> Callable[..., None]:
        def moved(source: str, target: str, **how: Any) -> None:  # noqa: ANN401 - as os has it
            pass_moment(f"file {target} before")
            function(source, target, **how)
            pass_moment(f"file {target} after")

        return moved

    functions = {"rename": watched(os.rename), "link": watched(os.link)}
    setattr(plain_file, "os", Watched(functions))  # noqa: B010 - as above


def watch_commands() -> None:
    """Pass a moment before and after each command that changes the machine."""
    from luminous_daemon.nix import command  # noqa: PLC0415 - as above

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        async def ran(what: command.Command, *others: Any) -> Any:  # noqa: ANN401 - as above
            name = _name(what.argv)
            if name:
                pass_moment(f"{name} before")
            came = await function(what, *others)
            if name:
                pass_moment(f"{name} after")
            return came

        return ran

    command.run, command.run_detached = watched(command.run), watched(command.run_detached)


def watch_children() -> None:
    """Pass a moment when such a command has been started, before it can have been waited for."""
    from asyncio import unix_events  # noqa: PLC0415 - as above

    # The only place between a child's birth and its end.
    transport: Any = vars(unix_events)["_UnixSubprocessTransport"]
    start = transport._start  # noqa: SLF001 - as above

    def started(self: Any, args: tuple[str, ...], *others: Any, **how: Any) -> None:  # noqa: ANN401 - as above
        start(self, args, *others, **how)
        name = _name(args)
        if name:
            pass_moment(f"{name} started", self._proc.pid)

    transport._start = started  # noqa: SLF001 - as above


def _name(argv: tuple[str, ...]) -> str:
    for position, word in enumerate(argv):
        program = word.rpartition("/")[2]
        for verb in _CHANGING.get(program, ()):
            if verb in argv[position:]:
                return f"{program} {verb}"
    return ""


def watch_clock() -> None:
    """Give the daemon a clock that can jump."""
    real = time.time
    time.time = lambda: real() + sum(_jumped)


if FOLDER.is_dir() and os.environ.pop("PYTHONPATH", ""):
    watch_journal()
    watch_files()
    watch_commands()
    watch_children()
    watch_clock()
