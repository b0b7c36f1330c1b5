"""Causes: what the way in which a unit ended means, and what its last lines say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.explaining.sights import UnitState

_KILLED = (2, 3)
"""How a process ended (CLD_KILLED, CLD_DUMPED): by a signal."""
_EXITED = 1

_CODES = {
    126: "a program is there and cannot be run",
    127: "a program, or a library of it, was not found",
    200: "the working directory cannot be entered (CHDIR)",
    202: "a file descriptor cannot be passed on (FDS)",
    203: "the program cannot be started: it is not there, or not executable (EXEC)",
    208: "standard input cannot be set up (STDIN)",
    209: "standard output cannot be set up (STDOUT)",
    214: "the scheduler refuses its priority (SETSCHEDULER)",
    216: "its group does not exist (GROUP)",
    217: "its user does not exist (USER)",
    218: "its capabilities cannot be set (CAPABILITIES)",
    226: "a directory that its unit names is missing, or cannot be mounted (NAMESPACE)",
    228: "its filter of system calls cannot be set (SECCOMP)",
    233: "its runtime directory cannot be made (RUNTIME_DIRECTORY)",
    238: "its state directory cannot be made (STATE_DIRECTORY)",
    239: "its cache directory cannot be made (CACHE_DIRECTORY)",
    240: "its log directory cannot be made (LOGS_DIRECTORY)",
    241: "its configuration directory cannot be made (CONFIGURATION_DIRECTORY)",
    243: "its credentials cannot be set up (CREDENTIALS)",
}
"""Exit statuses with one meaning: those of the shell, and of systemd (systemd.exec(5))."""

_SIGNALS = {
    4: "it ran an instruction that this processor does not have (SIGILL)",
    6: "it ended itself because of a defect (SIGABRT)",
    9: "it was killed (SIGKILL), as the kernel does when memory runs out",
    11: "it read memory that is not its own: a defect of the program (SIGSEGV)",
    15: "somebody ended it (SIGTERM)",
    31: "it made a system call that its unit forbids (SIGSYS)",
}

_RESULTS = {
    "oom-kill": "it took more memory than there is, and the kernel killed it",
    "timeout": "it did not come up, or did not end, in time",
    "watchdog": "it hung: it did not tell systemd in time that it is alive",
    "start-limit-hit": "it was started too often within a short time, so systemd gave up",
    "resources": "systemd had not what the unit needs to start",
    "protocol": "it did not tell systemd that it is ready, as its unit says that it would",
    "exec-condition": "a condition of its own to start did not hold",
}

_FORCED = frozenset({"oom-kill", "timeout", "watchdog"})
"""Results of what others did to the unit: how its process ended then says nothing more."""


class Sign(NamedTuple):
    """A form that lines of a log have, and what it means; groups fill the sentence's braces."""

    form: re.Pattern[str]
    cause: str


def _sign(form: str, cause: str) -> Sign:
    return Sign(re.compile(form, re.IGNORECASE), cause)


_SIGNS = (
    _sign(
        r"(?:bind|listen)\S* (?:on |to )?(\S*:\d+)\b.*(?:address|port) already in use",
        "{0} is taken by another program already",
    ),
    _sign(
        r"(?:address|port)(?: is)? already in use|EADDRINUSE",
        "a port that it listens on is taken by another program already",
    ),
    _sign(r"out of memory|cannot allocate memory|oom-kill", "memory ran out"),
    _sign(r"no space left on device|disk quota exceeded", "a disk is full"),
    _sign(r"read-only file system", "it writes where its unit, or the disk, is read-only"),
    _sign(
        r"(?:host key|private key|certificate|\.pem|\.crt)\S* .*"
        r"(?:no such file|not found|cannot load)",
        "a key or a certificate is missing",
    ),
    _sign(
        r"(/[\w./+@-]{2,200})['\"]?:? ?.{0,40}(?:permission denied|EACCES)",
        "it may not use {0}",
    ),
    _sign(
        r"(?:permission denied|EACCES).{0,40}?(/[\w./+@-]{2,200})",
        "it may not use {0}",
    ),
    _sign(r"permission denied|operation not permitted", "it lacks a permission"),
    _sign(
        r"(/[\w./+@-]{2,200})['\"]?\)?:? ?.{0,40}"
        r"(?:no such file or directory|ENOENT|does not exist)",
        "{0} is missing",
    ),
    _sign(
        r"(?:no such file or directory|ENOENT|cannot open).{0,40}?(/[\w./+@-]{2,200})",
        "{0} is missing",
    ),
    _sign(
        r"(?:could not|cannot|unable to|failed to) resolve|name or service not known"
        r"|temporary failure in name resolution",
        "a name could not be resolved: the network, or its name servers",
    ),
    _sign(r"connection refused", "something that it connects to does not listen"),
    _sign(r"dependency failed for", "another unit that it needs has failed"),
    _sign(
        r"(?:unknown|invalid|unrecognized|bad) (?:directive|option|argument|configuration)"
        r"|syntax error|parse error|configuration file .* test failed",
        "its configuration has an error",
    ),
)


def cause_of(state: UnitState, log: Sequence[str]) -> str:
    """Return the likely cause of a unit's failure as a sentence without its end, or nothing.

    The log says it best, and the newest line first; a status that means one thing comes next.
    """
    if state.load_problem:
        return f"its unit cannot be loaded: {state.load_problem}"
    if not has_failed(state):
        return ""
    told = _RESULTS.get(state.result, "")
    if told and state.result in _FORCED:
        return told
    return _precise(state) or _said(log) or _ending(state) or told


def has_failed(state: UnitState) -> bool:
    """Tell whether a unit failed, or is between two tries after a failure."""
    is_retrying = state.sub == "auto-restart" and state.result not in {"", "success"}
    return state.active == "failed" or is_retrying


def _precise(state: UnitState) -> str:
    """Return what one of systemd's own exit statuses means: it never came to run the program."""
    is_own = state.code == _EXITED and state.status >= min(c for c in _CODES if c >= 200)  # noqa: PLR2004 - systemd's begin there
    return _CODES.get(state.status, "") if is_own else ""


def _ending(state: UnitState) -> str:
    if state.code in _KILLED:
        return _SIGNALS.get(state.status, f"it was ended by the signal {state.status}")
    if state.code != _EXITED or not state.status:
        return ""
    shifted = state.status - 128
    if shifted in _SIGNALS:
        return _SIGNALS[shifted]
    return _CODES.get(state.status, "")


def _said(log: Sequence[str]) -> str:
    for line in reversed(log):
        for sign in _SIGNS:
            if found := sign.form.search(line):
                return sign.cause.format(*found.groups())
    return ""


def ending_of(state: UnitState) -> str:
    """Return how the main process ended, in systemd's words; nothing while it runs."""
    match state.code:
        case 1:
            return f"exited with {state.status}"
        case 2:
            return f"killed by signal {state.status}"
        case 3:
            return f"dumped core by signal {state.status}"
    return ""
