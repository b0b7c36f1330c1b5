"""Changes that mend a person's own files: what they take, and that no free text is among it."""

from __future__ import annotations

from typing import Any

import pytest

from luminous_protocol.changes import AllowPackage, RepairFile, change_to_dict
from luminous_protocol.codec import parse_change
from luminous_protocol.errors import InvalidChange

FILE = "/etc/nixos/configuration.nix"
HASH = "sha256-" + "A" * 43 + "="
HOSTILE = (
    "",
    "a; b",
    "a\nb",
    "${x}",
    'a"${builtins.exec}"',
    '"${x}"',
    "import ./x",
    "''",
    "let",
    "$(reboot)",
    5,
    None,
    ["a"],
    {"a": 1},
)


def repair(**fields: Any) -> RepairFile:  # noqa: ANN401 - any value of JSON
    """Read a repair as it comes over the bus."""
    change = parse_change({"kind": "repair-file", "file": FILE, **fields})
    assert isinstance(change, RepairFile)
    return change


@pytest.mark.parametrize(
    "fields",
    [
        {"operation": "rename", "old": "services.opensh", "new": "services.openssh"},
        {"operation": "rename", "old": "firefx", "new": "firefox", "line": 3, "column": 7},
        {"operation": "remove-definition", "old": "networking.hostName", "line": 3},
        {"operation": "set-value", "old": "services.openssh.ports", "new": [22]},
        {"operation": "insert-token", "old": "}", "new": ";", "line": 9, "column": 1},
        {"operation": "insert-token", "new": "}", "line": 9, "column": 1},
        {"operation": "remove-token", "old": "''", "line": 9, "column": 1},
        {"operation": "add-argument", "new": "lib"},
        {"operation": "replace-hash", "old": HASH, "new": "0" * 52},
        {"operation": "track-file"},
        {"operation": "put-back", "old": "0" * 64, "new": "f" * 64},
    ],
    ids=lambda fields: str(fields["operation"]),
)
def test_a_repair_comes_over_the_bus_and_back_as_it_was(fields: dict[str, Any]) -> None:
    change = repair(**fields)
    assert change_to_dict(change) == {"kind": "repair-file", "file": FILE, **fields}


@pytest.mark.parametrize("new", HOSTILE[:8] + HOSTILE[9:], ids=ascii)
def test_what_a_name_becomes_is_a_name(new: Any) -> None:  # noqa: ANN401 - any value
    with pytest.raises(InvalidChange):
        repair(operation="rename", old="a", new=new)


@pytest.mark.parametrize("new", HOSTILE, ids=ascii)
def test_an_argument_is_a_name(new: Any) -> None:  # noqa: ANN401 - any value
    with pytest.raises(InvalidChange):
        repair(operation="add-argument", new=new)


@pytest.mark.parametrize("new", HOSTILE, ids=ascii)
def test_a_hash_is_a_hash(new: Any) -> None:  # noqa: ANN401 - any value
    with pytest.raises(InvalidChange):
        repair(operation="replace-hash", old=HASH, new=new)


@pytest.mark.parametrize("new", ["", "; x", "{", "in", ";;", "#", 5, None], ids=ascii)
def test_a_token_is_one_of_six(new: Any) -> None:  # noqa: ANN401 - any value
    with pytest.raises(InvalidChange):
        repair(operation="insert-token", new=new, line=1, column=1)


@pytest.mark.parametrize("place", [{}, {"line": 1}, {"column": 1}, {"line": -1, "column": 1}])
def test_a_token_needs_its_place(place: dict[str, int]) -> None:
    with pytest.raises(InvalidChange):
        repair(operation="insert-token", new=";", **place)
    with pytest.raises(InvalidChange):
        repair(operation="remove-token", old=";", **place)


@pytest.mark.parametrize(
    "file",
    [
        "",
        "a.nix",
        "/",
        "/a/../b.nix",
        "/a/./b.nix",
        "/a//b.nix",
        "/a\nb.nix",
        "/a\0",
        "/" + "x" * 5000,
    ],
    ids=ascii,
)
def test_a_file_is_named_by_its_whole_path(file: str) -> None:
    with pytest.raises(InvalidChange):
        RepairFile(file, "track-file")


@pytest.mark.parametrize(
    "fields",
    [
        {"operation": "run"},
        {"operation": "track-file", "new": "x"},
        {"operation": "remove-definition", "old": "a.b", "new": "x"},
        {"operation": "remove-token", "old": ";", "new": ";", "line": 1, "column": 1},
        {"operation": "add-argument", "old": "lib", "new": "lib"},
        {"operation": "rename", "old": "a", "new": "a"},
        {"operation": "set-value", "old": "a b", "new": 1},
        {"operation": "set-value", "old": "a.b", "new": [None]},
        {"operation": "put-back", "old": "0" * 64, "new": "x"},
        {"operation": "rename", "old": "a", "new": "b", "text": "x"},
        {"operation": "rename", "old": "a", "new": "b", "line": True},
    ],
    ids=str,
)
def test_a_repair_that_says_too_much_or_too_little_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidChange):
        repair(**fields)


def test_an_exception_names_its_package_as_the_refusal_does() -> None:
    change = parse_change(
        {"kind": "allow-package", "package": "openssl-1.1.1w", "reason": "insecure"}
    )
    assert change == AllowPackage("openssl-1.1.1w", "insecure")


@pytest.mark.parametrize("package", ["", "a b", '"; x', "../x", "${x}", "x" * 301])
def test_an_exception_is_for_a_name(package: str) -> None:
    with pytest.raises(InvalidChange):
        AllowPackage(package, "unfree")


def test_an_exception_has_one_of_four_reasons() -> None:
    with pytest.raises(InvalidChange):
        parse_change({"kind": "allow-package", "package": "steam", "reason": "because"})
