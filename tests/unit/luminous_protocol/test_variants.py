"""Variants: plain data to D-Bus bodies, whatever library carries them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_protocol.variants import Typed, infer_signature, split_signature, wrap, wrap_body
from tests.unit.luminous_protocol.contract import signatures
from tests.unit.luminous_protocol.strategies import thoroughly


def pair(signature: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - any D-Bus value
    """Make a variant as jeepney does."""
    return signature, value


SAMPLES: dict[str, Any] = {
    "s": "text",
    "o": "/org/luminous1",
    "b": True,
    "u": 5,
    "t": 2**63,
    "d": 0.5,
    "v": 1,
    "as": ["a", "b"],
    "at": [1, 2],
    "aa{sv}": [{"a": 1}, {}],
    "a{sv}": {"a": "x", "b": [1]},
    "a{sas}": {"start": ["a.service"]},
    "a{sa{sv}}": {"org.luminous1.Plan": {"Id": "x"}},
    "a{oa{sa{sv}}}": {"/a": {"i": {"p": True}}},
}
"""A plain value for every type in the contract."""


def test_every_type_of_the_contract_has_a_sample_here() -> None:
    assert {kind for text in signatures() for kind in split_signature(text)} == set(SAMPLES)


@pytest.mark.parametrize("signature", sorted(SAMPLES))
def test_every_type_of_the_contract_wraps(signature: str) -> None:
    value = SAMPLES[signature]
    (wrapped,) = wrap_body(signature, [value], pair)
    if "v" not in signature:
        assert wrapped == value
    elif signature == "a{sv}":
        assert wrapped == {"a": ("s", "x"), "b": ("ax", [1])}


def test_both_bus_libraries_marshal_what_was_wrapped() -> None:
    for library in ("dbus_next", "dbus_fast"):
        module = pytest.importorskip(library)
        for signature, value in SAMPLES.items():
            body = wrap_body(signature, [value], module.Variant)
            message = module.Message.new_signal("/a", "a.b", "C", signature, body)
            message.serial = 1
            assert message._marshall  # noqa: SLF001 - without a bus there is no other way to check


@pytest.mark.parametrize(
    ("signature", "types"),
    [
        ("", []),
        ("s", ["s"]),
        ("sa{sv}", ["s", "a{sv}"]),
        ("(sa{sv})sa{ss}us", ["(sa{sv})", "s", "a{ss}", "u", "s"]),
        ("aaaay", ["aaaay"]),
        ("a(ii)v", ["a(ii)", "v"]),
        ("a{oa{sa{sv}}}as", ["a{oa{sa{sv}}}", "as"]),
    ],
)
def test_a_signature_is_split_into_single_complete_types(signature: str, types: list[str]) -> None:
    assert split_signature(signature) == types


@pytest.mark.parametrize(
    ("value", "signature"),
    [
        (True, "b"),
        (5, "x"),
        (0.5, "d"),
        ("x", "s"),
        ({}, "a{sv}"),
        ([], "as"),
        ((), "as"),
        ([1, 2], "ax"),
        ([True, 1], "av"),
        ([{"a": 1}], "aa{sv}"),
        ([[1], ["a"]], "av"),
        ([[1], [2]], "aax"),
        (Typed("t", 5), "t"),
        ([Typed("t", 5), Typed("t", 6)], "at"),
    ],
)
def test_a_plain_value_travels_under_its_own_type(value: object, signature: str) -> None:
    assert infer_signature(value) == signature


@pytest.mark.parametrize("value", [None, b"x", {1, 2}, object(), [None], [object()]])
def test_what_the_bus_cannot_carry_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError, match="D-Bus cannot carry a"):
        wrap("v", value, pair)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_a_number_past_64_bits_is_a_type_error(number: int) -> None:
    with pytest.raises(TypeError, match="D-Bus cannot carry"):
        infer_signature(number)


def test_what_the_bus_cannot_carry_is_found_inside_of_collections() -> None:
    with pytest.raises(TypeError, match="NoneType"):
        wrap("a{sv}", {"a": {"b": [1, None]}}, pair)


def test_a_typed_value_is_wrapped_under_its_own_signature() -> None:
    assert wrap("v", Typed("at", [1]), pair) == ("at", [1])
    wrapped = wrap("a{sv}", {"Changes": Typed("aa{sv}", [{"kind": "x"}])}, pair)
    assert wrapped == {"Changes": ("aa{sv}", [{"kind": ("s", "x")}])}


def test_a_structure_becomes_a_list_with_its_variants_wrapped() -> None:
    subject = ("system-bus-name", {"name": ":1.5"})
    assert wrap("(sa{sv})", subject, pair) == ["system-bus-name", {"name": ("s", ":1.5")}]


@pytest.mark.parametrize("values", [[], ["a", {}, 1]])
def test_a_body_of_the_wrong_length_is_refused(values: list[Any]) -> None:
    with pytest.raises(ValueError, match="zip"):
        wrap_body("sa{sv}", values, pair)


plain = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def unwrap(value: Any) -> Any:  # noqa: ANN401 - any D-Bus value
    """Take the variants off again."""
    match value:
        case (str(_), inner) if isinstance(value, tuple):
            return unwrap(inner)
        case dict():
            return {key: unwrap(item) for key, item in value.items()}
        case list():
            return [unwrap(item) for item in value]
    return value


@thoroughly
@given(plain)
def test_wrapping_loses_nothing(value: Any) -> None:  # noqa: ANN401 - any plain value
    assert repr(unwrap(wrap("v", value, pair))) == repr(value)
