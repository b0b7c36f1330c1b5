"""Commits of Luminous's own files, where somebody asked for them: alone, and never decisive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask
from tests.integration.flakes import git
from tests.integration.machine_state import has_program, own_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

pytestmark = pytest.mark.integration


@pytest.fixture
def committing(nix: NixVersion) -> Iterator[Sandbox]:
    """Start a machine whose Luminous commits its own files to alice's repository."""
    options = SandboxOptions(nix=nix, flake="git", settings="commit = true\n")
    with Sandbox(options) as sandbox:
        yield sandbox


def newest(sandbox: Sandbox, form: str) -> str:
    """Return what git says of the newest commit."""
    return git(sandbox, "log", "-1", f"--format={form}").strip()


def test_a_change_is_committed_with_its_words_and_nothing_of_anybody_elses(
    committing: Sandbox,
) -> None:
    hook = committing.path("/etc/nixos/.git/hooks/pre-commit")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    git(committing, "config", "commit.gpgsign", "true")
    note, staged = (committing.path(f"/etc/nixos/{name}") for name in ("note.txt", "staged.txt"))
    note.write_text("one\n")
    git(committing, "-c", "commit.gpgsign=false", "add", "note.txt")
    git(committing, *("-c", "commit.gpgsign=false"), "commit", "-qnm", "A note")
    note.write_text("two\n")
    staged.write_text("staged\n")
    git(committing, "add", "staged.txt")
    asked = ask(committing, "--yes", "please install hello")
    assert asked.code == 0, asked.document
    assert "committed" not in asked.document["transactions"][0]["message"]
    assert newest(committing, "%s|%b|%an|%cn").replace("\n", "") == (
        "install hello 2.12.2|“please install hello” (alice)|alice (Luminous)|Luminous"
    )
    shown = git(committing, "show", "--name-only", "--format=", "HEAD")
    assert shown == "luminous.nix\n"
    assert git(committing, "status", "--porcelain") == " M note.txt\nA  staged.txt\n"
    owner = committing.path("/etc/nixos/.git/index").stat().st_uid
    assert owner == committing.path("/etc/nixos/flake.nix").stat().st_uid
    assert ask(committing, "--yes", "undo").code == 0
    assert newest(committing, "%b").startswith("“undo: please install hello”")
    assert git(committing, "show", "--name-only", "--format=", "HEAD") == "luminous.nix\n"
    assert ask(committing, "--yes", "update").code == 0
    assert "flake.lock" in git(committing, "show", "--name-only", "--format=", "HEAD")


def test_a_new_file_is_committed_whole(committing: Sandbox) -> None:
    git(committing, "rm", "--quiet", "--cached", "luminous.nix")
    git(committing, "commit", "--quiet", "--message=Without it")
    assert ask(committing, "--yes", "install hello").code == 0
    assert git(committing, "show", "HEAD:luminous.nix") == own_file(committing)
    assert git(committing, "status", "--porcelain") == ""


def test_a_commit_that_fails_is_a_warning_and_the_change_stands(committing: Sandbox) -> None:
    committing.path("/etc/nixos/.git/index.lock").touch()
    asked = ask(committing, "--yes", "install hello")
    assert asked.code == 0, asked.document
    assert (
        "It could not be committed, though: git cannot use"
        in (asked.document["transactions"][0]["message"])
    )
    assert has_program(committing, "hello")
    committing.path("/etc/nixos/.git/index.lock").unlink()
    assert git(committing, "status", "--porcelain") == " M luminous.nix\n"
