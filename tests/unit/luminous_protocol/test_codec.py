"""The codec: everything that comes from another process is checked once, with exact complaints."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from luminous_protocol.changes import AddPackage, Change, SetOption, change_to_dict
from luminous_protocol.codec import MAX_CHANGES, parse_change, parse_changes, take_options
from luminous_protocol.errors import InvalidChange, InvalidValue
from tests.unit.luminous_protocol.strategies import changes, thoroughly


@thoroughly
@given(changes)
def test_parsing_takes_back_what_plain_data_made(change: Change) -> None:
    data = change_to_dict(change)
    assert parse_change(data) == change
    assert parse_change(json.loads(json.dumps(data))) == change


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({}, "A change needs a known kind. Known: add-package, allow-package, "),
        ({"kind": "run-command", "command": "reboot"}, "A change needs a known kind"),
        ({"kind": 5}, "A change needs a known kind"),
        ({"kind": "add-package"}, "malformed at add-package.package: Field required"),
        ({"kind": "add-package", "package": 5}, "malformed at add-package.package"),
        ({"kind": "add-package", "package": ["vim"]}, "malformed at add-package.package"),
        ({"kind": "add-package", "package": "vim", "extra": 1}, "malformed at add-package.extra"),
        ({"kind": "add-package", "package": "$(reboot)"}, "'\\$\\(reboot\\)' is not a package's"),
        ({"kind": "set-option", "option": "a", "value": 1, "append": "yes"}, "set-option.append"),
        ({"kind": "switch-generation", "generation": "5"}, "switch-generation.generation"),
        ({"kind": "switch-generation", "generation": 5.0}, "switch-generation.generation"),
        ({"kind": "switch-generation", "generation": True}, "switch-generation.generation"),
        ({"kind": "update-inputs", "inputs": "nixos"}, "update-inputs.inputs"),
        ({"kind": "update-inputs", "inputs": [1]}, "update-inputs.inputs.0"),
        ({"kind": "rebuild", "action": "dry-activate"}, "not something a rebuild can do"),
    ],
)
def test_a_malformed_change_is_refused_with_what_is_wrong_in_it(
    data: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidChange, match=complaint):
        parse_change(data)


@pytest.mark.parametrize(
    "value",
    [b"bytes", {1, 2}, object(), float("nan"), float("inf"), 10**400, "\ud800", "x" * 1_000_000],
    ids=lambda value: ascii(value)[:20],
)
def test_a_value_that_cannot_travel_is_refused(value: object) -> None:
    with pytest.raises(InvalidChange):
        parse_change({"kind": "set-option", "option": "a.b", "value": value})


def test_a_value_nested_past_all_reason_is_refused() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(InvalidChange):
        parse_change({"kind": "set-option", "option": "a.b", "value": value})
    while value:  # freed from the outside in: the interpreter would do it by recursion
        value = value.pop()


def test_what_is_refused_is_not_quoted_at_length() -> None:
    with pytest.raises(InvalidChange) as refused:
        parse_change({"kind": "add-package", "package": "v" * 1_000_000})
    assert len(refused.value.message) < 200


def test_changes_keep_their_order() -> None:
    data = [{"kind": "add-package", "package": name} for name in ("vim", "git")]
    assert parse_changes(data) == (AddPackage("vim"), AddPackage("git"))


def test_no_changes_and_too_many_changes_are_refused() -> None:
    with pytest.raises(InvalidChange, match="nothing to plan"):
        parse_changes([])
    one = change_to_dict(SetOption("a.b", value=True))
    assert len(parse_changes([one] * MAX_CHANGES)) == MAX_CHANGES
    with pytest.raises(InvalidChange, match="at most 100"):
        parse_changes([one] * (MAX_CHANGES + 1))


def test_options_of_the_right_names_and_types_are_taken() -> None:
    taken = take_options({"wait": True, "keep": 3}, {"wait": bool, "keep": int, "words": str})
    assert taken == {"wait": True, "keep": 3}


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"force": True}, "There is no option 'force' here. Known: keep, wait."),
        ({"wait": 1}, "'wait' takes a value of type bool"),
        ({"keep": True}, "'keep' takes a value of type int"),
        ({"keep": "3"}, "'keep' takes a value of type int"),
    ],
)
def test_options_of_other_names_or_types_are_refused(
    options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InvalidValue, match=complaint):
        take_options(options, {"wait": bool, "keep": int})


def test_a_method_without_options_says_so() -> None:
    with pytest.raises(InvalidValue, match="Known: none"):
        take_options({"x": 1}, {})
