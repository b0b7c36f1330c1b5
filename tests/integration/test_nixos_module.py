"""The NixOS module: options and their defaults, wrong values, and what it makes of a machine.

On the miniature's module system, or on that of a real nixpkgs: `NIXPKGS=path make test-module`.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.settings import Settings, load
from setup import options as option_page
from tests.integration.evaluating import NIXPKGS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.evaluating import Module


def test_every_setting_of_the_daemon_is_an_option_with_its_default(luminous: Module) -> None:
    shown = luminous.of("", "s.config.services.luminous.settings")
    defaults = {field.name: getattr(Settings(), field.name) for field in fields(Settings)}
    assert shown == json.loads(json.dumps(defaults, default=str))


def test_every_option_is_on_the_page_as_it_is(luminous: Module) -> None:
    listed = "s.pkgs.lib.optionAttrSetToDocList s.options.services.luminous"
    page = option_page.page(luminous.of("", listed))
    committed = option_page.PAGE.read_text(encoding="utf-8")
    if NIXPKGS:  # which tells types in other words
        page, committed = (re.sub(r"(?m)^\* Type: .*$", "", text) for text in (page, committed))
    assert page == committed, "run `make manuals`"


@pytest.mark.parametrize(
    ("configuration", "settings"),
    [
        ("/etc/nixos/laptop.nix", ["/etc/nixos/laptop.nix", "", "/etc/nixos/luminous.nix"]),
        (
            "/home/alice/machine#laptop",
            [
                "/etc/nixos/configuration.nix",
                "/home/alice/machine#laptop",
                "/home/alice/machine/luminous.nix",
            ],
        ),
    ],
)
def test_one_option_says_where_the_configuration_is(
    luminous: Module, configuration: str, settings: list[str]
) -> None:
    asked = "with s.config.services.luminous.settings; [ configuration flake file ]"
    assert luminous.of(f'enable = true; configuration = "{configuration}";', asked) == settings


def test_a_flake_is_of_the_host_unless_a_name_is_given(luminous: Module) -> None:
    asked = "s.config.services.luminous.settings.flake == "
    asked += '"/etc/nixos#${s.config.networking.hostName}"'
    assert luminous.of('enable = true; configuration = "/etc/nixos";', asked)


def test_enabling_it_is_all_that_it_takes(luminous: Module) -> None:
    enabled = 'enable = true; users = [ "alice" ];'
    asked = """let c = s.config; p = c.services.luminous.package; in {
      program = builtins.elem p c.environment.systemPackages;
      bus = builtins.elem p c.services.dbus.packages;
      unit = builtins.elem p c.systemd.packages;
      polkit = c.security.polkit.enable;
      members = c.users.groups.luminous.members;
      wanted = c.systemd.services.luminousd.wantedBy;
      restarts = c.systemd.services.luminousd.restartIfChanged;
      writes = c.systemd.services.luminousd.serviceConfig.ReadWritePaths;
      problems = map (a: a.message) (builtins.filter (a: !a.assertion) c.assertions);
    }"""
    assert luminous.of(enabled, asked) == {
        "program": True,
        "bus": True,
        "unit": True,
        "polkit": True,
        "members": ["alice"],
        "wanted": ["multi-user.target"],
        "restarts": False,
        "writes": ["-/etc/nixos"],
        "problems": [],
    }


def test_what_the_daemon_writes_of_a_flake_is_opened_to_it(luminous: Module) -> None:
    enabled = 'enable = true; configuration = "/srv/machines#x"; settings.file = '
    enabled += '"/srv/machines/hosts/x/luminous.nix";'
    asked = "s.config.systemd.services.luminousd.serviceConfig.ReadWritePaths"
    assert luminous.of(enabled, asked) == [
        "-/srv/machines/hosts/x",
        "-/etc/nixos",
        "-/srv/machines",
    ]


def test_a_whole_system_with_it_can_be_instantiated(luminous: Module) -> None:
    assert luminous.of("enable = true;", "s.system.drvPath").startswith("/nix/store/")


def test_nothing_is_there_that_is_not_enabled(luminous: Module) -> None:
    asked = "[ (s.config.systemd.services ? luminousd) (s.config.users.groups ? luminous) ]"
    assert luminous.of("enable = false;", asked) == [False, False]


@pytest.mark.skipif(bool(NIXPKGS), reason="a real nixpkgs writes the file when it is built")
def test_the_settings_file_is_one_that_the_daemon_reads(luminous: Module, tmp_path: Path) -> None:
    enabled = (
        'enable = true; settings.plan_seconds = 60; settings.log_level = "debug";'
        'health.probes.site = { url = "http://localhost/"; seconds = 3; };'
    )
    file = tmp_path / "luminous.toml"
    text = luminous.of(enabled, 's.config.environment.etc."luminous/luminous.toml".source.text')
    file.write_text(text, encoding="utf-8")
    loaded = load(file, {})
    assert (loaded.plan_seconds, loaded.log_level) == (60, "debug")
    assert list(loaded.probes) == ["site"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            'knowledge.sources."/srv/x" = "poems";',
            "services.luminous.knowledge.sources.",
        ),
        ('mind.encoder = "encoder";', "services.luminous.mind.encoder' is not of type"),
        ("mind.idleTimeout = 0;", "services.luminous.mind.idleTimeout' is not of type"),
        ("enabled = true;", "services.luminous.enabled' does not exist"),
        ('users = "alice";', "services.luminous.users' is not of type"),
        ('asking = "nobody";', "services.luminous.asking' is not of type"),
        ('authentication = "no";', "services.luminous.authentication' is not of type"),
        ("settings.plan_seconds = 0;", "services.luminous.settings.plan_seconds' is not of type"),
        ('settings.file = "nixos.nix";', "services.luminous.settings.file' is not of type"),
        ('configuration = "etc";', "services.luminous.configuration' is not of type"),
        ('settings.backend = "other";', "services.luminous.settings.backend' is not of type"),
        (
            "health.probes.site.seconds = 301;",
            "services.luminous.health.probes.site.seconds' is not of type",
        ),
        (
            'health.probes.site.port = "80";',
            "services.luminous.health.probes.site.port' does not exist",
        ),
    ],
)
def test_a_wrong_value_names_its_option(luminous: Module, options: str, says: str) -> None:
    asked = "with s.config.services.luminous; "
    asked += "[ settings users asking authentication configuration health mind knowledge ]"
    assert says in luminous.refusal(options, asked)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            'users = [ "nobody-knows" ];',
            "services.luminous.users names nobody-knows, whom users.users does not know.",
        ),
        (
            'configuration = "/etc/nixos#laptop"; settings.file = "/srv/luminous.nix";',
            "services.luminous.settings.file has to lie in the flake",
        ),
        (
            "health.probes.site = { };",
            "services.luminous.health.probes.site needs one of command, unit, tcp and url",
        ),
        (
            'health.probes.site = { tcp = "localhost:80"; unit = "nginx.service"; };',
            "services.luminous.health.probes.site needs one of command, unit, tcp and url",
        ),
        (
            'health.probes.site = { tcp = "localhost:80"; user = "alice"; };',
            "services.luminous.health.probes.site.user says who runs a command",
        ),
    ],
)
def test_what_makes_no_sense_together_names_the_option_to_change(
    luminous: Module, options: str, says: str
) -> None:
    assert says in luminous.refusal(f"enable = true; {options}", "s.system.drvPath")


@pytest.mark.parametrize(
    ("authentication", "answer"),
    [("none", "YES"), ("self", "AUTH_SELF_KEEP"), ("administrator", "AUTH_ADMIN_KEEP")],
)
def test_the_rule_answers_for_members_and_leaves_the_rest(
    luminous: Module, authentication: str, answer: str
) -> None:
    enabled = f'enable = true; group = "menders"; authentication = "{authentication}";'
    rule = luminous.of(enabled, "s.config.security.polkit.extraConfig")
    assert 'subject.isInGroup("menders")' in rule
    assert re.findall(r"polkit\.Result\.(\w+)", rule) == [answer, "NOT_HANDLED"]
    assert "collect-garbage" not in rule
    assert "manage-others" not in rule


def test_asking_can_be_kept_to_the_group(luminous: Module) -> None:
    enabled = 'enable = true; group = "menders"; asking = "group";'
    rule = luminous.of(enabled, "s.config.security.polkit.extraConfig")
    first = rule.partition("});")[0]
    assert '"org.luminous1.read"' in first
    assert '"org.luminous1.plan"' in first
    assert '!subject.isInGroup("menders")' in first
    assert "polkit.Result.NO;" in first


def test_the_units_are_the_shipped_ones_with_little_beside_them(luminous: Module) -> None:
    asked = """let units = s.config.systemd.units; in
      builtins.mapAttrs (name: _: units.${name}.text) {
        "luminousd.service" = 0; "luminous-catalogue.service" = 0; "luminous-mind.service" = 0;
        "luminous-mind-index.path" = 0; "luminous-mind-index.timer" = 0;
      }"""
    texts = luminous.of("enable = true;", asked)
    keys = {
        name: set(re.findall(r"(?m)^(\w[\w-]*)=", text.partition("[Service]")[2]))
        for name, text in texts.items()
    }
    beside = {"Environment", "ReadWritePaths", "X-RestartIfChanged"}
    assert keys["luminousd.service"] == beside
    assert keys["luminous-catalogue.service"] == {"Environment"}
    assert keys["luminous-mind.service"] - {"Environment"} == {"MemoryMax"}
    assert keys["luminous-mind-index.path"] == keys["luminous-mind-index.timer"] == set()
    assert "PathChanged" not in texts["luminous-mind-index.path"]
