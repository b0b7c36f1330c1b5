"""Prose: the texts of manuals, options and packages, made fit for a terminal."""

from __future__ import annotations

import re
import textwrap

from luminous_clients.cli.text import clean

_ROLE = re.compile(r"\{[a-z][a-z0-9:-]*\}`([^`]*)`")
"""As NixOS's manual marks what a name is: {option}`services.nginx.enable`."""
_LINK = re.compile(r"\[([^\]\n]*)\]\((?:#[^)\s]*|([^)\s]*))\)")
_BEFORE_NIXPKGS = re.compile(
    r"^(?:/nix/store/[a-z0-9]{32}-[^/]+/(?:nixos/(?=nixos/|pkgs/|lib/))?"
    r"|/nix/var/nix/profiles/(?:per-user/root/)?channels/[^/]+/(?=nixos/|pkgs/|lib/))"
)
"""A channel holds nixpkgs as `nixos`; the copy of a flake's input is nixpkgs itself."""
_ITEM = re.compile(r"\s*(?:[-*]|\d+\.)\s")
_TERM = r'(?:"(?:\\.|[^"\\])*"|\S)+'
_PIECE = re.compile(rf"{_TERM}(?: = {_TERM})?\s*")
"""What stays on one line of Nix code: a string, or a name with the beginning of its value."""
_HANGING = 2
_NARROWEST = 20
_FENCE = re.compile(r"\s*(?:```|:::)")


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, the items of its lists and the lines of its code.

    Markup goes, as do empty ones; each is safe to show.
    """
    found: list[str] = []
    is_code = is_open = False
    for line in str(text).replace("\r\n", "\n").split("\n"):
        if _FENCE.match(line):
            is_code = "```" in line and not is_code
            is_open = False
        elif is_code:
            found.append(clean(line.rstrip()))
        elif not line.strip():
            is_open = False
        elif is_open and not _ITEM.match(line):
            found[-1] += f" {_bare(line)}"
        else:
            found.append(_bare(line))
            is_open = True
    return [paragraph for paragraph in found if paragraph.strip()]


def in_one_line(text: str) -> str:
    """Return a text in one line."""
    return " ".join(paragraphs(text))


def fold(text: str, width: int) -> list[str]:
    """Return a paragraph in lines of at most `width` columns; of any length where that is 0."""
    if not width:
        return [text]
    return textwrap.wrap(text, max(width, _NARROWEST), break_on_hyphens=False) or [""]


def fold_code(text: str, width: int) -> list[str]:
    """Return a value or a type in lines of at most `width` columns, as `fold` does.

    Strings stay whole where a line holds them; the lines after the first are set in.
    """
    width = width and max(width, _NARROWEST)
    if not width or len(text) <= width:
        return [text]
    line = text[: len(text) - len(text.lstrip())][: width // 2]
    margin = line + " " * _HANGING
    lines = []
    for piece in _PIECE.findall(text):
        if line.strip() and len(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = margin
        line += piece
    wrap = textwrap.TextWrapper(width, subsequent_indent=margin, break_on_hyphens=False).wrap
    return [part for whole in (*lines, line.rstrip()) for part in wrap(whole)]


def cut(lines: list[str], most: int) -> list[str]:
    """Return at most so many lines, with an ellipsis where there are more."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"{lines[most - 1].rstrip(' .,;')} …"]


def shorten(text: str, width: int) -> str:
    """Return at most so many characters of a text, with an ellipsis where there are more."""
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


def short_path(path: str) -> str:
    """Return the path of a file of nixpkgs as it is known: below nixpkgs."""
    return _BEFORE_NIXPKGS.sub("", clean(path))


def _bare(line: str) -> str:
    linked = _LINK.sub(_spelled, _ROLE.sub(r"\1", line))
    return clean(linked.strip())


def _spelled(match: re.Match[str]) -> str:
    text, address = match[1], match[2] or ""
    return f"{text} ({address})" if text and "://" in address else text or address
