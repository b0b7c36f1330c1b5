"""The small NixOS switches as NixOS does: verbs, lock, units, and failures made on purpose."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

_PROFILE = "/nix/var/nix/profiles/system"
_NGINX = "{ services.nginx.enable = true; }"
_HELLO = "{ environment.systemPackages = [ pkgs.hello ]; }"


@dataclass(frozen=True)
class System:
    """A sandbox's system, changed by the programs of NixOS alone."""

    sandbox: Sandbox

    def build(self, module: str) -> str:
        """Build the configuration with a module more; return the store path."""
        expression = (
            "(import <nixpkgs/nixos> { configuration = { lib, pkgs, ... }: "
            f"{{ imports = [ /etc/nixos/configuration.nix ({module}) ]; }}; }}).system"
        )
        done = self.root("nix-build", "--no-out-link", "-E", expression)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def switch(self, system: str, verb: str = "test") -> subprocess.CompletedProcess[str]:
        """Run a system's switch-to-configuration."""
        return self.root(f"{system}/bin/switch-to-configuration", verb)

    def root(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a command as root."""
        return self.sandbox.run(argv, user="root")

    def running(self) -> str:
        """Return the running system."""
        return self.root("readlink", "/run/current-system").stdout.strip()

    def units(self, state: str = "active") -> set[str]:
        """Return the names of the units in a state."""
        done = self.root("systemctl", "list-units", f"--state={state}", "--output=json")
        return {unit["unit"] for unit in json.loads(done.stdout)}

    def entries(self) -> dict[str, str]:
        """Return the boot loader's files by name."""
        folder = self.sandbox.path("/boot/loader")
        return {file.name: file.read_text() for file in sorted(folder.rglob("*.conf"))}


@pytest.fixture
def system(nix: NixVersion) -> Iterator[System]:
    """Give a fresh machine without daemon and agent."""
    with Sandbox(SandboxOptions(nix=nix, daemon=False, agent="none")) as sandbox:
        yield System(sandbox)


def test_test_activates_now_and_leaves_what_boots_alone(system: System) -> None:
    before = system.entries()
    built = system.build(_NGINX)
    done = system.switch(built)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Checking switch inhibitors... done",
        "activating the configuration...",
        "setting up /etc...",
        "the following new units were started: nginx.service",
    ]
    assert system.running() == built
    assert "nginx.service" in system.units()
    assert system.entries() == before


def test_boot_makes_a_generation_the_default_and_starts_nothing(system: System) -> None:
    first = system.running()
    built = system.build(_NGINX)
    system.root("nix-env", "-p", _PROFILE, "--set", built)
    assert system.switch(built, "boot").returncode == 0
    entries = system.entries()
    assert set(entries) == {
        "loader.conf",
        "nixos-generation-1.conf",
        "nixos-generation-2.conf",
    }
    assert "default nixos-generation-2.conf" in entries["loader.conf"]
    assert f"options init={built}/init loglevel=4" in entries["nixos-generation-2.conf"]
    assert system.running() == first
    assert "nginx.service" not in system.units()


def test_boot_entries_of_deleted_generations_and_their_kernels_go(system: System) -> None:
    newer = system.build("{ boot.kernelPackages = pkgs.linuxPackages_latest; }")
    system.root("nix-env", "-p", _PROFILE, "--set", newer)
    system.switch(newer, "boot")
    kernels = system.sandbox.path("/boot/EFI/nixos")
    assert len(list(kernels.iterdir())) == 4
    system.root("nix-env", "-p", _PROFILE, "--delete-generations", "1")
    system.switch(newer, "boot")
    assert "nixos-generation-1.conf" not in system.entries()
    assert len(list(kernels.iterdir())) == 2


def test_a_specialisation_has_its_own_entry_and_can_be_switched_to(system: System) -> None:
    module = "{ specialisation.quiet.configuration.services.openssh.enable = lib.mkForce false; }"
    built = system.build(module)
    system.root("nix-env", "-p", _PROFILE, "--set", built)
    assert system.switch(built, "switch").returncode == 0
    entry = system.entries()["nixos-generation-2-specialisation-quiet.conf"]
    assert "title NixOS (quiet)" in entry
    done = system.switch(f"{built}/specialisation/quiet")
    assert "stopping the following units: sshd.service" in done.stderr
    assert "sshd.service" not in system.units()


def test_going_forth_and_back_stops_starts_and_restarts_what_changed(system: System) -> None:
    first = system.running()
    built = system.build(
        "{ services.nginx.enable = true; services.openssh.ports = [ 2222 ];"
        ' services.openssh.openFirewall = false; networking.networkmanager.dns = "none"; }'
    )
    forth = system.switch(built).stderr
    assert "stopping the following units: NetworkManager.service" in forth
    assert "restarting the following units: sshd.service" in forth
    assert "starting the following units: NetworkManager.service" in forth
    assert "the following new units were started: nginx.service" in forth
    back = system.switch(first).stderr
    assert "stopping the following units: NetworkManager.service, nginx.service" in back
    assert system.running() == first


def test_dry_activate_says_what_would_happen_and_does_nothing(system: System) -> None:
    first = system.running()
    built = system.build("{ services.openssh.enable = lib.mkForce false; }")
    done = system.switch(built, "dry-activate")
    assert "would stop the following units: sshd.service" in done.stderr
    assert "would activate the configuration..." in done.stderr
    assert system.running() == first
    assert "sshd.service" in system.units()


def test_wrong_verbs_other_users_and_a_held_lock_are_refused(system: System) -> None:
    program = f"{system.running()}/bin/switch-to-configuration"
    unknown = system.root(program, "upgrade")
    assert unknown.returncode == 1
    assert re.match(r"Usage: \S+ \[check\|switch\|boot\|test\|dry-activate\]", unknown.stderr)
    unprivileged = system.sandbox.run([program, "test"], user="alice")
    assert unprivileged.returncode == 1
    assert "must be run as root" in unprivileged.stderr
    lock = "/run/nixos/switch-to-configuration.lock"
    held = system.root("flock", lock, program, "test")
    assert held.returncode == 1
    assert held.stderr.strip() == "Could not acquire lock"


def test_switch_fails_leaves_a_half_done_switch_and_the_way_back_works(system: System) -> None:
    first = system.running()
    system.sandbox.set_knob("switch-fails")
    built = system.build("{ services.openssh.enable = lib.mkForce false; }")
    done = system.switch(built)
    assert done.returncode == 1
    assert "Failed to run activate script" in done.stderr
    assert system.running() == first
    assert "sshd.service" not in system.units()
    assert system.switch(first).returncode == 0
    assert "sshd.service" in system.units()


def test_boot_fails_hits_new_systems_only(system: System) -> None:
    first = system.running()
    before = system.entries()
    system.sandbox.set_knob("boot-fails")
    built = system.build(_HELLO)
    assert system.switch(built).returncode == 0
    system.root("nix-env", "-p", _PROFILE, "--set", built)
    done = system.switch(built, "boot")
    assert done.returncode == 1
    assert "Failed to install bootloader" in done.stderr
    assert system.entries() == before
    system.root("nix-env", "-p", _PROFILE, "--switch-generation", "1")
    assert system.switch(first, "boot").returncode == 0


@pytest.mark.parametrize(
    ("module", "knob", "unit"),
    [
        (_NGINX, "", "nginx.service"),
        (_NGINX, "sshd.service", "sshd.service"),
        (_HELLO, "", "NetworkManager.service"),
    ],
    ids=["one that starts", "one that is named", "one that runs already"],
)
def test_service_fails_ends_a_switch_with_status_4_and_the_way_back_heals(
    system: System, module: str, knob: str, unit: str
) -> None:
    first = system.running()
    system.sandbox.set_knob("service-fails", knob)
    built = system.build(module)
    done = system.switch(built)
    assert done.returncode == 4
    assert f"warning: the following units failed: {unit}" in done.stderr
    assert system.running() == built
    assert system.units("failed") == {unit}
    assert system.switch(first).returncode == 0
    assert system.units("failed") == set()


def test_a_service_whose_program_is_missing_fails_by_itself(system: System) -> None:
    module = """{
      systemd.services.ghost = {
        wantedBy = [ "multi-user.target" ];
        serviceConfig.ExecStart = "/run/current-system/sw/bin/ghost";
      };
    }"""
    done = system.switch(system.build(module))
    assert done.returncode == 4
    assert "warning: the following units failed: ghost.service" in done.stderr


def test_slow_switch_takes_the_seconds_that_its_knob_holds(system: System) -> None:
    system.sandbox.set_knob("slow-switch", "0.3")
    built = system.build(_HELLO)
    timed = system.root("bash", "-c", f"time {built}/bin/switch-to-configuration test")
    seconds = re.search(r"real\s+0m([0-9.]+)s", timed.stderr)
    assert seconds is not None
    assert float(seconds[1]) >= 0.3


def test_systemctl_speaks_as_the_real_one(system: System) -> None:
    assert system.root("systemctl", "is-active", "sshd").stdout == "active\n"
    gone = system.root("systemctl", "is-active", "ghost.service")
    assert (gone.returncode, gone.stdout) == (3, "inactive\n")
    failed = ["systemctl", "list-units", "--failed", "--plain", "--no-legend", "--no-pager"]
    assert system.root(*failed).stdout == ""
    system.sandbox.set_knob("service-fails", "sshd.service")
    restart = system.root("systemctl", "restart", "sshd.service")
    assert restart.returncode == 1
    assert restart.stderr.startswith("Job for sshd.service failed because the control process")
    assert system.root(*failed).stdout == "sshd.service loaded failed failed SSH Daemon\n"
    listed = system.root("systemctl", "list-units", "--state=failed", "--output=json").stdout
    assert json.loads(listed) == [
        {
            "unit": "sshd.service",
            "load": "loaded",
            "active": "failed",
            "sub": "failed",
            "description": "SSH Daemon",
        }
    ]
    show = system.root("systemctl", "show", "-p", "ActiveState,Result", "sshd.service").stdout
    assert show == "ActiveState=failed\nResult=exit-code\n"
    assert system.root("systemctl", "status", "sshd").returncode == 3
    assert system.root("systemctl", "start", "ghost").returncode == 5
    denied = system.sandbox.run(["systemctl", "stop", "sshd.service"], user="alice")
    assert "Access denied" in denied.stderr


def test_a_built_system_holds_what_a_nixos_system_holds(system: System) -> None:
    built = system.build('{ system.configurationRevision = "abc123"; }')
    here = {entry.name for entry in system.sandbox.path(built).iterdir()}
    assert {
        "activate",
        "bin",
        "boot.json",
        "configuration-revision",
        "etc",
        "init",
        "initrd",
        "kernel",
        "kernel-modules",
        "kernel-params",
        "nixos-version",
        "specialisation",
        "sw",
        "systemd",
    } <= here
    spec = json.loads(system.sandbox.path(f"{built}/boot.json").read_text())
    boot = spec["org.nixos.bootspec.v1"]
    assert boot["toplevel"] == built
    assert boot["label"].startswith("NixOS Xantusia 25.11.")
    assert boot["kernel"].endswith("-linux-6.12.48/bzImage")


def test_updating_the_channel_brings_newer_versions(system: System) -> None:
    version = ["nix-instantiate", "--eval", "-E", "(import <nixpkgs> { }).firefox.version"]
    assert system.root(*version).stdout.strip() == '"143.0"'
    done = system.root("nix-channel", "--update")
    assert done.returncode == 0, done.stderr
    assert system.root(*version).stdout.strip() == '"147.0"'
    old, new = system.running(), system.build("{ }")
    assert old.endswith("25.11.1056.4a8c1b90d2ef")
    assert new.endswith("25.11.3391.c07f25e96d1b")


def test_failing_and_slow_builds_show_what_real_ones_show(system: System) -> None:
    slow = system.root("nix-build", "<nixpkgs>", "-A", "slow-build", "--no-out-link")
    assert "Running phase: checkPhase" in slow.stderr
    assert "[8/8] compiling part-8.c" in slow.stderr
    failing = ["nix-build", "<nixpkgs>", "-A", "fails-to-build", "--no-out-link"]
    failed = system.root(*failing, "--log-format", "internal-json")
    assert failed.returncode == 100
    phases = re.findall(r'"fields":\["(\w+Phase)"\]', failed.stderr)
    assert phases == ["buildPhase"]
    assert "has no member named 'colour'" in failed.stderr


def test_packages_left_unbuilt_are_listed_as_what_will_be_built(system: System) -> None:
    argv = ["nix-build", "<nixpkgs>", "--dry-run", "-A"]
    unbuilt = system.root(*argv, "blender").stderr
    assert re.search(
        r"(this derivation|derivations?) will be built:\n.*-blender-4.5.3.drv", unbuilt
    )
    assert "will be built" not in system.root(*argv, "firefox").stderr


def test_two_packages_with_the_same_program_are_a_collision_that_is_told(system: System) -> None:
    module = """{
      environment.systemPackages = [
        (pkgs.writeScriptBin "same" "one")
        (pkgs.runCommand "other" { } "mkdir -p $out/bin; echo two >$out/bin/same")
      ];
    }"""
    built = system.build(module)
    environment = "import <nixpkgs> { }"
    refused = system.root(
        "nix-build",
        "--no-out-link",
        "-E",
        f'with {environment}; buildEnv {{ name = "e"; paths = [ (writeScriptBin "same" "1")'
        ' (runCommand "o" { } "mkdir -p $out/bin; echo 2 >$out/bin/same") ]; }',
    )
    assert "error: collision between" in refused.stderr
    assert system.sandbox.real_path(f"{built}/sw/bin/same").read_text() == "one"


def test_nixos_rebuild_goes_through_its_commands_in_order(system: System) -> None:
    first = system.running()
    system.root("sh", "-c", f"echo '{{ pkgs, ... }}: {_HELLO}' >/etc/nixos/luminous.nix")
    done = system.root("nixos-rebuild", "switch")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[0] == "building the system configuration..."
    assert done.stderr.splitlines()[-1] == f"Done. The new configuration is {system.running()}"
    assert system.root("hello").stdout == "Hello, world!\n"
    listed = json.loads(system.root("nixos-rebuild", "list-generations", "--json").stdout)
    assert [(entry["generation"], entry["current"]) for entry in listed] == [(2, True), (1, False)]
    assert system.root("nixos-rebuild", "switch", "--rollback").returncode == 0
    assert system.running() == first
