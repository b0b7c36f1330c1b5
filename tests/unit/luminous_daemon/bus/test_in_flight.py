"""Calls in flight are bounded by their number and by what they weigh, each client for itself."""

from __future__ import annotations

from luminous_daemon.bus.in_flight import InFlight, weigh
from luminous_protocol.dbus import Call


def call(*body: object, sender: str = ":1.7") -> Call:
    return Call(sender, "/", "a.b", "C", "", list(body), None)


def test_a_client_has_so_many_calls_at_once_and_no_more() -> None:
    calls = InFlight()
    weights = [calls.admit(call("x")) for _ in range(65)]
    assert [weight < 0 for weight in weights] == [False] * 64 + [True]
    assert calls.admit(call("x", sender=":1.8")) > 0
    calls.release(":1.7", weights[0])
    assert calls.admit(call("x")) > 0


def test_a_call_that_is_too_heavy_is_not_held() -> None:
    calls = InFlight()
    assert calls.admit(call("x" * 4_000_000)) == -1
    assert calls.admit(call({"words": ["x" * 4_000_000]})) == -1
    assert calls.admit(call(["item"] * 1_000_000)) == -1
    assert calls.admit(call("x" * 1_000_000)) > 1_000_000


def test_several_calls_together_can_be_too_heavy() -> None:
    calls = InFlight()
    assert calls.admit(call("x" * 2_000_000)) > 0
    assert calls.admit(call("x" * 2_000_000)) == -1
    assert calls.admit(call("x" * 2_000_000, sender=":1.8")) > 0


def test_weighing_counts_keys_and_values_at_any_depth() -> None:
    assert weigh([{"key": [b"123", {"deep": "text"}]}], 1000) == 8 * 7 + 3 + 3 + 4 + 4


def test_weighing_ends_when_it_is_enough() -> None:
    assert weigh([["x" * 10] * 1_000_000], 1000) < 1100
