"""The report: where an error is told to the person, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_clients.cli.failures import is_raw
from luminous_clients.cli.text import clean, clean_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_clients.cli.terminal import Terminal
    from luminous_protocol.diagnosis import Diagnosis
    from luminous_protocol.errors import LuminousError

LOG_LINES = 20
MENDING = "To mend it: nixos-rebuild build 2>&1 | ask-nix explain-error --plan"
_MOST_ADVICE = 2


def tell(
    terminal: Terminal,
    error: LuminousError,
    not_done: Sequence[str] = (),
    *,
    meaning: Diagnosis | None = None,
) -> None:
    """Tell what went wrong: the sentence, the log's last lines, what is true now, what was left.

    `state` in the error's details is the sentence about what is true now, `patch` what is to be
    done by hand. With `meaning`, that is said instead of what Nix itself has said, or after it.
    """
    is_replaced = meaning is not None and is_raw(error)
    said = meaning.summary if meaning and is_replaced else error.message
    lines = clean_lines(said) or [error.name]
    is_good_news = error.name == "NothingToDo"
    write = terminal.say if is_good_news else terminal.complain
    first = lines[0] if is_good_news else terminal.paint("ask-nix:", "red") + " " + lines[0]
    for line in (first, *lines[1:]):
        write(line)
    if not is_replaced:
        _tell_log(terminal, error)
    if meaning:
        _tell_meaning(terminal, meaning, is_replaced=is_replaced)
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


def _tell_meaning(terminal: Terminal, meaning: Diagnosis, *, is_replaced: bool) -> None:
    """Tell where the mistake is and what to do, after what it means where that is not yet said."""
    said = [] if is_replaced else [f"That means: {meaning.summary}"]
    place = [f"It is in {meaning.place}"] if meaning.place else []
    meant = [f"Perhaps meant: {', '.join(meaning.suggestions)}"] if meaning.suggestions else []
    mended = [MENDING] if meaning.repairs else []
    for line in (*said, *place, *meant, *meaning.advice[:_MOST_ADVICE], *mended):
        terminal.complain(clean(line))
    if is_replaced:
        terminal.complain(terminal.paint("What Nix has said: the same with --debug", "dim"))


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
