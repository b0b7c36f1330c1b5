"""Names of store paths, taken apart as Nix does."""

from __future__ import annotations

import re

_STORE_NAME = re.compile(r"/nix/store/[a-z0-9]{32}-(.+?)(?:\.drv)?$")
_VERSION = re.compile(r"^(.*?)-(\d[^-]*(?:-.*)?)$")


def store_name(path: str) -> str:
    """Return the name part of a store path: `hello-2.12` of `/nix/store/…-hello-2.12.drv`."""
    found = _STORE_NAME.search(path)
    return found[1] if found else path


def split_version(name: str) -> tuple[str, str]:
    """Split `firefox-143.0` into name and version, as Nix's `parseDrvName` does."""
    found = _VERSION.match(name)
    return (found[1], found[2]) if found else (name, "")
