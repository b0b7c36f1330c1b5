"""Options in plans and comparisons: what changes in the evaluated configuration, by name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask
from tests.integration.machine_state import (
    PROFILE,
    default_generation,
    rewritten,
    with_packages,
)

if TYPE_CHECKING:
    from luminous_sandbox.toolchain import NixVersion

pytestmark = pytest.mark.integration

SSH = "    settings.PasswordAuthentication = false;\n"


def options(document: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the options of the only plan of a document: before and after by name."""
    (plan,) = document["plans"]
    assert plan["options_problem"] == "", plan
    return {item["name"]: (item["before"], item["after"]) for item in plan["options"]}


def make_by_hand(sandbox: Sandbox, configuration: bytes) -> int:
    """Make a generation of another configuration as root would without Luminous; switch to it."""
    with rewritten(sandbox, "configuration.nix", configuration):
        built = sandbox.run(["nix-build", "--no-out-link", "<nixpkgs/nixos>", "-A", "system"])
    assert built.returncode == 0, built.stderr
    toplevel = built.stdout.strip()
    for command in (
        ["nix-env", "--profile", PROFILE, "--set", toplevel],
        [f"{toplevel}/bin/switch-to-configuration", "switch"],
    ):
        done = sandbox.run(command, user="root")
        assert done.returncode == 0, done.stderr
    return default_generation(sandbox)


def edited(sandbox: Sandbox, old: str, new: str) -> bytes:
    """Return configuration.nix with one text in the place of another."""
    text = sandbox.path("/etc/nixos/configuration.nix").read_text()
    assert old in text
    return text.replace(old, new).encode()


def test_a_plan_names_the_options_that_it_changes(sandbox: Sandbox) -> None:
    for words, expected in (
        ("set services.openssh.ports to 2222", ("[ 22 ]", "[ 2222 ]")),
        ("set boot.loader.timeout to 3", ("5", "3")),
        ("enable bluetooth", ("false", "true")),
    ):
        asked = ask(sandbox, "--dry-run", words)
        assert asked.code == 0, asked
        assert list(options(asked.document).values()) == [expected], asked.document


def test_what_a_plan_takes_back_goes_to_its_default(sandbox: Sandbox) -> None:
    assert ask(sandbox, "--yes", "set boot.loader.timeout to 3").code == 0
    undone = ask(sandbox, "--yes", "undo")
    assert options(undone.document) == {"boot.loader.timeout": ("3", "5")}


def test_two_generations_are_compared_by_their_options(sandbox: Sandbox) -> None:
    assert ask(sandbox, "--yes", "set boot.consoleLogLevel to 3").code == 0
    first = default_generation(sandbox)
    assert ask(sandbox, "--yes", "set boot.consoleLogLevel to 5").code == 0
    assert ask(sandbox, "--yes", "enable bluetooth").code == 0
    last = default_generation(sandbox)
    found = ask(sandbox, "diff", str(first), str(last)).document["comparison"]
    assert found["options_problem"] == ""
    assert found["options"] == [
        {"name": "boot.consoleLogLevel", "before": "3", "after": "5"},
        {"name": "hardware.bluetooth.enable", "before": "", "after": "true"},
    ]
    shown = sandbox.run(["ask-nix", "diff", str(first), str(last)]).stdout
    assert "boot.consoleLogLevel  3 → 5" in shown
    assert "hardware.bluetooth.enable  not set → true" in shown
    plan = ask(sandbox, "--dry-run", "rollback", str(first)).document
    assert options(plan) == {
        "boot.consoleLogLevel": ("5", "3"),
        "hardware.bluetooth.enable": ("true", ""),
    }
    assert ask(sandbox, "--yes", "undo the last 3 changes").code == 0


def test_what_somebody_else_made_is_said_to_be_unknown(sandbox: Sandbox) -> None:
    mine = make_by_hand(sandbox, with_packages(sandbox, "btop"))
    assert ask(sandbox, "--yes", "rebuild").code == 0
    last = default_generation(sandbox)
    assert last == mine + 1
    found = ask(sandbox, "diff", str(mine), str(last)).document["comparison"]
    assert found["options"] == []
    assert f"not known of generation {mine}: " in found["options_problem"]
    assert [item["name"] for item in found["packages"]] == ["btop"]
    shown = sandbox.run(["ask-nix", "diff", str(mine), str(last)]).stdout
    assert f"Options   not known of generation {mine}: " in shown


def test_a_rebuild_shows_what_was_edited_by_hand_and_no_secret(sandbox: Sandbox) -> None:
    assert ask(sandbox, "--yes", "set boot.loader.timeout to 3").code == 0
    mine = '    settings.PasswordAuthentication = true;\n    settings.ApiToken = "hunter2";\n'
    with rewritten(sandbox, "configuration.nix", edited(sandbox, SSH, mine)):
        asked = ask(sandbox, "--dry-run", "rebuild")
        assert options(asked.document) == {
            "services.openssh.settings.ApiToken": ("", "«hidden»"),
            "services.openssh.settings.PasswordAuthentication": ("false", "true"),
        }
        assert "hunter2" not in str(asked.document)
    assert ask(sandbox, "--yes", "undo").code == 0


def test_what_a_private_file_says_is_in_the_plans_of_its_owner_alone(sandbox: Sandbox) -> None:
    secret = b'{ lib, ... }: { users.users.bob.description = lib.mkForce "hidden-name"; }\n'
    main = edited(sandbox, "imports = [", "imports = [ ./private.nix")
    derived = b"description = config.users.users.bob.description"
    main = main.replace(b'description = "Alice"', derived)
    assert ask(sandbox, "--yes", "set boot.loader.timeout to 3").code == 0
    with (
        rewritten(sandbox, "private.nix", secret),
        rewritten(sandbox, "configuration.nix", main),
    ):
        file = sandbox.path("/etc/nixos/private.nix")
        os.chown(file, sandbox.path("/etc/nixos/configuration.nix").stat().st_uid, -1)
        file.chmod(0o600)
        mine = options(ask(sandbox, "--dry-run", "rebuild").document)
        (bobs,) = ask(sandbox, "--dry-run", "rebuild", user="bob").document["plans"]
    assert mine["users.users.alice.description"] == ('"Alice"', '"hidden-name"')
    assert (bobs["state"], bobs["options"]) == ("ready", [])
    assert "a file of the configuration that you may not read" in bobs["options_problem"]
    assert "hidden-name" not in str(bobs)
    assert ask(sandbox, "--yes", "undo").code == 0


def test_a_value_that_cannot_be_read_keeps_nobody_from_planning(sandbox: Sandbox) -> None:
    # What is thrown leaves out one option; what Nix does not let be caught leaves out them all.
    thrown = '  system.build.unused = throw "not now";\n'
    fatal = "  system.build.unused = { }.nothing;\n"
    line = '  time.timeZone = "Europe/Amsterdam";\n'
    for bad, is_known in ((thrown, True), (fatal, False)):
        with rewritten(sandbox, "configuration.nix", edited(sandbox, line, line + bad)):
            (plan,) = ask(sandbox, "--dry-run", "set boot.loader.timeout to 3").document["plans"]
            assert plan["state"] == "ready", plan
            assert bool(plan["options_problem"]) is not is_known
            assert bool(plan["options"]) is is_known


def test_the_options_of_a_flake_are_named_as_well(nix: NixVersion) -> None:
    with Sandbox(SandboxOptions(nix=nix, flake="git")) as flake:
        asked = ask(flake, "--yes", "enable bluetooth")
        assert options(asked.document) == {"hardware.bluetooth.enable": ("false", "true")}
        (plan,) = ask(flake, "--dry-run", "undo").document["plans"]
        assert plan["options"] == [
            {"name": "hardware.bluetooth.enable", "before": "true", "after": "false"}
        ]
        assert ask(flake, "--yes", "set boot.consoleLogLevel to 3").code == 0
        found = ask(flake, "diff", "2", "3").document["comparison"]["options"]
        assert found == [{"name": "boot.consoleLogLevel", "before": "", "after": "3"}]
