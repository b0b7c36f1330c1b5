"""Live progress on a terminal: a bar, the phase, builds done of expected, the last log line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from luminous_clients.cli.drawing import console_for
from luminous_clients.cli.progress import built, label_of, package_of
from luminous_clients.cli.text import clean, duration
from luminous_protocol.transaction import TransactionState

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from luminous_clients.cli.terminal import Terminal
    from luminous_clients.transactions import Seen

BAR_WIDTH = 24

_ASKING = {TransactionState.AUTHORISING, TransactionState.CONFIRMING}


def draw(seen: Seen, elapsed: float, width: int) -> RenderableType:
    """Draw two lines of at most `width`: what is going on, and the newest line of the log."""
    label = Text(label_of(seen), "bold")
    bar = ProgressBar(
        total=100.0,
        completed=max(seen.percentage, 0.0),
        pulse=seen.percentage < 0,
        width=BAR_WIDTH,
        animation_time=elapsed,
    )
    running = f"{seen.running} running" if seen.running else ""
    facts = [built(seen), running, package_of(seen), duration(elapsed)]
    told = Text(" · ".join(fact for fact in facts if fact), "dim")
    told.truncate(max(width - label.cell_len - BAR_WIDTH - 2, 1), overflow="ellipsis")
    line = Table.grid(padding=(0, 1))
    line.add_row(label, bar, told)
    log = Text(clean(seen.line), "dim", no_wrap=True, overflow="ellipsis")
    return Group(line, log)


class LiveProgress:
    """Draws over itself until it is closed; leaves nothing but its notes."""

    tick = 0.1

    def __init__(self, terminal: Terminal, now: Callable[[], float] = time.monotonic) -> None:
        """Draw on `terminal`, which must be one."""
        self._terminal = terminal
        self._now = now
        self._started = now()
        self._live: Live | None = None

    def show(self, seen: Seen) -> None:
        """Draw what is known now. A question on the terminal has it to itself."""
        if seen.is_final or seen.state in _ASKING:
            self.pause()
            return
        if self._live is None:
            console = console_for(self._terminal)
            self._live = Live(console=console, auto_refresh=False, transient=True)
            self._live.start()
        elapsed, width = self._now() - self._started, self._live.console.width
        self._live.update(draw(seen, elapsed, width), refresh=True)

    def note(self, line: str) -> None:
        """Write a line above."""
        self.pause()
        self._terminal.say(line)
        self._terminal.flush()

    def pause(self) -> None:
        """Take the drawing away."""
        if self._live is not None:
            self._live.stop()
            self._live = None
