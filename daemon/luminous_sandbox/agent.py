"""The polkit agent of the sandbox: answers every question as the runner told it to.

A program of its own, run as root in the machine. Without a login manager there are no sessions,
and polkit finds an agent by the very process that asks. So the agent registers itself for each
process: for a command that the runner starts, before that is let run (the runner asks for it on
the control socket), and for its children, as soon as they appear on the bus.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import selectors
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
)

from luminous_sandbox.bus import SOCKET, connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from jeepney.io.blocking import DBusConnection

AGENT_MODES: Final = ("allow", "deny", "dismiss", "hang", "none")
CONTROL_SOCKET: Final = "/run/luminous-sandbox/agent.socket"
QUESTIONS: Final = "/run/luminous-sandbox/questions.jsonl"

_AUTHORITY = DBusAddress(
    "/org/freedesktop/PolicyKit1/Authority",
    bus_name="org.freedesktop.PolicyKit1",
    interface="org.freedesktop.PolicyKit1.Authority",
)
_AGENT_INTERFACE = "org.freedesktop.PolicyKit1.AuthenticationAgent"
_AGENT_PATH = "/org/luminous1/SandboxAgent"
_ERROR = "org.freedesktop.PolicyKit1.Error."
_FIRST_PERSON = 1000
_START_TIME_FIELD = 19
# Above everything else: a child of a command must not ask polkit before its agent is registered.
_PRIORITY = -15

Subject = tuple[str, dict[str, tuple[str, Any]]]


class Agent:
    """One agent, on one connection to the bus, in one mode at a time."""

    def __init__(self, connection: DBusConnection, mode: str) -> None:
        """Use `main` instead; this takes a connection that is ready."""
        self._connection = connection
        self._mode = mode
        self._replies: dict[int, Callable[[Message], None]] = {}
        self._subjects: dict[tuple[int, int], Subject] = {}
        self._unanswered: dict[str, Message] = {}

    def watch_bus(self) -> None:
        """Learn of each client that comes to the bus, and of those that are there already."""
        rule = MatchRule(type="signal", interface=message_bus.interface, member="NameOwnerChanged")
        self._call(message_bus.AddMatch(rule))
        self._call(message_bus.ListNames(), self._take_names)

    def set_mode(self, mode: str) -> None:
        """Answer the questions that come from now on in another way."""
        before, self._mode = self._mode, mode
        if mode == "none":
            for subject in self._subjects.values():
                self._authority("UnregisterAuthenticationAgent", "(sa{sv})s", subject, _AGENT_PATH)
            self._subjects.clear()
        elif before == "none":
            self._call(message_bus.ListNames(), self._take_names)

    def register(self, pid: int, uid: int, done: Callable[[], None] | None = None) -> None:
        """Become the agent of a process; `done` is called when polkit knows."""
        started = _start_time(pid)
        if self._mode == "none" or started is None or (pid, started) in self._subjects:
            if done is not None:
                done()
            return
        details = {"pid": ("u", pid), "start-time": ("t", started), "uid": ("i", uid)}
        subject: Subject = ("unix-process", details)
        self._subjects[pid, started] = subject
        # An error is no reason to stop: a text agent that the client started itself may be first.
        self._authority(
            *("RegisterAuthenticationAgent", "(sa{sv})ss", subject, "en_GB.UTF-8", _AGENT_PATH),
            then=lambda _reply: done() if done is not None else None,
        )

    def take(self, message: Message) -> None:
        """Deal with a message from the bus."""
        fields = message.header.fields
        kind = message.header.message_type
        if kind in {MessageType.method_return, MessageType.error}:
            self._replies.pop(fields[HeaderFields.reply_serial], lambda _reply: None)(message)
        elif kind is MessageType.signal:
            self._take_signal(message)
        elif kind is MessageType.method_call and fields.get(HeaderFields.interface) == (
            _AGENT_INTERFACE
        ):
            self._take_call(fields[HeaderFields.member], message)
        elif kind is MessageType.method_call:
            error = "org.freedesktop.DBus.Error.UnknownMethod"
            self._connection.send(new_error(message, error))

    def _take_signal(self, message: Message) -> None:
        fields = message.header.fields
        said = fields.get(HeaderFields.sender), fields.get(HeaderFields.member)
        # The sender too, as anybody may send a signal of that name.
        if said == (message_bus.bus_name, "NameOwnerChanged"):
            name, _old, new = message.body
            if new:
                self._look_at(name)

    def _take_names(self, reply: Message) -> None:
        for name in reply.body[0]:
            self._look_at(name)

    def _look_at(self, name: str) -> None:
        if not name.startswith(":") or self._mode == "none":
            return
        call = message_bus.GetConnectionCredentials(name)
        self._call(call, self._take_credentials)

    def _take_credentials(self, reply: Message) -> None:
        if reply.header.message_type is MessageType.error:
            return  # the client has left already
        credentials = {key: value for key, (_signature, value) in reply.body[0].items()}
        uid, pid = credentials.get("UnixUserID", 0), credentials.get("ProcessID", 0)
        # Services of the machine ask nothing of people. A process outside it has no number here.
        if uid >= _FIRST_PERSON and pid > 0:
            self.register(pid, uid)

    def _take_call(self, member: str, call: Message) -> None:
        if member == "CancelAuthentication":
            question = self._unanswered.pop(call.body[0], None)
            if question is not None:
                self._fail(question, "Cancelled", "The question was withdrawn.")
            self._connection.send(new_method_return(call))
            return
        action, message, _icon, details, cookie, identities = call.body
        self._note(action, message, details, identities)
        if self._mode == "allow":
            self._authority(
                *("AuthenticationAgentResponse2", "us(sa{sv})", os.getuid(), cookie, identities[0]),
                then=lambda _reply: self._connection.send(new_method_return(call)),
            )
        elif self._mode == "dismiss":
            self._fail(call, "Cancelled", "The question was dismissed.")
        elif self._mode == "hang":
            self._unanswered[cookie] = call
        else:
            self._fail(call, "Failed", "Nobody gave the right password.")

    def _note(self, action: str, message: str, details: dict[str, str], identities: Any) -> None:  # noqa: ANN401 - a list of polkit's identities
        plain = [
            {"kind": kind, **{key: value for key, (_signature, value) in about.items()}}
            for kind, about in identities
        ]
        question = {
            "action": action,
            "message": message,
            "details": details,
            "identities": plain,
            "answer": self._mode,
        }
        with Path(QUESTIONS).open("a") as log:
            log.write(json.dumps(question) + "\n")

    def _fail(self, call: Message, error: str, sentence: str) -> None:
        self._connection.send(new_error(call, _ERROR + error, "s", (sentence,)))

    def _authority(
        self,
        member: str,
        signature: str,
        *values: object,
        then: Callable[[Message], None] | None = None,
    ) -> None:
        self._call(new_method_call(_AUTHORITY, member, signature, values), then)

    def _call(self, message: Message, then: Callable[[Message], None] | None = None) -> None:
        serial = next(self._connection.outgoing_serial)
        self._replies[serial] = then or (lambda _reply: None)
        self._connection.send(message, serial=serial)


def _start_time(pid: int) -> int | None:
    """Return when a process started, as polkit counts it (proc(5), stat, field 22), or None."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[_START_TIME_FIELD])


def _obey(agent: Agent, client: socket.socket) -> None:
    """Do what the runner asks in one line, and answer with one when it is done."""
    request = json.loads(client.makefile().readline())

    def done() -> None:
        client.sendall(b"done\n")
        client.close()

    if "mode" in request:
        agent.set_mode(request["mode"])
        done()
    else:
        agent.register(request["pid"], request["uid"], done)


def _serve(agent: Agent, connection: DBusConnection, control: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        selector.register(control, selectors.EVENT_READ)
        while True:
            for key, _events in selector.select():
                if key.fileobj is control:
                    _obey(agent, control.accept()[0])
                else:
                    _drain(agent, connection)


def _drain(agent: Agent, connection: DBusConnection) -> None:
    """Deal with every message that has arrived."""
    while True:
        try:
            message = connection.receive(timeout=0)
        except TimeoutError:
            return
        agent.take(message)


def main() -> int:
    """Answer polkit's questions until the bus goes away."""
    parser = argparse.ArgumentParser(prog="python -m luminous_sandbox.agent")
    parser.add_argument("mode", choices=AGENT_MODES)
    options = parser.parse_args()
    os.nice(_PRIORITY)
    connection = connect(Path(SOCKET))
    agent = Agent(connection, options.mode)
    agent.watch_bus()
    with socket.socket(socket.AF_UNIX) as control:
        control.bind(CONTROL_SOCKET)
        Path(CONTROL_SOCKET).chmod(0o600)
        control.listen()
        # The end of the bus is the end of every question.
        with contextlib.suppress(ConnectionError):
            _serve(agent, connection, control)
    return 0


if __name__ == "__main__":
    sys.exit(main())
