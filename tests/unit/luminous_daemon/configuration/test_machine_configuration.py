"""The machine's configuration: patches that apply, names that lead there, refusals that help."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration import machine_configuration
from luminous_daemon.configuration.machine_configuration import MachineConfiguration, spelled
from luminous_daemon.configuration.module_file import EMPTY, EMPTY_FILE
from luminous_daemon.core.definitions import Drop, Put
from luminous_daemon.core.placing import NotPlaced
from luminous_protocol.errors import NotImported

if TYPE_CHECKING:
    from luminous_daemon.core.definitions import Edit
    from luminous_daemon.core.edits import FileEdit

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


def placed(file: Path, *edits: Edit, folder: Path | None = None) -> FileEdit:
    """Return the edit that `edits` come to."""
    return MachineConfiguration(file).plan_edits(edits, folder or file.parent)


def not_placed(file: Path, *edits: Edit, folder: Path | None = None) -> NotPlaced:
    """Return why `edits` are not made."""
    with pytest.raises(NotPlaced) as refused:
        placed(file, *edits, folder=folder)
    return refused.value


def test_several_edits_of_one_file_are_one_patch(file: Path) -> None:
    found = placed(file, Put("a", 5), Drop("c"))
    assert found.before == TEXT
    assert found.after == TEXT.replace("a = 1", "a = 5").replace("  c = 3;\n", "")
    assert "\n-  a = 1;\n" in found.diff
    assert "\n-  c = 3;\n" in found.diff


@pytest.mark.parametrize(
    ("name", "head", "why"),
    [
        ("hardware-configuration.nix", "", "it is generated"),
        ("x.nix", "# Do not modify this file!  It was generated by x\n", "it is generated"),
    ],
)
def test_a_generated_file_is_left_alone_with_the_patch(
    file: Path, name: str, head: str, why: str
) -> None:
    other = file.with_name(name)
    other.write_text(head + TEXT)
    refused = not_placed(other, Put("a", 5))
    assert str(refused) == why
    assert "\n+  a = 5;\n" in refused.patch


def test_a_file_outside_of_the_configuration_is_not_even_read(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nix names the file, and says there what the configuration's owner wants."""
    folder = tmp_path / "nixos"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)

    def read(_: Path) -> bytes:
        raise AssertionError

    monkeypatch.setattr(machine_configuration, "read_plain_file", read)
    for other in (file, folder / "../configuration.nix", folder / "link/configuration.nix"):
        refused = not_placed(other, Put("a", 5), folder=folder)
        assert (str(refused), refused.patch) == (f"it lies outside of {folder}", "")


def test_a_file_that_is_a_link_or_has_another_shape_says_why(file: Path) -> None:
    link = file.with_name("link.nix")
    link.symlink_to(file)
    assert str(not_placed(link, Put("a", 5))) == "it is a symbolic link"
    assert str(not_placed(file, Drop("d"))) == "what it says of that is not seen there"
    file.write_text("{ a = ; secret }")
    refused = not_placed(file, Put("a", 5))
    assert str(refused) == "its syntax is not understood (';' was not expected in line 1)"


def test_a_file_that_only_some_may_read_shows_no_line_of_it(file: Path) -> None:
    file.chmod(0o640)
    why = "not everybody may read it, and the patch would show a line of it"
    refused = not_placed(file, Put("a", 5))
    assert (str(refused), refused.patch) == (why, "")
    file.write_text(TEXT.replace("a = 1;", "a = secret word;"))
    assert "secret" not in str(not_placed(file, Put("a", 5)))


def test_what_was_done_is_taken_back_to_the_byte_or_the_other_way_round(file: Path) -> None:
    done = placed(file, Put("a", 5))
    edits, returning = (Put("a", 1),), MachineConfiguration(file).plan_return
    file.write_text(done.after)
    assert returning(done, edits, file.parent).after == TEXT
    file.write_text(done.after.replace("b = 2", "b = 7"))
    assert returning(done, edits, file.parent).after == TEXT.replace("b = 2", "b = 7")
    file.write_text("{ a = f 1; }")
    with pytest.raises(NotPlaced, match="its value in line 1 is computed"):
        returning(done, edits, file.parent)
