"""The options of the NixOS module as a page, from the module itself: `make manuals`.

Nix writes what it knows of each option as JSON, the way NixOS's own manual is made:
https://nixos.org/manual/nixos/stable/#sec-writing-documentation
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHECKOUT: Final = Path(__file__).parents[1]
PAGE: Final = CHECKOUT / "nixos-module" / "options.md"
_NIXPKGS: Final = CHECKOUT / "daemon" / "luminous_sandbox" / "nixos" / "nixpkgs"
_OURS: Final = "services.luminous."
_EXPRESSION: Final = f"""let
  s = import <nixpkgs/nixos> {{ configuration.imports = [ {CHECKOUT}/nixos-module ]; }};
in s.pkgs.lib.optionAttrSetToDocList s.options.services.luminous"""
_HEAD: Final = """# Options of the NixOS module

Made by `make manuals` from the module itself. `configuration` says where Luminous finds the
machine's configuration, and sets what `settings` has of it; what stands in `settings` wins. After
the first rebuild `ask-nix setup`, or the first change, adds the import of `luminous.nix`.
"""
_ROLE: Final = re.compile(r"\{(?:option|file|manpage|command)\}(?=`)")
"""The roles of NixOS's documentation, which other readers of Markdown do not know."""


def described(nixpkgs: Path = _NIXPKGS) -> list[dict[str, Any]]:
    """Return what Nix knows of each option; `nixpkgs` brings the module system."""
    argv = ["nix-instantiate", "--eval", "--strict", "--json", "--store", "dummy://"]
    search = ["-I", f"nixpkgs={nixpkgs}", "--expr", _EXPRESSION]
    done = subprocess.run([*argv, *search], check=True, stdout=subprocess.PIPE)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def page(options: Sequence[Mapping[str, Any]]) -> str:
    """Return the page: each option of ours that people see, by name."""
    shown = [
        option
        for option in options
        if option["name"].startswith(_OURS) and option["visible"] and not option["internal"]
    ]
    return "\n".join([_HEAD, *map(_entry, sorted(shown, key=lambda option: option["name"]))])


def _entry(option: Mapping[str, Any]) -> str:
    lines = [f"## `{option['name']}`", "", _ROLE.sub("", _text(option["description"])), ""]
    lines += [f"* Type: {option['type']}"]
    for name in ("default", "example"):
        if name in option:
            lines += _value(name.capitalize(), _text(option[name]))
    return "\n".join(lines) + "\n"


def _value(name: str, text: str) -> list[str]:
    if "\n" not in text:
        return [f"* {name}: `{text}`"]
    return [f"* {name}:", "", "  ```nix", *(f"  {line}" for line in text.splitlines()), "  ```"]


def _text(value: str | Mapping[str, str]) -> str:
    """Return the text of a description or a literal expression."""
    return (value if isinstance(value, str) else value["text"]).strip()


def main() -> None:
    """Write the page; of options that are given as a file of JSON, print it."""
    if len(sys.argv) > 1:
        options = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        named = [{"name": name, **option} for name, option in options.items()]
        sys.stdout.write(page([{"visible": True, "internal": False, **one} for one in named]))
        return
    PAGE.write_text(page(described()), encoding="utf-8")


if __name__ == "__main__":
    main()
