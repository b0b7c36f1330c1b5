"""Locating: the line of a configuration file that speaks of something."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.locate import locate

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
{ pkgs, ... }:
{
  # services.openssh.enable is spoken of here only
  services.nginx.enable = true;
  environment.systemPackages = with pkgs; [ htop git-lfs vim ];
  services.openssh = {
    enable = true;
  };
}
"""


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("services.nginx.enable", ":4"),
        ("vim", ":5"),
        ("git", ""),
        ("services.openssh.enable", ":7"),
        ("services.openssh", ":6"),
        ("a.b.nothing", ""),
        ("$(reboot)", ""),
        ("(", ""),
    ],
)
def test_the_first_line_that_holds_a_word_outside_of_comments_is_named(
    tmp_path: Path, word: str, line: str
) -> None:
    file = tmp_path / "configuration.nix"
    file.write_text(TEXT)
    assert locate(str(file), word) == f"{file}{line}"


def test_a_module_in_the_store_is_nixos_itself() -> None:
    assert locate("/nix/store/abc-nixos/nixos/modules/x.nix", "x") == "NixOS itself"


def test_a_file_that_cannot_be_read_is_named_alone(tmp_path: Path) -> None:
    assert locate(str(tmp_path / "gone.nix"), "x") == str(tmp_path / "gone.nix")


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "configuration.nix"
    os.mkfifo(pipe)
    assert locate(str(pipe), "hello") == str(pipe)
