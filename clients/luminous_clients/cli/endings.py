"""Endings: the sentences that say what is true now, and how to take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.text import clean, size
from luminous_protocol.transaction import TransactionState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.plans import PlanView
    from luminous_clients.transactions import Outcome

    Result = Mapping[str, Any]


def standing(result: Result) -> str:
    """Say which generation runs and which one starts at the next boot, if that is known."""
    if not result:
        return ""
    running, default = int(result.get("running", 0)), int(result.get("default", 0))
    if running and running == default:
        return f"Generation {running} is running and starts at boot."
    now = f"Generation {running} is running" if running else "What is running is no generation"
    then = f"generation {default} starts at the next boot" if default else "none starts at boot"
    return f"{now}; {then}."


def done(plan: PlanView, mode: str, result: Result, undo: str) -> str:
    """Say what is true after a plan was carried out, and that `undo` leads back, if anything."""
    summary = clean(plan.summary).rstrip(".") or "applied"
    if mode == "build":
        built = clean(str(result.get("toplevel", "")))
        return f"Built {built or 'the system'}. Nothing was activated."
    if plan.collects_garbage:
        freed = size(int(result.get("freed", 0)))
        parts = [f"Done: {summary}. {freed} freed.", standing(result)]
    else:
        until = " until the next boot" if mode == "test" else ""
        how = f"Take it back with: {undo}" if undo else ""
        parts = [f"Done{until}: {summary}.", standing(result), _reboot(plan, mode), how]
    return " ".join(part for part in parts if part)


def _reboot(plan: PlanView, mode: str) -> str:
    """Say that a reboot is left to do."""
    if not plan.effects.reboot_required or mode == "test":
        return ""
    reason = clean(plan.effects.reboot_reason).rstrip(".")
    return f"Reboot to complete it: {reason}." if reason else "Reboot to complete it."


def not_done(outcome: Outcome) -> str:
    """Say what is true after a transaction that failed or was cancelled."""
    result = outcome.result
    if not result.get("running") and not result.get("default"):
        return "" if outcome.state == TransactionState.FAILED else "Nothing was changed."
    if result.get("put-back"):
        # The daemon's own sentence may have said it already.
        is_said = "put back" in outcome.message
        return f"{'' if is_said else 'The system from before was put back. '}{standing(result)}"
    if outcome.state == TransactionState.CANCELLED and "othing was changed" not in outcome.message:
        return f"Nothing was changed. {standing(result)}"
    return standing(result)


def lost(state: str) -> str:
    """Say what a daemon that vanished leaves behind, for a transaction that was in `state`."""
    if state in {
        TransactionState.PREPARING,
        TransactionState.AUTHORISING,
        TransactionState.WAITING,
    }:
        return "Nothing had been changed yet."
    if state == TransactionState.BUILDING:
        return (
            "It was still building: the running system is untouched. When the daemon starts "
            "again it puts everything in order. Look with: ask-nix status"
        )
    return (
        "It was being put in force; an activation goes on without the daemon. When that starts "
        "again it finishes or puts back. Look with: ask-nix status · ask-nix history"
    )


def left(state: str) -> str:
    """Say what goes on when the person leaves a transaction in `state`."""
    if state == TransactionState.CONFIRMING:
        return (
            "The change is put back unless it is confirmed in time: ask-nix confirm · "
            "look with: ask-nix status"
        )
    if state == TransactionState.AUTHORISING:
        return "Permission was still being asked for; without it nothing is changed."
    return (
        "The change goes on without this terminal. Look with: ask-nix status · "
        "take it back with: ask-nix undo"
    )
