"""The small NixOS of the sandbox evaluates as NixOS does: options, types, merges, packages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.evaluating import Nix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion


@pytest.fixture(scope="module")
def evaluator(nix: NixVersion) -> Iterator[Nix]:
    """Give the evaluator of a sandbox without daemon and agent."""
    with Sandbox(SandboxOptions(nix=nix, daemon=False, agent="none")) as sandbox:
        yield Nix.of_sandbox(sandbox)


def test_insecure_and_broken_packages_pass_when_they_are_permitted(evaluator: Nix) -> None:
    permitted = """{
      nixpkgs.config.permittedInsecurePackages = [ "openssl-1.1.1w" ];
      nixpkgs.config.allowBroken = true;
      environment.systemPackages = [ pkgs.openssl_1_1 pkgs.cataclysm-dda ];
    }"""
    assert evaluator.of_system(permitted, "s.system.drvPath").startswith("/nix/store/")


def test_old_names_of_options_and_packages_still_work_and_say_the_new_one(evaluator: Nix) -> None:
    argv = ["nix-instantiate", "--eval", "--json", "--strict", "-E"]
    module = '{ services.openssh.permitRootLogin = "no"; services.sshd.enable = false; }'
    asked = (
        "[ s.config.services.openssh.settings.PermitRootLogin s.config.services.openssh.enable ]"
    )
    conflict = evaluator.refusal(module, asked)
    assert "The option `services.openssh.enable' has conflicting definition values:" in conflict
    module = '{ services.openssh.permitRootLogin = "no"; }'
    assert evaluator.of_system(module, "s.config.services.openssh.settings.PermitRootLogin") == "no"
    (warning,) = evaluator.of_system(module, "s.config.warnings")
    assert "has been renamed to `services.openssh.settings.PermitRootLogin'." in warning
    done = evaluator.run([*argv, "(import <nixpkgs> { }).nixfmt-rfc-style.name"])
    assert json.loads(done.stdout) == "nixfmt-1.1.0"
    assert "nixfmt-rfc-style is now the same as pkgs.nixfmt" in done.stderr


def test_properties_decide_which_definitions_count_and_in_which_order(evaluator: Nix) -> None:
    module = """lib.mkMerge [
      { networking.hostName = lib.mkForce "forced"; }
      { time.timeZone = lib.mkDefault "Asia/Tokyo"; }
      { services.nginx.enable = lib.mkIf config.services.openssh.enable true; }
      { services.printing.enable = lib.mkIf (!config.services.openssh.enable) true; }
      { boot.kernelParams = lib.mkAfter [ "last" ]; }
      { boot.kernelParams = [ "middle" ]; }
      { boot.kernelParams = lib.mkBefore [ "first" ]; }
    ]"""
    found = evaluator.of_system(
        module,
        """with s.config; {
          inherit (networking) hostName;
          inherit (time) timeZone;
          nginx = services.nginx.enable;
          printing = services.printing.enable;
          params = boot.kernelParams;
        }""",
    )
    assert found == {
        "hostName": "forced",
        "timeZone": "Europe/Amsterdam",
        "nginx": True,
        "printing": False,
        "params": ["first", "middle", "loglevel=4", "last"],
    }


def test_a_disabled_module_is_gone_and_another_may_take_its_place(evaluator: Nix) -> None:
    by_string = '{ disabledModules = [ "programs/htop.nix" ]; programs.htop.enable = true; }'
    assert "The option `programs.htop' does not exist." in evaluator.refusal(by_string)
    by_path = """{
      disabledModules = [ <nixpkgs/nixos/modules/programs/htop.nix> ];
      imports = [ { options.programs.htop.enable = lib.mkEnableOption "my own"; } ];
    }"""
    described = evaluator.of_system(by_path, "s.options.programs.htop.enable.description")
    assert described == "Whether to enable my own."


def test_an_option_says_all_that_nixos_says_of_it(evaluator: Nix) -> None:
    module = "{ services.openssh.ports = [ 22 2222 ]; }"
    found = evaluator.of_system(
        module,
        """let o = s.options.services.openssh.ports; in {
          inherit (o) _type loc value isDefined highestPrio default files definitions;
          type = o.type.description;
          name = o.type.name;
          inner = o.type.nestedTypes.elemType.description;
          where = map (d: { inherit (d) file value; }) o.definitionsWithLocations;
          declared = map (p: baseNameOf p) o.declarations;
          unset = s.options.services.nginx.enable.highestPrio;
          package = s.options.services.nginx.package.defaultText.text;
        }""",
    )
    assert found == {
        "_type": "option",
        "loc": ["services", "openssh", "ports"],
        "value": [22, 2222],
        "isDefined": True,
        "highestPrio": 100,
        "default": [22],
        "files": ["<unknown-file>"],
        "definitions": [[22, 2222]],
        "type": "list of 16 bit unsigned integer; between 0 and 65535 (both inclusive)",
        "name": "listOf",
        "inner": "16 bit unsigned integer; between 0 and 65535 (both inclusive)",
        "where": [{"file": "<unknown-file>", "value": [22, 2222]}],
        "declared": ["sshd.nix"],
        "unset": 1500,
        "package": "pkgs.nginx",
    }


def test_a_definition_is_found_in_the_file_that_holds_it(evaluator: Nix) -> None:
    where = "map (d: d.file) s.options.services.openssh.enable.definitionsWithLocations"
    assert evaluator.of_system("{ }", where) == ["/etc/nixos/configuration.nix"]


def test_types_are_described_as_nixos_describes_them(evaluator: Nix) -> None:
    described = evaluator.value(
        """let t = (import <nixpkgs/lib>).types; in map (x: x.description) [
          t.bool t.int t.str t.lines t.commas t.path t.package t.port t.float t.ints.positive
          t.ints.unsigned (t.ints.between 1 9) (t.enum [ "a" "b" ]) (t.nullOr t.str)
          (t.either t.int t.str) (t.listOf t.str) (t.attrsOf (t.nullOr t.int)) t.anything
          (t.listOf (t.enum [ "a" "b" ])) (t.submodule { }) t.singleLineStr t.attrs
          (t.strMatching "[a-z]+") (t.coercedTo t.int toString t.str) (t.functionTo t.bool)
        ]"""
    )
    assert described == [
        "boolean",
        "signed integer",
        "string",
        'strings concatenated with "\\n"',
        'strings concatenated with ","',
        "absolute path",
        "package",
        "16 bit unsigned integer; between 0 and 65535 (both inclusive)",
        "floating point number",
        "positive integer, meaning >0",
        "unsigned integer, meaning >=0",
        "integer between 1 and 9 (both inclusive)",
        'one of "a", "b"',
        "null or string",
        "signed integer or string",
        "list of string",
        "attribute set of (null or signed integer)",
        "anything",
        'list of (one of "a", "b")',
        "submodule",
        "(optionally newline-terminated) single-line string",
        "attribute set",
        "string matching the pattern [a-z]+",
        "string or signed integer convertible to it",
        "function that evaluates to a(n) boolean",
    ]


def test_every_option_can_be_listed_with_its_type_and_description(evaluator: Nix) -> None:
    listed = evaluator.of_system(
        "{ }",
        "map (o: { inherit (o) name type description; d = o.default or null; })"
        " (builtins.filter (o: !o.internal && o.visible)"
        " (s.pkgs.lib.optionAttrSetToDocList s.options))",
    )
    by_name = {option["name"]: option for option in listed}
    assert len(by_name) > 350
    assert all(option["description"] for option in listed)
    assert by_name["services.nginx.virtualHosts.<name>.forceSSL"]["type"] == "boolean"
    assert by_name["environment.systemPackages"]["type"] == "list of package"
    assert by_name["services.openssh.ports"]["d"]["text"] == "[\n  22\n]"


def test_free_settings_are_kept_and_known_ones_are_checked(evaluator: Nix) -> None:
    module = '{ nix.settings = { experimental-features = [ "flakes" ]; cores = 3; }; }'
    found = evaluator.of_system(module, "s.config.nix.settings")
    assert found["experimental-features"] == ["flakes"]
    assert found["cores"] == 3
    assert "is not of type `signed integer'" in evaluator.refusal('{ nix.settings.cores = "3"; }')


def test_a_service_becomes_a_unit_file(evaluator: Nix) -> None:
    module = """{
      systemd.services.greeter = {
        description = "Greets";
        wantedBy = [ "multi-user.target" ];
        after = [ "network.target" ];
        environment.NAME = "a b";
        restartIfChanged = false;
        serviceConfig = { ExecStart = "${pkgs.hello}/bin/hello"; RestartSec = 5; };
        startAt = "daily";
      };
    }"""
    service = evaluator.of_system(module, 's.config.systemd.units."greeter.service"')
    lines = service["text"].splitlines()
    assert lines[:3] == ["[Unit]", "After=network.target", "Description=Greets"]
    assert 'Environment="NAME=a b"' in lines
    assert "X-RestartIfChanged=false" in lines
    assert "RestartSec=5" in lines
    assert any(line.startswith("ExecStart=/nix/store/") for line in lines)
    assert service["wantedBy"] == ["multi-user.target"]
    timer = evaluator.of_system(module, 's.config.systemd.units."greeter.timer".text')
    assert "OnCalendar=daily" in timer


def test_a_specialisation_is_a_whole_system_of_its_own(evaluator: Nix) -> None:
    module = "{ specialisation.quiet.configuration.services.openssh.enable = lib.mkForce false; }"
    found = evaluator.of_system(
        module,
        "{ own = s.config.services.openssh.enable;"
        " quiet = s.config.specialisation.quiet.configuration.services.openssh.enable;"
        " nested = s.config.specialisation.quiet.configuration.specialisation; }",
    )
    assert found == {"own": True, "quiet": False, "nested": {}}


def test_the_package_set_is_large_and_varied(evaluator: Nix) -> None:
    names = evaluator.value(
        """let
          pkgs = import <nixpkgs> { config.allowAliases = false; };
          of = builtins.filter (n: pkgs.lib.isDerivation pkgs.${n}) (builtins.attrNames pkgs);
          row = n: { name = n; value = { inherit (pkgs.${n}) name meta; }; };
        in builtins.listToAttrs (map row of)"""
    )
    described = [name for name, package in names.items() if package["meta"].get("description")]
    assert len(described) > 120
    assert set(names) - set(described) == {"emptyDirectory", "emptyFile"}
    unfree = [name for name, package in names.items() if package["meta"]["unfree"]]
    assert {"discord", "google-chrome", "obsidian", "slack", "spotify", "vscode"} <= set(unfree)
    assert names["ripgrep"]["meta"]["mainProgram"] == "rg"
    nested = evaluator.value("(import <nixpkgs> { }).python3Packages.requests.pname")
    assert nested == "python3.13-requests"


def test_packages_can_be_overridden_and_overlaid(evaluator: Nix) -> None:
    found = evaluator.value(
        """let
          overlay = final: previous: {
            hello = previous.hello.overrideAttrs (old: { version = old.version + "-own"; });
          };
          pkgs = import <nixpkgs> { overlays = [ overlay ]; };
          script = pkgs.writeShellScriptBin "greet" "exec ${pkgs.hello}/bin/hello";
        in [ pkgs.hello.name script.name (pkgs.lib.getExe script == "${script}/bin/greet") ]"""
    )
    assert found == ["hello-2.12.2-own", "greet", True]
