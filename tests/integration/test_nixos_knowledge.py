"""The NixOS module's half for searching: what is listed, indexed, and read by what searches.

On the miniature's module system, or on that of a real nixpkgs: `NIXPKGS=path make test-module`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from luminous_mind.ingest.sources import READERS
from luminous_mind.settings import Settings as MindSettings
from luminous_mind.settings import SourceKind
from luminous_mind.settings import load as load_mind
from tests.integration.evaluating import NIXPKGS, PACKAGE

if TYPE_CHECKING:
    from tests.integration.evaluating import Module


def test_what_can_be_searched_is_kept_by_somebody_without_rights(luminous: Module) -> None:
    asked = """let c = s.config; in {
      options = c.environment.etc."luminous/options.json".source;
      nixpkgs = c.systemd.services.luminous-catalogue.environment.NIXPKGS == toString s.pkgs.path;
      timer = c.systemd.timers.luminous-catalogue.wantedBy;
      group = c.users.users.luminous-mind.group;
      system = c.users.users.luminous-mind.isSystemUser;
    }"""
    found = luminous.of("enable = true;", asked)
    assert found.pop("options").endswith("/share/doc/nixos/options.json")
    assert found == {
        "nixpkgs": True,
        "timer": ["timers.target"],
        "group": "luminous-mind",
        "system": True,
    }


def test_nothing_is_kept_for_searching_where_nobody_wants_it(luminous: Module) -> None:
    asked = """[
      (s.config.environment.etc ? "luminous/options.json")
      (s.config.systemd.services ? luminous-catalogue)
      (s.config.users.users ? luminous-mind)
    ]"""
    options = "enable = true; catalogue.enable = false; mind.enable = false;"
    assert luminous.of(options, asked) == [False, False, False]


def test_what_searches_is_started_by_a_question_on_its_own_settings(luminous: Module) -> None:
    asked = """let c = s.config; in {
      socket = c.systemd.sockets.luminous-mind.wantedBy;
      memory = c.systemd.services.luminous-mind.serviceConfig.MemoryMax;
      settings = c.environment.etc ? "luminous/mind.toml";
      user = c.users.users ? luminous-mind;
      units = builtins.elem c.services.luminous.mind.package c.systemd.packages;
    }"""
    options = 'enable = true; catalogue.enable = false; mind.memoryMax = "512M";'
    assert luminous.of(options, asked) == {
        "socket": ["sockets.target"],
        "memory": "512M",
        "settings": True,
        "user": True,
        "units": True,
    }


def test_what_is_searched_is_indexed_after_boots_and_changes(luminous: Module) -> None:
    asked = """with s.config.systemd; {
      path = paths.luminous-mind-index.wantedBy;
      timer = timers.luminous-mind-index.wantedBy;
      watched = paths.luminous-mind-index.pathConfig.PathChanged;
    }"""
    options = 'enable = true; knowledge.sources."/srv/handbook.jsonl" = "manual-lines";'
    assert luminous.of(options, asked) == {
        "path": ["paths.target"],
        "timer": ["timers.target"],
        "watched": ["/srv/handbook.jsonl"],
    }


def test_the_kinds_of_sources_are_those_that_can_be_read(luminous: Module) -> None:
    kinds = get_args(SourceKind)
    sources = " ".join(f'"/srv/{kind}" = "{kind}";' for kind in kinds)
    shown = luminous.of(
        f"enable = true; knowledge.sources = {{ {sources} }};",
        "s.config.services.luminous.knowledge.sources",
    )
    assert list(shown.values()) == sorted(kinds)
    assert set(kinds) == set(READERS)


def test_nothing_searches_where_nobody_wants_it(luminous: Module) -> None:
    asked = """let c = s.config; in [
      (c.systemd.sockets ? luminous-mind)
      (c.systemd.services ? luminous-mind)
      (c.systemd.paths ? luminous-mind-index)
      (c.systemd.timers ? luminous-mind-index)
      (c.environment.etc ? "luminous/mind.toml")
      (builtins.elem c.services.luminous.mind.package c.systemd.packages)
    ]"""
    assert luminous.of("enable = true; mind.enable = false;", asked) == [False] * 6


@pytest.mark.skipif(bool(NIXPKGS), reason="a real nixpkgs writes the file when it is built")
def test_the_settings_of_what_searches_are_such_as_it_reads(
    luminous: Module, tmp_path: Path
) -> None:
    def settings(options: str) -> MindSettings:
        source = 's.config.environment.etc."luminous/mind.toml".source.text'
        file = tmp_path / "mind.toml"
        file.write_text(luminous.of(f"enable = true; {options}", source), encoding="utf-8")
        return load_mind(file)

    assert settings("") == MindSettings()
    changed = settings(
        'mind = { idleTimeout = 60; encoder = "/srv/encoder"; };'
        'knowledge.sources."/srv/handbook.jsonl" = "manual-lines";'
    )
    assert (changed.idle_seconds, changed.encoder) == (60, Path("/srv/encoder"))
    own = {Path("/srv/handbook.jsonl"): "manual-lines"}
    assert changed.sources == {**MindSettings().sources, **own}


def test_options_are_not_listed_where_there_is_no_manual(luminous: Module) -> None:
    machine = (
        f"{{ imports = [ {luminous.checkout}/nixos-module ]; documentation.nixos.enable = false;"
        f" services.luminous = {{ enable = true; package = {PACKAGE}; }}; }}"
    )
    asked = 's.config.environment.etc ? "luminous/options.json"'
    assert luminous.nix.of_system(machine, asked) is False


@pytest.mark.skipif(bool(NIXPKGS), reason="the store of a real nixpkgs is not written to")
def test_the_options_are_those_of_this_machine(luminous: Module) -> None:
    source = 's.config.environment.etc."luminous/options.json".source'
    path = luminous.of("enable = true;", source).removesuffix("/share/doc/nixos/options.json")
    done = luminous.nix.run(
        [
            "nix-store",
            "--realise",
            luminous.of(
                "enable = true;",
                f"builtins.head (builtins.attrNames (builtins.getContext {source}))",
            ),
        ]
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == path
    shown = luminous.nix.run(["cat", f"{path}/share/doc/nixos/options.json"])
    options = json.loads(shown.stdout)
    assert options["services.luminous.enable"]["type"] == "boolean"
    assert len(options) > 100
