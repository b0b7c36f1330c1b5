"""Turns: nobody who sends without end keeps others waiting, or takes more room than is hers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jeepney import DBusAddress, MessageFlag, new_method_call, new_method_return, new_signal
from jeepney.low_level import HeaderFields

from luminous_protocol import turns
from luminous_protocol.turns import PAUSE_SECONDS, Refused, Turns, sender_of
from tests.unit.luminous_protocol.strategies import thoroughly

ROOT = DBusAddress("/org/luminous1", "org.luminous1", "org.luminous1.System")


def call(sender: str, serial: int = 1, text: str = "", *, is_waited_for: bool = True) -> bytes:
    """Return the bytes of a call, as the bus hands it on."""
    message = new_method_call(ROOT, "Status", "s", (text,))
    message.header.fields[HeaderFields.sender] = sender
    if not is_waited_for:
        message.header.flags = MessageFlag.no_reply_expected
    return bytes(message.serialise(serial=serial))


def reply(sender: str) -> bytes:
    """Return the bytes of an answer."""
    asked = new_method_call(ROOT, "Status")
    asked.header.serial = 1
    message = new_method_return(asked, "s", ("yes",))
    message.header.fields[HeaderFields.sender] = sender
    return bytes(message.serialise(serial=1))


def taken(waiting: Turns, now: float = 0.0) -> list[str]:
    """Take all that is there at one moment; return whose it is."""
    found = []
    while frame := waiting.take(now):
        found.append(sender_of(frame))
    return found


@thoroughly
@given(st.lists(st.integers(1, 300), min_size=1), st.lists(st.text(max_size=60), min_size=1))
def test_messages_come_out_whole_however_the_stream_is_cut(
    sizes: list[int], texts: list[str]
) -> None:
    frames = [call(":1.7", number, text) for number, text in enumerate(texts, 1)][:8]
    stream, waiting, found = b"".join(frames), Turns(), []
    for size in sizes * len(stream):
        assert waiting.feed(stream[:size]) == []
        stream = stream[size:]
    while frame := waiting.take(0.0):
        found.append(frame)
    assert found == frames


def test_senders_have_their_turns_one_after_another() -> None:
    waiting = Turns()
    waiting.feed(b"".join([call(":1.1")] * 5 + [call(":1.2")] * 2 + [call(":1.3")]))
    assert taken(waiting) == [":1.1", ":1.2", ":1.3", ":1.1", ":1.2", ":1.1", ":1.1", ":1.1"]
    assert waiting.senders() == 0


def test_who_has_many_waiting_has_a_turn_now_and_then_and_the_others_at_once() -> None:
    waiting = Turns()
    waiting.feed(b"".join([call(":1.1")] * 50))
    assert taken(waiting) == [":1.1"]
    waiting.feed(call(":1.2"))
    assert taken(waiting) == [":1.2"]
    assert taken(waiting, PAUSE_SECONDS) == [":1.1"]
    served = sum(len(taken(waiting, PAUSE_SECONDS * number)) for number in range(2, 60))
    assert served == 48, "nobody is forgotten"


def test_answers_and_the_buss_own_signals_wait_for_nobody() -> None:
    waiting = Turns()
    owner = new_signal(ROOT, "NameOwnerChanged", "s", (":1.9",))
    owner.header.fields[HeaderFields.sender] = "org.freedesktop.DBus"
    waiting.feed(b"".join([call(":1.1")] * 20) + reply(":1.5") + owner.serialise(serial=2))
    assert waiting.take_reply() == reply(":1.5")
    assert waiting.take_reply()
    assert waiting.take_reply() is None
    assert waiting.senders() == 1


def test_one_client_has_bounded_room_and_is_told_where_it_waits_for_an_answer() -> None:
    waiting = Turns()
    refused = waiting.feed(b"".join(call(":1.1", number) for number in range(1, 200)))
    assert refused == [Refused(":1.1", number) for number in range(129, 200)]
    assert waiting.feed(call(":1.1", 7, is_waited_for=False)) == []
    assert waiting.feed(call(":1.2", 7)) == [], "that is nobody else's trouble"


def test_large_messages_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_BYTES", 10_000)
    monkeypatch.setattr(turns, "MOST_OF_ALL", 30_000)
    waiting = Turns()
    assert waiting.feed(call(":1.1", 1, "x" * 20_000)) == [], "one message is always taken"
    assert waiting.feed(call(":1.1", 2)) == [Refused(":1.1", 2)]
    assert waiting.feed(call(":1.2", 3, "x" * 20_000)) == [Refused(":1.2", 3)]
    assert taken(waiting) == [":1.1"]
    assert waiting.feed(call(":1.2", 4, "x" * 20_000)) == []


@pytest.mark.parametrize("data", [b"x" * 16, b"l\1\0\1" + b"\xff" * 12])
def test_what_is_no_stream_of_messages_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="D-Bus message"):
        Turns().feed(data)


def test_a_sender_is_found_in_either_order_of_bytes_and_no_other_field_is_taken_for_it() -> None:
    message = new_method_call(ROOT, "Status", "s", ("\x07\x01s\x00\x04\x00\x00\x00:1.9",))
    message.header.fields[HeaderFields.sender] = ":1.7"
    assert sender_of(bytes(message.serialise(serial=1))) == ":1.7"
    del message.header.fields[HeaderFields.sender]
    assert sender_of(bytes(message.serialise(serial=1))) == ""
