"""Guards: what is refused before it is read, and what forbids to read a change into a sentence."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

from luminous_protocol.grammar.text import LIMIT
from luminous_protocol.intents import IntentKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_protocol.grammar.phrases import Phrases
    from luminous_protocol.grammar.text import Clause
    from luminous_protocol.grammar.vocabulary import Vocabulary
    from luminous_protocol.intents import Intent

_HOSTILE = re.compile(
    r"[|&$`<>(){}\[\]\\^~*]"  # shell and Nix syntax
    r"|;(?!\s*$)"  # a second command; one at the very end closes an assignment
    r"|\.\./|/\.\.|//|:/"  # paths that climb, comments, addresses
    r"|(?<!nixpkgs)(?<!\bc)(?<!\bf)#(?!\d)"  # comments; "nixpkgs#vim", "c#" and "#42" are none
    r"|''"  # Nix's long strings
)
_PLAIN_LIST = re.compile(r"\w(?:[\w ,.']|(?<! )[+-])*(?:; \w(?:[\w ,.']|(?<! )[+-])*)+;?")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BRINGING = frozenset({IntentKind.INSTALL, IntentKind.ENABLE_SERVICE})
_THINGS = ("package", "service")
_AUXILIARIES = frozenset(
    {"do", "does", "did", "am", "is", "are", "was", "were", "have", "has", "shall", "must"}
)
_SUBJECTS = frozenset({"i", "we", "you", "they", "he", "she", "anyone", "anybody"})
_QUOTED = re.compile(r"(?<!\w)'[^']*\s[^']*'(?!\w)")
_LISTED = re.compile(r"[\w.+-]+|,|[^\w\s,]+")
_SIGNS = frozenset({"So", "Sk", "Cf", "Mn", "Me"})
_PASTED = re.compile(r"(?:error|fatal|traceback|warning)\s*:", re.IGNORECASE)

_SPAN = r"(?:seconds?|minutes?|mins?|hours?|days?|nights?|weeks?|months?)"
_LIMITED = re.compile(
    rf"\b(?:for|during) (?:(?:about|only|just|the|next|at|most) )*"
    rf"(?:an?|one|two|three|four|five|six|ten|half|some|few|couple|\d+)(?: (?:an?|of|few))* "
    rf"{_SPAN}\b"
)
_PRIVATE = re.compile(
    r"\b(?:password|passphrase|passcode|pin|secret|token|key) (?:is|:|=) (?!not\b|wrong\b|too\b)\S"
)

# Less of a thing than all of it: a port, an account. What a thing is for may follow as well, which
# is no such part: a doing, or something that several have.
_PART = re.compile(
    r"\b(?:disable|deactivate|off|stop|close|block|remove|uninstall|delete)\b.* "
    r"for (?:(?:the )?(?:ports?|user|account) \S+"
    r"|(?!me|us|myself|all|everyone|everybody|now|good|ever|boot|startup|login|nixos|linux|here)"
    r"\w+(?<!ing)(?<!s))$"
)

TOO_LONG = f"That is more than {LIMIT} characters. What do you want done, in one sentence?"
CONTROL = "The text has control characters in it. Please type it again in plain words."
HOSTILE = (
    "I read plain words only and run no commands, so text with shell or Nix syntax is refused."
    " What do you want done, in words?"
)
INJECTED = "I only change this machine by what you ask for in plain words. What do you want done?"
NEGATED = "I understand that this is not to be done, so nothing will be. What should I do instead?"
SUPPOSED = "I will not act on an if, a maybe or a later. What should be done now?"
REPORTED = "That tells what somebody said or did. What do you yourself want done?"
ASKED = "Is that a question, or shall I do it? To have it done, say it without the question mark."
LIMITED = (
    "Luminous changes things for good: it cannot put them back at a set time."
    " Say it without the time, and take it back later: ask-nix undo"
)
TIMED = (
    "Luminous does things at once and keeps no appointments, so nothing is done now or then."
    " Say it again when it is to be done, without the time."
)
NAMELESS = "A sign stands there in place of a name. Write the name out, so that none is left out."
PARTIAL = (
    "Luminous does that for the whole machine, and not for a part of it or for one of its people,"
    " so it is not done. Say it without that if you want it for everything."
)
PRIVATE = (
    "There seems to be a secret in that. What is asked for is written down for everybody to read,"
    " so please say it without."
)
ELSEWHERE = "That does not sound as if it were about this machine. What should be done here?"
QUOTED = "I do not act on quoted text. What do you want done, in your own words?"


def is_pasted_error(text: str) -> bool:
    """Say whether the text is an error message that somebody pasted."""
    return _PASTED.match(text) is not None


def unreadable(text: str) -> str:
    """Return the question to ask back when `text` is not even looked at; else nothing."""
    if len(text) > LIMIT:
        return TOO_LONG
    for character in text:
        if character < " " or character == "\x7f":
            return CONTROL
        if character > "\x7f" and (
            character in _BIDI or unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}
        ):
            return CONTROL
    return ""


def nameless(text: str, joiners: frozenset[str]) -> bool:
    """Say whether a sign, such as a smiley, stands in a list where a name should."""
    if text.isascii():
        return False
    before = ""
    for token in _LISTED.findall(text):
        is_sign = all(unicodedata.category(c) in _SIGNS for c in token)
        if is_sign and before.casefold() in joiners:
            return True
        before = token
    return False


def hostile(text: str) -> str:
    """Return the question to ask back when `text` carries syntax of a shell or of Nix."""
    left = text.replace(";", ",") if _PLAIN_LIST.fullmatch(text) else text
    if _HOSTILE.search(left):
        return HOSTILE
    return QUOTED if _QUOTED.search(text) else ""


def injected(clause: Clause, vocabulary: Vocabulary) -> str:
    """Return the question to ask back when the text gives orders to an assistant."""
    return INJECTED if _has(vocabulary.injections, clause.words) else ""


def is_past(clause: Clause, vocabulary: Vocabulary) -> bool:
    """Say whether a verb has the accent by which it tells of the past ("instalé", "installé")."""
    return any(
        raw.endswith(("é", "É")) and word in vocabulary.doing
        for word, raw in zip(clause.words, clause.raws, strict=True)
    )


def unfit(clause: Clause) -> str:
    """Return the question to ask back when a change cannot be as it is told, or must not be."""
    text = " ".join(clause.words)
    if _PRIVATE.search(text):
        return PRIVATE
    if _PART.search(text):
        return PARTIAL
    return LIMITED if _LIMITED.search(text) else ""


def is_inverted(clause: Clause) -> bool:
    """Say whether a verb stands before its subject ("do we need docker"), as in questions."""
    return any(
        first in _AUXILIARIES and then in _SUBJECTS for first, then in pairwise(clause.words)
    )


def veto(said: list[tuple[str, ...]], vocabulary: Vocabulary) -> str:
    """Return why the runs of words in `said` must not lead to a change; nothing when they may."""
    for words in said:
        if words and words[0] == "no":
            return NEGATED
        inner = tuple(word for word in words if word != "no")
        if _has(vocabulary.negations, inner):
            return NEGATED
        if _has(vocabulary.reports, inner):
            return REPORTED
        if _has(vocabulary.hypotheses, inner):
            return SUPPOSED
    return ""


def is_foreign(clause: Clause, vocabulary: Vocabulary) -> bool:
    """Say whether a sentence is about what is no computer like this one, such as a phone."""
    return _has(vocabulary.foreign, clause.words)


def is_done(clause: Clause, vocabulary: Vocabulary) -> bool:
    """Say whether a sentence tells of something that has been done ("I have just updated")."""
    return _has(vocabulary.perfect, clause.words)


def veto_beside(told: list[tuple[str, ...]], vocabulary: Vocabulary, *, is_own: bool) -> str:
    """Return why what was told beside a request forbids it; nothing when it does not.

    Trouble and lack ("I have no player", "it does not open") only give the request its reason. So
    does what somebody says about the speaker ("she says I need it"), when the request is `is_own`.
    """
    for words in told:
        left = _without(vocabulary.excuses, words)
        if _has(vocabulary.negations, left):
            return NEGATED
        if any(word in vocabulary.conditions for word in left):
            return SUPPOSED
        if _has(vocabulary.reports, _without(vocabulary.advice, left) if is_own else left):
            return REPORTED
    return ""


def without_lack(told: tuple[str, ...], found: Sequence[Intent]) -> tuple[str, ...]:
    """Return what was told without "without git" where it is git that is asked for."""
    named = {one.slots.get(slot) for one in found if one.kind in _BRINGING for slot in _THINGS}
    left: list[str] = []
    for word in told:
        if left and left[-1] == "without" and word in named:
            left.pop()
        else:
            left.append(word)
    return tuple(left)


def is_elsewhere(told: list[tuple[str, ...]], vocabulary: Vocabulary) -> bool:
    """Say whether what was told beside a request is about something that is no machine."""
    return any(
        not vocabulary.elsewhere.isdisjoint(words) and not vocabulary.lexicon.is_domain(words)
        for words in told
    )


def _without(phrases: Phrases, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return `words` without the phrases among them."""
    left: list[str] = []
    at = 0
    while at < len(words):
        length = max(phrases.lengths(words, at), default=0)
        if not length:
            left.append(words[at])
        at += length or 1
    return tuple(left)


def _has(phrases: Phrases, words: tuple[str, ...]) -> bool:
    return any(phrases.lengths(words, at) for at in range(len(words)))
