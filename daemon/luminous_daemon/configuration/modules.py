"""The modules in a Nix file, and where in them an option gets its value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from luminous_daemon.configuration.nodes import (
    Application,
    Assertion,
    AttributeSet,
    Binding,
    Conditional,
    Function,
    Inherit,
    Let,
    ListLiteral,
    Node,
    Operation,
    Parenthesised,
    PathLiteral,
    Selection,
    Text,
    Variable,
    With,
)
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_daemon.configuration.nodes import Tree

CONDITIONS = {"mkIf": "mkIf", "optionalAttrs": "lib.optionalAttrs"}
_SECTIONS = ("config", "options")
_OF_FLAKES = {"inputs", "nixConfig", "description"}
"""What NixOS has no options for, but a flake has."""
_OPTIONAL = {"optional", "optionals"}
_TWO = 2
_MERGED = 1
"""`mkMerge` takes one argument."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module: what it says, the scope of that, and the function that it is, if it is one.

    It counts only where `condition` is met, if there is one; `hosts` are the machines of a flake
    that have it.
    """

    body: Node
    scope: Scope
    function: Function | None
    condition: Node | None = None
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """A binding that gives an option its value, in the set and the scope that hold it.

    `condition` says on what it depends, and is empty for one that always counts.
    """

    binding: Binding
    owner: AttributeSet
    scope: Scope
    module: Module
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """A set that always counts, in which a binding of `rest` would give the option its value.

    It is not open for one where the set binds a part of `rest` to something that is no set.
    """

    owner: AttributeSet
    scope: Scope
    rest: tuple[str, ...]
    module: Module
    is_open: bool


@dataclass(slots=True)
class Places:
    """Where an option is defined, where it could be, and what keeps either from being certain.

    `parts` are bindings below it, each of which defines a part of its value.
    """

    path: tuple[str, ...] = ()
    definitions: list[Definition] = field(default_factory=list)
    parts: list[Binding] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)

    @property
    def active(self) -> list[Definition]:
        """The definitions that always count."""
        return [item for item in self.definitions if not item.condition]


def line_of(text: str, at: int) -> int:
    """Return the number of the line that holds `at`."""
    return text.count("\n", 0, at) + 1


def inside(node: Node, scope: Scope) -> tuple[Node, Scope]:
    """Return what `node` comes to within brackets, `let`, `with` and `assert`."""
    while True:
        match node:
            case Parenthesised(inner=inner):
                node = inner
            case Let(bindings=bindings, body=body):
                node, scope = body, scope.binding(bindings)
            case With(scope=opened, body=body):
                node, scope = body, scope.opening(opened)
            case Assertion(body=body):
                node = body
            case _:
                return node, scope


def modules_of(tree: Tree) -> list[Module]:
    """Return the module that a file is, or those that stand in a flake. Raises `NotEditable`."""
    root, scope = inside(tree.root, Scope())
    outputs = _outputs_of(root)
    if outputs is None and _is_of_flake(root):
        raise NotEditable("it is a flake that has no outputs")
    if outputs is None:
        return list(_with_imported(_module(root, scope)))
    value, scope = inside(outputs, scope)
    found = list(_flake_modules(value, scope)) if isinstance(value, Function) else []
    if not found:
        raise NotEditable("it is a flake that has no module in it")
    return found


def _module(root: Node, scope: Scope) -> Module:
    function = root if isinstance(root, Function) else None
    if function:
        root, scope = inside(function.body, scope.calling(function, is_module=True))
    if isinstance(root, Function):
        raise NotEditable("it is a function that makes a module")
    if function and function.formals and not function.formals.has_ellipsis:
        raise NotEditable("it is a function that takes no other arguments, so it is no module")
    return Module(root, scope, function)


def _with_imported(module: Module) -> Iterator[Module]:
    """Give a module, and those that stand among its imports themselves."""
    yield module
    body = module.body
    for binding in body.bindings if isinstance(body, AttributeSet) else ():
        if isinstance(binding, Binding) and [key.name for key in binding.path] == ["imports"]:
            yield from _inline_modules(binding.value, module.scope)


def _outputs_of(root: Node) -> Node | None:
    for binding in root.bindings if isinstance(root, AttributeSet) else ():
        if isinstance(binding, Binding) and binding.path[0].name == "outputs":
            return binding.value
    return None


def _is_of_flake(root: Node) -> bool:
    """Tell whether a set without arguments says what only a flake says."""
    bindings = root.bindings if isinstance(root, AttributeSet) else ()
    return any(isinstance(one, Binding) and one.path[0].name in _OF_FLAKES for one in bindings)


def _flake_modules(outputs: Function, scope: Scope) -> Iterator[Module]:
    """Give the modules that are written into a flake, each once, with the machines it is of."""
    body, scope = inside(outputs.body, scope.calling(outputs, is_module=False))
    found: dict[tuple[int, int], Module] = {}
    for name, value, within in _systems(body, scope):
        if not name:
            raise NotEditable("it is a flake that has a machine without a plain name")
        for module in _modules_of_system(value, within):
            place = module.body.start, module.body.end
            known = found.get(place, module)
            found[place] = replace(known, hosts=(*known.hosts, name))
    if not found and not any(_systems(body, scope)):
        raise NotEditable("it is a flake that does not have a machine in a plain form")
    yield from found.values()


def _modules_of_system(node: Node, scope: Scope) -> Iterator[Module]:
    system, scope = inside(node, scope)
    if not (isinstance(system, Application) and isinstance(system.arguments[0], AttributeSet)):
        raise NotEditable("its machine is made by a function that is not understood")
    if scope.library_function(system.function) != "nixosSystem" or len(system.arguments) != 1:
        raise NotEditable("its machine is not made by nixosSystem")
    argument = system.arguments[0]
    inner = scope.binding(argument.bindings) if argument.is_recursive else scope
    for binding in argument.bindings:
        if isinstance(binding, Binding) and [key.name for key in binding.path] == ["modules"]:
            yield from _inline_modules(binding.value, inner)


def _systems(body: Node, scope: Scope) -> Iterator[tuple[str, Node, Scope]]:
    """Give each name and value in `nixosConfigurations`; no name where it is not a plain one."""
    if not isinstance(body, AttributeSet):
        return
    inner = scope.binding(body.bindings) if body.is_recursive else scope
    for binding in body.bindings:
        if not isinstance(binding, Binding) or binding.path[0].name != "nixosConfigurations":
            continue
        if len(binding.path) > 1:
            yield binding.path[1].name or "", binding.value, inner
            continue
        value, within = inside(binding.value, inner)
        if not isinstance(value, AttributeSet):
            yield "", value, within
            continue
        for system in value.bindings:
            name = system.path[0].name if isinstance(system, Binding) else None
            yield name or "", system.value if isinstance(system, Binding) else system, within


def _inline_modules(modules: Node, scope: Scope) -> Iterator[Module]:
    node, scope = inside(modules, scope)
    name = scope.library_function(node.function) if isinstance(node, Application) else ""
    if isinstance(node, Application) and name in _OPTIONAL and len(node.arguments) == _TWO:
        find = _inline_modules if name == "optionals" else _listed_module
        for module in find(node.arguments[1], scope):
            yield replace(module, condition=node)
        return
    if isinstance(node, Operation) and node.sign == "++":
        for operand in node.operands:
            yield from _inline_modules(operand, scope)
        return
    if not isinstance(node, ListLiteral):
        if not _is_elsewhere(node, scope):
            yield Module(node, scope, None)
        return
    for item in node.items:
        yield from _listed_module(item, scope)


def _listed_module(item: Node, scope: Scope) -> Iterator[Module]:
    """Give the module that an item of a list of modules is; none for one in another file."""
    root, scope = inside(item, scope)
    local = scope.local(root.name) if isinstance(root, Variable) else None
    if local and local[0].value is not None:
        root, scope = inside(local[0].value, local[1])
    if isinstance(root, AttributeSet | Function):
        yield from _with_imported(_module(root, scope))
    elif not _is_elsewhere(root, scope):
        yield Module(root, scope, None)  # of which nothing is known


def _is_elsewhere(node: Node, scope: Scope) -> bool:
    """Tell whether a module surely stands in another file, or comes from an argument."""
    node, scope = inside(node, scope)
    match node:
        case PathLiteral() | Text():
            return True
        case Variable() | Selection():
            return bool(scope.meanings(node))
        case Operation(operands=operands):
            return all(_is_elsewhere(operand, scope) for operand in operands)
        case ListLiteral(items=items):
            return all(_is_elsewhere(item, scope) for item in items)
        case Application(function=function, arguments=arguments):
            if scope.library_function(function):
                return all(_is_elsewhere(argument, scope) for argument in arguments)
            return bool(scope.meanings(function))
    return False


def places_of(tree: Tree, modules: list[Module], path: tuple[str, ...]) -> Places:
    """Return the places of the option of that path in all `modules`."""
    search = _Search(tree.text, path)
    for module in modules:
        rest = ("config", *path) if _has_sections(module.body) else path
        at = _At(module.scope, rest, module)
        if module.condition:
            at = search.under(at, "a condition", module.condition)
        search.look(module.body, at)
    return search.found


def _has_sections(body: Node) -> bool:
    """Tell whether a module keeps its definitions in `config`."""
    for binding in body.bindings if isinstance(body, AttributeSet) else ():
        names = binding.path[:1] if isinstance(binding, Binding) else binding.names
        if any(key.name in _SECTIONS for key in names):
            return True
    return False


def _is_closing(binding: Binding | Inherit, rest: tuple[str, ...]) -> bool:
    """Tell whether `binding` keeps its set from binding anything below the start of `rest` too."""
    if isinstance(binding, Inherit):
        return False
    names = tuple(key.name for key in binding.path)
    return names == rest[: len(names)] and not isinstance(binding.value, AttributeSet)


@dataclass(frozen=True, slots=True)
class _At:
    """How a part is read: its scope, what is left of the path, its module and its condition."""

    scope: Scope
    rest: tuple[str, ...]
    module: Module
    condition: str = ""


class _Search:
    """One look for an option."""

    def __init__(self, text: str, path: tuple[str, ...]) -> None:
        self._text = text
        self.found = Places(path)

    def look(self, node: Node, at: _At) -> None:
        """Look through what `node` defines."""
        node, scope = inside(node, at.scope)
        at = replace(at, scope=scope)
        match node:
            case AttributeSet():
                self._look_through(node, at)
            case Function(body=body):  # a module inside of this one, such as a person's home
                module = _module(node, scope)
                rest = ("config", *at.rest) if _has_sections(module.body) else at.rest
                self.look(body, replace(at, scope=module.scope, rest=rest, module=module))
            case Conditional(one=one, other=other):
                for branch in (one, other):
                    self.look(branch, self.under(at, "an if", node))
            case Application(function=function, arguments=arguments):
                self._look_into_call(node, scope.library_function(function), arguments, at)
            case _:
                self._note("what is defined in line {} is computed", node)

    def _look_into_call(self, node: Node, name: str, arguments: tuple[Node, ...], at: _At) -> None:
        merged = inside(arguments[0], at.scope) if name == "mkMerge" else (None, at.scope)
        if name in CONDITIONS and len(arguments) == len((node, name)):
            self.look(arguments[1], self.under(at, CONDITIONS[name], node))
        elif isinstance(merged[0], ListLiteral) and len(arguments) == _MERGED:
            for item in merged[0].items:
                self.look(item, replace(at, scope=merged[1]))
        else:
            self._note("what is defined in line {} is computed", node)

    def under(self, at: _At, what: str, node: Node) -> _At:
        """Return how a part is read that depends on `what` in `node`."""
        condition = f"the definition depends on {what} in line {line_of(self._text, node.start)}"
        return replace(at, condition=at.condition or condition)

    def _look_through(self, node: AttributeSet, at: _At) -> None:
        if node.is_recursive:
            at = replace(at, scope=at.scope.binding(node.bindings))
        if not at.condition:
            is_open = not any(_is_closing(binding, at.rest) for binding in node.bindings)
            container = Container(node, at.scope, at.rest, at.module, is_open)
            self.found.containers.append(container)
        for binding in node.bindings:
            if isinstance(binding, Inherit):
                if any(key.name == at.rest[0] for key in binding.names):
                    self._note("it is inherited in line {}", binding)
            else:
                self._look_at(binding, node, at)

    def _look_at(self, binding: Binding, owner: AttributeSet, at: _At) -> None:
        names = [key.name for key in binding.path]
        for name, wanted in zip(names, at.rest, strict=False):
            if name is None:
                self._note(
                    "a name in line {} is computed, and might be that of the option", binding
                )
                return
            if name != wanted:
                return
        if len(names) > len(at.rest):
            self.found.parts.append(binding)
            self._note("it is set in parts in line {}", binding)
        elif len(names) == len(at.rest):
            found = Definition(binding, owner, at.scope, at.module, at.condition)
            self.found.definitions.append(found)
        else:
            self.look(binding.value, replace(at, rest=at.rest[len(names) :]))

    def _note(self, text: str, node: Node) -> None:
        self.found.obstacles.append(text.format(line_of(self._text, node.start)))
