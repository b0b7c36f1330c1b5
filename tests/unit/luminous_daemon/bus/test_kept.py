"""An answer is made again when what it tells has changed, and is the same object until then."""

from __future__ import annotations

from luminous_daemon.bus.kept import Kept


def test_an_answer_is_made_once_for_each_stamp() -> None:
    stamp = ["a"]
    kept = Kept(lambda: tuple(stamp), lambda: {"stamp": list(stamp)})
    first = kept.read()
    assert kept.read() is first
    stamp.append("b")
    second = kept.read()
    assert second == {"stamp": ["a", "b"]}
    assert kept.read() is second


def test_nothing_is_an_answer_too() -> None:
    made: list[int] = []
    kept = Kept(lambda: None, lambda: made.append(1))
    kept.read()
    kept.read()
    assert made == [1]
