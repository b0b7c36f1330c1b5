"""Failures: what Nix has said behind an error of the daemon, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.errors import LuminousError

if TYPE_CHECKING:
    from luminous_clients.daemon import Daemon
    from luminous_protocol.diagnosis import Diagnosis

_OF_NIX = frozenset({"EvaluationFailed", "BuildFailed", "ActivationFailed", "UpdateFailed"})
_PLAIN = "The configuration cannot be evaluated"
"""How the daemon begins where it has nothing to say but what Nix has said."""
_SAID_ALREADY = frozenset({"builder-failed", "dependency-failed", "unit-failed"})
"""Kinds that say no more than the daemon's own sentence does."""
_BACK = "ask-nix rollback"
_CONFIGURATION = "/etc/nixos"


def message_of(error: LuminousError) -> str:
    """Return what Nix has said, as it would stand in a terminal."""
    details = error.details
    log = details.get("log", ())
    lines = log.splitlines() if isinstance(log, str) else [*log]
    reason = str(details.get("reason") or error.message)
    place = str(details.get("place") or "")
    own = reason.splitlines()
    before = [line for line in lines if line not in own]
    return "\n".join([*before, f"error: {reason}", *([f"  at {place}:"] if place else [])])


def meaning_of(error: LuminousError, daemon: Daemon | None = None) -> Diagnosis | None:
    """Return what an error means; None where Nix has not said anything that the rules know.

    Where a name is wrong, `daemon` is asked which one may be meant.
    """
    if error.name not in _OF_NIX:
        return None
    from luminous_clients.cli.own_files import OwnFiles  # noqa: PLC0415 - only for what has failed
    from luminous_protocol.diagnosis import diagnose  # noqa: PLC0415 - as above
    from luminous_protocol.diagnosis.pinpointing import pinpoint  # noqa: PLC0415 - as above

    found = diagnose(message_of(error))
    if not found.is_known or found.kind in _SAID_ALREADY:
        return None
    found = _grounded(found, error, daemon) if daemon else found
    if _is_put_back(error):
        found = _without_way_back(found)
    return pinpoint(found, OwnFiles(_CONFIGURATION))


def _grounded(found: Diagnosis, error: LuminousError, daemon: Daemon) -> Diagnosis:
    """Return what the daemon says of a wrong name, whose index knows the right ones."""
    from luminous_protocol.diagnosis import cut, from_dict  # noqa: PLC0415 - only for what has failed
    from luminous_protocol.diagnosis.kinds import kind_named  # noqa: PLC0415 - as above

    kind = kind_named(found.kind)
    if kind is None or not kind.meant or found.suggestions:
        return found
    try:
        return from_dict(daemon.explain_error(cut(message_of(error)), _CONFIGURATION))
    except LuminousError:
        return found


def _without_way_back(found: Diagnosis) -> Diagnosis:
    from dataclasses import replace  # noqa: PLC0415 - --help does without

    return replace(found, advice=tuple(item for item in found.advice if _BACK not in item))


def _is_put_back(error: LuminousError) -> bool:
    """Tell whether the system from before runs again, so that nobody has to go back."""
    return error.details.get("put_back") == "yes" or "put back" in error.message


def is_raw(error: LuminousError) -> bool:
    """Tell whether an error's sentence is no more than what Nix has said."""
    return error.name == "EvaluationFailed" and error.message.startswith(_PLAIN)
