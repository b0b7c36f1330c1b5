"""Text: a sentence as tokens, folded for comparing, with the words as typed beside them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 2000
"""The longest text that is looked at, in characters."""

EMPTY = frozenset({"the", "my", "our"})
"""Words that are left out before anything is compared: they change no meaning here."""

_DETERMINERS = frozenset(
    ("the", "my", "our", "your", "his", "her", "their", "this", "that", "these", "those", "a", "an")
)
PUNCTUATION = frozenset(",.;:!?")

_QUOTES = str.maketrans(dict.fromkeys("’‘ʼ´", "'") | dict.fromkeys("“”„«»「」『』", '"'))  # noqa: RUF001 - typographic quotes
_STROKES = str.maketrans("łŁøØđĐı", "llooddi")
_WIDE = str.maketrans("，。；：！？、", ",.;:!?,")  # noqa: RUF001 - full-width punctuation is the point
_FACES = re.compile(r"(?<!\S)(?:[:;=]-?[()DPp/|]|<3|\^\^|[xX]D)(?!\S)")
_MENTIONED = re.compile(r"""(?<![\w.=/-])(?P<q>['"])([\w.+-]+)(?P=q)(?![\w.])""")
_DOTS = re.compile(r"\.{2,}(?![/\w])")
_TOKEN = re.compile(r'"[^"]*"|[,;:!?=]|[^\s,;:!?="]+(?:(?<=\.)"[^"\s]*"[^\s,;:!?="]*)*|"')
_ELISION = re.compile(r"(?i:qu|[lndsjcmt])'(?=\w)")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LONGEST_SYLLABLE = 8
_SYMBOLS = frozenset({"So", "Sk", "Cf", "Mn"})
_COMBINING = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True)
class Clause:
    """A run of tokens: `words` folded for comparing, `raws` as they were typed.

    `things` are the words that stood behind "my", "this" and the like: hardly names.
    """

    words: tuple[str, ...]
    raws: tuple[str, ...]
    things: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self.words)

    def part(self, start: int, end: int) -> Clause:
        """Return the tokens from `start` to before `end`."""
        return Clause(self.words[start:end], self.raws[start:end], self.things)

    def without(self, emphasis: frozenset[str]) -> Clause:
        """Return the clause without empty words, and without `emphasis` where it stands for itself.

        The last word stays ("install just" names a package), and so does one before a comma.
        """
        kept = [
            at
            for at, word in enumerate(self.words)
            if word not in EMPTY and not (word in emphasis and self._is_followed(at))
        ]
        if not kept:
            return self
        things = frozenset(after for word, after in pairwise(self.words) if word in _DETERMINERS)
        words, raws = (tuple(texts[at] for at in kept) for texts in (self.words, self.raws))
        return Clause(words, raws, things)

    def _is_followed(self, at: int) -> bool:
        after = self.words[at + 1] if at + 1 < len(self.words) else "."
        return after not in PUNCTUATION and after != "for"  # "just for me"

    def text(self) -> str:
        """Return the words as typed, with single spaces and punctuation where it belongs."""
        return re.sub(r" (?=[,.;:!?])", "", " ".join(self.raws))


def fold(word: str) -> str:
    """Return the form in which words are compared: no case, no accents on Latin letters."""
    if word.isascii():
        return word.lower()
    word = word.translate(_STROKES)
    plain = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", _COMBINING.sub("", plain))


def clean(text: str) -> str:
    """Return `text` with plain quotes and punctuation, without smileys and emoji."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_QUOTES).translate(_WIDE))
        text = "".join(" " if c in "¿¡" or unicodedata.category(c) in _SYMBOLS else c for c in text)
    return _DOTS.sub(" . ", _FACES.sub(" ", text))


def unquoted(text: str) -> str:
    """Return `text` without the quotes round single words: they only set a name apart."""
    return _MENTIONED.sub(r"\2", text)


def tokenise(text: str, contractions: Mapping[str, str], syllables: frozenset[str]) -> Clause:
    """Cut cleaned text into tokens.

    `contractions` maps folded short forms to their words ("don't" → "do not"); `syllables` are the
    known words of languages written without spaces.
    """
    raws: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token.isascii():
            raws.extend(_latin(token, contractions))
        else:
            for piece in _pieces(token, syllables):
                raws.extend(_latin(piece, contractions))
    return Clause(tuple(map(fold, raws)), tuple(raws))


def _latin(token: str, contractions: Mapping[str, str]) -> list[str]:
    if token in PUNCTUATION or token[0] == '"':
        return [token]
    body = token.rstrip(".")
    ending = ["."] if len(body) < len(token) else []
    whole = contractions.get(fold(body))
    if whole is not None:
        return [*whole.split(), *ending]
    if "'" not in body:
        return [body, *ending] if body else ending
    parts: list[str] = []
    while match := _ELISION.match(body):
        parts.append(match.group())
        body = body[match.end() :]
    if body.endswith("'s"):
        return [*parts, body[:-2], "'s", *ending]
    return [*parts, body, *ending]


def _pieces(token: str, syllables: frozenset[str]) -> list[str]:
    pieces: list[str] = []
    at = 0
    for run in _CJK.finditer(token):
        if run.start() > at:
            pieces.append(token[at : run.start()])
        pieces.extend(_cut(run.group(), syllables))
        at = run.end()
    if at < len(token):
        pieces.append(token[at:])
    return pieces


def _cut(run: str, syllables: frozenset[str]) -> list[str]:
    """Cut a run of Chinese or Japanese, always taking the longest known word."""
    pieces: list[str] = []
    start = at = 0
    while at < len(run):
        sizes = range(min(_LONGEST_SYLLABLE, len(run) - at), 0, -1)
        size = next((n for n in sizes if run[at : at + n] in syllables), 0)
        if not size:
            at += 1
            continue
        if start < at:
            pieces.append(run[start:at])
        pieces.append(run[at : at + size])
        start = at = at + size
    if start < len(run):
        pieces.append(run[start:])
    return pieces
