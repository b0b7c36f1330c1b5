"""The start: what is imported for which answer, and completion scripts that are up to date."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from luminous_clients.cli import completions
from luminous_clients.cli.arguments import VERBS

HEAVY = ["asyncio", "importlib.metadata", "json", "pydantic", "rich", "subprocess"]

HELP = "from luminous_clients.cli.main import run; run(['--help'])"
STATUS = "from luminous_clients.cli.main import run; run(['status'])"


def loaded_by(program: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after `program`."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; import sys; print(*sys.modules, file=sys.stderr)"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"},
    )
    return set(done.stderr.splitlines()[-1].split())


def test_help_needs_nothing_but_argparse() -> None:
    loaded = loaded_by(HELP)
    assert [name for name in [*HEAVY, "dataclasses", "jeepney", "socket"] if name in loaded] == []


def test_status_needs_the_bus_library_and_nothing_that_is_slow() -> None:
    loaded = loaded_by(STATUS)
    assert "jeepney" in loaded
    assert [name for name in HEAVY if name in loaded] == []


@pytest.mark.parametrize("name", ["ask-nix.bash", "_ask-nix", "ask-nix.fish"])
def test_the_completion_scripts_are_those_of_the_present_command_line(name: str) -> None:
    committed = (completions.FOLDER / name).read_text(encoding="utf-8")
    assert committed == completions.scripts()[name], "run: make completions"


def test_bash_completes_verbs_and_actions() -> None:
    script = completions.FOLDER / "ask-nix.bash"
    asked = (
        f"source {script}; COMP_WORDS=(ask-nix rebuild b); COMP_CWORD=2; "
        '_shtab_ask_nix ask-nix b rebuild; echo "${COMPREPLY[*]}"; '
        "COMP_WORDS=(ask-nix ''); COMP_CWORD=1; "
        '_shtab_ask_nix ask-nix "" ask-nix; echo "${COMPREPLY[*]}"'
    )
    done = subprocess.run(["bash", "-c", asked], check=True, capture_output=True, text=True)
    actions, verbs = done.stdout.splitlines()
    assert actions.split() == ["boot", "build"]
    assert set(VERBS) <= set(verbs.split())


def test_fish_completes_verbs_and_actions() -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    script = completions.FOLDER / "ask-nix.fish"
    asked = f"source {script}; complete -C 'ask-nix rebuild b'; complete -C 'ask-nix '"
    done = subprocess.run(["fish", "-c", asked], check=True, capture_output=True, text=True)
    offered = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert offered[:2] == ["boot", "build"]
    assert set(VERBS) <= set(offered[2:])


@pytest.mark.parametrize(
    ("shell", "name"), [("bash", "ask-nix.bash"), ("zsh", "_ask-nix"), ("fish", "ask-nix.fish")]
)
def test_each_shell_can_read_its_script(shell: str, name: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run(
        [shell, "-n", str(completions.FOLDER / name)], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
