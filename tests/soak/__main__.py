"""`make soak`: 50 clients for ten minutes (`CLIENTS=`, `SECONDS=`), in a sandbox."""

from __future__ import annotations

import argparse
import sys

from luminous_sandbox.machine import Sandbox
from tests.soak.measuring import soak, table


def main() -> None:
    """Soak, print the table, and fail when something was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with Sandbox() as sandbox:
        report = soak(sandbox, chosen.seconds, chosen.clients, chosen.seed)
    sys.stdout.write(f"{table(report)}\n")
    sys.exit(1 if report["wrong"] else 0)


if __name__ == "__main__":
    main()
