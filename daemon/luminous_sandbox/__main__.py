"""Starts `luminous-sandbox` where the program itself is not on PATH."""

from __future__ import annotations

import sys

from luminous_sandbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
