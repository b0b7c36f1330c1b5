"""A file that is not there: where it is named, and the one that was meant."""

from __future__ import annotations

import pytest

from luminous_protocol.diagnosis import diagnose
from luminous_protocol.diagnosis.pinpointing import pinpoint
from tests.unit.luminous_protocol.diagnosis.files import ETC, MAIN, Files

HARDWARE = f"{ETC}/hardware.nix"


@pytest.mark.parametrize(
    ("written", "wanted", "near"),
    [
        ("./hardwre.nix", "hardwre.nix", "./hardware.nix"),
        ("./hots/atlas.nix", "hots/atlas.nix", "./hosts/atlas.nix"),
        ("./hosts/altas.nix", "hosts/altas.nix", "./hosts/atlas.nix"),
        ("/etc/nixos/hosts/altas.nix", "hosts/altas.nix", "/etc/nixos/hosts/atlas.nix"),
        ("../nixos/hardwre.nix", "hardwre.nix", "./hardware.nix"),
    ],
)
def test_a_misspelt_path_is_told_with_the_file_that_lies_near(
    written: str, wanted: str, near: str
) -> None:
    message = f"error: path '{ETC}/{wanted}' does not exist\n"
    text = f"{{\n  imports = [ {written} ];\n}}\n"
    found = pinpoint(
        diagnose(message), Files(HARDWARE, f"{ETC}/hosts/atlas.nix", configuration=text)
    )
    assert str(found.place) == f"{MAIN}:2:15"
    assert found.suggestions[0].endswith(near.lstrip("."))
    assert found.advice == (f"Write {near} instead of {written} in line 2, column 15 of {MAIN}.",)


@pytest.mark.parametrize("wanted", ["words.nix", "hots/words.nix", "configurations.nix"])
def test_nothing_is_offered_where_no_file_is_near_or_it_would_import_itself(wanted: str) -> None:
    message = f"error: path '{ETC}/{wanted}' does not exist\n"
    text = f"{{ imports = [ ./{wanted} ]; }}"
    found = pinpoint(
        diagnose(message), Files(HARDWARE, f"{ETC}/hosts/atlas.nix", configuration=text)
    )
    assert found.suggestions == ()
    assert found.place


def test_what_git_does_not_know_is_tracked_only_where_it_is_there() -> None:
    message = f"error: Path 'hardwre.nix' in the repository \"{ETC}\" is not tracked by Git.\n"
    text = "{ imports = [ ./hardwre.nix ]; }"
    there = Files(f"{ETC}/hardwre.nix", configuration=text)
    (repair,) = pinpoint(diagnose(message), there).repairs
    assert repair["operation"] == "track-file"
    near = pinpoint(diagnose(message), Files(HARDWARE, configuration=text))
    assert (near.suggestions, near.repairs) == ((HARDWARE,), ())
    none = pinpoint(diagnose(message), Files(configuration=text))
    assert (none.suggestions, none.repairs) == ((), ())
