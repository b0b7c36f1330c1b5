"""`luminousd`: the first code of root's process, before anything else is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the daemon without OpenSSL, which asyncio and hashlib load where they can.

    Root speaks no TLS, and Python has the digests of small files itself: 7 MB less.
    """
    for module in ("ssl", "_hashlib"):
        sys.modules[module] = None  # type: ignore[assignment] # the documented way to let an import fail
    from luminous_daemon.app import main as run  # noqa: PLC0415 - not before that

    run()


if __name__ == "__main__":
    main()
