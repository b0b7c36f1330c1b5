"""An answer that is kept until what it tells has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Kept(Generic[T]):
    """Makes an answer again only when its stamp differs.

    Otherwise the very same object is returned, by which the dispatcher sees that it is encoded
    already. Nobody may change it.
    """

    def __init__(self, stamp: Callable[[], object], make: Callable[[], T]) -> None:
        """Keep what `make` returns; `stamp` is cheap and changes whenever that would."""
        self._stamp = stamp
        self._make = make
        self._made: tuple[object, T] | None = None

    def read(self) -> T:
        """Return the answer that is right now."""
        stamp = self._stamp()
        if self._made is None or self._made[0] != stamp:
            self._made = (stamp, self._make())
        return self._made[1]
