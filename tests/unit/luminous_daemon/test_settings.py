"""Settings: defaults, then the file, then the environment; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from luminous_daemon.core.probes import Probe
from luminous_daemon.settings import Settings, load
from luminous_protocol.errors import InvalidValue


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the place of a settings file that is not there yet."""
    return tmp_path / "luminous.toml"


def test_without_a_file_everything_is_as_nixos_has_it(file: Path) -> None:
    settings = load(file, {})
    assert settings == Settings()
    assert settings.profile == Path("/nix/var/nix/profiles/system")
    assert settings.backend == "native"
    assert settings.search_path() == (
        "-I",
        "nixpkgs=/nix/var/nix/profiles/per-user/root/channels/nixos",
        "-I",
        "nixos-config=/etc/nixos/configuration.nix",
    )


def test_the_file_changes_what_it_names(file: Path) -> None:
    file.write_text('configuration = "/srv/c.nix"\nplan_seconds = 60\nlog_level = "debug"\n')
    settings = load(file, {})
    assert (settings.configuration, settings.plan_seconds) == (Path("/srv/c.nix"), 60)
    assert settings.log_level == "debug"
    assert settings.file == Settings().file


def test_probes_are_tables_with_a_name_each(file: Path) -> None:
    file.write_text(
        '[probes.web]\nurl = "http://localhost/"\nseconds = 30\n'
        '[probes.disk]\ncommand = ["/bin/df", "-h"]\nuser = "alice"\n'
    )
    assert load(file, {}).probes == {
        "web": Probe(url="http://localhost/", seconds=30),
        "disk": Probe(command=("/bin/df", "-h"), user="alice"),
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour = 1\n", "colour: "),
        ('plan_seconds = "soon"\n', "plan_seconds: "),
        ("plan_seconds = 0\n", "plan_seconds: "),
        ("plan_seconds = -5\n", "plan_seconds: "),
        ("evaluation_seconds = 0\n", "evaluation_seconds: "),
        ('backend = "other"\n', "backend: "),
        ('log_level = "loud"\n', "log_level: "),
        ("builder = 5\n", "builder: "),
        ("probes = 5\n", "probes: "),
        ("probes.web = 5\n", "probes.web: "),
        ("[probes.web]\n", "probes.web: A probe has exactly one of "),
        ('[probes.web]\nunit = "a.service"\ncolour = 1\n', "probes.web.colour: "),
        ('[probes.web]\ncommand = "/bin/true"\n', "probes.web.command: "),
        ("[probes.web]\ncommand = [1]\n", "probes.web.command.0: "),
        ("[probes.web]\ncommand = []\n", "probes.web.command: Give a list"),
        ("[probes.web]\ntcp = 80\n", "probes.web.tcp: "),
        ('[probes.web]\ntcp = "a:0"\n', "probes.web.tcp: There is no port 0"),
        ('[probes.web]\ntcp = "a:1"\nseconds = 1.5\n', "probes.web.seconds: "),
        ('[probes.web]\ntcp = "a:1"\nseconds = 301\n', "probes.web.seconds: "),
        ('flake = "github:alice/machines"\n', "flake: Luminous edits a file of the flake"),
        ('flake = "machines#laptop"\n', "flake: "),
        ('flake = "/srv/machines"\n', "file: /etc/nixos/luminous.nix lies outside of the flake"),
        ('flake = "/etc/nixos"\nfile = "/etc/nixos/../x.nix"\n', "file: "),
        ("a = \n", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(file: Path, text: str, says: str) -> None:
    file.write_text(text)
    with pytest.raises(InvalidValue) as refused:
        load(file, {})
    assert refused.value.message.startswith(str(file))
    assert says in refused.value.message


def test_a_flake_stands_for_the_configuration(file: Path) -> None:
    file.write_text('flake = "/srv/m#laptop"\nfile = "/srv/m/hosts/luminous.nix"\n')
    settings = load(file, {})
    assert str(settings.own_flake()) == "/srv/m#laptop"
    assert settings.main_file() == Path("/srv/m/flake.nix")
    assert settings.folder() == Path("/srv/m")


def test_without_a_flake_the_configuration_is_what_lies_beside_luminouss_file(file: Path) -> None:
    file.write_text('file = "/srv/m/luminous.nix"\n')
    settings = load(file, {})
    assert settings.own_flake() is None
    assert settings.main_file() == Path("/etc/nixos/configuration.nix")
    assert settings.folder() == Path("/srv/m")


def test_a_file_that_is_no_text_is_named(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidValue, match="is not TOML"):
        load(file, {})


@pytest.mark.parametrize(
    ("value", "backend"),
    [
        ("false", "nixos-rebuild"),
        ("FALSE", "nixos-rebuild"),
        ("0", "nixos-rebuild"),
        ("no", "nixos-rebuild"),
        ("true", "native"),
        ("", "native"),
        ("maybe", "native"),
    ],
)
def test_the_environment_switches_the_back_end(file: Path, value: str, backend: str) -> None:
    assert load(file, {"LUMINOUS_NIX_PYTHON_BACKEND": value}).backend == backend
    file.write_text('backend = "native"\n')
    assert load(file, {"LUMINOUS_NIX_PYTHON_BACKEND": value}).backend == backend


def test_the_processs_own_environment_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMINOUS_NIX_PYTHON_BACKEND", "false")
    assert load(file).backend == "nixos-rebuild"
