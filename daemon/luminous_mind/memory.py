"""Memory: what was freed goes back to the system, where the C library keeps it."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Return freed memory to the system; loading the encoder and graphs leaves 20 MB of it.

    See malloc_trim(3); another C library than GNU's has no such function, and may need none.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
