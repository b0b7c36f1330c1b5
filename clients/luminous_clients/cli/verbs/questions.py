"""Questions in words about the state of the machine, answered as far as the daemon knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.answers import status_answer
from luminous_clients.cli.document import underscored
from luminous_clients.cli.text import clean
from luminous_clients.cli.verbs import option, status
from luminous_clients.errors import NotPossible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session


_ALL_PACKAGES = (
    "Those are not all of the system. All: nix-store --query --references /run/current-system/sw"
    " · Why one is here: ask-nix why NAME"
)


def answer(session: Session, slots: Mapping[str, Any]) -> None:
    """Answer a question about the state. Raises `NotPossible` where the daemon does not know."""
    if _explain(session, slots):
        return
    elsewhere = status_answer(slots)
    if elsewhere:
        raise NotPossible(elsewhere)
    known = session.daemon.status()
    if slots.get("what") == "packages" and slots.get("package"):
        _tell_package(session, str(slots["package"]), known)
    elif slots.get("what") == "packages":
        _tell_packages(session, known)
    else:
        status.show(session, known)


def _explain(session: Session, slots: Mapping[str, Any]) -> bool:
    """Answer what a verb of its own answers, and tell whether that was so."""
    match slots:
        case {"what": "option", "option": name}:
            option.show(session, str(name))
        case {"what": "service", "service": name}:
            from luminous_clients.cli.verbs import unit  # noqa: PLC0415 - for this answer alone

            unit.show(session, str(name))
        case {"what": "changes"}:
            from luminous_clients.cli.verbs import changed  # noqa: PLC0415 - for this answer alone

            changed.show(session, _since(slots))
        case {"what": "history"} if name := slots.get("package") or slots.get("service"):
            from luminous_clients.cli.verbs import history  # noqa: PLC0415 - for this answer alone

            history.about(session, str(name), str(slots.get("option", "")))
        case {"what": "disk"}:
            from luminous_clients.cli.verbs import disk  # noqa: PLC0415 - for this answer alone

            disk.run(session)
        case {"view": "health"} | {"what": "services"}:
            from luminous_clients.cli.verbs import health  # noqa: PLC0415 - for this answer alone

            health.run(session)
        case _:
            return False
    return True


def _since(slots: Mapping[str, Any]) -> str:
    """Return the moment that a question names, as people say it; nothing where it names none."""
    if slots.get("generation"):
        return f"generation {slots['generation']}"
    return str(slots.get("since") or slots.get("older_than") or "")


def _tell_packages(session: Session, known: Mapping[str, Any]) -> None:
    """List the packages of Luminous's own file, and say what lists those of the whole system."""
    session.document.add("status", underscored(known))
    names = ", ".join(map(clean, known.get("packages", ()))) or "none"
    session.answer(f"In Luminous's own file, {clean(known.get('file', ''))}: {names}.")
    session.answer(_ALL_PACKAGES)


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
