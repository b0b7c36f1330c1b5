"""Progress: what Nix's structured log says of a build, in the shapes of an old and a newer Nix."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.core.store_names import store_name
from luminous_daemon.nix.progress import LogReader, NixError, plain
from luminous_protocol.transaction import Progress
from tests.unit.luminous_protocol.contract import CHECKOUT
from tests.unit.luminous_protocol.strategies import thoroughly

HASH = "0" * 32
HELLO = f"/nix/store/{HASH}-hello-2.12.drv"
SYSTEM = f"/nix/store/{HASH}-nixos-system.drv"
SAMPLE = CHECKOUT.parent / "shared" / "data" / "internal-json-sample.log"


def fed(*events: dict[str, Any] | str) -> LogReader:
    """Return a reader that has read these."""
    reader = LogReader()
    for event in events:
        reader.feed(event if isinstance(event, str) else "@nix " + json.dumps(event))
    return reader


def start(identifier: int, kind: int, *fields: object, **more: object) -> dict[str, Any]:
    """Return the beginning of an activity; Nix 2.8 has no `parent`, newer ones do."""
    event: dict[str, Any] = {"action": "start", "id": identifier, "level": 3, "type": kind}
    return event | {"text": "", "fields": list(fields)} | more


def result(identifier: int, kind: int, *fields: object) -> dict[str, Any]:
    """Return a result of an activity."""
    return {"action": "result", "id": identifier, "type": kind, "fields": list(fields)}


def stop(identifier: int) -> dict[str, Any]:
    """Return the end of an activity."""
    return {"action": "stop", "id": identifier}


NIX_2_8 = [
    start(1, 102),
    start(2, 104),
    start(3, 103),
    result(2, 105, 0, 0, 0, 0),
    result(2, 105, 0, 2, 0, 0),
    start(4, 105, HELLO, "", 1, 1),
    result(2, 105, 0, 2, 1, 0),
    result(4, 104, "buildPhase"),
    result(4, 101, "gcc -o hello"),
]
NIX_2_26 = [event | ({"parent": 0} if event["action"] == "start" else {}) for event in NIX_2_8]


@pytest.mark.parametrize("events", [NIX_2_8, NIX_2_26], ids=["2.8", "2.26"])
def test_a_build_is_as_far_as_its_builds_are(events: list[dict[str, Any]]) -> None:
    reader = fed(*events)
    assert reader.progress == Progress("buildPhase", 0, 2, 1, "hello-2.12")
    for event in (stop(4), result(2, 105, 1, 2, 0, 0), start(5, 105, SYSTEM, "", 1, 1)):
        reader.feed("@nix " + json.dumps(event))
    assert reader.progress == Progress("building", 1, 2, 1, "nixos-system")
    assert reader.errors == []
    assert reader.log_of(HELLO) == ["gcc -o hello"], "kept after it has ended"


def test_the_same_number_means_another_thing_under_start_and_under_result() -> None:
    reader = fed(start(2, 104), result(2, 105, 3, 4, 0, 0), start(9, 101, "x"), result(9, 104, "y"))
    assert (reader.progress.done, reader.progress.expected) == (3, 4)
    assert reader.progress.phase == "y"


def test_expected_may_rise_and_fall() -> None:
    reader = fed(start(2, 104))
    seen = []
    for expected in (0, 3, 7, 2):
        reader.feed("@nix " + json.dumps(result(2, 105, 1, expected, 0, 0)))
        seen.append(reader.progress.expected)
    assert seen == [-1, 3, 7, 2]


def test_without_builds_downloads_are_the_progress() -> None:
    reader = fed(
        start(2, 104), start(3, 103), result(2, 105, 0, 0, 0, 0), result(3, 105, 5, 9, 2, 0)
    )
    assert reader.progress == Progress("downloading", 5, 9, 0, "")


def test_a_log_line_is_given_back_once_without_colours_and_control_characters() -> None:
    reader = fed(start(4, 105, HELLO))
    line = "@nix " + json.dumps(result(4, 101, "\x1b[1;31mred\x1b[0m \x07bell\tü"))
    assert reader.feed(line) == "red \N{REPLACEMENT CHARACTER}bell\tü"
    assert reader.feed("@nix " + json.dumps(stop(4))) == ""


def test_of_a_log_the_last_lines_are_kept_for_each_derivation() -> None:
    events = [start(4, 105, HELLO), start(5, 105, SYSTEM)]
    events += [result(4, 101, f"hello {n}") for n in range(40)]
    events += [result(5, 101, "system")]
    reader = fed(*events)
    assert reader.log_of(HELLO) == [f"hello {n}" for n in range(15, 40)]
    assert reader.log_of(SYSTEM) == ["system"]
    assert reader.log_of("/nix/store/other.drv") == []


def test_only_messages_of_the_error_level_are_errors() -> None:
    reader = fed(
        {"action": "msg", "level": 3, "msg": "these 2 derivations will be built:"},
        {"action": "msg", "level": 1, "msg": "warning: x"},
        {"action": "msg", "level": 0, "msg": "\x1b[31merror:\x1b[0m no"},
        {"action": "msg", "level": 0, "msg": "shown", "raw_msg": "raw"},
    )
    assert reader.errors == [NixError("error: no"), NixError("raw")]


def test_an_error_says_its_place_when_nix_said_one() -> None:
    places: list[tuple[dict[str, Any], str]] = [
        ({"file": "/x.nix", "line": 3, "column": 4}, "/x.nix:3:4"),
        ({"file": "/x.nix:3:4", "line": 3, "column": 4}, "/x.nix:3:4"),
        ({"file": None, "line": None, "column": None}, ""),
        ({}, ""),
    ]
    for event, place in places:
        reader = fed({"action": "msg", "level": 0, "raw_msg": "no", **event})
        assert reader.errors[0].place == place


def test_what_is_no_event_is_kept_as_it_is() -> None:
    reader = fed("error: plain", "", "  ", "\x1b[31mred\x1b[0m")
    assert reader.other == ["error: plain", "red"]
    assert reader.errors == []


@pytest.mark.parametrize(
    "line",
    [
        "@nix ",
        "@nix not json",
        "@nix 5",
        "@nix []",
        "@nix null",
        '@nix {"action": "start"}',
        '@nix {"action": "start", "type": 105}',
        '@nix {"action": "start", "type": 104, "id": "x"}',
        '@nix {"action": "start", "type": 105, "id": 1, "fields": 5}',
        '@nix {"action": "result", "type": 105, "fields": ["a", "b", "c", "d"]}',
        '@nix {"action": "result", "type": 101, "fields": {}}',
        '@nix {"action": "result", "type": 101, "fields": "text"}',
        '@nix {"action": "stop"}',
        '@nix {"action": "stop", "id": []}',
        '@nix {"action": "msg", "level": 0, "raw_msg": null, "msg": 5}',
        "@nix " + "[" * 100_000,
    ],
    ids=lambda line: line[:60],
)
def test_an_event_in_no_known_form_is_no_reason_to_fall(line: str) -> None:
    reader = LogReader()
    reader.feed(line)
    assert reader.progress.expected == -1


@thoroughly
@given(st.text(max_size=30))
def test_no_text_makes_the_reader_fall(text: str) -> None:
    reader = LogReader()
    for line in (text, "@nix " + text, "@nix " + json.dumps({"action": text, "level": 0})):
        reader.feed(line)
    assert "\x1b" not in plain(text)


def test_a_store_paths_name_is_what_people_read() -> None:
    assert store_name(HELLO) == "hello-2.12"
    assert store_name(HELLO.removesuffix(".drv")) == "hello-2.12"
    assert store_name("elsewhere") == "elsewhere"


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample of a real Nix's log is not here")
def test_a_real_log_reads_as_what_happened() -> None:
    parts: dict[str, LogReader] = {}
    part = ""
    for line in SAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("# --- "):
            part = line[6]
        else:
            parts.setdefault(part, LogReader()).feed(line)
    assert parts["A"].progress.expected > 1
    assert parts["A"].errors == []
    assert "broken-pkg-1" in parts["C"].errors[0].message
    assert all("\x1b" not in error.message for reader in parts.values() for error in reader.errors)
    assert parts["D"].errors
    assert parts["E"].errors[-1].place == "/srv/example/bad2.nix:8:5"


def test_of_what_nix_says_without_end_the_last_is_kept() -> None:
    reader = LogReader()
    for number in range(300):
        reader.feed(f"line {number}")
        reader.feed("@nix " + json.dumps({"action": "msg", "level": 0, "msg": str(number)}))
    assert (len(reader.other), reader.other[-1]) == (25, "line 299")
    assert (len(reader.errors), reader.errors[-1].message) == (100, "299")
