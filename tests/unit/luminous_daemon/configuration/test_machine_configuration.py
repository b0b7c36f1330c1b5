"""The machine's configuration: patches that apply, names that lead there, refusals that help."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from luminous_daemon.configuration.machine_configuration import MachineConfiguration, spelled
from luminous_daemon.configuration.module_file import EMPTY, EMPTY_FILE
from luminous_protocol.errors import NotImported

TEXT = "{ ... }:\n\n{\n  imports = [\n    ./hardware.nix\n  ];\n  a = 1;\n  b = 2;\n  c = 3;\n}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a configuration that everybody may read."""
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    file = tmp_path / "configuration.nix"
    file.write_text(TEXT)
    file.chmod(0o644)
    return file


def refusal(file: Path, imported: Path) -> NotImported:
    """Return the error with which an import is refused."""
    with pytest.raises(NotImported) as refused:
        MachineConfiguration(file).plan_import(imported, is_there=False)
    return refused.value


def test_the_patch_is_what_patch_makes_of_the_files(file: Path) -> None:
    imported = file.with_name("luminous.nix")
    planned = MachineConfiguration(file).plan_import(imported, is_there=False)
    assert planned.diff.endswith(
        f"--- {file}\n+++ {file}\n@@ -3,6 +3,7 @@\n {{\n   imports = [\n     ./hardware.nix\n"
        "+    ./luminous.nix\n   ];\n   a = 1;\n   b = 2;\n"
    )
    program = shutil.which("git") or ""
    subprocess.run(
        [program, "apply", "--unsafe-paths", "-p0", "-"],
        input=planned.diff.encode(),
        cwd=file.parent,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": "/"},
        check=True,
    )
    assert imported.read_text() == EMPTY
    assert file.read_text() == planned.edit.after


def test_a_last_line_without_an_end_makes_no_broken_patch(file: Path) -> None:
    file.write_text("{ a = 1; }")
    planned = MachineConfiguration(file).plan_import(file.with_name("l.nix"), is_there=True)
    assert planned.diff == (
        f"--- {file}\n+++ {file}\n@@ -1 +1 @@\n-{{ a = 1; }}\n\\ No newline at end of file\n"
        "+{ imports = [ ./l.nix ]; a = 1; }\n\\ No newline at end of file\n"
    )
    assert planned.creation is None
    assert planned.trial.after == planned.edit.after


def test_what_is_tried_out_imports_the_same_file_where_it_is_already(file: Path) -> None:
    imported = file.with_name("luminous.nix")
    planned = MachineConfiguration(file).plan_import(imported, is_there=False)
    assert EMPTY_FILE.read_text() == EMPTY
    shown = planned.trial.after.replace(spelled(EMPTY_FILE, file), "./luminous.nix")
    assert shown == planned.edit.after
    assert planned.trial.after != planned.edit.after


def test_a_file_that_only_some_may_read_shows_only_what_is_added(file: Path) -> None:
    file.chmod(0o640)
    planned = MachineConfiguration(file).plan_import(file.with_name("l.nix"), is_there=True)
    assert planned.diff == f"--- {file}\n+++ {file}\n@@ -5,0 +6 @@\n+    ./l.nix\n"
    file.chmod(0o644)
    file.parent.chmod(0o700)
    planned = MachineConfiguration(file).plan_import(file.with_name("l.nix"), is_there=True)
    assert "hardware" not in planned.diff
    file.write_text("{ secret = 1; }\n")
    error = refusal(file, file.with_name("l.nix"))
    assert "not everybody may read it" in error.message
    assert "secret" not in error.details["patch"]


def test_a_link_to_a_private_place_makes_nothing_public(file: Path) -> None:
    home = file.with_name("home")
    (home / "nixos").mkdir(parents=True)
    home.chmod(0o700)
    file.rename(home / "nixos" / file.name)
    linked = file.with_name("etc")
    linked.symlink_to(home / "nixos")
    planned = MachineConfiguration(linked / file.name).plan_import(linked / "l.nix", is_there=True)
    assert "hardware" not in planned.diff
    home.chmod(0o755)
    planned = MachineConfiguration(linked / file.name).plan_import(linked / "l.nix", is_there=True)
    assert "hardware" in planned.diff


@pytest.mark.parametrize(
    ("imported", "configuration", "item"),
    [
        ("/etc/nixos/luminous.nix", "/etc/nixos/configuration.nix", "./luminous.nix"),
        ("/etc/nixos/sub/l.nix", "/etc/nixos/configuration.nix", "./sub/l.nix"),
        ("/etc/nixos/l.nix", "/etc/nixos/hosts/a/default.nix", "../../l.nix"),
        ("/etc/nixos/own/l.nix", "/etc/nixos/hosts/default.nix", "../own/l.nix"),
        ("/etc/luminous/l.nix", "/etc/nixos/configuration.nix", "/etc/luminous/l.nix"),
        ("/etc/nixos/l.nix", "/home/alice/configuration.nix", "/etc/nixos/l.nix"),
        ("/etc/nixos/my l.nix", "/etc/nixos/configuration.nix", '(./. + "/my l.nix")'),
        ("/etc/nixos/${x}.nix", "/etc/nixos/configuration.nix", '(./. + "/\\${x}.nix")'),
        ("/etc/nixos/a@b.nix", "/etc/nixos/hosts/default.nix", '(./. + "/../a@b.nix")'),
        ("/srv/a b/l.nix", "/etc/nixos/configuration.nix", '(/. + "/srv/a b/l.nix")'),
    ],
)
def test_the_import_is_relative_within_one_tree_and_absolute_elsewhere(
    imported: str, configuration: str, item: str
) -> None:
    assert spelled(Path(imported), Path(configuration)) == item


def test_no_way_leads_up_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real" / "hosts").mkdir(parents=True)
    (tmp_path / "hosts").symlink_to(tmp_path / "real" / "hosts")
    imported = tmp_path / "l.nix"
    assert spelled(imported, tmp_path / "hosts" / "c.nix") == str(imported)
    assert spelled(imported, tmp_path / "real" / "c.nix") == "../l.nix"


def test_a_shape_that_is_not_edited_says_the_line_to_add(file: Path) -> None:
    file.write_text("{ ... }: { imports = [ ] ++ more; }\n")
    error = refusal(file, file.with_name("luminous.nix"))
    assert error.message == (
        f"{file} is not edited automatically, because its imports are not one plain list. "
        "Add ./luminous.nix to its imports by hand; "
        f"if there is no {file.parent}/luminous.nix, make it as root: "
        f"luminousd --print-module > {file.parent}/luminous.nix"
    )
    assert error.details["line"] == "./luminous.nix"
    assert "+++" in error.details["patch"], "the patch makes at least the new file"
    assert "more" not in error.details["patch"]


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("link", "it is a symbolic link"),
        ("pipe", "it is no file"),
        ("folder", "it is no file"),
        ("bytes", "it is not UTF-8 text"),
        ("a long text", "it is larger than 131072 bytes"),
        ("two names", "it has several names"),
        ("nothing", "there is no such file"),
    ],
)
def test_what_is_no_plain_file_is_left_alone(file: Path, kind: str, why: str) -> None:
    other = file.with_name("other")
    match kind:
        case "two names":
            other.hardlink_to(file)
        case "bytes":
            file.write_bytes(b"{ } # \xff")
        case "a long text":
            file.write_bytes(b"{ } #" + b"x" * 128 * 1024)
        case _:
            file.rename(other)
    match kind:
        case "link":
            file.symlink_to(other)
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
    error = refusal(file, file.with_name("luminous.nix"))
    assert f"because {why}" in error.message
    assert other.exists() is (kind not in {"bytes", "a long text"})


def test_the_line_to_add_is_the_one_for_the_file_that_a_link_leads_to(file: Path) -> None:
    real = file.parent / "real"
    real.mkdir()
    file.rename(real / "configuration.nix")
    file.symlink_to(real / "configuration.nix")
    error = refusal(file, file.with_name("luminous.nix"))
    assert error.details["line"] == "../luminous.nix"


def test_what_cannot_be_written_comes_with_the_whole_patch(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = file.with_name("luminous.nix")
    missing = refusal(file, file.parent / "sub" / "luminous.nix")
    assert f"because there is no directory {file.parent}/sub" in missing.message
    monkeypatch.setattr(os, "ST_RDONLY", 0xFFFF)
    error = refusal(file, imported)
    assert f"{file.parent} is read-only for the daemon" in error.message
    for found in (missing, error):
        assert f"+++ {file}" in found.details["patch"]


def test_what_lies_in_the_store_is_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "luminous_daemon.configuration.machine_configuration"
    monkeypatch.setattr(f"{module}._STORE", file.parent)
    assert "lies in the Nix store" in refusal(file, file.with_name("luminous.nix")).message
