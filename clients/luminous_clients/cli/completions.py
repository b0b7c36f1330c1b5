"""Completion scripts for bash, zsh and fish, made ahead of time: `make completions`.

bash and zsh come from shtab, fish from the same parser. shtab belongs to the development set-up
only; people get the scripts.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_clients.cli.arguments import VERBS, Choices
from luminous_clients.cli.options import OF_VERBS, OPTIONS, add_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.options import Option

FOLDER = Path(__file__).parents[2] / "completions"


def full_parser() -> argparse.ArgumentParser:
    """Return a parser that knows the verbs as such; it is never used for parsing."""
    parser = argparse.ArgumentParser(prog="ask-nix", add_help=False)
    add_options(parser, Choices._fields)
    verbs = parser.add_subparsers(dest="verb")
    for name, verb in VERBS.items():
        one = verbs.add_parser(name, help=verb.summary, add_help=False)
        add_options(one, verb.options.split())
        if verb.choices:
            one.add_argument("action", nargs="?", choices=verb.choices)
    return parser


def scripts() -> Mapping[str, str]:
    """Return the scripts by the names of their files."""
    import shtab  # noqa: PLC0415 - only where the scripts are made

    parser = full_parser()
    return {
        "ask-nix.bash": shtab.complete(parser, "bash").rstrip("\n") + "\n",
        "_ask-nix": shtab.complete(parser, "zsh").rstrip("\n") + "\n",
        "ask-nix.fish": _fish(),
    }


def _fish() -> str:
    lines = [
        "# Completions of ask-nix for fish, made from its options and verbs.",
        "complete -c ask-nix -f",
        f'set -l verbs "{" ".join(VERBS)}"',
        "set -l no_verb 'not __fish_seen_subcommand_from '$verbs",
    ]
    for name, verb in VERBS.items():
        lines.append(f"complete -c ask-nix -n $no_verb -a {name} -d {_quoted(verb.summary)}")
        if verb.choices:
            seen = f"'__fish_seen_subcommand_from {name}'"
            lines.append(f"complete -c ask-nix -n {seen} -a {_quoted(' '.join(verb.choices))}")
    lines += [_fish_option(option) for option in OPTIONS]
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    """Return the line for an option, offered for words and for the verbs that take it."""
    verbs = [name for name, verb in VERBS.items() if option.destination in verb.options.split()]
    own = option.destination in OF_VERBS
    others = [name for name in VERBS if name not in verbs]
    condition = ""
    if own:
        condition = f" -n '__fish_seen_subcommand_from {' '.join(verbs)}'"
    elif others:
        condition = f" -n 'not __fish_seen_subcommand_from {' '.join(others)}'"
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names
    )
    takes = " -x" if option.read else ""
    return f"complete -c ask-nix{condition}{names}{takes} -d {_quoted(option.help)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def main() -> None:
    """Write the scripts."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in scripts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
