"""The channel is packed as nixos.org packs it, and the same sources always give the same bytes."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from luminous_sandbox import channel

SOURCES = Path(channel.__file__).with_name("nixos")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a small tree with a program and a link."""
    tree = tmp_path / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "default.nix").write_text("{ }\n")
    (tree / "bin/busybox").write_bytes(b"program")
    (tree / "bin/busybox").chmod(0o755)
    (tree / "bin/sh").symlink_to("busybox")
    return tree


def test_a_tarball_has_one_folder_named_after_the_release(tree: Path, tmp_path: Path) -> None:
    channel._pack(tree, tmp_path / "out.tar.xz", "nixos-25.11.1")  # noqa: SLF001 - no Nix here
    with tarfile.open(tmp_path / "out.tar.xz") as archive:
        members = {member.name: member for member in archive.getmembers()}
    assert {name.split("/")[0] for name in members} == {"nixos-25.11.1"}
    assert members["nixos-25.11.1/bin/sh"].linkname == "busybox"
    assert members["nixos-25.11.1/bin/busybox"].mode & 0o777 == 0o755


def test_packing_twice_gives_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        channel._pack(tree, tmp_path / name, "nixos")  # noqa: SLF001 - no Nix here
        (tree / "default.nix").touch()
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_offering_a_state_points_the_address_to_it(tmp_path: Path) -> None:
    for state in channel.STATES:
        (tmp_path / f"{state}.tar.xz").write_text(state)
        channel.offer(tmp_path, state)
        assert (tmp_path / "nixexprs.tar.xz").read_text() == state


def test_every_state_is_described_and_only_updates_packages_that_exist() -> None:
    tables = "".join(
        path.read_text() for path in (SOURCES / "nixpkgs/pkgs").rglob("*.nix") if path.is_file()
    )
    for state in channel.STATES:
        facts = json.loads((SOURCES / f"nixpkgs/versions/{state}.json").read_text())
        assert set(facts) == {"release", "suffix", "revision", "codeName", "packages"}
        assert facts["suffix"].endswith(facts["revision"][:12])
        for package in facts["packages"]:
            assert f" {package} = " in tables


def test_the_sources_offer_the_oldest_state() -> None:
    current = (SOURCES / "nixpkgs/versions/current").read_text().strip()
    assert current == channel.STATES[0]
