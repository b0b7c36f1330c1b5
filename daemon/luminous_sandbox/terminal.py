"""A terminal: a command's own pseudo terminal, to be read and typed into by a test."""

from __future__ import annotations

import errno
import os
import select
import termios
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from types import TracebackType


# Where the local modes are in what termios.tcgetattr returns.
_LOCAL_FLAGS = 3


class TerminalError(AssertionError):
    """What was expected did not appear on the terminal; the message shows what did."""


class Terminal:
    """The screen and keyboard of one command. `output` is everything it has written so far."""

    def __init__(self, start: Callable[[int], subprocess.Popen[Any]]) -> None:
        """Open a terminal and call `start` with it: a file descriptor for all three streams."""
        self._keyboard, screen = os.openpty()
        try:
            self.process = start(screen)
        except BaseException:
            os.close(self._keyboard)
            raise
        finally:
            os.close(screen)
        self._read = b""
        self._is_open = True

    @property
    def output(self) -> str:
        """Everything the command has written, with line ends as on Unix."""
        return self._read.decode(errors="replace").replace("\r\n", "\n")

    def send(self, text: str) -> None:
        """Type some text. Nothing is typed where nobody can read it any more."""
        try:
            os.write(self._keyboard, text.encode())
        except OSError as error:
            if error.errno != errno.EIO:
                raise

    def send_hidden(self, text: str, timeout: float = 5.0) -> None:
        """Type a password once the terminal hides it; what is typed before that, prompts discard.

        Raises TerminalError when nothing asks for hidden input.
        """
        deadline = time.monotonic() + timeout
        while termios.tcgetattr(self._keyboard)[_LOCAL_FLAGS] & termios.ECHO:
            if time.monotonic() > deadline:
                raise TerminalError(f"Nothing asks for hidden input:\n{self.output}")
            self._read_some(time.monotonic() + 0.01)
        self.send(text)

    def expect(self, text: str, timeout: float = 20.0) -> str:
        """Read until the output has this text, and return all of it. Raises TerminalError."""
        deadline = time.monotonic() + timeout
        while text not in self.output:
            if not self._is_open or not self._read_some(deadline):
                raise TerminalError(f"{text!r} did not appear on the terminal:\n{self.output}")
        return self.output

    def wait(self, timeout: float = 60.0) -> int:
        """Read until the command ends, and return its exit code. Raises TerminalError."""
        deadline = time.monotonic() + timeout
        while self._is_open and self.process.poll() is None:
            self._read_some(min(deadline, time.monotonic() + 0.05))
            if time.monotonic() >= deadline:
                raise TerminalError(f"The command is still running:\n{self.output}")
        while self._is_open and self._read_some(time.monotonic() + 0.02):
            pass
        return int(self.process.wait(max(0.1, deadline - time.monotonic())))

    def close(self) -> None:
        """Hang up: end the command when it still runs, and give the terminal back."""
        self.process.kill()
        self.process.wait()
        if self._keyboard >= 0:
            os.close(self._keyboard)
            self._keyboard = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _read_some(self, deadline: float) -> bool:
        """Read what there is, or what comes before the deadline; tell whether there was any."""
        left = max(0.0, deadline - time.monotonic())
        if not select.select([self._keyboard], [], [], left)[0]:
            return False
        try:
            data = os.read(self._keyboard, 65536)
        except OSError as error:
            if error.errno != errno.EIO:  # what Linux says when nobody has the other end open
                raise
            data = b""
        self._is_open = bool(data)
        self._read += data
        return self._is_open
