"""Answers to what changes nothing, and honest refusals of what Luminous does not do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from luminous_clients.cli.text import clean, joined
from luminous_clients.errors import NotPossible, NotUnderstood
from luminous_protocol.intents import IntentKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_protocol.errors import LuminousError

    Data = Mapping[str, Any]

WHAT_IT_DOES = (
    "Luminous changes this machine, and says beforehand what would change. For example:",
    '  ask-nix "install firefox"              ask-nix "remove vim"',
    '  ask-nix "enable openssh"               ask-nix "set boot.loader.timeout to 3"',
    '  ask-nix "update the system"            ask-nix "roll back to generation 41"',
    '  ask-nix "delete generations older than 30 days"',
    "  ask-nix status · generations · diff · history · undo",
    "All verbs, options and exit codes: ask-nix --help",
)

_UNIT = re.compile(r"[A-Za-z0-9@_.:-]{1,100}")

_CANNOT: Mapping[str, str] = {
    IntentKind.EXPLAIN: "There is no index here that could explain that. The options of this "
    "machine are in: man configuration.nix",
    IntentKind.UPDATE: "One package cannot be updated alone: versions come with the channel. "
    "To update all: ask-nix update",
}

_NO_FAREWELL = (
    "Luminous deletes no accounts. Take the lines users.users.NAME out of the configuration, and "
    "then: ask-nix rebuild"
)

_INCOMPLETE: Mapping[str, str] = {
    IntentKind.INSTALL: 'Which package? For example: ask-nix "install firefox"',
    IntentKind.REMOVE: 'Which package? For example: ask-nix "remove firefox"',
    IntentKind.ENABLE_SERVICE: 'What is to be enabled? For example: ask-nix "enable openssh"',
    IntentKind.DISABLE_SERVICE: 'What is to be disabled? For example: ask-nix "disable openssh"',
    IntentKind.SET_OPTION: "Which option, and which value? For example: "
    'ask-nix "set boot.loader.timeout to 3"',
    IntentKind.CONFIGURE_USER: "Which user, and what about them? For example: "
    'ask-nix "add bob to the docker group"',
    IntentKind.SWITCH_GENERATION: "Which generation? The list: ask-nix generations · "
    "then: ask-nix rollback N",
}


def refusal(intent: Data) -> LuminousError:
    """Return the error for an intent that leads to nothing ask-nix can do."""
    kind, slots = str(intent["kind"]), intent.get("slots", {})
    verb = slots.get("action", "")
    if verb in {"start", "stop", "restart"}:
        name = str(slots.get("service", ""))
        unit = name if _UNIT.fullmatch(name) else "UNIT"
        return NotPossible(
            "Luminous changes what the configuration says; it does not start, stop or restart "
            f"units. This does: sudo systemctl {verb} {unit}"
        )
    if kind == IntentKind.CONFIGURE_USER and verb == "remove":
        return NotPossible(_NO_FAREWELL)
    if kind in _CANNOT:
        return NotPossible(_CANNOT[kind])
    return NotUnderstood(_INCOMPLETE.get(kind, "That is nothing that Luminous can do yet."))


def which(category: str, names: Sequence[str]) -> LuminousError:
    """Return the question which program is meant, with `names` that the index has for it."""
    asked = f"Which {clean(category)}?"
    if not names:
        return NotUnderstood(f'{asked} Say its name: ask-nix "install NAME"')
    found = f"The index of this machine has {joined([*names])}."
    return NotUnderstood(
        f'{asked} {found} Say one: ask-nix "install {names[0]}"', {"nearest": [*names]}
    )


def status_answer(slots: Data) -> str:
    """Return what to say to a question about what Luminous does not know; nothing for others."""
    what = slots.get("what", "")
    elsewhere = {
        "updates": "Luminous does not know yet whether there are updates. "
        'This plans them and shows what would change: ask-nix --dry-run "update the system"',
        "security": "Luminous cannot tell whether this machine is secure. What bears on it: "
        "ask-nix option networking.firewall.enable · ask-nix option services.openssh.enable · "
        'ask-nix what-changed · ask-nix --dry-run "update the system"',
        "option": "Which option? For example: ask-nix option services.openssh.enable",
        "service": "Which service? For example: ask-nix unit sshd",
    }
    return elsewhere.get(what, "")
