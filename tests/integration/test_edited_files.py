"""Edited files as Nix itself reads them: they say exactly what they said, but for the edit."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from luminous_daemon.configuration.editing import edit_text
from luminous_daemon.core.definitions import SYSTEM_PACKAGES, Append, Drop, DropItem, Put, package
from luminous_sandbox.toolchain import find_toolchain
from tests.nix_modules import layouts

if TYPE_CHECKING:
    from pathlib import Path

    from luminous_daemon.core.definitions import Edit
    from luminous_sandbox.toolchain import NixVersion

HOST = "networking.hostName"
EDITS: list[Edit] = [
    Append(SYSTEM_PACKAGES, package("jq")),
    DropItem(SYSTEM_PACKAGES, package("a")),
    DropItem(SYSTEM_PACKAGES, package("b.c")),
    Put(HOST, 'new "${a}" name'),
    Drop(HOST),
    Put("services.a.b", [1, -2, {"c": True}]),
]
READ = """
texts: map (file: let
  pkgs = { a = "a"; b.c = "b.c"; d = "d"; e = "e"; jq = "jq"; };
  lib = {
    mkForce = value: value;
    mkMerge = contents: { inherit contents; };
    optionals = yes: list: if yes then list else [ ];
  };
  module = import file;
  arguments = { inherit lib pkgs; config.x = true; f = number: "f"; };
  said = if builtins.isFunction module then module arguments else module;
  parts = value: value.contents or [ value ];
  found = path: builtins.filter (value: value != null) (map path (parts (said.config or said)));
in {
  packages = builtins.concatLists (found (part: part.environment.systemPackages or null));
  host = found (part: part.networking.hostName or null);
  other = found (part: part.services.a.b or null);
}) texts
"""


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Give a folder for the texts of one test."""
    return tmp_path


def read(version: NixVersion, folder: Path, *texts: str) -> list[dict[str, Any]]:
    """Return what Nix says that each of `texts` says."""
    files = []
    for number, text in enumerate(texts):
        file = folder / f"{number}.nix"
        file.write_text(text, encoding="utf-8", newline="")
        files.append(str(file))
    done = subprocess.run(
        [
            *(str(find_toolchain(version).bin_dir / "nix-instantiate"), "--eval", "--strict"),
            *("--json", "--expr", f"({READ}) [ {' '.join(files)} ]"),
        ],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"NIX_REMOTE": "dummy://"},
    )
    assert done.returncode == 0, f"{done.stderr}\n{texts}"
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def expected(before: dict[str, Any], edit: Edit) -> dict[str, Any]:
    match edit:
        case Append():
            return before | {"packages": sorted([*before["packages"], "jq"])}
        case DropItem(item={"package": str(name)}):
            return before | {"packages": [one for one in before["packages"] if one != name]}
        case Put(option="networking.hostName", value=value):
            return before | {"host": [value]}
        case Drop():
            return before | {"host": []}
        case Put(value=value):
            return before | {"other": [value]}
    raise AssertionError(edit)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(text=layouts(), edit=st.sampled_from(EDITS))
def test_an_edited_file_says_exactly_what_it_is_to(
    nix: NixVersion, texts: Path, text: str, edit: Edit
) -> None:
    try:
        edited = edit_text(text, edit)
    except ValueError:
        return
    before, after = (
        one | {"packages": sorted(one["packages"])} for one in read(nix, texts, text, edited)
    )
    assert after == expected(before, edit)


def test_most_edits_of_the_usual_shapes_are_made() -> None:
    """Refusing everything would be safe, and of no use."""
    made = refused = 0

    @settings(max_examples=100, database=None, derandomize=True)
    @given(layouts())
    def count(text: str) -> None:
        nonlocal made, refused
        for edit in EDITS:
            try:
                edit_text(text, edit)
                made += 1
            except ValueError:
                refused += 1

    count()
    assert made > 4 * refused
