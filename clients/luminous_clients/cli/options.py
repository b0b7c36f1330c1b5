"""The options of ask-nix: their names, what they take, and the parser that finds them anywhere."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from luminous_clients.cli.text import days
from luminous_clients.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Container

MOST = 2**31 - 1
"""The highest number that the bus can carry."""
MOST_FOUND = 100
"""So many passages one search finds at most; a test holds it against the protocol."""
_LONGEST_WAIT = 3600
KINDS = ("option", "package", "command", "manual", "note")
"""What can be found; a test holds it against the protocol, which costs more to import."""


class Option(NamedTuple):
    """An option. Without `read` it is a flag; `mode` is the mode that a flag stands for.

    What `read` returns of one that is repeatable are several things, of which there may be more.
    """

    names: tuple[str, ...]
    help: str
    read: Callable[[str], int | tuple[str, ...]] | None = None
    metavar: str = ""
    mode: str = ""
    is_repeatable: bool = False

    @property
    def destination(self) -> str:
        """The field of `Choices` that it sets."""
        return "mode" if self.mode else self.names[-1].removeprefix("--").replace("-", "_")


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError` where argparse would end the process."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong with the command line."""
        raise UsageError(message)


def is_number(word: str) -> bool:
    """Tell whether `word` is a positive number that the bus can carry."""
    return word.isascii() and word.isdecimal() and 0 < int(word[:12]) <= MOST


def _positive(text: str) -> int:
    if not is_number(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST}")
    return int(text)


def _any_number(text: str) -> int:
    """Read a number whose bounds the verb knows."""
    if not re.fullmatch(r"-?[0-9]{1,12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def _age(text: str) -> int:
    try:
        found = days(text)
    except ValueError:
        found = 0
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not an age like 30d, 2w, 6m or 1y")
    return found


def _seconds(text: str) -> int:
    match = re.fullmatch(r"([0-9]{1,6})([smh]?)", text)
    if not match or not int(match[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time like 90, 90s or 5m")
    seconds = int(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]
    if seconds > _LONGEST_WAIT:
        raise argparse.ArgumentTypeError(f"{text!r} is more than an hour")
    return seconds


def _kinds(text: str) -> tuple[str, ...]:
    kinds = re.findall(r"[^,\s]+", text) or [text]
    return tuple(_kind(kind) for kind in kinds)


def _kind(text: str) -> str:
    """Read the name of a kind, also of several of it: `packages`."""
    kind = text.lower().removesuffix("s")
    if kind not in KINDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of: {', '.join(KINDS)}")
    return kind


OPTIONS = (
    Option(("-n", "--dry-run"), "show the plan; change nothing"),
    Option(("-y", "--yes"), "apply without asking"),
    Option(("--build",), "build before showing: exact sizes"),
    Option(("--boot",), "apply at the next boot only", mode="boot"),
    Option(("--test",), "apply now, but not at the next boot", mode="test"),
    Option(("--wait",), "wait for another change to finish"),
    Option(("--confirm-within",), "put back unless confirmed in time (90, 5m)", _seconds, "TIME"),
    Option(("--older-than",), "gc: only generations older than this (30d, 2w)", _age, "AGE"),
    Option(("--keep",), "gc: keep at least the newest N generations", _positive, "N"),
    Option(("--limit",), "history: how many (20); search: 1 to 100 (10)", _any_number, "N"),
    Option(
        ("--kind",),
        "search: only option, package, ... (or several: a,b)",
        _kinds,
        "KIND",
        is_repeatable=True,
    ),
    Option(("--why",), "search: say what matched"),
    Option(("--plan",), "explain-error: plan what mends it"),
    Option(("--audit",), "history: who asked for what, and who allowed it"),
    Option(("--everybody",), "history --audit: not only what is yours"),
    Option(("--verify",), "history: check that the audit record is whole"),
    Option(("--explain",), "say why the words were understood so"),
    Option(("--json",), "print exactly one JSON document; never asks"),
    Option(("--no-color",), "no colours (as NO_COLOR does)"),
    Option(("--debug",), "show the back end and how long each stage took"),
    Option(("--version",), "show the version"),
    Option(("-h", "--help"), "show this help"),
)
"""All options, in the order of `--help`."""

AUDIT = ("audit", "everybody", "verify")
OF_VERBS = frozenset({"older_than", "keep", "limit", "kind", "why", "plan", *AUDIT})
"""Options that belong to verbs; in a sentence the same is said in words, or not at all."""


def add_options(parser: argparse.ArgumentParser, wanted: Container[str]) -> None:
    """Add the options whose destinations are `wanted`."""
    modes = parser.add_mutually_exclusive_group()
    for option in OPTIONS:
        names, text = option.names, option.help
        if option.destination not in wanted:
            continue
        if option.mode:
            modes.add_argument(
                *names, dest="mode", action="store_const", const=option.mode, help=text
            )
        elif option.read:
            action = "extend" if option.is_repeatable else "store"
            parser.add_argument(
                *names, action=action, type=option.read, metavar=option.metavar, help=text
            )
        else:
            parser.add_argument(*names, action="store_true", help=text)


def shapes_of(wanted: Container[str]) -> list[str]:
    """Return how the `wanted` options are written."""
    return [
        f"[{' '.join(filter(None, (option.names[-1], option.metavar)))}]"
        for option in OPTIONS
        if option.destination in wanted
    ]


def options_parser(wanted: Container[str]) -> Parser:
    """Return a parser of the `wanted` options. It leaves verbs and words alone."""
    parser = Parser(
        prog="ask-nix",
        add_help=False,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser, wanted)
    return parser
