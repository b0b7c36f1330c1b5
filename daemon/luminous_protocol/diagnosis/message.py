"""Messages: what a command has printed, taken apart into errors, their traces and the rest.

Nix writes its errors in three ways: as text (`error: …`, with the trace in front since 2.18 and
behind before), with `--show-trace` in the same form but longer, and as JSON lines that begin with
`@nix`, where `raw_msg` is the error itself. All of it is cut to a bounded size before it is looked
at, so that no message, however long or wrong, takes long.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TypeVar

from luminous_protocol.diagnosis.places import Trace, frames_of, is_of_trace

T = TypeVar("T")

MAX_TEXT = 1024 * 1024
"""Characters. Of a longer text the middle is left out."""

_LEFT_OUT = "\n[… the middle of the message was left out …]\n"
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,16}[@-~]"
    r"|[\]PX^_][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|[ -/]{0,8}[0-~])"
)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    r"|[\ud800-\udfff]"
)
_QUOTES = str.maketrans(
    {"\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'", "`": "'"}
)
_ERROR = re.compile(
    r"\s{0,40}(?:(?!warning|trace)[A-Za-z][\w.+-]{0,40}: )?"
    r"(?:error|fatal|Error)(?: \([^()\n]{0,60}\))?:(?: |$)"
)
_HINTS = ("(use '--show-trace'", "(stack trace truncated")
_JSON = "@nix {"
_LOG_LINES = frozenset({101, 107})
"""Lines of builders and of hooks: `ResultType` in libutil/logging.hh of Nix."""

_LONGEST_LINE = 4000
_MOST_ERROR_LINES = 120
_FIRST_ERRORS, _LAST_ERRORS = 8, 16
_FIRST_TEXT, _LAST_TEXT = 8_000, 64_000
_FIRST_LINES, _LAST_LINES = 60, 400


@dataclass(slots=True)
class Error:
    """One `error:` of a message. `body` is what it says, `trace` where Nix was at the time."""

    lines: list[str]
    body: str = ""
    trace: Trace = field(default_factory=Trace)

    def read(self) -> Error:
        """Tell the trace from what the error says."""
        self.trace = frames_of(self.lines)
        first = _ERROR.sub("", self.lines[0], count=1) if self.lines else ""
        said = [first.strip(), *(line for line in self.lines[1:] if not is_of_trace(line))]
        text = "\n".join(line.strip() for line in said if not line.strip().startswith(_HINTS))
        self.body = re.sub(r"\n{3,}", "\n\n", text).strip().translate(_QUOTES)
        return self


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart: its errors in order, and what stands around them."""

    errors: tuple[Error, ...]
    rest: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return what is no error as one text, with one sort of quotes, cut to a bounded size."""
        text = "\n".join(self.rest)
        if len(text) > _FIRST_TEXT + _LAST_TEXT:
            text = f"{text[:_FIRST_TEXT]}\n{text[-_LAST_TEXT:]}"
        return text.translate(_QUOTES)


def read_message(text: str) -> Message:
    """Take a message apart."""
    errors: list[Error] = []
    rest: list[str] = []
    current: Error | None = None
    for line in _lines_of(text):
        if _ERROR.match(line):
            current = Error([line])
            errors.append(current)
        elif current is not None and _continues(current, line):
            current.lines.append(line)
        else:
            current = None
            rest.append(line)
    return Message(
        tuple(error.read() for error in _bounded(errors, _FIRST_ERRORS, _LAST_ERRORS)),
        tuple(_bounded(rest, _FIRST_LINES, _LAST_LINES)),
    )


def _continues(error: Error, line: str) -> bool:
    """Tell whether a line belongs to the error before it: it is indented, or empty."""
    if len(error.lines) >= _MOST_ERROR_LINES:
        # A longer one is a trace, whose end stands nearest to the error that follows it, and its
        # beginning nearest to the one before it.
        del error.lines[_MOST_ERROR_LINES // 3 : 2 * _MOST_ERROR_LINES // 3]
    return (
        not line.strip() or line[0] in " \t|" or line.startswith(("- In ", "Did you mean", "at "))
    )


def _bounded(items: list[T], first: int, last: int) -> list[T]:
    return items if len(items) <= first + last else [*items[:first], *items[-last:]]


def _lines_of(text: str) -> list[str]:
    lines: list[str] = []
    for line in plain(cut(text)).split("\n"):
        if line.startswith(_JSON):
            lines += _told_by(line)
        else:
            # A carriage return begins the line anew, as progress does.
            lines.append(line.rstrip("\r").rpartition("\r")[2][:_LONGEST_LINE])
    return lines


def cut(text: str) -> str:
    """Return a text that is not too long: its beginning and its end, with a line between."""
    if len(text) <= MAX_TEXT:
        return text
    half = (MAX_TEXT - len(_LEFT_OUT)) // 2
    return f"{text[:half]}{_LEFT_OUT}{text[-half:]}"


_DIRECTORY = re.compile(
    r"(?:Git tree '|git\+file://|path:|repository path '|repository \")"
    r"(?P<directory>/[^'\"?#\s]{1,400})"
)


def directory_in(text: str) -> str:
    """Return the directory of the flake that a message is about, if it names one."""
    found = _DIRECTORY.search(text)
    return found["directory"].rstrip("/") if found else ""


def plain(text: str) -> str:
    """Return a text without colours and what else drives terminals."""
    if "\x1b" in text:
        text = _SEQUENCE.sub("", text)
    return _CONTROL.sub("", text)


def _told_by(line: str) -> list[str]:
    """Return the lines of text that a JSON line stands for: errors, and what builders print."""
    try:
        event = json.loads(line[len(_JSON) - 1 :])
    except (ValueError, RecursionError):
        return []
    match event:
        case {"action": "msg", "level": 0, **told}:
            return _error_lines(told)
        case {"action": "msg", "msg": str(said), "level": 1}:
            return plain(said)[:_LONGEST_LINE].split("\n")
        case {"action": "result", "type": int(kind), "fields": [str(said), *_]}:
            return [plain(said)[:_LONGEST_LINE]] if kind in _LOG_LINES else []
    return []


def _error_lines(told: dict[object, object]) -> list[str]:
    """Write an error as text, in the form that Nix's own has, from `raw_msg` where it is there."""
    whole, raw = (plain(str(told.get(key) or "")) for key in ("msg", "raw_msg"))
    if whole.lstrip().startswith(_HINTS):
        return []
    if not raw:
        return [f"error: {whole.removeprefix('error:').strip()}"[:_LONGEST_LINE]]
    file, line, column = (told.get(key) for key in ("file", "line", "column"))
    trace = whole.partition("error:")[2].split("\n")[1:] if whole.count("error:") > 1 else []
    inner = [part for part in trace if is_of_trace(part)]
    place = f"  at {_placed(str(file), line, column)}:" if file and line else ""
    said = [part for part in whole.split("\n") if is_of_trace(part)] if not (inner or place) else []
    body = [f"  {part}" for part in raw.split("\n")]
    body[0] = f"error: {body[0].strip()}"
    before = ["error:", *inner] if inner else []
    return [part[:_LONGEST_LINE] for part in (*before, *body, *filter(None, (place,)), *said)]


def _placed(file: str, line: object, column: object) -> str:
    return file if re.search(r":\d{1,9}:\d{1,9}$", file) else f"{file}:{line}:{column}"
