"""The manual pages, made from what the programs themselves say: `make manuals`.

The form is man(7): https://man7.org/linux/man-pages/man7/man.7.html
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_clients.cli.arguments import VERBS
from luminous_clients.cli.exit_codes import MEANINGS as EXIT_CODES
from luminous_clients.cli.help import DESCRIPTION, EXAMPLES
from luminous_clients.cli.options import OPTIONS
from luminous_daemon.settings import (
    BACKEND_VARIABLE,
    FILE,
    MEANINGS,
    PROBE_MEANINGS,
    Settings,
)
from luminous_mind.settings import FILE as MIND_FILE
from luminous_mind.settings import MEANINGS as MIND_MEANINGS
from luminous_mind.settings import Settings as MindSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHECKOUT = Path(__file__).parents[1]

_DAEMON = """luminousd plans, applies and takes back changes of a NixOS machine, and offers that
on the system bus as org.luminous1. Polkit decides who may do what. The bus starts it at the first
request. It is made for systemd, which it tells when it is ready, and whose watchdog it answers."""
_MIND = """luminous-mind finds options, packages and sections of manuals for luminousd, which asks
it over a socket and hands the answers on as org.luminous1.Knowledge. It has no right, no network
and no bus. systemd starts it at the first question, and luminousd does so where there is no
systemd. Without it searches fail, and nothing else does."""
_PROBES = """A table [probes.NAME] lists something that must be as well after a change as before it.
It is tried before the new system is activated, and again afterwards until it is well or its time is
over; then everything is put back as it was, and the answer names the probe and why it fails. What
is not well before is never held against a change. A probe has exactly one of command, unit, tcp and
url. What it starts runs under the restrictions of luminousd.service, which let it write little more
than a /tmp of its own. The last line that a command prints is shown to whoever makes the change."""
PROBE_EXAMPLE = """[probes.web]
url = "http://localhost/health"

[probes.database]
command = ["/run/current-system/sw/bin/pg_isready", "--quiet"]
user = "postgres"

[probes.tunnel]
unit = "wg-quick-home.service"

[probes.mail]
tcp = "localhost:25"
seconds = 30"""
_AUDIT = """/var/lib/luminous/audit.jsonl says who asked for what, in which words, who allowed it,
and what came of it. Each line holds the SHA-256 of the one before, so whatever is changed or
missing shows: ask-nix history --verify. What cannot be recorded is not done. Passwords, tokens,
keys and what looks like them are taken out before. That the newest lines are missing cannot be
seen in the file alone: number and hash of each are in the system journal, where a later
verification can be held against them. There the fields LUMINOUS_TRANSACTION, LUMINOUS_PLAN,
LUMINOUS_CALLER_UID and LUMINOUS_AUDIT find what belongs together, where systemd's library for
Python is installed: journalctl LUMINOUS_TRANSACTION=ID."""
_SIGNALS = {
    "SIGHUP": "Read the settings again. They are in force as soon as nothing is being changed.",
    "SIGTERM, SIGINT": "End. A change that is being activated is finished first; any other is "
    "cancelled, and nothing of it is left.",
}
_MIND_FILES = {
    str(MIND_FILE): "The settings.",
    "/run/luminous-mind.sock": "Where luminousd asks. Nobody but root and itself is answered.",
}
_MIND_EXITS = {
    "0": "It was asked to end, or nobody has asked anything for a while.",
    "1": "The settings cannot be read, or there is no socket to listen on.",
}
_EXITS = {
    "0": "It was asked to end.",
    "1": "The settings cannot be read, or the bus cannot be used.",
    "75": "A change has brought another Luminous, which is to be started now.",
}
_FILES = {
    str(FILE): "The settings.",
    "/etc/nixos/luminous.nix": "What was asked for, one definition a line. --print-module prints "
    "an empty one.",
    "/var/lib/luminous/audit.jsonl": "Who asked for what, and what came of it; see AUDIT RECORD.",
    "/var/lib/luminous/journal.jsonl": "Every change and each of its steps, by which a daemon that "
    "was cut off finishes or puts back.",
}


def pages() -> Mapping[Path, str]:
    """Return the pages by the files that they belong into."""
    return {
        CHECKOUT / "clients/man/ask-nix.1": _ask_nix(),
        CHECKOUT / "daemon/data/man/luminousd.8": _luminousd(),
        CHECKOUT / "daemon/data/man/luminous-mind.8": _luminous_mind(),
    }


def _ask_nix() -> str:
    options = {
        ", ".join(option.names) + (f" {option.metavar}" if option.metavar else ""): option.help
        for option in OPTIONS
    }
    verbs = {f"{name} {verb.shape}".rstrip(): verb.summary for name, verb in VERBS.items()}
    codes = {str(int(code)): " ".join(text.split()) for code, text in EXIT_CODES.items()}
    return _page(
        ("ask-nix", 1, "change, understand and undo a NixOS machine in plain words"),
        {
            "SYNOPSIS": [
                ".B ask-nix\n[OPTIONS] WORDS...\n.br\n.B ask-nix\n[OPTIONS] VERB [ARGUMENTS]",
            ],
            "DESCRIPTION": [_text(DESCRIPTION)],
            "VERBS": [_text("Anything else is words."), *_terms(verbs)],
            "OPTIONS": _terms(options),
            "EXIT STATUS": _terms(codes),
            "EXAMPLES": [f".nf\n{_escaped(EXAMPLES)}\n.fi"],
            "SEE ALSO": [".BR luminousd (8)"],
        },
    )


def _luminousd() -> str:
    variable = {BACKEND_VARIABLE: "false lets the installed nixos-rebuild do the activating."}
    return _page(
        ("luminousd", 8, "the daemon that changes a NixOS machine, with a way back"),
        {
            "SYNOPSIS": [".B luminousd\n[--settings FILE] [--print-module] [--version]"],
            "DESCRIPTION": [_text(_DAEMON)],
            "SETTINGS": [
                _text(f"{FILE} is TOML; what it leaves out is as here."),
                *_settings(Settings(), MEANINGS),
            ],
            "PROBES": [
                _text(_PROBES),
                *_terms({name: f"{text}." for name, text in PROBE_MEANINGS.items()}),
                f".PP\n.nf\n{_escaped(PROBE_EXAMPLE)}\n.fi",
            ],
            "AUDIT RECORD": [_text(_AUDIT)],
            "ENVIRONMENT": _terms(variable),
            "SIGNALS": _terms(_SIGNALS),
            "EXIT STATUS": _terms(_EXITS),
            "FILES": _terms(_FILES),
            "SEE ALSO": [
                ".BR ask-nix (1),\n.BR luminous-mind (8),\n.BR polkit (8),",
                ".BR configuration.nix (5)",
            ],
        },
    )


def _luminous_mind() -> str:
    return _page(
        ("luminous-mind", 8, "what searches for luminousd"),
        {
            "SYNOPSIS": [
                ".B luminous-mind\n[--settings FILE] [--socket PATH | --index] [--version]"
            ],
            "DESCRIPTION": [_text(_MIND)],
            "SETTINGS": [
                _text(f"{MIND_FILE} is TOML; what it leaves out is as here."),
                *_settings(MindSettings(), MIND_MEANINGS),
            ],
            "EXIT STATUS": _terms(_MIND_EXITS),
            "FILES": _terms(_MIND_FILES),
            "SEE ALSO": [".BR luminousd (8)"],
        },
    )


def _settings(defaults: Settings | MindSettings, meanings: Mapping[str, str]) -> list[str]:
    return _terms(
        {
            f"{field.name} = {_toml(getattr(defaults, field.name))}": f"{meanings[field.name]}."
            for field in fields(defaults)
        }
    )


def _page(title: tuple[str, int, str], sections: Mapping[str, Iterable[str]]) -> str:
    name, number, summary = title
    lines = [
        f'.TH {name.upper()} {number} "" Luminous',
        ".SH NAME",
        f"{_escaped(name)} \\- {_escaped(summary)}",
    ]
    for heading, parts in sections.items():
        lines += [f".SH {heading}", *parts]
    return "\n".join(lines) + "\n"


def _terms(described: Mapping[str, str]) -> list[str]:
    return [f".TP\n.B {_escaped(term)}\n{_escaped(text)}" for term, text in described.items()]


def _text(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    """Return text that roff takes for nothing but text."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line[:1] in {".", "'"} else line for line in text.split("\n"))


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict) and value:
        return f"{{ {', '.join(f'{_toml(key)} = {_toml(item)}' for key, item in value.items())} }}"
    return str(value) if isinstance(value, int | dict) else f'"{value or ""}"'


def main() -> None:
    """Write the pages."""
    for file, text in pages().items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
