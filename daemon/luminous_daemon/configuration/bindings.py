"""All bindings of a Nix file with the whole path that each gives a value, as far as it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from luminous_daemon.configuration.nodes import (
    Application,
    Assertion,
    AttributeSet,
    Binding,
    Conditional,
    Function,
    Key,
    Let,
    ListLiteral,
    Node,
    Operation,
    Parenthesised,
    Selection,
    Variable,
    With,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECTION = "config"
TRANSPARENT = frozenset(
    {
        *("mkIf", "mkMerge", "mkForce", "mkDefault", "mkOverride", "mkBefore", "mkAfter"),
        *("mkOrder", "mkVMOverride", "optionalAttrs"),
    }
)
"""Functions whose last argument defines what they stand for."""

Keys = tuple[Key, ...]


class Bound(NamedTuple):
    """A binding, the set that holds it, and the keys of its whole path from the module on.

    `is_plain`: between the module and the binding there are plain sets only, so that its value
    means the same in any of them.
    """

    keys: Keys
    binding: Binding
    owner: AttributeSet
    is_plain: bool

    @property
    def names(self) -> tuple[str | None, ...]:
        """The names of its path; None for what is computed."""
        return tuple(key.name for key in self.keys)

    @property
    def own_names(self) -> tuple[str | None, ...]:
        """The names that stand at its place."""
        return tuple(key.name for key in self.binding.path)


def bindings_of(root: Node) -> Iterator[Bound]:
    """Give every binding below `root`, the outer ones first."""
    yield from _walk(root, (), is_plain=True)


def _walk(node: Node, keys: Keys, *, is_plain: bool) -> Iterator[Bound]:
    match node:
        case AttributeSet():
            yield from _of_set(node, keys, is_plain=is_plain and not node.is_recursive)
        case Application(function=function, arguments=arguments):
            is_transparent = function_name(function) in TRANSPARENT
            *others, last = arguments
            for other in (function, *others):
                yield from _walk(other, (), is_plain=True)
            yield from _walk_argument(last, keys if is_transparent else ())
        case Parenthesised(inner=inner):
            yield from _walk(inner, keys, is_plain=is_plain)
        case Let() | With() | Assertion() | Function() | Conditional():
            yield from _of_body(node, keys)
        case Operation(sign="//", operands=operands):
            for operand in operands:
                yield from _walk(operand, keys, is_plain=False)
        case _:
            for child in node.children():
                yield from _walk(child, (), is_plain=True)


def _of_set(node: AttributeSet, keys: Keys, *, is_plain: bool) -> Iterator[Bound]:
    for binding in node.bindings:
        if not isinstance(binding, Binding):
            yield from _walk(binding, (), is_plain=True)
            continue
        whole = (*keys, *binding.path)
        if whole[0].name == _SECTION and len(whole) > 1:
            whole = whole[1:]
        yield Bound(whole, binding, node, is_plain)
        below = () if whole[0].name == _SECTION else whole
        yield from _walk(binding.value, below, is_plain=is_plain)


def _of_body(node: Node, keys: Keys) -> Iterator[Bound]:
    """Give what is bound in the parts of a node of which the last ones are what it stands for."""
    bodies = (node.one, node.other) if isinstance(node, Conditional) else ()
    body = getattr(node, "body", None)
    # The body of a function that is the whole file is as good a place as any.
    is_plain = isinstance(node, Function) and not keys
    for child in node.children():
        if child is body or child in bodies:
            yield from _walk(child, keys, is_plain=is_plain)
        else:
            yield from _walk(child, (), is_plain=True)


def _walk_argument(node: Node, keys: Keys) -> Iterator[Bound]:
    if isinstance(node, ListLiteral):
        for item in node.items:
            yield from _walk(item, keys, is_plain=False)
    else:
        yield from _walk(node, keys, is_plain=False)


def function_name(function: Node) -> str:
    """Return the last name of a function, or nothing for one that has none."""
    match function:
        case Variable(name=name):
            return name
        case Selection(path=path):
            return path[-1].name or ""
    return ""
