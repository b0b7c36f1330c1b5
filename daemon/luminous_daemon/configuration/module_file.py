"""The text of `luminous.nix`: rendered from definitions in one form, read back from that form."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from luminous_daemon.configuration.nix_values import (
    NotCanonical,
    parse_binding,
    render,
    render_path,
)
from luminous_daemon.configuration.patches import lines_of
from luminous_daemon.core.definitions import Attribution, Definition
from luminous_protocol.changes import join_option, split_option
from luminous_protocol.errors import ConfigurationUnreadable

EMPTY_FILE = Path(__file__).with_name("empty.nix")
EMPTY = EMPTY_FILE.read_text(encoding="utf-8")
"""The file before anything was asked for; as a file too, so that Nix can look at it."""

_TAIL = "  ];\n}\n"
_HEAD = EMPTY.removesuffix(_TAIL)

_START = "    { "
_MAX_WORDS = 200
_COMMENT = re.compile(
    r"; \} # (?P<who>[A-Za-z0-9_.-]+),"
    r" (?P<when>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC: "
    rf"(?P<words>.{{0,{_MAX_WORDS}}})"
)
_TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def render_module(definitions: tuple[Definition, ...]) -> str:
    """Return the whole file."""
    return _HEAD + "".join(_render_line(line) for line in definitions) + _TAIL


def read_module(text: str, file: str) -> tuple[Definition, ...]:
    """Return the definitions in `text`, the content of `file`.

    Raises `ConfigurationUnreadable`, with the number of the first line that Luminous did not write.
    """
    if not text.strip():
        raise _empty(file)
    lines, head, tail = lines_of(text), lines_of(_HEAD), lines_of(_TAIL)
    for number, expected in enumerate(head):
        if number >= len(lines) or lines[number] != expected:
            raise _unreadable(file, number + 1)
    if lines[-len(tail) :] != tail:
        raise _unreadable(file, len(lines))
    body = lines[len(head) : -len(tail)]
    return tuple(
        _read_line(line.rstrip("\n"), file, number)
        for number, line in enumerate(body, start=len(head) + 1)
    )


def tidy_words(words: str) -> str:
    """Return `words` as they may stand in a comment: one line, printable, not endless."""
    spaced = "".join(char if char.isprintable() else " " for char in words)
    return " ".join(spaced.split())[:_MAX_WORDS].rstrip()


def _render_line(line: Definition) -> str:
    path = render_path(split_option(line.option))
    when = datetime.fromtimestamp(line.attribution.when, tz=UTC).strftime(_TIME_FORMAT)
    who = re.sub(r"[^A-Za-z0-9_.-]", "_", line.attribution.who) or "unknown"
    comment = f"{who}, {when} UTC: {tidy_words(line.attribution.words)}"
    return f"{_START}{path} = {render(line.value)}; }} # {comment}\n"


def _read_line(text: str, file: str, number: int) -> Definition:
    # Values and words can look like the beginning of the comment, so every such place is tried.
    for place in re.finditer(r"; \} # ", text):
        comment = _COMMENT.fullmatch(text, place.start())
        if comment and text.startswith(_START):
            definition = _definition(text[len(_START) : place.start()], comment)
            if definition and _render_line(definition) == text + "\n":
                return definition
    raise _unreadable(file, number)


def _definition(binding: str, comment: re.Match[str]) -> Definition | None:
    try:
        path, value = parse_binding(binding)
        when = _seconds(comment["when"])
    except (NotCanonical, ValueError, OverflowError):
        return None
    return Definition(join_option(path), value, Attribution(comment["who"], when, comment["words"]))


def _seconds(text: str) -> int:
    return int(datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC).timestamp())


def _empty(file: str) -> ConfigurationUnreadable:
    return ConfigurationUnreadable(
        f"{file} is empty. What it holds before the first change, as root: "
        f"luminousd --print-module > {file}",
        {"file": file, "line": "1"},
    )


def _unreadable(file: str, number: int) -> ConfigurationUnreadable:
    return ConfigurationUnreadable(
        f"Line {number} of {file} is not in the form that Luminous writes, so it was left alone. "
        "Move your own lines into another file, or put the file back as it was.",
        {"file": file, "line": str(number)},
    )
