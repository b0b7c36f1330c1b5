"""Slots hold what was said, in the form that a rule would give it; nothing is made up."""

from __future__ import annotations

import pytest

from luminous_mind.intent.masking import Masking
from luminous_mind.intent.slots import slots_of
from tests.unit.luminous_mind.intent.sentences import TwoPackages

ZONE = "time.timeZone"
PORTS = "networking.firewall.allowedTCPPorts"


def slots(kind: str, text: str) -> list[dict[str, str]] | None:
    return slots_of(kind, Masking(TwoPackages()).mask(text))


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (
            "install",
            "life is dull without vim and tagsistant",
            [{"package": "vim"}, {"package": "tagsistant"}],
        ),
        (
            "install",
            "something like a music player would be lovely",
            [{"category": "music player"}],
        ),
        ("remove", "chrome has outstayed its welcome", [{"package": "google-chrome"}]),
        (
            "enable_service",
            "ssh wants a restart",
            [{"service": "ssh", "option": "services.openssh.enable", "action": "restart"}],
        ),
        ("update", "freshen nixpkgs", [{"input": "nixpkgs"}]),
        ("update", "freshen everything", [{}]),
        ("rebuild", "let it count from the next boot on", [{"action": "boot"}]),
        ("rollback", "two generations back", [{"steps": "2"}]),
        ("switch_generation", "number 31 was a good one", [{"generation": "31"}]),
        ("garbage_collect", "what is older than two weeks may go", [{"older_than": "14d"}]),
        ("garbage_collect", "spare only the last 3", [{"keep": "3"}]),
        (
            "set_option",
            "the clock ticks as in london",
            [{"option": ZONE, "value": "Europe/London"}],
        ),
        ("set_option", "people must reach port 8080", [{"option": PORTS, "value": "8080"}]),
        ("set_option", "shut port 22", [{"option": PORTS, "action": "unset", "value": "22"}]),
        ("configure_user", "an account for maria", [{"user": "maria"}]),
        ("configure_user", "i belong into the docker group", [{"user": "me", "groups": "docker"}]),
        ("configure_user", "close the account of maria", [{"user": "maria", "action": "remove"}]),
        (
            "disable_service",
            "printing is nothing for us, we print nothing",
            [{"service": "printing", "option": "services.printing.enable"}],
        ),
        ("search", "settings around nginx", [{"kind": "option", "query": "nginx"}]),
        ("query_status", "has git made it onto here", [{"what": "packages", "package": "git"}]),
        ("query_status", "is there room on the disk", [{"what": "disk"}]),
        (
            "explain",
            "what good is services.openssh.enable",
            [{"option": "services.openssh.enable"}],
        ),
        ("diagnose", "nginx gives up the ghost", [{"problem": "service", "service": "nginx"}]),
        ("help", "whatever", [{}]),
    ],
)
def test_a_slot_is_read_from_the_words_of_the_sentence(
    kind: str, text: str, expected: list[dict[str, str]]
) -> None:
    assert slots(kind, text) == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("install", "put something on here"),
        ("install", "vim is what I had before I got to know emacs"),
        ("remove", "take a music player off"),
        ("enable_service", "switch it on"),
        ("enable_service", "open firefox"),
        ("switch_generation", "between 4 and 7"),
        ("set_option", "the clock is wrong"),
        ("configure_user", "somebody needs an account"),
    ],
)
def test_what_a_kind_needs_and_nobody_said_is_not_guessed(kind: str, text: str) -> None:
    assert slots(kind, text) is None
