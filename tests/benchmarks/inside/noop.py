"""The service that does nothing: the least that a service on this bus library can cost."""

from __future__ import annotations

import asyncio

from luminous_protocol.dbus import Connection, open_with_patience

_NAME = "org.luminous.NoOp1"


async def serve() -> None:
    """Own the name and answer every call at once with nothing."""
    connection: Connection = await open_with_patience()
    connection.on_call(lambda call: connection.reply(call, "", ()))
    if not await connection.request_name(_NAME):
        raise OSError(f"{_NAME} has an owner already.")
    await connection.wait_lost()


if __name__ == "__main__":
    asyncio.run(serve())
