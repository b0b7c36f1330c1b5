"""The daemon as a client sees it: the methods of the contract, with Python's types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from luminous_clients.connection import Method
from luminous_protocol.names import (
    EXPLAIN,
    INTENT,
    KNOWLEDGE,
    PLAN,
    ROOT_PATH,
    SYSTEM,
    TRANSACTION,
    transaction_path,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from luminous_clients.connection import Connection, Signal


Data = dict[str, Any]

RECOGNISE = Method(INTENT, "Recognise", "sa{sv}")
FORGET = Method(INTENT, "Forget", "a{sv}")
MAKE_PLAN = Method(SYSTEM, "Plan", "aa{sv}a{sv}", is_patient=True)
COLLECT_GARBAGE = Method(SYSTEM, "CollectGarbage", "a{sv}", is_patient=True)
LIST_GENERATIONS = Method(SYSTEM, "ListGenerations")
COMPARE_GENERATIONS = Method(SYSTEM, "CompareGenerations", "tt")
LIST_TRANSACTIONS = Method(SYSTEM, "ListTransactions", "a{sv}")
LIST_AUDIT = Method(SYSTEM, "ListAudit", "a{sv}", is_patient=True)
VERIFY_AUDIT = Method(SYSTEM, "VerifyAudit", "a{sv}", is_patient=True)
STATUS = Method(SYSTEM, "Status")
SEARCH = Method(KNOWLEDGE, "Search", "sa{sv}")
DESCRIBE = Method(KNOWLEDGE, "Describe", "ssa{sv}")
EXPLAIN_ERROR = Method(KNOWLEDGE, "ExplainError", "sa{sv}")
DESCRIBE_OPTION = Method(SYSTEM, "DescribeOption", "sa{sv}", is_patient=True)
DESCRIBE_PACKAGE = Method(SYSTEM, "DescribePackage", "sa{sv}", is_patient=True)
WHY = Method(EXPLAIN, "Why", "sa{sv}", is_patient=True)
DISK = Method(EXPLAIN, "Disk", "a{sv}", is_patient=True)
CHANGES = Method(EXPLAIN, "Changes", "a{sv}", is_patient=True)
UNIT = Method(EXPLAIN, "Unit", "sa{sv}", is_patient=True)
HEALTH = Method(EXPLAIN, "Health", "a{sv}", is_patient=True)
INGEST = Method(KNOWLEDGE, "Ingest", "sa{sv}", is_patient=True)
APPLY = Method(PLAN, "Apply", "sa{sv}", is_patient=True)
DISCARD = Method(PLAN, "Discard")
CANCEL = Method(TRANSACTION, "Cancel", is_patient=True)
CONFIRM = Method(TRANSACTION, "Confirm", is_patient=True)
UNDO = Method(TRANSACTION, "Undo", is_patient=True)

METHODS = (
    RECOGNISE,
    FORGET,
    MAKE_PLAN,
    COLLECT_GARBAGE,
    LIST_GENERATIONS,
    COMPARE_GENERATIONS,
    LIST_TRANSACTIONS,
    LIST_AUDIT,
    VERIFY_AUDIT,
    STATUS,
    SEARCH,
    DESCRIBE,
    EXPLAIN_ERROR,
    DESCRIBE_OPTION,
    DESCRIBE_PACKAGE,
    WHY,
    DISK,
    CHANGES,
    UNIT,
    HEALTH,
    INGEST,
    APPLY,
    DISCARD,
    CANCEL,
    CONFIRM,
    UNDO,
)
"""All methods that this client calls; a test holds them against the introspection files."""

_GENERATION: Data = {
    "number": 0,
    "date": 0,
    "toplevel": "",
    "nixos-version": "",
    "kernel": "",
    "configuration-revision": "",
    "specialisations": [],
    "current": False,
    "booted": False,
    "default": False,
    "words": "",
    "user": "",
}
"""What keys mean that the daemon leaves out."""


ASIDE = "aside"
"""The conversation of what is only asked about, and what nobody has asked to be done."""


class Recognised(NamedTuple):
    """What the daemon understood.

    Without intents, `question` is what to ask the person back; with one that has alternatives and
    no changes, which of them is meant. Beside any others it asks whether they are meant.
    """

    intents: list[Data]
    question: str


class Daemon:
    """Calls over one connection. Each raises what `Connection.call` raises."""

    def __init__(self, connection: Connection) -> None:
        """Take an open connection; whoever opened it closes it."""
        self._connection = connection

    def recognise(self, text: str, *, conversation: str = "", explain: bool = False) -> Recognised:
        """Ask what `text` says, and why if that is to be explained.

        In a `conversation` of its own, "it" does not mean it later.
        """
        options: Data = {"conversation": conversation} if conversation else {}
        if explain:
            options = {**options, "explain": True}
        intents, question = self._call(ROOT_PATH, RECOGNISE, text, options)
        return Recognised(intents, question)

    def forget(self) -> None:
        """Let "it" refer to nothing, since something else is shown."""
        self._call(ROOT_PATH, FORGET, {})

    def plan(self, changes: Sequence[Mapping[str, Any]], *, words: str, build: bool) -> str:
        """Begin to prepare a plan and return its path at once."""
        options: Data = {"words": words, "build": build}
        path: str = self._call(ROOT_PATH, MAKE_PLAN, changes, options)[0]
        return path

    def search(self, words: str, limit: int, kinds: Sequence[str] = ()) -> list[Data]:
        """Find options, packages and passages, or some of these kinds, the best first."""
        options = {"limit": limit, "kinds": [*kinds]} if kinds else {"limit": limit}
        found: list[Data] = self._call(ROOT_PATH, SEARCH, words, options)[0]
        return found

    def describe(self, kind: str, name: str) -> Data:
        """Tell what the index has under the name of an option or of a package."""
        found: Data = self._call(ROOT_PATH, DESCRIBE, kind, name, {})[0]
        return found

    def explain_error(self, text: str, configuration: str) -> Data:
        """Tell what an error message means that is about a configuration."""
        options = {"configuration": configuration}
        found: Data = self._call(ROOT_PATH, EXPLAIN_ERROR, text, options)[0]
        return found

    def describe_option(self, name: str) -> Data:
        """Tell how an option stands on this machine; Nix may take a while."""
        found: Data = self._call(ROOT_PATH, DESCRIBE_OPTION, name, {})[0]
        return found

    def describe_package(self, name: str) -> Data:
        """Tell how a package stands on this machine; Nix may take a while."""
        found: Data = self._call(ROOT_PATH, DESCRIBE_PACKAGE, name, {})[0]
        return found

    def why(self, name: str) -> Data:
        """Tell why something is on this machine; Nix may take a while."""
        found: Data = self._call(ROOT_PATH, WHY, name, {})[0]
        return found

    def disk(self) -> Data:
        """Tell what fills the disks; counting takes a while."""
        found: Data = self._call(ROOT_PATH, DISK, {})[0]
        return found

    def changes(self, **since: int) -> Data:
        """Tell what changed `since` a time, since a `generation`, or with the running one."""
        found: Data = self._call(ROOT_PATH, CHANGES, since)[0]
        return found

    def unit(self, name: str) -> Data:
        """Tell how a unit is, and why it failed."""
        found: Data = self._call(ROOT_PATH, UNIT, name, {})[0]
        return found

    def health(self) -> list[Data]:
        """Tell what wants attention, the worst first."""
        found: list[Data] = self._call(ROOT_PATH, HEALTH, {})[0]
        return found

    def ingest(self, source: str) -> str:
        """Begin to index a source, or all of them, and return the transaction's path at once."""
        path: str = self._call(ROOT_PATH, INGEST, source, {})[0]
        return path

    def collect_garbage(self, *, older_than_days: int, keep: int, words: str) -> str:
        """Begin to prepare a plan for garbage collection and return its path at once."""
        options = {"older-than-days": older_than_days, "keep": keep, "words": words}
        path: str = self._call(ROOT_PATH, COLLECT_GARBAGE, options)[0]
        return path

    def generations(self) -> list[Data]:
        """List the generations, newest first."""
        return [{**_GENERATION, **item} for item in self._call(ROOT_PATH, LIST_GENERATIONS)[0]]

    def compare(self, before: int, after: int) -> Data:
        """Tell what differs between two generations."""
        comparison: Data = self._call(ROOT_PATH, COMPARE_GENERATIONS, before, after)[0]
        return comparison

    def transactions(self, limit: int) -> list[Data]:
        """List what was done, newest first."""
        transactions: list[Data] = self._call(ROOT_PATH, LIST_TRANSACTIONS, {"limit": limit})[0]
        return transactions

    def audit(self, limit: int, *, everybody: bool) -> list[Data]:
        """List entries of the audit record, newest first; those of all may need permission."""
        options = {"limit": limit, "everybody": everybody}
        entries: list[Data] = self._call(ROOT_PATH, LIST_AUDIT, options)[0]
        return entries

    def verify_audit(self) -> Data:
        """Have the audit record checked; that may need permission."""
        found: Data = self._call(ROOT_PATH, VERIFY_AUDIT, {})[0]
        return found

    def status(self) -> Data:
        """Read the state of the machine and of the daemon."""
        status: Data = self._call(ROOT_PATH, STATUS)[0]
        return status

    def apply(self, plan: str, mode: str, *, wait: bool, confirm_within: int) -> str:
        """Begin to carry out a plan and return the transaction's path at once."""
        options: Data = {"wait": wait}
        if confirm_within:
            options["confirm-within"] = confirm_within
        path: str = self._call(plan, APPLY, mode, options)[0]
        return path

    def discard(self, plan: str) -> None:
        """Throw a plan away."""
        self._call(plan, DISCARD)

    def cancel(self, transaction: str) -> None:
        """Stop a transaction that has not begun to activate."""
        self._call(transaction, CANCEL)

    def confirm(self, transaction: str) -> None:
        """Keep what a transaction with a time limit has activated."""
        self._call(transaction, CONFIRM)

    def undo(self, identifier: str) -> str:
        """Begin to prepare the plan that takes a transaction back; return its path at once."""
        path: str = self._call(transaction_path(identifier), UNDO)[0]
        return path

    def read_plan(self, path: str) -> Data:
        """Read a plan's properties."""
        return self._connection.properties(path, PLAN)

    def read_transaction(self, path: str) -> Data:
        """Read a transaction's properties."""
        return self._connection.properties(path, TRANSACTION)

    def listen(self) -> None:
        """Collect signals from now on; call it before what causes them."""
        self._connection.listen()

    def wait(self, seconds: float | None, also: Iterable[int] = ()) -> Signal | None:
        """Return the next signal; None after `seconds`, or when a file of `also` can be read."""
        return self._connection.wait(seconds, also)

    def _call(self, path: str, method: Method, *values: object) -> tuple[Any, ...]:
        return self._connection.call(path, method, *values)
