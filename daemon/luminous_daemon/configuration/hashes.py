"""Hashes as Nix files write them: what each means, whichever of Nix's spellings it has."""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

_BASE32 = "0123456789abcdfghijklmnpqrsvwxyz"
_BITS = 5
_BYTES = {"sha1": 20, "sha256": 32, "sha512": 64}


class Hash(NamedTuple):
    """An algorithm and the bytes that it gave."""

    algorithm: str
    digest: bytes


FAKES = {
    "fakeHash": Hash("sha256", bytes(32)),
    "fakeSha256": Hash("sha256", bytes(32)),
    "fakeSha512": Hash("sha512", bytes(64)),
}
"""What nixpkgs's library has for hashes that are not known yet."""


def hash_of(text: str) -> Hash | None:
    """Return what `text` means; None for what is no hash, and for nothing the one of no bytes.

    Nix takes an empty text for a hash that is not known yet.
    """
    if not text:
        return FAKES["fakeHash"]
    for algorithm, length in _BYTES.items():
        for sign, read in (("-", _base64), (":", _digits)):
            if text.startswith(algorithm + sign):
                return _checked(algorithm, read(text[len(algorithm) + 1 :], length), length)
        if digest := _digits(text, length):
            return Hash(algorithm, digest)
    return None


def _checked(algorithm: str, digest: bytes, length: int) -> Hash | None:
    return Hash(algorithm, digest) if len(digest) == length else None


def _base64(text: str, _length: int) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _digits(text: str, length: int) -> bytes:
    """Return the bytes that so many digits of base 16 or 32 are; nothing for what is neither."""
    if len(text) == 2 * length:
        try:
            return bytes.fromhex(text)
        except ValueError:
            return b""
    if len(text) != -(-8 * length // _BITS) or not set(text) <= set(_BASE32):
        return b""
    number = 0
    for char in text:
        number = number << _BITS | _BASE32.index(char)
    # The first digit stands for the last bits, and those beyond the bytes are none.
    return b"" if number >> 8 * length else number.to_bytes(length, "little")
