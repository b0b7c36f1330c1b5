"""What is slow to make is made once, whole, and kept where the user wants it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.cache import cache_dir, ensure

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LUMINOUS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_variables")
def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/alice")
    assert cache_dir() == Path("/home/alice/.cache/luminous")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/alice")
    assert cache_dir() == Path("/var/cache/alice/luminous")
    monkeypatch.setenv("LUMINOUS_CACHE", "/srv/own")
    assert cache_dir() == Path("/srv/own")


def _fill(text: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / "made").write_text(text)

    return make


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    target = tmp_path / "below" / "thing"
    assert ensure(target, _fill("first")) == target
    assert ensure(target, _fill("second")) == target
    assert (target / "made").read_text() == "first"
    assert target.stat().st_mode & 0o777 == 0o755


def test_a_failure_leaves_nothing_and_the_next_try_starts_afresh(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        ensure(tmp_path / "thing", fail)
    assert [path.name for path in tmp_path.iterdir()] == [".thing.lock"]
    ensure(tmp_path / "thing", _fill("whole"))
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["made"]


def test_what_a_killed_process_left_behind_is_removed(tmp_path: Path) -> None:
    abandoned = tmp_path / ".thing.abc123"
    (abandoned / "folder").mkdir(parents=True)
    ensure(tmp_path / "thing", _fill("whole"))
    assert not abandoned.exists()


def test_two_who_ask_at_once_make_it_once(tmp_path: Path) -> None:
    made: list[str] = []
    meeting = threading.Barrier(2)

    def make(folder: Path) -> None:
        made.append(folder.name)

    def ask() -> None:
        meeting.wait()
        ensure(tmp_path / "thing", make)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
