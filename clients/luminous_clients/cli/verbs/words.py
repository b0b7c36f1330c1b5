"""Words: what a sentence asks for, recognised by the daemon and done step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.answers import WHAT_IT_DOES, refusal
from luminous_clients.cli.arguments import VERBS
from luminous_clients.cli.candidates import carry_out_changes, install_one_of
from luminous_clients.cli.steps import AnswerStep, BackStep, PlanStep, UndoStep, steps_of
from luminous_clients.cli.text import clean, joined
from luminous_clients.cli.verbs import changes, generations, option, questions, search
from luminous_clients.errors import NotConfirmed, NotUnderstood
from luminous_protocol.errors import InvalidText, LuminousError, NothingToDo
from luminous_protocol.intents import IntentKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session
    from luminous_clients.cli.steps import Step

    Data = Mapping[str, Any]


def run(session: Session) -> None:
    """Do what the words ask for, in order, up to the first failure."""
    text = _checked(session.choices.words)
    session.document.text = text
    with session.document.timing("recognise"):
        recognised = session.daemon.recognise(text)
    session.document.intents = recognised.intents
    session.document.question = recognised.question
    if session.choices.explain:
        _explain(session, recognised.intents)
    if not recognised.intents:
        question = recognised.question or "That was not understood. See: ask-nix help"
        raise NotUnderstood(question + _usage_of(text.partition(" ")[0]))
    session = _doubting(session, recognised.intents)
    steps = steps_of(recognised.intents)
    for index, step in enumerate(steps):
        try:
            _do(session, step)
        except NothingToDo as error:
            if len(steps) == 1:
                raise
            session.answer(error.message)
        except LuminousError:
            session.document.not_done = [later.title for later in steps[index + 1 :]]
            raise


def _usage_of(word: str) -> str:
    """Say what a verb takes, when words that begin with one are nothing else."""
    verb = VERBS.get(word)
    if verb is None:
        return ""
    takes = "|".join(verb.choices) or verb.shape
    return f" The verb takes: ask-nix {word} {takes}".rstrip() if takes else ""


def _doubting(session: Session, intents: Sequence[Data]) -> Session:
    """Show guesses; `--yes` approves what was said, not what was guessed. Raises `NotConfirmed`."""
    guesses = [one for one in intents if one.get("changes") and _is_guess(one)]
    if not guesses:
        return session
    readings = joined([_reading(guess) for guess in guesses])
    if session.choices.yes and not session.terminal.is_interactive:
        raise NotConfirmed(
            f"That is only a guess, and --yes approves no guesses: {readings}. "
            "Say it exactly, or leave --yes away to be asked.",
            {"state": "Nothing was changed."},
        )
    if not session.choices.explain:
        session.terminal.say(session.terminal.paint("Guessed        ", "dim") + readings)
    return session._replace(choices=session.choices._replace(yes=False))


def _is_guess(intent: Data) -> bool:
    """Tell whether the same could be asked for of something else: a misspelt name, for example."""
    return any(other["kind"] == intent["kind"] for other in intent.get("alternatives", ()))


def _checked(text: str) -> str:
    """Return `text`. Raises `InvalidText` where the shell has passed bytes that are no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidText("The words hold bytes that are not UTF-8 text.") from None
    return text


def _do(session: Session, step: Step) -> None:
    match step:
        case PlanStep():
            if step.note:
                session.answer(step.note)
            carry_out_changes(session, step.changes, step.mode)
        case UndoStep():
            # What was really taken back is passed over anyway.
            changes.undo(session, step.skipping if session.choices.dry_run else 0)
        case BackStep():
            changes.go_back(session, step.steps, step.day)
        case AnswerStep():
            _answer(session, step.intent)


def _answer(session: Session, intent: Data) -> None:
    kind = intent["kind"]
    if kind == IntentKind.LIST_GENERATIONS:
        generations.run(session)
    elif kind == IntentKind.SEARCH:
        search.show(session, session.choices.words)
    elif kind == IntentKind.QUERY_STATUS:
        questions.answer(session, intent.get("slots", {}))
    elif kind == IntentKind.EXPLAIN and intent.get("slots", {}).get("option"):
        option.show(session, str(intent["slots"]["option"]))
    elif kind == IntentKind.HELP:
        for line in WHAT_IT_DOES:
            session.answer(line)
    elif kind == IntentKind.INSTALL and intent.get("slots", {}).get("category"):
        install_one_of(session, str(intent["slots"]["category"]))
    else:
        raise refusal(intent)


def _explain(session: Session, intents: list[dict[str, Any]]) -> None:
    say, paint = session.terminal.say, session.terminal.paint
    for intent in intents:
        say(paint("Understood as  ", "dim") + _reading(intent))
        if intent.get("explanation"):
            say(paint("Because        ", "dim") + clean(intent["explanation"]))
        for other in intent.get("alternatives", ()):
            say(paint("Or             ", "dim") + _reading(other))


def _reading(intent: Data) -> str:
    slots = "".join(f" {clean(k)}={clean(v)}" for k, v in intent.get("slots", {}).items())
    return f"{clean(intent['kind'])}{slots} ({intent.get('confidence', 0.0):.0%} sure)"
