"""The files that every packaging installs: systemd takes them, and an installation is whole."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from luminous_daemon.core.probes import KINDS, Probe
from luminous_daemon.settings import MEANINGS, PROBE_MEANINGS, Settings, load
from luminous_mind.settings import FILE as SETTINGS_OF_THE_MIND
from luminous_mind.settings import Settings as MindSettings
from setup import manuals

CHECKOUT = Path(__file__).parents[2]
DATA = CHECKOUT / "daemon" / "data"
UNIT = DATA / "systemd" / "luminousd.service"
UNITS = sorted((DATA / "systemd").iterdir())
# Tenths, as systemd-analyze counts.
HIGHEST_EXPOSURE = {
    "luminousd.service": 35,
    "luminous-catalogue.service": 10,
    "luminous-mind.service": 5,
    "luminous-mind-index.service": 5,
}


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Give the units, with programs in them that this machine has."""
    for unit in UNITS:
        text = re.sub(r"ExecStart=.*", "ExecStart=/bin/true", unit.read_text(encoding="utf-8"))
        text = re.sub(r"Documentation=.*\n", "", text)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    return tmp_path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze."""
    return subprocess.run(
        ["systemd-analyze", *arguments], check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: str(unit.name))
def test_systemd_finds_nothing_to_say_about_a_unit(units: Path, unit: Path) -> None:
    done = analyze("verify", str(units / unit.name))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", HIGHEST_EXPOSURE)
def test_a_service_exposes_no_more_than_it_must(units: Path, name: str) -> None:
    threshold = f"--threshold={HIGHEST_EXPOSURE[name]}"
    done = analyze("security", "--offline=true", threshold, str(units / name))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Overall exposure level" in done.stdout


@pytest.mark.parametrize("name", HIGHEST_EXPOSURE)
def test_what_is_loosened_has_its_reason_beside_it(name: str) -> None:
    lines = (DATA / "systemd" / name).read_text(encoding="utf-8").splitlines()
    loose = ("CapabilityBoundingSet=", "RestrictNamespaces=", "RestrictAddressFamilies=")
    for at, line in enumerate(lines):
        if line.startswith(loose) and not line.endswith(("=", "=yes")):
            assert lines[at - 1].startswith("#"), line


def test_the_bus_starts_the_unit_that_owns_the_name() -> None:
    activation = configparser.ConfigParser()
    activation.read(DATA / "dbus" / "org.luminous1.service")
    service = dict(activation["D-BUS Service"])
    assert (service["name"], service["systemdservice"]) == ("org.luminous1", UNIT.name)
    assert f"BusName={service['name']}\n" in UNIT.read_text(encoding="utf-8")


def test_the_socket_is_where_the_daemon_asks_and_roots_alone() -> None:
    socket = (DATA / "systemd" / "luminous-mind.socket").read_text(encoding="utf-8")
    assert f"ListenStream={Settings().mind_socket}\n" in socket
    assert "SocketMode=0600\n" in socket
    assert "Wants=nix-daemon.socket luminous-mind.socket\n" in UNIT.read_text(encoding="utf-8")


def test_the_index_lies_in_the_state_of_its_own_user() -> None:
    unit = (DATA / "systemd" / "luminous-mind.service").read_text(encoding="utf-8")
    assert "User=luminous-mind\n" in unit
    users = (DATA / "sysusers.d" / "luminous.conf").read_text(encoding="utf-8")
    assert "\nu luminous-mind " in users
    assert f"StateDirectory={MindSettings().index.parent.name}\n" in unit
    assert MindSettings().index.is_relative_to("/var/lib")


def test_what_indexes_is_restricted_as_what_searches_is() -> None:
    searching, indexing = (
        set((DATA / "systemd" / name).read_text(encoding="utf-8").splitlines())
        for name in ("luminous-mind.service", "luminous-mind-index.service")
    )
    own = {"Type=", "ExecStart=", "MemoryMax=", "OOMScoreAdjust=", "RestrictAddressFamilies="}
    own |= {"Description=", "Requires=", "After=", "OOMPolicy=", "#"}
    lines = {line for line in searching if not line.startswith(tuple(own))}
    assert lines <= indexing
    assert "RestrictAddressFamilies=none" in indexing


def test_indexing_begins_with_a_change_of_what_is_indexed_or_of_the_settings() -> None:
    path = (DATA / "systemd" / "luminous-mind-index.path").read_text(encoding="utf-8")
    watched = {Path(name) for name in re.findall(r"PathChanged=(.*)", path)}
    for file in (SETTINGS_OF_THE_MIND, *MindSettings().sources):
        assert file in watched or file.parent in watched


def test_the_manual_pages_are_what_the_programs_say() -> None:
    for file, text in manuals.pages().items():
        assert file.read_text(encoding="utf-8") == text, "run `make manuals`"


def test_every_setting_is_in_the_manual() -> None:
    assert list(MEANINGS) == [field.name for field in fields(Settings)]
    assert list(PROBE_MEANINGS) == [field.name for field in fields(Probe)]


def test_the_examples_of_settings_are_such_as_the_daemon_takes(tmp_path: Path) -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    shown = []
    for number, text in enumerate([manuals.PROBE_EXAMPLE, *blocks]):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, encoding="utf-8")
        shown.append(load(file, {}))
    assert [len(settings.probes) for settings in shown] == [len(KINDS), 0, len(KINDS)]
    assert [settings.flake for settings in shown] == ["", "/etc/nixos#laptop", ""]


@pytest.mark.parametrize("file", manuals.pages(), ids=lambda file: str(file.name))
def test_man_has_nothing_to_say_about_the_pages(file: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    groff = ["groff", "-man", "-Tutf8", "-ww", "-z", str(file)]
    done = subprocess.run(groff, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_installation_is_whole_and_runs(tmp_path: Path) -> None:
    prefix = tmp_path / "usr"
    install = [str(CHECKOUT / "setup" / "install.sh"), "", str(prefix), sys.executable]
    subprocess.run(install, check=True, capture_output=True)
    installed = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    assert {path for path in installed if not path.startswith("lib/luminous/")} == {
        "bin/ask-nix",
        "bin/luminous-mind",
        "bin/luminousd",
        "lib/systemd/system/luminous-catalogue.path",
        "lib/systemd/system/luminous-catalogue.service",
        "lib/systemd/system/luminous-catalogue.timer",
        "lib/systemd/system/luminous-mind-index.path",
        "lib/systemd/system/luminous-mind-index.service",
        "lib/systemd/system/luminous-mind-index.timer",
        "lib/systemd/system/luminous-mind.service",
        "lib/systemd/system/luminous-mind.socket",
        "lib/systemd/system/luminousd.service",
        "lib/sysusers.d/luminous.conf",
        "lib/tmpfiles.d/luminous.conf",
        "libexec/luminous/list-packages",
        "share/bash-completion/completions/ask-nix",
        "share/dbus-1/system-services/org.luminous1.service",
        "share/dbus-1/system.d/org.luminous1.conf",
        "share/doc/luminous/50-luminous-example.rules",
        "share/man/man1/ask-nix.1",
        "share/man/man8/luminous-mind.8",
        "share/man/man8/luminousd.8",
        "share/fish/vendor_completions.d/ask-nix.fish",
        "share/polkit-1/actions/org.luminous1.policy",
        "share/zsh/site-functions/_ask-nix",
    }
    assert f"ExecStart={prefix}/bin/luminousd\n" in (
        prefix / "lib/systemd/system/luminousd.service"
    ).read_text(encoding="utf-8")
    for program in ("ask-nix", "luminous-mind", "luminousd"):
        done = subprocess.run(
            [str(prefix / "bin" / program), "--version"], check=True, capture_output=True, text=True
        )
        assert done.stdout.strip()
    assert not any("luminous_sandbox" in path for path in installed)
