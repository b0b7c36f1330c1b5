"""Contrasts: a request beside which stands what it is not, or that takes an earlier one back.

"Install gimp but don't remove krita", "not gimp but krita, please", "get vlc, no wait, mpv". What
is left must be a request by itself, and what is forbidden must be known and touch nothing of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from luminous_protocol.grammar.reader import Reader
from luminous_protocol.grammar.text import Clause
from luminous_protocol.intents import CHANGING, Intent, IntentKind, Recognition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luminous_protocol.grammar.vocabulary import Vocabulary

    Read = Callable[[Clause], Recognition]

MENDED = "You corrected yourself. What is to be done, said once more in one piece?"

_SURE = 0.9
_LONGEST = 40
_LONGEST_NAME = 4
_STOPS = frozenset({",", ".", ";", "!"})
_ENDS = frozenset({".", ";", "!"})
_NAMED = frozenset(
    {
        IntentKind.INSTALL,
        IntentKind.REMOVE,
        IntentKind.ENABLE_SERVICE,
        IntentKind.DISABLE_SERVICE,
    }
)
_BRINGING = frozenset({IntentKind.INSTALL, IntentKind.ENABLE_SERVICE})
_VERBS = {
    "install.install": IntentKind.INSTALL,
    "install.get": IntentKind.INSTALL,
    "remove.remove": IntentKind.REMOVE,
    "remove.discard": IntentKind.REMOVE,
    "update.update": IntentKind.UPDATE,
    "enable_service.enable": IntentKind.ENABLE_SERVICE,
    "disable_service.disable": IntentKind.DISABLE_SERVICE,
}
_NAMING = ("known", "services", "generation", "duration")
_THINGS = ("package", "service")


class Kept(NamedTuple):
    """What must not be done: of which kind, or nothing at all, to these names, or to whatever."""

    kinds: frozenset[IntentKind]
    names: frozenset[str]


def contrasted(clause: Clause, words: Vocabulary, read: Read) -> Recognition | None:
    """Read a sentence, refused as a whole, without what it says is not meant; None if not clear.

    `read` reads a sentence by itself, with all that forbids a change.
    """
    if len(clause) > _LONGEST or words.contrasts.signs.isdisjoint(clause.words):
        return None
    found = _chosen(clause, words, read) or _spared(clause, words, read)
    return _told(found) if found else None


def corrected(clause: Clause, words: Vocabulary, read: Read) -> Recognition | None:
    """Read "get vlc, no wait, mpv": what is said last counts; None where nothing is taken back."""
    if len(clause) > _LONGEST or words.contrasts.corrections.firsts.isdisjoint(clause.words):
        return None
    for at in range(len(clause) - 1, 0, -1):
        length = max(words.contrasts.corrections.lengths(clause.words, at), default=0)
        if not length or clause.words[at - 1] not in _STOPS:
            continue
        end = at + length
        if clause.words[at:end] == ("no",) and clause.words[end : end + 1] not in ((",",), (".",)):
            continue  # "get vlc, no mpv" is something else
        before, after = _bare(clause.part(0, at)), _bare(clause.part(end, len(clause)))
        earlier = _changes(read(before)) if len(before) and len(after) else None
        if not earlier:
            return None
        found = _changes(read(after))
        is_name = any(words.reader.read(slot, after) for slot in _NAMING)
        if not found and is_name and len(earlier) == 1:
            found = _put_right(before, earlier[0], after, read)
        if found:
            return _told(found)
        return Recognition(question=MENDED) if _names(after, words) else None
    return None


def _told(found: list[Intent]) -> Recognition:
    remark = "without what stands beside it as not meant"
    return Recognition(
        tuple(
            replace(
                one,
                confidence=round(one.confidence * _SURE, 2),
                explanation=f"{one.explanation}, {remark}",
            )
            for one in found
        )
    )


def _changes(found: Recognition) -> list[Intent] | None:
    """Return what is to be changed, if a sentence asks for nothing else and nothing forbids it."""
    is_clear = not found.question and found.intents
    return [*found.intents] if is_clear and CHANGING.issuperset(_kinds(found.intents)) else None


def _kinds(found: tuple[Intent, ...]) -> frozenset[IntentKind]:
    return frozenset(one.kind for one in found)


def _put_right(before: Clause, said: Intent, name: Clause, read: Read) -> list[Intent] | None:
    """Put a name in the place of the one at the end of the request before."""
    for at in range(len(before) - 1, max(0, len(before) - 1 - _LONGEST_NAME), -1):
        found = _changes(read(_joined(before.part(0, at), name)))
        if found and len(found) == 1 and found[0].kind is said.kind:
            is_other = found[0].slots != said.slots
            return found if is_other and found[0].slots.keys() == said.slots.keys() else None
    return None


def _chosen(clause: Clause, words: Vocabulary, read: Read) -> list[Intent] | None:
    """Read "not gimp but krita please" and "don't install gimp but krita" without gimp."""
    for at, word in enumerate(clause.words):
        if word not in words.contrasts.alternatives or not _begins_name(clause, at + 1, words):
            continue
        for start in range(max(0, at - _LONGEST_NAME), at):
            left, cut = clause.part(start, at), _negation(clause, start, words)
            if cut is None or not _names(left, words):
                continue
            kept = _joined(clause.part(0, cut[0]), clause.part(cut[1], start))
            found = _changes(read(_joined(kept, clause.part(at + 1, len(clause)))))
            spared = Kept(frozenset(), _names(left, words))
            return found if found and not _touches(found, spared) else None
    return None


def _negation(clause: Clause, end: int, words: Vocabulary) -> tuple[int, int] | None:
    """Return where the "not" or "do not" stands that is said of what begins at `end`."""
    for at in range(end - 1, max(-1, end - 4), -1):
        if clause.words[at] in words.contrasts.nots:
            start = at - 1 if at and clause.words[at - 1] in {"do", "does"} else at
            return start, at + 1
    return None


def _spared(clause: Clause, words: Vocabulary, read: Read) -> list[Intent] | None:
    """Read a request before or behind what is not to be done."""
    for at, length, mark in _cuts(clause, words):
        before, after = clause.part(0, at), clause.part(at + length, len(clause))
        if not len(after):
            continue
        kept = _kept(after, mark, words)
        if kept is not None:
            found = _changes(read(_bare(before)))
            if found and not _touches(found, kept):
                return found
            continue
        kept = _kept(before, "", words) if _may_follow(before, mark, after, words) else None
        if kept is not None:
            found = _changes(read(_without_instead(_bare(after))))
            if found and not _touches(found, kept):
                return found
    return None


def _cuts(clause: Clause, words: Vocabulary) -> Iterator[tuple[int, int, str]]:
    """Yield where a sentence may be cut in two: the place, how many words that takes, and which."""
    for at in range(1, len(clause) - 1):
        length = max(words.contrasts.instead.lengths(clause.words, at), default=0)
        if length:
            yield at, length, "instead of"
        elif clause.words[at] in _STOPS | words.joiners | words.contrasts.alternatives:
            yield at, 1, clause.words[at]


def _may_follow(before: Clause, mark: str, after: Clause, words: Vocabulary) -> bool:
    """Say whether what stands behind a prohibition is surely no more of it.

    "Don't remove vlc and install gimp" forbids both, and so may a list with commas.
    """
    if mark in _ENDS | words.contrasts.alternatives or before.words[0] in words.contrasts.keeping:
        return not _begins_name(after, 0, words)
    is_turned = after.words[0] in words.contrasts.turning or after.words[-1] == "instead"
    is_turned = is_turned or before.words[-2:-1] == ("with",)
    is_turned = is_turned or bool(words.contrasts.instead.lengths(before.words, 0))
    return mark == "," and is_turned and not _begins_name(after, 0, words)


def _kept(clause: Clause, mark: str, words: Vocabulary) -> Kept | None:
    """Read what is not to be done; None when that is not clear."""
    clause = _bare(clause).without(words.emphasis)
    if mark == "instead of":
        return _kept_names(clause, words)
    instead = words.contrasts.instead.lengths(clause.words, 0)
    length = max([*words.contrasts.prohibiting.lengths(clause.words, 0), *instead], default=0)
    if not length:
        return _left_alone(clause, words)
    rest = clause.part(length, len(clause))
    if not len(rest):
        return None
    if named := _kept_names(rest, words):
        return named
    kinds = _whatever(rest, words)
    if kinds:
        return Kept(kinds, frozenset())
    found = Reader(words, (), is_courteous=False).read(rest)
    if not found or any("reference" in one.slots or one.kind not in CHANGING for one in found):
        return None
    names = [_name(one) for one in found]
    return Kept(_kinds(tuple(found)), frozenset(names) if all(names) else frozenset())


def _kept_names(clause: Clause, words: Vocabulary) -> Kept | None:
    names = _names(clause, words)
    return Kept(frozenset(), names) if names else None


def _left_alone(clause: Clause, words: Vocabulary) -> Kept | None:
    """Read "leave krita as it is"."""
    if not len(clause) or clause.words[0] not in words.contrasts.keeping:
        return None
    for end in range(len(clause), 1, -1):
        is_rest = end == len(clause) or len(clause) - end in words.contrasts.staying.lengths(
            clause.words, end
        )
        if is_rest and (names := _names(clause.part(1, end), words)):
            return Kept(frozenset(), names)
    return None


def _whatever(clause: Clause, words: Vocabulary) -> frozenset[IntentKind]:
    """Return the kinds of doing that "install anything" is, none when no "anything" is said."""
    if clause.words[-1] not in words.contrasts.whatever:
        return frozenset()
    return frozenset(
        kind
        for name, kind in _VERBS.items()
        if len(clause) - 1 in words.classes[name].lengths(clause.words, 0)
    )


def _names(clause: Clause, words: Vocabulary) -> frozenset[str]:
    """Return the names that a stretch is made of; none when it is anything else."""
    found: set[str] = set()
    for slot in ("known", "services"):
        readings = words.reader.read(slot, clause) if len(clause) else None
        for reading in readings or ():
            found.update(reading.slots[name] for name in _THINGS if name in reading.slots)
    return frozenset(found)


def _begins_name(clause: Clause, at: int, words: Vocabulary) -> bool:
    while at < len(clause) and clause.words[at] in words.matcher.skippable | words.contrasts.nots:
        at += 1
    sizes = range(1, min(_LONGEST_NAME, len(clause) - at) + 1)
    return any(_names(clause.part(at, at + size), words) for size in sizes)


def _name(intent: Intent) -> str:
    return next((intent.slots[slot] for slot in _THINGS if slot in intent.slots), "")


def _touches(found: list[Intent], kept: Kept) -> bool:
    """Say whether a request would do, or could bring about, what is not to be done."""
    return any(_touches_one(one, kept) for one in found)


def _touches_one(intent: Intent, kept: Kept) -> bool:
    name = _name(intent)
    is_whole = intent.kind is IntentKind.UPDATE and not intent.slots
    if not (intent.kind in _NAMED and name) and not (is_whole and kept.kinds):
        return True
    if name in kept.names:
        return True
    if not kept.kinds:
        return False
    if kept.kinds - _NAMED - {IntentKind.UPDATE}:
        return True  # whatever is done is built, and takes effect
    is_same = intent.kind in kept.kinds or (_BRINGING & kept.kinds and intent.kind in _BRINGING)
    return bool(is_same) and not kept.names


def _without_instead(clause: Clause) -> Clause:
    is_last = len(clause) > 1 and clause.words[-1] == "instead"
    return clause.part(0, len(clause) - 1) if is_last else clause


def _bare(clause: Clause) -> Clause:
    """Return the clause without the marks and the joining words at its ends."""
    start, end = 0, len(clause)
    while start < end and clause.words[start] in _STOPS | {"but", "and", "so", "then"}:
        start += 1
    while end > start and clause.words[end - 1] in _STOPS | {"but", "and"}:
        end -= 1
    return clause.part(start, end)


def _joined(first: Clause, second: Clause) -> Clause:
    return Clause(
        (*first.words, *second.words), (*first.raws, *second.raws), first.things | second.things
    )
