"""Free space: what a plan needs in the store and in the boot partition, and whether it is there.

What is fetched is unpacked on its way, and Nix says how much that is: so much is certain. For what
is built nobody knows, and a download may be kept for a moment: that much is a guess, which is worth
a warning and keeps nobody from trying. A kernel that is built already has a certain size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.core.comparing import differs
from luminous_protocol.errors import NoSpace
from luminous_protocol.plan import Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luminous_daemon.core.ports import World
    from luminous_protocol.errors import BuildFailed
    from luminous_protocol.plan import Closure

STORE = "/nix/store"
_BOOT = "/boot"
_BUILD_BYTES = 2**20
"""A guess for each derivation that is built: most of them are scripts and links."""
_UNITS = ("B", "KiB", "MiB", "GiB")
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Bootable:
    """What boots: its `parts` by name, its `toplevel` if it is built, and the boot partition."""

    parts: Mapping[str, str]
    toplevel: str
    partition: str


def rooms_for(world: World, closure: Closure, bootable: Bootable) -> tuple[Room, ...]:
    """Return what is needed where for a system that has this closure and boots so."""
    guess = closure.download + _BUILD_BYTES * len(closure.builds)
    needs = {STORE: (closure.unpacked + guess, closure.unpacked)}
    copied, is_certain = _copied(world, bootable)
    needs[bootable.partition or _BOOT] = (copied, copied if is_certain else 0)
    return tuple(_rooms(world, needs))


def boot_room(world: World, toplevel: str, partition: str) -> tuple[Room, ...]:
    """Return what a system that is built needs in the boot partition."""
    copied, _ = _copied(world, Bootable(world.toplevels.boot(toplevel), toplevel, partition))
    return tuple(_rooms(world, {partition or _BOOT: (copied, copied)}))


def refuse_without_room(world: World, rooms: Iterable[Room]) -> None:
    """Raise `NoSpace` where it is certain that something does not fit now."""
    for room in _now(world, rooms):
        if room.is_too_small:
            raise NoSpace(
                f"There is no room: {_told(room, room.certain)}. Nothing was changed. To make "
                f"room: {_advice(room)}",
                {"path": room.path, "needed": str(room.certain), "free": str(room.free)},
            )


def tell_of_space(world: World, rooms: Iterable[Room], error: BuildFailed) -> None:
    """Add to `error` that the room is short now, which builders say in words of their own."""
    error.message = " ".join((error.message, *space_warnings(_now(world, rooms))))


def space_warnings(rooms: Iterable[Room]) -> tuple[str, ...]:
    """Return the sentences about what does not fit, or may not."""
    return tuple(_warning(room) for room in rooms if not room.is_enough)


def _warning(room: Room) -> str:
    if room.is_too_small:
        return f"There is no room: {_told(room, room.certain)}. To make room: {_advice(room)}"
    return f"There may be no room: about {_told(room, room.needed)}. To make room: {_advice(room)}"


def _told(room: Room, needed: int) -> str:
    return f"{size_text(needed)} needed in {room.path}, {size_text(room.free)} free"


def _advice(room: Room) -> str:
    return "ask-nix gc" if room.path == STORE else "ask-nix gc --keep 3"


def _copied(world: World, bootable: Bootable) -> tuple[int, bool]:
    """Return the bytes that no generation has brought to the boot partition, and if that is known.

    As long as a kernel is not built, the one that runs has to stand for it.
    """
    running, parts, toplevel = world.profile.running(), bootable.parts, bootable.toplevel
    new = [part for part in ("kernel", "initrd") if _is_new(world, part, parts.get(part, ""))]
    sizes = world.toplevels.boot_sizes(toplevel) if toplevel and new else {}
    known = world.toplevels.boot_sizes(running) if new and len(sizes) < len(new) else sizes
    copied = sum(sizes.get(part, known.get(part, 0)) for part in new)
    return copied, all(part in sizes for part in new)


def _is_new(world: World, part: str, path: str) -> bool:
    toplevels, running = world.toplevels, world.profile.running()
    if not path or not differs(part, toplevels.boot(running).get(part, ""), path):
        return False
    return all(
        differs(part, toplevels.boot(item.toplevel).get(part, ""), path)
        for item in world.profile.generations()
    )


def _now(world: World, rooms: Iterable[Room]) -> Iterable[Room]:
    """Return the same needs, with what is free at this moment."""
    return _rooms(world, {item.path: (item.needed, item.certain) for item in rooms})


def _rooms(world: World, needs: Mapping[str, tuple[int, int]]) -> Iterable[Room]:
    """Yield the needs by file system: two places in the same one share what is free."""
    seen: dict[int, Room] = {}
    for path, (needed, certain) in needs.items():
        disk = world.disks.holding(path) if needed else None
        if disk is None:
            continue
        first = seen.get(disk.identity, Room(path, 0, 0, disk.free))
        seen[disk.identity] = Room(
            first.path, first.needed + needed, first.certain + certain, disk.free
        )
    return seen.values()


def size_text(count: int) -> str:
    """Return bytes as people read them."""
    value, unit = float(count), 0
    while value >= _KIB and unit < len(_UNITS) - 1:
        value, unit = value / _KIB, unit + 1
    return f"{value:.1f} {_UNITS[unit]}" if unit else f"{count} B"
