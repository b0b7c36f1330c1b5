"""The verb disk: what fills the disks. It ends in a plan that would make room, and applies none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.dialogue import carry_out
from luminous_clients.cli.document import underscored
from luminous_clients.cli.sheet import Sheet
from luminous_clients.cli.text import clean, count, size
from luminous_protocol.errors import AuthorizationError, LimitExceeded, NothingToDo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_MOST_ROOTS = 6
_LARGE_JOURNAL = 2**30
"""From here on it is worth a word how to make the journal smaller."""


def run(session: Session) -> None:
    """Show what fills the disks, and plan to make room where that is possible."""
    with session.document.timing("disk"):
        found = session.daemon.disk()
    session.document.add("disk", underscored(found))
    sheet = Sheet(session.terminal)
    sheet.tell("Disks", *map(_disk, found["file-systems"]))
    sheet.tell("Store", _known(found["store"]))
    sheet.tell("Kept by", *_roots(found["roots"]))
    sheet.tell("Systems", _generations(found))
    sheet.tell("Folders", *(f"{size(item['size'])}  {item['path']}" for item in found["folders"]))
    sheet.tell("Homes", _others(found))
    if found["uncounted"]:
        sheet.tell(
            "Note",
            f"{count(found['uncounted'], 'directory', 'directories')} took too long to count",
            style="dim",
        )
    if found["journal"] >= _LARGE_JOURNAL:
        sheet.tell(
            "Journal",
            f"{size(found['journal'])}. To make it smaller: sudo journalctl --vacuum-size=500M",
        )
    sheet.flush()
    if found["changes"]:
        _offer(session)


def _offer(session: Session) -> None:
    """Plan a collection of garbage, and show what it would free."""
    choices = session.choices._replace(dry_run=True)
    try:
        carry_out(
            session._replace(choices=choices),
            lambda: session.daemon.collect_garbage(older_than_days=0, keep=0, words="disk"),
        )
    except (NothingToDo, AuthorizationError, LimitExceeded):
        return
    session.answer("To make room so: ask-nix gc")


def _disk(disk: Data) -> str:
    used = int(disk["size"]) - int(disk["free"])
    share = f"{used / int(disk['size']):.0%}" if disk["size"] else "0%"
    return f"{disk['path']}  {share} of {size(disk['size'])} used, {size(disk['free'])} free"


def _known(figure: int) -> str:
    return size(figure) if figure >= 0 else ""


def _roots(roots: Iterable[Data]) -> list[str]:
    shown = [*roots][:_MOST_ROOTS]
    return [_root(root) for root in shown]


def _root(root: Data) -> str:
    name = f" → {clean(root['name'])}" if root["name"] else ""
    alone = f", {size(root['exclusive'])} of it alone" if root["exclusive"] >= 0 else ""
    return f"{size(root['size'])}{alone}: {clean(root['what'])}{name}"


def _generations(found: Data) -> str:
    kept = count(int(found["generations"]), "generation")
    deletable = len(found["deletable"])
    if not deletable:
        return f"{kept}, all of which have to stay"
    return f"{kept}; {deletable} could go, and {size(found['freed'])} with them"


def _others(found: Data) -> str:
    if not found["hidden-homes"]:
        return ""
    return f"{size(found['other-homes'])} in {count(found['hidden-homes'], 'home')} of other users"
