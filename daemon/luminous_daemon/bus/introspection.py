"""The contract: interfaces read from the golden XML, which is also what `Introspect` returns."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEAD = (
    '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n'
    ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n'
)


@dataclass(frozen=True, slots=True)
class Method:
    """A method's signatures: of its arguments and of its reply."""

    arguments: str
    reply: str


@dataclass(frozen=True, slots=True)
class InterfaceContract:
    """One interface: methods, signals and properties by name, with signatures."""

    name: str
    methods: Mapping[str, Method]
    signals: Mapping[str, str]
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ObjectContract:
    """The interfaces of one kind of object, and their XML without a node around it."""

    interfaces: Mapping[str, InterfaceContract]
    xml: str

    def introspect(self, children: Iterable[str] = ()) -> str:
        """Return the XML of an object with these children."""
        nodes = "".join(f'  <node name="{child}"/>\n' for child in children)
        return f"{_HEAD}<node>\n{self.xml}{nodes}</node>\n"


_PARTS = {"root": ("root", "explain")}
"""Contracts that stand in several files, by the kind of object."""


def load_contract(kind: str) -> ObjectContract:
    """Return the contract of `root`, `plan` or `transaction` objects."""
    interfaces: dict[str, InterfaceContract] = {}
    xml = ""
    for name in (*_PARTS.get(kind, (kind,)), "standard"):
        text = files("luminous_protocol.introspection").joinpath(f"{name}.xml").read_text()
        xml += text.split("<node>\n", 1)[1].rsplit("</node>", 1)[0]
        # The files are our own, part of this package: no untrusted XML is parsed here.
        for node in ET.fromstring(text).iter("interface"):  # noqa: S314 - see above
            interfaces[node.attrib["name"]] = _read_interface(node)
    return ObjectContract(interfaces, xml)


def _read_interface(node: ET.Element) -> InterfaceContract:
    return InterfaceContract(
        name=node.attrib["name"],
        methods={
            method.attrib["name"]: Method(_types(method, "in"), _types(method, "out"))
            for method in node.iter("method")
        },
        signals={signal.attrib["name"]: _types(signal, None) for signal in node.iter("signal")},
        properties={item.attrib["name"]: item.attrib["type"] for item in node.iter("property")},
    )


def _types(node: ET.Element, direction: str | None) -> str:
    arguments = node.iter("arg")
    return "".join(
        arg.attrib["type"] for arg in arguments if arg.attrib.get("direction") == direction
    )
