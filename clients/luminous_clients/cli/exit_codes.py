"""Exit codes of ask-nix, and which error ends in which."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """How ask-nix ended. The numbers are an interface: they never change their meaning."""

    DONE = 0
    OTHER = 1
    USAGE = 2
    NOT_UNDERSTOOD = 3
    REFUSED = 4
    NOT_AUTHORISED = 5
    DISMISSED = 6
    NO_AGENT = 7
    BUILD_FAILED = 8
    ACTIVATION_FAILED = 9
    DRIFTED = 10
    BUSY = 11
    DAEMON_ABSENT = 12
    NOT_CONFIRMED = 13
    LIMIT = 14
    LEFT = 15
    RECORD_BROKEN = 16
    UNWELL = 17
    NOT_MENDED = 18
    CANCELLED = 130


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "done, or nothing to do",
    ExitCode.OTHER: "something else went wrong; the message says what",
    ExitCode.USAGE: "the command line cannot be read",
    ExitCode.NOT_UNDERSTOOD: "the words were not understood",
    ExitCode.REFUSED: "understood, but it cannot be: unknown package, option or\n"
    "generation, a wrong value, written in a file of yours, too\n"
    "late, or nothing that Luminous does",
    ExitCode.NOT_AUTHORISED: "not authorised",
    ExitCode.DISMISSED: "the question for a password was dismissed",
    ExitCode.NO_AGENT: "nobody could be asked for a password",
    ExitCode.BUILD_FAILED: "evaluation, build or update failed, or a disk has no room\n"
    "for it; nothing was changed",
    ExitCode.ACTIVATION_FAILED: "the new system did not come up well, or nobody confirmed\n"
    "it in time, and was put back",
    ExitCode.DRIFTED: "the plan does not hold any more: drifted, expired or used",
    ExitCode.BUSY: "another change is being made",
    ExitCode.DAEMON_ABSENT: "the daemon, or what searches for it, does not run or went away,\n"
    "or there is no index that can be searched",
    ExitCode.NOT_CONFIRMED: "shown, but not approved (answered no, or --yes is needed)",
    ExitCode.LIMIT: "too many plans or changes at once",
    ExitCode.LEFT: "left while the change goes on (Ctrl-C twice, or a signal)",
    ExitCode.RECORD_BROKEN: "the audit record was changed or is damaged",
    ExitCode.UNWELL: "health: something of the machine wants attention, or is not known",
    ExitCode.NOT_MENDED: "explain-error --plan: nothing in the message can be mended",
    ExitCode.CANCELLED: "cancelled, for example with Ctrl-C",
}
"""One line, or two, for each code, as `--help` shows them."""

_BY_ERROR: Mapping[str, ExitCode] = {
    "NothingToDo": ExitCode.DONE,
    "UsageError": ExitCode.USAGE,
    "NotUnderstood": ExitCode.NOT_UNDERSTOOD,
    "LimitExceeded": ExitCode.LIMIT,
    "NotAuthorized": ExitCode.NOT_AUTHORISED,
    "Dismissed": ExitCode.DISMISSED,
    "NoAgent": ExitCode.NO_AGENT,
    "EvaluationFailed": ExitCode.BUILD_FAILED,
    "BuildFailed": ExitCode.BUILD_FAILED,
    "UpdateFailed": ExitCode.BUILD_FAILED,
    "StorageFailed": ExitCode.BUILD_FAILED,
    "NoSpace": ExitCode.BUILD_FAILED,
    "ActivationFailed": ExitCode.ACTIVATION_FAILED,
    "Unconfirmed": ExitCode.ACTIVATION_FAILED,
    "SwitchInhibited": ExitCode.REFUSED,
    "Drifted": ExitCode.DRIFTED,
    "Expired": ExitCode.DRIFTED,
    "AlreadyUsed": ExitCode.DRIFTED,
    "Busy": ExitCode.BUSY,
    "DaemonAbsent": ExitCode.DAEMON_ABSENT,
    "DaemonLost": ExitCode.DAEMON_ABSENT,
    "MindUnavailable": ExitCode.DAEMON_ABSENT,
    "NotReady": ExitCode.DAEMON_ABSENT,
    "NotConfirmed": ExitCode.NOT_CONFIRMED,
    "Cancelled": ExitCode.CANCELLED,
    "Left": ExitCode.LEFT,
    "RecordBroken": ExitCode.RECORD_BROKEN,
    "Unwell": ExitCode.UNWELL,
    "NotMended": ExitCode.NOT_MENDED,
    "SystemdUnavailable": ExitCode.REFUSED,
} | dict.fromkeys(
    (
        "InvalidText",
        "InvalidChange",
        "InvalidValue",
        "UnknownPackage",
        "UnknownOption",
        "UnknownGeneration",
        "UnknownObject",
        "UnknownUnit",
        "PackageRefused",
        "DefinedElsewhere",
        "RepairRefused",
        "ConfigurationUnreadable",
        "NotImported",
        "NotPossible",
        "TooLate",
    ),
    ExitCode.REFUSED,
)


def exit_code_for(error: str) -> ExitCode:
    """Return the code for an error's short name; `OTHER` for one without a code of its own."""
    return _BY_ERROR.get(error, ExitCode.OTHER)
