"""The template is named after what it is made of, and starts with a file that Luminous reads."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from luminous_daemon.configuration.module_file import EMPTY
from luminous_sandbox import template
from luminous_sandbox.toolchain import Toolchain


@pytest.fixture
def toolchain(tmp_path: Path) -> Toolchain:
    """Give a toolchain that is nothing but a shell."""
    shell = tmp_path / "shell"
    shell.write_text("a shell")
    return Toolchain(version="2.26", bin_dir=tmp_path / "bin", shell=shell)


def test_the_name_changes_with_the_sources_and_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain
) -> None:
    here = tmp_path / "package"
    shutil.copytree(Path(template.__file__).parent, here, ignore=shutil.ignore_patterns("__*"))
    monkeypatch.setattr(template, "_HERE", here)
    monkeypatch.setattr(template, "_SOURCES", here / "nixos")
    digest = template._digest  # noqa: SLF001 - what decides whether a template is built again
    first = digest(toolchain)
    assert digest(toolchain) == first
    (here / "nixos/nixpkgs/pkgs/new.nix").write_text("{ }")
    second = digest(toolchain)
    (here / "channel.py").write_text("")
    third = digest(toolchain)
    toolchain.shell.write_text("another shell")
    assert len({first, second, third, digest(toolchain)}) == 4


def test_templates_that_nothing_used_for_a_week_are_dropped(tmp_path: Path) -> None:
    for name in ("template-2.8-old", "template-2.8-new", "other"):
        (tmp_path / name).mkdir()
    week_ago = time.time() - 8 * 24 * 3600
    for name in ("template-2.8-old", "other"):
        os.utime(tmp_path / name, (week_ago, week_ago))
    template._drop_unused(tmp_path)  # noqa: SLF001 - needs no template
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "template-2.8-new"]


def test_the_machine_starts_with_the_file_that_luminous_would_write() -> None:
    nixos = Path(template.__file__).with_name("nixos") / "etc-nixos"
    assert (nixos / "luminous.nix").read_text() == EMPTY
    assert "./luminous.nix" in (nixos / "configuration.nix").read_text()
