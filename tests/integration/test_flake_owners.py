"""The owner of a flake who is not root, and whom root must not do a favour that she cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.asking import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.toolchain import NixVersion

pytestmark = pytest.mark.integration

SECRET = "MARK4711"  # noqa: S105 - nothing but a mark to look for


@pytest.fixture
def plain(nix: NixVersion) -> Iterator[Sandbox]:
    """Start a machine for one test, whose flake lies in no repository, and with a file of root."""
    with Sandbox(SandboxOptions(nix=nix, flake="plain")) as sandbox:
        shell(sandbox, f"echo '{SECRET} = 1' >/root/secret; chmod 600 /root/secret", user="root")
        yield sandbox


@pytest.fixture
def repository(nix: NixVersion) -> Iterator[Sandbox]:
    """Start a machine for one test, whose flake lies in a repository, and with a file of root."""
    with Sandbox(SandboxOptions(nix=nix, flake="git")) as sandbox:
        shell(sandbox, "echo x >/root/secret; chmod 700 /root", user="root")
        yield sandbox


def shell(sandbox: Sandbox, script: str, user: str = "alice") -> str:
    """Run a script in /etc/nixos, and return what it says."""
    done = sandbox.run(["sh", "-euc", f"cd /etc/nixos; {script}"], user=user)  # type: ignore[arg-type] # a name of the sandbox
    assert done.returncode == 0, done.stderr
    return done.stdout


def refusal(sandbox: Sandbox, *words: str) -> str:
    """Return the whole error that bob is told, who only asks what would happen."""
    asked = ask(sandbox, "--dry-run", *words, user="bob")
    assert asked.document["error"], asked.document
    return str(asked.document["error"])


def test_a_link_to_a_file_of_root_is_read_as_the_owner_of_the_link(plain: Sandbox) -> None:
    shell(plain, "rm flake.nix; ln -s /root/secret flake.nix")
    for words in ("update", "install hello"):
        assert SECRET not in refusal(plain, words)
    found = "grep -rls MARK4711 /nix/store /run/luminous || true"
    assert shell(plain, found, user="root") == ""


def test_what_a_user_puts_into_the_store_is_evaluated_as_that_user(plain: Sandbox) -> None:
    text = "{ outputs = _: throw (builtins.readFile /root/secret); }"
    shell(plain, f"echo '{text}' >/tmp/flake.nix; ln -sf $(nix-store --add /tmp/flake.nix) .")
    shell(plain, "rm flake.nix; mv *-flake.nix flake.nix")
    assert SECRET not in refusal(plain, "install hello")


def test_a_lock_file_that_others_may_not_read_stays_so_when_it_is_updated(plain: Sandbox) -> None:
    shell(plain, "chmod 600 flake.lock")
    assert ask(plain, "--dry-run", "update", user="bob").code == 0
    (kept,) = plain.path("/run/luminous").glob("candidate-*.lock")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.owner() == plain.path("/etc/nixos/flake.lock").owner()
    assert plain.run(["cat", f"/run/luminous/{kept.name}"], user="bob").returncode != 0


def test_no_file_is_looked_at_because_an_error_names_it(plain: Sandbox) -> None:
    """A pipe keeps whoever opens it waiting: root would answer nobody any more."""
    throw = '(throw "x ${toString ./.}/../../../tmp/pipe")'
    shell(plain, f"mkfifo /tmp/pipe; sed -i 's|./configuration.nix|{throw}|' flake.nix")
    refusal(plain, "install hello")
    assert ask(plain, "status", user="bob", timeout=20).code == 0


def test_a_file_below_a_link_to_what_its_owner_cannot_read_is_not_told_of(
    repository: Sandbox,
) -> None:
    throw = '(throw "x ${toString ./.}/link/secret")'
    shell(repository, f"ln -s /root link; sed -i 's|./configuration.nix|{throw}|' flake.nix")
    assert "which git does not know" not in refusal(repository, "install hello")


def test_no_program_of_the_repositorys_is_started_for_a_plan(repository: Sandbox) -> None:
    script = """
        git rm --quiet --cached luminous.nix
        cd .git/hooks
        printf '#!/bin/sh\ntouch /tmp/ran-$(basename $0)\n' >post-index-change
        cp post-index-change watch
        chmod +x post-index-change watch
        git config core.fsmonitor /etc/nixos/.git/hooks/watch
    """
    shell(repository, script)
    assert ask(repository, "--dry-run", "install hello", user="bob").code == 0
    assert list(repository.path("/tmp").glob("ran-*")) == []  # noqa: S108 - the machine's own
