"""The polkit rules that the NixOS module writes, in force in the real polkitd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.asking import ask, wait_until
from tests.integration.bus_client import Client
from tests.integration.evaluating import Nix, copy_nix_files
from tests.integration.machine_state import own_file

if TYPE_CHECKING:
    from pathlib import Path

    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.users import UserName

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

RULES = "/etc/polkit-1/rules.d/05-luminous-module.rules"
GROUP = "menders"


@pytest.fixture
def checkout(fresh_sandbox: Sandbox) -> Path:
    """Copy the module into a sandbox in which bob is one of the menders, and nobody is asked."""
    fresh_sandbox.set_agent("none")
    with fresh_sandbox.path("/etc/group").open("a", encoding="utf-8") as groups:
        groups.write(f"{GROUP}:x:4711:bob\n")
    return copy_nix_files(fresh_sandbox)


def put_in_force(sandbox: Sandbox, checkout: Path, options: str) -> None:
    """Write the rules of the module with these options, and wait until polkitd has them."""
    own = f'enable = true; package = pkgs.hello; group = "{GROUP}"; {options}'
    module = f"{{ imports = [ {checkout}/nixos-module ]; services.luminous = {{ {own} }}; }}"
    rules = Nix.of_sandbox(sandbox).of_system(module, "s.config.security.polkit.extraConfig")
    sandbox.path(RULES).write_text(rules, encoding="utf-8")


def code_of(sandbox: Sandbox, *words: str, user: UserName) -> int:
    """Return the exit code of a request."""
    return ask(sandbox, *words, user=user).code


def test_members_change_the_machine_as_the_option_says(
    fresh_sandbox: Sandbox, checkout: Path
) -> None:
    assert code_of(fresh_sandbox, "--yes", "install hello", user="bob") != 0
    put_in_force(fresh_sandbox, checkout, 'authentication = "none";')
    wait_until(lambda: code_of(fresh_sandbox, "--yes", "install hello", user="bob") == 0)
    assert code_of(fresh_sandbox, "--yes", "install sl", user="alice") != 0


def test_what_is_of_a_high_risk_is_an_administrators_also_for_members(
    fresh_sandbox: Sandbox, checkout: Path
) -> None:
    put_in_force(fresh_sandbox, checkout, 'authentication = "none";')
    wait_until(lambda: code_of(fresh_sandbox, "--yes", "install hello", user="bob") == 0)
    asked = ask(fresh_sandbox, "--yes", "set nix.settings.trusted-users to bob", user="bob")
    assert asked.document["plans"][0]["risk"] == "high", asked.document
    assert asked.document["error"]["name"] == "NoAgent"
    assert code_of(fresh_sandbox, "--yes", "gc", user="bob") != 0


def test_an_answer_that_is_kept_for_a_change_does_not_serve_for_a_high_risk(
    fresh_sandbox: Sandbox, checkout: Path
) -> None:
    put_in_force(fresh_sandbox, checkout, 'authentication = "self";')
    bluetooth = {"kind": "set-option", "option": "hardware.bluetooth.enable", "value": True}
    rule = {"kind": "set-option", "option": "nix.settings.trusted-users", "value": ["bob"]}
    fresh_sandbox.set_agent("allow")
    with Client(fresh_sandbox, "bob") as bob:
        done = bob.until(bob.apply(bob.plan(bluetooth), interactive=True))
        assert done["State"] == "done", done
        fresh_sandbox.set_agent("none")
        refused = bob.until(bob.apply(bob.plan(rule), interactive=True))
        assert refused["Result"]["error"] == "NoAgent", refused
    assert "trusted-users" not in own_file(fresh_sandbox)


def test_only_members_and_administrators_ask_where_the_option_says_so(
    fresh_sandbox: Sandbox, checkout: Path
) -> None:
    fresh_sandbox.path("/etc/group").write_text(
        fresh_sandbox.path("/etc/group").read_text(encoding="utf-8").replace(":4711:bob", ":4711:"),
        encoding="utf-8",
    )
    assert code_of(fresh_sandbox, "status", user="bob") == 0
    put_in_force(fresh_sandbox, checkout, 'asking = "group";')
    wait_until(lambda: code_of(fresh_sandbox, "status", user="bob") == 5)
    assert code_of(fresh_sandbox, "--dry-run", "install hello", user="bob") == 5
    assert code_of(fresh_sandbox, "status", user="alice") == 0
    assert code_of(fresh_sandbox, "status", user="root") == 0
