"""Questions in words about the state of the machine, answered as far as the daemon knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.answers import status_answer
from luminous_clients.cli.text import clean
from luminous_clients.cli.verbs import option, status
from luminous_clients.errors import NotPossible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session


def answer(session: Session, slots: Mapping[str, Any]) -> None:
    """Answer a question about the state. Raises `NotPossible` where the daemon does not know."""
    if slots.get("what") == "option" and slots.get("option"):
        option.show(session, str(slots["option"]))
        return
    elsewhere = status_answer(slots)
    if elsewhere:
        raise NotPossible(elsewhere)
    known = session.daemon.status()
    if slots.get("what") == "packages" and slots.get("package"):
        _tell_package(session, str(slots["package"]), known)
    else:
        status.show(session, known)


def _tell_package(session: Session, name: str, known: Mapping[str, Any]) -> None:
    """Say whether a package is installed: at once where Luminous did it, else as Nix says."""
    if name in known.get("packages", ()):
        session.answer(f"{name} is installed by {known.get('file')}.")
        return
    with session.document.timing("evaluate"):
        found = session.daemon.describe_package(name)
    places = [clean(f"{item['place']} ({item['value']})") for item in found["installed"]]
    told = f"installed by {' and '.join(places)}" if places else "not installed"
    session.answer(f"{name} is {told}.")
