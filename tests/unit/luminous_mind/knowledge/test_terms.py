"""Terms: names and sentences are cut so that they find one another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import text

from luminous_mind.knowledge.terms import folded, query_terms, stem, telling, terms, words


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("services.openssh.openFirewall", ["services", "openssh", "open", "firewall"]),
        ("allowedTCPPorts", ["allowed", "tcp", "ports"]),
        ("systemd-boot", ["systemd", "boot"]),
        ("python313Packages", ["python", "313", "packages"]),
        ("zażółć gęślą", ["za", "żółć", "g", "ęś", "l", "ą"]),
    ],
)
def test_names_are_cut_where_a_reader_would(name: str, cut: list[str]) -> None:
    assert words(name) == cut


def test_a_name_of_several_words_is_a_term_as_a_whole_too() -> None:
    assert set(terms("openFirewall")) == {"open", "firewal", "openfirewall"}
    assert "openfirewall" in query_terms("open firewall")
    assert "vaultwarden" in query_terms("vault warden")


def test_words_that_say_nothing_are_left_out_unless_there_is_nothing_else() -> None:
    assert telling("how do I enable the firewall?") == [stem("enable"), stem("firewall")]
    assert telling("who are you") == ["who", "are", "you"]


def test_names_are_compared_by_their_letters_and_digits() -> None:
    assert folded("Systemd_Boot.en-able") == "systemdbootenable"


@given(text())
def test_any_text_can_be_cut(given_text: str) -> None:
    for term in [*terms(given_text), *query_terms(given_text)]:
        assert term
