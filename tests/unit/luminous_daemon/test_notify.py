"""Telling the service manager, and writing the log."""

from __future__ import annotations

import logging
import socket
import sys
import types
from typing import TYPE_CHECKING

import pytest

from luminous_daemon import log
from luminous_daemon.notify import notify, watchdog_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Give the socket of a service manager."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(1)
        yield receiver


def test_the_service_manager_is_told(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", manager.getsockname())
    notify("READY=1")
    assert manager.recv(100) == b"READY=1"


def test_an_abstract_socket_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("")  # the kernel chooses an abstract name
        receiver.settimeout(1)
        name = receiver.getsockname()[1:].decode()
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        notify("STOPPING=1")
        assert receiver.recv(100) == b"STOPPING=1"


def test_without_a_service_manager_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")


def test_a_service_manager_that_is_gone_is_no_reason_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify("WATCHDOG=1")


@pytest.mark.parametrize(
    ("value", "seconds"), [("30000000", 15.0), ("0", 0.0), ("", 0.0), ("-5", 0.0), ("x", 0.0)]
)
def test_the_watchdog_hears_twice_in_its_time(
    value: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", value)
    assert watchdog_seconds() == seconds
    monkeypatch.delenv("WATCHDOG_USEC")
    assert watchdog_seconds() == 0


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    """Give the root logger, and put it back afterwards."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    for handler in handlers:
        root.removeHandler(handler)
    yield root
    root.setLevel(level)
    root.handlers[:] = handlers


def test_a_log_on_a_terminal_is_readable(
    root_logger: logging.Logger,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    log.set_up("warning")
    logging.getLogger("x").warning("%d lines", 3)
    logging.getLogger("x").info("not this")
    assert capsys.readouterr().err.endswith(" WARNING x: 3 lines\n")
    assert root_logger.level == logging.WARNING


@pytest.mark.parametrize("has_journal", [True, False])
def test_a_log_under_systemd_goes_to_the_journal_where_there_is_one(
    root_logger: logging.Logger, monkeypatch: pytest.MonkeyPatch, *, has_journal: bool
) -> None:
    class JournalHandler(logging.NullHandler):
        """What systemd-python has."""

        def __init__(self, SYSLOG_IDENTIFIER: str) -> None:  # noqa: N803 - systemd's own name
            super().__init__()
            self.identifier = SYSLOG_IDENTIFIER

    module = types.ModuleType("systemd.journal")
    module.JournalHandler = JournalHandler  # type: ignore[attr-defined] # a module made here
    monkeypatch.setitem(sys.modules, "systemd", types.ModuleType("systemd"))
    monkeypatch.setitem(sys.modules, "systemd.journal", module if has_journal else None)
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    log.set_up("info")
    (handler,) = root_logger.handlers
    assert getattr(handler, "identifier", "") == ("luminousd" if has_journal else "")
