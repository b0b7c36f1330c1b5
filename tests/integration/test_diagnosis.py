"""What Nix says of a machine with one thing wrong is explained, on both versions of Nix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from broken import ETC, Workshop, caused, is_placed_right

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from luminous_sandbox.toolchain import NIX_VERSIONS
from tests.integration.asking import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from broken import Broken

    from luminous_sandbox.toolchain import NixVersion

README = Path(__file__).parents[2] / "README.md"

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module", params=NIX_VERSIONS)
def version(request: pytest.FixtureRequest) -> NixVersion:
    """Take each version of Nix."""
    found: NixVersion = request.param
    return found


@pytest.fixture(scope="module")
def channels(version: NixVersion) -> Iterator[Sandbox]:
    """Start a machine with channels that knows its options and packages."""
    with Sandbox(SandboxOptions(nix=version, knowledge=True)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def flake(version: NixVersion) -> Iterator[Sandbox]:
    """Start a machine whose configuration is a flake in a git repository."""
    with Sandbox(SandboxOptions(nix=version, knowledge=True, flake="git")) as sandbox:
        yield sandbox


def explained(sandbox: Sandbox, case: Broken, version: str) -> None:
    """Break a machine, run the command, and hold the explanation against what is wrong."""
    workshop = Workshop(sandbox)
    workshop.break_it(case)
    try:
        said = workshop.run(case)
        asked = ask(sandbox, "explain-error", input=said.stderr + said.stdout, folder="/run")
    finally:
        workshop.mend()
    explanation = asked.document["explanation"]
    assert explanation["kind"] == case.kind, said.stderr
    assert explanation["note"] == ""
    assert is_placed_right(case, explanation["place"], version), explanation["place"]
    assert bool(explanation["repairs"]) or not case.repairable


@pytest.mark.parametrize("case", caused("channels"), ids=lambda case: case.name)
def test_what_is_wrong_is_found_out(channels: Sandbox, case: Broken, version: str) -> None:
    explained(channels, case, version)


@pytest.mark.parametrize("case", caused("git"), ids=lambda case: case.name)
def test_what_is_wrong_in_a_flake_is_found_out(flake: Sandbox, case: Broken, version: str) -> None:
    explained(flake, case, version)


def test_the_readme_says_what_is_explained(channels: Sandbox, version: str) -> None:
    section = README.read_text(encoding="utf-8").partition("\n## Errors\n")[2]
    block = section.partition("```console\n")[2].partition("\n```\n")[0]
    command, _, printed = block.partition("alice$ ")[2].partition("\n")
    case = next(case for case in caused("channels") if case.name == "an option is misspelt")
    workshop = Workshop(channels)
    workshop.break_it(case)
    try:
        told = channels.run(["sh", "-c", command], folder="/run")
    finally:
        workshop.mend()
    assert told.stdout.rstrip("\n") == printed, version


@pytest.mark.parametrize("answers", ["y\ny\n", "n\n"], ids=["yes", "no"])
def test_a_pipe_on_a_terminal_ends_in_a_question_and_a_yes_in_a_mended_file(
    channels: Sandbox, answers: str
) -> None:
    case = next(case for case in caused("channels") if case.name == "an option is misspelt")
    workshop = Workshop(channels)
    workshop.break_it(case)
    file = channels.path(f"{ETC}/configuration.nix")
    command = "nixos-rebuild build 2>&1 | ask-nix explain-error"
    try:
        broken = file.read_text()
        with channels.terminal(["sh", "-c", command], folder="/run") as terminal:
            for question, answer in zip(
                ("Plan the repair? ", "Apply? "), answers.split(), strict=False
            ):
                terminal.expect(question)
                terminal.send(f"{answer}\n")
            terminal.wait()
        mended = broken.replace("enabel", "enable") if answers.startswith("y") else broken
        assert file.read_text() == mended, terminal.output
    finally:
        workshop.mend()


def test_other_people_s_files_are_not_shown(channels: Sandbox) -> None:
    secret = channels.path("/root/secret.nix")
    secret.write_text("{ password = 1; }")
    secret.chmod(0o600)
    message = "error: undefined variable 'x'\n  at /root/secret.nix:1:3:\n"
    told = channels.run(["ask-nix", "explain-error"], input=message)
    assert "/root/secret.nix:1:3" in told.stdout
    assert "password" not in told.stdout


def test_a_message_of_a_megabyte_goes_over_the_bus(channels: Sandbox) -> None:
    message = "compiling\n" * 200_000 + "error: undefined variable 'htpo'\n"
    explanation = ask(channels, "explain-error", input=message).document["explanation"]
    assert explanation["kind"] == "undefined-variable"
    assert explanation["suggestions"] == ["htop"]


def test_without_the_daemon_the_rules_explain(channels: Sandbox) -> None:
    message = f"error: undefined variable 'htpo'\n  at {ETC}/configuration.nix:1:1:\n"
    nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"}
    asked = ask(channels, "explain-error", input=message, env=nowhere)
    assert asked.code == 0
    assert asked.document["explanation"]["kind"] == "undefined-variable"
    assert "rules alone" in asked.document["explanation"]["note"]
