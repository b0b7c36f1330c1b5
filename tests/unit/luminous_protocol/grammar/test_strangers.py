"""Strangers: how else people say what they want, and what only sounds like it."""

from __future__ import annotations

import pytest

from luminous_protocol.changes import SetOption, UnsetOption
from luminous_protocol.grammar import recognise
from luminous_protocol.intents import CHANGING
from luminous_protocol.requests import changes_for

Expected = list[tuple[str, dict[str, str]]]
DOCKER = {"service": "docker", "option": "virtualisation.docker.enable"}


def read(text: str) -> Expected:
    """Return kinds and slots of what a sentence asks for."""
    return [(intent.kind.value, dict(intent.slots)) for intent in recognise(text).intents]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vim should be installed", [("install", {"package": "vim"})]),
        ("I could use vim on this machine", [("install", {"package": "vim"})]),
        ("chuck vim on here", [("install", {"package": "vim"})]),
        ("vim in, nano out", [("install", {"package": "vim"}), ("remove", {"package": "nano"})]),
        ("nano has to go", [("remove", {"package": "nano"})]),
        ("nano can be removed now", [("remove", {"package": "nano"})]),
        ("docker should be running", [("enable_service", DOCKER)]),
        ("docker needs to be off", [("disable_service", DOCKER)]),
        ("my config changed, activate it", [("rebuild", {})]),
        ("the newest generation is bad, go back one", [("rollback", {})]),
        ("put the machine back the way it was", [("rollback", {})]),
        ("anything older than a fortnight can go", [("garbage_collect", {"older_than": "14d"})]),
        ("trim generations to the last 4", [("garbage_collect", {"keep": "4"})]),
        ("I want to be on generation 8", [("switch_generation", {"generation": "8"})]),
        ("have everything updated", [("update", {})]),
        ("mind removing nano?", [("remove", {"package": "nano"})]),
        ("time to install vim", [("install", {"package": "vim"})]),
        ("vim: install", [("install", {"package": "vim"})]),
        ("I'd rather not have nano on here", [("remove", {"package": "nano"})]),
        ("could everything be brought up to date", [("update", {})]),
        ("generation 31 was fine, go there", [("switch_generation", {"generation": "31"})]),
        (
            "leave me the last 3 generations and delete the rest",
            [("garbage_collect", {"keep": "3"})],
        ),
        (
            "tom should be in the docker group",
            [("configure_user", {"user": "tom", "groups": "docker"})],
        ),
    ],
)
def test_a_state_that_is_wished_for_is_asked_for(text: str, expected: Expected) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "docker should be running but it is not",
        "docker should be running, why isn't it?",
        "should docker be running from boot?",
        "vim should be installed, right?",
        "they say vim should be installed",
        "vim should already be installed",
        "can bluetooth be turned off?",
        "bluetooth can be turned off",
        "nano can be removed",
        "the newest generation is bad",
        "that change was a mistake",
        "my config changed",
        "ports 80 to 443 are open",
        "is port 443 reachable",
        "throw vim into the mix",
        "put the computer back in the box",
        "it would be great to have vim if it was smaller",
        "help for the hostname",
        "docker must be running for this to work",
        "docker should be running before you start",
        "this computer should be thrown out",
        "steam should be on sale",
        "I could use a hand",
        "leave me the last cookie",
        "poke a hole in the wall",
        "is it time to update?",
        "no time to update",
        "never mind installing vim",
        "generation 31 was fine",
        "generation 31 was broken, what now",
        "tom should be in bed",
        "anything for me?",
        "who has installed vim",
        "I'd rather have vim than nano",
        "any update on my order",
        "time for bed",
        "do you install vim",
        "undo the laces",
        "vim is installed",
        "say goodbye to my friends",
    ],
)
def test_what_only_tells_or_asks_changes_nothing(text: str) -> None:
    assert not CHANGING.intersection(intent.kind for intent in recognise(text).intents)


RANGE = "networking.firewall.allowed{}PortRanges"


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (
            "open udp ports 60000 to 61000",
            SetOption(RANGE.format("UDP"), [{"from": 60000, "to": 61000}], append=True),
        ),
        (
            "allow ports 8000-8010",
            SetOption(RANGE.format("TCP"), [{"from": 8000, "to": 8010}], append=True),
        ),
        (
            "close ports 8000 through 8010",
            UnsetOption(RANGE.format("TCP"), [{"from": 8000, "to": 8010}]),
        ),
        (
            "give the machine 4 GB of swap",
            SetOption("swapDevices", [{"device": "/var/lib/swapfile", "size": 4096}], append=True),
        ),
        (
            "add a 512mb swap file",
            SetOption("swapDevices", [{"device": "/var/lib/swapfile", "size": 512}], append=True),
        ),
        ("bring swappiness down to 10", SetOption('boot.kernel.sysctl."vm.swappiness"', "10")),
        ("limit nix to 4 jobs", SetOption("nix.settings.max-jobs", "4")),
        ("mount /tmp in ram", SetOption("boot.tmp.useTmpfs", "true")),
        (
            "forbid root login over ssh",
            SetOption("services.openssh.settings.PermitRootLogin", "no"),
        ),
        ("have the boot menu wait 2 seconds", SetOption("boot.loader.timeout", "2")),
        ("put the clock on tokyo time", SetOption("time.timeZone", "Asia/Tokyo")),
        ("run the system in german", SetOption("i18n.defaultLocale", "de_DE.UTF-8")),
    ],
)
def test_a_value_takes_the_form_that_its_option_needs(
    text: str, change: SetOption | UnsetOption
) -> None:
    (intent,) = recognise(text).intents
    assert changes_for(intent, "alice") == (change,)


def test_two_ports_are_no_range() -> None:
    assert [slots["value"] for _, slots in read("open ports 80 and 443")] == ["80", "443"]


@pytest.mark.parametrize(
    "text", ["open ports 61000 to 60000", "open ports 1-99999", "add a 0 GB swap file"]
)
def test_what_is_no_range_or_size_is_not_guessed(text: str) -> None:
    assert read(text) == []
