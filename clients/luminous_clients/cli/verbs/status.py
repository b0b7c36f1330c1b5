"""The verb status: what runs, what starts at boot, and what the daemon is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.columns import labelled
from luminous_clients.cli.document import underscored
from luminous_clients.cli.text import clean, count, listed
from luminous_protocol.transaction import TransactionState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

MOST_PACKAGES = 12


def run(session: Session) -> None:
    """Show the state of the machine."""
    with session.document.timing("status"):
        status = session.daemon.status()
    show(session, status)


def show(session: Session, status: Data) -> None:
    """Show what the daemon has answered."""
    session.document.add("status", underscored(status))
    for label, value in labelled(_lines(status)):
        session.terminal.say(session.terminal.paint(label, "dim") + value)


def _lines(status: Data) -> list[tuple[str, str]]:
    def text(key: str) -> str:
        return clean(status.get(key, ""))

    kernel = f", kernel {text('kernel')}" if status.get("kernel") else ""
    return [
        ("System", f"NixOS {text('nixos-version')}{kernel}"),
        ("Running", _generation(status, "current")),
        ("Next boot", _generation(status, "default")),
        ("Booted", _generation(status, "booted")),
        ("Reboot", _reboot(status)),
        ("Luminous", _managed(status)),
        ("Problem", text("configuration-problem")),
        ("Journal", text("journal-problem")),
        ("Changes", _busy(status)),
        ("Daemon", f"luminousd {text('version')}, {text('backend')} back end, Nix {text('nix')}"),
    ]


def _generation(status: Data, key: str) -> str:
    number = int(status.get(key, 0))
    if number:
        return f"generation {number}"
    if key == "current":
        return "a system that is no generation, tried until the next boot or until it is confirmed"
    return "no generation of the system profile"


def _reboot(status: Data) -> str:
    if not status.get("reboot-required"):
        return "not needed"
    reason = clean(status.get("reboot-reason", ""))
    return f"needed: {reason}" if reason else "needed"


def _managed(status: Data) -> str:
    packages = list(status.get("packages", ()))
    definitions = int(status.get("definitions", 0))
    names = f"; packages: {listed(packages, MOST_PACKAGES)}" if packages else ""
    return f"{count(definitions, 'definition')} in {clean(status.get('file', ''))}{names}"


def _busy(status: Data) -> str:
    if not status.get("busy"):
        return "none being made"
    identifier = clean(status.get("transaction", "")).rpartition("/")[2]
    if status.get("transaction-state") == TransactionState.CONFIRMING:
        return f"one waits to be confirmed ({identifier}): ask-nix confirm"
    return f"one is being made now ({identifier})" if identifier else "one is being made now"
