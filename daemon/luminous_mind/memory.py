"""Memory: what has been loaded is looked through no more, and what was freed goes back."""

from __future__ import annotations

import ctypes
import gc


def settle() -> None:
    """Let the collector pass over all that is there, and return freed memory to the system.

    What was loaded stays as long as the process, and to look through it takes longer than a search.
    Loading the encoder and graphs leaves 20 MB that are free, see malloc_trim(3); another C library
    than GNU's has no such function, and may need none.
    """
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
