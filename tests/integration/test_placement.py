"""What a person's own file says is changed there, proved, and taken back: all to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import (
    assert_is_system,
    default_generation,
    evaluated,
    has_program,
    own_file,
    rewritten,
    running_system,
    state_of,
)

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = pytest.mark.integration

NAME = "configuration.nix"
EXTRA = b"name: { pkgs, ... }: { environment.systemPackages = [ pkgs.${name} ]; }\n"
"""What this makes counts as the file's that imports what it makes."""
FILE = f"/etc/nixos/{NAME}"


def text_of(sandbox: Sandbox) -> str:
    return sandbox.path(FILE).read_text()


def done(sandbox: Sandbox, *words: str) -> dict[str, Any]:
    """Have alice ask for something, check that it is in force, and return its plan."""
    asked = ask(sandbox, "--yes", *words)
    assert asked.code == 0, asked.document
    assert_is_system(sandbox, default_generation(sandbox))
    plan: dict[str, Any] = asked.document["plans"][0]
    return plan


def refused(sandbox: Sandbox, *words: str) -> dict[str, Any]:
    asked = ask(sandbox, "--yes", *words)
    assert asked.code != 0
    error: dict[str, Any] = asked.document["error"]
    return error


def test_a_package_is_removed_where_it_stands_and_comes_back_to_the_byte(sandbox: Sandbox) -> None:
    before, own, mode = text_of(sandbox), own_file(sandbox), sandbox.path(FILE).stat()
    plan = done(sandbox, "remove htop")
    assert text_of(sandbox) == before.replace("    htop\n", "")
    assert own_file(sandbox) == own
    now = sandbox.path(FILE).stat()
    assert (now.st_mode, now.st_uid, now.st_gid) == (mode.st_mode, mode.st_uid, mode.st_gid)
    assert not has_program(sandbox, "htop")
    assert f"--- {FILE}\n+++ {FILE}\n" in plan["configuration_diff"]
    assert "\n-    htop\n" in plan["configuration_diff"]
    assert plan["warnings"] == [
        f"htop is installed in {FILE}:31, so this plan edits that file of yours."
    ]
    done(sandbox, "undo")
    assert text_of(sandbox) == before
    assert own_file(sandbox) == own
    assert has_program(sandbox, "htop")


def test_an_option_is_set_where_it_stands_and_comes_back_to_the_byte(sandbox: Sandbox) -> None:
    before, own = text_of(sandbox), own_file(sandbox)
    done(sandbox, "set networking.hostName to atlas")
    assert text_of(sandbox) == before.replace('"luminous-sandbox"', '"atlas"')
    assert evaluated(sandbox, "networking.hostName") == "atlas"
    done(sandbox, "undo")
    assert text_of(sandbox) == before
    assert own_file(sandbox) == own


def test_an_undo_after_an_edit_by_hand_keeps_that_edit(sandbox: Sandbox) -> None:
    before = text_of(sandbox)
    with rewritten(sandbox, NAME, before.encode()):
        done(sandbox, "set networking.hostName to atlas")
        by_hand = text_of(sandbox).replace("    vim\n", "    vim # mine\n")
        sandbox.path(FILE).write_text(by_hand)
        done(sandbox, "undo")
        assert text_of(sandbox) == before.replace("    vim\n", "    vim # mine\n")
    done(sandbox, "rebuild")


def test_one_plan_edits_both_files_and_one_undo_takes_both_back(sandbox: Sandbox) -> None:
    before, own = text_of(sandbox), own_file(sandbox)
    done(sandbox, "disable openssh, remove tree and install jq")
    expected = before.replace("    tree\n", "").replace("    enable = true;", "    enable = false;")
    assert text_of(sandbox) == expected
    assert "pkgs.jq" in own_file(sandbox)
    done(sandbox, "undo")
    assert (text_of(sandbox), own_file(sandbox)) == (before, own)


def test_an_item_of_a_list_is_taken_out_where_it_stands(sandbox: Sandbox) -> None:
    before = text_of(sandbox)
    groups = {"option": "users.users.alice.extraGroups", "value": "networkmanager"}
    with Client(sandbox) as alice:
        ended = alice.carry_out({"kind": "unset-option", **groups})
    assert ended["State"] == "done", ended
    assert text_of(sandbox) == before.replace(' "networkmanager"', "")
    done(sandbox, "undo")
    assert text_of(sandbox) == before


def test_a_failed_switch_puts_the_file_back_to_the_byte(sandbox: Sandbox) -> None:
    before, system = state_of(sandbox), running_system(sandbox)
    sandbox.set_knob("switch-fails")
    error = refused(sandbox, "remove vim")
    assert error["name"] == "ActivationFailed"
    assert "Everything was put back as it was." in error["message"]
    assert (state_of(sandbox), running_system(sandbox)) == (before, system)


@pytest.mark.parametrize(
    ("old", "new", "words", "what", "why"),
    [
        (
            '  networking.hostName = "luminous-sandbox";\n',
            '  networking.hostName = lib.mkIf true "box";\n',
            "set networking.hostName to atlas",
            f"networking.hostName is set in {FILE}:14",
            "its value depends on mkIf in line 14",
        ),
        (
            "    tree\n    vim\n  ];",
            "    tree\n  ] ++ lib.optionals true [ pkgs.vim ];",
            "remove vim",
            f"vim is installed in {FILE}:33",
            "it is in a list in line 33 that is conditional",
        ),
    ],
)
def test_a_conditional_definition_is_refused_with_file_line_and_reason(
    sandbox: Sandbox, old: str, new: str, words: str, what: str, why: str
) -> None:
    text = text_of(sandbox).replace("{ config, pkgs, ... }", "{ config, lib, pkgs, ... }")
    assert old in text
    with rewritten(sandbox, NAME, text.replace(old, new).encode()):
        before = state_of(sandbox)
        error = refused(sandbox, words)
        assert error["name"] == "DefinedElsewhere"
        asked = "Is it meant always, or only under that condition?"
        told = f"{what}, which Luminous does not edit, because {why}. {asked} Change it there"
        assert told in error["message"]
        assert error["details"]["question"] == asked
        assert state_of(sandbox) == before


def test_what_the_edit_alone_does_not_bring_is_refused_with_the_patch(sandbox: Sandbox) -> None:
    """Another file's function installs it a second time."""
    listed = 'imports = [\n    (import ./extra.nix "htop")'
    text = text_of(sandbox).replace("imports = [", listed)
    with rewritten(sandbox, "extra.nix", EXTRA), rewritten(sandbox, NAME, text.encode()):
        error = refused(sandbox, "remove htop")
        assert "with that edit alone, Nix does not find what was asked for" in error["message"]
        assert "\n-    htop\n" in error["details"]["patch"]
        assert text_of(sandbox) == text


def test_a_file_with_another_name_is_left_alone_and_the_patch_is_shown(sandbox: Sandbox) -> None:
    other = sandbox.path("/etc/nixos/again.nix")
    other.hardlink_to(sandbox.path(FILE))
    try:
        asked = ask(sandbox, "--yes", "remove htop")
        plain = sandbox.run(["ask-nix", "--yes", "remove htop"])
    finally:
        other.unlink()
    error = asked.document["error"]
    assert error["name"] == "DefinedElsewhere"
    assert "because it has several names (hard links)" in error["message"]
    assert "\n-    htop\n" in error["details"]["patch"]
    assert "  -    htop\n" in plain.stderr


def test_a_file_that_changed_after_the_plan_is_not_written(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        path = alice.plan({"kind": "remove-package", "package": "htop"})
        text = text_of(sandbox)
        with rewritten(sandbox, NAME, text.replace("vim", "vim # new").encode()):
            ended = alice.until(alice.apply(path))
    assert ended["Result"]["error"] == "Drifted"
