"""What keeps things in the store besides the system's generations, and what of it may be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from luminous_protocol.plan import Keeper

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luminous_daemon.core.ports import Caller

_PROFILE = re.compile(r"^/nix/var/nix/profiles/|/profiles/[^/]+-[0-9]+-link$")


@dataclass(frozen=True, slots=True)
class Link:
    """One place from which something is kept.

    `home_of` is the user in whose home it lies, if it lies in one; `process` is the name of a
    process that uses it.
    """

    place: str
    home_of: str = ""
    process: str = ""


@dataclass(frozen=True, slots=True)
class Root:
    """Something in the store that is kept by links, with the bytes of its closure.

    Of these `exclusive` are kept by it alone; -1 where nobody has looked.
    """

    path: str
    links: tuple[Link, ...]
    size: int
    exclusive: int = -1


class Roots(Protocol):
    """The roots of Nix's garbage collector."""

    async def largest(self, system: Sequence[str]) -> list[Root]:
        """Return the largest roots but for those that hold systems.

        `system` are the systems that stay; what they need is not exclusive to anything else.
        """


def keepers(roots: Iterable[Root], caller: Caller) -> tuple[Keeper, ...]:
    """Return what keeps the store full, as `caller` may know it, the largest first."""
    ordered = sorted(roots, key=lambda root: (root.exclusive, root.size), reverse=True)
    return tuple(_keeper(root, caller) for root in ordered)


def _keeper(root: Root, caller: Caller) -> Keeper:
    hidden = [link for link in root.links if not _may_see(link, caller)]
    seen = [link for link in root.links if link not in hidden]
    first = (seen or hidden)[0]
    name = root.path.partition("-")[2] if seen else ""
    return Keeper(
        kind=_kind(first),
        what=_described(first) if seen else f"a link of {first.home_of}'s",
        name=name,
        links=len(root.links),
        size=root.size,
        exclusive=root.exclusive,
    )


def _may_see(link: Link, caller: Caller) -> bool:
    """Tell whether a place may be named: what lies in a home is its user's own business."""
    return not link.home_of or caller.uid == 0 or caller.user == link.home_of


def _kind(link: Link) -> str:
    if link.process:
        return "process"
    if link.place.startswith("{"):  # what Nix itself holds, or does not tell
        return "nix"
    return "profile" if _PROFILE.search(link.place) else "link"


def _described(link: Link) -> str:
    return f"running: {link.process}" if link.process else link.place
