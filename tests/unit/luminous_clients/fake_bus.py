"""A bus that is a script: answers calls from tables, gives signals in a fixed order, can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.connection import Connection, Signal
from luminous_protocol.errors import UnknownObject
from luminous_protocol.names import PLAN, PROPERTIES, TRANSACTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from luminous_clients.connection import Method

    Event = Signal | Exception | Callable[[], object] | None

PLAN_PATH = "/org/luminous1/plan/p1"
TRANSACTION_PATH = "/org/luminous1/transaction/t1"

READY: dict[str, Any] = {
    "State": "ready",
    "Failure": {},
    "Id": "9f2c",
    "Summary": "install hello",
    "Risk": "low",
    "Changes": [{"kind": "add-package", "package": "hello"}],
    "ConfigurationDiff": "--- luminous.nix\n+++ luminous.nix\n@@ -3,0 +4 @@\n+  hello\n",
    "Packages": [{"name": "hello", "before": "", "after": "2.12.1"}],
    "Closure": {
        "before": 851_968_000,
        "after": -1,
        "estimate": 852_070_400,
        "builds": ["hello-2.12.1", "system-path"],
    },
    "Units": {"start": [], "stop": [], "restart": [], "reload": []},
    "Generations": [],
    "RebootRequired": False,
    "RebootReason": "",
    "Warnings": [],
    "Action": "org.luminous1.change-packages",
    "Expires": 1_763_686_400,
}

RESULT: dict[str, Any] = {
    "running": 12,
    "default": 12,
    "toplevel": "/nix/store/abc-nixos-system",
    "put-back": False,
    "error": "",
    "message": "Done.",
    "log": [],
    "freed": 0,
    "closure-before": 851_968_000,
    "closure-after": 852_199_424,
    "details": {},
}


def changed(path: str, interface: str, **properties: object) -> Signal:
    """Return the signal that says that properties have changed."""
    return Signal(path, PROPERTIES, "PropertiesChanged", (interface, properties, []))


class FakeBus(Connection):
    """Stands in for a connection. What a test wants of it is put into its public tables.

    `answers`: by member, the reply, an error to raise, or a function of path and values.
    `objects`: by path, the properties of an object. `events`: what `wait` gives, in order.
    """

    def __init__(self) -> None:
        """Know nothing, and answer nothing."""
        done = [{"path": TRANSACTION_PATH, "undoable": True}]
        self.answers: dict[str, Any] = {
            "Discard": (),
            "Cancel": (),
            "Confirm": (),
            "ListTransactions": (done,),
        }
        self.objects: dict[str, dict[str, Any]] = {}
        self.events: list[Event] = []
        self.calls: list[tuple[Any, ...]] = []
        self.forgotten = 0
        self.is_listening = False
        self.is_closed = False

    def call(self, path: str, method: Method, *values: object) -> tuple[Any, ...]:
        """Answer from the table, and remember the call; what only forgets is counted."""
        if method.member == "Forget":
            self.forgotten += 1
            return ()
        self.calls.append((path.rpartition("/")[2], method.member, *values))
        answer = self.answers[method.member]
        if callable(answer) and not isinstance(answer, Exception):
            answer = answer(path, *values)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, tuple)
        return answer

    def properties(self, path: str, interface: str) -> dict[str, Any]:
        """Give an object's properties. Raises `UnknownObject` when it is gone."""
        assert interface in {PLAN, TRANSACTION}
        if path not in self.objects:
            raise UnknownObject("There is no such object any more.")
        return dict(self.objects[path])

    def listen(self) -> None:
        """Remember that signals would be seen."""
        self.is_listening = True

    def wait(self, seconds: float | None, also: Iterable[int] = ()) -> Signal | None:
        """Give the next event of the script."""
        assert self.is_listening, "a signal could have been missed"
        assert seconds is not None
        assert list(also)
        event = self.events.pop(0)
        if isinstance(event, Exception):
            raise event
        given = event() if callable(event) and not isinstance(event, Signal) else event
        return given if isinstance(given, Signal) else None

    def close(self) -> None:
        """Remember it."""
        self.is_closed = True

    def members(self) -> list[str]:
        """Return what was called, in order."""
        return [call[1] for call in self.calls]

    def prepare_plan(self, **properties: object) -> None:
        """Have a plan that becomes ready, or failed, after one signal."""

        def begins(*_: object) -> tuple[str]:
            self.objects[PLAN_PATH] = {**READY, "State": "preparing"}
            return (PLAN_PATH,)

        for member in ("Plan", "CollectGarbage", "Undo"):
            self.answers[member] = begins

        def becomes_ready() -> Signal:
            self.objects[PLAN_PATH] = {**READY, **properties}
            return changed(PLAN_PATH, PLAN, State=properties.get("State", "ready"))

        self.events.append(becomes_ready)

    def prepare_transaction(self, *events: Event, state: str = "done", **result: object) -> None:
        """Have a transaction that gives `events` and then ends in `state`."""
        self.begin_transaction(*events)
        message = str(result.get("message", RESULT["message"]))

        def ends() -> Signal:
            self.objects[TRANSACTION_PATH] |= {"State": state, "Result": RESULT | result}
            return Signal(TRANSACTION_PATH, TRANSACTION, "Finished", (state, message))

        self.events.append(ends)

    def begin_transaction(self, *events: Event) -> None:
        """Have a transaction that gives `events` and does not end."""
        self.answers["Apply"] = (TRANSACTION_PATH,)
        self.objects[TRANSACTION_PATH] = {"State": "authorising", "Phase": "", "Percentage": -1.0}
        self.events += events

    def recognise(self, *intents: dict[str, Any], question: str = "") -> None:
        """Have words understood as `intents`."""
        self.answers["Recognise"] = (list(intents), question)


def intent(kind: str, *changes: dict[str, Any], **slots: str) -> dict[str, Any]:
    """Return an intent as the bus has it."""
    return {
        "kind": kind,
        "slots": slots,
        "confidence": 0.97,
        "explanation": f"The words begin like {kind}.",
        "alternatives": [],
        "changes": list(changes),
    }


SECOND_READING = {"kind": "install", "slots": {"package": "helo"}, "confidence": 0.38}
INSTALL = intent("install", {"kind": "add-package", "package": "hello"}, package="hello")


def state(name: str, **properties: object) -> Signal:
    """Return the signal of the transaction's change of state."""
    return changed(TRANSACTION_PATH, TRANSACTION, State=name, **properties)


def progress(phase: str, percentage: float, **detail: object) -> Signal:
    """Return a signal of progress."""
    return Signal(TRANSACTION_PATH, TRANSACTION, "Progress", (phase, percentage, detail))
