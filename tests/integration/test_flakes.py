"""A machine whose configuration is a flake, in a git repository or not: the main job, and drift."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.flakes import FLAKES, SYSTEM, git, toplevel_by_hand
from tests.integration.machine_state import (
    assert_is_system,
    default_generation,
    generations,
    has_program,
    own_file,
    own_lines,
    rewritten,
    running_system,
    state_of,
    with_packages,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

pytestmark = pytest.mark.integration

HELLO = {"kind": "add-package", "package": "hello"}
LOCK = "/etc/nixos/flake.lock"
Kind = Literal["git", "plain"]


@pytest.fixture(scope="module", params=["git", "plain"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Take a flake in a git repository, then one without."""
    found: Kind = request.param
    return found


@pytest.fixture(scope="module")
def module_sandbox(nix: NixVersion, kind: Kind) -> Iterator[Sandbox]:
    """Start a machine with a flake, on which Nix itself is not told to allow flakes."""
    without = {"NIX_CONFIG": "experimental-features ="}
    with Sandbox(SandboxOptions(nix=nix, flake=kind, environment=without)) as sandbox:
        yield sandbox


@pytest.fixture
def fresh_sandbox(nix: NixVersion, kind: Kind) -> Iterator[Sandbox]:
    """Start such a machine for one test alone."""
    with Sandbox(SandboxOptions(nix=nix, flake=kind)) as sandbox:
        yield sandbox


def done(sandbox: Sandbox, *words: str) -> dict[str, Any]:
    """Have alice ask for something, and return the document of a success."""
    asked = ask(sandbox, "--yes", *words)
    assert asked.code == 0, asked.document
    document: dict[str, Any] = asked.document
    return document


def change(sandbox: Sandbox, *words: str) -> dict[str, Any]:
    """Make a change and check that it is a new generation; return its plan.

    What plain Nix makes of the flake is the judge of what was evaluated and written.
    """
    newest = max(generations(sandbox))
    document = done(sandbox, *words)
    assert default_generation(sandbox) == newest + 1
    assert_is_system(sandbox, newest + 1)
    assert toplevel_by_hand(sandbox) == running_system(sandbox)
    plan: dict[str, Any] = document["plans"][0]
    return plan


def test_the_status_names_the_flake_and_that_it_is_what_runs(sandbox: Sandbox) -> None:
    status = ask(sandbox, "status").document["status"]
    assert status["configuration"] == "/etc/nixos#luminous-sandbox"
    assert status["configuration_problem"] == ""
    assert toplevel_by_hand(sandbox) == running_system(sandbox)


def test_a_dry_run_changes_nothing(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    asked = ask(sandbox, "--dry-run", "install ansible and enable redis")
    assert asked.code == 0, asked.document
    (plan,) = asked.document["plans"]
    assert plan["configuration_diff"]
    assert plan["warnings"] == []
    assert state_of(sandbox) == before


def test_a_dry_run_of_an_update_changes_nothing(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    (plan,) = ask(sandbox, "--dry-run", "update").document["plans"]
    assert plan["summary"] == "update nixpkgs"
    assert {"name": "hello", "before": "2.12.2", "after": "2.12.3"} not in plan["packages"]
    assert plan["packages"]
    assert state_of(sandbox) == before


def test_install_and_undo(sandbox: Sandbox) -> None:
    text, system = own_file(sandbox), running_system(sandbox)
    status = sandbox.path("/etc/nixos/luminous.nix").stat()
    plan = change(sandbox, "install hello")
    assert plan["packages"] == [{"name": "hello", "before": "", "after": "2.12.2"}]
    assert sandbox.run(["hello"]).stdout == "Hello, world!\n"
    assert own_lines(sandbox)[-1] == "environment.systemPackages = [ pkgs.hello ];"
    after = sandbox.path("/etc/nixos/luminous.nix").stat()
    assert (after.st_uid, after.st_mode) == (status.st_uid, status.st_mode)
    change(sandbox, "undo")
    assert own_file(sandbox) == text
    assert running_system(sandbox) == system
    assert not has_program(sandbox, "hello")


def test_each_of_several_changes_is_evaluated_anew(sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    for limit in ("12", "13", "12"):
        change(sandbox, f"set boot.loader.systemd-boot.configurationLimit to {limit}")
        assert own_lines(sandbox) == [
            *before,
            f"boot.loader.systemd-boot.configurationLimit = {limit};",
        ]
    for _ in range(3):
        change(sandbox, "undo")
    assert own_lines(sandbox) == before


def test_rollback_by_number_and_undo_of_it(sandbox: Sandbox) -> None:
    first = default_generation(sandbox)
    change(sandbox, "install fd")
    second = default_generation(sandbox)
    done(sandbox, "rollback", str(first))
    assert_is_system(sandbox, first)
    done(sandbox, "undo")
    assert_is_system(sandbox, second)
    change(sandbox, "remove fd")


def test_what_does_not_exist_is_refused_with_what_may_have_been_meant(sandbox: Sandbox) -> None:
    asked = ask(sandbox, "--yes", "install helo")
    assert asked.document["error"]["name"] == "UnknownPackage", asked
    assert "Did you mean hello" in asked.document["error"]["message"]
    asked = ask(sandbox, "--yes", "set time.timZone to Europe/Berlin")
    assert asked.document["error"]["name"] == "UnknownOption"
    assert "Did you mean time.timeZone" in asked.document["error"]["message"]


def test_what_the_flake_has_elsewhere_is_edited_there_and_comes_back(sandbox: Sandbox) -> None:
    file = sandbox.path("/etc/nixos/configuration.nix")
    before = file.read_text()
    plan = change(sandbox, "remove htop")
    (note, *_) = plan["warnings"]
    assert note.startswith("htop is installed in /etc/nixos/configuration.nix:31, so this plan")
    assert file.read_text() == before.replace("    htop\n", "")
    change(sandbox, "set time.timeZone to Europe/Berlin")
    done(sandbox, "undo")
    done(sandbox, "undo")
    assert file.read_text() == before


def test_what_nix_cannot_evaluate_is_named_by_its_own_place(sandbox: Sandbox) -> None:
    with rewritten(sandbox, "configuration.nix", b"{ }: { a = ; }\n"):
        asked = ask(sandbox, "--yes", "install hello")
    assert asked.document["error"]["name"] == "EvaluationFailed"
    assert "(/etc/nixos/configuration.nix:1:" in asked.document["error"]["message"]


def test_rebuild_takes_what_was_written_by_hand(sandbox: Sandbox) -> None:
    with rewritten(sandbox, "configuration.nix", with_packages(sandbox, "figlet")):
        change(sandbox, "rebuild")
        assert has_program(sandbox, "figlet")
    change(sandbox, "rebuild")
    assert not has_program(sandbox, "figlet")


@pytest.mark.parametrize(
    "file", ["luminous.nix", "configuration.nix", "flake.nix", "flake.lock", "new.nix"]
)
def test_a_plan_does_not_hold_when_a_file_of_the_flake_has_changed(
    sandbox: Sandbox, file: str
) -> None:
    path = sandbox.path(f"/etc/nixos/{file}")
    own = path.read_bytes() if path.exists() else b"{ }"
    with Client(sandbox) as alice:
        plan = alice.plan(HELLO)
        with rewritten(sandbox, file, own + b"\n"):
            before = state_of(sandbox)
            ended = alice.until(alice.apply(plan))
            assert (ended["State"], ended["Result"]["error"]) == ("failed", "Drifted"), ended
            assert state_of(sandbox) == before


def test_an_update_locks_newer_inputs_and_undo_the_old_ones(sandbox: Sandbox) -> None:
    change(sandbox, "install hello")
    lock, status = sandbox.path(LOCK).read_bytes(), sandbox.path(LOCK).stat()
    system, text = running_system(sandbox), own_file(sandbox)
    plan = change(sandbox, "update the system")
    assert plan["summary"] == "update nixpkgs"
    assert {"name": "hello", "before": "2.12.2", "after": "2.12.3"} in plan["packages"]
    assert sandbox.run(["hello", "--version"]).stdout == "hello 2.12.3\n"
    assert own_file(sandbox) == text
    after = sandbox.path(LOCK).stat()
    assert (after.st_uid, after.st_mode) == (status.st_uid, status.st_mode)
    assert done(sandbox, "update")["answers"] == ["Already up to date: nixpkgs."]
    assert done(sandbox, "update", "nixpkgs")["answers"] == ["Already up to date: nixpkgs."]
    plan = change(sandbox, "undo")
    assert plan["summary"] == "go back to the inputs from before"
    assert sandbox.path(LOCK).read_bytes() == lock
    assert running_system(sandbox) == system
    change(sandbox, "remove hello")


def test_an_update_beside_another_change_is_one_plan(sandbox: Sandbox) -> None:
    lock, text = sandbox.path(LOCK).read_bytes(), own_file(sandbox)
    plan = change(sandbox, "install hello and update")
    assert {"name": "hello", "before": "", "after": "2.12.3"} in plan["packages"]
    change(sandbox, "undo")
    assert (sandbox.path(LOCK).read_bytes(), own_file(sandbox)) == (lock, text)


def test_an_update_whose_switch_fails_puts_the_lock_file_back(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    sandbox.set_knob("switch-fails")
    asked = ask(sandbox, "--yes", "update")
    assert asked.document["error"]["name"] == "ActivationFailed", asked.document
    sandbox.clear_knob("switch-fails")
    after = state_of(sandbox)
    assert after.configuration["flake.lock"] == before.configuration["flake.lock"]
    assert (after.links, after.running, after.boot) == (before.links, before.running, before.boot)


def test_an_input_that_the_flake_does_not_have_is_refused(sandbox: Sandbox) -> None:
    asked = ask(sandbox, "--yes", "update", "home-manager")
    assert asked.document["error"]["name"] == "InvalidValue"
    assert "Known: nixpkgs." in asked.document["error"]["message"]


def test_a_plan_for_a_lock_file_from_before_an_update_by_hand_does_not_hold(
    sandbox: Sandbox,
) -> None:
    lock = sandbox.path(LOCK).read_bytes()
    with Client(sandbox) as alice:
        plan = alice.plan({"kind": "update-inputs"})
        argv = ["nix", *FLAKES, "flake", "lock", "--update-input", "nixpkgs", "/etc/nixos"]
        by_hand = sandbox.run(argv)
        assert by_hand.returncode == 0, by_hand.stderr
        assert alice.until(alice.apply(plan))["Result"]["error"] == "Drifted"
        assert json.loads(sandbox.path(LOCK).read_bytes()) != json.loads(lock)
    sandbox.path(LOCK).write_bytes(lock)


def test_nothing_was_committed_and_everything_is_as_at_the_start(
    sandbox: Sandbox, kind: Kind
) -> None:
    assert toplevel_by_hand(sandbox) == running_system(sandbox)
    assert list(sandbox.path("/run/luminous").glob("candidate-*/")) == []
    if kind == "git":
        assert git(sandbox, "status", "--porcelain") == ""
        assert git(sandbox, "log", "--format=%s") == "The machine as it was installed\n"
    else:
        assert not sandbox.path("/etc/nixos/.git").exists()
    assert SYSTEM in ask(sandbox, "status").document["status"]["configuration"]


def test_a_flake_without_luminous_is_set_up(fresh_sandbox: Sandbox, kind: Kind) -> None:
    configuration = fresh_sandbox.path("/etc/nixos/configuration.nix")
    text = configuration.read_text()
    line = "    ./luminous.nix # what was asked for in plain words\n"
    assert line in text
    configuration.write_text(text.replace(line, ""))
    fresh_sandbox.path("/etc/nixos/luminous.nix").unlink()
    if kind == "git":
        git(fresh_sandbox, "commit", "--quiet", "--all", "--message=None of Luminous")
    before = toplevel_by_hand(fresh_sandbox)
    assert ask(fresh_sandbox, "install", "hello").document["error"]["name"] == "NotImported"
    document = done(fresh_sandbox, "setup")
    assert document["plans"][0]["summary"] == "import /etc/nixos/luminous.nix"
    assert configuration.read_text() == text.replace(line, "    ./luminous.nix\n")
    assert toplevel_by_hand(fresh_sandbox) == before
    if kind == "git":
        assert git(fresh_sandbox, "log", "--oneline").count("\n") == 2
        assert " A luminous.nix" in git(fresh_sandbox, "status", "--porcelain")
    done(fresh_sandbox, "install", "hello")
    assert has_program(fresh_sandbox, "hello")
    assert toplevel_by_hand(fresh_sandbox) == running_system(fresh_sandbox)


def test_options_and_packages_are_told_with_the_files_that_people_have(sandbox: Sandbox) -> None:
    ssh = ask(sandbox, "option", "services.openssh.enable").document["option"]
    (definition,) = ssh["definitions"]
    assert definition["place"].startswith("/etc/nixos/configuration.nix:")
    assert ssh["declarations"] == ["nixos/modules/services/networking/ssh/sshd.nix"]
    (place,) = ask(sandbox, "package", "htop").document["package"]["installed"]
    assert place["place"].startswith("/etc/nixos/configuration.nix:")
