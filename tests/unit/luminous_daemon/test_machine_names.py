"""Names of this machine: found where they are, and no error where nothing can be known."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from luminous_daemon.machine_names import MachineNames
from luminous_protocol.errors import MindUnavailable
from luminous_protocol.passages import Named
from tests.unit.luminous_daemon.fake_mind import FakeMind
from tests.unit.luminous_daemon.fake_world import make_machine, make_world

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = """\
root:x:0:0::/root:/bin/sh
alice:x:1000:100::/home/alice:/bin/sh
nixbld1:x:30001:30000::/var/empty:/bin/false
nobody:x:65534:65534::/var/empty:/bin/false
broken
"""


def test_people_are_accounts_of_people(tmp_path: Path) -> None:
    accounts = tmp_path / "passwd"
    accounts.write_text(ACCOUNTS)
    names = MachineNames(FakeMind(), make_world(make_machine()), accounts)
    assert {"alice"} <= names.users() <= {"alice", "nixbld1"}


def test_where_no_accounts_can_be_read_there_are_none(tmp_path: Path) -> None:
    names = MachineNames(FakeMind(), make_world(make_machine()), tmp_path / "none")
    assert names.users() == frozenset()


def test_a_mind_that_fails_knows_nothing_and_raises_nothing() -> None:
    mind = FakeMind(failure=MindUnavailable("gone"))
    names = MachineNames(mind, make_world(make_machine()))
    assert asyncio.run(names.look_up("package", "vim")) is None
    mind.failure, mind.named = None, {"vim": Named(nearest=("vim-full",))}
    assert asyncio.run(names.look_up("package", "vim")) == Named(nearest=("vim-full",))


def test_units_and_generations_are_those_of_the_system_that_runs() -> None:
    world = make_world(make_machine())
    names = MachineNames(FakeMind(), world)
    assert names.generations() == {one.number for one in world.profile.generations()}
    running = world.toplevels.units(world.profile.running())
    services = {name.removesuffix(".service") for name in running if name.endswith(".service")}
    assert names.units() == names.units() == services
