"""Definitions: what an edit does to the lines, and that the inverse takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from luminous_daemon.core.definitions import (
    INSECURE,
    SYSTEM_PACKAGES,
    UNFREE,
    Append,
    Attribution,
    Definition,
    Drop,
    DropItem,
    Edit,
    Put,
    edit,
    inverse,
    is_defined,
    items_of,
    package,
)
from luminous_protocol.changes import (
    AddPackage,
    RemovePackage,
    SetOption,
    UnsetOption,
)
from tests.unit.luminous_protocol.strategies import thoroughly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_protocol.changes import Change, Value

OLD = Attribution("alice", 1, "old")
NEW = Attribution("bob", 2, "new")


def lines(*pairs: tuple[str, Value], by: Attribution = OLD) -> tuple[Definition, ...]:
    """Return definitions of options and values."""
    return tuple(Definition(option, value, by) for option, value in pairs)


BEFORE = lines(("a", 1), ("list", [1, 2]), ("b", "x"), ("list", [3]))


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (Put("c", 5), [("a", 1), ("list", [1, 2]), ("b", "x"), ("list", [3]), ("c", 5)]),
        (Put("a", 5), [("a", 5), ("list", [1, 2]), ("b", "x"), ("list", [3])]),
        (Put("list", [9]), [("a", 1), ("list", [9]), ("b", "x")]),
        (Append("list", 4), [*((d.option, d.value) for d in BEFORE), ("list", [4])]),
        (Append("list", 3), [(d.option, d.value) for d in BEFORE]),
        (Append("new", 3), [*((d.option, d.value) for d in BEFORE), ("new", [3])]),
        (Drop("list"), [("a", 1), ("b", "x")]),
        (Drop("none"), [(d.option, d.value) for d in BEFORE]),
        (DropItem("list", 1), [("a", 1), ("list", [2]), ("b", "x"), ("list", [3])]),
        (DropItem("list", 3), [("a", 1), ("list", [1, 2]), ("b", "x")]),
        (DropItem("a", 1), [(d.option, d.value) for d in BEFORE]),
    ],
    ids=str,
)
def test_an_edit_touches_its_own_option_only(change: Edit, after: list[tuple[str, Value]]) -> None:
    assert [(d.option, d.value) for d in edit(BEFORE, [change], NEW)] == after


def test_only_lines_that_change_get_a_new_attribution() -> None:
    after = edit(BEFORE, [Put("a", 5), Append("list", 4), Put("b", "x")], NEW)
    assert {d.value: d.attribution for d in after if not isinstance(d.value, list)} == {
        5: NEW,
        "x": OLD,
    }
    assert [d.attribution for d in after if d.option == "list"] == [OLD, OLD, NEW]


def test_a_list_that_loses_an_item_keeps_its_attribution() -> None:
    assert edit(BEFORE, [DropItem("list", 1)], NEW)[1].attribution == OLD


def test_items_come_from_all_lines_of_a_list() -> None:
    assert items_of(BEFORE, "list") == [1, 2, 3]
    assert items_of(BEFORE, "a") == []
    assert is_defined(BEFORE, "a")
    assert not is_defined(BEFORE, "c")


def test_true_and_one_are_different_values() -> None:
    after = edit(lines(("a", True), ("list", [1])), [Put("a", 1), Append("list", item=True)], NEW)
    assert [str(d.value) for d in after] == ["1", "[1]", "[True]"]
    assert inverse(lines(("a", True)), lines(("a", 1))) == (SetOption("a", value=True),)


@pytest.mark.parametrize(
    ("before", "after", "back"),
    [
        ((), (("a", 1),), (UnsetOption("a"),)),
        ((("a", 1),), (("a", 2),), (SetOption("a", 1),)),
        ((("a", 1),), (), (SetOption("a", 1),)),
        ((), (("l", [1, 2]),), (UnsetOption("l", 1), UnsetOption("l", 2))),
        ((("l", [1, 2]),), (("l", [2]),), (SetOption("l", [1], append=True),)),
        ((("l", [1]), ("l", [2])), (), (SetOption("l", [1, 2]),)),
        ((), ((SYSTEM_PACKAGES, [package("vim")]),), (RemovePackage("vim"),)),
        (((SYSTEM_PACKAGES, [package("vim")]),), (), (AddPackage("vim"),)),
        ((), (("l", []),), (UnsetOption("l"),)),
        ((("l", []),), (("l", [1]),), (SetOption("l", []),)),
        ((("l", [1]),), (("l", "x"),), (SetOption("l", [1]),)),
        ((("a", 1),), (("a", 1),), ()),
    ],
    ids=str,
)
def test_the_way_back_names_what_was_changed(
    before: tuple[tuple[str, Value], ...],
    after: tuple[tuple[str, Value], ...],
    back: tuple[Change, ...],
) -> None:
    found = inverse(lines(*before), lines(*after))
    assert apply(lines(*after), found) == apply(lines(*before), ())
    if before != (("l", [1]), ("l", [2])):
        assert found == back


def test_exceptions_are_taken_back_one_by_one_and_before_their_packages() -> None:
    discord: Value = {"unfree": ["discord"]}
    both: Value = {"unfree": ["discord", "steam"]}
    packages = (SYSTEM_PACKAGES, [package("vim")])
    before = lines((UNFREE, discord))
    after = lines(packages, (INSECURE, ["ssl-1"]), (UNFREE, both))
    assert inverse(before, after) == (
        UnsetOption(INSECURE, "ssl-1"),
        UnsetOption(UNFREE, "steam"),
        RemovePackage("vim"),
    )
    assert inverse(after, before)[0] == SetOption(UNFREE, ["steam"], append=True)
    assert inverse((), before) == (UnsetOption(UNFREE, "discord"),)
    assert inverse(lines((UNFREE, "pkg: true")), before) == (SetOption(UNFREE, "pkg: true"),)


def apply(definitions: Sequence[Definition], changes: Sequence[Change]) -> dict[str, list[str]]:
    """Carry changes out as resolving would; return options with their items or value as text."""
    edits: list[Edit] = []
    for change in changes:
        match change:
            case AddPackage(name):
                edits.append(Append(SYSTEM_PACKAGES, package(name)))
            case RemovePackage(name):
                edits.append(DropItem(SYSTEM_PACKAGES, package(name)))
            case SetOption(option, [*items], True):
                edits += [Append(option, item) for item in items]
            case SetOption(option, value):
                edits.append(Put(option, value))
            case UnsetOption(option, None):
                edits.append(Drop(option))
            case UnsetOption(option, item):
                edits.append(DropItem(option, item))
    after = edit(definitions, edits, NEW)
    return {
        d.option: sorted(map(repr, items_of(after, d.option)))
        if isinstance(d.value, list)
        else [repr(d.value)]
        for d in after
    }


small_values = st.sampled_from([True, 1, 0, "x", {"a": 1}])
names = st.sampled_from(["a", "b"])
list_names = st.sampled_from(["l", "m"])
list_items = st.sampled_from([1, 2, "x", {"a": 1}])
package_values = st.sampled_from(["vim", "git", "hello"]).map(package)
edits = st.lists(
    st.builds(Put, names, small_values)
    | st.builds(Put, list_names, st.lists(list_items, max_size=3, unique_by=repr))
    | st.builds(Append, list_names, list_items)
    | st.builds(Append, st.just(SYSTEM_PACKAGES), package_values)
    | st.builds(DropItem, list_names, list_items)
    | st.builds(DropItem, st.just(SYSTEM_PACKAGES), package_values)
    | st.builds(Drop, names | list_names),
    max_size=6,
)


@thoroughly
@given(edits, edits)
@example([Put("l", [])], [Append("l", 1)])
@example([], [Put("l", [])])
@example([Put("a", value=True)], [Put("a", 1)])
@example([Append("l", 1), Append("l", 2)], [Put("l", [2, 1])])
def test_the_way_back_restores_options_and_values(first: list[Edit], then: list[Edit]) -> None:
    before = edit((), first, OLD)
    after = edit(before, then, NEW)
    assert apply(after, inverse(before, after)) == apply(before, ())


@thoroughly
@given(edits)
def test_an_edit_made_twice_changes_nothing_more(changes: list[Edit]) -> None:
    after = edit(BEFORE, changes, NEW)
    repeated = edit(after, changes[-1:], NEW)
    assert [(d.option, d.value) for d in repeated] == [(d.option, d.value) for d in after]
