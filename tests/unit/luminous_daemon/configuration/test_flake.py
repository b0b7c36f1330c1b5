"""Flake references: what is read, what is refused, and what Nix is told."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from luminous_daemon.configuration.flake import Flake, read_flake
from luminous_protocol.errors import ConfigurationUnreadable


@pytest.mark.parametrize(
    ("text", "directory", "name"),
    [
        ("/etc/nixos#laptop", "/etc/nixos", "laptop"),
        ("/etc/nixos/#laptop", "/etc/nixos", "laptop"),
        ("/srv/a/../b#x.example.org", "/srv/b", "x.example.org"),
        ("/etc/nixos", "/etc/nixos", socket.gethostname()),
        ("/etc/nixos#", "/etc/nixos", socket.gethostname()),
    ],
)
def test_a_directory_and_a_name_are_read(text: str, directory: str, name: str) -> None:
    flake = read_flake(text)
    assert flake == Flake(Path(directory), name)
    assert str(flake) == f"{directory}#{name}"
    assert (flake.file.name, flake.lock.name) == ("flake.nix", "flake.lock")


@pytest.mark.parametrize(
    "text",
    [
        "github:alice/machines",
        "github:alice/machines#laptop",
        "git+file:///etc/nixos",
        "path:/etc/nixos#laptop",
        "https://example.org/machines.tar.gz",
        "flake:nixpkgs",
    ],
)
def test_a_flake_that_is_not_a_directory_here_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ValueError, match="Luminous edits a file of the flake, so ") as refused:
        read_flake(text)
    assert text in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        ".",
        "./machines#laptop",
        "~/machines",
        "#laptop",
        "/etc/ni xos",
        "/etc/nixos?dir=x",
        "/etc/$(reboot)",
        "/etc/nixos%2f",
        "/etc/nixos\n",
        "",
    ],
)
def test_a_directory_that_nix_could_misread_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no flake that Luminous can edit"):
        read_flake(text)


@pytest.mark.parametrize("name", ["a b", 'a"b', "${x}", "a#b", "ä"])
def test_a_name_that_no_host_has_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a system"):
        read_flake(f"/etc/nixos#{name}")


def test_without_a_repository_nix_takes_the_directory_as_it_is(tmp_path: Path) -> None:
    flake = Flake(tmp_path, "x")
    assert flake.work_tree() is None
    assert flake.root() == tmp_path
    assert flake.url() == f"path:{tmp_path}"


def test_in_a_repository_nix_takes_what_git_knows(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert Flake(tmp_path, "x").url() == f"git+file://{tmp_path}"
    below = tmp_path / "machines" / "here"
    below.mkdir(parents=True)
    assert Flake(below, "x").root() == tmp_path
    assert Flake(below, "x").url() == f"git+file://{tmp_path}?dir=machines/here"
    (tmp_path / ".git" / "shallow").touch()
    assert Flake(below, "x").url() == f"git+file://{tmp_path}?dir=machines/here&shallow=1"


def test_a_link_to_the_flake_leads_to_its_repository(tmp_path: Path) -> None:
    real = tmp_path / "home" / "machines"
    (real / ".git").mkdir(parents=True)
    link = tmp_path / "etc-nixos"
    link.symlink_to(real)
    assert Flake(link, "x").url() == f"git+file://{real}"


@pytest.mark.parametrize("name", ["a b", "a?dir=x", "a#b", "a%2fb", "a\n", "ä"])
@pytest.mark.parametrize("is_repository", [True, False])
def test_a_link_to_a_directory_that_nix_could_misread_is_refused(
    tmp_path: Path, name: str, *, is_repository: bool
) -> None:
    real = tmp_path / name / "machines"
    real.mkdir(parents=True)
    if is_repository:
        (tmp_path / name / ".git").mkdir()
    link = tmp_path / "etc-nixos"
    link.symlink_to(real)
    with pytest.raises(ConfigurationUnreadable, match="which Nix can misread"):
        Flake(link, "x").url()
