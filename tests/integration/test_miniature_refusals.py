"""What NixOS refuses, the small NixOS refuses too, in the same words."""

from __future__ import annotations

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


def _quoted(word: str) -> str:
    """Return a word in the quotation marks of Nixpkgs's refusals."""
    return f"\N{LEFT SINGLE QUOTATION MARK}{word}\N{RIGHT SINGLE QUOTATION MARK}"


@pytest.mark.parametrize(
    ("module", "sentences"),
    [
        (
            "{ services.nginx.enabel = true; }",
            [
                "The option `services.nginx.enabel' does not exist. Definition values:",
                "- In `<unknown-file>': true",
                "Did you mean `services.nginx.enable'",
            ],
        ),
        (
            '{ services.openssh.enable = "yes"; }',
            [
                "A definition for option `services.openssh.enable' is not of type `boolean'. Def",
                '- In `<unknown-file>\': "yes"',
            ],
        ),
        (
            "{ services.openssh.ports = [ 70000 ]; }",
            [
                'A definition for option `services.openssh.ports."[definition 1-entry 1]"\' is',
                "not of type `16 bit unsigned integer; between 0 and 65535 (both inclusive)'.",
            ],
        ),
        (
            '{ networking.hostName = "other"; }',
            [
                "The option `networking.hostName' has conflicting definition values:",
                '- In `/etc/nixos/configuration.nix\': "luminous-sandbox"',
                '- In `<unknown-file>\': "other"',
                "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority",
            ],
        ),
        (
            "{ environment.systemPackages = [ 3 ]; }",
            ["is not of type `package'. Definition values:"],
        ),
        (
            '{ networking.networkmanager.dns = "all"; }',
            ['is not of type `one of "default", "dnsmasq", "systemd-resolved", "none"\'.'],
        ),
        (
            '{ system.nixos.release = "1"; }',
            ["The option `system.nixos.release' is read-only, but it's set multiple times."],
        ),
        (
            "{ sound.enable = true; }",
            [
                "Failed assertions:",
                "- The option definition `sound.enable' in `<unknown-file>' no longer has any",
            ],
        ),
        (
            '{ assertions = [ { assertion = false; message = "Not on a Sunday."; } ]; }',
            ["Failed assertions:\n- Not on a Sunday."],
        ),
        (
            "{ config = { }; services.nginx.enable = true; }",
            ["has an unsupported attribute `services'."],
        ),
        (
            '{ fileSystems."/x".fsType = ""; }',
            ["is not of type `non-empty string'."],
        ),
        (
            "{ systemd.services.x.serviceConfig.ExecStart = { }; }",
            ["is not of type `systemd option'."],
        ),
    ],
)
def test_a_wrong_definition_is_refused_in_nixos_words(
    evaluator: Nix, module: str, sentences: list[str]
) -> None:
    refusal = evaluator.refusal(module)
    for sentence in sentences:
        assert sentence in refusal


@pytest.mark.parametrize(
    ("package", "sentences"),
    [
        (
            "steam",
            [
                f"Package {_quoted('steam-1.0.0.84')} in /nix/store/",
                f"has an unfree license ({_quoted('unfreeRedistributable')}), refusing to",
                "nixpkgs.config.allowUnfreePredicate",
            ],
        ),
        (
            "openssl_1_1",
            [
                f"Package {_quoted('openssl-1.1.1w')} in ",
                "is marked as insecure, refusing to evaluate.",
                "Known issues:\n- OpenSSL 1.1 is reaching its end of life",
                '"openssl-1.1.1w"',
            ],
        ),
        ("cataclysm-dda", ["is marked as broken, refusing to evaluate."]),
        ("tdesktop", ["'tdesktop' has been renamed to/replaced by 'telegram-desktop'"]),
        ("exa", ["'exa' has been removed because it is unmaintained upstream."]),
        ("firefoks", ["attribute 'firefoks' missing"]),
    ],
)
def test_a_package_that_cannot_be_had_says_why(
    evaluator: Nix, package: str, sentences: list[str]
) -> None:
    refusal = evaluator.refusal(f"{{ environment.systemPackages = [ pkgs.{package} ]; }}")
    for sentence in sentences:
        assert sentence in refusal


def test_the_narrowest_exception_lets_exactly_one_unfree_package_pass(evaluator: Nix) -> None:
    exception = (
        'nixpkgs.config.allowUnfreePredicate = p: builtins.elem (lib.getName p) [ "steam" ];'
    )
    steam = f"{{ {exception} programs.steam.enable = true; }}"
    assert evaluator.of_system(steam, "s.system.drvPath").startswith("/nix/store/")
    both = f"{{ {exception} environment.systemPackages = [ pkgs.steam pkgs.vscode ]; }}"
    assert f"{_quoted('vscode-1.104.1')}" in evaluator.refusal(both)
