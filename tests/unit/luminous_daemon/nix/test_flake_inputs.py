"""Inputs of a flake: locked beside the lock file, adopted whole, kept under numbers, taken back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.configuration.flake import Flake
from luminous_daemon.nix import flake_inputs as module
from luminous_daemon.nix.flake_inputs import FlakeInputs
from luminous_protocol.errors import InvalidValue, NothingToDo, UpdateFailed

if TYPE_CHECKING:
    from luminous_daemon.core.inputs import InputsUpdate
    from luminous_daemon.nix.command import Command
    from luminous_daemon.settings import Settings
    from tests.unit.luminous_daemon.nix.recorder import Recorder

UNKNOWN_FLAG = "error: unrecognised flag '--flake'"


def lock_text(**revisions: str) -> str:
    """Return a lock file: an input for each revision, one that follows, one that lies inside."""
    nodes: dict[str, Any] = {
        name: {"locked": {"rev": revision}, "original": {"type": "github"}}
        for name, revision in revisions.items()
    }
    nodes["own"] = {"locked": {"path": "./own"}, "original": {"type": "path", "path": "./own"}}
    inputs = {name: name for name in (*revisions, "own")}
    nodes["root"] = {"inputs": {**inputs, "unstable": ["nixpkgs"]}}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7})


BEFORE = lock_text(nixpkgs="1", hardware="1")
AFTER = lock_text(nixpkgs="2", hardware="1")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Give settings with a flake that has a lock file."""
    (tmp_path / "flake.nix").write_text("{ }")
    (tmp_path / "flake.lock").write_text(BEFORE)
    return replace(
        settings,
        flake=f"{tmp_path}#x",
        file=tmp_path / "luminous.nix",
        state_directory=tmp_path,
    )


@pytest.fixture
def inputs(settings: Settings) -> FlakeInputs:
    """Give the inputs of that flake."""
    flake = settings.own_flake()
    assert flake
    return FlakeInputs(settings, flake)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Give the lock file."""
    return tmp_path / "flake.lock"


def locks(recorder: Recorder, text: str) -> None:
    """Let Nix and cp work: the copy has then another text."""

    def work(command: Command) -> None:
        if command.argv[0] == "nix":
            place = command.argv[-1].removeprefix("path:")
            (Path(place) / "flake.lock").write_text(text)

    recorder.while_running = work


def fetch(inputs: FlakeInputs, *names: str) -> InputsUpdate:
    """Fetch, and return what came of it."""
    return asyncio.run(inputs.fetch(names))


def test_a_flake_that_cannot_be_read_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder, inputs: FlakeInputs, lock: Path
) -> None:
    monkeypatch.setattr(module, "_COPY_SECONDS", 0)
    recorder.is_stuck = True
    with pytest.raises(UpdateFailed, match=f"and {lock} could not be read in 0 seconds"):
        fetch(inputs)


def test_newer_inputs_are_locked_in_a_copy_as_the_owner(
    recorder: Recorder, inputs: FlakeInputs, owner: str, lock: Path
) -> None:
    locks(recorder, AFTER)
    update = fetch(inputs)
    assert update.names == ("nixpkgs",)
    assert update.paths == (update.main,)
    assert Path(update.main).read_text() == AFTER
    assert Path(update.main).stat().st_mode & 0o777 == 0o644
    assert lock.read_text() == BEFORE
    copied, locked = recorder.commands
    assert {copied.user, locked.user} == {owner}
    assert copied.kept == locked.kept == 65536
    assert copied.argv[:-1] == ("cp", "--", str(lock.with_name("flake.nix")), str(lock))
    assert locked.argv == (
        "nix",
        "--extra-experimental-features",
        "nix-command flakes",
        "--option",
        "tarball-ttl",
        "0",
        "flake",
        "update",
        "nixpkgs",
        "hardware",
        "--flake",
        f"path:{copied.argv[-1]}",
    )
    assert not Path(copied.argv[-1]).exists()


def test_an_older_nix_is_asked_in_its_own_way(recorder: Recorder, inputs: FlakeInputs) -> None:
    locks(recorder, AFTER)
    recorder.answer()
    recorder.answer("", UNKNOWN_FLAG, status=1)
    assert fetch(inputs, "nixpkgs").names == ("nixpkgs",)
    argv = recorder.argvs[-1]
    assert argv[argv.index("flake") : -1] == ("flake", "lock", "--update-input", "nixpkgs")


def test_the_same_inputs_are_nothing_to_do(recorder: Recorder, inputs: FlakeInputs) -> None:
    locks(recorder, BEFORE)
    with pytest.raises(NothingToDo, match=r"Already up to date: nixpkgs, hardware\."):
        fetch(inputs)


@pytest.mark.parametrize("name", ["home-manager", "unstable", "own"])
def test_an_input_that_cannot_be_updated_is_refused(
    recorder: Recorder, inputs: FlakeInputs, name: str
) -> None:
    with pytest.raises(InvalidValue, match=f"no input '{name}'. Known: nixpkgs, hardware"):
        fetch(inputs, name)
    assert recorder.commands == []


def test_what_nix_says_when_it_cannot_lock_is_told(recorder: Recorder, inputs: FlakeInputs) -> None:
    recorder.answer()
    recorder.answer("", "error: unable to download", status=1)
    with pytest.raises(UpdateFailed, match="unable to download"):
        fetch(inputs)


def test_a_flake_without_a_lock_file_says_what_to_run(inputs: FlakeInputs, lock: Path) -> None:
    lock.unlink()
    with pytest.raises(UpdateFailed, match="Run: nix flake lock"):
        fetch(inputs)
    assert inputs.generation() == 0
    assert inputs.path_of(0) == ""


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"nodes": {"root": {"inputs": {"a": "b"}}}}'])
def test_what_is_no_lock_file_is_left_alone(inputs: FlakeInputs, lock: Path, text: str) -> None:
    lock.write_text(text)
    with pytest.raises(UpdateFailed, match="cannot be read"):
        fetch(inputs)


def test_a_link_in_the_place_of_the_lock_file_is_left_alone(
    inputs: FlakeInputs, lock: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(BEFORE)
    lock.unlink()
    lock.symlink_to(tmp_path / "secret")
    with pytest.raises(UpdateFailed, match="is a symbolic link"):
        fetch(inputs)


def test_what_was_in_force_has_a_number_to_come_back_to(
    recorder: Recorder, inputs: FlakeInputs, lock: Path
) -> None:
    locks(recorder, AFTER)
    lock.chmod(0o640)
    update = fetch(inputs)
    assert update.before == inputs.generation() == 1
    asyncio.run(inputs.adopt(update))
    assert lock.read_text() == AFTER
    assert lock.stat().st_mode & 0o777 == 0o640
    assert inputs.generation() == 2
    asyncio.run(inputs.restore(1))
    assert lock.read_text() == BEFORE
    assert inputs.generation() == 1
    assert Path(inputs.path_of(2)).read_text() == AFTER


def test_a_fingerprint_tells_a_lock_file_by_its_bytes(
    recorder: Recorder, inputs: FlakeInputs, lock: Path
) -> None:
    locks(recorder, AFTER)
    update = fetch(inputs)
    planned = inputs.fingerprint(update.main)
    assert planned != inputs.fingerprint()
    asyncio.run(inputs.adopt(update))
    assert inputs.fingerprint() == planned
    lock.write_text(f"{AFTER}\n")
    assert inputs.fingerprint() != planned
    lock.unlink()
    assert inputs.fingerprint() == ""


def test_each_flake_has_numbers_of_its_own(settings: Settings, inputs: FlakeInputs) -> None:
    other = settings.state_directory / "other"
    other.mkdir()
    (other / "flake.lock").write_text(AFTER)
    others = FlakeInputs(settings, Flake(other, "x"))
    assert (inputs.generation(), others.generation()) == (1, 1)
    assert Path(inputs.path_of(1)).read_text() == BEFORE
    assert Path(others.path_of(1)).read_text() == AFTER
    assert (inputs.source, others.source) == (str(settings.state_directory), str(other))


def test_a_bounded_number_is_kept_and_what_is_in_force_always(
    inputs: FlakeInputs, lock: Path
) -> None:
    first = inputs.generation()
    for revision in range(30):
        lock.write_text(lock_text(nixpkgs=str(revision)))
        assert inputs.generation() == revision + 2
        lock.write_text(BEFORE)
        assert inputs.generation() == first, "as after going back"
    kept = [number for number in range(40) if inputs.path_of(number)]
    assert len(kept) == 20
    assert {first, 31} <= set(kept)


def test_a_number_that_is_no_more_cannot_be_gone_back_to(inputs: FlakeInputs, lock: Path) -> None:
    assert inputs.path_of(7) == ""
    with pytest.raises(UpdateFailed, match="there is no"):
        asyncio.run(inputs.restore(7))
    assert lock.read_text() == BEFORE
