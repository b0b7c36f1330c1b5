"""A connection keeps all messages that the specification allows, and knows when it is lost.

The peer is no bus but a program that sends whatever it wants: buses differ in what they pass on.
"""

from __future__ import annotations

import asyncio
import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.dbus import BusLost, Connection
from luminous_protocol.names import ROOT_PATH
from tests.fuzz.attacks import WAYS, Attacker, Target
from tests.fuzz.peer import Peer

if TYPE_CHECKING:
    from pathlib import Path

# dbus-next leaves its socket to the garbage collector when a connection is over.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SEED = int(os.environ.get("SEED", "20261121"))
FOUL = {
    "invalid text", "wrong header type", "wrong length", "wrong start", "flipped", "cut off",
    "noise", "too deep", "no path or member",
}  # fmt: skip
WELL_FORMED = [way for way in WAYS if way not in FOUL and way != "largest"]
TARGETS = [
    Target(":1.1", ROOT_PATH, "org.luminous1.System", "Plan", "aa{sv}a{sv}"),
    Target(":1.1", ROOT_PATH, "org.freedesktop.DBus.Properties", "Get", "ss"),
]


async def listen(peer: Peer) -> Connection:
    """Connect as the daemon does, and answer whatever comes."""
    connection = await Connection.open(peer.address)
    connection.on_call(lambda call: connection.reply(call, "", []))
    return connection


def test_a_message_that_the_specification_allows_costs_no_connection(tmp_path: Path) -> None:
    async def attack() -> None:
        random = Random(SEED)
        attacker = Attacker(random, TARGETS)
        async with Peer(tmp_path / "bus") as peer:
            connection = await listen(peer)
            for number in range(1000):
                way = random.choice(WELL_FORMED)
                made = attacker.attack(way, random.choice(TARGETS), number + 10)
                assert await peer.survives(made.data), (SEED, way, made.data[:500])
            connection.close()

    asyncio.run(attack())


def test_after_a_message_that_is_none_the_daemon_knows_that_it_has_lost_the_bus(
    tmp_path: Path,
) -> None:
    async def attack() -> None:
        random = Random(SEED)
        attacker = Attacker(random, TARGETS)
        async with Peer(tmp_path / "bus") as peer:
            for number in range(400):
                way = random.choice(sorted(FOUL))
                made = attacker.attack(way, random.choice(TARGETS), number + 10)
                connection = await listen(peer)
                await peer.send(made.data)
                peer.hang_up()
                async with asyncio.timeout(5):
                    with pytest.raises(BusLost):
                        await connection.wait_lost()
                connection.close()

    asyncio.run(attack())
