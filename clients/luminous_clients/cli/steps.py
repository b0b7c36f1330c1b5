"""Steps: what a sentence asks for, in order, as things that ask-nix can do one after another.

Neighbouring changes of the configuration become one plan. A switch to another generation and a
garbage collection each need a plan of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from luminous_clients.cli.text import clean, joined
from luminous_protocol.intents import CHANGING, IntentKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Data = Mapping[str, Any]

_MOST_UNDONE = 20
_ALONE = {"switch-generation", "collect-garbage", "import-file", "repair-file"}

ONLY_FOR_EVERYBODY = "Luminous installs for everybody on this machine, not for one user only."


class PlanStep(NamedTuple):
    """Changes that become one plan. `mode` is empty where the changes do not say how to apply."""

    changes: tuple[Data, ...]
    mode: str = ""
    note: str = ""

    @property
    def title(self) -> str:
        """What it does, in a few words."""
        return joined([title_of(change) for change in self.changes])


class UndoStep(NamedTuple):
    """Take back the last change."""

    skipping: int = 0
    title: str = "undo the last change"


class BackStep(NamedTuple):
    """Go back by a number of generations, or to how it was on a day."""

    steps: int
    day: str = ""

    @property
    def title(self) -> str:
        """What it does, in a few words."""
        return f"go back to {self.day}" if self.day else f"go back {self.steps} generations"


class AnswerStep(NamedTuple):
    """Answer something that changes nothing, or say that it cannot be done."""

    intent: Data

    @property
    def title(self) -> str:
        """What it does, in a few words."""
        return str(self.intent["kind"]).replace("_", " ")


Step = PlanStep | UndoStep | BackStep | AnswerStep

_TITLES: Mapping[str, str] = {
    "add-package": "install {package}",
    "remove-package": "remove {package}",
    "set-option": "set {option}",
    "unset-option": "unset {option}",
    "enable": "enable {target}",
    "disable": "disable {target}",
    "update-inputs": "update",
    "restore-inputs": "restore the sources of software",
    "rebuild": "rebuild",
    "switch-generation": "switch to generation {generation}",
    "collect-garbage": "collect garbage",
    "import-file": "set Luminous up",
    "repair-file": "repair {file}",
    "allow-package": "allow {package}",
}


def title_of(change: Data) -> str:
    """Say what a change does, in a few words."""
    kind = str(change.get("kind", ""))
    if kind == "switch-generation" and not change.get("generation"):
        return "go back one generation"
    names = {key: clean(value) for key, value in change.items()}
    template = _TITLES.get(kind, kind)
    return template.format_map(_Names(names))


class _Names(dict[str, str]):
    """Names for a title; one that is absent stays readable."""

    def __missing__(self, key: str) -> str:
        return f"({key})"


def steps_of(intents: Sequence[Data]) -> list[Step]:
    """Return the steps that `intents` ask for, in their order."""
    steps: list[Step] = []
    for intent in intents:
        if undone := _undone_by(intent):
            steps += [UndoStep(skipping) for skipping in range(undone)]
            continue
        step = _step_of(intent)
        last = steps[-1] if steps else None
        if isinstance(step, PlanStep) and isinstance(last, PlanStep) and _can_join(last, step):
            steps[-1] = PlanStep(
                (*last.changes, *step.changes), step.mode or last.mode, last.note or step.note
            )
        else:
            steps.append(step)
    return steps


def _undone_by(intent: Data) -> int:
    """Return how many of the last changes an intent takes back."""
    slots: Data = intent.get("slots", {})
    if intent["kind"] != IntentKind.ROLLBACK or slots.get("undo") != "true":
        return 0
    return min(_count(slots) or 1, _MOST_UNDONE)


def _count(slots: Data) -> int:
    """Return how many steps an intent speaks of; 0 where it does not."""
    steps = str(slots.get("steps", ""))
    return int(steps[:9]) if steps.isdecimal() else 0


def _step_of(intent: Data) -> Step:
    slots: Data = intent.get("slots", {})
    changes = tuple(intent.get("changes", ()))
    if changes and intent["kind"] in CHANGING:
        note = ONLY_FOR_EVERYBODY if slots.get("scope") == "user" else ""
        return PlanStep(changes, _mode_of(changes), note)
    if intent["kind"] == IntentKind.ROLLBACK:
        if slots.get("when"):
            return BackStep(0, str(slots["when"]))
        if count := _count(slots):
            return BackStep(count)
    return AnswerStep(intent)


def _mode_of(changes: Sequence[Data]) -> str:
    modes = [str(c.get("action", "switch")) for c in changes if c.get("kind") == "rebuild"]
    return modes[-1] if modes else ""


def _can_join(first: PlanStep, second: PlanStep) -> bool:
    return not any(change.get("kind") in _ALONE for change in (*first.changes, *second.changes))
