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
from setup import manuals

CHECKOUT = Path(__file__).parents[2]
DATA = CHECKOUT / "daemon" / "data"
UNIT = DATA / "systemd" / "luminousd.service"
HIGHEST_EXPOSURE = 35  # tenths, as systemd-analyze counts


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Give the daemon's unit, with a program in it that this machine has."""
    there = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8").replace("/usr/bin/luminousd", "/bin/true")
    there.write_text(text.replace("Documentation=man:luminousd(8)\n", ""), encoding="utf-8")
    return there


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze."""
    return subprocess.run(
        ["systemd-analyze", *arguments], check=False, capture_output=True, text=True
    )


def test_systemd_finds_nothing_to_say_about_the_unit(unit: Path) -> None:
    done = analyze("verify", str(unit))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_unit_exposes_no_more_than_it_must(unit: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}", str(unit))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Overall exposure level" in done.stdout


def test_what_is_loosened_has_its_reason_beside_it() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    loose = ("CapabilityBoundingSet=", "RestrictNamespaces=", "RestrictAddressFamilies=")
    for at, line in enumerate(lines):
        if line.startswith(loose):
            assert lines[at - 1].startswith("#"), line


def test_the_bus_starts_the_unit_that_owns_the_name() -> None:
    activation = configparser.ConfigParser()
    activation.read(DATA / "dbus" / "org.luminous1.service")
    service = dict(activation["D-BUS Service"])
    assert (service["name"], service["systemdservice"]) == ("org.luminous1", UNIT.name)
    assert f"BusName={service['name']}\n" in UNIT.read_text(encoding="utf-8")


def test_the_manual_pages_are_what_the_programs_say() -> None:
    for file, text in manuals.pages().items():
        assert file.read_text(encoding="utf-8") == text, "run `make manuals`"


def test_every_setting_is_in_the_manual() -> None:
    assert list(MEANINGS) == [field.name for field in fields(Settings)]
    assert list(PROBE_MEANINGS) == [field.name for field in fields(Probe)]


def test_the_examples_of_probes_are_such_as_the_daemon_takes(tmp_path: Path) -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    shown = [manuals.PROBE_EXAMPLE, *blocks]
    for number, text in enumerate(shown):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, encoding="utf-8")
        assert len(load(file, {}).probes) == len(KINDS)
    assert len(shown) == 2


@pytest.mark.parametrize("file", manuals.pages(), ids=lambda file: str(file.name))
def test_man_has_nothing_to_say_about_the_pages(file: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    groff = ["groff", "-man", "-Tutf8", "-ww", "-z", str(file)]
    done = subprocess.run(groff, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_installation_is_whole_and_runs(tmp_path: Path) -> None:
    wheels, prefix = tmp_path / "wheels", tmp_path / "usr"
    pip = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(wheels), str(CHECKOUT)], check=True)
    (wheel,) = wheels.iterdir()
    install = [str(CHECKOUT / "setup" / "install.sh"), str(wheel), "", str(prefix), sys.executable]
    subprocess.run(install, check=True, capture_output=True)
    installed = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    assert {path for path in installed if not path.startswith("lib/luminous/")} == {
        "bin/ask-nix",
        "bin/luminousd",
        "lib/systemd/system/luminousd.service",
        "lib/sysusers.d/luminous.conf",
        "lib/tmpfiles.d/luminous.conf",
        "share/bash-completion/completions/ask-nix",
        "share/dbus-1/system-services/org.luminous1.service",
        "share/dbus-1/system.d/org.luminous1.conf",
        "share/doc/luminous/50-luminous-example.rules",
        "share/man/man1/ask-nix.1",
        "share/man/man8/luminousd.8",
        "share/fish/vendor_completions.d/ask-nix.fish",
        "share/polkit-1/actions/org.luminous1.policy",
        "share/zsh/site-functions/_ask-nix",
    }
    assert f"ExecStart={prefix}/bin/luminousd\n" in (
        prefix / "lib/systemd/system/luminousd.service"
    ).read_text(encoding="utf-8")
    for program in ("ask-nix", "luminousd"):
        done = subprocess.run(
            [str(prefix / "bin" / program), "--version"], check=True, capture_output=True, text=True
        )
        assert done.stdout.strip()
    assert not any("luminous_sandbox" in path for path in installed)
