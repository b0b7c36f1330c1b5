"""The fuzzer: attacks the daemon on the bus that it finds, and says as JSON what came of it.

It runs inside a sandbox, as whoever is to be the attacker. Standard input says with JSON what to
do: `socket` of the bus, `seed`, `count` of messages, `objects` to walk beside the root,
`largest` whether to send some of the largest messages too, `seconds` to wait for answers.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from jeepney import HeaderFields

from tests.fuzz.attacks import BUS, Attacker, Target
from tests.fuzz.line import Line, error_of
from tests.fuzz.wire import call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jeepney import Message as Received

    from tests.fuzz.attacks import Attack

NAME = "org.luminous1"
ROOT = "/org/luminous1"
NAMED = ("org.luminous1.Error.", "org.freedesktop.DBus.Error.")
GIVEN_AWAY = ("Traceback", 'File "', "site-packages")
_WINDOW = 40
_TERM = 400
_CHANGE = [("kind", ("s", "add-package")), ("package", ("s", "hello"))]


@dataclass
class Findings:
    """What came of it. `unnamed` and `given_away` are error replies that must not be."""

    sent: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    unnamed: list[str] = field(default_factory=list)
    given_away: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)

    def take(self, reply: Received) -> None:
        """Look at a reply."""
        name, text = error_of(reply)
        self.answers[name.rpartition(".")[2] or "reply"] += 1
        if name and not name.startswith(NAMED):
            self.unnamed.append(f"{name}: {text[:200]}")
        if any(sign in text for sign in GIVEN_AWAY):
            self.given_away.append(f"{name}: {text[:200]}")


def walk(line: Line, paths: Sequence[str]) -> Iterator[Target]:
    """Yield every method of every interface of these objects, by the name and the owner of it."""
    owner = line.ask(
        call(BUS, "/org/freedesktop/DBus", (BUS, "GetNameOwner"), signature="s", body=[NAME])
    ).body[0]
    for path in paths:
        introspect = ("org.freedesktop.DBus.Introspectable", "Introspect")
        text = line.ask(call(NAME, path, introspect)).body[0]
        for interface in ET.fromstring(text).iter("interface"):  # noqa: S314 - from our own daemon
            for method in interface.iter("method"):
                signature = "".join(
                    arg.attrib["type"]
                    for arg in method.iter("arg")
                    if arg.attrib.get("direction") == "in"
                )
                for destination in (NAME, owner):
                    names = (interface.attrib["name"], method.attrib["name"])
                    yield Target(destination, path, *names, signature)


class Fuzzer:
    """One attacker with one line that stays, and one more for each message that costs it."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        """Prepare what the request says."""
        self.request = request
        self.findings = Findings()
        self._waiting: dict[int, str] = {}

    def run(self) -> Findings:
        """Attack, each time for a while on one line: the bus itself bounds what one may ask."""
        count, seed = self.request["count"], Random(self.request["seed"])
        for begin in range(0, count, _TERM):
            with Line(self.request["socket"]) as line:
                attacker = Attacker(seed, [*walk(line, [ROOT, *self._plan(line)])])
                for number in range(begin, min(begin + _TERM, count)):
                    self._launch(line, attacker.next(number + 1000))
                self._drain(line)
        return self.findings

    def send_largest(self) -> None:
        """Send the largest messages that the bus takes, to each method that has arguments."""
        with Line(self.request["socket"]) as line:
            attacker = Attacker(Random(0), [*walk(line, [ROOT])])
            for target in attacker.targets:
                if target.signature and target.destination == NAME:
                    self._launch(line, attacker.attack("largest", target, 1_000_000))
                    self._drain(line)

    def _plan(self, line: Line) -> list[str]:
        """Make a plan, so that its methods can be attacked too; return its path, and others'."""
        plan = call(NAME, ROOT, ("org.luminous1.System", "Plan"), signature="aa{sv}a{sv}")
        plan.body = [[_CHANGE], []]
        reply = line.ask(plan)
        made = [] if error_of(reply)[0] else reply.body
        return [*self.request["objects"], *made]

    def _launch(self, line: Line, attack: Attack) -> None:
        self.findings.sent[attack.name] += 1
        if attack.foul:
            with contextlib.suppress(ConnectionError), Line(self.request["socket"]) as other:
                other.send_bytes(attack.data, attack.files)
            return
        try:
            line.send_bytes(attack.data, attack.files)
        except ConnectionError:
            self.findings.cut.append(attack.name)
            raise
        if attack.serial:
            self._waiting[attack.serial] = attack.name
        if len(self._waiting) >= _WINDOW:
            self._drain(line)

    def _drain(self, line: Line) -> None:
        """Wait until everything is answered that has to be."""
        deadline = time.monotonic() + self.request["seconds"]
        while self._waiting:
            reply = line.receive(deadline - time.monotonic())
            if reply is None:
                self.findings.unanswered += sorted(set(self._waiting.values()))
                self._waiting.clear()
                return
            serial = reply.header.fields.get(HeaderFields.reply_serial)
            if serial in self._waiting:
                del self._waiting[serial]
                self.findings.take(reply)


def main() -> None:
    """Do what standard input says."""
    request = json.load(sys.stdin)
    fuzzer = Fuzzer(request)
    began = time.monotonic()
    try:
        fuzzer.run()
        if request["largest"]:
            fuzzer.send_largest()
    except ConnectionError as error:
        fuzzer.findings.cut.append(str(error))
    print(json.dumps({**vars(fuzzer.findings), "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main()
