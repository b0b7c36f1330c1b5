"""What a value in a Nix file holds: plain data where it is that, and a list's items one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from luminous_daemon.configuration.modules import inside
from luminous_daemon.configuration.nodes import (
    Application,
    AttributeSet,
    Binding,
    Conditional,
    Key,
    ListLiteral,
    Node,
    Number,
    Operation,
    Parenthesised,
    PathLiteral,
    Selection,
    Text,
    Variable,
)
from luminous_daemon.configuration.scope import UNKNOWN
from luminous_daemon.core.definitions import is_same, package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_daemon.configuration.nodes import Tree
    from luminous_daemon.configuration.scope import Scope
    from luminous_protocol.changes import Value

PRIORITIES = {"mkForce": 1, "mkDefault": 1, "mkBefore": 1, "mkAfter": 1} | {
    "mkOverride": 2,
    "mkOrder": 2,
}
"""The functions that say how much a value counts, and how many arguments they take."""
_DEFAULT = 1500
"""What an option's own default counts; what counts less, or the same, has no effect."""
_CONDITIONAL = {"mkIf", "optionals", "optional", "optionalString"}
_PLAIN = {"builtins.true": True, "builtins.false": False, "builtins.null": None}
_PACKAGES = "pkgs."
_DEEPEST = 20
_TWO = 2


class Unknown(Exception):
    """A value that only Nix can tell."""


class Match(Enum):
    """Whether something is a certain item."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Operand:
    """A part of a list: its items, and the literal that holds them if they can be edited there.

    `is_conditional`: it may be empty; `is_visible`: its items are all there is.
    """

    node: Node
    scope: Scope
    items: tuple[Node, ...] = ()
    literal: ListLiteral | None = None
    is_conditional: bool = False
    is_visible: bool = True


def without_priority(node: Node, scope: Scope) -> tuple[Node, Scope]:
    """Return a value without the functions that say how much it counts."""
    while True:
        inner, within = inside(node, scope)
        if not isinstance(inner, Application):
            return node, scope
        name = within.library_function(inner.function)
        if PRIORITIES.get(name) != len(inner.arguments):
            return node, scope
        if name == "mkOverride" and not _counts(inner.arguments[0]):
            return node, scope
        node, scope = inner.arguments[-1], within


def _counts(priority: Node) -> bool:
    return isinstance(priority, Number) and priority.value < _DEFAULT


def operands_of(tree: Tree, node: Node, scope: Scope, depth: int = 0) -> Iterator[Operand]:
    """Give the parts that a list is put together from."""
    deeper = depth + 1
    node, scope = inside(*without_priority(node, scope))
    match node:
        case _ if depth > _DEEPEST:
            yield Operand(node, scope, is_visible=False)
        case ListLiteral(items=items):
            yield Operand(node, scope, items, node)
        case Operation(sign="++", operands=operands):
            for operand in operands:
                yield from operands_of(tree, operand, scope, deeper)
        case Conditional(one=one, other=other):
            for branch in (one, other):
                yield from _conditional(operands_of(tree, branch, scope, deeper))
        case Application():
            yield from _operands_of_call(tree, node, scope, deeper)
        case Variable():
            yield from _operands_of_name(tree, node, scope, deeper)
        case _:
            yield Operand(node, scope, is_visible=False)


def _conditional(operands: Iterator[Operand]) -> Iterator[Operand]:
    for operand in operands:
        yield replace(operand, is_conditional=True)


def _operands_of_call(tree: Tree, node: Application, scope: Scope, depth: int) -> Iterator[Operand]:
    name, arguments = scope.library_function(node.function), node.arguments
    if name == "optional" and len(arguments) == _TWO:
        yield Operand(node, scope, (arguments[1],), is_conditional=True)
    elif name in _CONDITIONAL and len(arguments) == _TWO:
        yield from _conditional(operands_of(tree, arguments[1], scope, depth))
    elif name == "mkMerge" and len(arguments) == 1:
        merged, within = inside(arguments[0], scope)
        if isinstance(merged, ListLiteral):
            for item in merged.items:
                yield from operands_of(tree, item, within, depth)
        else:
            yield Operand(node, scope, is_visible=False)
    else:
        yield Operand(node, scope, is_visible=False)


def _operands_of_name(tree: Tree, node: Variable, scope: Scope, depth: int) -> Iterator[Operand]:
    """Give the parts of a list that the file binds to a name; it is edited if used only here."""
    found = scope.local(node.name)
    if found is None or found[0].value is None:
        yield Operand(node, scope, is_visible=False)
        return
    value, within = found[0].value, found[1]
    scope.work.spend(len(tree.tokens) // 10)
    is_used_once = uses_of(tree, node.name) == 1
    for operand in operands_of(tree, value, within, depth):
        yield operand if is_used_once else replace(operand, literal=None)


def uses_of(tree: Tree, name: str) -> int:
    """Return how often a name is spoken of anywhere, whichever of that name is meant."""
    nodes = tree.root.walk()
    return sum(
        (isinstance(node, Variable) and node.name == name)
        or (hasattr(node, "names") and any(getattr(k, "name", "") == name for k in node.names))
        for node in nodes
    )


def value_of(node: Node, scope: Scope, depth: int = 0) -> Value:
    """Return the plain value that `node` is. Raises `Unknown`."""
    node, scope = inside(node, scope)
    match node:
        case _ if depth > _DEEPEST:
            raise Unknown
        case Number(value=number):
            return number
        case Operation(sign="-", operands=(Number(value=number),)):
            return -number
        case Text(value=str(text)):
            return text
        case ListLiteral(items=items):
            return [value_of(item, scope, depth + 1) for item in items]
        case AttributeSet(is_recursive=False):
            return _attributes_of(node, scope, depth)
        case Variable() | Selection():
            return _value_of_name(node, scope, depth)
    raise Unknown


def _attributes_of(node: AttributeSet, scope: Scope, depth: int) -> Value:
    found: dict[str, Value] = {}
    for binding in node.bindings:
        names = [key.name for key in binding.path] if isinstance(binding, Binding) else []
        if not isinstance(binding, Binding) or len(names) != 1 or names[0] is None:
            raise Unknown
        found[names[0]] = value_of(binding.value, scope, depth + 1)
    return found


def _value_of_name(node: Variable | Selection, scope: Scope, depth: int) -> Value:
    found = scope.local(node.name) if isinstance(node, Variable) else None
    if found and found[0].value is not None:
        return value_of(found[0].value, found[1], depth + 1)
    meaning = next(iter(scope.meanings(node)), "")
    if meaning in _PLAIN:
        return _PLAIN[meaning]
    if meaning.startswith(_PACKAGES):
        return package(meaning.removeprefix(_PACKAGES))
    raise Unknown


def match_item(node: Node, scope: Scope, item: Value) -> Match:
    """Tell whether the item of a list is `item`."""
    name = _package_of(item)
    if name is not None:
        return _match_package(node, scope, name)
    try:
        value = value_of(node, scope)
    except Unknown:
        kind, _ = inside(node, scope)
        is_other = isinstance(kind, ListLiteral | AttributeSet) or (
            isinstance(kind, PathLiteral) and "/" not in str(item)
        )
        return Match.NO if is_other and not isinstance(item, list | dict) else Match.MAYBE
    return Match.YES if is_same(value, item) else Match.NO


def _package_of(item: Value) -> str | None:
    is_package = isinstance(item, dict) and set(item) == {"package"}
    return str(item["package"]) if is_package and isinstance(item, dict) else None


def _match_package(node: Node, scope: Scope, name: str) -> Match:
    while isinstance(node, Parenthesised):
        node = node.inner
    match node:
        case Variable() | Selection():
            return _match_name(node, scope, name)
        case Application(function=function, arguments=arguments):
            made_of = [f"{meaning}." for meaning in scope.meanings(function)]
            if any(base.startswith(f"{_PACKAGES}{name}.") for base in made_of):
                return Match.MAYBE
            if not all(_is_of_packages(base) for base in made_of) or not made_of:
                return _match_mentions(node, scope, name)
            near = {_match_argument(argument, scope, name) for argument in arguments}
            return Match.NO if near == {Match.NO} else Match.MAYBE
        case ListLiteral() | AttributeSet() | Text() | PathLiteral():
            return Match.NO
    return Match.MAYBE


def _match_argument(node: Node, scope: Scope, name: str) -> Match:
    """Tell whether a function is given the package itself: `hiPrio vim` is vim still."""
    while isinstance(node, Parenthesised):
        node = node.inner
    if isinstance(node, Variable | Selection):
        return _match_name(node, scope, name)
    return Match.NO


def _match_name(node: Variable | Selection, scope: Scope, name: str) -> Match:
    last, written = name.rsplit(".", 1)[-1], _written(node)
    meanings = scope.meanings(node)
    if _PACKAGES + name in meanings:
        is_certain = meanings[0] == _PACKAGES + name and not scope.is_alias(node)
        return Match.YES if is_certain else Match.MAYBE
    is_known = meanings and all(meaning.startswith(_PACKAGES) for meaning in meanings)
    if is_known or (meanings and written not in {last, UNKNOWN}):
        return Match.NO
    return Match.MAYBE if meanings else _match_mentions(node, scope, name)


def _is_of_packages(base: str) -> bool:
    """Tell whether a function is one that builds something, not one of the library."""
    return base.startswith(_PACKAGES) and not base.startswith(f"{_PACKAGES}lib.")


def _match_mentions(node: Node, scope: Scope, name: str) -> Match:
    """Tell whether a value that is not understood may be the package: it would name it."""
    return Match.MAYBE if _mentions(node, scope, name.rsplit(".", 1)[-1], set()) else Match.NO


def _mentions(node: Node, scope: Scope, word: str, seen: set[str]) -> bool:
    """Tell whether `node`, or what the file binds its names to, may speak of `word`."""
    for part in node.walk():
        match part:
            case Text(value=text) if text is None or word in text:
                return True
            case Key(name=None, parts=(Text(),)):
                continue  # it is looked at itself
            case Key(name=named) if named in {None, word}:
                return True
            case Variable(name=named):
                if named == word or _local_mentions(named, scope, word, seen):
                    return True
    return False


def _local_mentions(named: str, scope: Scope, word: str, seen: set[str]) -> bool:
    found = scope.local(named)
    if found is None or named in seen:
        return False
    seen.add(named)
    local, within = found
    value = local.value or local.source
    if value is None and local.is_from_around and within.around:
        return _local_mentions(named, within.around, word, seen - {named})
    if value is None:
        return local.meaning is None
    return _mentions(value, within, word, seen)


def is_of_machine(node: Node, scope: Scope) -> bool:
    """Tell whether a value depends on what the machine is otherwise, such as `config.a.port`."""
    heads = (
        meaning.partition(".")[0]
        for part in node.walk()
        if isinstance(part, Variable)
        for meaning in scope.meanings(part)
    )
    return any(head not in {"lib", "builtins", UNKNOWN} for head in heads)


def _written(node: Variable | Selection) -> str:
    """Return the last name of what is written there."""
    return node.name if isinstance(node, Variable) else node.path[-1].name or UNKNOWN
