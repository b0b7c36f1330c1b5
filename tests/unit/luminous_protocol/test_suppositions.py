"""Suppositions: what is supposed, said as a request."""

from __future__ import annotations

import pytest

from luminous_protocol.suppositions import base_of, imperative


@pytest.mark.parametrize(
    ("supposed", "request_"),
    [
        ("I removed git", "remove git"),
        ("if we uninstalled htop", "uninstall htop"),
        ("what would happen if I enabled ssh?", "enable ssh"),
        ("What would change if I switched to generation 3", "switch to generation 3"),
        ("what if I deleted old generations?", "delete old generations"),
        ("by removing vim", "remove vim"),
        ("I were to install steam", "install steam"),
        ("remove git", "remove git"),
        ("I rolled back", "roll back"),
        ("install a file manager", "install a file manager"),
        ("I set boot.loader.timeout to 3", "set boot.loader.timeout to 3"),
        ("if I dropped nano", "drop nano"),
        ("", ""),
        ("?!", "?!"),
    ],
)
def test_a_supposition_becomes_the_request_that_it_is_about(supposed: str, request_: str) -> None:
    assert imperative(supposed) == request_


@pytest.mark.parametrize(
    ("word", "base"),
    [
        *(("removed", "remove"), ("installed", "install"), ("stopped", "stop")),
        *(("updating", "update"), ("cleaned", "clean"), ("got", "get"), ("added", "add")),
        *(("red", "red"), ("nginx", "nginx"), ("disabled", "disable"), ("upgraded", "upgrade")),
    ],
)
def test_the_base_of_a_verb_is_found(word: str, base: str) -> None:
    assert base_of(word) == base
