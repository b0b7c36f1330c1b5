"""The journal on disk: what was written survives, and what was damaged is never trusted."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from luminous_daemon.core.ports import Record
from luminous_daemon.journal import DiskJournal
from tests.unit.luminous_protocol.strategies import thoroughly, words

RECORD = Record(
    id="t1",
    summary="install hello",
    words="install hello, please ☃ \u2028 \u0085 \x0c",
    uid=1000,
    user="alice",
    started=5,
    changes=({"kind": "add-package", "package": "hello"},),
    inverse=({"kind": "remove-package", "package": "hello"},),
)
DONE = replace(RECORD, finished=9, state="done", generation=3, made=3, message="It runs.")
STEPS = [("write", {"before": "a\u2028\u0085b", "after": "c\nd"}), ("test", {"toplevel": "/x"})]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the place of a journal that is not there yet."""
    return tmp_path / "journal.jsonl"


def begun(file: Path) -> DiskJournal:
    """Return a journal in which one transaction has taken two steps."""
    journal = DiskJournal(file)
    journal.begin(RECORD)
    for step, data in STEPS:
        journal.step("t1", step, data)
    return journal


def test_an_unfinished_transaction_is_found_again_with_its_steps(file: Path) -> None:
    begun(file)
    journal = DiskJournal(file)
    assert journal.unfinished() == [(RECORD, STEPS)]
    assert journal.damaged == 0


def test_a_finished_transaction_is_history(file: Path) -> None:
    begun(file).finish(DONE)
    for journal in (DiskJournal(file), DiskJournal(file)):
        assert journal.unfinished() == []
        assert journal.find("t1") == DONE
        assert journal.find("t2") is None


def test_the_newest_records_come_first(file: Path) -> None:
    journal = DiskJournal(file)
    for number in range(5):
        journal.begin(replace(RECORD, id=f"t{number}"))
    journal.finish(replace(DONE, id="t1"))
    for found in (journal, DiskJournal(file)):
        assert [record.id for record in found.records(3)] == ["t4", "t3", "t2"]
        assert [record.id for record in found.records(50)] == ["t4", "t3", "t2", "t1", "t0"]
        assert found.records(0) == []


def test_a_torn_last_line_is_left_out_and_spoils_nothing_after_it(file: Path) -> None:
    begun(file)
    with file.open("a") as opened:
        opened.write('{"version": 1, "event": "step", "id": "t1", "st')
    journal = DiskJournal(file)
    assert journal.damaged == 1
    assert journal.unfinished() == [(RECORD, STEPS)]
    journal.begin(replace(RECORD, id="t2"))
    again = DiskJournal(file)
    assert [record.id for record, _ in again.unfinished()] == ["t1", "t2"]


@pytest.mark.parametrize("length", range(1, 40, 7))
def test_wherever_the_last_line_is_torn_the_rest_is_read(file: Path, length: int) -> None:
    begun(file)
    whole = file.read_bytes()
    file.write_bytes(whole[:-length])
    journal = DiskJournal(file)
    assert journal.unfinished()[0][1] == STEPS[: 2 if length == 1 else 1]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "garbage",
        "[]",
        "5",
        "null",
        "{}",
        '{"event": "begin"}',
        '{"event": "begin", "id": "x"}',
        (
            '{"event": "begin", "id": ["x"], "summary": "", "words": "", "uid": 0, "user": "", '
            '"started": 0, "changes": []}'
        ),
        (
            '{"event": "begin", "id": "x", "summary": "", "words": "", "uid": "root", "user": "", '
            '"started": 0, "changes": 5}'
        ),
        '{"event": "step", "id": "t1"}',
        '{"event": "step", "id": "t1", "step": "write", "data": "text"}',
        '{"event": "step", "id": {}, "step": "write", "data": {}}',
        "\x00\x00\x00",
        "[" * 100_000,
    ],
    ids=lambda line: ascii(line[:24]),
)
def test_a_damaged_line_is_set_aside(file: Path, line: str) -> None:
    begun(file)
    lines = file.read_text().split("\n")
    file.write_text("\n".join([lines[0], line, *lines[1:]]))
    journal = DiskJournal(file)
    assert journal.damaged == (1 if line else 0)
    assert journal.unfinished() == [(RECORD, STEPS)]
    assert len(journal.records(50)) == 1


def test_bytes_that_are_no_text_are_set_aside(file: Path) -> None:
    begun(file)
    file.write_bytes(b"\xff\xfe\n" + file.read_bytes())
    assert DiskJournal(file).unfinished() == [(RECORD, STEPS)]


def test_a_record_of_a_later_version_is_read_as_far_as_it_is_known(file: Path) -> None:
    DiskJournal(file).begin(RECORD)
    entry = json.loads(file.read_text())
    file.write_text(json.dumps(entry | {"version": 9, "mood": "fine"}) + "\n")
    assert DiskJournal(file).find("t1") == RECORD


def test_only_root_can_read_it(file: Path) -> None:
    begun(file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_every_entry_is_on_disk_before_the_step_is_taken(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        synced.append(file.read_text().count("\n"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", note)
    begun(file)
    assert synced == [1, 1, 2, 3], "the new file's name is synced too"


def test_a_full_disk_is_an_error_and_leaves_what_was_there(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(file)
    write = os.write

    def half(handle: int, data: bytes) -> int:
        """Write some of it, as a disk does that is nearly full, then nothing."""
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data[:-19])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="No space left"):
        journal.finish(DONE)
    monkeypatch.undo()
    assert journal.unfinished()
    assert DiskJournal(file).unfinished() == [(RECORD, STEPS)]
    journal.finish(DONE)
    assert DiskJournal(file).find("t1") == DONE, "there is space again"


@thoroughly
@given(words, words)
def test_any_text_survives(said: str, text: str) -> None:
    record = replace(RECORD, words=said)
    with TemporaryDirectory() as directory:
        file = Path(directory) / "journal.jsonl"
        journal = DiskJournal(file)
        journal.begin(record)
        journal.step("t1", "write", {"before": text})
        assert DiskJournal(file).unfinished() == [(record, [("write", {"before": text})])]
