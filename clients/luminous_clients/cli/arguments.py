"""The command line: options anywhere, then a verb with its arguments, or words.

A verb is taken for one only when what follows fits it: `rollback 3` is the verb, `rollback to 3`
and `status of nginx` are words. Some verbs stand for nothing else, and say what they lack: `option`
and `search`, for example. Everything after `--` is words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from luminous_clients.cli.options import (
    AUDIT,
    MOST,
    MOST_FOUND,
    OF_VERBS,
    is_number,
    options_parser,
    shapes_of,
)
from luminous_clients.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Found = Mapping[str, Any] | None
    Read = Callable[[Sequence[str]], Found]

REBUILD_ACTIONS = ("switch", "boot", "test", "build")

# It has a digit in it, so that `undo everything` is words.
_IDENTIFIER = re.compile(r"(?:/org/luminous1/transaction/)?([A-Za-z_]*[0-9][A-Za-z0-9_]{0,63})")


class Choices(NamedTuple):
    """What the command line says. Without a `verb` there are only words."""

    verb: str = ""
    words: str = ""
    numbers: tuple[int, ...] = ()
    action: str = "switch"
    identifier: str = ""
    source: str = ""
    json: bool = False
    debug: bool = False
    no_color: bool = False
    explain: bool = False
    dry_run: bool = False
    yes: bool = False
    build: bool = False
    wait: bool = False
    mode: str = ""
    confirm_within: int = 0
    older_than: int = 0
    keep: int = 0
    limit: int = 0
    kind: tuple[str, ...] = ()
    why: bool = False
    plan: bool = False
    audit: bool = False
    verify: bool = False
    everybody: bool = False
    help: bool = False
    version: bool = False


class Verb(NamedTuple):
    """A word that ask-nix itself knows. `read` returns None when the arguments do not fit.

    `lacks` says then what is wrong; without it they are words. `most` is the highest limit.
    """

    shape: str
    summary: str
    options: str
    read: Read
    choices: tuple[str, ...] = ()
    lacks: str = ""
    most: int = MOST


def _nothing(arguments: Sequence[str]) -> Found:
    return None if arguments else {}


def _numbers(most: int) -> Read:
    def read(arguments: Sequence[str]) -> Found:
        fits = len(arguments) <= most and all(is_number(word) for word in arguments)
        return {"numbers": tuple(map(int, arguments))} if fits else None

    return read


def _action(arguments: Sequence[str]) -> Found:
    if not arguments:
        return {}
    fits = len(arguments) == 1 and arguments[0] in REBUILD_ACTIONS
    return {"action": arguments[0]} if fits else None


def _identifier(arguments: Sequence[str]) -> Found:
    if not arguments:
        return {}
    match = _IDENTIFIER.fullmatch(arguments[0]) if len(arguments) == 1 else None
    return {"identifier": match[1]} if match else None


def _source(arguments: Sequence[str]) -> Found:
    if not arguments:
        return {}
    # A whole path, so that `index my notes` is words.
    fits = len(arguments) == 1 and arguments[0].startswith("/")
    return {"source": arguments[0]} if fits else None


def _words(arguments: Sequence[str]) -> Found:
    return {"words": " ".join(arguments)} if arguments else None


def _any_words(arguments: Sequence[str]) -> Found:
    return {"words": " ".join(arguments)}


def _name(arguments: Sequence[str]) -> Found:
    return {"words": arguments[0]} if len(arguments) == 1 else None


def _file(arguments: Sequence[str]) -> Found:
    if not arguments:
        return {}
    return {"source": arguments[0]} if len(arguments) == 1 else None


_OUTPUT = "json debug no_color help version"
_APPLY = f"{_OUTPUT} dry_run yes wait confirm_within"
_PLAN = f"{_OUTPUT} explain build mode"
_CHANGE = f"{_APPLY} build mode"
_GARBAGE = f"{_OUTPUT} dry_run yes wait older_than keep"

_SETUP = "let your configuration import what Luminous writes; once"
_DIFF = "what differs between two generations"
_WORDS = "what the words would change; changes nothing"
_REBUILD = "build the configuration as it is, and use it"
_ROLLBACK = "go back to generation N, or to the one before"
_UNDO = "take back a change: your last one, or ID of the history"
_SEARCH = "options, packages and manuals that the words may mean"
_OPTION = "what an option is, its value here and the lines that set it"
_PACKAGE = "what a package is, and what brings it in here"
_INDEX = "bring up to date what can be searched: all, or a file"
_EXPLAIN = "what an error means: piped in, in a FILE, or your last"
_ONE_FILE = "explain-error takes one file, or a pipe: COMMAND 2>&1 | ask-nix explain-error"
_NO_WORDS = "search takes words, for example: ask-nix search web browser"
_NO_OPTION = "option takes one name, for example: ask-nix option services.openssh.enable"
_NO_PACKAGE = "package takes one name, for example: ask-nix package firefox"
_WHY = "what brings a package, option or service here, and its size"
_WHAT_CHANGED = "what changed since a day, a time or a generation"
_DISK = "what fills the disks, and what could be freed"
_UNIT = "whether a unit of systemd runs, and why it failed"
_HEALTH = "what of this machine wants attention"
_NO_IF = "what-if takes words, for example: ask-nix what-if remove git"
_NO_UNIT = "unit takes one name, for example: ask-nix unit sshd"
_HISTORY = "what was changed, when, by whom and in which words"

_WITH_AUDIT = (
    "belongs to --audit: ask-nix history --audit --everybody. Without it, history lists the "
    "changes of all"
)
_IDLE_BESIDE_VERIFY = frozenset({"audit", "everybody", "limit"})

VERBS: Mapping[str, Verb] = {
    "status": Verb("", "what is running, and what starts at the next boot", _OUTPUT, _nothing),
    "generations": Verb("", "the generations of the system", _OUTPUT, _nothing),
    "diff": Verb("[A [B]]", _DIFF, _OUTPUT, _numbers(2)),
    "plan": Verb("WORDS...", _WORDS, _PLAN, _words),
    "rebuild": Verb("[ACTION]", _REBUILD, f"{_APPLY} build", _action, REBUILD_ACTIONS),
    "rollback": Verb("[N]", _ROLLBACK, _CHANGE, _numbers(1)),
    "undo": Verb("[ID]", _UNDO, _CHANGE, _identifier),
    "setup": Verb("", _SETUP, f"{_OUTPUT} dry_run yes wait", _nothing),
    "history": Verb("", _HISTORY, f"{_OUTPUT} {' '.join(AUDIT)} limit", _nothing),
    "search": Verb(
        "WORDS...",
        _SEARCH,
        f"{_OUTPUT} limit kind why",
        _words,
        lacks=_NO_WORDS,
        most=MOST_FOUND,
    ),
    "option": Verb("NAME", _OPTION, _OUTPUT, _name, lacks=_NO_OPTION),
    "package": Verb("NAME", _PACKAGE, _OUTPUT, _name, lacks=_NO_PACKAGE),
    "explain-error": Verb("[FILE]", _EXPLAIN, f"{_APPLY} build plan", _file, lacks=_ONE_FILE),
    "why": Verb("NAME", _WHY, _OUTPUT, _name),
    "unit": Verb("NAME", _UNIT, _OUTPUT, _name, lacks=_NO_UNIT),
    "health": Verb("", _HEALTH, _OUTPUT, _nothing),
    "disk": Verb("", _DISK, _OUTPUT, _nothing),
    "what-changed": Verb("[SINCE...]", _WHAT_CHANGED, _OUTPUT, _any_words),
    "what-if": Verb("WORDS...", _WORDS, f"{_OUTPUT} explain build", _words, lacks=_NO_IF),
    "index": Verb("[SOURCE]", _INDEX, _OUTPUT, _source),
    "gc": Verb("", "delete old generations and what only they need", _GARBAGE, _nothing),
    "confirm": Verb("[ID]", "keep a change made with --confirm-within", _OUTPUT, _identifier),
    "cancel": Verb("[ID]", "stop a change that has not begun to activate", _OUTPUT, _identifier),
}


def parse(arguments: Sequence[str]) -> Choices:
    """Read the command line. Raises `UsageError`."""
    before, after = _cut(arguments)
    if not all(word.strip() for word in arguments):
        raise UsageError("an argument is empty")
    options, words = options_parser(Choices._fields).parse_known_args(before)
    unknown = next((word for word in words if re.match(r"-[^0-9]", word)), "")
    if unknown:
        raise UsageError(f"there is no option {unknown} (words that begin with - go after --)")
    given = vars(options)
    if "kind" in given:
        given["kind"] = tuple(dict.fromkeys(given["kind"]))
    if given.get("help") or given.get("version"):
        return Choices(**given)
    return _read_verb(given, [*words, *after], words) or _read_words(given, [*words, *after])


def usage_of(name: str) -> str:
    """Return how a verb is used, with the options that only verbs have."""
    verb = VERBS[name]
    own = [wanted for wanted in verb.options.split() if wanted in OF_VERBS]
    return " ".join(filter(None, ("ask-nix", name, *shapes_of(own), verb.shape)))


def _cut(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Cut the command line at the first `--`."""
    found = list(arguments)
    at = found.index("--") if "--" in found else len(found)
    return found[:at], found[at + 1 :]


def _read_verb(given: dict[str, Any], words: list[str], head: list[str]) -> Choices | None:
    """Read words that begin with a verb, and fit it. The verb stands in front of any `--`."""
    verb = VERBS.get(head[0]) if head else None
    found = verb.read(words[1:]) if verb else None
    if verb and verb.lacks and found is None:
        raise UsageError(verb.lacks, {"usage": usage_of(head[0])})
    if verb is None or found is None:
        return None
    usage = usage_of(head[0])
    surplus = set(given) - set(verb.options.split())
    has_own = not OF_VERBS.isdisjoint(verb.options.split())
    _refuse(given, surplus, f"means nothing to the verb {head[0]}", usage if has_own else "")
    _check_together(given, usage)
    if not 1 <= given.get("limit", 1) <= verb.most:
        message = f"--limit is a number from 1 to {verb.most}"
        raise UsageError(message, {"usage": usage})
    return Choices(verb=head[0], **given, **found)


def _read_words(given: dict[str, Any], words: list[str]) -> Choices:
    text = " ".join(words).strip()
    if not text or words == ["plan"]:
        raise UsageError('say what you want, for example: ask-nix "install firefox"')
    own = set(given) & OF_VERBS
    _refuse(given, own, "belongs to a verb; here it can be said in words")
    return Choices(words=text, **given)


def _check_together(given: dict[str, Any], usage: str) -> None:
    """Raise `UsageError` for options that say nothing beside the others, or without them."""
    if "verify" in given:
        idle = set(given) & _IDLE_BESIDE_VERIFY
        _refuse(given, idle, "means nothing beside --verify, which checks all that there is", usage)
    elif "everybody" in given and "audit" not in given:
        _refuse(given, {"everybody"}, _WITH_AUDIT, usage)


def _refuse(given: dict[str, Any], surplus: set[str], reason: str, usage: str = "") -> None:
    """Raise `UsageError` for the first of `surplus`, by the name it has on the command line."""
    details = {"usage": usage} if usage else {}
    for name in sorted(surplus):
        option = str(given["mode"]) if name == "mode" else name.replace("_", "-")
        raise UsageError(f"--{option} {reason}", details)
