"""The repository around a flake: what git is asked as the owner, and what its answers mean."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.plain_file import MAX_BYTES
from luminous_daemon.nix import repository as module
from luminous_daemon.nix.repository import GitRepository
from luminous_protocol.errors import ConfigurationUnreadable, Drifted

if TYPE_CHECKING:
    from collections.abc import Callable

    from luminous_daemon.nix.command import Command, Replacement
    from luminous_daemon.settings import Settings
    from tests.unit.luminous_daemon.nix.recorder import Recorder


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Give settings with a flake in a folder of a repository."""
    folder = tmp_path / "here"
    folder.mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("flake.nix", "flake.lock", "luminous.nix"):
        (folder / name).write_text("")
    return replace(settings, flake=f"{folder}#x", file=folder / "luminous.nix")


def test_files_of_others_are_told_and_luminouss_own_are_not(
    recorder: Recorder, settings: Settings, owner: str, tmp_path: Path
) -> None:
    states = (" M here/luminous.nix", "M  here/flake.lock", "R  new.nix", "old.nix", "A  a b.nix")
    recorder.answer("\0".join(states) + "\0")
    assert asyncio.run(GitRepository(settings).uncommitted()) == ("new.nix", "a b.nix")
    (command,) = recorder.commands
    assert command.user == owner
    assert command.environment["GIT_OPTIONAL_LOCKS"] == "0"
    assert command.argv == (
        "git",
        "-C",
        str(tmp_path),
        "--literal-pathspecs",
        "status",
        "--porcelain",
        "-z",
        "--untracked-files=no",
    )


@pytest.mark.parametrize("state", ["UU", "AA", "DD", "AU", "UA", "DU", "UD"])
def test_a_merge_with_conflicts_is_for_a_person(
    recorder: Recorder, settings: Settings, state: str
) -> None:
    recorder.answer(f" M a.nix\0{state} b.nix\0")
    with pytest.raises(ConfigurationUnreadable, match=r"in the middle of a merge.* b\.nix\."):
        asyncio.run(GitRepository(settings).uncommitted())


def test_which_of_its_own_files_git_does_not_know_is_asked(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer("here/flake.lock\0")
    unknown = asyncio.run(GitRepository(settings).unknown_files(()))
    assert unknown == (str(settings.file),)
    (command,) = recorder.commands
    assert command.argv[4:] == ("ls-files", "-z", "--", "here/luminous.nix", "here/flake.lock")


def test_a_file_that_is_to_be_created_is_asked_about_and_one_that_is_missing_is_not(
    recorder: Recorder, settings: Settings
) -> None:
    settings.file.unlink()
    settings.file.with_name("flake.lock").unlink()
    file = str(settings.file)
    assert asyncio.run(GitRepository(settings).unknown_files((file,))) == (file,)
    assert recorder.argvs[-1][4:] == ("ls-files", "-z", "--", "here/luminous.nix")


def test_its_state_is_another_once_git_knows_other_files(
    settings: Settings, tmp_path: Path
) -> None:
    repository = GitRepository(settings)
    assert repository.state() == ""
    for known in ("one", "one and two"):
        before = repository.state()
        (tmp_path / ".git/index").write_text(known)
        assert repository.state() != before
        assert repository.state() == repository.state()
    assert GitRepository(replace(settings, flake="")).state() == ""


def test_what_git_does_not_know_is_added_with_intent(
    recorder: Recorder, settings: Settings, owner: str
) -> None:
    asyncio.run(GitRepository(settings).track([str(settings.file)]))
    (added,) = recorder.commands
    assert added.user == owner
    assert added.argv[4:] == ("add", "--intent-to-add", "--", "here/luminous.nix")


def test_only_what_was_added_with_intent_is_forgotten_again(
    recorder: Recorder, settings: Settings, owner: str
) -> None:
    files = [str(settings.file), str(settings.file.with_name("flake.lock"))]
    recorder.answer("here/luminous.nix\0here/flake.lock\0")
    recorder.answer("here/flake.lock\0")
    asyncio.run(GitRepository(settings).untrack(files))
    *looks, forgotten = recorder.commands
    assert [look.argv[4] for look in looks] == ["diff", "diff"]
    assert forgotten.user == owner
    assert forgotten.argv[4:] == ("rm", "--cached", "--quiet", "--", "here/luminous.nix")


def test_what_somebody_has_added_since_is_not_forgotten(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer("here/luminous.nix\0")
    recorder.answer("here/luminous.nix\0")
    asyncio.run(GitRepository(settings).untrack([str(settings.file)]))
    assert [argv[4] for argv in recorder.argvs] == ["diff", "diff"]


def test_files_that_the_settings_do_not_name_are_not_forgotten(
    recorder: Recorder, settings: Settings
) -> None:
    with pytest.raises(Drifted, match=r"other files than /etc/passwd now"):
        asyncio.run(GitRepository(settings).untrack(["/etc/passwd"]))
    assert recorder.commands == []


def makes_an_index(recorder: Recorder, make: Callable[[Path], object]) -> None:
    """Let git work: it makes an index of its own where it is told to."""

    def work(command: Command) -> None:
        if "GIT_INDEX_FILE" in command.environment:
            make(Path(command.environment["GIT_INDEX_FILE"]))

    recorder.while_running = work
    recorder.answer("here/flake.lock\0")
    recorder.answer(".git/index\n")


async def look(settings: Settings) -> tuple[Replacement, bytes]:
    """Return what Nix sees in the place of the index, and what that holds meanwhile."""
    async with GitRepository(settings).seen_by_nix() as (index,):
        assert index.candidate.stat().st_mode & 0o777 == 0o600
        return index, index.candidate.read_bytes()


def test_nix_sees_such_a_file_by_an_index_of_its_own(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    makes_an_index(recorder, lambda index: index.write_bytes(b"DIRC\xff"))
    index, content = asyncio.run(look(settings))
    assert (index.file, content) == (tmp_path / ".git" / "index", b"DIRC\xff")
    copied, added = recorder.commands[2:]
    made = added.environment["GIT_INDEX_FILE"]
    assert copied.argv == ("cp", "--", str(index.file), made)
    assert added.argv[4:] == ("add", "--intent-to-add", "--", "here/luminous.nix")
    assert not index.candidate.exists()
    assert not Path(made).parent.exists()


def test_the_index_that_nix_sees_lies_where_git_did_not_write(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    makes_an_index(recorder, lambda index: index.write_bytes(b"DIRC"))
    index, _ = asyncio.run(look(settings))
    assert index.candidate.parent == tmp_path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda index: index.symlink_to("/etc/passwd"), "no index that knows"),
        (os.mkfifo, "no index that knows"),
        (lambda index: index.write_bytes(bytes(MAX_BYTES + 1)), "larger than"),
    ],
)
def test_what_is_no_index_is_not_read(
    recorder: Recorder, settings: Settings, make: Callable[[Path], object], says: str
) -> None:
    makes_an_index(recorder, make)
    with pytest.raises(ConfigurationUnreadable, match=f"{says}.* add --intent-to-add here/lum"):
        asyncio.run(look(settings))


def test_without_a_repository_or_a_flake_git_is_not_asked(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    async def use(repository: GitRepository) -> None:
        assert await repository.uncommitted() == ()
        assert await repository.unknown_files(()) == ()
        await repository.untrack([str(settings.file)])
        async with repository.seen_by_nix() as replacements:
            assert replacements == ()

    asyncio.run(use(GitRepository(replace(settings, flake=""))))
    (tmp_path / ".git").rmdir()
    asyncio.run(use(GitRepository(settings)))
    assert recorder.commands == []


def test_what_git_complains_of_is_told_without_its_hints(
    recorder: Recorder, settings: Settings, owner: str
) -> None:
    recorder.answer("", "fatal: detected dubious ownership", "hint: do this", status=128)
    with pytest.raises(ConfigurationUnreadable) as refused:
        asyncio.run(GitRepository(settings).uncommitted())
    assert refused.value.message.endswith(f"as {owner}: fatal: detected dubious ownership")


def test_a_machine_without_git_is_told_so(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder, settings: Settings
) -> None:
    monkeypatch.setattr(module, "find_program", lambda _: None)
    with pytest.raises(ConfigurationUnreadable, match="git is not installed"):
        asyncio.run(GitRepository(settings).uncommitted())
    assert recorder.commands == []


def test_no_command_of_git_commits_or_stages(recorder: Recorder, settings: Settings) -> None:
    def make(command: Command) -> None:
        if "GIT_INDEX_FILE" in command.environment:
            Path(command.environment["GIT_INDEX_FILE"]).touch()

    async def use(repository: GitRepository) -> None:
        recorder.while_running = make
        await repository.uncommitted()
        await repository.track(await repository.unknown_files(()))
        recorder.answer("here/luminous.nix\0")
        await repository.untrack([str(settings.file)])
        async with repository.seen_by_nix():
            pass

    def verb(command: Command) -> str:
        return command.argv[4] if command.argv[0] == "git" else command.argv[0]

    asyncio.run(use(GitRepository(settings)))
    assert {verb(command) for command in recorder.commands} == {
        "status",
        "ls-files",
        "add",
        "diff",
        "rm",
        "rev-parse",
        "cp",
    }
    adding = [command.argv for command in recorder.commands if verb(command) == "add"]
    assert all("--intent-to-add" in argv for argv in adding)
    removing = [command.argv for command in recorder.commands if verb(command) == "rm"]
    assert all("--cached" in argv for argv in removing)


def test_a_git_that_does_not_end_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder, settings: Settings
) -> None:
    monkeypatch.setattr(module, "_SECONDS", 0)
    recorder.is_stuck = True
    with pytest.raises(ConfigurationUnreadable, match="was not done after 0 seconds"):
        asyncio.run(GitRepository(settings).uncommitted())


def test_no_more_is_taken_of_git_than_a_repository_has_to_say(
    recorder: Recorder, settings: Settings
) -> None:
    def flood(command: Command) -> None:
        recorder.answer("x" * command.kept)

    recorder.while_running = flood
    with pytest.raises(ConfigurationUnreadable, match="more to say than 4194304 bytes"):
        asyncio.run(GitRepository(settings).uncommitted())


def test_of_a_long_complaint_the_beginning_of_each_line_is_told(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer("", "x" * 2000, status=128)
    with pytest.raises(ConfigurationUnreadable) as refused:
        asyncio.run(GitRepository(settings).uncommitted())
    assert refused.value.details["log"] == ["x" * 1000]


@pytest.mark.parametrize(
    ("name", "what"),
    [("MERGE_HEAD", "a merge"), ("rebase-apply", "a rebase"), ("REVERT_HEAD", "a revert")],
)
def test_what_somebody_has_begun_is_named(
    recorder: Recorder, settings: Settings, tmp_path: Path, name: str, what: str
) -> None:
    assert asyncio.run(GitRepository(settings).uncommitted()) == ()
    (tmp_path / ".git" / name).touch()
    with pytest.raises(ConfigurationUnreadable, match=f"in the middle of {what}"):
        asyncio.run(GitRepository(settings).uncommitted())
    assert len(recorder.commands) == 2


def test_nothing_is_committed_unasked(recorder: Recorder, settings: Settings) -> None:
    asyncio.run(GitRepository(settings).commit("hello", "alice", with_inputs=True))
    assert recorder.commands == []


@pytest.mark.parametrize("with_inputs", [True, False])
def test_only_luminouss_own_files_are_committed_and_nobody_is_asked(
    recorder: Recorder, settings: Settings, owner: str, *, with_inputs: bool
) -> None:
    recorder.answer(" M here/luminous.nix\0")
    repository = GitRepository(replace(settings, commit=True))
    asyncio.run(repository.commit("install hello\n\nwords", "al<i>ce", with_inputs=with_inputs))
    _, command = recorder.commands
    names = ["here/luminous.nix", *(["here/flake.lock"] if with_inputs else [])]
    argv = list(command.argv)
    assert argv[argv.index("--") + 1 :] == names
    assert command.user == owner
    assert {"--only", "--no-verify", "commit.gpgSign=false"} <= set(argv)
    assert "--author=al_i_ce (Luminous) <al_i_ce@localhost>" in argv
    assert "--message=install hello\n\nwords" in argv
    assert command.environment["GIT_CONFIG_KEY_1"] == "core.hooksPath"


def test_what_is_committed_already_needs_no_commit(recorder: Recorder, settings: Settings) -> None:
    repository = GitRepository(replace(settings, commit=True))
    asyncio.run(repository.commit("hello", "alice", with_inputs=False))
    (command,) = recorder.commands
    assert "status" in command.argv
