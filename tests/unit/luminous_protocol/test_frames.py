"""Frames: what is written is read back, and rubbish is named and never more than that."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_protocol.frames import (
    MAX_BYTES,
    BadFrame,
    Cancel,
    Failure,
    Frame,
    Hello,
    Part,
    Reply,
    Request,
    decode,
    encode,
    parse,
    read_frame,
    read_hello,
)
from luminous_protocol.passages import Passage, SearchRequest
from tests.unit.luminous_protocol.strategies import thoroughly

if TYPE_CHECKING:
    from collections.abc import Coroutine

numbers = st.integers(0, 2**32 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
frames: st.SearchStrategy[Frame] = st.one_of(
    st.builds(Hello, version=numbers),
    st.builds(Request, numbers, names, st.dictionaries(names, values, max_size=4)),
    st.builds(Cancel, numbers),
    st.builds(Part, numbers, values),
    st.builds(Reply, numbers, values),
    st.builds(Failure, numbers, names, texts),
)
rubbish: st.SearchStrategy[Any] = values | st.dictionaries(names | numbers, values | st.binary())


def reading(*chunks: bytes, limit: int = 2**16) -> asyncio.StreamReader:
    """Return a stream that holds these bytes and ends; it needs a running loop."""
    reader = asyncio.StreamReader(limit)
    for chunk in chunks:
        reader.feed_data(chunk)
    reader.feed_eof()
    return reader


T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@thoroughly
@given(frames)
def test_a_frame_is_read_as_it_was_written(frame: Frame) -> None:
    assert decode(encode(frame)[4:]) == frame


@thoroughly
@given(st.lists(frames, max_size=5), st.data())
def test_a_stream_of_frames_is_cut_where_they_end_however_it_arrives(
    sent: list[Frame], data: st.DataObject
) -> None:
    whole = b"".join(map(encode, sent))
    cut = data.draw(st.integers(0, len(whole)))

    async def steps() -> list[Frame | None]:
        reader = reading(whole[:cut], whole[cut:])
        return [await read_frame(reader) for _ in range(len(sent) + 1)]

    assert run(steps()) == [*sent, None]


@thoroughly
@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_named_as_none(content: bytes) -> None:
    with contextlib.suppress(BadFrame):
        assert isinstance(decode(content), Frame)


@thoroughly
@given(rubbish)
def test_any_msgpack_is_a_frame_or_named_as_none(data: Any) -> None:  # noqa: ANN401 - rubbish
    content = msgpack.packb(data)
    with contextlib.suppress(BadFrame):
        assert isinstance(decode(content), Frame)


@thoroughly
@given(st.binary(max_size=60), frames)
def test_any_stream_ends_in_frames_in_nothing_or_by_name(content: bytes, frame: Frame) -> None:
    async def steps() -> None:
        reader = reading(encode(frame), content)
        assert await read_frame(reader) == frame
        with contextlib.suppress(BadFrame):
            while await read_frame(reader) is not None:
                pass

    run(steps())


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"kind": "hello", "version": "1"}, "malformed at hello.version"),
        ({"kind": "hello", "version": -1}, "malformed at hello.version"),
        ({"kind": "hello", "version": True}, "malformed at hello.version"),
        ({"kind": "request", "id": 1, "method": "m"}, "malformed at request.params: Field"),
        ({"kind": "request", "id": 1, "method": "m" * 65, "params": {}}, "at request.method"),
        ({"kind": "request", "id": 1, "method": b"m", "params": {}}, "at request.method"),
        ({"kind": "request", "id": 1, "method": "m", "params": []}, "at request.params"),
        ({"kind": "request", "id": 2**32, "method": "m", "params": {}}, "at request.id"),
        ({"kind": "reply", "id": 1, "result": b"bytes"}, "malformed at reply.result"),
        ({"kind": "part", "id": 1, "value": msgpack.Timestamp(5)}, "malformed at part.value"),
        ({"kind": "part", "id": 1, "value": msgpack.ExtType(5, b"")}, "not msgpack: extension 5"),
        ({"kind": "cancel", "id": 1, "more": 2}, "malformed at cancel.more"),
        ({"kind": "shutdown"}, "malformed at its start"),
        ({}, "malformed at its start"),
        (["hello"], "malformed at its start"),
        ({5: 6}, "not msgpack"),
    ],
)
def test_what_is_wrong_in_a_frame_is_named(data: object, complaint: str) -> None:
    with pytest.raises(BadFrame, match=complaint):
        decode(msgpack.packb(data))


@pytest.mark.parametrize("depth", [600, 2000, 100_000])
def test_what_is_nested_without_end_is_refused(depth: int) -> None:
    nested = b"\x91" * depth + b"\xc0"  # a list in a list in a list
    frame = b"\x83\xa4kind\xa4part\xa2id\x01\xa5value" + nested
    with pytest.raises(BadFrame):
        decode(frame)


def test_what_is_nested_without_end_is_not_written() -> None:
    nested: Any = []
    for _ in range(5000):
        nested = [nested]
    with pytest.raises(BadFrame, match="cannot be put"):
        encode(Reply(1, nested))


def test_a_length_without_end_is_refused_before_it_is_read() -> None:
    async def steps() -> None:
        with pytest.raises(BadFrame, match="at most 4194304 bytes here, not 4294967295"):
            await read_frame(reading(b"\xff\xff\xff\xff"))

    run(steps())


def test_a_frame_that_is_too_long_is_not_written() -> None:
    with pytest.raises(BadFrame, match="at most"):
        encode(Reply(1, "x" * MAX_BYTES))
    assert len(encode(Reply(1, "x" * (MAX_BYTES - 100)))) < MAX_BYTES


@pytest.mark.parametrize("value", [2**64, "\ud800"])
def test_what_msgpack_has_no_bytes_for_is_not_written(value: Any) -> None:  # noqa: ANN401 - rubbish
    with pytest.raises(BadFrame, match="cannot be put"):
        encode(Reply(1, value))


@pytest.mark.parametrize("cut", [1, 3, 4, 10])
def test_an_end_within_a_frame_is_named(cut: int) -> None:
    async def steps() -> None:
        with pytest.raises(BadFrame, match="within a frame"):
            await read_frame(reading(encode(Cancel(1))[:cut]))

    run(steps())


def test_a_hello_of_this_version_begins_a_connection_and_nothing_else_does() -> None:
    async def hello(*sent: Frame) -> bool:
        return await read_hello(reading(*map(encode, sent)))

    async def steps() -> None:
        assert await hello(Hello())
        assert not await hello()
        with pytest.raises(BadFrame, match="speaks version 1 of the frames, not 2"):
            await hello(Hello(version=2))
        with pytest.raises(BadFrame, match="begins with a hello"):
            await hello(Cancel(1))
        with pytest.raises(BadFrame, match="not welcome"):
            await hello(Failure(0, "NotAuthorized", "You are not welcome."))

    run(steps())


def test_what_came_in_a_frame_becomes_a_dataclass_or_is_named() -> None:
    assert parse(SearchRequest, {"query": "vim"}) == SearchRequest("vim")
    assert parse(SearchRequest, {"query": "vim", "kinds": ["option"]}).kinds == ("option",)
    with pytest.raises(BadFrame, match="malformed at query: Field required"):
        parse(SearchRequest, {"limit": 5})
    with pytest.raises(BadFrame, match="malformed at its start"):
        parse(Passage, ["not", "a", "map"])
