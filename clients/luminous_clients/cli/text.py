"""Text from elsewhere made safe to show, and figures made readable.

Log lines, other people's words and package names are data: an escape sequence in them must not
reach the terminal.
"""

from __future__ import annotations

import re
import time

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours and cursor movement (ECMA-48, control sequences)
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles, links and other strings
    r"|\x1b[ -/]*[0-~]"  # the short ones
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)

_KIB = 1024
_MINUTE, _HOUR = 60, 3600


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - two digits


def clean(text: str) -> str:
    """Return `text` on one line, without escape sequences; other control characters are spelt out.

    A carriage return starts the line anew, as it does on a terminal.
    """
    bare = _SEQUENCE.sub("", str(text)).rstrip("\r\n")
    bare = bare.replace("\r\n", "\n").replace("\n", " ").replace("\t", "    ")
    return _CONTROL.sub(_visible, bare.rpartition("\r")[2])


def clean_lines(text: str) -> list[str]:
    """Return the lines of `text`, each made safe."""
    return [clean(line) for line in str(text).split("\n")] if text else []


def size(count: int) -> str:
    """Return a number of bytes as people read it: `512 B`, `1.4 GiB`."""
    value, unit = float(abs(count)), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if value < _KIB or unit == "TiB":
            break
        value /= _KIB
    shown = f"{value:.0f}" if unit == "B" else f"{value:.1f}"
    return f"{'-' if count < 0 else ''}{shown} {unit}"


def signed_size(count: int) -> str:
    """Return a difference of bytes with its sign."""
    return f"+{size(count)}" if count >= 0 else size(count)


def duration(seconds: float) -> str:
    """Return a duration as a clock shows it: `0:07`, `1:02:03`."""
    whole = int(seconds)
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def moment(seconds: int) -> str:
    """Return a time since the epoch as local date and time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds > 0 else "-"


def days(text: str) -> int:
    """Read `30d`, `2w`, `6m` or `1y` as days; a plain number is days. Raises ValueError."""
    match = re.fullmatch(r"(\d{1,5})\s*([dwmy]?)", text.strip().lower())
    if not match:
        raise ValueError(text)
    return int(match[1]) * {"": 1, "d": 1, "w": 7, "m": 30, "y": 365}[match[2]]


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 package`, `3 packages`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(names: list[str], most: int, total: int = 0) -> str:
    """Return names with commas between them, at most `most`, and how many more there are.

    There may be more of them, `total`, than are named.
    """
    shown = ", ".join(clean(name) for name in names[:most])
    more = max(len(names), total) - min(len(names), most) if names else 0
    return f"{shown} and {more} more" if more > 0 else shown


def joined(names: list[str]) -> str:
    """Return names as a sentence lists them: `a`, `a and b`, `a, b and c`."""
    safe = [clean(name) for name in names]
    return " and ".join([", ".join(safe[:-1]), safe[-1]] if len(safe) > 1 else safe)
