"""References in the store and directories that grow: whole commands, and what is made of them."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.explaining.sights import Requisite
from luminous_daemon.nix import references, usage
from luminous_daemon.nix.references import StoreReferences
from luminous_daemon.nix.usage import DiskUsage

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.nix.recorder import Recorder

A, B = (f"/nix/store/{letter * 32}-x" for letter in "ab")


@pytest.fixture(autouse=True)
def _seams(recorder: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(references, "run", recorder.run)
    monkeypatch.setattr(usage, "run", recorder.run)


@pytest.mark.parametrize(
    "answer",
    [
        [
            {"path": A, "narSize": 5, "references": [B, A]},
            {"path": B, "narSize": 7, "references": []},
        ],
        {A: {"narSize": 5, "references": [B, A]}, B: {"narSize": 7, "references": []}},
        {
            A.removeprefix("/nix/store/"): {
                "narSize": 5,
                "references": [path.removeprefix("/nix/store/") for path in (B, A)],
            },
            B.removeprefix("/nix/store/"): {"narSize": 7, "references": []},
        },
    ],
)
def test_a_closure_is_read_in_each_form_that_nix_gives_it(
    recorder: Recorder, answer: object
) -> None:
    recorder.answer(json.dumps(answer))
    found = asyncio.run(StoreReferences().closure(A))
    assert found == {A: Requisite(5, (B, A)), B: Requisite(7)}
    assert recorder.commands[0].argv[3:] == ("path-info", "--recursive", "--json", A)


def test_a_path_that_nix_does_not_know_has_no_closure(recorder: Recorder) -> None:
    recorder.answer("", "error: path is not valid", status=1)
    assert asyncio.run(StoreReferences().closure(A)) == {}
    assert asyncio.run(StoreReferences().closure("")) == {}
    recorder.answer(f"{A}\t 5\n{B}\t 7\n")
    assert asyncio.run(StoreReferences().total()) == 12
    recorder.answer(status=1)
    assert asyncio.run(StoreReferences().total()) == -1


def test_what_takes_too_long_stays_unknown(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("lib", "lib/big", "spool"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(usage, "_VAR", str(tmp_path))
    monkeypatch.setattr(usage, "_OPENED", (str(tmp_path / "lib"),))
    monkeypatch.setattr(usage, "_SECONDS", 0.05)
    monkeypatch.setattr(usage, "_homes", list)
    recorder.is_stuck = True
    found = asyncio.run(DiskUsage().folders())
    assert [(Path(item.path).name, item.size) for item in found] == [("big", -1), ("spool", -1)]


def test_directories_are_counted_without_what_is_mounted_in_them(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "spool").mkdir()
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"1 2 0:3 / {tmp_path}/spool/a\\040* rw - tmpfs x rw\n1 2 0:3 / / rw - t x r\n"
    )
    monkeypatch.setattr(usage, "_VAR", str(tmp_path))
    monkeypatch.setattr(usage, "_MOUNTS", mounts)
    monkeypatch.setattr(usage, "_homes", list)
    recorder.answer(f"4096\t{tmp_path}/spool\n")
    (found,) = asyncio.run(DiskUsage().folders())
    assert found.size == 4096
    (command,) = recorder.commands
    assert command.argv == (
        *("du", "--summarize", "--block-size=1"),
        *(f"--exclude={tmp_path}/spool/a \\*", "--", f"{tmp_path}/spool"),
    )
    assert command.niceness > 0


def test_names_that_not_everybody_may_read_are_not_told(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    closed = tmp_path / "lib"
    (closed / "private").mkdir(parents=True)
    closed.chmod(0o700)
    monkeypatch.setattr(usage, "_VAR", str(tmp_path))
    monkeypatch.setattr(usage, "_OPENED", (str(closed),))
    monkeypatch.setattr(usage, "_homes", list)
    recorder.answer("5\t.\n")
    assert [item.path for item in asyncio.run(DiskUsage().folders())] == [str(closed)]


def test_two_places_in_one_file_system_are_one(tmp_path: Path) -> None:
    (found,) = DiskUsage().fullness([str(tmp_path), str(tmp_path.parent), "/no/such/place"])
    status = os.statvfs(tmp_path)
    assert (found.path, found.size) == (str(tmp_path), status.f_blocks * status.f_frsize)
