"""The dialogue about one plan: wait for it, show it, ask, apply it, follow it, say what is true."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from luminous_clients.cli import endings
from luminous_clients.cli.agent import standing_by
from luminous_clients.cli.following import Follower
from luminous_clients.cli.interrupts import Interrupts
from luminous_clients.cli.progress import CALM_SECONDS, LineProgress, NoProgress
from luminous_clients.cli.text import clean
from luminous_clients.errors import DaemonLost, NotConfirmed, UsageError
from luminous_clients.plans import read_plan
from luminous_protocol.errors import (
    Cancelled,
    LuminousError,
    NothingToDo,
    NotImported,
    SwitchInhibited,
    error_named,
)
from luminous_protocol.transaction import Mode, TransactionState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from luminous_clients.cli.progress import ProgressView
    from luminous_clients.cli.session import Session
    from luminous_clients.plans import PlanView
    from luminous_clients.transactions import Outcome

ONLY_A_PLAN = "This is only the plan; nothing was changed."
NOTHING_CHANGED = "Nothing was changed."
ONLY_SET_UP = "The import was made, and nothing else was changed."
QUESTION = "Apply? [y/N] "
RISKY_QUESTION = "This cannot simply be taken back. Type yes to apply: "

_PLANNING = "Planning…"
_JUST_NOW = 8
"""How many of the newest transactions can be newer than the one that has just ended."""


def carry_out(session: Session, make_plan: Callable[[], str], mode: str = "") -> None:
    """Show the plan that `make_plan` begins to prepare, and apply it if that is wanted.

    Raises what stood in the way, `NothingToDo` among it.
    """
    how = session.choices.mode or mode or "switch"
    if session.choices.confirm_within and how not in {"switch", "test"}:
        raise UsageError("--confirm-within means nothing here: nothing is activated now")
    session.daemon.listen()
    try:
        _carry_out(session, make_plan, how)
    except NotImported as error:
        if session.choices.verb == "setup" or not _can_set_up(session):
            raise
        _set_up_first(session, error)
        if not _is_only_shown(session):
            _carry_out_after_setup(session, make_plan, how)


def _carry_out_after_setup(session: Session, make_plan: Callable[[], str], how: str) -> None:
    """Do what was asked for in the first place; without it, the import is all that was changed."""
    try:
        _carry_out(session, make_plan, how)
    except LuminousError as error:
        if error.details.get("state") == NOTHING_CHANGED:
            error.details["state"] = ONLY_SET_UP
        raise


def plan_setup(session: Session) -> str:
    """Begin to prepare the plan that lets the configuration import Luminous's file."""
    return session.daemon.plan([{"kind": "import-file"}], words="setup", build=False)


def _can_set_up(session: Session) -> bool:
    """Tell whether somebody sees the plan of the setup, and is asked or has agreed already."""
    choices, terminal = session.choices, session.terminal
    return choices.yes or terminal.is_interactive or (_is_only_shown(session) and not choices.json)


def _set_up_first(session: Session, error: NotImported) -> None:
    """Do what is missing before the change that has failed with `error` can be planned."""
    file = clean(str(error.details.get("file", ""))) or "Luminous's file"
    session.terminal.say(f"First of all: your configuration does not import {file} yet.")
    choices = session.choices._replace(confirm_within=0)
    with contextlib.suppress(NothingToDo):  # somebody else was quicker
        _carry_out(session._replace(choices=choices), lambda: plan_setup(session), "switch")
    if _is_only_shown(session):
        session.answer("What you asked for can be planned after that.")


def _is_only_shown(session: Session) -> bool:
    return session.choices.dry_run or session.choices.verb == "plan"


def _carry_out(session: Session, make_plan: Callable[[], str], how: str) -> None:
    while not _carried_out(session, make_plan, how):
        session.terminal.say("Another change came first. Planning again.")


def _carried_out(session: Session, make_plan: Callable[[], str], how: str) -> bool:
    """Do it once; return whether it is done, or has to be planned anew after another change."""
    plan = wait_for(session, make_plan)
    try:
        _show(session, plan)
        if _is_only_shown(session):
            session.terminal.say(ONLY_A_PLAN)
            _discard(session, plan.path)
            return True
        _check_inhibitors(plan, how)
        _ask(session, plan)
    except BaseException:
        _discard(session, plan.path)
        raise
    with session.document.timing("apply"):
        outcome = _apply(session, plan, how)
    has_waited = TransactionState.WAITING in outcome.stages
    if has_waited and outcome.result.get("error") == "Drifted":
        return False
    _end(session, plan, outcome, how)
    return True


def wait_for(session: Session, make_plan: Callable[[], str]) -> PlanView:
    """Return the plan that `make_plan` begins to prepare. Raises why it cannot be prepared."""
    with session.document.timing("plan"), Interrupts() as interrupts:
        path = make_plan()
        _show_planning(session)
        _prepare_to_show(session)
        try:
            plan = _wait_until_ready(session, path, interrupts)
        except DaemonLost as error:
            error.details["state"] = NOTHING_CHANGED
            raise
        finally:
            _hide_planning(session)
    session.document.add_plan(plan)
    if not plan.is_ready:
        raise _failure(plan.failure)
    return plan


def _wait_until_ready(session: Session, path: str, interrupts: Interrupts) -> PlanView:
    daemon = session.daemon
    plan = read_plan(path, daemon.read_plan(path))
    while plan.is_preparing:
        signal = daemon.wait(CALM_SECONDS, [interrupts.file])
        if interrupts.count or interrupts.is_leaving:
            _discard(session, path)
            raise Cancelled("Cancelled while planning.", {"state": NOTHING_CHANGED})
        if signal is None or signal.path == path:
            plan = read_plan(path, daemon.read_plan(path))
    return plan


def _show_planning(session: Session) -> None:
    if session.terminal.is_live:
        session.terminal.put(_PLANNING)
        session.terminal.flush()


def _hide_planning(session: Session) -> None:
    if session.terminal.is_live:
        session.terminal.put("\r\x1b[K")


def _prepare_to_show(session: Session) -> None:
    """Import what draws while the daemon plans, so that nobody waits for it afterwards."""
    if not session.terminal.is_quiet:
        import luminous_clients.cli.drawing  # noqa: F401, PLC0415 - rich is slow to import


def _show(session: Session, plan: PlanView) -> None:
    if session.terminal.is_quiet:
        return
    from luminous_clients.cli.drawing import draw_plan, put  # noqa: PLC0415 - rich is slow

    put(session.terminal, lambda width: draw_plan(plan, width))


def _ask(session: Session, plan: PlanView) -> None:
    """Return if the plan is approved. Raises `NotConfirmed` or `Cancelled`."""
    terminal = session.terminal
    if session.choices.yes:
        return
    if not terminal.is_interactive:
        raise NotConfirmed(
            "Not applied: nobody can be asked here. Add --yes to apply it.",
            {"state": NOTHING_CHANGED},
        )
    try:
        answer = terminal.ask(RISKY_QUESTION if plan.is_risky else QUESTION).lower()
    except KeyboardInterrupt:
        terminal.say()
        raise Cancelled("Cancelled.", {"state": NOTHING_CHANGED}) from None
    if answer not in ({"yes"} if plan.is_risky else {"y", "yes"}):
        raise NotConfirmed("Not applied.", {"state": NOTHING_CHANGED})


def _check_inhibitors(plan: PlanView, how: str) -> None:
    """Raise `SwitchInhibited` rather than ask about what NixOS refuses anyway."""
    if plan.effects.inhibitors and how in {Mode.SWITCH, Mode.TEST}:
        raise SwitchInhibited(
            "NixOS refuses to switch to this system while the machine runs. Apply it with --boot, "
            "then restart the machine.",
            {"state": NOTHING_CHANGED},
        )


def _discard(session: Session, path: str) -> None:
    """Throw a plan away; where that fails, the daemon does so when the client leaves."""
    with contextlib.suppress(LuminousError):
        session.daemon.discard(path)


def _apply(session: Session, plan: PlanView, mode: str) -> Outcome:
    choices, daemon = session.choices, session.daemon
    return follow(
        session,
        lambda: daemon.apply(
            plan.path, mode, wait=choices.wait, confirm_within=choices.confirm_within
        ),
    )


def follow(session: Session, begin: Callable[[], str]) -> Outcome:
    """Follow the transaction that `begin` starts to its end."""
    view = _view(session)
    with Interrupts() as interrupts, standing_by(session.terminal):
        path = begin()
        outcome = Follower(session.daemon, session.terminal, view, interrupts).follow(path)
    session.document.add_outcome(outcome)
    for state, seconds in outcome.stages.items():
        session.document.add_time(state, seconds)
    return outcome


def _view(session: Session) -> ProgressView:
    terminal = session.terminal
    if terminal.is_quiet:
        return NoProgress()
    if not terminal.is_live:
        return LineProgress(terminal, with_log=session.choices.debug)
    from luminous_clients.cli.live import LiveProgress  # noqa: PLC0415 - rich is slow to import

    return LiveProgress(terminal)


def _end(session: Session, plan: PlanView, outcome: Outcome, mode: str) -> None:
    if outcome.is_done:
        undo = _how_to_undo(session, outcome.path)
        session.terminal.say(endings.done(plan, mode, outcome.result, undo))
        return
    raise failure_of(outcome, endings.not_done(outcome))


def failure_of(outcome: Outcome, state: str) -> LuminousError:
    """Return the error that a transaction has ended with; `state` says what is true now."""
    cancelled = outcome.state == TransactionState.CANCELLED
    result = outcome.result
    details: dict[str, Any] = dict(result.get("details", {}))
    if result.get("log"):
        details["log"] = list(result["log"])
    details["state"] = state
    return _failure(
        {
            "name": result.get("error") or ("Cancelled" if cancelled else "Internal"),
            "message": outcome.message or ("Cancelled." if cancelled else ""),
            "details": details,
        }
    )


def _how_to_undo(session: Session, path: str) -> str:
    """Return the command that leads back, if any; a daemon that restarts just now cannot say."""
    if session.terminal.is_quiet:
        return ""
    try:
        last = session.daemon.transactions(_JUST_NOW)
    except LuminousError:
        return "ask-nix undo"
    done = next((item for item in last if item.get("path") == path), {})
    if not done.get("undoable"):
        return ""
    # What took something back is passed over by the next undo, unless it is named.
    return f"ask-nix undo {clean(done['id'])}" if done.get("undoes") else "ask-nix undo"


def _failure(failure: Mapping[str, Any]) -> LuminousError:
    """Return the error that the daemon's account of a failure stands for."""
    name = str(failure.get("name") or "Internal")
    message = str(failure.get("message") or "It did not work, and the daemon does not say why.")
    error = error_named(name, message)
    error.details.update(failure.get("details", {}))
    return error
