"""The digest of a configuration: root reads no more for it, and nothing else, than it should."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration import digest
from luminous_daemon.configuration.digest import digest_of
from luminous_protocol.errors import ConfigurationUnreadable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a configuration, with a place beside it that is none of its owner's."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.nix").write_text("one")
    folder = tmp_path / "nixos"
    folder.mkdir()
    (folder / "configuration.nix").write_text("{ }")
    return folder


def rewrite(file: Path, text: str) -> None:
    """Write other bytes into a file so that nothing but its content tells."""
    status = file.stat()
    file.write_text(text)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_link_inside_counts_with_where_it_leads_and_with_what_is_there(folder: Path) -> None:
    link = folder / "a.nix"
    (folder / "notes").write_text("one")
    (folder / "more").write_text("one")
    link.symlink_to("notes")
    digests = {digest_of(folder)}
    rewrite(folder / "notes", "two")
    digests.add(digest_of(folder))
    rewrite(folder / "notes", "one")
    link.unlink()
    link.symlink_to("more")
    digests.add(digest_of(folder))
    assert len(digests) == 3


def test_no_content_is_read_through_a_link_that_leads_out(folder: Path) -> None:
    secret = folder.parent / "outside" / "secret.nix"
    (folder / "a.nix").symlink_to(secret)
    (folder / "b.nix").symlink_to("/dev/zero")
    first = digest_of(folder)
    rewrite(secret, "two")
    assert digest_of(folder) == first
    secret.write_text("three")
    assert digest_of(folder) != first, "that it was written to is told all the same"


def test_a_configuration_behind_a_link_is_looked_through(folder: Path) -> None:
    linked = folder.with_name("etc")
    linked.symlink_to(folder)
    first = digest_of(linked)
    (folder / "configuration.nix").write_text("{ a = 1; }")
    assert digest_of(linked) != first


def test_a_pipe_is_not_waited_for_even_where_a_file_was_a_moment_ago(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "configuration.nix"
    readlink = os.readlink

    def swaps(path: str) -> str:
        file.unlink(missing_ok=True)
        os.mkfifo(file)
        return readlink(path)

    monkeypatch.setattr(os, "readlink", swaps)
    assert digest_of(folder)


@pytest.mark.parametrize(
    ("limit", "value", "names", "reason"),
    [
        ("_MAX_BYTES", 9, "nixos/big.nix", "It is larger than 9 bytes"),
        ("_MAX_BYTES_IN_ALL", 12, "nixos/configuration.nix", "larger than 12 bytes in all"),
        ("_MAX_ENTRIES", 1, "nixos", "There are more than 1 files"),
    ],
)
def test_what_is_too_much_is_named_with_what_to_do(
    folder: Path, limit: str, value: int, names: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "big.nix").write_text("x" * 10)
    digest_of(folder)
    monkeypatch.setattr(digest, limit, value)
    with pytest.raises(ConfigurationUnreadable, match=reason) as refused:
        digest_of(folder)
    assert refused.value.details["file"] == f"{folder.parent}/{names}"
    assert refused.value.message.endswith(f"Move what is no configuration out of {folder}.")


def test_an_enormous_file_is_refused_before_it_is_read(folder: Path) -> None:
    with (folder / "x.nix").open("wb") as opened:
        opened.truncate(6 * 1024**3)
    with pytest.raises(ConfigurationUnreadable, match=r"x\.nix\. It is larger than 16777216 bytes"):
        digest_of(folder)


def test_names_that_are_no_text_and_deep_directories_are_no_obstacle(folder: Path) -> None:
    first = digest_of(folder)
    (folder / os.fsdecode(b"\xff.nix")).touch()
    second = digest_of(folder)
    below = [folder / ("d/" * depth) for depth in range(1, 1301)]
    for directory in below:
        directory.mkdir()
    (below[-1] / "deep.nix").touch()
    try:
        assert len({first, second, digest_of(folder)}) == 3
    finally:
        (below[-1] / "deep.nix").unlink()
        for directory in reversed(below):
            directory.rmdir()
