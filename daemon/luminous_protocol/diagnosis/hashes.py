"""Hashes: the spellings that Nix has for one hash (libutil/hash.cc)."""

from __future__ import annotations

import base64
import binascii
import re

_NIX_DIGITS = "0123456789abcdfghijklmnpqrsvwxyz"
_WITH_ALGORITHM = re.compile(r"(?P<algorithm>md5|sha1|sha256|sha512)[-:](?P<rest>.{1,140})")


def spellings(text: str) -> tuple[str, ...]:
    """Return how else a file may write a hash that Nix prints as `sha256-…`; itself first."""
    found = _WITH_ALGORITHM.fullmatch(text)
    if not found:
        return (text,) if text else ()
    algorithm, rest = found["algorithm"], found["rest"]
    try:
        content = base64.b64decode(rest, validate=True)
    except (binascii.Error, ValueError):
        return (text, rest, f"{algorithm}:{rest}")
    written = (content.hex(), _in_nix_digits(content), rest)
    return (text, *written, *(f"{algorithm}:{spelt}" for spelt in written))


def _in_nix_digits(content: bytes) -> str:
    """Return a hash in the base 32 of Nix, which counts from the last bit."""
    number = int.from_bytes(content, "little")
    count = (len(content) * 8 - 1) // 5 + 1
    return "".join(_NIX_DIGITS[number >> (5 * place) & 31] for place in reversed(range(count)))
