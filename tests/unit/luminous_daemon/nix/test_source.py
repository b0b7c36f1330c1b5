"""What is evaluated of a flake: the question, the files laid over, the answer believed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.core.edits import Candidate, FileEdit
from luminous_daemon.core.facts import Query
from luminous_daemon.nix.builder import builder_of, flake_environment
from luminous_daemon.nix.evaluate import NixEvaluator
from luminous_daemon.nix.source import FlakeSource
from luminous_protocol.errors import EvaluationFailed

if TYPE_CHECKING:
    from luminous_daemon.nix.command import Command
    from luminous_daemon.settings import Settings
    from tests.unit.luminous_daemon.nix.recorder import Recorder

COPY = f"/nix/store/{'a' * 32}-source"
SYSTEM: dict[str, Any] = {
    "derivation": "/nix/store/a.drv",
    "toplevel": "/nix/store/a",
    "packages": [],
    "units": {},
    "boot": {},
    "imported": [],
}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Give settings with a flake that lies in no repository."""
    for name in ("flake.nix", "luminous.nix"):
        (tmp_path / name).write_text("{ }")
    return replace(settings, flake=f"{tmp_path}#x", file=tmp_path / "luminous.nix")


@pytest.fixture
def source(settings: Settings) -> FlakeSource:
    """Give the source that evaluates it."""
    flake = settings.own_flake()
    assert flake
    return FlakeSource(settings, flake)


def digest(text: str) -> str:
    """Return what `hashFile` says of a file with this text."""
    return sha256(text.encode()).hexdigest()


def test_a_flake_is_named_in_the_question_and_allowed_by_the_arguments(
    recorder: Recorder, settings: Settings, owner: str, tmp_path: Path
) -> None:
    answer = {"answer": SYSTEM, "source": COPY, "seen": [digest("new"), digest("lock")]}
    recorder.answer(json.dumps(answer))
    lock = tmp_path / "candidate.lock"
    lock.write_text("lock")
    laid: list[tuple[str, str]] = []

    def look(command: Command) -> None:
        laid.extend((str(item.file), item.candidate.read_text()) for item in command.replacements)

    recorder.while_running = look
    edit = FileEdit(str(settings.file), "old", "new", "")
    asyncio.run(NixEvaluator(settings).evaluate(Candidate(edit, str(lock))))
    (command,) = recorder.commands
    assert command.user == owner
    assert laid == [(str(settings.file), "new"), (str(tmp_path / "flake.lock"), "lock")]
    assert command.argv[7:-4] == (
        "--extra-experimental-features",
        "nix-command flakes",
        "--option",
        "allow-dirty",
        "true",
        "--option",
        "warn-dirty",
        "false",
    )
    assert json.loads(command.argv[-1])["flake"] == {
        "url": f"path:{tmp_path}",
        "name": "x",
        "seen": ["luminous.nix", "flake.lock"],
    }


@pytest.mark.parametrize("seen", ["", digest("old")])
def test_an_answer_about_another_file_than_the_candidates_is_not_believed(
    recorder: Recorder, settings: Settings, seen: str
) -> None:
    recorder.answer(json.dumps({"answer": SYSTEM, "source": COPY, "seen": [seen]}))
    edit = FileEdit(str(settings.file), "old", "new", "")
    with pytest.raises(EvaluationFailed, match="because git hides it"):
        asyncio.run(NixEvaluator(settings).evaluate(Candidate(edit)))


def test_places_in_the_flakes_copy_are_those_that_people_know(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    other = f"/nix/store/{'b' * 32}-source/nixos/x.nix"
    vim = {"availability": "available", "files": [f"{COPY}/a/b.nix", other, f"{COPY}x/c.nix"]}
    answer = {"packages": [vim], "options": {}, "imported": []}
    recorder.answer(json.dumps({"answer": answer, "source": COPY, "seen": []}))
    facts = asyncio.run(NixEvaluator(settings).look_up(Query(("vim",), {})))
    assert facts.packages["vim"].files == (f"{tmp_path}/a/b.nix", other, f"{COPY}x/c.nix")


def explained(source: FlakeSource, error: EvaluationFailed, copy: str = COPY) -> EvaluationFailed:
    """Return what a source makes of an error, where Nix has the flake in `copy`."""

    async def ask() -> dict[str, str]:
        if not copy:
            raise EvaluationFailed("flake.nix cannot be read")
        return {"source": copy}

    return asyncio.run(source.explain(error, ask))


def test_an_error_in_the_flakes_copy_is_named_where_people_have_it(
    source: FlakeSource, tmp_path: Path
) -> None:
    other = f"/nix/store/{'b' * 32}-source/web.nix"
    text = f"no ({COPY}/a.nix:1:2), nor {other}"
    failed = EvaluationFailed(text, {"place": f"{COPY}/a.nix:1:2", "log": [text]})
    error = explained(source, failed)
    told = f"no ({tmp_path}/a.nix:1:2), nor {other}"
    assert error.message == told
    assert error.details == {"place": f"{tmp_path}/a.nix:1:2", "log": [told]}


def test_an_error_stays_as_it_is_where_nix_cannot_say_what_it_has_copied(
    source: FlakeSource,
) -> None:
    failed = EvaluationFailed(f"no ({COPY}/flake.nix:1:2)")
    assert explained(source, failed, copy="") is failed


def test_nix_is_not_asked_about_an_error_that_names_no_copy(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer("", "error: no", status=1)
    with pytest.raises(EvaluationFailed, match="no"):
        asyncio.run(NixEvaluator(settings).evaluate(Candidate()))
    assert len(recorder.commands) == 1


def test_where_the_flakes_copy_is_nix_is_asked_with_the_same_files(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    recorder.answer("", f"error: at {COPY}/a.nix:1:2", status=1)
    recorder.answer(json.dumps({"answer": COPY, "source": COPY, "seen": []}))
    edit = FileEdit(str(settings.file), "old", "new", "")
    with pytest.raises(EvaluationFailed, match=f"at {tmp_path}/a.nix:1:2"):
        asyncio.run(NixEvaluator(settings).evaluate(Candidate(edit)))
    first, second = recorder.commands
    assert first.replacements == second.replacements
    assert json.loads(second.argv[-1])["mode"] == "source"


def test_a_file_that_git_does_not_know_is_named_and_how_to_make_it_known(
    recorder: Recorder, source: FlakeSource, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    missing = EvaluationFailed(f"path '{COPY}/web.nix' does not exist")
    recorder.answer("web.nix\0")
    assert (
        f"needs {tmp_path}/web.nix, which git does not know" in explained(source, missing).message
    )
    assert recorder.argvs[0][-2:] == ("--", "web.nix")
    gone = EvaluationFailed(f"path '{COPY}/gone.nix' does not exist")
    assert explained(source, gone).message == f"path '{tmp_path}/gone.nix' does not exist"


@pytest.mark.parametrize("name", ["../../etc/shadow", "a/../../b", "luminous.nix", "x" * 5000])
def test_git_is_not_asked_about_what_cannot_be_a_file_of_the_repository(
    recorder: Recorder, source: FlakeSource, tmp_path: Path, name: str
) -> None:
    (tmp_path / ".git").mkdir()
    explained(source, EvaluationFailed(f"no {COPY}/{name}"))
    assert recorder.commands == []


def test_the_builder_is_the_owner_of_the_flake(settings: Settings, owner: str) -> None:
    assert builder_of(settings) == owner
    absent = replace(settings, flake="/srv/absent#x", file=Path("/srv/absent/luminous.nix"))
    with pytest.raises(EvaluationFailed, match=r"no /srv/absent/flake\.nix.* set `flake` in"):
        builder_of(absent)


def test_what_is_fetched_goes_where_the_unit_may_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, owner: str
) -> None:
    monkeypatch.delenv("CACHE_DIRECTORY", raising=False)
    assert "XDG_CACHE_HOME" not in flake_environment(owner)
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path))
    for _ in range(2):
        assert flake_environment(owner)["XDG_CACHE_HOME"] == str(tmp_path / owner)
    assert (tmp_path / owner).stat().st_mode & 0o777 == 0o700
