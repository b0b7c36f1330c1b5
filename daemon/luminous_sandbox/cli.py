"""The command `luminous-sandbox`: a shell, or one command, in a throw-away machine."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, get_args

from luminous_sandbox.flake import FlakeKind
from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import AgentMode, SandboxOptions
from luminous_sandbox.toolchain import NIX_VERSIONS
from luminous_sandbox.users import ALICE_PASSWORD

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from luminous_sandbox.users import UserName

_DESCRIPTION: Final = """\
Opens a shell in a small, throw-away NixOS in which Luminous runs, or runs one command there and
ends as it does. Everything in it is real (D-Bus, polkit, Nix) and everything in it is gone
afterwards; the machine you are on is not changed. Must be started as root.
"""
_EPILOG: Final = f"""\
users:    alice may administer the machine (her password is "{ALICE_PASSWORD}"), bob may not
daemon:   a luminousd that was ended is started again, by root, with: luminousd &
systemd:  there is none, so nothing is known of services (ask-nix unit, ask-nix health)
knobs:    switch-fails, boot-fails, service-fails, slow-switch=SECONDS

examples:
  luminous-sandbox
  luminous-sandbox -- ask-nix "install hello"
  luminous-sandbox --agent deny -- ask-nix --yes "install hello"
  luminous-sandbox --nix 2.8 --knob switch-fails -- ask-nix --yes "enable nginx"
"""
_BANNER: Final = """\
This is a throw-away NixOS with Luminous in it. You are {user}; nothing outside it can change.
Try: ask-nix "install hello" · ask-nix generations · ask-nix undo. Leave with Ctrl-D.
"""
_CANNOT_START: Final = 2
_PATIENCE_S: Final = 1.0
# What a program needs to know about the terminal it draws on.
_TERMINAL_VARIABLES: Final = ("TERM", "COLORTERM", "NO_COLOR", "COLUMNS", "LINES")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return the exit code of the command that ran in the machine."""
    chosen = _parser().parse_args(argv)
    command = chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command
    sandbox = Sandbox(_options(chosen))
    try:
        with _telling_when_slow():
            sandbox.start()
    except (RuntimeError, OSError) as error:
        print(f"luminous-sandbox: {error}", file=sys.stderr)
        return _CANNOT_START
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    try:
        return _use(sandbox, chosen, command)
    finally:
        if chosen.verbose and chosen.daemon:
            print(f"--- what luminousd wrote ---\n{sandbox.daemon_log}", file=sys.stderr, end="")
        sandbox.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="luminous-sandbox",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [options] [-- COMMAND [ARGUMENT ...]]",
        allow_abbrev=False,
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--user", choices=["alice", "bob"], default="alice", help="default: alice")
    who.add_argument(
        "--root", dest="user", action="store_const", const="root", help="run as root instead"
    )
    parser.add_argument(
        "--agent",
        choices=get_args(AgentMode),
        default="allow",
        help="how polkit's questions are answered; with `none` nobody does (default: allow)",
    )
    parser.add_argument(
        "--nix", choices=NIX_VERSIONS, default="2.26", help="the version of Nix (default: 2.26)"
    )
    parser.add_argument(
        "--knob",
        dest="knobs",
        type=_knob,
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="make something go wrong on purpose; may be given several times",
    )
    parser.add_argument(
        "--flake",
        choices=get_args(FlakeKind),
        help="make /etc/nixos a flake, in a git repository or without one (plain)",
    )
    parser.add_argument(
        "--no-daemon", dest="daemon", action="store_false", help="do not start Luminous's daemon"
    )
    parser.add_argument(
        "--keep", action="store_true", help="open a shell in the same machine after the command"
    )
    parser.add_argument(
        "--verbose", action="store_true", help="say how long things took, and show the daemon's log"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _knob(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name or "/" in name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME or NAME=VALUE")
    return name, value


def _options(chosen: argparse.Namespace) -> SandboxOptions:
    return SandboxOptions(
        nix=chosen.nix,
        agent=chosen.agent,
        knobs=dict(chosen.knobs),
        daemon=chosen.daemon,
        flake=chosen.flake,
        knowledge=chosen.daemon,
    )


@contextmanager
def _telling_when_slow() -> Iterator[None]:
    """Say what is being done when it takes more than a moment."""
    timer = threading.Timer(
        _PATIENCE_S, lambda: print("Preparing the sandbox …", file=sys.stderr, flush=True)
    )
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _use(sandbox: Sandbox, chosen: argparse.Namespace, command: Sequence[str]) -> int:
    if not command:
        return _open_shell(sandbox, chosen.user)
    started = time.monotonic()
    code = _run(sandbox, chosen.user, command)
    if chosen.verbose:
        took = time.monotonic() - started
        print(f"--- exit code {code} after {took:.2f} s ---", file=sys.stderr)
    if chosen.keep:
        _open_shell(sandbox, chosen.user)
    return code


def _open_shell(sandbox: Sandbox, user: UserName) -> int:
    if sys.stdin.isatty():
        print(_BANNER.format(user=user), file=sys.stderr, end="", flush=True)
    return _run(sandbox, user, ["bash"])


def _run(sandbox: Sandbox, user: UserName, command: Sequence[str]) -> int:
    """Run a command on this program's own streams; hand signals on; return its exit code."""
    process: subprocess.Popen[bytes] | None = None
    terminal = {name: os.environ[name] for name in _TERMINAL_VARIABLES if name in os.environ}

    def leave_to_command(_number: int, _frame: FrameType | None) -> None:
        """Do nothing: the terminal sends Ctrl-C to the command too, as it is in this group."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        if process is not None:
            process.send_signal(number)

    handlers = {
        signal.SIGINT: leave_to_command,
        signal.SIGQUIT: leave_to_command,
        signal.SIGTERM: hand_on,
        signal.SIGHUP: hand_on,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        process = sandbox.spawn(command, {"user": user, "env": terminal})
        status = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 - status if status < 0 else status


if __name__ == "__main__":
    sys.exit(main())
