"""Replies that are encoded already are, byte for byte, what the bus libraries would send."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from luminous_protocol.replies import Body, Reply
from luminous_protocol.variants import wrap_body

ANSWERS = [
    ("a{sv}", [{"version": "0.1.0", "busy": False, "generations": 3, "packages": ["hello"]}]),
    ("aa{sv}", [[{"number": number, "words": "ä" * number} for number in range(20)]]),
    ("aa{sv}", [[]]),
    ("s", [""]),
    ("t", [2**63]),
]


@pytest.mark.parametrize("library", ["dbus_next", "dbus_fast"])
@pytest.mark.parametrize(("signature", "values"), ANSWERS)
@pytest.mark.parametrize("destination", [":1.7", ":1.12345"])
def test_an_encoded_reply_is_what_the_library_would_have_sent(
    library: str, signature: str, values: list[Any], destination: str
) -> None:
    bus = importlib.import_module(library)
    message = bus.Message(
        message_type=bus.MessageType.METHOD_RETURN,
        destination=destination,
        reply_serial=41,
        serial=42,
        signature=signature,
        body=wrap_body(signature, values, bus.Variant),
    )
    whole = bytes(message._marshall(False))  # noqa: FBT003, SLF001 - what its writer calls
    reply = Reply(destination, 41, Body.of(signature, whole), serial=42)
    assert reply._marshall(False) == whole  # noqa: FBT003, SLF001 - as above
