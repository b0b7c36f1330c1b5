"""What nixpkgs refuses, read from its messages of several years."""

from __future__ import annotations

import pytest

from luminous_daemon.nix.refusals import refused_package

LEFT, RIGHT = "\N{LEFT SINGLE QUOTATION MARK}", "\N{RIGHT SINGLE QUOTATION MARK}"
WAY_OUT = """refusing to evaluate.

b) For `nixos-rebuild` you can set
  { nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [
      "steam-unwrapped"
    ];
  }
"""


def quoted(text: str) -> str:
    """Return a sentence with the quotes of nixpkgs."""
    return text.replace("<", LEFT).replace(">", RIGHT)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (
            f"Package <steam-1.0> in /n/p.nix:9 has an unfree license (<unfree>), {WAY_OUT}",
            ("steam-1.0", "steam-unwrapped", "unfree", "unfree"),
        ),
        (
            (
                "Refusing to evaluate package 'g++-lib-2.1' in /p.nix:9 because it has an unfree "
                "license (<bsl11>, <unfree>)"
            ),
            ("g++-lib-2.1", "g++-lib", "unfree", "bsl11, unfree"),
        ),
        (
            (
                "Package <openssl-1.1.1w> in <unknown-file> is marked as insecure, refusing to "
                "evaluate.\n\n\nKnown issues:\n - CVE-1\n - It is old.\n\nYou can install it"
            ),
            ("openssl-1.1.1w", "openssl", "insecure", "CVE-1; It is old."),
        ),
        (
            "Package <a-2-rc1> in /p.nix:9 is marked as broken, refus",
            ("a-2-rc1", "a", "broken", ""),
        ),
        (
            "Package <lib-x86-1> in /p.nix:9 is not available on the requested hostPlatform:",
            ("lib-x86-1", "lib-x86", "unsupported", ""),
        ),
    ],
)
def test_a_refusal_is_read_with_its_package_and_its_reason(
    message: str, found: tuple[str, str, str, str]
) -> None:
    read = refused_package(quoted(message))
    assert tuple(read.values()) == found
    assert [*read] == ["package", "name", "kind", "reason"]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "The option `a.b' does not exist.",
        "package 'x' in a sentence is marked as nothing",
        "Package <two words> in /p.nix is marked as broken",
    ],
)
def test_what_is_no_refusal_is_none(message: str) -> None:
    assert refused_package(quoted(message)) == {}
