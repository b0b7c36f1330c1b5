"""Going back and cleaning up: without a network or an evaluation, and with all that stays named."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import (
    assert_is_system,
    default_generation,
    rewritten,
    state_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.users import UserName

pytestmark = pytest.mark.integration

LINE = '  time.timeZone = "Europe/Amsterdam";\n'
RICH = f"""{LINE}
  boot.kernelPackages = pkgs.linuxPackages_latest;
  system.configurationRevision = "0123abc";
  specialisation.quiet.configuration.boot.kernelParams = [ "quiet" ];
"""


def edited(sandbox: Sandbox, line: str) -> bytes:
    """Return configuration.nix with another line in the place of one."""
    text = sandbox.path("/etc/nixos/configuration.nix").read_text()
    assert LINE in text
    return text.replace(LINE, line).encode()


@contextmanager
def without_nixpkgs(sandbox: Sandbox) -> Iterator[None]:
    """Hide all channels."""
    hidden = "/nix/var/nix/profiles/per-user/root"
    mounted = sandbox.run(["mount", "-t", "tmpfs", "tmpfs", hidden], user="root")
    assert mounted.returncode == 0, mounted.stderr
    try:
        yield
    finally:
        assert sandbox.run(["umount", hidden], user="root").returncode == 0


def test_going_back_needs_no_evaluation_no_nixpkgs_and_no_network(sandbox: Sandbox) -> None:
    before = default_generation(sandbox)
    assert ask(sandbox, "--yes", "install hello").code == 0
    broken = b"{ this is no Nix"
    with without_nixpkgs(sandbox), rewritten(sandbox, "configuration.nix", broken):
        assert ask(sandbox, "--yes", "install figlet").code != 0
        asked = ask(sandbox, "--yes", "rollback", str(before))
        assert asked.code == 0, asked
        assert_is_system(sandbox, before)
    assert ask(sandbox, "--yes", "rollback", str(before + 1)).code == 0
    assert ask(sandbox, "--yes", "remove hello").code == 0


def test_generations_say_what_they_are_whoever_made_them(sandbox: Sandbox) -> None:
    oldest = ask(sandbox, "generations").document["generations"][-1]
    with rewritten(sandbox, "configuration.nix", edited(sandbox, RICH)):
        assert ask(sandbox, "--yes", "rebuild", "boot").code == 0
        newest = default_generation(sandbox)
    found = {item["number"]: item for item in ask(sandbox, "generations").document["generations"]}
    made, by_hand = found[newest], found[oldest["number"]]
    assert made["kernel"] == "6.16.8"
    assert made["configuration_revision"] == "0123abc"
    assert made["specialisations"] == ["quiet"]
    assert made["default"]
    assert not made["current"]
    assert (made["words"], made["user"]) == ("rebuild boot", "alice")
    assert by_hand["booted"]
    assert (by_hand["words"], by_hand["user"], by_hand["specialisations"]) == ("", "", [])
    assert (by_hand["kernel"], by_hand["configuration_revision"]) == ("6.12.48", "")
    for item in found.values():
        assert item["date"] > 1_600_000_000
        assert item["nixos_version"].startswith("25.11.")

    (plan,) = ask(sandbox, "--dry-run", "rollback", str(newest)).document["plans"]
    assert plan["generation_dates"] == [made["date"]]
    assert "has kernel 6.16.8, and the machine runs kernel 6.12.48" in plan["warnings"][0]
    assert plan["reboot_required"]
    (back,) = ask(sandbox, "--yes", "rollback", str(by_hand["number"])).document["plans"]
    assert not [warning for warning in back["warnings"] if "kernel" in warning]


def test_a_garbage_plan_says_what_keeps_the_disk_full(sandbox: Sandbox) -> None:
    build = "cd && nix-build '<nixpkgs>' -A {0} -o {0}-result"
    packages: dict[UserName, str] = {"bob": "figlet", "alice": "cowsay"}
    for user, package in packages.items():
        done = sandbox.run(["sh", "-c", build.format(package)], user=user)
        assert done.returncode == 0, done.stderr
    before = state_of(sandbox)

    def roots(user: UserName) -> dict[str, dict[str, Any]]:
        (plan,) = ask(sandbox, "gc", "--dry-run", user=user).document["plans"]
        return {str(item["what"]): item for item in plan["roots"]}

    alice = roots("alice")
    assert alice["/home/alice/cowsay-result"]["name"] == "cowsay-3.8.4"
    assert "figlet" not in str(alice)
    assert alice["a link of bob's"]["name"] == ""
    assert alice["a link of bob's"]["size"] >= alice["a link of bob's"]["exclusive"] >= 0
    assert not [what for what in alice if "system-" in what]
    bob = roots("bob")
    assert bob["/home/bob/figlet-result"]["name"] == "figlet-2.2.5"
    assert "cowsay" not in str(bob)
    assert len({"/home/bob/figlet-result", "/home/alice/cowsay-result"} & {*roots("root")}) == 2
    shown = sandbox.run(["ask-nix", "gc", "--dry-run"]).stdout
    assert "a link of bob's" in shown
    assert "In use" in shown
    assert state_of(sandbox) == before


def test_collecting_garbage_deletes_no_root_and_nothing_of_it(sandbox: Sandbox) -> None:
    result = sandbox.path("/home/alice/cowsay-result")
    if not result.is_symlink():
        build = ["sh", "-c", "cd && nix-build '<nixpkgs>' -A cowsay -o cowsay-result"]
        assert sandbox.run(build).returncode == 0
    kept = str(result.readlink())
    for words in ("install hello", "remove hello", "install jq"):
        assert ask(sandbox, "--yes", words).code == 0
    asked = ask(sandbox, "--yes", "gc")
    assert asked.code == 0, asked
    (plan,) = asked.document["plans"]
    assert plan["generations"]
    assert len(plan["generation_dates"]) == len(plan["generations"])
    left = {item["number"]: item for item in ask(sandbox, "generations").document["generations"]}
    newest = default_generation(sandbox)
    assert {newest, newest - 1} <= left.keys()
    assert left[min(left)]["booted"]
    assert str(result.readlink()) == kept
    assert sandbox.run(["ls", "-d", kept]).returncode == 0
    assert ask(sandbox, "--yes", "undo").code == 0


def test_a_password_that_was_given_for_one_collection_is_asked_for_again(
    fresh_sandbox: Sandbox,
) -> None:
    collection = {"kind": "collect-garbage", "keep": 50}
    installation = {"kind": "add-package", "package": "jq"}
    removal = {"kind": "remove-package", "package": "jq"}
    with Client(fresh_sandbox) as alice:

        def asked(change: dict[str, Any]) -> int:
            before = len(fresh_sandbox.agent_questions())
            assert alice.carry_out(change)["State"] == "done"
            return len(fresh_sandbox.agent_questions()) - before

        assert [asked(installation), asked(removal)] == [1, 0], "polkit keeps what it may"
        assert [asked(collection), asked(collection)] == [1, 1]
