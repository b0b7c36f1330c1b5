"""Plain data to and from D-Bus bodies, for whatever library carries them.

Libraries differ only in how they write a variant, so callers bring that: dbus-next has a class,
jeepney a pair. Signatures are those of the D-Bus specification, "Type system".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeVariant = Callable[[str, Any], Any]


class Typed(NamedTuple):
    """A plain value that travels inside a variant under a signature of its own choice."""

    signature: str
    value: Any


def split_signature(signature: str) -> list[str]:
    """Split a signature into its single complete types: `sa{sv}` becomes `s` and `a{sv}`."""
    types = []
    while signature:
        end = _end_of_type(signature, 0)
        types.append(signature[:end])
        signature = signature[end:]
    return types


def _end_of_type(signature: str, start: int) -> int:
    code = signature[start]
    if code == "a":
        return _end_of_type(signature, start + 1)
    if code in "({":
        depth = 0
        for index in range(start, len(signature)):
            depth += (signature[index] in "({") - (signature[index] in ")}")
            if depth == 0:
                return index + 1
    return start + 1


def infer_signature(value: object) -> str:
    """Return the signature that a plain value travels under inside a variant.

    Raises TypeError for what D-Bus cannot carry, `None` among it.
    """
    match value:
        case Typed():
            return value.signature
        case bool():
            return "b"
        case int() if -(2**63) <= value < 2**63:
            return "x"
        case float():
            return "d"
        case str():
            return "s"
        case dict():
            return "a{sv}"
        case list() | tuple():
            kinds = {infer_signature(item) for item in value}
            if not kinds:
                return "as"
            return f"a{kinds.pop()}" if len(kinds) == 1 else "av"
        case _:
            message = f"D-Bus cannot carry a {type(value).__name__} such as {str(value)[:30]}"
            raise TypeError(message)


def wrap(signature: str, value: Any, make: MakeVariant) -> Any:  # noqa: ANN401 - any D-Bus value
    """Return `value` in the form that a D-Bus library takes for `signature`.

    Wherever the signature has a variant, a plain value is wrapped with `make(signature, value)`.
    """
    if signature == "v":
        inner = infer_signature(value)
        plain = value.value if isinstance(value, Typed) else value
        return make(inner, wrap(inner, plain, make))
    if signature.startswith("a{"):
        key, item = split_signature(signature[2:-1])
        return {wrap(key, k, make): wrap(item, v, make) for k, v in value.items()}
    if signature.startswith("a"):
        return [wrap(signature[1:], item, make) for item in value]
    if signature.startswith("("):
        types = split_signature(signature[1:-1])
        return [wrap(kind, item, make) for kind, item in zip(types, value, strict=True)]
    return value


def wrap_body(signature: str, values: tuple[Any, ...] | list[Any], make: MakeVariant) -> list[Any]:
    """Return a message's body for `signature` from plain values."""
    return [
        wrap(kind, value, make)
        for kind, value in zip(split_signature(signature), values, strict=True)
    ]
