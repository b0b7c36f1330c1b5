"""Values: what a hostile client puts into a message, of the right type or of any."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tests.fuzz.wire import split

if TYPE_CHECKING:
    from random import Random

LIMITS = {
    "y": (0, 255), "b": (0, 1), "n": (-(2**15), 2**15 - 1), "q": (0, 2**16 - 1),
    "i": (-(2**31), 2**31 - 1), "u": (0, 2**32 - 1), "h": (0, 16),
    "x": (-(2**63), 2**63 - 1), "t": (0, 2**64 - 1),
}  # fmt: skip
BASIC = "ybnqiuxtdsog"
KNOWN_TEXTS = (
    "", "switch", "boot", "test", "build", "hello", "install hello", "undo", "enable nginx",
    "org.luminous1.System", "org.luminous1.Plan", "org.luminous1.Transaction", "State", "Result",
    "${pkgs.hello}", "''; rm -rf /", "$(id)", "\n", "\x7f", "\u202e", "é" * 300, "😀",
    "../../etc/shadow",
    "__class__", "{0.__init__}", "%s%n", "a" * 5000, "-rf", "--help", "0", "-1", "null",
)  # fmt: skip
KNOWN_OPTIONS = (
    "words", "build", "wait", "confirm-within", "interactive", "limit", "keep", "older-than-days",
    "", "__proto__", "Words",
)  # fmt: skip
KNOWN_KEYS = (
    "kind", "package", "option", "value", "append", "target", "inputs", "action", "generation",
    "older_than_days", "keep", "source", "file", "operation", "old", "new", "line", "column",
    "reason", "__class__",
)  # fmt: skip
KINDS = (
    "add-package", "remove-package", "set-option", "unset-option", "enable", "disable",
    "update-inputs", "restore-inputs", "rebuild", "switch-generation", "collect-garbage",
    "import-file", "repair-file", "allow-package", "run-command", "",
)  # fmt: skip
_DEEPEST = 5


def text(random: Random) -> str:
    """Return a text that may mean something, or any characters but NUL."""
    if random.random() < 0.6:
        return random.choice(KNOWN_TEXTS)
    characters = (
        random.choice("aZ0._-/\"'\\ $\t\r\n\x01\u00df\u2028\U0001f600") for _ in range(40)
    )
    return "".join(characters)[: random.randrange(41)]


def path(random: Random) -> str:
    """Return an object path that is one."""
    parts = (random.choice(("org", "luminous1", "plan", "transaction", "_", "x" * 200, "0"))
             for _ in range(random.randrange(6)))  # fmt: skip
    return "/" + "/".join(parts)


def signature(random: Random, depth: int = 0) -> str:
    """Return one complete type."""
    chance = random.random()
    if depth >= _DEEPEST or chance < 0.6:
        return random.choice(BASIC + "v")
    if chance < 0.75:
        return "a" + signature(random, depth + 1)
    if chance < 0.9:
        return f"a{{{random.choice(BASIC)}{signature(random, depth + 1)}}}"
    inner = "".join(signature(random, depth + 1) for _ in range(random.randrange(1, 4)))
    return f"({inner})"


def of(random: Random, kind: str, depth: int = 0) -> Any:  # noqa: ANN401 - any D-Bus value
    """Return a value of a complete type; often at the limits of what it can hold."""
    match kind[0]:
        case "s":
            return text(random)
        case "o":
            return path(random)
        case "g":
            return signature(random, 2)
        case "d":
            return random.choice((0.0, -0.0, 1e308, 5e-324, math.nan, math.inf, -math.inf, 1.5))
        case "v":
            inner = signature(random, depth + 1)
            return inner, of(random, inner, depth + 1)
        case "a":
            return _array(random, kind[1:], depth)
        case "(":
            return [of(random, inner, depth + 1) for inner in split(kind[1:-1])]
        case letter:
            low, high = LIMITS[letter]
            return random.choice((low, high, random.randint(low, high), min(high, 1)))


def _array(random: Random, kind: str, depth: int) -> list[Any]:
    count = random.choice((0, 1, 1, 2, 5)) if depth < _DEEPEST else 0
    if kind[0] != "{":
        return [of(random, kind, depth + 1) for _ in range(count)]
    key, inner = split(kind[1:-1])
    return [(_key(random, key, depth), of(random, inner, depth + 1)) for _ in range(count)]


def _key(random: Random, kind: str, depth: int) -> Any:  # noqa: ANN401 - a basic value
    if kind != "s" or random.random() < 0.2:
        return of(random, kind, depth + 1)
    return random.choice(KNOWN_OPTIONS if random.random() < 0.6 else KNOWN_KEYS)


def change(random: Random) -> list[tuple[str, Any]]:
    """Return an `a{sv}` that is nearly a change."""
    pairs: list[tuple[str, Any]] = [("kind", ("s", random.choice(KINDS)))]
    for name in random.sample(KNOWN_KEYS, random.randrange(4)):
        kind = random.choice(("s", "x", "b", "as", "v", "d", "a{sv}", "av"))
        pairs.append((name, (kind, of(random, kind, 3))))
    return pairs


def options(random: Random) -> list[tuple[str, Any]]:
    """Return options that exist, of types that they do not take."""
    names = random.sample(KNOWN_OPTIONS, random.randrange(1, 4))
    kinds = [random.choice((*BASIC, "v", "as", "a{sv}", "ay", "(si)")) for _ in names]
    return [(name, (kind, of(random, kind, 3))) for name, kind in zip(names, kinds, strict=True)]


def nested(layers: int, *, leaf: tuple[str, Any] = ("s", "deep")) -> tuple[str, Any]:
    """Return a variant in a variant in a variant, so many layers of it."""
    value = leaf
    for _ in range(layers):
        value = ("v", value)
    return value


def nested_lists(layers: int) -> tuple[str, Any]:
    """Return lists of variants of lists, so many layers of each."""
    value: tuple[str, Any] = ("i", 1)
    for _ in range(layers):
        value = ("av", [value])
    return value
