"""Damaged state: flipped bits, holes and rubbish in what the daemon keeps are noticed, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.operations import carry_out, toggle
from tests.faults.tally import injected
from tests.integration.machine_state import state_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.doomed import Doomed

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the module's machine owns the daemon that is started again"),
    pytest.mark.xdist_group("damaged state"),
]
GROUP = "damaged state"
FLIPS = 24
RUBBISH: dict[str, Callable[[bytes], bytes]] = {
    "bytes that are no text": lambda own: b"\xff\xfe\x00garbage\n" + own,
    "lines that are no entries": lambda own: b"[]\n{}\nnull\n7\n" + own + b'{"event": "step"}\n',
    "a hole in the middle": lambda own: own[:200] + bytes(300) + own[500:],
    "a hole at the end": lambda own: own[:-300] + bytes(300),
    "an end that is missing": lambda own: own[:-300],
    "nothing at all": lambda _: b"",
    "nothing but rubbish": lambda own: bytes(byte ^ 0x5A for byte in own),
}

CUT_SHORT = {"nothing at all", "an end that is missing", "a hole at the end"}
"""What looks as a power cut does, and is no damage to tell of."""


def history(machine: Doomed) -> list[tuple[str, str, str]]:
    """Return what is told of the past, newest first."""
    found = machine.alice.system("ListTransactions", "a{sv}", {})
    return [(item["id"], item["state"], item["message"]) for item in found]


def restart_with(machine: Doomed, journal: Path, content: bytes) -> None:
    """Let the daemon find another journal at its start."""
    assert machine.sandbox.stop_daemon() == 0
    journal.write_bytes(content)
    machine.start()


def check_noticed(machine: Doomed, journal: Path, whole: list[tuple[str, str, str]]) -> None:
    """Check that nothing damaged is believed, that it is told, and that it was set aside."""
    told = {item[0]: item for item in history(machine)}
    newest = whole[0]
    assert all(told.get(item[0], item) == item for item in whole[1:])
    assert told.get(newest[0], newest)[1] == "done", "its end may be said in other words"
    status = machine.alice.system("Status")
    copies = sorted(journal.parent.glob("journal.jsonl.damaged-*"))
    assert str(machine.sandbox.inside(copies[-1])) in status["journal-problem"]
    assert "Journal" in machine.sandbox.run(["ask-nix", "status"]).stdout
    for copy in copies:
        copy.unlink()
    assert machine.alice.system("Status")["journal-problem"] == ""


@pytest.fixture
def journal(machine: Doomed) -> Path:
    """Give the journal of a machine on which some changes were made."""
    return machine.sandbox.path("/var/lib/luminous/journal.jsonl")


@pytest.mark.parametrize("part", range(FLIPS))
def test_a_flipped_bit_in_the_journal_costs_at_most_the_entry_that_it_is_in(
    machine: Doomed, journal: Path, part: int
) -> None:
    with injected(GROUP, f"flip {part}"):
        own, whole, before = journal.read_bytes(), history(machine), state_of(machine.sandbox)
        at = (len(own) - 2) * part // (FLIPS - 1)
        flipped = bytearray(own)
        flipped[at] ^= 1 << (part % 8)
        restart_with(machine, journal, bytes(flipped))
        check_noticed(machine, journal, whole)
        assert len(history(machine)) >= len(whole) - 1
        assert state_of(machine.sandbox) == before
        restart_with(machine, journal, own)
        assert history(machine) == whole


@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_in_the_journal_keeps_no_daemon_from_its_work(
    machine: Doomed, journal: Path, kind: str
) -> None:
    with injected(GROUP, kind):
        toggle(machine)
        own, whole = journal.read_bytes(), history(machine)
        restart_with(machine, journal, RUBBISH[kind](own))
        if kind not in CUT_SHORT:
            check_noticed(machine, journal, whole)
        toggle(machine)


def test_files_that_a_killed_daemon_left_lying_are_removed(machine: Doomed) -> None:
    with injected(GROUP, "leftovers"):
        names = (
            "/run/luminous/candidate-x.nix",
            "/run/luminous/activation-x",
            "/etc/nixos/.luminous-write-x",
            "/var/lib/luminous/journal.jsonl.new",
        )
        left = [machine.sandbox.path(name) for name in names]
        machine.sandbox.kill_daemon()
        for path in left:
            path.write_text("half a")
        machine.start()
        assert machine.alice.system("Status")["busy"] is False
        assert not any(path.exists() for path in left)
        carry_out(machine, {"kind": "set-option", "option": "boot.loader.timeout", "value": 3})


def test_a_directory_with_a_leftovers_name_keeps_no_daemon_from_its_start(machine: Doomed) -> None:
    with injected(GROUP, "a directory in the way"):
        machine.sandbox.run(["mkdir", "/etc/nixos/.luminous-write-x"], user="alice")
        machine.sandbox.kill_daemon()
        machine.start()
        assert machine.alice.system("Status")["busy"] is False
        left = machine.sandbox.path("/etc/nixos/.luminous-write-x")
        assert left.is_dir()
        left.rmdir()
