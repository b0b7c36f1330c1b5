"""What the index says of one name: there at once, or why it says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from luminous_protocol.errors import (
    LimitExceeded,
    MindUnavailable,
    NotReady,
    UnknownOption,
    UnknownPackage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_MISSING = (MindUnavailable, NotReady, LimitExceeded)
"""What only a search needs; Nix knows the machine all the same."""


class Documented(NamedTuple):
    """A passage of the index, and options below the name; `problem` says why there is neither."""

    passage: Data
    below: Sequence[Data] = ()
    problem: str = ""


def look_up(session: Session, kind: str, name: str) -> Documented:
    """Return what the index says. What it lacks may be on this machine all the same."""
    try:
        with session.document.timing("index"):
            found = session.daemon.describe(kind, name)
    except (UnknownOption, UnknownPackage):
        return Documented({})
    except _MISSING as error:
        return Documented({}, (), error.message)
    passage = found.get("passage", {})
    if passage:
        session.document.add("documented", passage)
    return Documented(passage, found.get("below", ()))
