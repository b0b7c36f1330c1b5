"""Ports: lists of them, in which ranges may stand as well."""

from __future__ import annotations

import pytest

from luminous_protocol.grammar import recognise

TCP, UDP = "networking.firewall.allowedTCP{}", "networking.firewall.allowedUDP{}"


@pytest.mark.parametrize(
    ("text", "family", "wanted"),
    [
        (
            "open ports 80, 443 and 8000-8010",
            TCP,
            ["Ports 80", "Ports 443", "PortRanges 8000-8010"],
        ),
        ("open ports 80 and 8000-8010 for udp", UDP, ["Ports 80", "PortRanges 8000-8010"]),
        ("open ports 81-82 and 91-92", TCP, ["PortRanges 81-82", "PortRanges 91-92"]),
        ("unblock 443", TCP, ["Ports 443"]),
    ],
)
def test_each_port_and_each_range_goes_to_its_option(
    text: str, family: str, wanted: list[str]
) -> None:
    found = [(one.slots["option"], one.slots["value"]) for one in recognise(text).intents]
    assert found == [
        (family.format(name), value) for name, value in (one.split() for one in wanted)
    ]


@pytest.mark.parametrize("text", ["open ports 80 and 8010-8000", "open ports 80 and 70000"])
def test_what_is_no_port_opens_none(text: str) -> None:
    assert recognise(text).intents == ()
