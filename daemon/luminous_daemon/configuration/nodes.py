"""The nodes of a Nix file's syntax tree, each with the place of its first and last character."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_daemon.configuration.tokens import Token


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the text, from `start` to before `end`; spaces and comments lie between them."""

    start: int
    end: int

    def children(self) -> Iterator[Node]:
        """Give the nodes directly below, in their order."""
        for field in fields(self):
            value = getattr(self, field.name)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Node):
                    yield item

    def walk(self) -> Iterator[Node]:
        """Give this node and all below, in the text's order."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(list(node.children()))


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A name that stands for a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """An integer, or a fraction."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string or a URI; `value` is None where only Nix can tell it."""

    value: str | None
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class PathLiteral(Node):
    """A path, also one in angle brackets."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Parenthesised(Node):
    """An expression in round brackets."""

    inner: Node


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """A list."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Key(Node):
    """One part of an attribute path; `name` is None for one that is computed."""

    name: str | None
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding(Node):
    """`a.b = value;`, with its semicolon."""

    path: tuple[Key, ...]
    value: Node


@dataclass(frozen=True, slots=True)
class Inherit(Node):
    """`inherit a b;` or `inherit (source) a b;`."""

    source: Node | None
    names: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class AttributeSet(Node):
    """`{ … }` or `rec { … }`, whose curly bracket opens at `opening`."""

    is_recursive: bool
    opening: int
    bindings: tuple[Binding | Inherit, ...]


@dataclass(frozen=True, slots=True)
class Formal(Node):
    """One argument that a function takes out of a set."""

    name: str
    default: Node | None


@dataclass(frozen=True, slots=True)
class Formals(Node):
    """`{ a, b ? 1, ... }`."""

    names: tuple[Formal, ...]
    has_ellipsis: bool


@dataclass(frozen=True, slots=True)
class Function(Node):
    """`name: body`, `formals: body` or both with an `@`; `name` is empty where there is none."""

    name: str
    formals: Formals | None
    body: Node


@dataclass(frozen=True, slots=True)
class Let(Node):
    """`let … in body`."""

    bindings: tuple[Binding | Inherit, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class With(Node):
    """`with scope; body`."""

    scope: Node
    body: Node


@dataclass(frozen=True, slots=True)
class Assertion(Node):
    """`assert condition; body`."""

    condition: Node
    body: Node


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`if condition then one else other`."""

    condition: Node
    one: Node
    other: Node


@dataclass(frozen=True, slots=True)
class Operation(Node):
    """An operator between two operands, or before one."""

    sign: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Question(Node):
    """`whole ? a.b`."""

    whole: Node
    path: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Selection(Node):
    """`whole.a.b`, with a default after `or` if there is one."""

    whole: Node
    path: tuple[Key, ...]
    default: Node | None


@dataclass(frozen=True, slots=True)
class Application(Node):
    """A function and its arguments."""

    function: Node
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole file: its text, every token of it with spaces and comments, and what it says."""

    text: str
    tokens: tuple[Token, ...]
    root: Node
