"""Words: what a sentence asks for, recognised by the daemon and done step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.answers import WHAT_IT_DOES, refusal
from luminous_clients.cli.arguments import VERBS
from luminous_clients.cli.candidates import carry_out_changes, install_one_of, reading_of
from luminous_clients.cli.steps import AnswerStep, BackStep, PlanStep, UndoStep, steps_of
from luminous_clients.cli.text import clean, joined
from luminous_clients.cli.verbs import changes, explanations, generations, questions, search
from luminous_clients.errors import NotConfirmed, NotUnderstood
from luminous_protocol.errors import Cancelled, InvalidText, LuminousError, NothingToDo
from luminous_protocol.intents import IntentKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session
    from luminous_clients.cli.steps import Step

    Data = Mapping[str, Any]


def run(session: Session, *, conversation: str = "") -> None:
    """Do what the words ask for, in order, up to the first failure."""
    text = _checked(session.choices.words)
    session.document.text = text
    with session.document.timing("recognise"):
        recognised = session.daemon.recognise(
            text, conversation=conversation, explain=session.choices.explain
        )
    session.document.intents = recognised.intents
    session.document.question = recognised.question
    if session.choices.explain:
        _explain(session, recognised.intents)
    if not recognised.intents:
        question = recognised.question or "That was not understood. See: ask-nix help"
        raise NotUnderstood(question + _usage_of(text.partition(" ")[0]))
    intents: Sequence[Data] = recognised.intents
    if recognised.question and _is_choice(intents):
        session.document.intents = intents = reading_of(session, recognised)
    elif recognised.question:
        session = _made_sure(session, recognised.question)
    session = _doubting(session, intents)
    steps = steps_of(intents)
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


def _is_choice(intents: Sequence[Data]) -> bool:
    """Tell whether the question is which alternative is meant, and not whether all this is."""
    return bool(intents[0].get("alternatives")) and not intents[0].get("changes")


def _made_sure(session: Session, question: str) -> Session:
    """Ask whether what was only guessed is meant; `--yes` approves no guesses.

    Raises `NotConfirmed` and `Cancelled`. Where nothing is done anyway, nobody is asked.
    """
    terminal, undecided = session.terminal, {"state": "Nothing was changed."}
    if session.choices.dry_run:
        terminal.say(question)
    elif not terminal.is_interactive:
        raise NotConfirmed(f"{question} Nobody can be asked here: say it more plainly.", undecided)
    else:
        try:
            answer = terminal.ask(f"{question} [y/N] ").lower()
        except KeyboardInterrupt:
            terminal.say()
            raise Cancelled("Cancelled.", undecided) from None
        if answer not in {"y", "yes"}:
            raise NotConfirmed("Then nothing is done. Say it in other words.", undecided)
    return session._replace(choices=session.choices._replace(yes=False))


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
    elif kind == IntentKind.EXPLAIN:
        explanations.explain(session, intent)
    elif kind == IntentKind.DIAGNOSE:
        explanations.diagnose(session, intent)
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
        for slot, ground in intent.get("grounds", {}).items():
            say(paint("Grounds        ", "dim") + clean(f"{slot}: {ground}"))
        for reason in intent.get("reasons", ()):
            if reason["text"] != intent.get("explanation"):
                say(paint("               ", "dim") + _told(reason))
        for other in intent.get("alternatives", ()):
            say(paint("Or             ", "dim") + _reading(other))


def _told(reason: Data) -> str:
    weight = f" ({reason['weight']:.0%})" if 0 < reason["weight"] < 1 else ""
    return f"{clean(reason['layer'])}: {clean(reason['text'])}{weight}"


def _reading(intent: Data) -> str:
    slots = "".join(f" {clean(k)}={clean(v)}" for k, v in intent.get("slots", {}).items())
    return f"{clean(intent['kind'])}{slots} ({intent.get('confidence', 0.0):.0%} sure)"
