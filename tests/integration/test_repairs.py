"""A configuration that does not evaluate is mended by a plan: in place, proved, and no further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import PLAN
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import (
    evaluated,
    own_file,
    state_of,
)
from tests.integration.repairing import (
    FILE,
    FIX,
    carried_out,
    failure,
    kept_text,
    misspelt,
    place_of,
    rename,
    repair,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

    Data = dict[str, Any]

pytestmark = pytest.mark.integration

NO_HASH = "sha256-" + "A" * 43 + "="
HI = "sha256-mOpuTyFvL7S2n/+bOkSELDhobKaF8/VdxIxdP7EQe+Q="
FETCHED = (
    "  environment.etc.hi.source = derivation {\n"
    '    name = "hi"; system = builtins.currentSystem;\n'
    '    builder = "/bin/sh"; args = [ "-c" "echo hi > $out" ];\n'
    '    outputHash = "%s";\n  };\n'
)


@pytest.fixture
def text(sandbox: Sandbox) -> Iterator[str]:
    """Give the text of configuration.nix, which is put back afterwards."""
    yield from kept_text(sandbox)


MENDED: dict[str, tuple[tuple[str, str], tuple[Data, ...]]] = {
    "a misspelt option": (
        ("services.openssh = {", "services.opensh = {"),
        (rename("services.opensh", "services.openssh"),),
    ),
    "a misspelt part of an option": (
        ("networkmanager.enable", "networkmanager.enabel"),
        (rename("networking.networkmanager.enabel", "networking.networkmanager.enable"),),
    ),
    "a misspelt package": (("    htop\n", "    htp\n"), (rename("htp", "htop"),)),
    "a misspelt argument": (("with pkgs; [", "with pgks; ["), (rename("pgks", "pkgs"),)),
    "a definition twice": (
        ("  time.timeZone", '  networking.hostName = "luminous-sandbox";\n  time.timeZone'),
        (repair("remove-definition", old="networking.hostName", line=17),),
    ),
    "a definition twice in a set": (
        ("    enable = true;\n    set", "    enable = true;\n    enable = false;\n    set"),
        (repair("remove-definition", old="enable", line=38, column=5),),
    ),
    "an option that is none": (
        ("  time.timeZone", "  services.nothing.enable = true;\n  time.timeZone"),
        (repair("remove-definition", old="services.nothing"),),
    ),
    "a value of another type": (
        ("networkmanager.enable = true", 'networkmanager.enable = "yes"'),
        (repair("set-value", old="networking.networkmanager.enable", new=True),),
    ),
    "an argument of another name": (
        ("{ config, pkgs, ... }", "{ config, pgks, ... }"),
        (rename("pgks", "pkgs"),),
    ),
    "no other arguments": (
        ("{ config, pkgs, ... }", "{ config, pkgs }"),
        (repair("add-argument", new="..."),),
    ),
    "an argument that is missing": (
        ("{ config, pkgs, ... }", "{ config, ... }"),
        (repair("add-argument", new="pkgs"),),
    ),
}


def last_of(sandbox: Sandbox) -> str:
    """Return the id of the newest change."""
    return str(ask(sandbox, "history").document["history"][0]["id"])


@pytest.mark.parametrize("what", MENDED)
def test_what_is_wrong_is_mended_by_a_plan_and_nothing_else_is(
    sandbox: Sandbox, text: str, what: str
) -> None:
    broken_part, changes = MENDED[what]
    broken = write(sandbox, text, broken_part)
    plan = carried_out(sandbox, *changes)
    after = sandbox.path(FILE).read_text()
    assert after == text
    assert evaluated(sandbox, "networking.hostName") == "luminous-sandbox"
    assert any("does not evaluate as it is" in warning for warning in plan["Warnings"])
    assert f"--- {FILE}\n+++ {FILE}\n" in plan["ConfigurationDiff"]
    assert "left to take back" in ask(sandbox, "--yes", "undo").document["answers"][0]
    back = ask(sandbox, "--yes", "undo", last_of(sandbox))
    assert back.document["error"]["name"] == "RepairRefused"
    assert "would bring back what was repaired" in back.document["error"]["message"]
    assert sandbox.path(FILE).read_text() == after != broken


BROKEN_SYNTAX: dict[str, tuple[tuple[str, str], str, str]] = {
    "a semicolon": (('"luminous-sandbox";', '"luminous-sandbox"'), "insert-token", ";"),
    "a bracket of a list": (("    vim\n  ];", "    vim\n  ;"), "insert-token", "]"),
    "a bracket at the end": (('"25.11";\n}\n', '"25.11";\n'), "insert-token", "}"),
    "a bracket too many": (('"25.11";\n}\n', '"25.11";\n}\n}\n'), "remove-token", "}"),
    "a semicolon too many": (
        ("enable = true;\n    set", "enable = true;;\n    set"),
        "remove-token",
        ";",
    ),
}


@pytest.mark.parametrize("what", BROKEN_SYNTAX)
def test_a_token_is_put_in_or_taken_out_where_nix_says(
    sandbox: Sandbox, text: str, what: str
) -> None:
    part, operation, token = BROKEN_SYNTAX[what]
    broken = write(sandbox, text, part)
    place = place_of(sandbox)
    line = broken.split("\n")[place["line"] - 1]
    there = line[place["column"] - 1 :]
    old = token if operation == "remove-token" else there[:1]
    fields = {"new": token} if operation == "insert-token" else {}
    carried_out(sandbox, repair(operation, old=old, **fields, **place))
    assert evaluated(sandbox, "networking.hostName") == "luminous-sandbox"
    assert "".join(sandbox.path(FILE).read_text().split()) == "".join(text.split())


def test_a_quote_that_is_missing_is_put_in(sandbox: Sandbox, text: str) -> None:
    write(sandbox, text, ('"25.11";\n}', '"25.11;\n}'))
    carried_out(sandbox, repair("insert-token", old=";", new='"', line=42, column=31))
    assert sandbox.path(FILE).read_text() == text


def test_a_wrong_hash_becomes_the_right_one_and_no_undo_breaks_it_again(
    sandbox: Sandbox, text: str
) -> None:
    before = write(sandbox, text, ("  system.state", FETCHED % NO_HASH + "  system.state"))
    change = repair("replace-hash", old=NO_HASH, new=HI)
    with Client(sandbox) as alice:
        ended = alice.carry_out({"kind": "rebuild", "action": "switch"})
        assert ended["Result"]["error"] == "BuildFailed"
        assert HI in "\n".join(ended["Result"]["log"])
        path = alice.plan(change, build=True)
        assert alice.properties(path, PLAN)["State"] == "ready"
        assert alice.until(alice.apply(path))["State"] == "done"
    assert sandbox.path(FILE).read_text() == before.replace(NO_HASH, HI)
    undone = ask(sandbox, "--yes", "undo", last_of(sandbox))
    assert undone.document["error"]["name"] == "BuildFailed"
    assert sandbox.path(FILE).read_text() == before.replace(NO_HASH, HI)


def test_what_only_warns_is_renamed_and_an_undo_brings_every_byte_back(
    sandbox: Sandbox, text: str
) -> None:
    part = "settings.PasswordAuthentication", "passwordAuthentication"
    before = write(sandbox, text, part)
    new = "services.openssh.settings.PasswordAuthentication"
    carried_out(sandbox, rename("services.openssh.passwordAuthentication", new))
    assert sandbox.path(FILE).read_text() == text
    assert ask(sandbox, "--yes", "undo").code == 0
    assert sandbox.path(FILE).read_text() == before


def test_several_repairs_are_one_plan_and_one_alone_tells_what_is_wrong_next(
    sandbox: Sandbox, text: str
) -> None:
    write(
        sandbox,
        text,
        ("services.openssh", "services.opensh"),
        ("hostName", "hostNam"),
        ("    htop\n", "    discord\n"),
    )
    repairs = (
        rename("networking.hostNam", "networking.hostName"),
        rename("services.opensh", "services.openssh"),
        {"kind": "allow-package", "package": "discord", "reason": "unfree"},
    )
    before = state_of(sandbox)
    failures: list[Data] = []
    with Client(sandbox) as alice:
        for count in (1, 2):
            failed = failure(alice, *repairs[:count])
            failures.append(failure(alice, *repairs[:count]))
    for failed in failures:
        assert failed["name"] == "EvaluationFailed"
        assert failed["details"]["reason"]
        assert "something else is wrong, too, so nothing was changed" in failed["message"]
    assert failures[1]["details"]["refused"]["name"] == "discord"
    assert state_of(sandbox) == before
    carried_out(sandbox, *repairs)
    assert evaluated(sandbox, "networking.hostName") == "luminous-sandbox"
    assert 'builtins.elem (lib.getName pkg) [ "discord" ]' in own_file(sandbox)


@pytest.mark.parametrize(
    ("package", "reason", "line"),
    [
        ("spotify", "unfree", '[ "spotify" ]'),
        ("openssl_1_1", "insecure", 'permittedInsecurePackages = [ "openssl-1.1.1w" ]'),
    ],
)
def test_a_refused_package_gets_the_narrowest_exception_and_undo_takes_it_back(
    sandbox: Sandbox, text: str, package: str, reason: str, line: str
) -> None:
    own = own_file(sandbox)
    change = {"kind": "allow-package", "package": package, "reason": reason}
    plan = carried_out(sandbox, change)
    assert line in own_file(sandbox)
    assert (plan["Risk"] == "high") is (reason == "insecure")
    assert ask(sandbox, "--yes", "undo").code == 0
    assert own_file(sandbox) == own
    write(sandbox, text, ("    htop\n", f"    {package}\n"))
    with Client(sandbox) as alice:
        refused = failure(alice, {"kind": "rebuild"})["details"]["refused"]
    named = refused["package" if reason == "insecure" else "name"]
    carried_out(sandbox, {**change, "package": named})
    assert line in own_file(sandbox)


def test_a_text_that_is_a_value_stays_a_text(sandbox: Sandbox, text: str) -> None:
    misspelt(sandbox, text)
    hostile = '"; x = "${builtins.readFile /etc/shadow}'
    carried_out(sandbox, FIX, repair("set-value", old="users.users.alice.description", new=hostile))
    assert evaluated(sandbox, "users.users.alice.description") == hostile


def test_a_person_reads_what_a_repair_does_and_finds_it_in_the_history(
    sandbox: Sandbox, text: str
) -> None:
    misspelt(sandbox, text)
    plan = carried_out(sandbox, FIX)
    assert plan["Summary"] == f"rename services.opensh to services.openssh in {FILE}"
    document = ask(sandbox, "history").document
    (entry, *_) = document["history"]
    assert entry["summary"] == plan["Summary"]
    shown = sandbox.run(["ask-nix", "history"])
    assert "rename services.opensh to services.openssh" in " ".join(shown.stdout.split())
