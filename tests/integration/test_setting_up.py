"""The first run: the import of Luminous's file is proposed, proved, and written when agreed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN, TRANSACTION
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import has_program, own_lines, state_of, wait_until
from tests.unit.luminous_daemon.configuration.test_imports import PLAIN, with_marks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_sandbox.machine import Sandbox

pytestmark = [pytest.mark.integration]
RESTARTS = pytest.mark.outlives("the module's sandbox owns the daemon that is started again")

IMPORT = {"kind": "import-file"}
JOURNAL = "/var/lib/luminous/journal.jsonl"
CONFIGURATION = "/etc/nixos/configuration.nix"
OWN_FILE = "/etc/nixos/luminous.nix"
OWN_LINE = "    ./luminous.nix # what was asked for in plain words\n"
ADDED_LINE = "    ./luminous.nix\n"


@pytest.fixture(scope="module")
def texts(module_sandbox: Sandbox) -> tuple[str, str]:
    """Give the configuration without the import, and Luminous's file when it is empty."""
    text = module_sandbox.path(CONFIGURATION).read_text()
    assert OWN_LINE in text
    return text.replace(OWN_LINE, ""), module_sandbox.path(OWN_FILE).read_text()


@pytest.fixture
def configuration(sandbox: Sandbox, texts: tuple[str, str]) -> Iterator[Path]:
    """Give the configuration of a machine on which Luminous is not set up."""
    file = sandbox.path(CONFIGURATION)
    file.chmod(0o644)
    file.write_text(texts[0])
    sandbox.path(OWN_FILE).unlink(missing_ok=True)
    yield file
    assert sandbox.daemon_is_running
    assert "Traceback" not in sandbox.daemon_log


def imports_in(text: str) -> str:
    """Return the text of a configuration with the import added."""
    before, found, after = text.partition("  ];\n")
    return before + ADDED_LINE + found + after


def refusal(sandbox: Sandbox) -> dict[str, str]:
    """Return the details of the error with which a setup is refused; nothing was written."""
    before = state_of(sandbox)
    asked = ask(sandbox, "setup", "--yes")
    assert (asked.code, asked.document["error"]["name"]) == (4, "NotImported")
    assert state_of(sandbox) == before
    details: dict[str, str] = asked.document["error"]["details"]
    return details


def test_setup_makes_and_imports_the_file_and_is_no_new_generation(
    sandbox: Sandbox, configuration: Path, texts: tuple[str, str]
) -> None:
    before, owner = state_of(sandbox), configuration.stat()
    asked = ask(sandbox, "setup", "--yes")
    assert asked.code == 0, asked.document
    after = state_of(sandbox)
    assert (after.links, after.running, after.boot) == (before.links, before.running, before.boot)
    assert configuration.read_text() == imports_in(texts[0])
    mode, *ids, content = after.configuration["luminous.nix"]
    assert (mode & 0o7777, ids, content.decode()) == (
        0o644,
        [owner.st_uid, owner.st_gid],
        texts[1],
    )
    assert set(after.configuration) == {*before.configuration, "luminous.nix"}
    again = ask(sandbox, "setup")
    assert (again.code, again.document["answers"]) == (
        0,
        ["Luminous is set up already: your configuration imports /etc/nixos/luminous.nix."],
    )
    newest = ask(sandbox, "history").document["history"][0]
    assert (newest["summary"], newest["words"]) == (f"import {OWN_FILE}", "setup")
    undo = ask(sandbox, "undo", newest["id"])
    assert undo.document["answers"][0].startswith("Luminous does not take its own import back.")
    assert ask(sandbox, "--dry-run", "install hello").code == 0


def test_the_plan_is_a_patch_that_leads_to_what_is_written(
    sandbox: Sandbox, configuration: Path
) -> None:
    (plan,) = ask(sandbox, "setup", "--dry-run").document["plans"]
    before = configuration.read_text()
    assert plan["action"] == "org.luminous1.change-options"
    assert (plan["risk"], plan["summary"]) == ("low", f"import {OWN_FILE}")
    assert ask(sandbox, "setup", "--yes").code == 0
    assert "@@ -5,6 +5,7 @@\n" in plan["configuration_diff"]
    added = [line[1:] for line in plan["configuration_diff"].splitlines() if line[:2] == "+ "]
    assert ADDED_LINE.rstrip() in added
    assert configuration.read_text().replace(ADDED_LINE, "") == before


def test_on_a_terminal_a_first_install_sets_luminous_up_and_goes_on(
    sandbox: Sandbox, configuration: Path, texts: tuple[str, str]
) -> None:
    env = {"TERM": "dumb", "COLUMNS": "100"}
    with sandbox.terminal(["ask-nix", "install", "hello"], env=env) as terminal:
        terminal.expect("First of all: your configuration does not import")
        terminal.expect("Apply? [y/N] ")
        assert configuration.read_text() == texts[0]
        terminal.send("y\n")
        terminal.expect(f"Done: import {OWN_FILE}. Generation ")
        terminal.expect("Apply? [y/N] ")
        assert own_lines(sandbox) == []
        terminal.send("y\n")
        assert terminal.wait() == 0
        assert "\nDone: install hello 2." in terminal.output
    assert own_lines(sandbox) == ["environment.systemPackages = [ pkgs.hello ];"]
    assert has_program(sandbox, "hello")
    assert ask(sandbox, "--yes", "undo").code == 0
    assert not has_program(sandbox, "hello")


def test_yes_sets_luminous_up_on_the_way(sandbox: Sandbox, configuration: Path) -> None:
    asked = ask(sandbox, "install", "jq")
    assert (asked.code, asked.document["error"]["name"]) == (4, "NotImported")
    assert asked.document["error"]["message"].endswith("Run: ask-nix setup")
    asked = ask(sandbox, "--yes", "install jq")
    assert asked.code == 0, asked.document
    assert [plan["state"] for plan in asked.document["plans"]] == ["failed", "ready", "ready"]
    assert ADDED_LINE in configuration.read_text()
    assert ask(sandbox, "--yes", "undo").code == 0


def test_a_file_that_is_there_is_imported_as_it_is(
    sandbox: Sandbox, configuration: Path, texts: tuple[str, str]
) -> None:
    sandbox.path(OWN_FILE).write_text(texts[1])
    os.chown(sandbox.path(OWN_FILE), configuration.stat().st_uid, -1)
    sandbox.path(OWN_FILE).chmod(0o640)
    asked = ask(sandbox, "install", "jq")
    assert asked.document["error"]["message"].endswith("Run: ask-nix setup")
    asked = ask(sandbox, "setup", "--yes")
    assert asked.code == 0, asked.document
    assert asked.document["plans"][0]["configuration_diff"].startswith(f"--- {CONFIGURATION}\n")
    assert configuration.read_text() == imports_in(texts[0])
    assert sandbox.path(OWN_FILE).stat().st_mode & 0o777 == 0o640


def test_a_file_with_definitions_is_not_brought_into_force_on_the_way(
    sandbox: Sandbox, configuration: Path, texts: tuple[str, str]
) -> None:
    tail = "  ];\n}\n"
    line = '    { environment.variables.X = "1"; } # alice, 2026-11-21 07:58:11 UTC: x\n'
    sandbox.path(OWN_FILE).write_text(texts[1].removesuffix(tail) + line + tail)
    details = refusal(sandbox)
    assert details["line"] == "./luminous.nix"
    assert f"\n+{ADDED_LINE}" in details["patch"]
    assert configuration.read_text() == texts[0]


@pytest.mark.parametrize("shape", ["joined", "function", "broken"])
def test_a_shape_that_is_not_plain_is_left_alone_and_told_what_to_do(
    sandbox: Sandbox, configuration: Path, texts: tuple[str, str], shape: str
) -> None:
    match shape:
        case "joined":
            configuration.write_text(texts[0].replace("  ];\n\n  boot", "  ] ++ [ ];\n\n  boot"))
        case "function":
            configuration.write_text(texts[0].replace("... }:\n\n{", "... }:\n\n(m: m) {"))
        case _:
            configuration.write_text(texts[0] + "}")
            assert ask(sandbox, "setup", "--yes").document["error"]["name"] == "EvaluationFailed"
            return
    before = state_of(sandbox)
    done = sandbox.run(["ask-nix", "install", "hello", "--yes"])
    assert done.returncode == 4
    why = {"joined": "its imports are not one plain list", "function": "it is not one plain"}
    assert f"{CONFIGURATION} is not edited automatically, because {why[shape]}" in done.stderr
    assert "Add ./luminous.nix to its imports by hand" in done.stderr
    assert "  +    { _module.args.luminous = true; }" in done.stderr, "the patch of the new file"
    assert state_of(sandbox) == before


def test_nix_reads_every_edit_as_it_was_meant(sandbox: Sandbox) -> None:
    texts = [text for marked in PLAIN for text in with_marks(marked)]
    # Inside of `with`, Nix does not mind names that nobody defines.
    whole = "with { }; [\n" + "".join(f"({text}\n)\n" for text in texts) + "]\n"
    done = sandbox.run(["nix-instantiate", "--parse", "-"], input=whole)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("luminous.nix") == len(PLAIN)


def test_a_link_is_not_followed(sandbox: Sandbox, configuration: Path) -> None:
    real = configuration.rename(configuration.with_name("real.nix"))
    configuration.symlink_to("real.nix")
    try:
        assert "patch" in refusal(sandbox)
    finally:
        real.replace(configuration)


def test_an_import_of_a_missing_file_says_how_to_make_it(
    sandbox: Sandbox, configuration: Path, texts: tuple[str, str]
) -> None:
    configuration.write_text(imports_in(texts[0]))
    asked = ask(sandbox, "setup", "--yes")
    assert asked.document["error"]["name"] == "EvaluationFailed"
    assert asked.document["error"]["message"].endswith(f"luminousd --print-module > {OWN_FILE}")


def test_a_private_configuration_stays_private(sandbox: Sandbox, configuration: Path) -> None:
    configuration.chmod(0o600)
    with Client(sandbox, "bob") as bob:
        found = bob.properties(bob.plan(IMPORT), PLAN)
    assert found["State"] == "ready", found["Failure"]
    diff = found["ConfigurationDiff"].partition(f"--- {CONFIGURATION}\n")[2]
    assert [line for line in diff.splitlines() if line[:1] not in {"+", "@"}] == []
    assert ask(sandbox, "setup", "--yes").code == 0
    assert configuration.stat().st_mode & 0o777 == 0o600


def test_without_permission_nothing_is_written(sandbox: Sandbox, configuration: Path) -> None:
    assert configuration.exists()
    before = state_of(sandbox)
    sandbox.set_agent("deny")
    asked = ask(sandbox, "setup", "--yes")
    assert (asked.code, asked.document["error"]["name"]) == (5, "NotAuthorized")
    assert state_of(sandbox) == before


def test_what_has_changed_since_the_plan_keeps_it_from_being_written(
    sandbox: Sandbox, configuration: Path
) -> None:
    with Client(sandbox) as alice:
        plan = alice.plan(IMPORT)
        configuration.write_text(configuration.read_text() + "# mine\n")
        before = state_of(sandbox)
        ended = alice.until(alice.apply(plan))
        assert ended["Result"]["error"] == "Drifted"
        with pytest.raises(Refused, match="switch"):
            alice.apply(alice.plan(IMPORT), "boot")
    assert state_of(sandbox) == before


def begin(alice: Client, sandbox: Sandbox, step: str) -> None:
    """Begin to set Luminous up, and kill the daemon as soon as it has written of `step`."""
    journal = sandbox.path(JOURNAL)
    plan = alice.plan(IMPORT)
    size = journal.stat().st_size if journal.exists() else 0
    alice.apply(plan)
    mark = f'"step": "{step}"'.encode()
    wait_until(lambda: journal.exists() and mark in journal.read_bytes()[size:])
    sandbox.kill_daemon()


def was_put_back(sandbox: Sandbox) -> bool:
    """Start the daemon again; tell whether it says that it has put the setup back."""
    sandbox.start_daemon()
    newest = ask(sandbox, "history").document["history"][0]
    return (newest["state"], newest["error"]) == ("failed", "Interrupted")


@RESTARTS
@pytest.mark.parametrize("step", ["create", "write"])
def test_a_daemon_that_is_killed_leaves_both_files_as_before_or_as_after(
    sandbox: Sandbox, configuration: Path, step: str
) -> None:
    assert configuration.exists()
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        begin(alice, sandbox, step)
    if was_put_back(sandbox):
        assert state_of(sandbox) == before
        assert ask(sandbox, "setup", "--yes").code == 0
    assert ask(sandbox, "setup").document["answers"][0].startswith("Luminous is set up already")


@RESTARTS
@pytest.mark.parametrize("is_made", [False, True])
def test_a_daemon_that_is_killed_between_the_two_files_leaves_none(
    sandbox: Sandbox, configuration: Path, *, is_made: bool
) -> None:
    before = state_of(sandbox)
    text, journal = configuration.read_text(), sandbox.path(JOURNAL)
    with Client(sandbox) as alice:
        begin(alice, sandbox, "create")
    # What a kill in that very moment leaves: no later step, and nothing or only the first file.
    lines = journal.read_text().splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if json.loads(line).get("step") == "create")
    journal.write_text("".join(lines[: last + 1]))
    configuration.write_text(text)
    own = sandbox.path(OWN_FILE)
    if is_made:
        own.write_text(json.loads(lines[last])["data"]["after"])
    else:
        own.unlink(missing_ok=True)
    assert was_put_back(sandbox)
    assert state_of(sandbox) == before


def test_the_whole_transaction_is_seen_on_the_bus(sandbox: Sandbox, configuration: Path) -> None:
    assert configuration.exists()
    with Client(sandbox) as alice:
        path = alice.apply(alice.plan(IMPORT))
        ended = alice.until(path)
        assert (ended["State"], ended["Result"]["error"]) == ("done", "")
        assert "the system is as it was" in ended["Result"]["message"]
        with pytest.raises(Refused, match="take its own import back"):
            alice.send(path, (TRANSACTION, "Undo"))


def test_a_copy_of_the_file_that_is_imported_elsewhere_does_not_count(
    sandbox: Sandbox, configuration: Path, texts: tuple[str, str]
) -> None:
    copy = sandbox.path("/etc/nixos/modules/luminous.nix")
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(texts[1])
    sandbox.path(OWN_FILE).write_text(texts[1])
    text = texts[0].replace("  ];\n", "    ./modules/luminous.nix\n  ];\n", 1)
    configuration.write_text(text)
    try:
        asked = ask(sandbox, "install", "hello", "--yes", "--json")
        assert asked.code == 0, asked.document
        summaries = [plan["summary"] for plan in asked.document["plans"]]
        assert f"import {OWN_FILE}" in summaries
        assert has_program(sandbox, "hello")
        assert "./luminous.nix" in configuration.read_text()
    finally:
        copy.unlink()
