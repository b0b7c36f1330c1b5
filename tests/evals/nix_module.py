"""What a module says: evaluated by real Nix with a library of the eval's own, and laid flat.

Nothing here knows how the product edits: it is what the product's edits are judged by.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from luminous_sandbox.toolchain import find_toolchain

if TYPE_CHECKING:
    from collections.abc import Sequence

MODULE: Final = Path(__file__).with_name("module.nix")
NORMAL: Final = 100
OF_DEFAULTS: Final = 1500
"""The priority of a default: what is weaker does not count, and what is equal clashes with it."""
IN_THE_MIDDLE: Final = 1000
_MARKED: Final = frozenset({"if", "merge", "override", "order"})
_LONGEST: Final = 20
"""Seconds for one file."""
_WAYS: Final = (
    {"whole": True, "deep": True, "lists": False},
    {"whole": False, "deep": True, "lists": False},
    {"whole": True, "deep": True, "lists": True},
    {"whole": False, "deep": False, "lists": True},
)
"""How to evaluate, the most telling first; what fails in one way may be evaluated in another."""
_WORD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_'+-]*")
_SCRATCH: Final = re.compile(r"/[^\s\"]*/judged/")

Place = tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """One definition: its value, with the priority and the order that the file gives it."""

    value: Any
    priority: int = NORMAL
    order: int = IN_THE_MIDDLE


@dataclass
class Tree:
    """All definitions of a file by the path of their option; `hosts` are the flake's machines."""

    said: dict[Place, list[Said]] = field(default_factory=lambda: defaultdict(list))
    hosts: list[Place] = field(default_factory=list)

    def places(self, option: Place) -> list[Place]:
        """Return where `option` may stand: in the module, or in each machine of the flake."""
        return [(*host, *option) for host in self.hosts] or [option]

    def at(self, place: Place) -> dict[Place, Any]:
        """Return what holds at a place and for everything inside it."""
        return {
            path: effective(said) for path, said in self.said.items() if path[: len(place)] == place
        }

    def counts(self, place: Place) -> bool:
        """Tell whether what holds at a place counts for more than the option's default."""
        found = (said for path, said in self.said.items() if path[: len(place)] == place)
        return all(min(one.priority for one in said) < OF_DEFAULTS for said in found)

    def below(self, option: Place) -> dict[Place, Any]:
        """Return what holds for `option` and inside it, in every machine."""
        return {
            path: value for place in self.places(option) for path, value in self.at(place).items()
        }

    def has(self, option: Place) -> bool:
        """Tell whether `option` is declared here, or it or something inside it defined."""
        declared = self.said.get(("(options)",), [])
        return bool(self.below(option)) or any(_reaches(said.value, option) for said in declared)


def _reaches(declared: Any, path: Place) -> bool:  # noqa: ANN401 - JSON
    if not path or not isinstance(declared, dict) or "_kind" in declared:
        return not path or isinstance(declared, dict)
    return path[0] in declared and _reaches(declared[path[0]], path[1:])


def effective(said: Sequence[Said]) -> Any:  # noqa: ANN401 - any value of Nix
    """Return what the definitions of one option come to; of different texts or numbers, all."""
    strongest = min(one.priority for one in said)
    kept = sorted((one for one in said if one.priority == strongest), key=lambda one: one.order)
    if all(isinstance(one.value, list) for one in kept):
        return [item for one in kept for item in one.value]
    first = kept[0].value
    same = all(is_equal(one.value, first) for one in kept)
    return first if same else {"_several": [one.value for one in kept]}


def is_equal(one: object, other: object) -> bool:
    """Tell whether two values are the same in Nix, where true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@dataclass(frozen=True)
class Nix:
    """The programs of real Nix, asked without any store."""

    programs: Path

    @classmethod
    @cache
    def found(cls) -> Nix:
        """Return the newer of the versions that the tests use."""
        return cls(find_toolchain("2.26").bin_dir)

    def parses(self, content: bytes) -> bool:
        """Tell whether Nix takes `content` for an expression."""
        return self._run(["--parse", "-"], content).returncode == 0

    def evaluate(self, content: bytes, words: Sequence[str]) -> tuple[Tree, Tree] | None:
        """Return what a file says with all conditions met, and with none; None if it cannot be.

        `words` are the names that everything a module is given has.
        """
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "judged" / "module.nix"
            file.parent.mkdir()
            file.write_bytes(content)
            for way in _WAYS:
                request = Path(scratch) / "request.json"
                request.write_text(json.dumps({"file": str(file), "words": words, **way}))
                expression = f"import {MODULE} {{ request = builtins.readFile {request}; }}"
                done = self._run(["--eval", "--strict", "--json", "-E", expression], b"")
                if done.returncode == 0:
                    both = json.loads(_SCRATCH.sub("/", done.stdout.decode()))
                    return lay_flat(both["met"]), lay_flat(both["unmet"])
        return None

    def _run(self, argv: Sequence[str], content: bytes) -> subprocess.CompletedProcess[bytes]:
        """Run Nix; what takes too long ends as `timeout` ends it."""
        command = [str(self.programs / "nix-instantiate"), *argv]
        environment = {**os.environ, "NIX_REMOTE": "dummy://"}
        try:
            return subprocess.run(
                command,
                input=content,
                capture_output=True,
                check=False,
                timeout=_LONGEST,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, 124, b"", b"")


def words_of(*contents: bytes) -> list[str]:
    """Return every word of some files, and the names of systems."""
    found = {word for text in contents for word in _WORD.findall(text.decode(errors="replace"))}
    return sorted(found | {"x86_64-linux", "aarch64-linux"})


def lay_flat(shown: Any) -> Tree:  # noqa: ANN401 - JSON
    """Return the definitions of a file as `module.nix` shows it."""
    tree = Tree()
    if isinstance(shown, dict) and "_flake" in shown:
        _lay_outputs(shown["_flake"], (), tree)
        tree.said["inputs",].append(Said(shown.get("inputs")))
    else:
        _lay_module(shown, (), tree)
    return tree


def _lay_outputs(shown: Any, at: Place, tree: Tree) -> None:  # noqa: ANN401 - JSON
    """Lay a flake's outputs flat: a machine is its modules, everything else a value."""
    if isinstance(shown, dict) and shown.get("_kind") == "system":
        tree.hosts.append(at)
        settings = dict(shown["settings"])
        for module in settings.pop("modules", []):
            _lay_module(_called(module), at, tree)
        tree.said[*at, "(system)"].append(Said(settings))
    elif isinstance(shown, dict) and shown and not _is_value(shown):
        for name, value in shown.items():
            _lay_outputs(value, (*at, name), tree)
    else:
        tree.said[at].append(Said(shown))


def _lay_module(shown: Any, at: Place, tree: Tree) -> None:  # noqa: ANN401 - JSON
    """Lay a module flat: its imports, its declarations and its definitions."""
    while isinstance(shown, dict) and "_called" in shown:
        shown = shown["_called"]
    if not isinstance(shown, dict) or _is_value(shown):
        tree.said[*at, "(imported)"].append(Said([shown]))
        return
    rest = dict(shown)
    for module in rest.pop("imports", []):
        _lay_module(_called(module), at, tree)
    if "options" in rest and ("config" in rest or set(rest) <= {"options", "config"}):
        tree.said[*at, "(options)"].append(Said(rest.pop("options")))
    if "config" in rest:
        _lay(rest.pop("config"), at, tree, Said(None))
    _lay(rest, at, tree, Said(None))


def _called(shown: Any) -> Any:  # noqa: ANN401 - JSON
    """Return what a module is that names no argument: among modules, each function is one."""
    return shown["_function"] if isinstance(shown, dict) and "_function" in shown else shown


def _is_value(shown: dict[str, Any]) -> bool:
    return not {"_mark", "_path", "_function", "_kind"}.isdisjoint(shown)


def _lay(shown: Any, at: Place, tree: Tree, around: Said) -> None:  # noqa: ANN401 - JSON
    """Lay a definition flat; `around` holds the priority and the order that are given outside."""
    if isinstance(shown, dict) and "_called" in shown:
        _lay_module(shown, at, tree)
    elif isinstance(shown, dict) and shown.get("_kind") in _MARKED:
        for content, said in _marked(shown, around):
            _lay(content, at, tree, said)
    elif isinstance(shown, dict) and shown and not _is_value(shown):
        for name, value in shown.items():
            _lay(value, (*at, name), tree, around)
    elif shown or at:
        tree.said[at].append(replace(around, value=shown))


def _marked(shown: dict[str, Any], around: Said) -> list[tuple[Any, Said]]:
    """Return what holds of a definition that is marked with `mkIf`, `mkForce` or their like."""
    match shown:
        case {"_kind": "merge", "contents": contents}:
            return [(content, around) for content in contents]
        case {"_kind": "if", "condition": False}:
            return []
        case {"_kind": "override", "priority": priority, "content": content}:
            return [(content, replace(around, priority=priority))]
        case {"_kind": "order", "priority": order, "content": content}:
            return [(content, replace(around, order=order))]
        case _:
            return [(shown["content"], around)]
