"""The dispatcher: from a message to a method of an object, and back to a reply.

It reads the golden XML and serves nothing else. A method gets its caller and its arguments, checked
against the contract's signature; what it returns is encoded by the contract. Errors are answered
by name; the text of an unexpected exception never leaves the daemon.
"""

from __future__ import annotations

import logging
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from luminous_daemon.bus.in_flight import InFlight
from luminous_daemon.bus.introspection import ObjectContract, load_contract
from luminous_protocol import names
from luminous_protocol.errors import Internal, LuminousError, NotAuthorized
from luminous_protocol.variants import Typed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from luminous_daemon.bus.caller import Callers
    from luminous_daemon.bus.guard import Guard
    from luminous_daemon.core.ports import Caller
    from luminous_protocol.dbus import Call, Connection
    from luminous_protocol.replies import Body

_log = logging.getLogger(__name__)

_STANDARD_ERROR = "org.freedesktop.DBus.Error."


class StandardError(Exception):
    """An error with one of the bus's own names."""

    def __init__(self, name: str, message: str) -> None:
        """Keep the short name and the message."""
        super().__init__(message)
        self.name = _STANDARD_ERROR + name
        self.message = message


class BusObject(ABC):
    """An object on the bus. Subclasses say which contract they fulfil and hold the interfaces."""

    kind: ClassVar[str]

    def __init__(self, path: str, interfaces: Mapping[str, object]) -> None:
        """Publish `interfaces` (by name) under `path`."""
        self.path = path
        self.interfaces = interfaces

    @abstractmethod
    def properties(self, interface: str) -> dict[str, Any]:
        """Return the properties of one interface."""

    def shown_to(self, _caller: Caller, interface: str) -> dict[str, Any]:
        """Return the properties of one interface, without what is not for `caller`."""
        return self.properties(interface)

    def check_readable(self, _caller: Caller) -> None:
        """Raise `NotAuthorized` when the caller may not see this object."""
        return

    def touch(self, _caller: Caller) -> None:
        """Take note that the caller has read it."""
        return

    def children(self, _caller: Caller) -> list[str]:
        """Return the relative paths of the objects below that the caller may see."""
        return []


class Service:
    """Serves objects on a connection."""

    def __init__(
        self,
        connection: Connection,
        callers: Callers,
        guard: Guard,
        spawn: Callable[[Any], asyncio.Task[None]],
    ) -> None:
        """Answer calls on `connection`; `spawn` starts tasks in the daemon's task group."""
        self.connection = connection
        self._callers = callers
        self._guard = guard
        self._spawn = spawn
        self._objects: dict[str, BusObject] = {}
        self._find_more: Callable[[str], BusObject | None] = lambda _: None
        self._contracts = {kind: load_contract(kind) for kind in ("root", "plan", "transaction")}
        self._in_flight = InFlight()
        self._encoded: dict[tuple[str, str], tuple[object, Body]] = {}
        connection.on_call(self._receive)

    def contract_of(self, published: BusObject) -> ObjectContract:
        """Return the contract that an object fulfils."""
        return self._contracts[published.kind]

    def find_more(self, find: Callable[[str], BusObject | None]) -> None:
        """Ask `find` for objects that are not published, such as transactions of the past."""
        self._find_more = find

    def publish(self, published: BusObject) -> None:
        """Put an object on the bus and say so."""
        self._objects[published.path] = published
        if published.path != names.ROOT_PATH:
            interfaces: dict[str, dict[str, Any]] = {name: {} for name in published.interfaces}
            self.emit(
                names.ROOT_PATH,
                names.OBJECT_MANAGER,
                "InterfacesAdded",
                (published.path, interfaces),
            )

    def withdraw(self, path: str) -> None:
        """Take an object off the bus and say so."""
        published = self._objects.pop(path, None)
        if published:
            self.emit(
                names.ROOT_PATH,
                names.OBJECT_MANAGER,
                "InterfacesRemoved",
                (path, list(published.interfaces)),
            )

    @property
    def root(self) -> BusObject | None:
        """The root object, once it is published."""
        return self._objects.get(names.ROOT_PATH)

    def visible(self, caller: Caller) -> list[BusObject]:
        """Return the published objects that `caller` may read."""
        return [item for item in self._objects.values() if _may_read(caller, item)]

    def emit(self, path: str, interface: str, signal: str, values: tuple[Any, ...]) -> None:
        """Send a signal of the contract to everybody on the bus; there is no asking who may."""
        signature = self._signature_of(interface, signal)
        self.connection.emit(path, (interface, signal), (signature, values))

    def tell(
        self, caller: Caller, path: str, signal: tuple[str, str], values: tuple[Any, ...]
    ) -> None:
        """Send a signal (interface, name) of the contract to one caller alone."""
        arguments = self._signature_of(*signal), values
        self.connection.emit(path, signal, arguments, caller.sender)

    def _signature_of(self, interface: str, signal: str) -> str:
        return next(
            contract.interfaces[interface].signals[signal]
            for contract in self._contracts.values()
            if interface in contract.interfaces
        )

    def emit_changed(
        self, published: BusObject, interface: str, changed: list[str], unsaid: tuple[str, ...] = ()
    ) -> None:
        """Say that properties have changed; the values travel along, but for `unsaid` ones."""
        current = self._typed_properties(published, interface, published.properties(interface))
        values = {name: current[name] for name in changed}
        content = (interface, values, list(unsaid))
        self.emit(published.path, names.PROPERTIES, "PropertiesChanged", content)

    def _receive(self, call: Call) -> None:
        weight = self._in_flight.admit(call)
        if weight < 0:
            self.connection.fail(
                call,
                _STANDARD_ERROR + "LimitsExceeded",
                "Too many calls at the same time, or too large ones.",
            )
            return
        self._spawn(self._answer(call, weight))

    async def _answer(self, call: Call, weight: int) -> None:
        try:
            signature, values = await self._dispatch(call)
            if values and not call.body and call.path == names.ROOT_PATH:
                self.connection.reply_encoded(call, self._encode(call, signature, values[0]))
            else:
                self.connection.reply(call, signature, values)
        except StandardError as error:
            self.connection.fail(call, error.name, error.message)
        except LuminousError as error:
            self.connection.fail(call, error.dbus_name, error.message)
        except Exception:  # noqa: BLE001 - the edge: a defect must not reach the caller as text
            _log.exception("%s.%s failed", call.interface, call.member)
            defect = Internal("Something went wrong inside Luminous. Its journal has the details.")
            self.connection.fail(call, defect.dbus_name, defect.message)
        finally:
            self._in_flight.release(call.sender, weight)

    def _encode(self, call: Call, signature: str, value: object) -> Body:
        """Encode what the root object answers to a call without arguments, once while it lasts."""
        key = (call.interface, call.member)
        known = self._encoded.get(key)
        if known is None or known[0] is not value:
            body = self.connection.encode(signature, (value,))
            known = self._encoded[key] = (value, body)
        return known[1]

    async def _dispatch(self, call: Call) -> tuple[str, tuple[Any, ...]]:
        published = self._objects.get(call.path) or self._find_more(call.path)
        if published is None:
            return self._introspect_between(call, await self._callers.identify(call.sender))
        contract = self.contract_of(published)
        interface = contract.interfaces.get(call.interface)
        if interface is None:
            raise StandardError("UnknownInterface", f"No interface {call.interface!r} here.")
        method = interface.methods.get(call.member)
        if method is None:
            raise StandardError("UnknownMethod", f"No method {call.member!r} in {interface.name}.")
        if call.signature != method.arguments:
            raise StandardError(
                "InvalidArgs", f"{call.member} takes {method.arguments!r}, not {call.signature!r}."
            )
        caller = await self._callers.identify(call.sender)
        if call.interface in published.interfaces:
            values = await self._call_own(published, call, caller)
        else:
            values = await self._call_standard(published, call, caller)
        return method.reply, values

    async def _call_own(self, published: BusObject, call: Call, caller: Caller) -> tuple[Any, ...]:
        function = getattr(published.interfaces[call.interface], method_name(call.member))
        guard = function.guard
        if isinstance(guard, names.Action):
            await self._guard.check(caller, guard)
        values: tuple[Any, ...] = await function(caller, *call.body)
        return values

    async def _call_standard(
        self, published: BusObject, call: Call, caller: Caller
    ) -> tuple[Any, ...]:
        match call.interface, call.member:
            case names.INTROSPECTABLE, _:
                return (self.contract_of(published).introspect(published.children(caller)),)
            case names.PEER, "Ping":
                return ()
            case names.PEER, _:
                return (_machine_id(),)
            case names.PROPERTIES, "Set":
                raise StandardError("PropertyReadOnly", "All properties are read-only.")
        await self._guard.check(caller, names.Action.READ)
        if call.interface == names.OBJECT_MANAGER:
            return (self._managed_objects(caller),)
        published.check_readable(caller)
        published.touch(caller)
        return (self._read_properties(published, call, caller),)

    def _read_properties(self, published: BusObject, call: Call, caller: Caller) -> Any:  # noqa: ANN401 - any value
        contract = self.contract_of(published).interfaces.get(call.body[0])
        if contract is None:
            raise StandardError("UnknownInterface", f"No interface {call.body[0][:60]!r} here.")
        shown = published.shown_to(caller, contract.name) if contract.properties else {}
        values = self._typed_properties(published, contract.name, shown) if shown else {}
        if call.member == "GetAll":
            return values
        if call.body[1] not in values:
            raise StandardError("UnknownProperty", f"No property {call.body[1][:60]!r} here.")
        return values[call.body[1]]

    def _typed_properties(
        self, published: BusObject, interface: str, values: Mapping[str, Any]
    ) -> dict[str, Any]:
        signatures = self.contract_of(published).interfaces[interface].properties
        return {name: Typed(signature, values[name]) for name, signature in signatures.items()}

    def _managed_objects(self, caller: Caller) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for published in self.visible(caller):
            if published.path == names.ROOT_PATH:
                continue
            found[published.path] = {
                name: self._typed_properties(published, name, published.shown_to(caller, name))
                for name in published.interfaces
            }
        return found

    def _introspect_between(self, call: Call, caller: Caller) -> tuple[str, tuple[Any, ...]]:
        """Answer for paths that are only on the way to objects: tools walk the tree."""
        prefix = call.path.rstrip("/") + "/"
        below = {
            item.path.removeprefix(prefix).split("/")[0]
            for item in self.visible(caller)
            if item.path.startswith(prefix)
        }
        if below and (call.interface, call.member) == (names.INTROSPECTABLE, "Introspect"):
            nodes = "".join(f'  <node name="{child}"/>\n' for child in sorted(below))
            return "s", (f"<node>\n{nodes}</node>\n",)
        raise StandardError("UnknownObject", f"No object {call.path[:100]!r} here.")


def _may_read(caller: Caller, published: BusObject) -> bool:
    try:
        published.check_readable(caller)
    except NotAuthorized:
        return False
    return True


def method_name(member: str) -> str:
    """Return the Python name of a member: `ListGenerations` becomes `list_generations`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", member).lower()


def _machine_id() -> str:
    try:
        with open("/etc/machine-id", encoding="ascii") as opened:  # noqa: PTH123 - one line
            return opened.read().strip()
    except OSError:
        raise StandardError("Failed", "This machine has no machine id.") from None
