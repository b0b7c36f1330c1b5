"""The demo: the main job as a person would do it, typed on a terminal in a fresh sandbox."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_sandbox.options import AgentMode


@dataclass(frozen=True)
class Scene:
    """A command that somebody types, what they are asked and answer, and how it must end.

    `says` must stand in what the command prints. `agent` is how polkit's question is answered.
    """

    told: str
    argv: Sequence[str]
    asked: str = "[y/N]"
    answer: str = ""
    status: int = 0
    says: str = ""
    agent: AgentMode = "allow"


SCENES = (
    Scene(
        "alice is an ordinary user. She says what she wants, looks at the plan and agrees.",
        ("ask-nix", "install hello"),
        answer="y\n",
        says="Generation 2",
    ),
    Scene("It is really there.", ("hello",), says="Hello, world!"),
    Scene(
        "Services are options of NixOS; she need not know which.",
        ("ask-nix", "enable bluetooth"),
        answer="y\n",
        says="Generation 3",
    ),
    Scene("Every change is a generation, with the words that made it.", ("ask-nix", "generations")),
    Scene(
        "Luminous writes one file, one line for each thing, and anybody can read it.",
        ("cat", "/etc/nixos/luminous.nix"),
        says="pkgs.hello",
    ),
    Scene(
        "Who does not know a name asks for what it is for; that needs no network.",
        ("ask-nix", "search", "--limit", "3", "surf the web"),
        says="firefox",
    ),
    Scene(
        "What is an option, and what makes it so here?",
        ("ask-nix", "option", "services.openssh.enable"),
        says="/etc/nixos/configuration.nix:",
    ),
    Scene(
        "A name that does not exist is refused; what may have been meant is one key away.",
        ("ask-nix", "install ripgrep-al"),
        asked="Which one?",
        answer="\n",
        status=13,
        says="ripgrep",
    ),
    Scene(
        "Without permission, nothing happens.",
        ("ask-nix", "remove hello"),
        answer="y\n",
        status=5,
        agent="deny",
    ),
    Scene(
        "The last change is taken back.",
        ("ask-nix", "undo"),
        answer="y\n",
        says="Generation",
    ),
    Scene("And this is how the machine stands.", ("ask-nix", "status")),
)


def main() -> None:
    """Play all scenes; exit with 1 when one does not end as it must."""
    failures = 0
    with Sandbox(SandboxOptions(knowledge=True)) as sandbox:
        for scene in SCENES:
            failures += not play(sandbox, scene)
    if failures:
        sys.exit(f"{failures} of {len(SCENES)} scenes did not end as they must.")


def play(sandbox: Sandbox, scene: Scene) -> bool:
    """Type a scene's command on a terminal, show the terminal, and tell whether it ended well."""
    sandbox.set_agent(scene.agent)
    shown = " ".join(f'"{word}"' if " " in word else word for word in scene.argv)
    print(f"\n# {scene.told}\nalice$ {shown}", flush=True)
    terminal_kind = "xterm-256color" if sys.stdout.isatty() else "dumb"
    with sandbox.terminal(scene.argv, env={"TERM": terminal_kind}) as terminal:
        if scene.answer:
            terminal.expect(scene.asked)
            terminal.send(scene.answer)
        status = terminal.wait()
        print(terminal.output.rstrip("\n"), flush=True)
    is_good = status == scene.status and scene.says in terminal.output
    if not is_good:
        print(f"(ended with {status}, expected {scene.status} and {scene.says!r})", flush=True)
    return is_good


if __name__ == "__main__":
    main()
