"""A connection remembers only so many of the signatures that strangers have sent."""

from __future__ import annotations

import importlib

import pytest

from luminous_protocol import dbus

SIGNATURES = importlib.import_module(f"{dbus.LIBRARY}.signature")


@pytest.mark.skipif(dbus.LIBRARY != "dbus_next", reason="dbus-fast bounds them itself")
def test_signatures_that_strangers_send_are_forgotten() -> None:
    tree = SIGNATURES.SignatureTree
    for number in range(1000):
        tree._get("s" * (number % 250) + "u" * (number // 250))  # noqa: SLF001 - as the library does
        dbus._forget_signatures()  # noqa: SLF001 - what each message calls
    assert len(tree._cache) <= 257  # noqa: SLF001 - the library's memory
