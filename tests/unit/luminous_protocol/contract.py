"""The contract as it stands in the golden XML, read here once more and on its own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

CHECKOUT = Path(__file__).parents[3]
KINDS = ("root", "explain", "plan", "transaction", "standard")


def nodes() -> dict[str, ET.Element]:
    """Return every interface of the golden XML by name."""
    found: dict[str, ET.Element] = {}
    for kind in KINDS:
        text = files("luminous_protocol.introspection").joinpath(f"{kind}.xml").read_text()
        for node in ET.fromstring(text).iter("interface"):  # noqa: S314 - a file of this package
            assert node.attrib["name"] not in found
            found[node.attrib["name"]] = node
    return found


def signatures() -> set[str]:
    """Return every type of an argument or property in the contract."""
    return {
        node.attrib["type"]
        for interface in nodes().values()
        for node in (*interface.iter("arg"), *interface.iter("property"))
    }
