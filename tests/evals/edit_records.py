"""Records of the edits eval: what each line of a file of tasks asks for, read with patience.

People write the same thing in several ways: `package`, `name` or `packages`; a value as JSON or as
a text of Nix. What cannot be read is an error that names the record, and never the end of the run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from luminous_daemon.configuration.nix_values import NotCanonical, parse
from luminous_protocol.changes import join_option

if TYPE_CHECKING:
    from pathlib import Path

OPS: Final = ("add_package", "remove_package", "set_option", "list_add", "list_remove")
OUTCOMES: Final = (
    "edit",
    "no_change",
    "refuse",
    "refuse_or_escape",
    "edit_or_ask",
    "edit_after_confirmation",
    "warn",
)
SYSTEM_PACKAGES: Final = "environment.systemPackages"
_PACKAGE_KEYS = ("package", "packages", "name", "pname", "attr", "attribute", "item", "value")
_OPTION_KEYS = ("option", "path", "attrpath", "attr_path", "list", "key", "name", "attr")
_VALUE_KEYS = ("value", "to", "values", "item", "items", "element", "package", "packages")
_MAIN_FILES = ("configuration.nix", "flake.nix", "default.nix")
_KINDS = {
    "add_package": "add-package",
    "remove_package": "remove-package",
    "set_option": "set-option",
    "list_add": "set-option",
    "list_remove": "unset-option",
}


class Unreadable(Exception):
    """A record that does not say what it asks for."""


@dataclass(frozen=True)
class Wish:
    """One thing asked for: `change` is what a client would send for it.

    `value` is what is to be there, or to be gone; it is as the record has it.
    """

    option: str
    value: Any
    change: dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A readable record."""

    number: int
    file: Path
    op: str
    outcome: str
    limit: int
    wishes: tuple[Wish, ...]
    request: str = ""

    @property
    def content(self) -> bytes:
        """The bytes of the configuration."""
        return self.file.read_bytes()


def read_task(number: int, line: str, folder: Path) -> Task:
    """Read one line; `folder` is where its file lies. Raises `Unreadable`."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"it is no JSON: {error}") from None
    if not isinstance(record, dict):
        raise Unreadable("it is no object")
    op, outcome = str(record.get("op")), str(record.get("outcome"))
    if op not in OPS or outcome not in OUTCOMES:
        raise Unreadable(f"its op is {op!r} and its outcome {outcome!r}")
    arguments = record.get("args")
    if not isinstance(arguments, dict):
        raise Unreadable("it has no args")
    limit = record.get("max_changed_lines")
    return Task(
        number,
        _file(record.get("file"), folder),
        op,
        outcome,
        limit if isinstance(limit, int) else 1_000_000,
        tuple(_wishes(op, arguments)),
        str(record.get("request", "")),
    )


def _file(name: object, folder: Path) -> Path:
    if not isinstance(name, str) or "\0" in name:
        raise Unreadable("it names no file")
    try:
        return _main_file(folder / name)
    except OSError as error:
        raise Unreadable(f"its file cannot be read: {error.strerror}") from None


def _main_file(file: Path) -> Path:
    """Return `file`, or of a directory the file in which its configuration begins."""
    if file.is_dir():
        found = [file / main for main in _MAIN_FILES if (file / main).is_file()]
        found += sorted(file.glob("*.nix"))
        if not found:
            raise Unreadable(f"there is no configuration in {file.name}")
        file = found[0]
    if not file.is_file():
        raise Unreadable(f"there is no file {file.name}")
    return file


def _wishes(op: str, arguments: dict[str, Any]) -> list[Wish]:
    if op in {"add_package", "remove_package"}:
        option = _option(arguments, ("option", "path", "list"), SYSTEM_PACKAGES)
        names = _first(arguments, _PACKAGE_KEYS)
        return [_wish(op, option, name) for name in (names if isinstance(names, list) else [names])]
    option = _option(arguments, _OPTION_KEYS)
    value = _first(arguments, _VALUE_KEYS)
    if op == "set_option":
        return [_wish(op, option, _value(value, arguments))]
    several = value if isinstance(value, list) else [value]
    return [_wish(op, option, _value(item, arguments)) for item in several]


def _wish(op: str, option: str, value: Any) -> Wish:  # noqa: ANN401 - JSON
    kind = _KINDS[op]
    if op in {"add_package", "remove_package"}:
        name = value.removeprefix("pkgs.") if isinstance(value, str) else value
        if option == SYSTEM_PACKAGES:
            return Wish(option, {"package": name}, {"kind": kind, "package": name})
        kind = _KINDS["list_add" if op == "add_package" else "list_remove"]
        value = {"package": name}
    change = {"kind": kind, "option": option, "value": value}
    if kind == "set-option" and op != "set_option":
        change["append"] = True
    return Wish(option, value, change)


def _first(arguments: dict[str, Any], keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON
    for key in keys:
        if key in arguments:
            return arguments[key]
    raise Unreadable(f"its args have none of {', '.join(keys)}")


def _option(arguments: dict[str, Any], keys: tuple[str, ...], otherwise: str = "") -> str:
    found = next((arguments[key] for key in keys if key in arguments), otherwise)
    if isinstance(found, list) and all(isinstance(part, str) for part in found):
        return join_option(tuple(found))
    if not isinstance(found, str) or not found:
        raise Unreadable(f"its args have none of {', '.join(keys)}")
    return found


def _value(value: Any, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return a value; a text that is one of Nix's lists, sets, texts or packages is read as that.

    Words, numbers and everything else stay texts, whose meaning the option's type decides.
    """
    if not isinstance(value, str):
        return value
    if "package" in str(arguments.get("type", "")) and not value.startswith("pkgs."):
        return {"package": value}
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        text = f"[ {text[1:-1].strip()} ]".replace("[  ]", "[ ]")
    if not text.startswith(("[", "{", '"', "pkgs.", "(pkgs.")):
        return value
    try:
        return parse(text)
    except (NotCanonical, ValueError, RecursionError):
        return value
