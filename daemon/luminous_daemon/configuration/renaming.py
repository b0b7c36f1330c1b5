"""Another name for what a Nix file defines or uses, wherever it stands."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from luminous_daemon.configuration.bindings import Bound, bindings_of
from luminous_daemon.configuration.layout import Layout, Splice
from luminous_daemon.configuration.modules import line_of
from luminous_daemon.configuration.nix_values import render_name, render_path
from luminous_daemon.configuration.nodes import (
    Formal,
    Inherit,
    Key,
    Node,
    Question,
    Selection,
    Variable,
)
from luminous_daemon.configuration.not_editable import NotEditable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from luminous_daemon.configuration.bindings import Keys
    from luminous_daemon.configuration.nodes import Tree
    from luminous_daemon.configuration.place import Place

Names = tuple[str, ...]
Splices = tuple[Splice, ...]


def renamed(tree: Tree, names: tuple[Names, Names], place: Place) -> Splices:
    """Return what gives the first of `names` the second instead. Raises `NotEditable`."""
    return _definitions(tree, names, place) or _uses(tree, names, place)


def _definitions(tree: Tree, names: tuple[Names, Names], place: Place) -> Splices:
    """Rename an option in all of its definitions, or in that at the place."""
    old, new = names
    bounds = list(bindings_of(tree.root))
    runs = {
        bound.keys[len(old) - 1].start: bound
        for bound in bounds
        if bound.names[: len(old)] == old and _ends_in(bound, len(old))
    }
    by_key = {key.start: bound for bound in bounds for key in bound.binding.path}
    starts = {bound.binding.start: at for at, bound in runs.items()} | {at: at for at in runs}
    found = sorted({starts[at] for at in place.chosen([*starts])})
    return tuple(
        splice
        for at in found
        for splice in _renamed_keys(tree, runs[at].keys[: len(old)], new, by_key)
    )


def _ends_in(bound: Bound, count: int) -> bool:
    """Tell whether the first `count` keys end in the binding's own path."""
    return len(bound.keys) - len(bound.binding.path) < count


def _renamed_keys(tree: Tree, keys: Keys, new: Names, by_key: dict[int, Bound]) -> Iterator[Splice]:
    old = tuple(key.name or "" for key in keys)
    first, last = _differing(old, new)
    run, put = keys[first : len(old) - last], new[first : len(new) - last]
    if len({by_key[key.start].binding.start for key in run}) == 1:
        yield Splice(run[0].start, run[-1].end, render_path(put))
    else:
        yield from _moved(tree, (by_key[run[0].start], by_key[keys[-1].start]), keys, new)


def _differing(old: Names, new: Names) -> tuple[int, int]:
    """Return how many names are the same at the beginning and at the end; one is left of each."""
    most = min(len(old), len(new)) - 1
    first = next((n for n in range(most) if old[n] != new[n]), most)
    last = next((n for n in range(most - first) if old[-1 - n] != new[-1 - n]), most - first)
    return first, last


def _moved(tree: Tree, ends: tuple[Bound, Bound], keys: Keys, new: Names) -> Iterator[Splice]:
    """Take a definition out of the sets around it, for its new name is not below all of them."""
    outer, inner = ends
    if not (outer.is_plain and inner.is_plain):
        raise NotEditable(
            f"in line {line_of(tree.text, inner.binding.start)} the old name stands in several "
            "parts, between which names may get another meaning"
        )
    layout, binding = Layout(tree.text), inner.binding
    above = len(outer.keys) - len(outer.binding.path)
    below = inner.keys[len(keys) :]
    if any(key.name is None for key in below):
        raise NotEditable("a name in it is computed")
    path = (*new[above:], *(str(key.name) for key in below))
    value = tree.text[binding.value.start : binding.value.end]
    yield layout.out_of(binding, inner.owner.bindings)
    yield layout.into_set(outer.owner, f"{render_path(path)} = {value};", outer.binding)


class _Kind(Enum):
    """What a name does: it is taken from a set, or by itself, or bound as an argument or so."""

    KEY = "key"
    VARIABLE = "variable"
    ARGUMENT = "argument"
    INHERITED = "inherited"


_BY_THEMSELVES = {_Kind.VARIABLE, _Kind.ARGUMENT}
_BOUND = {_Kind.ARGUMENT, _Kind.INHERITED}


class _Use(NamedTuple):
    """A run of names in an expression that begins at `head`."""

    start: int
    end: int
    kind: _Kind
    head: int


def _uses(tree: Tree, names: tuple[Names, Names], place: Place) -> Splices:
    """Rename what is used: a name by itself wherever it is, any other at one place only.

    So an argument is renamed with all that uses it.
    """
    old, new = names
    uses = {use.start: use for use in _uses_of(tree.root, old)}
    chosen = [uses[at] for at in place.chosen(sorted(uses))]
    if not chosen:
        raise NotEditable(f"{'.'.join(old)} does not stand there")
    is_one_name = all(use.kind in _BY_THEMSELVES for use in chosen)
    if is_one_name and len(old) == 1:
        chosen = [use for use in uses.values() if use.kind in _BY_THEMSELVES]
    if len(chosen) > 1 and not (is_one_name or _are_alike(tree.text, chosen)):
        lines = sorted({line_of(tree.text, use.start) for use in chosen})
        raise NotEditable(f"it stands there more than once, in lines {_listed(lines)}")
    return tuple(Splice(use.start, use.end, _spelled(use, new)) for use in chosen)


def _are_alike(text: str, uses: Sequence[_Use]) -> bool:
    """Tell whether names are all taken from the same set, such as `pkgs.a` twice."""
    return len({text[use.head : use.end] for use in uses}) == 1


def _spelled(use: _Use, new: Names) -> str:
    if use.kind in _BOUND and len(new) > 1:
        raise NotEditable("a name that is bound there cannot become a path")
    if use.kind is not _Kind.KEY and render_name(new[0]) != new[0]:
        raise NotEditable(f"{new[0]} cannot be a name there")
    return render_path(new)


def _uses_of(root: Node, old: Names) -> Iterator[_Use]:
    for node in root.walk():
        match node:
            case Variable():
                yield from _runs([node], old, is_variable=True)
            case Selection(whole=Variable() as head, path=path):
                yield from _runs([head, *path], old, is_variable=True)
            case Selection(path=path) | Question(path=path):
                for use in _runs(path, old, is_variable=False):
                    yield use._replace(head=node.start)
            case Inherit() | Formal():
                yield from _bound_in(node, old)


def _bound_in(node: Inherit | Formal, old: Names) -> Iterator[_Use]:
    if isinstance(node, Inherit):
        for key in node.names:
            if (key.name,) == old:
                yield _Use(key.start, key.end, _Kind.INHERITED, node.start)
    elif (node.name,) == old:
        end = node.start + len(node.name)
        yield _Use(node.start, end, _Kind.ARGUMENT, node.start)


def _runs(nodes: Sequence[Variable | Key], old: Names, *, is_variable: bool) -> Iterator[_Use]:
    names = [node.name for node in nodes]
    for at in range(len(names) - len(old) + 1):
        if tuple(names[at : at + len(old)]) == old:
            kind = _Kind.VARIABLE if is_variable and at == 0 else _Kind.KEY
            yield _Use(nodes[at].start, nodes[at + len(old) - 1].end, kind, nodes[0].start)


def _listed(lines: Sequence[int]) -> str:
    return " and ".join(map(str, lines))
