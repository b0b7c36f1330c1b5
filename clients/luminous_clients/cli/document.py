"""The JSON document of `--json`: exactly one, whatever happens.

    {
      "ok": true,                 the exit code is 0
      "exit_code": 0,             as in `ask-nix --help`
      "text": "install hello",    the words, or ""
      "question": "",             what was asked back when the words were not understood, which of
                                  the alternatives of the only intent is meant, or whether the
                                  intents, which are guessed then, are meant
      "intents": [{"kind", "slots", "confidence", "explanation", "alternatives", "grounds",
                   "changes"}],   with --explain also "reasons": [{"layer", "text", "weight"}]
      "plans": [{"path", "state", "id", "summary", "risk", "action", "expires", "changes",
                 "configuration_diff", "packages": [{"name", "before", "after"}],
                 "options": [{"name", "before", "after"}], "options_problem",
                 "closure": {"before", "after", "estimate", "builds", "fetches", "download",
                             "unpacked", "fetched"},
                 "space": [{"path", "needed", "certain", "free"}],
                 "units": {"start", "stop", "restart", "reload"},
                 "reboot_required", "reboot_reason",
                 "switch_inhibitors": [{"name", "before", "after"}],
                 "generations", "generation_dates", "warnings",
                 "roots": [{"kind", "what", "name", "links", "size", "exclusive"}]}],
      "transactions": [{"path", "state", "message", "result": {…}}],
      "not_done": ["…"],          what the sentence also asked for and was left out after a failure
      "answers": ["…"],           sentences that answer a question
      "error": null | {"name": "UnknownPackage", "message": "…", "details": {…}}
    }

Verbs that read add one key with what the daemon says: `status`, `generations`, `comparison`,
`history`, `audit`, `verification`, `passages`, `presence` (why), `unit`, `findings` (health),
`disk`, `changed` beside `comparison` (what-changed), or `option` or `package`, beside which
`documented` is what the index says of it; `--debug` adds `timings` (milliseconds a stage);
`--help` and `--version` add those.
Hyphens in the daemon's keys become underscores. Keys are only ever added.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from luminous_clients.cli.terminal import Terminal
    from luminous_clients.plans import Effects, PlanView
    from luminous_clients.transactions import Outcome
    from luminous_protocol.errors import LuminousError
    from luminous_protocol.plan import Keeper


class Document:
    """What happened in this run, as data."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self.text = ""
        self.question = ""
        self.intents: Sequence[Mapping[str, Any]] = []
        self.answers: list[str] = []
        self.not_done: list[str] = []
        self.timings: dict[str, float] = {}
        self.error: dict[str, Any] | None = None
        self._plans: dict[str, dict[str, Any]] = {}
        self._transactions: dict[str, dict[str, Any]] = {}
        self._extra: dict[str, Any] = {}

    def add(self, key: str, value: object) -> None:
        """Add what a reading verb has read."""
        self._extra[key] = value

    def add_plan(self, plan: PlanView) -> None:
        """Add a plan, or replace what was known of it."""
        self._plans[plan.path] = {
            "path": plan.path,
            "state": plan.state,
            "failure": str(plan.failure.get("name", "")),
            "id": plan.id,
            "summary": plan.summary,
            "risk": plan.risk,
            "action": plan.action,
            "expires": plan.expires,
            "changes": list(plan.changes),
            "configuration_diff": plan.configuration_diff,
            **effects_data(plan.effects),
            "generations": list(plan.generations),
            "generation_dates": list(plan.generation_dates),
            "roots": [keeper_data(keeper) for keeper in plan.keepers],
            "warnings": list(plan.warnings),
        }

    def add_outcome(self, outcome: Outcome) -> None:
        """Add how a transaction ended."""
        self._transactions[outcome.path] = {
            "path": outcome.path,
            "state": outcome.state,
            "message": outcome.message,
            "result": underscored(outcome.result),
        }

    def add_error(self, error: LuminousError) -> None:
        """Set the error that the run ended with."""
        self.error = {
            "name": error.name,
            "message": error.message,
            "details": underscored(error.details),
        }

    @contextlib.contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add_time(stage, time.perf_counter() - started)

    def add_time(self, stage: str, seconds: float) -> None:
        """Add time spent in a stage."""
        self.timings[stage] = round(self.timings.get(stage, 0.0) + seconds * 1000, 1)

    def data(self, exit_code: int, *, with_timings: bool = False) -> dict[str, Any]:
        """Return the whole document."""
        return {
            "ok": exit_code == 0,
            "exit_code": int(exit_code),
            "text": self.text,
            "question": self.question,
            "intents": list(self.intents),
            "plans": list(self._plans.values()),
            "transactions": list(self._transactions.values()),
            "not_done": self.not_done,
            "answers": self.answers,
            "error": self.error,
            **self._extra,
            **({"timings": self.timings} if with_timings else {}),
        }


def write_json(terminal: Terminal, data: Mapping[str, Any]) -> None:
    """Write one document. Everything outside ASCII is escaped, control characters included."""
    import json  # noqa: PLC0415 - costs a tenth of the start and only --json needs it

    terminal.put(json.dumps(data, indent=2, ensure_ascii=True) + "\n")


def effects_data(effects: Effects) -> dict[str, Any]:
    """Return what differs between two systems as plain data."""
    closure, units = effects.closure, effects.units
    return {
        "packages": [
            {"name": package.name, "before": package.before, "after": package.after}
            for package in effects.packages
        ],
        "options": [
            {"name": option.name, "before": option.before, "after": option.after}
            for option in effects.options
        ],
        "options_problem": effects.options_problem,
        "closure": {
            "before": closure.before,
            "after": closure.after,
            "builds": list(closure.builds),
            "fetches": closure.fetches,
            "download": closure.download,
            "unpacked": closure.unpacked,
            "fetched": list(closure.fetched),
            "estimate": closure.estimate,
        },
        "space": [
            {
                "path": room.path,
                "needed": room.needed,
                "certain": room.certain,
                "free": room.free,
            }
            for room in effects.rooms
        ],
        "units": {
            "start": list(units.start),
            "stop": list(units.stop),
            "restart": list(units.restart),
            "reload": list(units.reload),
        },
        "reboot_required": effects.reboot_required,
        "reboot_reason": effects.reboot_reason,
        "switch_inhibitors": [
            {"name": item.name, "before": item.before, "after": item.after}
            for item in effects.inhibitors
        ],
    }


def keeper_data(keeper: Keeper) -> dict[str, Any]:
    """Return what keeps something in the store as plain data."""
    return {
        "kind": keeper.kind,
        "what": keeper.what,
        "name": keeper.name,
        "links": keeper.links,
        "size": keeper.size,
        "exclusive": keeper.exclusive,
    }


def underscored(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return `data` with underscores for hyphens in its own keys."""
    return {key.replace("-", "_"): value for key, value in data.items()}
