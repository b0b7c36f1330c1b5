"""Frames: what the daemon and the mind say to one another over a Unix socket.

A frame is 4 bytes of length, the highest first, and so many bytes of msgpack: a map with a `kind`.
Both sides begin with a hello that names their version. Then one asks, under numbers of its own
choice, and the other answers each request with any number of parts and one reply or error. A
`cancel` ends a request early; it is answered with the error `Cancelled`, unless its end came first.
What is no such frame ends the connection.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

import msgpack
from pydantic import Field, JsonValue, StrictInt, StrictStr, TypeAdapter, ValidationError

if TYPE_CHECKING:
    from asyncio import StreamReader

VERSION = 1
MAX_BYTES = 4 * 1024 * 1024
"""The longest frame, without its length."""

_LENGTH_BYTES = 4
_FORBID = {"extra": "forbid"}

Value = JsonValue
Number = Annotated[StrictInt, Field(ge=0, lt=2**32)]
Name = Annotated[StrictStr, Field(max_length=64)]

T = TypeVar("T")


class BadFrame(Exception):
    """What came is no frame of this protocol, or what is to go fits into none."""

    def __init__(self, message: str) -> None:
        """Keep `message`, which is one sentence."""
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame of either side."""

    __pydantic_config__: ClassVar = _FORBID
    kind: Literal["hello"] = "hello"
    version: Number = VERSION


@dataclass(frozen=True, slots=True)
class Request:
    """Please do `method` with `params`."""

    __pydantic_config__: ClassVar = _FORBID
    id: Number
    method: Name
    params: dict[str, Value]
    kind: Literal["request"] = "request"


@dataclass(frozen=True, slots=True)
class Cancel:
    """The request of this number need not be answered any more."""

    __pydantic_config__: ClassVar = _FORBID
    id: Number
    kind: Literal["cancel"] = "cancel"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer; more follows."""

    __pydantic_config__: ClassVar = _FORBID
    id: Number
    value: Value
    kind: Literal["part"] = "part"


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of an answer."""

    __pydantic_config__: ClassVar = _FORBID
    id: Number
    result: Value
    kind: Literal["reply"] = "reply"


@dataclass(frozen=True, slots=True)
class Failure:
    """The end of a request that was not answered. `name` is that of an error of the protocol.

    Number 0 is about the connection itself, which is closed then.
    """

    __pydantic_config__: ClassVar = _FORBID
    id: Number
    name: Name
    message: StrictStr
    kind: Literal["error"] = "error"


Frame = Hello | Request | Cancel | Part | Reply | Failure

_frame: TypeAdapter[Frame] = TypeAdapter(Annotated[Frame, Field(discriminator="kind")])
_adapters: dict[type, TypeAdapter[Any]] = {}


def encode(frame: Frame) -> bytes:
    """Return a frame with its length. Raises `BadFrame` for one that is too long."""
    try:
        # Not `asdict`, which would copy all that is in it.
        plain = {field.name: getattr(frame, field.name) for field in fields(frame)}
        content: bytes = msgpack.packb(plain)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadFrame(f"That cannot be put into a frame: {error}.") from None
    _check_length(len(content))
    return len(content).to_bytes(_LENGTH_BYTES, "big") + content


def decode(content: bytes) -> Frame:
    """Return the frame that `content` is, which has no length in front. Raises `BadFrame`."""
    try:
        data = msgpack.unpackb(content, ext_hook=_refuse_extension)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadFrame(f"A frame is not msgpack: {str(error) or type(error).__name__}.") from None
    return _validated(_frame, data)


def parse(kind: type[T], data: object) -> T:
    """Return `data`, which came in a frame, as a dataclass. Raises `BadFrame`."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    adapter: TypeAdapter[T] = _adapters[kind]
    return _validated(adapter, data)


async def read_frame(reader: StreamReader) -> Frame | None:
    """Return the next frame, or None at the end. Raises `BadFrame`."""
    content = await read_content(reader)
    return None if content is None else decode(content)


async def read_content(reader: StreamReader, most: int = MAX_BYTES) -> bytes | None:
    """Return the next frame's bytes for `decode`, or None at the end. Raises `BadFrame`."""
    length = await _read(reader, _LENGTH_BYTES)
    if not length:
        return None
    wanted = int.from_bytes(length, "big")
    _check_length(wanted, most)
    content = await _read(reader, wanted)
    if len(length) < _LENGTH_BYTES or len(content) < wanted:
        raise BadFrame("The connection ended within a frame.")
    return content


async def read_hello(reader: StreamReader) -> bool:
    """Read the hello of the other side; tell whether there was one. Raises `BadFrame`."""
    frame = await read_frame(reader)
    if frame is None:
        return False
    if isinstance(frame, Failure):
        raise BadFrame(frame.message)
    if not isinstance(frame, Hello):
        raise BadFrame("A connection begins with a hello.")
    if frame.version != VERSION:
        raise BadFrame(f"This side speaks version {VERSION} of the frames, not {frame.version}.")
    return True


async def _read(reader: StreamReader, count: int) -> bytes:
    """Return so many bytes, or those that there were before the end."""
    try:
        return await reader.readexactly(count)
    except EOFError as error:
        return getattr(error, "partial", b"")


def _check_length(length: int, most: int = MAX_BYTES) -> None:
    if length > most:
        raise BadFrame(f"A frame holds at most {most} bytes here, not {length}.")


def _refuse_extension(code: int, _data: bytes) -> object:
    raise ValueError(f"extension {code}")


def _validated(adapter: TypeAdapter[T], data: object) -> T:
    try:
        return adapter.validate_python(data)
    except RecursionError:
        raise BadFrame("A frame is nested too deeply.") from None
    except ValidationError as error:
        raise BadFrame(_complaint(error)) from None


def _complaint(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part)[:60] for part in first["loc"][:4])
    return f"A frame is malformed at {place or 'its start'}: {first['msg'][:200]}."
