"""The command: runs a program to its end, and tells what it said when it fails."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN_LINES = 20


class CommandError(RuntimeError):
    """A program ended with an exit status other than 0."""

    def __init__(self, argv: Sequence[str], status: int, output: str) -> None:
        """Keep the status and output beside a message that shows the output's end."""
        tail = "\n".join(output.splitlines()[-_SHOWN_LINES:])
        # Without scripts among the words: they would bury what matters.
        words = shlex.join(word for word in argv if "\n" not in word)
        super().__init__(f"`{words}` ended with status {status}:\n{tail}")
        self.status = status
        self.output = output


def run(argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> str:
    """Run a program and return what it printed on standard output.

    Raises CommandError with both of its outputs when it fails or does not exist.
    """
    try:
        ended = subprocess.run(
            argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise CommandError(argv, 127, str(error)) from error
    if ended.returncode != 0:
        raise CommandError(argv, ended.returncode, ended.stdout + ended.stderr)
    return ended.stdout
