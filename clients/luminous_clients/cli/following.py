"""Following a transaction to its end: signals in, progress out, Ctrl-C and confirmation between."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

from luminous_clients.cli import endings
from luminous_clients.errors import DaemonAbsent, DaemonLost, Left
from luminous_clients.transactions import Outcome, Seen
from luminous_protocol.errors import LuminousError, StateError, UnknownObject
from luminous_protocol.transaction import TransactionState

if TYPE_CHECKING:
    from luminous_clients.cli.interrupts import Interrupts
    from luminous_clients.cli.progress import ProgressView
    from luminous_clients.cli.terminal import Terminal
    from luminous_clients.daemon import Daemon

POLL_SECONDS = 5.0
"""How often properties are read although no signal came: a lost signal must not mean forever."""

_NOT_ALLOWED = frozenset({"NotAuthorized", "Dismissed", "NoAgent"})

CANCELLING = "Cancelling…"
CANCELLED = "Cancelled. Nothing was changed."
PUTTING_BACK = "Putting back the system from before…"
CANNOT_CANCEL = (
    "What you approved is being put in force; that cannot be cancelled any more. "
    "Press Ctrl-C again to leave it alone."
)
CONFIRM_ELSEWHERE = "Keep it with: ask-nix confirm · otherwise it is put back in time."
QUESTION = "The new system is running. Keep it? [y/N] "
PUT_BACK_SOON = "Not confirmed: the system from before is put back when the time is over."


class Follower:
    """Follows one transaction."""

    def __init__(
        self, daemon: Daemon, terminal: Terminal, view: ProgressView, interrupts: Interrupts
    ) -> None:
        """Take entered `interrupts`, and a daemon that is listened to already."""
        self._daemon = daemon
        self._terminal = terminal
        self._view = view
        self._interrupts = interrupts
        self._answered = 0
        self._has_asked = False
        self._state = ""
        self._since = 0.0
        self._stages: dict[str, float] = {}

    def follow(self, path: str) -> Outcome:
        """Return how the transaction at `path` ended.

        Raises `DaemonLost` when the daemon vanishes and `Left` when the person leaves; the
        details then say in `state` what goes on.
        """
        seen = Seen()
        try:
            seen = self._read(path, seen)
            polled = time.monotonic()
            self._stage(seen)
            while not seen.is_final:
                self._view.show(seen)
                self._heed_interrupts(path, seen)
                if seen.state == TransactionState.CONFIRMING:
                    self._offer_to_keep()
                signal = self._daemon.wait(self._view.tick, self._files(seen))
                if signal is not None and signal.path == path:
                    seen = seen.with_signal(signal)
                elif self._is_answer_there(seen):
                    self._take_answer(path)
                elif time.monotonic() - polled > POLL_SECONDS:
                    seen, polled = self._read(path, seen), time.monotonic()
                self._stage(seen)
            self._view.show(seen)
            return self._outcome(path, seen)
        except (DaemonLost, DaemonAbsent) as error:
            lost = DaemonLost("The Luminous daemon has left the bus.")
            lost.details["state"] = endings.lost(seen.state)
            raise lost from error
        finally:
            self._view.pause()

    def _stage(self, seen: Seen) -> None:
        """Keep how long each state has lasted."""
        now = time.monotonic()
        if self._state:
            self._stages[self._state] = self._stages.get(self._state, 0.0) + now - self._since
        self._state, self._since = seen.state, now

    def _read(self, path: str, seen: Seen) -> Seen:
        return seen.with_properties(self._daemon.read_transaction(path))

    def _outcome(self, path: str, seen: Seen) -> Outcome:
        try:
            last = self._read(path, seen)
        except (DaemonLost, UnknownObject):
            last = seen  # finished and gone: what the signals said is all there is
        if not last.is_final:
            last = seen
        if self._interrupts.count and last.result.get("error") in _NOT_ALLOWED:
            # At a password, the same Ctrl-C has ended the agent, and polkit's no came first.
            result = {**last.result, "error": "Cancelled"}
            return Outcome(path, TransactionState.CANCELLED, CANCELLED, result, self._stages)
        message = seen.message or last.message
        return Outcome(path, last.state, message, last.result, self._stages)

    def _files(self, seen: Seen) -> list[int]:
        files = [self._interrupts.file]
        if seen.state == TransactionState.CONFIRMING and self._terminal.is_interactive:
            files.append(self._terminal.source.fileno())
        return files

    def _heed_interrupts(self, path: str, seen: Seen) -> None:
        interrupts = self._interrupts
        interrupts.clear()
        is_new = interrupts.count > self._answered
        if interrupts.count > 1 or (interrupts.is_leaving and not (is_new and seen.can_be_stopped)):
            raise Left("Left.", {"state": endings.left(seen.state)})
        if not is_new:
            return
        self._answered = interrupts.count
        if self._is_in_a_line(seen):
            self._view.note("")
        if not seen.can_be_stopped:
            self._view.note(CANNOT_CANCEL)
            return
        self._view.note(CANCELLING if seen.can_be_cancelled else PUTTING_BACK)
        try:
            self._daemon.cancel(path)
        except DaemonLost:
            raise
        except StateError:
            if seen.state != TransactionState.AUTHORISING:
                self._view.note(CANNOT_CANCEL)  # activation began in this very moment

    def _is_in_a_line(self, seen: Seen) -> bool:
        """Tell whether the terminal stands behind a question or the `^C` that it has echoed."""
        is_asking = seen.state == TransactionState.AUTHORISING
        return self._terminal.is_interactive and (is_asking or not self._terminal.is_live)

    def _offer_to_keep(self) -> None:
        if self._has_asked:
            return
        self._has_asked = True
        if self._terminal.is_interactive:
            self._view.pause()
            self._terminal.put_question(QUESTION)
        else:
            self._view.note(CONFIRM_ELSEWHERE)

    def _is_answer_there(self, seen: Seen) -> bool:
        if seen.state != TransactionState.CONFIRMING or not self._terminal.is_interactive:
            return False
        return bool(select.select([self._terminal.source], [], [], 0)[0])

    def _take_answer(self, path: str) -> None:
        if self._terminal.source.readline().strip().lower() in {"y", "yes"}:
            self._daemon.confirm(path)
            return
        self._view.note(PUT_BACK_SOON)
        try:
            self._daemon.cancel(path)
        except DaemonLost:
            raise
        except LuminousError:
            return  # then the time limit does it
