"""Errors: named once, drawn in one tree, the same on the bus and off it."""

from __future__ import annotations

import re

import pytest

import luminous_protocol.errors as module
from luminous_protocol.errors import ERRORS, Internal, LuminousError, UnknownPackage, error_named


def drawn() -> list[tuple[int, str]]:
    """Return names and depths from the tree in the module's docstring."""
    assert module.__doc__ is not None
    found = []
    for line in module.__doc__.splitlines():
        tree = re.fullmatch(r" {4}([│├└─ ]*)([A-Z].*)", line)
        if tree:
            columns = re.split(r" {2,}", tree[2])
            named = [word for word in columns if re.fullmatch(r"[A-Z]\w+", word)]
            found += [(len(tree[1]) // 4, word) for word in named]
    return found


def all_errors(root: type[LuminousError] = LuminousError) -> list[type[LuminousError]]:
    """Return every class of the tree, the root first; clients add their own, which stay out."""
    children = [kind for kind in root.__subclasses__() if kind.__module__ == root.__module__]
    return [root, *(error for child in children for error in all_errors(child))]


def test_every_name_stands_for_one_error() -> None:
    names = [error.__name__ for error in all_errors()]
    assert len(set(names)) == len(names)
    assert dict(ERRORS) == {error.__name__: error for error in all_errors()}


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_an_error_is_found_by_its_short_name_and_by_the_one_on_the_bus(name: str) -> None:
    made = ERRORS[name]("What to do next.", {"nearest": ["a"]})
    assert made.name == name
    assert made.dbus_name == f"org.luminous1.Error.{name}"
    for word in (name, made.dbus_name):
        found = error_named(word, "What to do next.")
        assert type(found) is ERRORS[name]
        assert found.message == str(found) == "What to do next."


@pytest.mark.parametrize("name", ["", "Unheard", "org.freedesktop.DBus.Error.NoReply", "Exception"])
def test_an_unheard_name_is_an_internal_error(name: str) -> None:
    assert type(error_named(name, "x")) is Internal


def test_every_error_stands_in_the_tree_of_the_docstring_below_its_parent() -> None:
    parents: list[str] = []
    seen: dict[str, str] = {}
    for depth, name in drawn():
        del parents[depth:]
        seen[name] = parents[-1] if parents else ""
        if ERRORS[name].__subclasses__():
            parents.append(name)
    assert seen == {
        name: error.__base__.__name__ if error is not LuminousError and error.__base__ else ""
        for name, error in ERRORS.items()
    }


def test_every_error_says_what_it_means() -> None:
    assert [name for name, error in ERRORS.items() if not error.__doc__] == []


def test_details_are_the_errors_own_copy() -> None:
    details: dict[str, str | list[str]] = {"nearest": ["vim"]}
    error = UnknownPackage("There is no package called 'vmi'.", details)
    details.clear()
    assert error.details == {"nearest": ["vim"]}
    assert UnknownPackage("x").details == {}
