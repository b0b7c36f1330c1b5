"""The journal on disk: what was written survives, and what was damaged is never trusted."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict, replace
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from luminous_daemon.core.records import DAMAGED_STEP, Record
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
DONE = replace(
    RECORD, is_mending=True, finished=9, state="done", generation=3, made=3, message="It runs."
)
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
    assert journal.damaged == 0, "it is of an entry that never was"
    assert journal.unfinished() == [(RECORD, STEPS)]
    journal.finish(DONE)
    again = DiskJournal(file)
    assert (again.damaged, again.find("t1")) == (0, DONE)


def test_half_a_line_that_nobody_can_take_away_spoils_nothing_after_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(file)
    with file.open("a") as opened:
        opened.write('{"version": 2, "event": "st')

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "truncate", refuse)
    DiskJournal(file).finish(DONE)
    again = DiskJournal(file)
    assert (again.damaged, again.find("t1")) == (1, DONE)


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
    doubt: list[tuple[str, dict[str, str]]] = [(DAMAGED_STEP, {})] if line else []
    assert journal.unfinished() == [(RECORD, doubt + STEPS)], "it may have been a step of this"
    assert len(journal.records(50)) == 1


def test_bytes_that_are_no_text_are_set_aside(file: Path) -> None:
    begun(file)
    file.write_bytes(b"\xff\xfe\n" + file.read_bytes())
    assert DiskJournal(file).unfinished() == [(RECORD, STEPS)]


def with_checksum(entry: dict[str, object]) -> str:
    """Return a line as the format says it, written out here a second time."""
    text = json.dumps(entry, ensure_ascii=False)
    checksum = blake2b(text.encode(), digest_size=8).hexdigest()
    return json.dumps({**entry, "checksum": checksum}, ensure_ascii=False) + "\n"


def test_a_record_of_a_later_version_is_read_as_far_as_it_is_known(file: Path) -> None:
    entry = {"version": 9, "event": "begin", **asdict(RECORD), "mood": "fine"}
    file.write_text(with_checksum(entry))
    assert DiskJournal(file).find("t1") == RECORD


def test_a_journal_of_the_first_version_which_had_no_checksums_is_read(file: Path) -> None:
    entries = [
        {"version": 1, "event": "begin", **asdict(RECORD)},
        *(
            {"version": 1, "event": "step", "id": "t1", "step": step, "data": data}
            for step, data in STEPS
        ),
    ]
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    journal = DiskJournal(file)
    assert (journal.damaged, journal.unfinished()) == (0, [(RECORD, STEPS)])
    journal.finish(DONE)
    assert DiskJournal(file).find("t1") == DONE


def test_a_line_that_says_it_is_new_needs_its_checksum(file: Path) -> None:
    file.write_text(json.dumps({"version": 2, "event": "begin", **asdict(RECORD)}) + "\n")
    assert (DiskJournal(file).damaged, DiskJournal(file).records(9)) == (1, [])


def test_a_flipped_bit_anywhere_is_noticed_and_no_other_entry_is_lost(file: Path) -> None:
    journal = begun(file)
    journal.finish(DONE)
    other = replace(DONE, id="t2", words="another")
    journal.begin(replace(other, finished=0))
    journal.finish(other)
    whole = file.read_bytes()
    ends = [at for at, byte in enumerate(whole) if byte == ord("\n")]
    for at in range(0, len(whole), 3):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << (at % 8)
        file.write_bytes(bytes(flipped))
        damaged = DiskJournal(file)
        assert damaged.damaged or at == ends[-1], at
        assert all(found in [DONE, other] for found in damaged.records(9) if found.finished), at
        first_is_damaged = at <= ends[3]
        assert damaged.find("t2") == other if first_is_damaged else damaged.find("t1") == DONE, at


def test_only_the_newest_transaction_can_have_been_cut_short(file: Path) -> None:
    journal = begun(file)
    journal.finish(DONE)
    journal.begin(replace(RECORD, id="t2"))
    journal.step("t2", "write", {"before": "x"})
    lines = [f"{line}\n" for line in file.read_text().split("\n")[:-1]]
    file.write_text("".join([*lines[:3], "damaged\n", *lines[4:]]))
    (first, lost), (second, steps) = DiskJournal(file).unfinished()
    assert (first.id, lost) == ("t1", [(DAMAGED_STEP, {})]), "its steps are not to be taken back"
    assert (second.id, steps) == ("t2", [("write", {"before": "x"})])


def test_steps_whose_beginning_is_damaged_are_still_taken_back(file: Path) -> None:
    begun(file)
    lines = [f"{line}\n" for line in file.read_text().split("\n")[:-1]]
    file.write_text("".join(["damaged\n", *lines[1:]]))
    ((record, steps),) = DiskJournal(file).unfinished()
    assert record.id == "t1"
    assert "damaged" in record.summary
    assert steps == [(DAMAGED_STEP, {}), *STEPS]


def test_a_damaged_file_is_set_aside_once_and_said_until_somebody_deletes_it(file: Path) -> None:
    begun(file).finish(DONE)
    as_it_was = b"damaged\n" + file.read_bytes()
    file.write_bytes(as_it_was)
    journal = DiskJournal(file)
    assert "are damaged" in journal.problem()
    journal.tidy()
    (copy,) = file.parent.glob("journal.jsonl.damaged-*")
    assert copy.read_bytes() == as_it_was
    assert copy.stat().st_mode & 0o777 == 0o600
    for later in (journal, DiskJournal(file)):
        later.tidy()
        assert str(copy) in later.problem()
        assert (later.damaged, later.find("t1")) == (0, DONE)
    assert sorted(file.parent.iterdir()) == [file, copy]
    copy.unlink()
    assert later.problem() == ""


def test_few_damaged_files_are_kept(file: Path) -> None:
    for number in range(6):
        file.write_bytes(f"damage {number}\n".encode())
        DiskJournal(file).tidy()
    copies = sorted(file.parent.glob("journal.jsonl.damaged-*"))
    assert [copy.read_text() for copy in copies] == ["damage 3\n", "damage 4\n", "damage 5\n"]


def test_a_journal_does_not_grow_for_ever_and_keeps_what_history_needs(file: Path) -> None:
    journal = DiskJournal(file, largest=40_000)
    for number in range(60):
        record = replace(RECORD, id=f"t{number}")
        journal.begin(record)
        journal.step(record.id, "write", {"before": "x" * 2000})
        journal.finish(replace(DONE, id=record.id))
    newest = journal.records(20)
    journal.begin(replace(RECORD, id="unfinished"))
    journal.step("unfinished", "test", {"toplevel": "/x"})
    again = DiskJournal(file, largest=40_000)
    again.tidy()
    assert file.stat().st_size < 25_000
    once_more = DiskJournal(file, largest=40_000)
    assert once_more.records(21)[1:] == newest
    assert [steps for _, steps in once_more.unfinished()] == [[("test", {"toplevel": "/x"})]]
    assert list(file.parent.iterdir()) == [file]


def test_what_a_tidying_that_was_cut_off_left_is_removed(file: Path) -> None:
    begun(file).finish(DONE)
    left = file.with_name("journal.jsonl.new")
    left.write_text("half")
    DiskJournal(file).tidy()
    assert not left.exists()
    assert DiskJournal(file).find("t1") == DONE


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
    assert journal.find("t1") == DONE, "that is what happened"
    assert DiskJournal(file).unfinished() == [(RECORD, STEPS)]
    journal.begin(replace(RECORD, id="t2"))
    again = DiskJournal(file)
    assert (again.find("t1"), again.damaged) == (DONE, 0), "written first when there is space again"


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
