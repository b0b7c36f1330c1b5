"""The git repository around a flake: what git does not know, hides, or has not finished merging."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN
from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.flakes import git, toplevel_by_hand
from tests.integration.machine_state import (
    default_generation,
    has_program,
    own_file,
    own_lines,
    processes,
    rewritten,
    running_system,
    state_of,
    wait_until,
    with_packages,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

pytestmark = pytest.mark.integration

HELLO = "environment.systemPackages = [ pkgs.hello ];"


@pytest.fixture
def sandbox(nix: NixVersion) -> Iterator[Sandbox]:
    """Start a machine for one test, whose flake lies in a repository of alice."""
    with Sandbox(SandboxOptions(nix=nix, flake="git")) as sandbox:
        yield sandbox


def install_hello(sandbox: Sandbox) -> None:
    """Have alice install hello, and check that it is there and what the flake says."""
    asked = ask(sandbox, "--yes", "install hello")
    assert asked.code == 0, asked.document
    assert sandbox.run(["hello"]).stdout == "Hello, world!\n"
    assert own_lines(sandbox) == [HELLO]


def refusal(sandbox: Sandbox, *words: str) -> str:
    """Return why something is refused, having checked that nothing was changed."""
    before = state_of(sandbox)
    asked = ask(sandbox, "--yes", *words)
    assert state_of(sandbox) == before
    assert asked.document["error"], asked.document
    return str(asked.document["error"]["message"])


def test_a_file_that_git_does_not_know_is_planned_with_and_made_known_when_written(
    sandbox: Sandbox,
) -> None:
    git(sandbox, "rm", "--quiet", "--cached", "luminous.nix")
    git(sandbox, "commit", "--quiet", "--message=Without it")
    before = state_of(sandbox)
    (plan,) = ask(sandbox, "--dry-run", "install hello").document["plans"]
    assert [package["name"] for package in plan["packages"]] == ["hello"]
    assert state_of(sandbox) == before
    assert git(sandbox, "status", "--porcelain") == "?? luminous.nix\n"
    install_hello(sandbox)
    assert git(sandbox, "status", "--porcelain") == " A luminous.nix\n"
    assert git(sandbox, "diff", "--cached", "--name-only") == "", "its content is not staged"
    assert git(sandbox, "log", "-1", "--format=%s") == "Without it\n"
    assert toplevel_by_hand(sandbox) == running_system(sandbox)


def forget(sandbox: Sandbox, name: str) -> None:
    """Let git not know a file that is there."""
    git(sandbox, "rm", "--quiet", "--cached", name)
    git(sandbox, "commit", "--quiet", "--message=Without it")


def test_a_file_made_known_is_unknown_again_when_the_change_is_put_back(sandbox: Sandbox) -> None:
    forget(sandbox, "luminous.nix")
    before = own_file(sandbox)
    sandbox.set_knob("switch-fails")
    asked = ask(sandbox, "--yes", "install hello")
    assert "Everything was put back as it was." in asked.document["error"]["message"]
    assert own_file(sandbox) == before
    assert git(sandbox, "status", "--porcelain") == "?? luminous.nix\n"


def test_a_set_up_that_fails_leaves_nothing_in_gits_index(sandbox: Sandbox) -> None:
    note = sandbox.path("/etc/nixos/note.txt")
    note.write_text("quiet")
    file = sandbox.path("/etc/nixos/configuration.nix")
    lines = file.read_text().replace("./luminous.nix # what was asked for in plain words", "")
    head, _, _ = lines.rpartition("}")
    file.write_text(head + "boot.kernelParams = [ (builtins.readFile ./note.txt) ];\n}\n")
    git(sandbox, "add", "note.txt")
    git(sandbox, "rm", "--quiet", "-f", "luminous.nix")
    git(sandbox, "commit", "--quiet", "--all", "--message=None of Luminous")
    with Client(sandbox) as alice:
        plan = alice.plan({"kind": "import-file"})
        note.write_text("loud")
        result = alice.until(alice.apply(plan))["Result"]
    assert (result["error"], result["put-back"]) == ("Drifted", True)
    assert result["message"].endswith("Everything was put back as it was.")
    assert git(sandbox, "status", "--porcelain") == " M note.txt\n"


def test_what_alice_adds_herself_before_nobody_confirms_stays_added(sandbox: Sandbox) -> None:
    forget(sandbox, "luminous.nix")
    with Client(sandbox) as alice:
        plan = alice.plan({"kind": "add-package", "package": "hello"})
        path = alice.apply(plan, confirm_within=4)
        wait_until(lambda: alice.transaction(path)["State"] == "confirming")
        git(sandbox, "add", "luminous.nix")
        assert alice.until(path)["Result"]["put-back"]
    assert git(sandbox, "diff", "--cached", "--name-only") == "luminous.nix\n"


def test_a_file_made_known_is_unknown_again_after_a_daemon_that_was_cut_off(
    sandbox: Sandbox,
) -> None:
    forget(sandbox, "luminous.nix")
    sandbox.set_knob("slow-switch", "2")
    with Client(sandbox) as alice:
        path = alice.apply(alice.plan({"kind": "add-package", "package": "hello"}))
        wait_until(lambda: alice.transaction(path)["Phase"] == "activating")
        sandbox.kill_daemon()
    assert git(sandbox, "status", "--porcelain") == " A luminous.nix\n"
    sandbox.clear_knob("slow-switch")
    sandbox.start_daemon()
    said = ask(sandbox, "history").document["history"][0]["message"]
    assert said.endswith("Everything was put back as it was.")
    assert git(sandbox, "status", "--porcelain") == "?? luminous.nix\n"


def test_a_lock_file_that_git_does_not_know_is_made_known_too(sandbox: Sandbox) -> None:
    git(sandbox, "rm", "--quiet", "--cached", "flake.lock")
    git(sandbox, "commit", "--quiet", "--message=Without it")
    assert ask(sandbox, "--yes", "update").code == 0
    assert git(sandbox, "status", "--porcelain") == " A flake.lock\n"
    assert toplevel_by_hand(sandbox) == running_system(sandbox)


def test_a_file_that_git_ignores_is_refused(sandbox: Sandbox) -> None:
    git(sandbox, "rm", "--quiet", "--cached", "luminous.nix")
    sandbox.path("/etc/nixos/.gitignore").write_text("luminous.nix\n")
    said = refusal(sandbox, "install hello")
    assert said.startswith("git cannot use the repository /etc/nixos as alice:")
    assert "luminous.nix" in said


def test_an_imported_file_that_git_does_not_know_is_named(sandbox: Sandbox) -> None:
    own = sandbox.path("/etc/nixos/configuration.nix").read_bytes()
    changed = own.replace(b"./luminous.nix", b"./luminous.nix ./web.nix")
    with rewritten(sandbox, "configuration.nix", changed), rewritten(sandbox, "web.nix", b"{ }"):
        said = refusal(sandbox, "install hello")
    assert said == (
        "The configuration needs /etc/nixos/web.nix, which git does not know, so the flake does "
        "not have it. Run: git -C /etc/nixos add --intent-to-add web.nix"
    )


@pytest.mark.parametrize("flag", ["skip-worktree", "assume-unchanged"])
def test_what_git_hides_is_never_taken_for_what_was_planned(sandbox: Sandbox, flag: str) -> None:
    git(sandbox, "update-index", f"--{flag}", "luminous.nix")
    before, number = state_of(sandbox), default_generation(sandbox)
    asked = ask(sandbox, "--yes", "install hello")
    assert asked.document["error"], asked.document
    assert asked.document["error"]["name"] == "EvaluationFailed"
    assert "because git hides it" in asked.document["error"]["message"]
    assert (state_of(sandbox), default_generation(sandbox)) == (before, number)
    git(sandbox, "update-index", f"--no-{flag}", "luminous.nix")
    install_hello(sandbox)


def test_a_merge_that_needs_a_person_is_finished_first(sandbox: Sandbox) -> None:
    file = sandbox.path("/etc/nixos/configuration.nix")
    own = file.read_text()
    git(sandbox, "checkout", "--quiet", "-b", "other")
    file.write_text(own.replace("    htop\n", "    htop btop\n"))
    git(sandbox, "commit", "--quiet", "--all", "--message=btop")
    git(sandbox, "checkout", "--quiet", "main")
    file.write_text(own.replace("    htop\n", "    htop jq\n"))
    git(sandbox, "commit", "--quiet", "--all", "--message=jq")
    with pytest.raises(AssertionError):
        git(sandbox, "merge", "--quiet", "other")
    assert git(sandbox, "status", "--porcelain").startswith("UU configuration.nix")
    said = refusal(sandbox, "install hello")
    assert said == (
        "The repository /etc/nixos is in the middle of a merge, with conflicts in "
        "configuration.nix. Resolve them or abort the merge, then try again."
    )
    git(sandbox, "merge", "--abort")
    install_hello(sandbox)
    assert has_program(sandbox, "jq")


def test_changes_that_are_not_committed_are_told_and_used(sandbox: Sandbox) -> None:
    names = ["a.nix", "b.nix", "c.nix"]
    for name in names:
        sandbox.path(f"/etc/nixos/{name}").write_text("{ }\n")
    git(sandbox, "add", *names)
    git(sandbox, "mv", "hardware-configuration.nix", "hardware.nix")
    own = with_packages(sandbox, "figlet").replace(b"hardware-configuration", b"hardware")
    sandbox.path("/etc/nixos/configuration.nix").write_bytes(own)
    (plan,) = ask(sandbox, "--dry-run", "install hello").document["plans"]
    assert plan["warnings"][-1] == (
        "The repository has changes that are not committed: a.nix, b.nix, c.nix and 2 more."
    )
    install_hello(sandbox)
    assert has_program(sandbox, "figlet")
    (plan,) = ask(sandbox, "--dry-run", "remove hello").document["plans"]
    assert "luminous.nix" not in plan["warnings"][-1]


def test_a_repository_of_root_is_worked_on_as_root(sandbox: Sandbox) -> None:
    owned = sandbox.run(["chown", "-R", "root:root", "/etc/nixos"], user="root")
    assert owned.returncode == 0
    install_hello(sandbox)
    assert sandbox.path("/etc/nixos/luminous.nix").stat().st_uid == 0


def test_a_flake_below_the_top_of_a_repository_behind_a_link(sandbox: Sandbox) -> None:
    moved = """
        mkdir /home/alice/machines
        rm -rf /etc/nixos/.git
        mv /etc/nixos /home/alice/machines/here
        chown alice:users /home/alice/machines
        ln -s /home/alice/machines/here /etc/nixos
    """
    done = sandbox.run(["sh", "-euc", moved], user="root")
    assert done.returncode == 0, done.stderr
    git(sandbox, "init", "--quiet", "/home/alice/machines")
    git(sandbox, "add", "flake.nix", "flake.lock")
    git(sandbox, "add", "configuration.nix", "hardware-configuration.nix")
    asked = ask(sandbox, "--yes", "remove htop")
    places = asked.document["error"]["message"]
    assert "/home/alice/machines/here/configuration.nix:31" in places
    install_hello(sandbox)
    assert "A here/luminous.nix\n" in git(sandbox, "status", "--porcelain")
    toplevel = toplevel_by_hand(sandbox, "/home/alice/machines/here")
    assert toplevel == running_system(sandbox)


def test_a_flake_without_this_machine_says_which_it_has(sandbox: Sandbox) -> None:
    sandbox.path("/etc/luminous/luminous.toml").write_text('flake = "/etc/nixos#laptop"\n')
    sandbox.stop_daemon()
    sandbox.start_daemon()
    said = refusal(sandbox, "install hello")
    assert "The flake has no nixosConfigurations.laptop. It has: luminous-sandbox." in said


def test_a_plan_for_a_file_made_known_by_hand_in_between_still_holds(sandbox: Sandbox) -> None:
    git(sandbox, "rm", "--quiet", "--cached", "luminous.nix")
    with Client(sandbox) as alice:
        plan = alice.plan({"kind": "add-package", "package": "hello"})
        assert alice.properties(plan, PLAN)["State"] == "ready"
        git(sandbox, "add", "luminous.nix")
        assert alice.until(alice.apply(plan))["State"] == "done"
    assert own_lines(sandbox) == [HELLO]


def test_an_update_that_is_cut_off_with_the_daemon_is_put_back_at_its_next_start(
    sandbox: Sandbox,
) -> None:
    before = state_of(sandbox)
    sandbox.set_knob("slow-switch", "2")
    with Client(sandbox) as alice:
        path = alice.apply(alice.plan({"kind": "update-inputs"}))
        wait_until(lambda: alice.transaction(path)["Phase"] == "activating")
        wait_until(lambda: any(line == "test" for line in processes(sandbox)))
        sandbox.kill_daemon()
    assert git(sandbox, "diff", "--name-only") == "flake.lock\n"
    sandbox.path("/etc/nixos/.luminous-write-abc123").write_text("half a lock file")
    sandbox.clear_knob("slow-switch")
    sandbox.start_daemon()
    assert ask(sandbox, "history").document["history"][0]["error"] == "Interrupted"
    assert state_of(sandbox) == before
    install_hello(sandbox)


def test_a_lock_file_that_alice_edits_before_nobody_confirms_is_left_and_that_is_said(
    sandbox: Sandbox,
) -> None:
    running = running_system(sandbox)
    with Client(sandbox) as alice:
        path = alice.apply(alice.plan({"kind": "update-inputs"}), confirm_within=4)
        wait_until(lambda: alice.transaction(path)["State"] == "confirming")
        lock = sandbox.path("/etc/nixos/flake.lock")
        edited = lock.read_bytes() + b"\n\n"
        lock.write_bytes(edited)
        said = alice.until(path)["Result"]["message"]
    assert said == (
        "Nobody confirmed within 4 seconds. Everything else was put back as it was; "
        "the inputs of the flake /etc/nixos were left alone, because somebody has changed them "
        "since."
    )
    assert lock.read_bytes() == edited
    assert running_system(sandbox) == running


def test_a_lock_file_that_alice_edits_while_the_daemon_is_down_is_left_and_that_is_said(
    sandbox: Sandbox,
) -> None:
    sandbox.set_knob("slow-switch", "2")
    with Client(sandbox) as alice:
        path = alice.apply(alice.plan({"kind": "update-inputs"}))
        wait_until(lambda: alice.transaction(path)["Phase"] == "activating")
        sandbox.kill_daemon()
    lock = sandbox.path("/etc/nixos/flake.lock")
    edited = lock.read_bytes() + b"\n\n"
    lock.write_bytes(edited)
    sandbox.clear_knob("slow-switch")
    sandbox.start_daemon()
    said = ask(sandbox, "history").document["history"][0]["message"]
    assert "the inputs of the flake /etc/nixos were left alone" in said
    assert lock.read_bytes() == edited


def test_an_update_of_another_flake_cannot_be_undone_on_this_one(sandbox: Sandbox) -> None:
    assert ask(sandbox, "--yes", "update").code == 0
    moved = sandbox.run(["cp", "-a", "/etc/nixos", "/home/alice/machine"])
    assert moved.returncode == 0, moved.stderr
    settings = 'flake = "/home/alice/machine"\nfile = "/home/alice/machine/luminous.nix"\n'
    sandbox.path("/etc/luminous/luminous.toml").write_text(settings)
    sandbox.stop_daemon()
    sandbox.start_daemon()
    said = refusal(sandbox, "undo")
    assert said == (
        "This goes back to another state of the inputs of the flake /etc/nixos, but the "
        "configuration has the inputs of the flake /home/alice/machine now. To go back to an "
        "earlier system: ask-nix rollback"
    )


def test_nixos_rebuild_activates_what_was_made_of_a_flake(nix: NixVersion) -> None:
    options = SandboxOptions(nix=nix, flake="git", settings='backend = "nixos-rebuild"\n')
    with Sandbox(options) as sandbox:
        assert ask(sandbox, "status").document["status"]["backend"] == "nixos-rebuild"
        install_hello(sandbox)
        assert toplevel_by_hand(sandbox) == running_system(sandbox)


def test_a_rebase_that_somebody_has_begun_is_finished_first(sandbox: Sandbox) -> None:
    sandbox.path("/etc/nixos/.git/rebase-merge").mkdir()
    assert refusal(sandbox, "install hello") == (
        "The repository /etc/nixos is in the middle of a rebase. Finish or abort it, then try "
        "again."
    )
    sandbox.path("/etc/nixos/.git/rebase-merge").rmdir()
    install_hello(sandbox)
