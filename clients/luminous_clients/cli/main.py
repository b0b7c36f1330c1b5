"""The entry of ask-nix: reads the command line, does the verb, tells errors once.

Only argparse is imported before it is clear what is wanted; the bus library comes with the first
verb and rich with the first drawing.
"""
# ruff: noqa: PLC0415 - imports stand where they are needed, so that a short answer comes at once

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from luminous_clients.cli.arguments import parse
from luminous_clients.cli.document import Document, write_json
from luminous_clients.cli.exit_codes import ExitCode, exit_code_for
from luminous_clients.cli.failures import meaning_of, message_of
from luminous_clients.cli.report import tell
from luminous_clients.cli.terminal import Terminal
from luminous_clients.errors import DaemonAbsent
from luminous_protocol.errors import Cancelled, Internal, LuminousError, NothingToDo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luminous_clients.cli.arguments import Choices
    from luminous_clients.cli.session import Session
    from luminous_clients.connection import Connection

    Handler = Callable[[Session], None]

_HANDLERS = {
    "": "words",
    "confirm": "running.confirm",
    "cancel": "running.cancel",
    "diff": "generations.diff",
    "disk": "disk",
    "explain-error": "diagnosis",
    "gc": "changes.collect_garbage",
    "generations": "generations",
    "health": "health",
    "history": "history",
    "index": "indexing",
    "option": "option",
    "package": "package",
    "plan": "words",
    "search": "search",
    "setup": "changes.set_up",
    "status": "status",
    "unit": "unit",
    "what-changed": "changed",
    "what-if": "supposing",
    "why": "why",
}
"""The module of each verb and its function, which is `run`; of the others, those of `changes`."""

_SHOWING = frozenset({"option", "package", "unit", "what-if", "why"})
"""Verbs that show some thing: after them, "it" is not what was said before."""


def main() -> NoReturn:
    """Run ask-nix with the process's arguments, and end the process with its exit code.

    All is written and closed by then. To take the modules apart as well, as Python does at the end
    of a program, would let everybody wait 10 ms longer.
    """
    os._exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run ask-nix with `arguments` and return its exit code."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    is_json = "--json" in options
    terminal = Terminal.standard(is_quiet=is_json, wants_colour="--no-color" not in options)
    document = Document()
    code = _guarded(arguments, terminal, document)
    try:
        if is_json:
            write_json(terminal, document.data(code, with_timings="--debug" in options))
        elif "--debug" in options:
            for stage, spent in document.timings.items():
                terminal.trace(f"{stage:>12} {spent:9.1f} ms")
        terminal.flush()
        if terminal.lost and not isinstance(terminal.lost, BrokenPipeError):
            terminal.trace(f"ask-nix: The output cannot be written: {terminal.lost.strerror}.")
            return code or ExitCode.OTHER
    except BrokenPipeError:  # nobody reads the complaints either
        return code
    return code


def _guarded(arguments: Sequence[str], terminal: Terminal, document: Document) -> ExitCode:
    """Do what is asked for; turn whatever goes wrong into one report and one exit code."""
    try:
        choices = parse(arguments)
        if choices.help or choices.version:
            _describe(choices, terminal, document)
        else:
            return _perform(choices, terminal, document)
    except NothingToDo as error:
        document.answers.append(error.message)
        tell(terminal, error)
    except LuminousError as error:
        document.add_error(error)
        tell(terminal, error, document.not_done)
        return exit_code_for(error.name)
    except KeyboardInterrupt:
        document.add_error(Cancelled("Cancelled."))
        terminal.complain("Cancelled.")
        return ExitCode.CANCELLED
    except Exception as error:  # noqa: BLE001 - the program's entry: no traceback for people
        return _unexpected(error, terminal, document, is_debug="--debug" in arguments)
    return ExitCode.DONE


def _tell_failure(error: LuminousError, session: Session) -> None:
    """Tell what went wrong, and what it means where Nix has said it and the rules know it."""
    terminal, document = session.terminal, session.document
    document.add_error(error)
    meaning = meaning_of(error, session.daemon)
    if meaning:
        from luminous_protocol.diagnosis import to_dict

        document.add("explanation", to_dict(meaning))
        if session.choices.debug:
            terminal.trace(message_of(error))
    tell(terminal, error, document.not_done, meaning=meaning)


def _unexpected(
    error: Exception, terminal: Terminal, document: Document, *, is_debug: bool
) -> ExitCode:
    if is_debug:
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            terminal.trace(line)
    told = Internal(
        f"This is a defect in ask-nix: {type(error).__name__}: {error}. "
        "More with --debug. What the machine does: ask-nix status"
    )
    document.add_error(told)
    tell(terminal, told)
    return ExitCode.OTHER


def _describe(choices: Choices, terminal: Terminal, document: Document) -> None:
    """Show the help page or the version."""
    if choices.help:
        from luminous_clients.cli.help import help_page

        page = help_page()
        document.add("help", page)
        terminal.say(page.rstrip("\n"))
        return
    from importlib.metadata import version

    document.add("version", version("luminous"))
    terminal.say(f"ask-nix {version('luminous')}")


def _perform(choices: Choices, terminal: Terminal, document: Document) -> ExitCode:
    """Connect to the daemon and do the verb; tell what has failed while that can be asked."""
    from luminous_clients.cli.session import Session
    from luminous_clients.daemon import Daemon

    handler = _handler(choices.verb)
    with document.timing("connect"):
        connection = _connected(choices.verb)
    with connection:
        session = Session(choices, terminal, document, Daemon(connection))
        try:
            if choices.verb in _SHOWING:
                session.daemon.forget()
            handler(session)
        except NothingToDo:
            raise
        except LuminousError as error:
            _tell_failure(error, session)
            return exit_code_for(error.name)
        finally:
            if choices.debug:
                _trace_back_end(session)
    return ExitCode.DONE


def _connected(verb: str) -> Connection:
    """Connect to the bus; what explains by rules can do without."""
    from luminous_clients.connection import Connection, NoConnection

    try:
        return Connection.open()
    except DaemonAbsent as error:
        if verb != "explain-error":
            raise
        return NoConnection(error)


def _trace_back_end(session: Session) -> None:
    try:
        status = session.daemon.status()
    except LuminousError as error:
        session.terminal.trace(f"back end: unknown ({error.name})")
    else:
        session.terminal.trace(f"back end: {status.get('backend')}, Nix {status.get('nix')}")


def _handler(verb: str) -> Handler:
    """Import what does `verb`, and nothing else."""
    module, _, function = _HANDLERS.get(verb, f"changes.{verb}").partition(".")
    handler: Handler = getattr(
        import_module(f"luminous_clients.cli.verbs.{module}"), function or "run"
    )
    return handler
