"""Packages that nixpkgs does not simply give out: the narrowest exception, or a plain refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import PLAN
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import (
    has_program,
    own_lines,
    rewritten,
    state_of,
    with_packages,
)

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = pytest.mark.integration

UNFREE = "nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg)"
INSECURE = "nixpkgs.config.permittedInsecurePackages"


def test_an_unfree_package_is_allowed_alone_and_no_more_when_it_goes(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    asked = ask(sandbox, "--yes", "install slack")
    assert asked.code == 0, asked.document
    (warning,) = asked.document["plans"][0]["warnings"]
    assert warning.startswith("slack is unfree software")
    assert own_lines(sandbox)[len(before) :] == [
        f'{UNFREE} [ "slack" ];',
        "environment.systemPackages = [ pkgs.slack ];",
    ]
    assert has_program(sandbox, "slack")
    assert ask(sandbox, "--yes", "install obsidian").code == 0
    assert f'{UNFREE} [ "slack" "obsidian" ];' in own_lines(sandbox)
    assert ask(sandbox, "--yes", "undo").code == 0
    assert f'{UNFREE} [ "slack" ];' in own_lines(sandbox)
    assert ask(sandbox, "--yes", "remove slack").code == 0
    assert own_lines(sandbox) == before


def test_what_a_module_brings_in_is_allowed_as_narrowly(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    asked = ask(sandbox, "--yes", "enable steam")
    assert asked.code == 0, asked.document
    plan = asked.document["plans"][0]
    assert plan["warnings"] == [
        (
            "steam is unfree software (licence: unfreeRedistributable). "
            "This plan allows this one package, and no other."
        )
    ]
    assert plan["summary"] == "switch on programs.steam"
    assert own_lines(sandbox)[len(before) :] == [
        "programs.steam.enable = true;",
        f'{UNFREE} [ "steam" ];',
    ]
    assert has_program(sandbox, "steam")
    assert ask(sandbox, "--yes", "undo").code == 0
    assert own_lines(sandbox) == before


def bat_as(package: str) -> list[dict[str, Any]]:
    """Return the changes by which a module brings in another package than its own."""
    option = {"kind": "set-option", "option": "programs.bat.package", "value": f"pkgs.{package}"}
    return [option, {"kind": "enable", "target": "bat"}]


def test_what_a_module_brings_in_gets_the_same_plain_words_as_a_package(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        insecure = alice.properties(alice.plan(*bat_as("openssl_1_1")), PLAN)
        broken = alice.properties(alice.plan(*bat_as("cataclysm-dda")), PLAN)
    assert insecure["Risk"] == "high"
    assert "openssl-1.1.1w has known security holes: OpenSSL 1.1" in insecure["Warnings"][0]
    assert f'{INSECURE} = [ "openssl-1.1.1w" ];' in insecure["ConfigurationDiff"]
    error = broken["Failure"]
    assert error["name"] == "PackageRefused", error
    assert error["message"].startswith("cataclysm-dda is marked as broken in nixpkgs: it does not")
    assert state_of(sandbox) == before


def test_taking_back_an_unfree_package_takes_back_the_exception(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    assert ask(sandbox, "--yes", "install discord").code == 0
    assert ask(sandbox, "--yes", "undo").code == 0
    assert own_lines(sandbox) == before


def installed(sandbox: Sandbox, name: str) -> str:
    """Have a package installed; return the id of the change."""
    assert ask(sandbox, "--yes", f"install {name}").code == 0
    return str(ask(sandbox, "history").document["history"][0]["id"])


def test_an_undo_takes_back_its_own_exception_and_none_that_was_made_since(
    sandbox: Sandbox,
) -> None:
    before = own_lines(sandbox)
    first = installed(sandbox, "spotify")
    for words in ("install discord", "install openssl_1_1"):
        assert ask(sandbox, "--yes", words).code == 0
    undone = ask(sandbox, "--yes", "undo", first).document["plans"][0]
    assert undone["summary"] == "stop allowing spotify; remove spotify"
    assert f'{UNFREE} [ "discord" ];' in own_lines(sandbox)
    # The exception stands below a package here.
    undone = ask(sandbox, "--yes", "undo").document["plans"][0]
    assert undone["summary"] == "stop allowing openssl-1.1.1w; remove openssl_1_1"
    assert undone["warnings"] == []
    assert ask(sandbox, "--yes", "remove discord").code == 0
    assert own_lines(sandbox) == before


def test_an_exception_that_something_else_needs_is_not_taken_back(sandbox: Sandbox) -> None:
    made = installed(sandbox, "spotify")
    with rewritten(sandbox, "configuration.nix", with_packages(sandbox, "spotify")):
        refused = ask(sandbox, "--yes", "undo", made).document["error"]
        assert refused["name"] == "PackageRefused"
        assert "needs spotify-1.2.63.394.g126b0d89 still" in refused["message"]
    assert ask(sandbox, "--yes", "undo", made).code == 0


def test_an_insecure_package_is_allowed_in_this_version_and_said_to_be(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    asked = ask(sandbox, "--yes", "install openssl_1_1")
    assert asked.code == 0, asked.document
    plan = asked.document["plans"][0]
    assert plan["risk"] == "high"
    assert "openssl-1.1.1w has known security holes: OpenSSL 1.1" in plan["warnings"][0]
    assert own_lines(sandbox)[len(before) :] == [
        f'{INSECURE} = [ "openssl-1.1.1w" ];',
        "environment.systemPackages = [ pkgs.openssl_1_1 ];",
    ]
    assert ask(sandbox, "--yes", "undo").code == 0
    assert own_lines(sandbox) == before
    assert ask(sandbox, "--yes", "install openssl_1_1").code == 0
    assert ask(sandbox, "--yes", "remove openssl_1_1").code == 0
    assert own_lines(sandbox) == before


@pytest.mark.parametrize(
    ("words", "lines", "program"),
    [
        ("install jdk", ["programs.java.enable = true;"], "java"),
        (
            "install wireshark",
            ["programs.wireshark.enable = true;", "programs.wireshark.package = pkgs.wireshark;"],
            "wireshark",
        ),
        ("install neovim", ["programs.neovim.enable = true;"], "nvim"),
    ],
)
def test_what_a_module_brings_in_is_switched_on_there_and_goes_with_it(
    sandbox: Sandbox, words: str, lines: list[str], program: str
) -> None:
    before = own_lines(sandbox)
    assert ask(sandbox, "--yes", words).code == 0
    assert own_lines(sandbox)[len(before) :] == lines
    assert has_program(sandbox, program)
    assert ask(sandbox, "--yes", words.replace("install", "remove")).code == 0
    assert own_lines(sandbox) == before


def test_a_package_of_a_service_is_installed_and_says_what_runs_it(sandbox: Sandbox) -> None:
    plan = ask(sandbox, "--dry-run", "install bluez").document["plans"][0]
    assert plan["warnings"] == [
        "bluez is installed, not started. To run it: ask-nix enable hardware.bluetooth"
    ]


@pytest.mark.parametrize(
    ("package", "replacement"),
    [("lazy-git", "lazygit"), ("bluezFull", "bluez"), ("exa", "eza"), ("neofetch", "fastfetch")],
)
def test_the_package_that_takes_the_place_of_another_is_offered(
    sandbox: Sandbox, package: str, replacement: str
) -> None:
    with Client(sandbox) as alice:
        found = alice.properties(alice.plan({"kind": "add-package", "package": package}), PLAN)
    error = found["Failure"]
    assert error["details"]["nearest"] == [replacement], error
    assert error["message"].endswith(f"To install that: ask-nix install {replacement}")


@pytest.mark.parametrize(
    ("change", "says", "nearest"),
    [
        (
            {"kind": "set-option", "option": "services.postgresql.port", "value": 5433},
            "It is called services.postgresql.settings.port now.",
            ["services.postgresql.settings.port"],
        ),
        (
            {"kind": "enable", "target": "hardware.pulseaudio"},
            "It is called services.pulseaudio.enable now.",
            ["services.pulseaudio.enable"],
        ),
        ({"kind": "enable", "target": "sound"}, "can be removed from most configurations.", []),
    ],
)
def test_an_option_that_was_renamed_or_removed_says_so(
    sandbox: Sandbox, change: dict[str, Any], says: str, nearest: list[str]
) -> None:
    with Client(sandbox) as alice:
        error = alice.properties(alice.plan(change), PLAN)["Failure"]
    assert (error["name"], error["details"]["nearest"]) == ("UnknownOption", nearest), error
    assert error["message"].endswith(says)


@pytest.mark.parametrize(
    ("package", "sentences"),
    [
        ("cataclysm-dda", ["cataclysm-dda is marked as broken in nixpkgs"]),
        ("lazy-git", ["has been renamed", "'lazygit'"]),
        ("neofetch", ["has been removed", "'fastfetch'"]),
        ("nodejs_18", ["has reached End-Of-Life"]),
    ],
)
def test_what_nixpkgs_refuses_is_refused_with_its_reason(
    sandbox: Sandbox, package: str, sentences: list[str]
) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        found = alice.properties(alice.plan({"kind": "add-package", "package": package}), PLAN)
    error = found["Failure"]
    assert error["name"] == "PackageRefused", found
    assert all(sentence in error["message"] for sentence in sentences), error["message"]
    assert state_of(sandbox) == before


def test_a_package_that_does_not_build_shows_its_log_and_changes_nothing(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    asked = ask(sandbox, "--yes", "install fails-to-build")
    error = asked.document["error"]
    assert (asked.code, error["name"]) == (8, "BuildFailed"), asked.document
    assert "fails-to-build-0.3.1 does not build. Nothing was changed." in error["message"]
    assert error["details"]["derivation"].endswith("-fails-to-build-0.3.1.drv")
    assert error["details"]["log"][-2:] == [
        "parser.c:42:17: error: 'struct token' has no member named 'colour'; did you mean 'color'?",
        "make: *** [Makefile:17: parser.o] Error 1",
    ]
    result = asked.document["transactions"][0]["result"]
    assert (result["running"], result["default"]) == (result["default"], result["default"])
    assert state_of(sandbox) == before
    history = ask(sandbox, "history").document["history"]
    assert (history[0]["state"], history[0]["error"]) == ("failed", "BuildFailed")
    assert not history[0]["undoable"]


def test_building_before_showing_finds_the_failure_while_planning(sandbox: Sandbox) -> None:
    before, asked_before = state_of(sandbox), len(sandbox.agent_questions())
    asked = ask(sandbox, "--build", "--yes", "install fails-to-build")
    assert (asked.code, asked.document["error"]["name"]) == (8, "BuildFailed")
    assert asked.document["transactions"] == []
    assert state_of(sandbox) == before
    assert len(sandbox.agent_questions()) == asked_before


def test_a_line_that_has_no_effect_is_said_to_have_none(sandbox: Sandbox) -> None:
    text = sandbox.path("/etc/nixos/configuration.nix").read_text()
    before, opening, after = text.partition("environment.systemPackages = with pkgs; [")
    assert opening
    forced = "environment.systemPackages = pkgs.lib.mkForce (with pkgs; ["
    text = before + forced + after.replace("];", "]);", 1)
    with rewritten(sandbox, "configuration.nix", text.encode()):
        plan = ask(sandbox, "--dry-run", "install micro").document["plans"][0]
    assert any("the system stays the same" in warning for warning in plan["warnings"]), plan
    plan = ask(sandbox, "--dry-run", "install micro").document["plans"][0]
    assert not any("stays the same" in warning for warning in plan["warnings"])
