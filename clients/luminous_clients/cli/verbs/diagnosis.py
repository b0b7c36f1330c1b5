"""The verb explain-error: what an error message means, where the mistake is, and what mends it.

The message comes from standard input, from a file, or is that of the last change that failed.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.dialogue import carry_out, wait_for
from luminous_clients.cli.explanation import tell
from luminous_clients.cli.failures import message_of
from luminous_clients.cli.own_files import OwnFiles
from luminous_clients.cli.terminal import Streams, Terminal
from luminous_clients.errors import DaemonAbsent, DaemonLost, NotMended, UsageError
from luminous_protocol.diagnosis import cut, diagnose, from_dict, to_dict
from luminous_protocol.diagnosis.message import MAX_TEXT, directory_in
from luminous_protocol.diagnosis.pinpointing import pinpoint
from luminous_protocol.errors import InvalidText, LuminousError, NothingToDo, OperationError
from luminous_protocol.transaction import TransactionState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from luminous_clients.cli.session import Session
    from luminous_protocol.diagnosis import Diagnosis

    Data = Mapping[str, Any]

QUESTION = "Plan the repair? [y/N] "
WITHOUT_DAEMON = "The daemon does not answer: explained by rules alone, names are not looked up."
WITHOUT_INDEX = "What knows the names does not answer: explained by rules alone."
_CONFIGURATION = "/etc/nixos"
_TERMINAL = "/dev/tty"
_LOOKED_AT = 50
_AS_IT_IS = ({"kind": "rebuild", "action": "build"},)


def run(session: Session) -> None:
    """Explain the message of the command line's file, of standard input, or of the last failure."""
    choices = session.choices
    show(session, _message_of(session, choices.source))


def show(session: Session, text: str) -> None:
    """Explain a message; plan what mends it, where that is wanted."""
    text = cut(text)
    directory = _directory(text)
    files = OwnFiles(directory)
    with session.document.timing("explain"):
        found, note = _explained(session, text, directory)
        found = pinpoint(found, files)
    session.document.add("explanation", {**to_dict(found), "note": note})
    tell(session.terminal, found, files.read(found.place.file) if found.place else None)
    if note:
        session.terminal.say(session.terminal.paint(note, "dim"))
    if found.repairs:
        _offer(session, found)
    elif session.choices.plan:
        raise NotMended("There is nothing in this that Luminous could mend by itself.")


def last_failure(session: Session) -> str:
    """Return what is wrong with the configuration now, or with this user's last failed change.

    A plan to build what is there is made for that, and thrown away. Raises `NothingToDo`.
    """
    session.daemon.listen()
    try:
        plan = wait_for(session, lambda: session.daemon.plan(_AS_IT_IS, words="", build=False))
        session.daemon.discard(plan.path)
    except OperationError as error:
        return message_of(error)
    except NothingToDo:  # it evaluates, and is what runs already
        pass
    for item in _own_changes(session):
        if _has_failed(item):
            return _failure_of(session, item)
    raise NothingToDo("None of your last changes has failed. Give a message, or a file with one.")


def newest_failure(session: Session) -> str:
    """Return what is wrong with this user's newest change; nothing where that has not failed."""
    newest = next(_own_changes(session), None)
    return _failure_of(session, newest) if newest and _has_failed(newest) else ""


def _own_changes(session: Session) -> Iterator[Data]:
    """Yield this user's changes, the newest first."""
    found = session.daemon.transactions(_LOOKED_AT)
    return (item for item in found if item.get("caller") == os.getuid())


def _has_failed(item: Data) -> bool:
    return item.get("state") == TransactionState.FAILED


def _failure_of(session: Session, item: Data) -> str:
    """Return the log of a change that has failed, and its error."""
    return "\n".join(_log_of(session, str(item["path"]))) + f"\nerror: {item['message']}"


def _log_of(session: Session, path: str) -> Iterator[str]:
    """Yield the log of a change, as long as the daemon has it."""
    try:
        result: dict[str, Any] = session.daemon.read_transaction(path).get("Result", {})
    except LuminousError:
        return
    yield from map(str, result.get("log", ()))


def _message_of(session: Session, file: str) -> str:
    if file:
        return _read(file)
    source = session.terminal.source
    if source.isatty():
        return last_failure(session)
    stream = getattr(source, "buffer", None)
    if stream is None:
        return source.read()
    return _decoded(_ends_of(iter(lambda: stream.read(MAX_TEXT), b"")))


def _ends_of(parts: Iterator[bytes]) -> bytes:
    """Return the beginning and the end of a stream, however long it is."""
    first, last = b"", b""
    for part in parts:
        if len(first) < MAX_TEXT:
            first += part
        else:
            last = (last + part)[-MAX_TEXT:]
    return first + last


def _read(file: str) -> str:
    try:
        with Path(file).open("rb") as stream:
            return _decoded(_ends_of(iter(lambda: stream.read(MAX_TEXT), b"")))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None


def _decoded(content: bytes) -> str:
    text = content.decode(errors="replace")
    if not text.strip():
        raise InvalidText(
            "There is nothing to explain. For example: nixos-rebuild switch 2>&1 | "
            "ask-nix explain-error"
        )
    return text


def _directory(text: str) -> str:
    """Return the directory of the configuration that a message is about."""
    named = directory_in(text)
    if named:
        return named
    here = Path.cwd()
    return str(here) if (here / "flake.nix").exists() else _CONFIGURATION


def _explained(session: Session, text: str, directory: str) -> tuple[Diagnosis, str]:
    """Ask the daemon, whose index knows names; without it the rules do."""
    try:
        return from_dict(session.daemon.explain_error(text, directory)), ""
    except (DaemonAbsent, DaemonLost):
        note = WITHOUT_DAEMON
    except LuminousError as error:
        if error.name not in {"MindUnavailable", "NotReady", "LimitExceeded", "Internal"}:
            raise
        note = WITHOUT_INDEX
    return diagnose(text, directory), note


def _offer(session: Session, found: Diagnosis) -> None:
    """Plan the repair where that is asked for, or somebody at the terminal says so."""
    choices = session.choices
    if choices.plan or choices.dry_run:
        _plan(session, found)
        return
    with contextlib.ExitStack() as opened:
        asked = _at_terminal(session, opened)
        if asked is None:
            session.terminal.say("To plan the repair: the same with --plan")
        elif asked.terminal.ask(QUESTION).lower() in {"y", "yes"}:
            _plan(asked, found)


def _at_terminal(session: Session, opened: contextlib.ExitStack) -> Session | None:
    """Return a session in which the person at the terminal can be asked, if somebody is there.

    Standard input may be the pipe that the message came through; the terminal is open beside it.
    """
    terminal = session.terminal
    if terminal.is_interactive or terminal.is_quiet:
        return None if terminal.is_quiet else session
    if not terminal.err.isatty():
        return None
    try:
        source = opened.enter_context(io.TextIOWrapper(io.FileIO(_TERMINAL), encoding="utf-8"))
    except OSError:
        return None
    streams = Streams(source, terminal.out, terminal.err)
    return session._replace(terminal=Terminal(streams, wants_colour=not session.choices.no_color))


def _plan(session: Session, found: Diagnosis) -> None:
    changes = [dict(change) for change in found.repairs]
    daemon, build = session.daemon, session.choices.build
    carry_out(session, lambda: daemon.plan(changes, words=f"mend: {found.summary}", build=build))
