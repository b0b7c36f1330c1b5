"""Questions in words about why and what: which verb answers them, and with what."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.answers import WHAT_IT_DOES, refusal
from luminous_clients.cli.verbs import option, search
from luminous_clients.daemon import ASIDE
from luminous_protocol.errors import (
    InvalidValue,
    LimitExceeded,
    MindUnavailable,
    NothingToDo,
    NotReady,
    UnknownOption,
    UnknownPackage,
    UnknownUnit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_FEW = 5
_REQUEST = re.compile(r"[a-z]+(?: [\w.+-]+)+")
_PASTED = re.compile(r"\s*(?:error|fatal|traceback|warning)\s*:", re.IGNORECASE)
"""How a message begins that somebody has pasted, as the rules of the protocol see it."""
_FAILURES = frozenset({"build error", "evaluation error", "rebuild fails", "update fails"})
"""Troubles that leave a message behind, by the names of the rules."""
_SUBJECTS = ("package", "option", "topic")
"""The slots that may say what a question is about, the most certain first."""
_HOW_TO_PREVIEW = (
    "Every change is shown before it is made, and this only shows it: "
    'ask-nix what-if "install firefox"'
)
_IF_A_CHANGE = "If it began with a change: ask-nix what-changed · ask-nix undo"


def explain(session: Session, intent: Data) -> None:
    """Answer why, what and how. Raises `NotPossible` where nobody knows."""
    slots: Data = intent.get("slots", {})
    match slots:
        case {"about": "supposed"}:
            _suppose(session, intent)
        case {"about": "howto"}:
            for line in WHAT_IT_DOES:
                session.answer(line)
        case {"about": "presence"}:
            _trace(session, intent)
        case {"option": name}:
            option.show(session, str(name))
        case {"package": name}:
            from luminous_clients.cli.verbs import package  # noqa: PLC0415 - for this answer alone

            package.show(session, str(name))
        case _:
            _look_up(session, intent)


def diagnose(session: Session, intent: Data) -> None:
    """Look for the cause of trouble: of a service, of a full disk, or of anything."""
    slots: Data = intent.get("slots", {})
    words = session.choices.words
    if _PASTED.match(words):
        _explain_error(session, words)
    elif slots.get("service"):
        _diagnose_unit(session, str(slots["service"]))
    elif slots.get("problem") == "disk full":
        from luminous_clients.cli.verbs import disk  # noqa: PLC0415 - for this answer alone

        disk.run(session)
    elif slots.get("problem") in _FAILURES:
        _explain_error(session)
    elif slots.get("problem") == "unknown":
        _diagnose_newest(session)
    else:
        _diagnose_all(session)


def _diagnose_newest(session: Session) -> None:
    """Explain the newest change, where that has failed; else look at everything."""
    from luminous_clients.cli.verbs import diagnosis  # noqa: PLC0415 - for this answer alone

    message = diagnosis.newest_failure(session)
    if message:
        diagnosis.show(session, message)
    else:
        _diagnose_all(session)


def _explain_error(session: Session, text: str = "") -> None:
    """Explain an error message, or that of what failed last; without one, look at everything."""
    from luminous_clients.cli.verbs import diagnosis  # noqa: PLC0415 - for this answer alone

    try:
        message = text or diagnosis.last_failure(session)
    except NothingToDo:
        _diagnose_all(session)
    else:
        diagnosis.show(session, message)


def _diagnose_unit(session: Session, name: str) -> None:
    from luminous_clients.cli.verbs import unit  # noqa: PLC0415 - for this answer alone

    try:
        unit.show(session, name)
    except UnknownUnit as error:  # a program may be in trouble, too
        session.answer(error.message)
        _diagnose_all(session)


def _diagnose_all(session: Session) -> None:
    """Say what is wrong with the machine, and which way leads back."""
    from luminous_clients.cli.verbs import health  # noqa: PLC0415 - for this answer alone

    findings = health.show(session)
    session.answer(_IF_A_CHANGE)
    health.judge(session, findings)


def _suppose(session: Session, intent: Data) -> None:
    """Plan what is supposed, and throw the plan away."""
    from luminous_clients.cli.verbs import supposing  # noqa: PLC0415 - it reads words, as these are

    document = session.document
    text, intents = document.text, document.intents
    request = supposing.request_in(session.choices.words)
    if len(intents) > 1 or request == text:
        raise refusal(intent)
    try:
        supposing.show(session, request)
    finally:
        document.text, document.intents = text, intents


def _trace(session: Session, intent: Data) -> None:
    from luminous_clients.cli.verbs import why  # noqa: PLC0415 - for this answer alone

    slots: Data = intent["slots"]
    try:
        why.show(session, str(next(filter(None, map(slots.get, _SUBJECTS)), "")))
    except (InvalidValue, UnknownOption, UnknownPackage):
        _look_up(session, intent)


def _look_up(session: Session, intent: Data) -> None:
    """Show what the index has: the package that is called so, or what fits the words best."""
    topic = str(intent.get("slots", {}).get("topic", ""))
    if topic == "preview":
        session.answer(_HOW_TO_PREVIEW)
    elif topic == "current action":
        from luminous_clients.cli.verbs import status  # noqa: PLC0415 - for this answer alone

        status.run(session)
    else:
        try:
            _find(session, topic)
        except (LimitExceeded, MindUnavailable, NotReady):
            raise refusal(intent) from None


def _find(session: Session, topic: str) -> None:
    if _tell_way(session, topic):
        return
    from luminous_clients.cli.verbs import named, package  # noqa: PLC0415 - for this answer alone

    is_name = topic and " " not in topic and named.look_up(session, "package", topic).passage
    if is_name:
        package.show(session, topic)
        return
    choices = session.choices._replace(limit=session.choices.limit or _FEW)
    search.show(session._replace(choices=choices), session.choices.words)


def _tell_way(session: Session, topic: str) -> bool:
    """Say how to do what a question is about, if Luminous does that; it is only said."""
    if not _REQUEST.fullmatch(topic):
        return False
    intents = session.daemon.recognise(topic, conversation=ASIDE).intents
    if len(intents) != 1 or not intents[0].get("changes"):
        return False
    slots: Data = intents[0].get("slots", {})
    with contextlib.suppress(UnknownOption, UnknownPackage):
        if slots.get("option"):
            option.show(session, str(slots["option"]))
        elif slots.get("package"):
            from luminous_clients.cli.verbs import package  # noqa: PLC0415 - for this answer alone

            package.show(session, str(slots["package"]))
    session.answer(f'To do it: ask-nix "{topic}"')
    return True
