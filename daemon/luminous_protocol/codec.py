"""From the wire to types: the one place where received data is checked, with pydantic.

Everything that comes from another process passes here once; inside, types are trusted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from luminous_protocol.changes import Change
from luminous_protocol.errors import InvalidChange, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_CHANGES = 100

_change: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


def parse_change(data: Mapping[str, Any]) -> Change:
    """Return the change that `data` describes. Raises `InvalidChange` with what is wrong in it."""
    try:
        # JSON, because only there pydantic's strict mode takes an object for a dataclass.
        return _change.validate_json(json.dumps(dict(data)))
    except RecursionError:
        raise InvalidChange("The change is nested too deeply.") from None
    except TypeError:
        raise InvalidChange("A change holds only texts, numbers, booleans and lists.") from None
    except ValidationError as error:
        raise InvalidChange(_complaint(error)) from None


def parse_changes(data: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Return all changes, in order. Raises `InvalidChange` for none, too many or a wrong one."""
    if not data:
        raise InvalidChange("There is nothing to plan: the list of changes is empty.")
    if len(data) > MAX_CHANGES:
        raise InvalidChange(f"One plan holds at most {MAX_CHANGES} changes.")
    return tuple(parse_change(item) for item in data)


def take_options(options: Mapping[str, Any], known: Mapping[str, type]) -> dict[str, Any]:
    """Check a method's `options` against the names and types that it knows.

    Raises `InvalidValue` for an unknown name or a value of another type.
    """
    for name, value in options.items():
        expected = known.get(name)
        if expected is None:
            names = ", ".join(sorted(known)) or "none"
            raise InvalidValue(f"There is no option {name[:60]!r} here. Known: {names}.")
        if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
            raise InvalidValue(f"The option {name!r} takes a value of type {expected.__name__}.")
    return dict(options)


def _complaint(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"].startswith("union_tag"):
        kinds = ", ".join(sorted(_kinds()))
        return f"A change needs a known kind. Known: {kinds}."
    place = ".".join(str(part)[:60] for part in first["loc"])
    return f"The change is malformed at {place}: {first['msg']}."


def _kinds() -> list[str]:
    return [kind.__dataclass_fields__["kind"].default for kind in Change.__args__]
