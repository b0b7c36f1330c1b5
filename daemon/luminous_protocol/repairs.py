"""Repairs: what can be mended in files that a person wrote, where Nix cannot read them as they are.

A repair says what stands there now and what is to stand there, in names, values, hashes and tokens
of fixed forms: no text of anybody gets into a file. A place is as Nix tells it: lines count from 1,
and so do columns, in bytes. Where Nix tells none, 0 stands for the one place in the line, or in the
file, that holds what is to be mended.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from luminous_protocol.errors import InvalidChange
from luminous_protocol.forms import (
    PLAIN_PART,
    STRICT,
    Value,
    check_name,
    check_number,
    check_option,
    check_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Operation = Literal[
    "rename",
    "remove-definition",
    "set-value",
    "insert-token",
    "remove-token",
    "add-argument",
    "replace-hash",
    "track-file",
    "put-back",
]
Reason = Literal["unfree", "insecure", "broken", "unsupported"]

TOKENS = (";", "}", "]", ")", '"', "''")
"""What can be missing, or be there once too often, where a file cannot be parsed."""

_FILE = re.compile(r"(?:/[^/\x00-\x1f\x7f]+)+")
_KEYWORD = r"(?:assert|else|if|in|inherit|let|or|rec|then|with)"
_ARGUMENT = re.compile(rf"(?!{_KEYWORD}$){PLAIN_PART}|\.\.\.")

_NAME_IN_STORE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+?=-]{0,199}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_HASH = re.compile(
    r"sha256-[A-Za-z0-9+/]{43}=|sha512-[A-Za-z0-9+/]{86}==|sha1-[A-Za-z0-9+/]{27}="
    r"|(?:sha256:)?(?:[0-9a-f]{64}|[0-9abcdfghijklmnpqrsvwxyz]{52})"
    r"|(?:sha512:)?(?:[0-9a-f]{128}|[0-9abcdfghijklmnpqrsvwxyz]{103})"
    r"|(?:sha1:)?(?:[0-9a-f]{40}|[0-9abcdfghijklmnpqrsvwxyz]{32})"
)
"""With its algorithm as Nix prints it since 2.4, or as older files have it."""
_MAX_PATH = 4096


@dataclass(frozen=True, slots=True)
class RepairFile:
    """Mend one place in a file of the machine's configuration that a person wrote.

    rename: the definitions of the option `old`, or the name `old`, become those of `new`.
    remove-definition: the definition of the option `old` goes.
    set-value: what defines the option `old` gets the value `new`.
    insert-token: `new`, one of `TOKENS`, comes before the place, where `old` stands; nothing stands
    at the end of a file, and at an equals sign a semicolon comes before the path.
    remove-token: `old`, one of `TOKENS`, goes from the place.
    add-argument: the module's function takes `new` too; `...` stands for all others.
    replace-hash: the hash `old` becomes `new`, however the file writes it.
    track-file: git is told of a file that it does not know, so that a flake has it.
    put-back: the file becomes what it was before a repair, of digest `new`; it is of digest `old`
    since. Only to undo a repair.
    """

    file: str
    operation: Operation
    old: str = ""
    new: Value = None
    line: int = 0
    column: int = 0
    kind: Literal["repair-file"] = "repair-file"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless all is well-formed for the operation."""
        if len(self.file) > _MAX_PATH or not _FILE.fullmatch(self.file):
            raise InvalidChange(f"{str(self.file)[:60]!r} is not the whole path of a file.")
        if {".", ".."} & set(self.file.split("/")):
            raise InvalidChange("A file is named by a path without . and ..")
        for number in (self.line, self.column):
            if number != 0:
                check_number("A line and a column", number)
        if self.column and not self.line:
            raise InvalidChange("A column needs its line.")
        check = _CHECKS.get(self.operation)
        if check is None:
            raise InvalidChange(f"{str(self.operation)[:60]!r} repairs nothing.")
        check(self)


@dataclass(frozen=True, slots=True)
class AllowPackage:
    """Make the narrowest exception for a package that nixpkgs refuses, by its name.

    `package` is called as the refusal calls it, with its version or without, or by its attribute.
    """

    package: str
    reason: Reason
    kind: Literal["allow-package"] = "allow-package"
    __pydantic_config__: ClassVar = STRICT

    def __post_init__(self) -> None:
        """Raise `InvalidChange` unless the package has a name's form, and the reason is one."""
        check_name("a package's name", self.package, _NAME_IN_STORE)
        if self.reason not in {"unfree", "insecure", "broken", "unsupported"}:
            raise InvalidChange(f"{str(self.reason)[:60]!r} is no reason to refuse a package.")


def _check_text(change: RepairFile, what: str, pattern: re.Pattern[str], *fields: str) -> None:
    for field in fields:
        value = getattr(change, field)
        if not isinstance(value, str):
            raise InvalidChange(f"{change.operation} needs {what} as {field}.")
        check_name(what, value, pattern)


def _check_absent(change: RepairFile, *fields: str) -> None:
    for field in fields:
        if getattr(change, field) not in {None, ""}:
            raise InvalidChange(f"{change.operation} takes no {field}.")


def _check_rename(change: RepairFile) -> None:
    if not isinstance(change.new, str):
        raise InvalidChange("rename needs a name as new.")
    for field in ("old", "new"):
        check_option("a name", change, field)
    if change.old == change.new:
        raise InvalidChange("Both names are the same.")


def _check_removal(change: RepairFile) -> None:
    check_option("an option's name", change, "old")
    _check_absent(change, "new")


def _check_setting(change: RepairFile) -> None:
    check_option("an option's name", change, "old")
    check_value(change.new)


def _check_token(change: RepairFile, token: object) -> None:
    if token not in TOKENS:
        raise InvalidChange(f"{change.operation} knows only {' '.join(TOKENS)}")
    if not change.column:
        raise InvalidChange(f"{change.operation} needs a line and a column.")


def _check_insertion(change: RepairFile) -> None:
    _check_token(change, change.new)
    if len(change.old) > _MAX_PATH:
        raise InvalidChange("What stands at the place is too long.")


def _check_taking(change: RepairFile) -> None:
    _check_token(change, change.old)
    _check_absent(change, "new")


def _check_argument(change: RepairFile) -> None:
    _check_text(change, "the name of an argument", _ARGUMENT, "new")
    _check_absent(change, "old")


def _check_hash(change: RepairFile) -> None:
    _check_text(change, "a hash", _HASH, "old", "new")


def _check_return(change: RepairFile) -> None:
    _check_text(change, "a digest", _DIGEST, "old", "new")


_CHECKS: Mapping[str, Callable[[RepairFile], None]] = {
    "rename": _check_rename,
    "remove-definition": _check_removal,
    "set-value": _check_setting,
    "insert-token": _check_insertion,
    "remove-token": _check_taking,
    "add-argument": _check_argument,
    "replace-hash": _check_hash,
    "track-file": lambda change: _check_absent(change, "old", "new"),
    "put-back": _check_return,
}
