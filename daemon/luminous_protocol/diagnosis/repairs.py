"""Repairs: the changes that mend what a diagnosis has found, as far as they follow from it alone.

Each is made of names that the message or the index has, in the form that changes take; whether it
is possible, and what it does to the rest, is the planner's question.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from luminous_protocol.diagnosis.kinds import kind_named
from luminous_protocol.diagnosis.report import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_protocol.diagnosis.report import Diagnosis

    Change = Mapping[str, Any]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]{0,99}")
_PATH = re.compile(r"[A-Za-z_][\w'-]*(?:\.[A-Za-z_][\w'-]*){0,15}")
_ARGUMENTS = frozenset({"lib", "config", "options", "pkgs", "modulesPath"})
"""What every module can ask for."""


_LITERALS: Mapping[str, str] = {
    **dict.fromkeys(("true", "yes", "on"), "true"),
    **dict.fromkeys(("false", "no", "off"), "false"),
    **dict.fromkeys(("none", "nil", "null", "undefined"), "null"),
}
"""What people write who think of another language, in small letters."""


def changes_for(diagnosis: Diagnosis) -> Diagnosis:
    """Return a diagnosis with the changes that mend it, where there are any."""
    kind = kind_named(diagnosis.kind)
    make = _MAKERS.get(kind.repair) if kind else None
    return replace(diagnosis, repairs=make(diagnosis)) if make else diagnosis


def in_file(diagnosis: Diagnosis, operation: str, *, old: str = "", new: object = "") -> Change:
    """Return the repair of a place in the file of a diagnosis."""
    place = diagnosis.place
    if place is None:
        raise ValueError("a repair of a file needs the file")
    change: dict[str, Any] = {"kind": "repair-file", "file": place.file, "operation": operation}
    given = {"old": old, "new": new, "line": place.line, "column": place.column}
    return {**change, **{key: value for key, value in given.items() if value not in {"", 0}}}


def _rename_variable(found: Diagnosis) -> tuple[Change, ...]:
    variable = found.names.get("variable", "")
    if found.place and variable in _ARGUMENTS:
        return (_argument(found, variable),)
    return _rename(found, variable)


def _rename_attribute(found: Diagnosis) -> tuple[Change, ...]:
    return _rename(found, found.names.get("attribute", ""))


def _rename_package(found: Diagnosis) -> tuple[Change, ...]:
    return _rename(_anywhere(found), found.names.get("package", ""))


def _rename(found: Diagnosis, old: str) -> tuple[Change, ...]:
    """Rename where one name is offered that stands out, and the place is known."""
    if not (found.place and found.suggestions and _PATH.fullmatch(old)):
        return ()
    new = found.suggestions[0]
    if new == old or not _PATH.fullmatch(new):
        return ()
    return (in_file(found, "rename", old=old, new=new),)


def _write_literal(found: Diagnosis) -> tuple[Change, ...]:
    """Write the value of Nix, where the very word of another language is known to stand."""
    old = found.names.get("variable", "")
    new = _LITERALS.get(old.lower(), "")
    if not (found.place and found.place.line and new and new != old):
        return ()
    return (in_file(found, "rename", old=old, new=new),)


def _rename_option(found: Diagnosis) -> tuple[Change, ...]:
    """Rename the definition of an option, wherever in its file it stands."""
    return _rename(_anywhere(found), found.names.get("option", ""))


def _anywhere(found: Diagnosis) -> Diagnosis:
    """Return a diagnosis of the file as a whole, for what stands there once."""
    return replace(found, place=Place(found.place.file)) if found.place else found


def _argument(found: Diagnosis, name: str) -> Change:
    # It is about the head of the file, wherever the name is used.
    return in_file(_anywhere(found), "add-argument", new=name)


def _take_all_arguments(found: Diagnosis) -> tuple[Change, ...]:
    return (in_file(found, "add-argument", new="..."),) if found.place else ()


def _remove_definition(found: Diagnosis) -> tuple[Change, ...]:
    option = found.names.get("option", "")
    if not (found.place and _PATH.fullmatch(option)):
        return ()
    return (in_file(_anywhere(found), "remove-definition", old=option),)


def _remove_duplicate(found: Diagnosis) -> tuple[Change, ...]:
    attribute = found.names.get("attribute", "")
    if not (found.place and found.place.line and _PATH.fullmatch(attribute)):
        return ()
    return (in_file(found, "remove-definition", old=attribute),)


def _remove_token(found: Diagnosis) -> tuple[Change, ...]:
    token = found.names.get("token", "")
    is_exact = bool(found.place and found.place.line and found.place.column)
    return (in_file(found, "remove-token", old=token),) if is_exact and token else ()


def _replace_hash(found: Diagnosis) -> tuple[Change, ...]:
    old, new = (found.names.get(key, "") for key in ("old", "new"))
    if not (found.place and old and new):
        return ()
    return (in_file(_anywhere(found), "replace-hash", old=old, new=new),)


def _track_file(found: Diagnosis) -> tuple[Change, ...]:
    root, path = found.names.get("root", ""), found.names.get("path", "")
    if not root.startswith("/") or ".." in path.split("/"):
        return ()
    file = f"{root.rstrip('/')}/{path}"
    return ({"kind": "repair-file", "file": file, "operation": "track-file"},)


def _allow(reason: str) -> Callable[[Diagnosis], tuple[Change, ...]]:
    def make(found: Diagnosis) -> tuple[Change, ...]:
        package = found.names.get("package", "")
        change = {"kind": "allow-package", "package": package, "reason": reason}
        return (change,) if package else ()

    return make


def _enable_features(_found: Diagnosis) -> tuple[Change, ...]:
    option = "nix.settings.experimental-features"
    features = ["nix-command", "flakes"]
    return ({"kind": "set-option", "option": option, "value": features, "append": True},)


def _collect_garbage(_found: Diagnosis) -> tuple[Change, ...]:
    return ({"kind": "collect-garbage"},)


_MAKERS: Mapping[str, Callable[[Diagnosis], tuple[Change, ...]]] = {
    "rename-variable": _rename_variable,
    "write-literal": _write_literal,
    "rename-attribute": _rename_attribute,
    "rename-package": _rename_package,
    "replace-package": _rename_package,
    "rename-option": _rename_option,
    "take-all-arguments": _take_all_arguments,
    "remove-definition": _remove_definition,
    "remove-duplicate": _remove_duplicate,
    "remove-token": _remove_token,
    "replace-hash": _replace_hash,
    "track-file": _track_file,
    "allow-unfree": _allow("unfree"),
    "allow-insecure": _allow("insecure"),
    "enable-features": _enable_features,
    "collect-garbage": _collect_garbage,
}
"""What makes changes by name. Those that need the file itself are in `pinpointing`."""
