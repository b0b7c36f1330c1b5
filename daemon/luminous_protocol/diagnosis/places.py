"""Places: which lines of a trace name a file, and which of these files a person has written."""

from __future__ import annotations

import re
from dataclasses import dataclass

from luminous_protocol.diagnosis.report import Place

_FILE = r"(?P<file>(?:/|«[^»\n]{1,300}»/)[^\s:'\"`]{1,800})"
_AT = re.compile(
    rf"\s{{0,40}}(?:at|at:|whose name attribute is located at)\s{{1,4}}{_FILE}"
    r":(?P<line>\d{1,9}):(?P<column>\d{1,9})"
)
_ANY_AT = re.compile(
    r"\s{0,40}(?:at|whose name attribute is located at)\s{1,4}\S.{0,1000}:\d{1,9}:\d{1,9}:?\s*$"
)
_IN = re.compile(
    r"(?:definitions? from [`']|^\s{0,20}- In [`']|module argument `\w{1,60}' in \")"
    rf"{_FILE}['\"]"
)
_EVALUATED = re.compile(r"while evaluating the option [`'](?P<option>[^'`\n]{1,300})'")
_SNIPPET = re.compile(r"\s{0,40}(?:\d{1,9}\|( |$)|\|\s{0,4000}\^)")
_WHILE = re.compile(r"\s{0,20}(?:…|\.\.\.) ")

_STORE = re.compile(r"/nix/store/[0-9a-z]{32}-[^/]{1,200}")
_INPUT = re.compile(r"«(?P<url>[^»]{1,300})»")
_OF_NIXPKGS = re.compile(
    r"/(?:lib/(?:modules(?:/[\w-]+)?|attrsets|options|types|customisation|lists|trivial|strings|fixed-points|default"
    r"|properties|renames|generators)\.nix|nixos/(?:lib|modules)/\S+|nixos/default\.nix"
    r"|pkgs/(?:stdenv|top-level|build-support|by-name|development|applications|tools|servers|os-specific|misc|tables)"
    r"/\S+|pkgs/(?:aliases|default|particular|check-meta)\.nix)$"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """What leads to an error: places with line and column (`frames`), files alone (`files`).

    `options` are those that were evaluated, the innermost last.
    """

    frames: tuple[Place, ...] = ()
    files: tuple[Place, ...] = ()
    options: tuple[str, ...] = ()


def is_of_trace(line: str) -> bool:
    """Tell whether a line of an error is of its trace, and nothing that the error says."""
    return bool(_ANY_AT.match(line) or _SNIPPET.match(line) or _WHILE.match(line))


def frames_of(lines: list[str]) -> Trace:
    """Return the places that lines of an error name, in their order."""
    frames, files, options = [], [], []
    for line in lines:
        if found := _AT.match(line):
            frames.append(_place(found))
        elif found := _IN.search(line):
            files.append(Place(found["file"]))
        elif found := _EVALUATED.search(line):
            options.append(found["option"])
    return Trace(tuple(frames), tuple(files), tuple(options))


def _place(found: re.Match[str]) -> Place:
    return Place(found["file"], int(found["line"]), int(found["column"]))


class Ownership:
    """Tells files that a person has written from those of nixpkgs, and where they really are.

    A flake's files are read from a copy in the store, which is told from the copy of nixpkgs by
    what lies in there; `configuration` is the directory that the copy was made of.
    """

    def __init__(self, named: list[Place], configuration: str) -> None:
        """Learn from all files that a message names which directories are nixpkgs's."""
        self._configuration = configuration.rstrip("/")
        self._foreign = {
            place.file[: found.start()]
            for place in named
            if (found := _OF_NIXPKGS.search(place.file))
        }

    def own(self, place: Place) -> Place | None:
        """Return a place in a person's own file, where that file really is; None for another's."""
        file = place.file
        if any(file.startswith(f"{root}/") for root in self._foreign):
            return None
        if inner := _INPUT.match(file):
            return self._of_input(inner["url"], file[inner.end() :], place)
        if copy := _STORE.match(file):
            if not copy[0].endswith("-source") or not self._configuration:
                return None
            file = self._configuration + file[copy.end() :]
        elif file.startswith(("/nix/", "/root/.nix-defexpr/")):
            return None
        return Place(file, place.line, place.column)

    @staticmethod
    def _of_input(url: str, inside: str, place: Place) -> Place | None:
        """Read `«git+file:///etc/nixos»/flake.nix`, as Nix writes files that are in no store."""
        found = re.match(r"(?:git\+file|path|file):(?://)?(?P<directory>/[^?»]{1,400})", url)
        if not found:
            return None
        return Place(found["directory"].rstrip("/") + inside, place.line, place.column)
