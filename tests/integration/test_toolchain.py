"""Both versions of Nix run, wherever they are mounted, and what is missing is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from luminous_sandbox import toolchain
from luminous_sandbox.command import CommandError, run
from luminous_sandbox.toolchain import (
    NIX_VERSIONS,
    NixVersion,
    ToolchainFetchError,
    ToolchainMissingError,
    find_toolchain,
)


@pytest.mark.parametrize("version", NIX_VERSIONS)
def test_each_version_runs_and_says_which_it_is(version: NixVersion) -> None:
    found = find_toolchain(version)
    # Not nix-env or nix-channel: those make a /nix on the host even for their version.
    for tool in ("nix", "nix-build", "nix-instantiate", "nix-daemon"):
        said = run([str(found.bin_dir / tool), "--version"])
        assert said.startswith(f"{tool} (Nix) {version}.")
    assert found.shell.exists()


def test_the_newer_version_runs_from_another_place_as_another_user(tmp_path: Path) -> None:
    found = find_toolchain("2.26")
    script = (
        'mount --bind "$1" /mnt && ln -s /mnt/bin/nix-build "$2/nix-build" &&'
        ' exec setpriv --reuid=65534 --clear-groups sh -c "/mnt/bin/nix --version; $2/nix-build'
        ' --version"'
    )
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    said = run(
        ["unshare", "--mount", "sh", "-c", script, "sh", str(found.prefix), str(tmp_path)],
        env={"PATH": os.environ["PATH"]},
    )
    names = [line.split(" (Nix) 2.26.")[0] for line in said.splitlines()]
    assert names == ["nix", "nix-build"]


def test_a_missing_shell_names_the_package_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_SHELL", Path("/nowhere/busybox"))
    with pytest.raises(ToolchainMissingError, match="apt-get install busybox-static"):
        find_toolchain("2.8")


def test_a_failed_fetch_says_what_to_do_and_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_network(suite: str, _names: object, _target: object) -> None:
        raise CommandError(["apt-get", "update"], 100, f"no {suite} here")

    monkeypatch.setenv("LUMINOUS_CACHE", str(tmp_path))
    monkeypatch.setattr(toolchain, "fetch_packages", no_network)
    with pytest.raises(ToolchainFetchError, match="Check that `apt-get update` works"):
        find_toolchain("2.26")
    assert not (tmp_path / "nix-2.26").exists()


def test_a_failed_command_is_told_with_the_end_of_what_it_said() -> None:
    script = "for n in $(seq 30); do echo line $n; done; echo broken >&2; exit 3"
    with pytest.raises(CommandError) as raised:
        run(["sh", "-c", script])
    assert raised.value.status == 3
    assert str(raised.value).endswith("line 30\nbroken")
    assert "line 2\n" not in str(raised.value)
    with pytest.raises(CommandError, match="ended with status 127"):
        run(["no-such-program"])
