"""A daemon that ended while a change waited to be confirmed: the next one goes on with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from luminous_protocol import names
from tests.unit.luminous_daemon.bus.fake_connection import HELLO, Door, opened
from tests.unit.luminous_daemon.waiting import until

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.fake_journal import FakeJournal


def test_what_is_confirmed_to_the_next_daemon_is_committed_and_its_values_are_kept() -> None:
    async def steps() -> None:
        async with opened() as door:
            path = await door.apply(await door.planned(HELLO), confirm_within=60)
            await until(lambda: "journal.confirm" in door.machine.calls)
            async with asyncio.TaskGroup() as tasks:
                later = Door(tasks, door.machine)
                journal = cast("FakeJournal", later.world.journal)
                journal.entries = cast("FakeJournal", door.world.journal).entries
                ((record, taken),) = journal.unfinished()
                later.objects.resume(record, taken)
                await later.call(path, f"{names.TRANSACTION}.Confirm")
                assert (await later.end_of(path))["State"] == "done"
            default = door.machine.generations[door.machine.default]
            assert door.machine.values[default] is not None
            ((message, author, with_inputs),) = door.machine.commits
            assert message.startswith(record.summary)
            assert (author, with_inputs) == (record.user, False)

    asyncio.run(steps())
