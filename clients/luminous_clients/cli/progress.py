"""Progress as lines, for output that is no terminal, and as nothing, for JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from luminous_clients.cli.text import clean
from luminous_protocol.transaction import TransactionState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.terminal import Terminal
    from luminous_clients.transactions import Seen

CALM_SECONDS = 5.0
"""How long to wait for a signal where nothing moves on the screen."""

_PHASE_OF_BUILD = re.compile(r"[A-Za-z]*Phase")
"""What builders in nixpkgs call their phases: `unpackPhase`, `buildPhase`, …"""

_LABELS: Mapping[str, str] = {
    TransactionState.PREPARING: "Preparing",
    TransactionState.AUTHORISING: "Waiting for authorisation",
    TransactionState.WAITING: "Waiting for another change to finish",
    TransactionState.BUILDING: "Building",
    TransactionState.ACTIVATING: "Activating",
    TransactionState.CONFIRMING: "Waiting for confirmation",
}


class ProgressView(Protocol):
    """Where progress is shown. `tick` is how often, in seconds, it wants to be shown anew."""

    tick: float

    def show(self, seen: Seen) -> None:
        """Show what is known now."""

    def note(self, line: str) -> None:
        """Show a line that stays."""

    def pause(self) -> None:
        """Leave the terminal to somebody else until the next `show`."""


def label_of(seen: Seen) -> str:
    """Name what is going on: the daemon's phase, or else the state."""
    label = _LABELS.get(seen.state, "Working")
    phase = clean(seen.phase)
    if not phase or phase == seen.state or _PHASE_OF_BUILD.fullmatch(phase):
        return label
    return phase[0].upper() + phase[1:]


def built(seen: Seen) -> str:
    """Say how many builds are done of those expected, or how much of another work."""
    if seen.expected <= 0 or seen.state != TransactionState.BUILDING:
        return ""
    is_build = bool(seen.package or seen.running)
    return f"{min(seen.done, seen.expected)}/{seen.expected}{' built' if is_build else ''}"


def package_of(seen: Seen) -> str:
    """Name what is being built, and the phase that its builder is in."""
    if seen.state != TransactionState.BUILDING:
        return ""
    phase = clean(seen.phase)
    package = clean(seen.package)
    return f"{package} ({phase})" if package and _PHASE_OF_BUILD.fullmatch(phase) else package


class LineProgress:
    """A line for each phase and each package."""

    tick = CALM_SECONDS

    def __init__(self, terminal: Terminal, *, with_log: bool) -> None:
        """Write to `terminal`; `with_log` adds the log's lines."""
        self._terminal = terminal
        self._with_log = with_log
        self._last = ""
        self._last_log = ""

    def show(self, seen: Seen) -> None:
        """Write a line if there is something new to say."""
        if self._with_log and seen.line and seen.line != self._last_log:
            self._last_log = seen.line
            self.note(f"  {clean(seen.line)}")
        parts = [label_of(seen), package_of(seen), built(seen)]
        line = " · ".join(part for part in parts if part)
        if line != self._last and not seen.is_final:
            self._last = line
            self.note(line)

    def note(self, line: str) -> None:
        """Write the line."""
        self._terminal.say(line)
        self._terminal.flush()

    def pause(self) -> None:
        """Nothing is in the way."""


class NoProgress:
    """Nothing at all."""

    tick = CALM_SECONDS

    def show(self, seen: Seen) -> None:
        """Show nothing."""

    def note(self, line: str) -> None:
        """Show nothing."""

    def pause(self) -> None:
        """Nothing is in the way."""
