"""Calls in flight: how many a client may have answered at the same time, and how large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luminous_protocol.dbus import Call

_MAX_CALLS = 64
_MAX_WEIGHT = 3_000_000
"""Of all calls of one client together. A plan with all changes that one may have is lighter."""
_ITEM = 8


class InFlight:
    """The calls that are being answered, by who sent them.

    Without a bound on their weight one client could make the daemon hold gigabytes: the bus takes
    messages of 32 MiB, and a call is held until the bus has said who sent it.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._held: dict[str, list[int]] = {}

    def admit(self, call: Call) -> int:
        """Return the weight of a call that may be answered, to be given back; -1 if it may not."""
        held = self._held.get(call.sender, [])
        weight = weigh(call.body, _MAX_WEIGHT)
        if len(held) >= _MAX_CALLS or sum(held) + weight > _MAX_WEIGHT:
            return -1
        self._held[call.sender] = [*held, weight]
        return weight

    def release(self, sender: str, weight: int) -> None:
        """Let go of a call that has been answered."""
        held = self._held[sender]
        held.remove(weight)
        if not held:
            del self._held[sender]


def weigh(values: list[Any], enough: int) -> int:
    """Return about how many bytes `values` take; what is more than `enough` is not counted on."""
    weight, left = 0, list(values)
    while left and weight <= enough:
        match left.pop():
            case str() | bytes() as text:
                weight += len(text)
            case list() as items:
                left.extend(items)
            case dict() as pairs:
                left.extend(pairs)
                left.extend(pairs.values())
        weight += _ITEM
    return weight
