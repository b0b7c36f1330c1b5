"""The owned file: replaced whole or not at all, and never over somebody else's change."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.module_file import EMPTY, render_module
from luminous_daemon.configuration.owned_file import OwnedFile
from luminous_daemon.configuration.plain_file import MAX_BYTES
from luminous_daemon.core.definitions import Attribution, Definition
from luminous_protocol.errors import ConfigurationUnreadable, Drifted, NotImported

if TYPE_CHECKING:
    from pathlib import Path

    from luminous_daemon.core.edits import FileEdit
    from luminous_daemon.core.importing import ImportEdit

AFTER = render_module((Definition("a.b", "ü", Attribution("alice", 0, "x")),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give Luminous's file, in a configuration of two files."""
    (tmp_path / "configuration.nix").write_text("{ }\n")
    file = tmp_path / "luminous.nix"
    file.write_text(EMPTY)
    return file


@pytest.fixture
def edit(file: Path) -> FileEdit:
    """Give an edit that adds one line."""
    owned = owned_by_luminous(file)
    return owned.plan_edit(owned.read(), AFTER)


def owned_by_luminous(file: Path) -> OwnedFile:
    """Return Luminous's file, with the configuration beside it."""
    return OwnedFile(file, file.with_name("configuration.nix"))


def listing(file: Path) -> list[str]:
    """Return the names of everything beside the file."""
    return sorted(entry.name for entry in file.parent.iterdir())


def test_an_edit_shows_only_the_lines_that_change(file: Path, edit: FileEdit) -> None:
    assert edit.before == EMPTY
    assert edit.diff == (
        f"--- {file}\n+++ {file}\n@@ -7,0 +8 @@\n"
        '+    { a.b = "ü"; } # alice, 1970-01-01 00:00:00 UTC: x\n'
    )


def test_what_was_written_is_read_back(file: Path, edit: FileEdit) -> None:
    owned_by_luminous(file).replace(edit)
    assert file.read_text(encoding="utf-8") == AFTER
    assert [line.option for line in owned_by_luminous(file).read().definitions] == ["a.b"]
    assert listing(file) == ["configuration.nix", "luminous.nix"]


def test_writing_keeps_the_files_mode_and_owner(file: Path, edit: FileEdit) -> None:
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 1234, 1235)
    before = file.stat()
    owned_by_luminous(file).replace(edit)
    after = file.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino, "a new file takes the old one's place"


def test_a_file_changed_since_the_plan_is_left_alone(file: Path, edit: FileEdit) -> None:
    file.write_text(EMPTY + "# mine\n")
    with pytest.raises(Drifted, match="has changed since the plan was made"):
        owned_by_luminous(file).replace(edit)
    assert file.read_text() == EMPTY + "# mine\n"


def test_an_edit_is_taken_back_to_the_byte(file: Path, edit: FileEdit) -> None:
    owned_by_luminous(file).replace(edit)
    owned_by_luminous(file).restore(edit)
    assert file.read_bytes() == EMPTY.encode()


def test_taking_back_leaves_alone_what_somebody_else_wrote_since(
    file: Path, edit: FileEdit
) -> None:
    file.write_text("mine\n")
    owned_by_luminous(file).restore(edit)
    assert file.read_text() == "mine\n"


@pytest.mark.parametrize("call", ["fsync", "fchown", "fchmod"])
def test_a_failing_write_leaves_the_old_bytes_and_no_other_file(
    file: Path, edit: FileEdit, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, fails)
    with pytest.raises(OSError, match="No space left"):
        owned_by_luminous(file).replace(edit)
    monkeypatch.undo()
    assert file.read_text() == EMPTY
    assert listing(file) == ["configuration.nix", "luminous.nix"]


def test_an_edit_that_becomes_too_large_to_read_back_is_never_written(
    file: Path, edit: FileEdit
) -> None:
    owned = owned_by_luminous(file)
    with pytest.raises(ConfigurationUnreadable, match="larger than"):
        owned.plan_edit(owned.read(), EMPTY + "#" * MAX_BYTES)
    assert edit.before == file.read_text()


def test_a_missing_file_says_how_to_set_luminous_up(file: Path) -> None:
    file.unlink()
    with pytest.raises(NotImported, match=r"Run: ask-nix setup$") as refused:
        owned_by_luminous(file).read()
    assert refused.value.details == {"file": str(file)}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"#" * (MAX_BYTES + 1), "is larger than 4194304 bytes"),
        (b"{ }\n", "Line 1 of"),
    ],
    ids=["bytes", "megabytes", "foreign"],
)
def test_a_file_that_luminous_cannot_have_written_is_refused(
    file: Path, content: bytes, complaint: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigurationUnreadable, match=complaint):
        owned_by_luminous(file).read()


@pytest.mark.parametrize("kind", ["link", "pipe", "directory"])
def test_a_link_is_not_followed_and_a_pipe_not_waited_for(
    file: Path, edit: FileEdit, kind: str
) -> None:
    secret = file.rename(file.with_name("secret"))
    match kind:
        case "link":
            file.symlink_to(secret)
        case "pipe":
            os.mkfifo(file)
        case _:
            file.mkdir()
    owned = owned_by_luminous(file)
    for act in (owned.read, lambda: owned.replace(edit)):
        with pytest.raises(ConfigurationUnreadable, match="left alone"):
            act()
    # Somebody else has put it there, so there is nothing of Luminous's to take back.
    for taken in (edit, replace(edit, before=None)):
        owned.restore(taken)
    assert secret.read_text() == EMPTY
    assert os.path.lexists(file)


def test_the_digest_covers_every_nix_file_of_the_configuration(file: Path) -> None:
    owned = owned_by_luminous(file)
    digests = {owned.digest()}
    assert owned.read().digest in digests

    def changes() -> bool:
        known = len(digests)
        digests.add(owned.digest())
        return len(digests) > known

    (file.parent / "configuration.nix").write_text("{ a = 1; }\n")
    assert changes()
    (file.parent / "modules").mkdir()
    (file.parent / "modules" / "web.nix").write_text("{ }\n")
    assert changes()
    (file.parent / "modules" / "web.nix").rename(file.parent / "modules" / "net.nix")
    assert changes()
    (file.parent / "flake.lock").write_text("{}")
    assert changes()
    (file.parent / "notes.txt").write_text("not Nix's business")
    (file.parent / ".git").mkdir()
    (file.parent / ".git" / "x.nix").write_text("{ }")
    assert not changes()


def test_a_link_to_nowhere_in_the_configuration_is_no_obstacle(file: Path) -> None:
    (file.parent / "broken.nix").symlink_to(file.parent / "gone.nix")
    assert owned_by_luminous(file).read().definitions == ()


def test_the_digest_covers_the_whole_flake_and_leaves_out_what_is_no_configuration(
    tmp_path: Path,
) -> None:
    file = tmp_path / "hosts" / "here" / "luminous.nix"
    file.parent.mkdir(parents=True)
    file.write_text(EMPTY)
    (tmp_path / "flake.lock").write_text("{}")
    for name in (".git", ".jj", ".direnv", "node_modules"):
        (tmp_path / "hosts" / name).mkdir()
        (tmp_path / "hosts" / name / "a.nix").write_text("{ }")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "a.nix").write_text("{ }")
    (tmp_path / "result").symlink_to(outside)
    owned = OwnedFile(file, file.with_name("configuration.nix"), tmp_path)
    first = owned.digest()
    (tmp_path / "hosts" / ".git" / "a.nix").write_text("{ a = 1; }")
    (outside / "a.nix").write_text("{ a = 1; }")
    (tmp_path / "notes.md").write_text("x")
    assert owned.digest() == first == owned.read().digest
    (tmp_path / "flake.lock").write_text("{ }")
    second = owned.digest()
    (tmp_path / "hosts" / "web.nix").write_text("{ }")
    assert len({first, second, owned.digest()}) == 3


@pytest.fixture
def setup(file: Path) -> ImportEdit:
    """Give what makes the configuration import the file, which is not there."""
    file.unlink()
    configuration = file.with_name("configuration.nix")
    configuration.write_text("{\n}\n")
    configuration.chmod(0o600)
    return owned_by_luminous(file).plan_import()


def test_a_new_file_is_empty_readable_and_its_configurations_owners(
    file: Path, setup: ImportEdit
) -> None:
    configuration = file.with_name("configuration.nix")
    if os.geteuid() == 0:
        os.chown(configuration, 1234, 1235)
    owned = owned_by_luminous(file)
    assert setup.creation
    owned.replace(setup.creation)
    owned.replace(setup.edit)
    assert owned.read().definitions == ()
    assert file.read_text() == EMPTY
    assert configuration.read_text() == "{\n  imports = [ ./luminous.nix ];\n}\n"
    made, edited = file.stat(), configuration.stat()
    assert (stat.S_IMODE(made.st_mode), stat.S_IMODE(edited.st_mode)) == (0o644, 0o600)
    assert (made.st_uid, made.st_gid) == (edited.st_uid, edited.st_gid)
    assert listing(file) == ["configuration.nix", "luminous.nix"]


def test_an_import_is_taken_back_to_the_byte_and_its_file_is_gone(
    file: Path, setup: ImportEdit
) -> None:
    owned = owned_by_luminous(file)
    assert setup.creation
    edits = (setup.creation, setup.edit)
    for edit in edits:
        owned.replace(edit)
    for _ in range(2):
        for edit in reversed(edits):
            owned.restore(edit)
        assert listing(file) == ["configuration.nix"]
        assert file.with_name("configuration.nix").read_text() == "{\n}\n"


@pytest.mark.parametrize("content", ["", "mine"])
def test_a_file_that_has_come_into_being_since_the_plan_is_left_alone(
    file: Path, setup: ImportEdit, content: str
) -> None:
    file.write_text(content)
    assert setup.creation
    with pytest.raises(Drifted):
        owned_by_luminous(file).replace(setup.creation)
    owned_by_luminous(file).restore(setup.creation)
    assert file.read_text() == content


def test_a_file_that_comes_into_being_in_this_very_moment_is_left_alone(
    file: Path, setup: ImportEdit, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def too_late(
        source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int, follow_symlinks: bool
    ) -> None:
        file.write_text("mine")
        assert not follow_symlinks
        link(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "link", too_late)
    assert setup.creation
    with pytest.raises(Drifted):
        owned_by_luminous(file).replace(setup.creation)
    assert file.read_text() == "mine"
    assert listing(file) == ["configuration.nix", "luminous.nix"]


@pytest.mark.parametrize("name", ["other.txt", "../other.nix", "link/other.nix"])
def test_only_nix_files_of_the_configuration_are_ever_written(
    file: Path, edit: FileEdit, name: str
) -> None:
    (file.parent / "link").symlink_to(file.parent.parent)
    other = file.parent / name
    other.write_text(edit.before or "")
    for act in (owned_by_luminous(file).replace, owned_by_luminous(file).restore):
        with pytest.raises(Drifted, match="The settings name other files"):
            act(replace(edit, file=str(other)))
    assert other.read_text() == edit.before


def test_a_file_of_somebody_elses_is_not_imported(file: Path) -> None:
    file.write_text("{ }\n")
    with pytest.raises(ConfigurationUnreadable, match="Line 1 of"):
        owned_by_luminous(file).plan_import()
