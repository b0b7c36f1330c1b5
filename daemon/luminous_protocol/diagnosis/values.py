"""Values: which value was meant, where one of another type is written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_TRUTH = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_NUMBER = re.compile(r"-?\d{1,18}")
_ITEM = re.compile(r'\s*("(?:[^"\\$]|\\.)*"|-?\d{1,18}(?![\w.])|true\b|false\b)')
_OF_LIST = re.compile(r"list of (?P<item>.{1,300})")


@dataclass(frozen=True, slots=True)
class Fitting:
    """A value that fits; it may be null, so it has a box."""

    value: Any


def fitting_value(written: str, wanted: str, *, is_element: bool = False) -> Fitting | None:
    """Return the value of the type `wanted` that what is written means, where that is plain.

    With `is_element`, what is written is a list, and `wanted` the type of what stands in it.
    """
    items = _literals(written)
    if items is None:
        return None
    values, is_list = items
    if is_element and is_list:
        return _all_fitting(values, wanted)
    if is_list:
        return None
    of_list = _OF_LIST.search(wanted)
    if of_list:
        return _all_fitting(values, of_list["item"]) or Fitting(values)
    return _one_fitting(values[0], wanted)


def _all_fitting(values: Sequence[Any], wanted: str) -> Fitting | None:
    fitting = [_one_fitting(value, wanted) or _as_it_is(value, wanted) for value in values]
    if any(item is None for item in fitting):
        return None
    return Fitting([item.value for item in fitting if item])


def _as_it_is(value: Any, wanted: str) -> Fitting | None:  # noqa: ANN401 - a value of Nix
    """Return a value that is of the type already."""
    if isinstance(value, bool):
        is_right = _is_truth(wanted)
    else:
        is_right = _is_number(wanted) if isinstance(value, int) else _is_text(wanted)
    return Fitting(value) if is_right else None


def _one_fitting(value: Any, wanted: str) -> Fitting | None:  # noqa: ANN401 - a value of Nix
    """Return a value in the type that is wanted; None where it is of it, or means no such one."""
    match value:
        case str() if _is_truth(wanted) and value.lower() in _TRUTH:
            return Fitting(_TRUTH[value.lower()])
        case str() if _is_number(wanted) and _NUMBER.fullmatch(value.strip()):
            return Fitting(int(value))
        case bool() if _is_text(wanted):
            return Fitting(json.dumps(value))
        case int() if _is_text(wanted) and not isinstance(value, bool):
            return Fitting(str(value))
        case int() if _is_truth(wanted) and value in {0, 1} and not isinstance(value, bool):
            return Fitting(bool(value))
    return None


def _is_truth(wanted: str) -> bool:
    return "boolean" in wanted


def _is_number(wanted: str) -> bool:
    return "integer" in wanted or "number" in wanted or "port" in wanted


def _is_text(wanted: str) -> bool:
    return "string" in wanted


def _literals(written: str) -> tuple[list[Any], bool] | None:
    """Read a text, a number or a truth value, or a list of them, as Nix writes them."""
    text = written.strip()
    is_list = text.startswith("[") and text.endswith("]")
    inner = text[1:-1] if is_list else text
    values, at = [], 0
    while inner[at:].strip():
        found = _ITEM.match(inner, at)
        if found is None:
            return None
        values.append(_value(found[1]))
        at = found.end()
    return (values, is_list) if is_list or len(values) == 1 else None


def _value(literal: str) -> Any:  # noqa: ANN401 - a value of Nix
    if literal.startswith('"'):
        return re.sub(r"\\(.)", r"\1", literal[1:-1], flags=re.DOTALL)
    return json.loads(literal)
