"""Where an option is defined: the lines that the syntax tree shows, and none that it does not."""

from __future__ import annotations

import pytest

from luminous_daemon.configuration.defined import lines_of

TEXT = b"""\
{ config, lib, pkgs, ... }:
{
  # services.nginx.enable = true;
  services.caddy.enable = true;
  services.openssh = {
    enable = true;
    settings.PermitRootLogin = "no";
  };
  networking.firewall.allowedTCPPorts = [ 80 ];
  environment.etc."a.conf".text = "services.nginx.enable = true;";
  services.nginx = lib.mkIf config.services.caddy.enable {
    enable = false;
  };
  users.users.${"alice"}.shell = pkgs.zsh;
}
"""


@pytest.mark.parametrize(
    ("option", "lines"),
    [
        ("services.caddy.enable", [4]),
        ("services.openssh.enable", [6]),
        ("services.openssh.settings", [7]),
        ("services.openssh.settings.PermitRootLogin", [7]),
        ('environment.etc."a.conf".text', [10]),
        ("services.nginx.enable", [12]),
        ("users.users.alice.shell", []),
        ("services.mysql.enable", []),
    ],
)
def test_a_definition_is_found_by_what_is_written_and_not_by_its_words(
    option: str, lines: list[int]
) -> None:
    assert lines_of(TEXT, option) == lines


def test_definitions_that_always_count_come_before_those_under_a_condition() -> None:
    text = (
        b"{ lib, ... }: { config = lib.mkMerge [\n{ a.b = 1; }\n(lib.mkIf false { a.b = 2; })\n]; }"
    )
    assert lines_of(text, "a.b") == [2]


@pytest.mark.parametrize("content", [b"", b"{ a = ", b"\xff", b"{ a.b = 1; }" + b" " * 200_000])
def test_what_is_not_read_shows_no_line(content: bytes) -> None:
    assert lines_of(content, "a.b") == []
