"""How well the machine is before and after an activation, and what of it is worse.

Units have failed or not. A probe may need a moment after an activation, until its service listens:
it has its own time to become as well as it was.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from luminous_daemon.core.beside import beside
from luminous_daemon.core.ports import Health
from luminous_daemon.core.probes import LONGEST_SECONDS
from luminous_protocol.errors import ActivationFailed, LuminousError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luminous_daemon.core.ports import HealthCheck
    from luminous_daemon.core.transactions import Transaction

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 1.0
_LAST_LOOK_SECONDS = 2
"""How long a probe may take when everything goes back already, and it is only to be told."""


async def look(check: HealthCheck) -> Health:
    """Look at everything; each probe is tried once, all at the same time."""
    probes = await _try_once(check, check.probes)
    # The units last: what fails while a probe takes its time is not the coming change's doing.
    return replace(await check.measure(), failed_probes=probes)


async def check_health(check: HealthCheck, before: Health, transaction: Transaction) -> None:
    """Raise `ActivationFailed` when anything is worse than `before`."""
    for name, reason in before.failed_probes.items():
        if check.is_listed(name):  # that there is no IPv6, say, is no news
            transaction.write(f"The probe {name} was not well before this change either: {reason}.")
    worse = await _find_worse(check, before, transaction)
    units, probes = sorted(worse.failed_units), dict(sorted(worse.failed_probes.items()))
    if units or probes:
        raise ActivationFailed(_told(units, probes), {"units": units, "probes": probes})


async def _find_worse(check: HealthCheck, before: Health, transaction: Transaction) -> Health:
    names = [name for name in check.probes if name not in before.failed_probes]
    async with beside(_Waiting(check, transaction).until_well(names)) as waiting:
        units = await _new_failures(check, before)
        is_over = waiting.done()
        probes = await waiting if not units else {}
    if units:  # nothing is waited for any more
        return Health(units, await _try_once(check, names, _LAST_LOOK_SECONDS))
    return Health(frozenset() if is_over else await _new_failures(check, before), probes)


async def _new_failures(check: HealthCheck, before: Health) -> frozenset[str]:
    return (await check.measure()).failed_units - before.failed_units


async def _try_once(
    check: HealthCheck, names: Iterable[str], most: int = LONGEST_SECONDS
) -> dict[str, str]:
    """Try probes once, for at most so many seconds; return why those are not well that are not."""
    async with asyncio.TaskGroup() as group:
        trying = {
            name: group.create_task(_limited(check, name, min(most, check.probes[name])))
            for name in names
        }
    return {name: reason for name, task in trying.items() if (reason := task.result())}


async def _limited(check: HealthCheck, name: str, seconds: int) -> str:
    try:
        async with asyncio.timeout(seconds):
            return await _attempt(check, name)
    except TimeoutError:
        return _no_answer(seconds)


async def _attempt(check: HealthCheck, name: str) -> str:
    """Return why a probe is not well, or nothing."""
    try:
        return await check.try_probe(name)
    except LuminousError as error:
        return error.message.rstrip(".")
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or error}{place}"


class _Waiting:
    """Waits for probes that were well, and says for which."""

    def __init__(self, check: HealthCheck, transaction: Transaction) -> None:
        """Say it in `transaction`."""
        self._check = check
        self._transaction = transaction
        self._ill: set[str] = set()

    async def until_well(self, names: Iterable[str]) -> dict[str, str]:
        """Try probes until they are well or their time is over; return why those are not."""
        async with asyncio.TaskGroup() as group:
            waiting = {name: group.create_task(self._wait_for(name)) for name in names}
        return {name: reason for name, task in waiting.items() if (reason := task.result())}

    async def _wait_for(self, name: str) -> str:
        seconds = self._check.probes[name]
        reason, pause = "", _FIRST_PAUSE
        try:
            async with asyncio.timeout(seconds):
                while reason := await _attempt(self._check, name):
                    self._say_ill(name, reason)
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        except TimeoutError:
            return reason or _no_answer(seconds)
        self._say_well(name)
        return ""

    def _say_ill(self, name: str, reason: str) -> None:
        if name not in self._ill:
            self._ill.add(name)
            self._transaction.write(f"The probe {name} is not well yet: {reason}.")
            self._note()

    def _say_well(self, name: str) -> None:
        if name in self._ill:
            self._ill.remove(name)
            self._transaction.write(f"The probe {name} is well now.")
            self._note()

    def _note(self) -> None:
        if self._ill:
            probes = "probe" if len(self._ill) == 1 else "probes"
            names = ", ".join(sorted(self._ill))
            self._transaction.note(f"waiting for the {probes} {names}")


def _no_answer(seconds: int) -> str:
    return f"no answer within {seconds} second{'' if seconds == 1 else 's'}"


def _told(units: list[str], probes: dict[str, str]) -> str:
    """Say what is worse."""
    told = f"these units failed: {', '.join(units)}." if units else ""
    if probes:
        ill = ", ".join(f"{name} ({reason})" for name, reason in probes.items())
        told += f"{' These' if units else 'these'} probes fail: {ill}."
    return f"After the switch {told}"
