"""What can be asked: the index is opened when it is needed, and anew when it is another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_mind.methods import Knowledge
from luminous_protocol.errors import InvalidValue, NotReady
from tests.unit.luminous_mind.asking import FakeRetriever

if TYPE_CHECKING:
    from pathlib import Path

    from luminous_mind.methods import Retriever
    from luminous_mind.worker import Method
    from luminous_protocol.frames import Value


class Shelf:
    """Opens a fake index, and counts how often."""

    def __init__(self, index: Path) -> None:
        """Have nothing opened yet."""
        self.opened = self.tried = 0
        self.is_damaged = False
        self.knowledge = Knowledge(index, self.open)

    def open(self, _index: Path) -> Retriever:
        """Open it once more, unless it is damaged."""
        self.tried += 1
        if self.is_damaged:
            raise ValueError("A file is not what was written.")
        self.opened += 1
        return FakeRetriever()

    def ask(self, name: str, params: dict[str, Value]) -> tuple[list[Value], Value]:
        """Return all parts, and the end."""
        method: Method = self.knowledge.methods()[name]
        steps = method(params)
        parts: list[Value] = []
        while True:
            try:
                parts.append(next(steps))
            except StopIteration as end:
                return parts, end.value


def test_nothing_is_opened_before_somebody_asks_and_then_once(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.opened == 0
    for _ in range(3):
        assert shelf.ask("search", {"query": "git", "limit": 1})[1] == {"count": 1}
    assert shelf.ask("status", {}) == ([], {"package": 1})
    assert shelf.opened == 1


def test_an_index_that_takes_the_place_of_another_is_opened(tmp_path: Path) -> None:
    index, newer = tmp_path / "index", tmp_path / "newer"
    index.symlink_to(tmp_path / "1")
    newer.symlink_to(tmp_path / "2")
    for number in ("1", "2"):
        (tmp_path / number).mkdir()
    shelf = Shelf(index)
    shelf.ask("status", {})
    newer.rename(index)
    shelf.ask("status", {})
    assert shelf.opened == 2


def test_without_an_index_it_is_said_where_there_is_none(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "index")
    with pytest.raises(NotReady, match=r"/index cannot be read \(No such file or directory\)"):
        shelf.ask("search", {"query": "git"})
    (tmp_path / "index").mkdir()
    assert shelf.ask("search", {"query": "nothing"}) == ([], {"count": 0})


def test_while_an_index_is_being_replaced_the_old_one_answers(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    shelf = Shelf(index)
    shelf.ask("status", {})
    index.rmdir()
    assert shelf.ask("status", {}) == ([], {"package": 1})
    assert shelf.opened == 1


def test_while_a_new_index_cannot_be_used_the_old_one_answers_and_the_status_says_so(
    tmp_path: Path,
) -> None:
    shelf = Shelf(tmp_path)
    shelf.ask("status", {})
    shelf.is_damaged = True
    (tmp_path / "lexical").mkdir()
    for _ in range(2):
        (found,), _ = shelf.ask("search", {"query": "git", "limit": 1})
        assert found
    told = shelf.ask("status", {})[1]
    assert isinstance(told, dict)
    assert "The index of before is searched. There is nothing" in str(told["problem"])
    assert shelf.tried == 2
    shelf.is_damaged = False
    (tmp_path / "lexical").rmdir()
    assert shelf.ask("status", {}) == ([], {"package": 1})


def test_a_damaged_index_is_named_and_a_new_one_is_searched(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.is_damaged = True
    with pytest.raises(NotReady, match=r"cannot be read \(A file is not what was written\.\)"):
        shelf.ask("search", {"query": "git"})
    shelf.is_damaged = False
    assert shelf.ask("search", {"query": "nothing"}) == ([], {"count": 0})


def test_a_name_is_described_or_answered_with_others(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    parts, git = shelf.ask("describe", {"kind": "package", "name": "git"})
    assert isinstance(git, dict)
    assert isinstance(git["passage"], dict)
    assert (parts, git["passage"]["id"], git["below"]) == ([], "package:git", [])
    end = shelf.ask("describe", {"kind": "option", "name": "gti"})[1]
    assert end == {"passage": None, "below": [], "nearest": ["git"]}


@pytest.mark.parametrize(
    "params",
    [{}, {"kind": "note", "name": "x"}, {"kind": "option", "name": ""}, {"kind": 3, "name": "x"}],
)
def test_what_is_no_name_is_refused(tmp_path: Path, params: dict[str, Value]) -> None:
    with pytest.raises(InvalidValue):
        Shelf(tmp_path).ask("describe", params)


@pytest.mark.parametrize("has_index", [True, False])
def test_a_message_is_explained_with_an_index_or_without(
    tmp_path: Path, *, has_index: bool
) -> None:
    shelf = Shelf(tmp_path if has_index else tmp_path / "index")
    parts, explanation = shelf.ask("explain", {"text": "error: division by zero"})
    assert parts == []
    assert isinstance(explanation, dict)
    assert explanation["kind"] == "division-by-zero"
    with pytest.raises(InvalidValue):
        shelf.ask("explain", {"text": "error: x", "file": "/etc/shadow"})
