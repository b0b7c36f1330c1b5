"""The audit record on disk: it only grows, is whole or says where it is not, and is private."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.audit import DiskAudit
from luminous_daemon.core.auditing import Verification
from luminous_protocol.errors import StorageFailed

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_763_686_400


def asked(identifier: str = "t1", uid: int = 1000) -> dict[str, Any]:
    """Return an entry that asks for something."""
    return {
        "event": "asked",
        "transaction": identifier,
        "plan": "digest",
        "uid": uid,
        "user": "alice",
        "summary": "install hello",
    }


def ended(identifier: str = "t1", uid: int = 1000) -> dict[str, Any]:
    """Return an entry that ends it."""
    return {
        "event": "ended",
        "transaction": identifier,
        "plan": "digest",
        "uid": uid,
        "user": "alice",
        "state": "done",
        "error": "",
        "message": "It runs.",
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the place of a record that is not there yet."""
    return tmp_path / "audit.jsonl"


def opened(file: Path) -> DiskAudit:
    """Open the record, as a daemon does at its start."""
    return DiskAudit(file, lambda: NOW)


def verified(audit: DiskAudit) -> Verification:
    """Check the record."""
    return asyncio.run(audit.verify())


def events(audit: DiskAudit, limit: int = 50, uid: int | None = None) -> list[tuple[str, str]]:
    """Return what is on record, newest first."""
    found = asyncio.run(audit.entries(limit, uid))
    return [(entry["event"], entry.get("transaction", "")) for entry in found]


def fill(monkeypatch: pytest.MonkeyPatch, *, left: int, can_cut: bool = True) -> None:
    """Leave room for so many bytes on the disk."""
    write = os.write

    def scarce(handle: int, data: bytes) -> int:
        nonlocal left
        if left <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = data[:left]
        left -= len(part)
        return write(handle, part)

    def never(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "write", scarce)
    if not can_cut:
        monkeypatch.setattr(os, "ftruncate", never)


def test_what_was_recorded_is_there_for_every_later_daemon_in_one_chain(file: Path) -> None:
    for number in range(3):
        audit = opened(file)
        audit.record(asked(f"t{number}"))
        audit.record_late(ended(f"t{number}"))
    found = verified(opened(file))
    assert (found.entries, found.since, found.problem) == (6, NOW, "")
    assert events(opened(file), 2) == [("ended", "t2"), ("asked", "t2")]
    assert verified(opened(file.with_name("none"))) == Verification(0, 0, "0" * 64)


def test_only_root_can_read_it(file: Path) -> None:
    opened(file).record(asked())
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_entry_is_on_disk_before_anything_goes_on(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        synced.append(file.read_text().count("\n"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    audit = opened(file)
    audit.record(asked())
    audit.record(ended())
    assert synced == [1, 1, 2], "the new file's name is synced too"


def test_everybody_has_entries_of_her_own(file: Path) -> None:
    audit = opened(file)
    audit.record(asked("t1", 1000))
    audit.record(asked("t2", 1001))
    managed = {"deed": "cancel", "owner": 1000, "action": "x", "decision": "allowed"}
    audit.record({**asked("t1", 1001), "event": "managed", **managed})
    assert events(audit, uid=1000) == [("managed", "t1"), ("asked", "t1")]
    assert events(audit, uid=1001) == [("managed", "t1"), ("asked", "t2")]
    assert events(audit, uid=1002) == []
    assert len(events(audit)) == 3
    assert events(audit, 0) == []


@pytest.mark.parametrize("left", [0, 1, 40])
def test_on_a_full_disk_what_is_asked_for_is_refused_by_name_and_nothing_is_half_there(
    file: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    audit = opened(file)
    audit.record(asked())
    before = file.read_bytes()
    with monkeypatch.context() as patched:
        fill(patched, left=left)
        with pytest.raises(StorageFailed, match="No space left on device") as caught:
            audit.record(asked("t2"))
    assert caught.value.message.endswith("Nothing was changed.")
    assert file.read_bytes() == before
    audit.record(asked("t3"))
    assert verified(audit).problem == verified(opened(file)).problem == ""
    assert events(audit) == [("asked", "t3"), ("asked", "t1")]


def test_an_end_that_cannot_be_written_is_logged_and_written_at_the_next_chance(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    audit = opened(file)
    audit.record(asked())
    with monkeypatch.context() as patched:
        fill(patched, left=10)
        audit.record_late(ended())
    assert "the audit record cannot be written" in caplog.text
    assert [entry["transaction"] for entry in audit.unended()] == ["t1"]
    audit.record(asked("t2"))
    assert events(audit) == [("asked", "t2"), ("ended", "t1"), ("asked", "t1")]
    assert asyncio.run(audit.entries(2, None))[1]["late"] is True
    assert [entry["transaction"] for entry in audit.unended()] == ["t2"]
    audit.record(ended("t2"))
    assert len(events(audit)) == 4, "and only once"


@pytest.mark.parametrize("left", [1, 30, 90])
def test_what_is_half_written_where_nothing_can_be_cut_off_is_told_of(
    file: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    audit = opened(file)
    audit.record(asked())
    for _ in range(2):
        with monkeypatch.context() as patched:
            fill(patched, left=left, can_cut=False)
            with pytest.raises(StorageFailed):
                audit.record(asked("t2"))
    audit.record(asked("t3"))
    found = verified(audit)
    assert (found.problem, found.repaired, found.entries) == ("", 1, 3)
    assert verified(opened(file)) == found


@pytest.mark.parametrize("length", [1, 2, 30, 150])
def test_a_last_line_that_a_crash_cut_off_stays_and_is_told_of(file: Path, length: int) -> None:
    audit = opened(file)
    for number in range(3):
        audit.record(asked(f"t{number}"))
    whole = file.read_bytes()
    file.write_bytes(whole[:-length])
    again = opened(file)
    again.record(asked("t9"))
    found = verified(again)
    assert found.problem == ""
    assert found.repaired == (0 if length == 1 else 1), "only the end of the line is missing"
    assert file.read_bytes().startswith(whole[:-length])
    assert verified(opened(file)) == found


def test_a_newest_entry_that_was_spoilt_is_not_taken_for_one_that_was_cut_off(file: Path) -> None:
    audit = opened(file)
    audit.record(asked("t1"))
    audit.record(asked("t2"))
    file.write_bytes(file.read_bytes().replace(b'"transaction":"t2"', b'"transaction":"t2'))
    again = opened(file)
    again.record(asked("t3"))
    assert verified(again).problem == "What follows entry 1 is damaged."


def test_what_is_cut_off_or_taken_away_under_a_running_daemon_shows(file: Path) -> None:
    audit = opened(file)
    for number in range(3):
        audit.record(asked(f"t{number}"))
    whole = file.read_bytes()
    file.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    assert verified(audit).problem == "Entry 3 was the newest, and the file ends with entry 2."
    audit.record(asked("t4"))
    assert verified(audit).problem == "Entry 3 is missing."
    file.unlink()
    assert "the file ends with entry 0" in verified(audit).problem
    audit.record(asked("t5"))
    assert verified(audit).problem == "Entries 1 to 4 are missing."


def test_a_record_that_is_no_file_keeps_no_daemon_from_starting_and_lets_nothing_pass(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.mkdir()
    audit = opened(file)
    assert "cannot be read" in caplog.text
    with pytest.raises(StorageFailed):
        audit.record(asked())


def test_a_link_in_its_place_is_not_followed(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine\n")
    file.symlink_to(other)
    with pytest.raises(StorageFailed):
        opened(file).record(asked())
    assert other.read_text() == "mine\n"


def test_what_has_no_end_is_found_again_after_a_crash(file: Path) -> None:
    audit = opened(file)
    for number in range(3):
        audit.record(asked(f"t{number}"))
    audit.record(ended("t1"))
    audit.record({**ended("t0"), "event": "recovered"})
    assert [entry["transaction"] for entry in opened(file).unended()] == ["t2"]


def test_each_entry_is_logged_with_its_fields_and_its_hash(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    audit = opened(file)
    audit.record(asked())
    audit.record(ended())
    first, second = caplog.records
    fields = {name: getattr(second, f"LUMINOUS_{name}") for name in ("TRANSACTION", "PLAN")}
    assert fields == {"TRANSACTION": "t1", "PLAN": "digest"}
    assert second.__dict__["LUMINOUS_CALLER_UID"] == "1000"
    assert second.__dict__["LUMINOUS_AUDIT"] == f"2 {verified(audit).last}"
    assert verified(audit).last in second.getMessage()
    assert first.getMessage().startswith("transaction t1: alice asks to install hello")


def test_a_long_record_is_read_block_by_block_and_lets_others_have_their_turn(file: Path) -> None:
    audit = opened(file)
    for number in range(1500):
        audit.record(asked(f"t{number}"))

    async def steps() -> int:
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        busy = asyncio.ensure_future(others())
        assert (await audit.verify()).entries == 1500
        busy.cancel()
        return turns

    assert asyncio.run(steps()) >= 4
    assert len(events(audit, 1000)) == 1000
