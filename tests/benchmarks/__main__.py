"""The benchmarks: each budget beside its reference, measured in one run.

Usage: python -m tests.benchmarks [--quick] [--only NAME]... [--write]. Prints a table and, last,
one line of JSON. Must be started as root, as the sandbox is; exits with 0 if it could measure.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks import booted
from tests.benchmarks.sampling import Effort
from tests.benchmarks.suite import SUITE, Bench
from tests.benchmarks.table import json_line, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.row import Row

_RESULTS: Final = Path(__file__).resolve().with_name("results")
_CANNOT_RUN: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks that are wanted; return the exit code."""
    options = _parser().parse_args(arguments)
    if os.geteuid() != 0:
        print("The benchmarks run in the sandbox: start them as root.", file=sys.stderr)
        return _CANNOT_RUN
    bench = Bench(Effort(options.quick), options.dbus_library)
    rows: list[Row] = []
    for name in options.only or _possible():
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            rows += SUITE[name](bench)
        except (OSError, RuntimeError) as error:
            print(f"{name} could not be measured: {error}", file=sys.stderr)
            return _CANNOT_RUN
    shown = f"{_circumstances(options.dbus_library)}\n\n{table(rows)}\n\n{json_line(rows)}\n"
    print(shown, end="", flush=True)
    if options.write:
        _RESULTS.mkdir(exist_ok=True)
        (_RESULTS / "table.txt").write_text(shown, encoding="utf-8")
    return 0


def _possible() -> list[str]:
    """Return the benchmarks that this machine can run; say which are left out."""
    missing = booted.missing_programs()
    if not missing:
        return list(SUITE)
    left = f"booted is left out: {', '.join(missing)} is missing (make test-machine installs it)"
    print(left, file=sys.stderr)
    return [name for name in SUITE if name != "booted"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure Luminous beside the references of its budgets. Needs root.",
        allow_abbrev=False,
    )
    parser.add_argument("--quick", action="store_true", help="few runs: a first look")
    parser.add_argument(
        "--only",
        action="append",
        choices=SUITE,
        metavar="NAME",
        help=f"one benchmark, may be given several times: {', '.join(SUITE)}",
    )
    parser.add_argument(
        "--dbus-library",
        choices=("dbus-next", "dbus-fast"),
        help="of the daemon and of its references (default: the daemon's own choice)",
    )
    parser.add_argument(
        "--write", action="store_true", help="keep what is printed in results/table.txt"
    )
    return parser


def _circumstances(dbus_library: str | None) -> str:
    """Say on what this was measured, without what would tell one machine of a kind from another."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"bus library of the daemon: {dbus_library or 'its own choice'}; medians of runs in turn"
    )


if __name__ == "__main__":
    sys.exit(main())
