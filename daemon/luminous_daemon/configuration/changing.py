"""What an edit of a Nix file comes to: the parts of its text that are others then."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from luminous_daemon.configuration.contents import (
    Match,
    Operand,
    Unknown,
    is_of_machine,
    match_item,
    operands_of,
    value_of,
    without_priority,
)
from luminous_daemon.configuration.layout import Layout, Splice
from luminous_daemon.configuration.modules import (
    CONDITIONS,
    Container,
    Definition,
    Module,
    Places,
    inside,
    line_of,
    modules_of,
    places_of,
)
from luminous_daemon.configuration.nix_values import render, render_name, render_path
from luminous_daemon.configuration.nodes import (
    Application,
    AttributeSet,
    Binding,
    Inherit,
    ListLiteral,
    Node,
    PathLiteral,
    Text,
    Variable,
)
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.tokens import tokens_of
from luminous_daemon.core.definitions import Append, Drop, DropItem, Put, is_same
from luminous_protocol.changes import split_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from luminous_daemon.configuration.nodes import Tree
    from luminous_daemon.configuration.scope import Scope
    from luminous_daemon.core.definitions import Edit
    from luminous_protocol.changes import Value

_COMPUTED = "its value in line {} is computed"
_ARGUMENTS = ("pkgs", "lib")
_WHEN = "Is it meant always, or only under that condition?"
_WHICH = "Which of them is meant?"
_THAT_FORM = "Is that the one that is meant?"
_BESIDE = "Is the plain one wanted beside it?"
_IN_FULL = "It counts less than the option's own default. Is a plain value to stand there instead?"
Splices = tuple[Splice, ...]
Held = tuple[Definition, Operand, Node]
"""A definition of a list, the part of it that holds an item, and the item."""


class Editor:
    """Finds what one edit of a file comes to."""

    def __init__(self, tree: Tree) -> None:
        """Edit the file of this tree."""
        self._tree = tree
        self._layout = Layout(tree.text)
        self._modules = modules_of(tree)
        self._hosts = list(dict.fromkeys(host for one in self._modules for host in one.hosts))

    def splices(self, edit: Edit) -> Splices:
        """Return what is put in and taken out; nothing where the edit holds already.

        Raises `NotEditable`.
        """
        places = places_of(self._tree, self._modules, split_option(edit.option))
        match edit:
            case Put(value=value):
                return self._put(places, value)
            case Append(item=item):
                return self._append(places, item)
            case DropItem(item=item):
                return self._drop_item(places, item)
            case Drop():
                return self._drop(places)

    # --- the four edits

    def _put(self, places: Places, value: Value) -> Splices:
        found = self._only(places)
        if found is None:
            return self._define(places, value)
        node, scope = without_priority(found.binding.value, found.scope)
        with contextlib.suppress(Unknown):
            if is_same(value_of(node, scope), value):
                return ()
        self._check_replaceable(node, scope)
        self._check_not_recursive(found.binding)
        rendered = render(value)
        if node is not found.binding.value and rendered.startswith(("-", "pkg:")):
            rendered = f"({rendered})"
        arguments = self._arguments(rendered, scope, found.module)
        return (*arguments, Splice(node.start, node.end, rendered))

    def _append(self, places: Places, item: Value) -> Splices:
        if self._is_held(places, item):
            return ()
        active = places.active
        if not active:
            return self._define(places, [item])
        if len(active) > 1:
            self._check_one_host()
        for definition in active:
            self._check_once([one for one in active if one.module is definition.module])
        why: NotEditable | None = None
        for definition in active:
            operands = self._operands(definition)
            certain = [operand for operand in operands if not operand.is_conditional]
            chosen = self._chosen(certain, item)
            if chosen and chosen.literal:
                self._check_not_recursive(chosen.literal)
                spelled, arguments = self._spelled(item, chosen.scope, definition.module)
                return (*arguments, self._layout.into_list(chosen.literal, spelled))
            why = why or self._why_not_in(operands, definition)
        raise why or NotEditable("it has no list to go to")

    def _is_held(self, places: Places, item: Value) -> bool:
        """Tell whether a list holds `item` for certain. Raises `NotEditable` where one may."""
        unclear: NotEditable | None = None
        for definition in places.definitions:
            for operand in self._operands(definition):
                for node in operand.items:
                    match = match_item(node, operand.scope, item)
                    is_conditional = operand.is_conditional or definition.condition
                    if match is Match.YES and not is_conditional:
                        if len(definition.module.hosts) < len(self._hosts):
                            self._check_one_host()
                        return True
                    if match is Match.YES:
                        unclear = self._refusal(
                            "it is in a list in line {} that is conditional", node, _WHEN
                        )
                    elif match is Match.MAYBE and (
                        isinstance(item, dict) or not is_of_machine(node, operand.scope)
                    ):
                        unclear = self._refusal(
                            "it stands in line {} in another form", node, _BESIDE
                        )
        if unclear:
            raise unclear
        return False

    def _operands(self, definition: Definition) -> list[Operand]:
        return list(operands_of(self._tree, definition.binding.value, definition.scope))

    def _drop_item(self, places: Places, item: Value) -> Splices:
        held = [
            found for definition in places.definitions for found in self._held(definition, item)
        ]
        if places.obstacles:
            raise NotEditable(places.obstacles[0])
        if not held:
            return ()
        literals = {operand.literal for _, operand, _ in held}
        if len(held) > 1 and (isinstance(item, dict) or len(literals) > 1):
            lines = " and ".join(str(self._line(node)) for _, _, node in held)
            raise NotEditable(f"it stands there more than once, in lines {lines}", _WHICH)
        definition, operand, node = held[0]
        if definition.condition:
            raise NotEditable(definition.condition, _WHEN)
        if operand.is_conditional:
            raise self._refusal("it is in a list in line {} that is conditional", node, _WHEN)
        if operand.literal is None:
            raise self._refusal("the list that holds it in line {} is used elsewhere too", node)
        self._check_not_recursive(operand.literal)
        siblings = operand.literal.items
        return tuple(self._layout.out_of(each, siblings) for _, _, each in held)

    def _held(self, definition: Definition, item: Value) -> Iterator[Held]:
        """Give where `item` stands in a definition. Raises `NotEditable` unless all is seen."""
        for operand in self._operands(definition):
            if not operand.is_visible:
                raise self._refusal("what its list gets in line {} is computed", operand.node)
            for node in operand.items:
                match match_item(node, operand.scope, item):
                    case Match.YES:
                        yield definition, operand, node
                    case Match.MAYBE:
                        raise self._refusal(
                            "it may stand in line {} in another form", node, _THAT_FORM
                        )

    def _drop(self, places: Places) -> Splices:
        found = self._only(places)
        if found is None:
            return ()
        self._check_not_recursive(found.binding)
        return (self._layout.out_of(found.binding, found.owner.bindings),)

    # --- what is certain

    def _only(self, places: Places) -> Definition | None:
        """Return the one definition, which always counts; None where there is none."""
        if places.definitions:
            self._check_once(places.definitions)
            if places.definitions[0].condition:
                raise NotEditable(places.definitions[0].condition, _WHEN)
        if places.obstacles:
            raise NotEditable(places.obstacles[0])
        return places.definitions[0] if places.definitions else None

    def _check_once(self, definitions: Sequence[Definition]) -> None:
        if len(definitions) > 1:
            lines = " and ".join(str(self._line(found.binding)) for found in definitions)
            raise NotEditable(f"it is defined more than once, in lines {lines}", _WHICH)

    def _check_one_host(self) -> None:
        """Raise `NotEditable` where the flake has several machines."""
        if len(self._hosts) > 1:
            names = f"{', '.join(self._hosts[:-1])} or {self._hosts[-1]}"
            raise NotEditable(
                "it is the flake of several machines", f"Which machine is meant: {names}?"
            )

    def _check_replaceable(self, node: Node, scope: Scope) -> None:
        """Raise `NotEditable` for a value that does not say itself what it is."""
        plain, scope = inside(node, scope)
        if isinstance(plain, Application):
            name = scope.library_function(plain.function)
            if name in CONDITIONS:
                raise self._refusal(f"its value depends on {name} in line {{}}", plain, _WHEN)
            if name in {"mkOptionDefault", "mkOverride"}:
                raise self._refusal(_COMPUTED, plain, _IN_FULL)
        if isinstance(plain, ListLiteral):
            return
        if isinstance(plain, Text) or (isinstance(plain, PathLiteral) and not plain.parts):
            return
        try:
            value_of(plain, scope)
        except Unknown:
            raise self._refusal(_COMPUTED, plain) from None

    def _check_not_recursive(self, place: Node, name: str = "") -> None:
        """Raise `NotEditable` where a recursive set around `place` uses what is to be another.

        `name` is bound anew at `place`, if given.
        """
        for node in self._tree.root.walk():
            if not (isinstance(node, AttributeSet) and node.is_recursive):
                continue
            if not node.start <= place.start < node.end:
                continue
            names = {name} if node is place else set[str]()
            for binding in node.bindings:
                if isinstance(binding, Binding) and binding.start <= place.start < binding.end:
                    names.add(binding.path[0].name or "")
            if any(_speaks_of(other, names) for other in node.walk()):
                raise self._refusal(
                    "the set in line {} is recursive, and uses what would be another", node
                )

    def _line(self, node: Node) -> int:
        return line_of(self._tree.text, node.start)

    def _refusal(self, text: str, node: Node, question: str = "") -> NotEditable:
        return NotEditable(text.format(self._line(node)), question)

    # --- lists

    def _chosen(self, operands: Sequence[Operand], item: Value) -> Operand | None:
        """Return the part of a list that an item goes to: a package best where `pkgs` is opened."""
        found = [operand for operand in operands if operand.literal]
        if isinstance(item, dict):
            found.sort(key=lambda operand: operand.scope.innermost() != "pkgs")
        return found[0] if found else None

    def _why_not_in(self, operands: Sequence[Operand], definition: Definition) -> NotEditable:
        if any(operand.is_conditional for operand in operands):
            return self._refusal("its list in line {} is conditional", definition.binding, _WHEN)
        return self._refusal(_COMPUTED, definition.binding)

    def _spelled(self, item: Value, scope: Scope, module: Module) -> tuple[str, Splices]:
        """Return an item as it is written into a list, and what else that needs."""
        if isinstance(item, dict) and set(item) == {"package"}:
            parts = str(item["package"]).split(".")
            is_plain = render_name(parts[0]) == parts[0] and not scope.is_bound(parts[0])
            if scope.innermost() == "pkgs" and is_plain:
                return render_path(tuple(parts)), ()
        text = render([item]).removeprefix("[ ").removesuffix(" ]")
        return text, self._arguments(text, scope, module)

    # --- new definitions

    def _define(self, places: Places, value: Value) -> Splices:
        """Bind the option in the set that is nearest to it."""
        if places.obstacles:
            raise NotEditable(places.obstacles[0])
        if _is_of_home_manager(self._modules[0]) and places.path[:1] != ("home",):
            raise NotEditable("it is a module of Home Manager")
        self._check_one_host()
        why = NotEditable("it has no plain place for one more definition")
        for container in sorted(places.containers, key=lambda item: len(item.rest)):
            if container.is_open:
                try:
                    return self._define_in(container, value)
                except NotEditable as error:
                    why = error
        raise why

    def _define_in(self, container: Container, value: Value) -> Splices:
        self._check_not_recursive(container.owner, container.rest[0])
        rendered = render(value)
        arguments = self._arguments(rendered, container.scope, container.module)
        line = f"{render_path(container.rest)} = {rendered};"
        behind = _neighbour(container)
        return (*arguments, self._layout.into_set(container.owner, line, behind))

    def _arguments(self, rendered: str, scope: Scope, module: Module) -> Splices:
        """Return what makes the names in `rendered` mean what they are to."""
        words = {token.text for token in tokens_of(rendered) if token.kind == "word"}
        for name in ("true", "false", "null", "builtins"):
            if name in words and scope.local(name):
                raise NotEditable(f"it gives the name {name} another meaning")
        found: list[Splice] = []
        for name in _ARGUMENTS:
            if name in words:
                found += self._argument(name, scope, module)
        return tuple(found)

    def _argument(self, name: str, scope: Scope, module: Module) -> Iterator[Splice]:
        if scope.meanings(Variable(0, 0, name))[:1] == (name,) and scope.local(name):
            return
        function = module.function
        formals = function.formals if function else None
        is_used = function and any(_speaks_of(node, {name}) for node in function.walk())
        if scope.local(name) or is_used:
            raise NotEditable(f"it gives the name {name} another meaning")
        if formals is None or not formals.has_ellipsis:
            raise NotEditable(f"{name} is not among its arguments")
        at = self._tree.text.rindex("...", formals.start, formals.end)
        gap = re.search(r"\s*\Z", self._tree.text[formals.start + 1 : at])
        yield Splice(at, at, f"{name},", "", gap[0] if gap and "\n" in gap[0] else " ")


def _is_of_home_manager(module: Module) -> bool:
    """Tell whether a module says something of a person's home, which NixOS has no options for."""
    bindings = module.body.bindings if isinstance(module.body, AttributeSet) else ()
    return any(isinstance(one, Binding) and one.path[0].name == "home" for one in bindings)


def _neighbour(container: Container) -> Binding | Inherit | None:
    """Return the binding that a new one goes behind: the last that is most like it."""

    def alike(binding: Binding | Inherit) -> int:
        keys = binding.path if isinstance(binding, Binding) else ()
        count = 0
        for key, name in zip(keys, container.rest, strict=False):
            if key.name != name:
                break
            count += 1
        return count

    bindings = container.owner.bindings
    return max(reversed(bindings), key=alike, default=None)


def _speaks_of(node: Node, names: set[str]) -> bool:
    """Tell whether `node` uses one of `names`, whichever of that name is meant."""
    if isinstance(node, Variable):
        return node.name in names
    if isinstance(node, Inherit) and node.source is None:
        return any(key.name in names for key in node.names)
    return False
