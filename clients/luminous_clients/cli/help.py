"""The help page: verbs, options, exit codes and examples."""

from __future__ import annotations

from luminous_clients.cli.arguments import VERBS, Choices
from luminous_clients.cli.exit_codes import MEANINGS
from luminous_clients.cli.options import options_parser

USAGE = """ask-nix [OPTIONS] WORDS...
       ask-nix [OPTIONS] VERB [ARGUMENTS]"""

DESCRIPTION = """Change, understand and undo this NixOS machine in plain words. Every change
is shown first, applied only when you approve it, and can be taken back."""

EXAMPLES = """examples:
  ask-nix install firefox
  ask-nix "enable openssh and install htop"
  ask-nix --dry-run "set boot.loader.timeout to 3"
  ask-nix rollback to 41
  ask-nix undo
  ask-nix gc --older-than 30d --keep 5
  ask-nix rebuild boot --build          (switch, boot, test or build)
  ask-nix -- status of my printer       (words that begin like a verb)"""


def help_page() -> str:
    """Return the whole page."""
    parser = options_parser(Choices._fields)
    parser.usage = USAGE
    parser.description = f"{DESCRIPTION}\n\n{_verbs()}"
    parser.epilog = f"{_exit_codes()}\n\n{EXAMPLES}"
    return parser.format_help()


def _verbs() -> str:
    lines = [f"  {f'{name} {verb.shape}':<16}  {verb.summary}" for name, verb in VERBS.items()]
    return "\n".join(["verbs (anything else is words):", *lines])


def _exit_codes() -> str:
    lines = [
        f"  {int(code):>3}  " + meaning.replace("\n", "\n" + " " * 7)
        for code, meaning in MEANINGS.items()
    ]
    return "\n".join(["exit codes:", *lines])
