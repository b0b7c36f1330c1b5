"""A package that nixpkgs refuses: which line of the configuration names it."""

from __future__ import annotations

import pytest

from luminous_protocol.diagnosis import diagnose
from luminous_protocol.diagnosis.pinpointing import pinpoint
from tests.unit.luminous_protocol.diagnosis.files import MAIN, Files

OTHER = "/etc/nixos/other.nix"


def refusal(package: str, trace: str = "") -> str:
    """Return what nixpkgs says of a package."""
    return (
        f"error:\n{trace}\n       error: Package '{package}' in /nix/store/"
        "0cmgdd4v85h5wkyh2y1kwzf9v9b9w2sx-source/pkgs/by-name/wo/words/package.nix:40 has an "
        "unfree license ('unfree'), refusing to evaluate.\n"
    )


@pytest.mark.parametrize(
    ("package", "text", "place"),
    [
        ("words-1.2", "[\n  # words\n  pkgs.words\n]", "3:8"),
        ("words-1.1.1w", "with pkgs; [ words words_1_1 ]", "1:20"),
        ("words-1.2", "{ programs.words.enable = true; }", "1:12"),
        ("words-shop-1.2", "with pkgs; [ words words-shop wordsy ]", "1:20"),
    ],
)
def test_the_one_place_that_names_it_is_told(package: str, text: str, place: str) -> None:
    found = pinpoint(diagnose(refusal(package)), Files(configuration=text, other="{ }"))
    assert str(found.place) == f"{MAIN}:{place}"
    assert [change["kind"] for change in found.repairs] == ["allow-package"]


@pytest.mark.parametrize(
    "text", ["[ wordsy ]", "[ sword ]", "[ words words ]", "[ words_2 ]", '[ "words" ]']
)
def test_nothing_is_said_where_that_is_not_certain(text: str) -> None:
    assert pinpoint(diagnose(refusal("words-1.2")), Files(configuration=text)).place is None


def test_else_the_place_counts_that_the_trace_leads_to() -> None:
    trace = "       … while calling a function\n         at {}:7:3:\n"
    found = diagnose(refusal("words-1.2", trace.format(OTHER)))
    assert str(found.place) == f"{OTHER}:7:3"
    assert str(pinpoint(found, Files(other="{ }")).place) == f"{OTHER}:7:3"
    # All that a flake makes comes by its flake.nix.
    top = diagnose(refusal("words-1.2", trace.format("/etc/nixos/flake.nix")))
    assert pinpoint(top, Files(other="{ }")).place is None
