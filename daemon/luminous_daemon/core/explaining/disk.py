"""The disk: what fills it, as the asker may know it, and what could be freed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_daemon.core.garbage import choose_generations
from luminous_daemon.core.roots import keepers
from luminous_protocol.changes import CollectGarbage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luminous_daemon.core.explaining.sights import Folder, Fullness, Sights
    from luminous_daemon.core.ports import Caller, Generation, World
    from luminous_protocol.plan import Keeper

PLACES = ("/", "/nix/store", "/boot", "/var", "/home")
JOURNAL = "/var/log/journal"
_MOST_FOLDERS = 12


@dataclass(frozen=True, slots=True)
class DiskReport:
    """What fills the disks. Sizes are in bytes, and -1 where they are not known.

    `deletable` are the generations that a collection of garbage would delete, which alone need
    `freed`. `folders` are the largest first; `other_homes` are those of others than the asker,
    `hidden_homes` of them. `uncounted` directories took too long.
    """

    file_systems: tuple[Fullness, ...]
    store: int
    keepers: tuple[Keeper, ...]
    generations: int
    deletable: tuple[int, ...]
    freed: int
    journal: int
    folders: tuple[Folder, ...]
    other_homes: int
    hidden_homes: int
    uncounted: int

    @property
    def changes(self) -> tuple[CollectGarbage, ...]:
        """What would make room, if there is anything."""
        return (CollectGarbage(),) if self.deletable else ()


async def report_disk(world: World, sights: Sights, caller: Caller) -> DiskReport:
    """Look at everything that fills the disks, for a caller."""
    generations = world.profile.generations()
    deleted = choose_generations(generations, CollectGarbage(), world.clock())
    kept = [item for item in generations if item not in deleted]
    systems = [*(item.toplevel for item in kept), world.profile.running()]
    roots, store, freed, folders = await asyncio.gather(
        world.roots.largest(systems),
        sights.references.total(),
        _freed(world, deleted, systems),
        sights.usage.folders(),
    )
    shown, hidden = _seen_by(caller, folders)
    counted = sorted(shown, key=lambda folder: folder.size, reverse=True)
    return DiskReport(
        file_systems=tuple(sights.usage.fullness(PLACES)),
        store=store,
        keepers=keepers(roots, caller),
        generations=len(generations),
        deletable=tuple(item.number for item in deleted),
        freed=freed,
        journal=_size_at(folders, JOURNAL),
        folders=tuple(folder for folder in counted if folder.size > 0)[:_MOST_FOLDERS],
        other_homes=sum(max(folder.size, 0) for folder in hidden),
        hidden_homes=len(hidden),
        uncounted=sum(folder.size < 0 for folder in folders),
    )


async def _freed(world: World, deleted: Sequence[Generation], systems: Sequence[str]) -> int:
    if not deleted:
        return 0
    return await world.store.exclusive_size([item.toplevel for item in deleted], systems)


def _seen_by(caller: Caller, folders: Iterable[Folder]) -> tuple[list[Folder], list[Folder]]:
    """Return the folders that may be named to a caller, and the homes that may not."""
    shown: list[Folder] = []
    hidden: list[Folder] = []
    for folder in folders:
        is_own = caller.uid == 0 or folder.home_of in {"", caller.user}
        (shown if is_own else hidden).append(folder)
    return shown, hidden


def _size_at(folders: Iterable[Folder], path: str) -> int:
    return next((folder.size for folder in folders if folder.path == path), 0)
