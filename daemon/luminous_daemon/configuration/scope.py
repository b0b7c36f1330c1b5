"""What the names in a Nix file stand for, as far as the file itself says it.

A name's meaning is a path such as `pkgs.vim` or `lib.mkForce`, which begins with an argument of the
module or with `builtins`. Where other functions or computed values come in, it is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_daemon.configuration.nodes import (
    Assertion,
    Binding,
    Inherit,
    Let,
    Node,
    Parenthesised,
    Selection,
    Variable,
    With,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from luminous_daemon.configuration.nodes import Function

UNKNOWN = "?"
"""How the meaning of a name begins that is taken out of something unknown."""
_MOST_STEPS = 20
_MOST_WORK = 100_000
_GLOBAL = frozenset(
    {
        *("abort", "baseNameOf", "break", "builtins", "derivation", "derivationStrict", "dirOf"),
        *("false", "fetchGit", "fetchMercurial", "fetchTarball", "fetchTree", "fromTOML", "import"),
        *("isNull", "map", "null", "placeholder", "removeAttrs", "scopedImport", "throw"),
        *("toString", "true"),
    }
)
"""What stands for itself everywhere; no `with` can give it another meaning."""


@dataclass(frozen=True, slots=True)
class Local:
    """What a name is bound to: a value in the same scope, or what it is inherited from.

    `meaning` is what an argument stands for. With nothing of all that, it is not known.
    """

    value: Node | None = None
    source: Node | None = None
    is_from_around: bool = False
    meaning: str | None = None


class TooMuch(ValueError):
    """Names that mean one another so often that nobody could have written it to be read."""


class Work:
    """How often names may still be looked up in one file."""

    def __init__(self) -> None:
        """Begin with enough for any file that a person wrote."""
        self._left = _MOST_WORK

    def spend(self, amount: int = 1) -> None:
        """Take note of so much work. Raises `TooMuch`."""
        self._left -= amount
        if self._left < 0:
            raise TooMuch


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that are bound at a place, by what is around it.

    `opened` is what a `with` has opened, which is read in the scope around; `work` is shared by all
    scopes of a file.
    """

    around: Scope | None = None
    names: Mapping[str, Local] = field(default_factory=dict)
    opened: Node | None = None
    work: Work = field(default_factory=Work)

    def binding(self, bindings: Iterable[Binding | Inherit]) -> Scope:
        """Return the scope inside of `let` or `rec`, with its bindings."""
        names: dict[str, Local] = {}
        for binding in bindings:
            if isinstance(binding, Binding):
                name, *rest = binding.path
                names[name.name or ""] = Local() if rest else Local(binding.value)
            else:
                source = binding.source
                local = Local(source=source, is_from_around=source is None)
                names |= {key.name or "": local for key in binding.names}
        return Scope(self, names, work=self.work)

    def opening(self, opened: Node) -> Scope:
        """Return the scope inside of a `with`."""
        return Scope(self, opened=opened, work=self.work)

    def calling(self, function: Function, *, is_module: bool) -> Scope:
        """Return the scope inside of a function; a module's arguments mean themselves."""
        formals = function.formals.names if function.formals else ()
        names = {
            item.name: Local(meaning=item.name if is_module else f"{UNKNOWN}.{item.name}")
            for item in formals
        }
        if function.name:
            names[function.name] = Local(meaning="" if is_module else UNKNOWN)
        return Scope(self, names, work=self.work)

    def local(self, name: str) -> tuple[Local, Scope] | None:
        """Return what binds `name` other than by a `with`, and the scope that does so."""
        self.work.spend()
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name], scope
            scope = scope.around
        return None

    def is_bound(self, name: str) -> bool:
        """Tell whether `name` means something that no `with` can change."""
        return name in _GLOBAL or name.startswith("__") or self.local(name) is not None

    def innermost(self) -> str | None:
        """Return the meaning of what the innermost `with` has opened; None where there is none."""
        opened = next(iter(self.opened_sets()), None)
        if opened is None:
            return None
        return next(iter(opened[1].meanings(opened[0])), UNKNOWN)

    def opened_sets(self) -> Iterator[tuple[Node, Scope]]:
        """Give what each `with` has opened, the innermost first, and the scope it is read in."""
        scope: Scope | None = self
        while scope is not None:
            if scope.opened is not None and scope.around is not None:
                yield scope.opened, scope.around
            scope = scope.around

    def meanings(self, node: Node, steps: int = 0) -> tuple[str, ...]:
        """Return what `node` may mean, the likeliest first; nothing where that is not known.

        There is more than one where several sets are opened by `with`.
        """
        match node:
            case _ if steps > _MOST_STEPS:
                return ()
            case Parenthesised(inner=inner):
                return self.meanings(inner, steps + 1)
            case Selection(whole=whole, path=path, default=None):
                keys = [key.name for key in path]
                if None in keys:
                    return ()
                below = ".".join(str(key) for key in keys)
                return tuple(
                    f"{base}.{below}".removeprefix(".") for base in self.meanings(whole, steps + 1)
                )
            case Variable(name=name):
                return _meanings_of_name(self, name, steps + 1)
            case With(scope=opened, body=body):
                return self.opening(opened).meanings(body, steps + 1)
            case Let(bindings=bindings, body=body):
                return self.binding(bindings).meanings(body, steps + 1)
            case Assertion(body=body):
                return self.meanings(body, steps + 1)
        return ()

    def is_alias(self, node: Node) -> bool:
        """Tell whether `node` has its meaning by way of a name that the file itself gives it."""
        while isinstance(node, Parenthesised | Selection):
            node = node.inner if isinstance(node, Parenthesised) else node.whole
        found = self.local(node.name) if isinstance(node, Variable) else None
        return found is not None and found[0].meaning is None and found[0].source is None

    def library_function(self, node: Node) -> str:
        """Return the name of a function of nixpkgs's library, such as `mkIf`; else nothing."""
        parts = next(iter(self.meanings(node)), "").split(".")
        return parts[-1] if "lib" in parts[:-1] else ""


def _meanings_of_name(scope: Scope, name: str, steps: int) -> tuple[str, ...]:
    found = scope.local(name)
    if found is not None:
        return _meanings_of_local(found[1], name, found[0], steps)
    if scope.is_bound(name):
        return (name if name == "builtins" else f"builtins.{name}",)
    return tuple(
        f"{base}.{name}".removeprefix(".")
        for opened, around in scope.opened_sets()
        for base in around.meanings(opened, steps + 1) or (UNKNOWN,)
    )


def _meanings_of_local(scope: Scope, name: str, local: Local, steps: int) -> tuple[str, ...]:
    """Return what `name` means, which `scope` binds as `local` says."""
    if local.meaning is not None:
        return (local.meaning,)
    if local.value is not None:
        return scope.meanings(local.value, steps + 1)
    if local.source is not None:
        bases = scope.meanings(local.source, steps + 1)
        return tuple(f"{base}.{name}".removeprefix(".") for base in bases)
    if local.is_from_around and scope.around is not None and steps <= _MOST_STEPS:
        return _meanings_of_name(scope.around, name, steps + 1)
    return ()
