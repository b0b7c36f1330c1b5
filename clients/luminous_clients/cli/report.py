"""The report: where an error is told to the person, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_clients.cli.text import clean, clean_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_clients.cli.terminal import Terminal
    from luminous_protocol.errors import LuminousError

LOG_LINES = 20


def tell(terminal: Terminal, error: LuminousError, not_done: Sequence[str] = ()) -> None:
    """Tell what went wrong: the sentence, the log's last lines, what is true now, what was left.

    `state` in the error's details is the sentence about what is true now, `patch` what is to be
    done by hand.
    """
    lines = clean_lines(error.message) or [error.name]
    is_good_news = error.name == "NothingToDo"
    write = terminal.say if is_good_news else terminal.complain
    first = lines[0] if is_good_news else terminal.paint("ask-nix:", "red") + " " + lines[0]
    for line in (first, *lines[1:]):
        write(line)
    _tell_log(terminal, error)
    for line in clean_lines(str(error.details.get("patch", "")).rstrip("\n")):
        terminal.complain(terminal.paint(f"  {line}", "dim"))
    state = error.details.get("state", "")
    if state:
        write(clean(str(state)))
    if error.name == "UsageError":
        usage = error.details.get("usage", "")
        write(f"Usage: {usage}" if usage else "See: ask-nix --help")
    for title in not_done:
        terminal.complain(f"Not done: {clean(title)}.")


def _tell_log(terminal: Terminal, error: LuminousError) -> None:
    log = error.details.get("log", [])
    lines = log.splitlines() if isinstance(log, str) else list(log)
    shown = [clean(line) for line in lines[-LOG_LINES:]]
    told = clean(error.message)
    if not shown or all(line in told for line in shown):
        return
    terminal.complain("Last lines of the log:")
    for line in shown:
        terminal.complain(terminal.paint(f"  {line}", "dim"))
