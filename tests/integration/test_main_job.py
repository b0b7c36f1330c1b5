"""The main job: words become a generation that runs and boots, and undo takes it back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import (
    assert_is_system,
    built_by_hand,
    default_generation,
    evaluated,
    generation_target,
    generations,
    has_program,
    own_file,
    own_lines,
    running_system,
    state_of,
)

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = pytest.mark.integration


def done(sandbox: Sandbox, *words: str) -> dict[str, Any]:
    """Have alice ask for something, and return the document of a success."""
    asked = ask(sandbox, "--yes", *words)
    assert asked.code == 0, asked.document
    assert asked.document["ok"]
    document: dict[str, Any] = asked.document
    return document


def change(sandbox: Sandbox, *words: str) -> dict[str, Any]:
    """Make a change and check that it is a new generation, in force everywhere; return its plan."""
    newest = max(generations(sandbox))
    document = done(sandbox, *words)
    number = default_generation(sandbox)
    assert number == newest + 1
    assert_is_system(sandbox, number)
    (transaction,) = document["transactions"]
    assert transaction["state"] == "done"
    assert transaction["result"]["running"] == transaction["result"]["default"] == number
    assert transaction["result"]["toplevel"] == generation_target(sandbox, number)
    plan: dict[str, Any] = document["plans"][0]
    return plan


def unset(sandbox: Sandbox, option: str) -> None:
    """Take back an option that was set."""
    with Client(sandbox) as alice:
        ended = alice.carry_out({"kind": "unset-option", "option": option})
    assert ended["State"] == "done", ended
    assert_is_system(sandbox, ended["Result"]["running"])


def undo(sandbox: Sandbox) -> None:
    """Take the last change back and check that it is a generation in force everywhere."""
    change(sandbox, "undo")


def test_install_and_undo(sandbox: Sandbox) -> None:
    text, system = own_file(sandbox), running_system(sandbox)
    plan = change(sandbox, "install hello")
    assert built_by_hand(sandbox) == running_system(sandbox)
    assert plan["packages"] == [{"name": "hello", "before": "", "after": "2.12.2"}]
    assert (plan["risk"], plan["reboot_required"]) == ("low", False)
    assert sandbox.run(["/run/current-system/sw/bin/hello"]).stdout == "Hello, world!\n"
    (line,) = set(own_file(sandbox).splitlines()) - set(text.splitlines())
    assert re.fullmatch(
        r"    \{ environment\.systemPackages = \[ pkgs\.hello \]; \} # alice, "
        r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC: install hello",
        line,
    )
    undo(sandbox)
    assert own_file(sandbox) == text
    assert running_system(sandbox) == system
    assert not has_program(sandbox, "hello")


def test_remove_what_was_installed_and_take_that_back(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    change(sandbox, "install cowsay")
    plan = change(sandbox, "remove cowsay")
    assert [package["after"] for package in plan["packages"]] == [""]
    assert own_lines(sandbox) == before
    undo(sandbox)
    assert own_lines(sandbox) == [*before, "environment.systemPackages = [ pkgs.cowsay ];"]
    assert has_program(sandbox, "cowsay")
    undo(sandbox)
    assert own_lines(sandbox) == before


def test_installing_prefers_the_option_that_nixos_has(sandbox: Sandbox) -> None:
    change(sandbox, "install firefox")
    assert own_lines(sandbox)[-1] == "programs.firefox.enable = true;"
    assert evaluated(sandbox, "programs.firefox.enable") is True
    assert has_program(sandbox, "firefox")
    change(sandbox, "remove firefox")
    assert not has_program(sandbox, "firefox")


def test_enable_and_disable_a_service(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    plan = change(sandbox, "enable nginx")
    assert plan["units"]["start"] == ["nginx.service"]
    assert evaluated(sandbox, "services.nginx.enable") is True
    assert sandbox.run(["systemctl", "is-active", "nginx"]).stdout == "active\n"
    plan = change(sandbox, "disable nginx")
    assert plan["units"]["stop"] == ["nginx.service"]
    assert evaluated(sandbox, "services.nginx.enable") is False
    assert sandbox.run(["systemctl", "is-active", "nginx"]).stdout == "inactive\n"
    undo(sandbox)
    assert sandbox.run(["systemctl", "is-active", "nginx"]).stdout == "active\n"
    unset(sandbox, "services.nginx.enable")
    assert own_lines(sandbox) == before
    assert evaluated(sandbox, "services.nginx.enable") is False


def test_an_option_gets_a_value_of_its_own_type(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    change(sandbox, "set boot.loader.systemd-boot.configurationLimit to 12")
    assert evaluated(sandbox, "boot.loader.systemd-boot.configurationLimit") == 12
    change(sandbox, "set services.openssh.settings.PermitRootLogin to no")
    assert evaluated(sandbox, "services.openssh.settings.PermitRootLogin") == "no"
    assert own_lines(sandbox)[len(before) :] == [
        "boot.loader.systemd-boot.configurationLimit = 12;",
        'services.openssh.settings.PermitRootLogin = "no";',
    ]
    undo(sandbox)
    assert evaluated(sandbox, "services.openssh.settings.PermitRootLogin") == "prohibit-password"
    unset(sandbox, "boot.loader.systemd-boot.configurationLimit")
    assert own_lines(sandbox) == before


def test_a_list_gets_one_more_item_and_loses_only_that(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    plan = change(sandbox, "open port 8080")
    assert plan["units"]["reload"] == ["firewall.service"]
    assert evaluated(sandbox, "networking.firewall.allowedTCPPorts") == [22, 8080]
    change(sandbox, "open port 8443")
    assert evaluated(sandbox, "networking.firewall.allowedTCPPorts") == [22, 8080, 8443]
    undo(sandbox)
    assert evaluated(sandbox, "networking.firewall.allowedTCPPorts") == [22, 8080]
    unset(sandbox, "networking.firewall.allowedTCPPorts")
    assert evaluated(sandbox, "networking.firewall.allowedTCPPorts") == [22]
    assert own_lines(sandbox) == before


def test_several_requests_of_a_sentence_become_one_generation(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    plan = change(sandbox, "install cowsay and figlet and enable redis")
    assert plan["action"] == "org.luminous1.change-several"
    assert len(own_lines(sandbox)) == len(before) + 3
    undo(sandbox)
    assert own_lines(sandbox) == before


def test_an_update_whose_switch_fails_puts_the_channels_back(sandbox: Sandbox) -> None:
    channels = sandbox.path("/nix/var/nix/profiles/per-user/root/channels")
    before = channels.readlink()
    sandbox.set_knob("switch-fails")
    asked = ask(sandbox, "--yes", "update")
    sandbox.clear_knob("switch-fails")
    assert "Everything was put back as it was." in asked.document["error"]["message"]
    assert channels.readlink() == before


def test_update_brings_a_newer_channel_and_undo_the_old_one(sandbox: Sandbox) -> None:
    channels = str(sandbox.path("/nix/var/nix/profiles/per-user/root/channels").readlink())
    change(sandbox, "install hello")
    system, text = running_system(sandbox), own_file(sandbox)
    plan = change(sandbox, "update the system")
    assert {"name": "hello", "before": "2.12.2", "after": "2.12.3"} in plan["packages"]
    assert plan["reboot_required"]
    assert "kernel" in plan["reboot_reason"]
    assert own_file(sandbox) == text
    assert sandbox.run(["hello", "--version"]).stdout == "hello 2.12.3\n"
    assert ask(sandbox, "status").document["status"]["reboot_required"] is True
    assert done(sandbox, "update")["answers"] == ["Already up to date: nixos."]
    plan = ask(sandbox, "--dry-run", "install figlet and update").document["plans"][0]
    assert plan["summary"].startswith("install figlet")
    assert "Already up to date: nixos." in plan["warnings"]
    undo(sandbox)
    assert running_system(sandbox) == system
    now = str(sandbox.path("/nix/var/nix/profiles/per-user/root/channels").readlink())
    assert now == channels
    change(sandbox, "remove hello")


def test_rebuild_takes_what_was_written_by_hand(sandbox: Sandbox) -> None:
    file = sandbox.path("/etc/nixos/configuration.nix")
    own = file.read_text()
    file.write_text(own.replace("    htop\n", "    htop\n    figlet\n"))
    change(sandbox, "rebuild")
    assert has_program(sandbox, "figlet")
    file.write_text(own)
    change(sandbox, "rebuild", "switch")
    assert not has_program(sandbox, "figlet")


def test_rebuild_in_each_of_its_ways(sandbox: Sandbox) -> None:
    file = sandbox.path("/etc/nixos/configuration.nix")
    own, before, number = file.read_text(), state_of(sandbox), default_generation(sandbox)
    file.write_text(own.replace("    htop\n", "    htop\n    btop\n"))
    built = done(sandbox, "rebuild", "build")["transactions"][0]["result"]["toplevel"]
    assert sandbox.real_path(f"{built}/sw/bin/btop").exists()
    assert state_of(sandbox).links == before.links
    assert running_system(sandbox) == before.running

    result = done(sandbox, "rebuild", "test")["transactions"][0]["result"]
    assert (result["running"], result["default"]) == (0, number)
    assert running_system(sandbox) == built
    assert default_generation(sandbox) == number
    assert state_of(sandbox).boot == before.boot

    done(sandbox, "undo")
    assert running_system(sandbox) == before.running
    result = done(sandbox, "rebuild", "boot")["transactions"][0]["result"]
    assert (result["running"], result["default"]) == (number, number + 1)
    assert running_system(sandbox) == before.running
    assert generation_target(sandbox, number + 1) == built

    file.write_text(own)
    done(sandbox, "rollback", str(number))
    assert_is_system(sandbox, number)


def test_rollback_by_number_and_undo_of_it(sandbox: Sandbox) -> None:
    first = default_generation(sandbox)
    change(sandbox, "install fd")
    second = default_generation(sandbox)
    change(sandbox, "install cowsay")
    third, text = default_generation(sandbox), own_file(sandbox)
    plan = done(sandbox, "rollback", str(first))["plans"][0]
    assert {package["name"] for package in plan["packages"]} == {"fd", "cowsay"}
    assert_is_system(sandbox, first)
    assert own_file(sandbox) == text
    done(sandbox, "undo")
    assert_is_system(sandbox, third)
    done(sandbox, "rollback")
    assert_is_system(sandbox, second)
    done(sandbox, f"switch to generation {third}")
    assert_is_system(sandbox, third)
    change(sandbox, "remove fd and cowsay")


def test_a_change_for_the_next_boot_or_only_until_then(sandbox: Sandbox) -> None:
    before, number = state_of(sandbox), default_generation(sandbox)
    done(sandbox, "--test", "install delta")
    assert own_file(sandbox).encode() == before.configuration["luminous.nix"][3]
    assert has_program(sandbox, "delta")
    assert default_generation(sandbox) == number
    done(sandbox, "undo")
    assert state_of(sandbox) == before

    done(sandbox, "--boot", "install delta")
    assert running_system(sandbox) == before.running
    assert default_generation(sandbox) == number + 1
    assert own_lines(sandbox)[-1] == "environment.systemPackages = [ pkgs.delta ];"
    done(sandbox, "undo")
    assert state_of(sandbox).configuration == before.configuration
    assert generation_target(sandbox, default_generation(sandbox)) == before.running


def test_a_dry_run_changes_nothing(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    asked = ask(sandbox, "--dry-run", "install ansible and update the system")
    assert asked.code == 0, asked.document
    assert asked.document["transactions"] == []
    assert asked.document["plans"][0]["configuration_diff"]
    assert state_of(sandbox) == before


def test_garbage_is_planned_by_number_and_collected(sandbox: Sandbox) -> None:
    change(sandbox, "install ansible")
    ansible = running_system(sandbox)
    change(sandbox, "remove ansible")
    change(sandbox, "install jq")
    now = default_generation(sandbox)
    plan = ask(sandbox, "--dry-run", "gc").document["plans"][0]
    assert plan["risk"] == "high"
    assert plan["generations"] == list(range(now - 2, 1, -1))
    document = done(sandbox, "gc")
    # What was booted, the one before the default, and the default.
    assert generations(sandbox) == [1, now - 1, now]
    assert not sandbox.path(ansible).exists()
    assert document["transactions"][0]["result"]["freed"] > 0
    assert_is_system(sandbox, now)
    assert ask(sandbox, "--yes", "rollback", "2").document["error"]["name"] == "UnknownGeneration"
    change(sandbox, "remove jq")
