"""Slots: what an intent is about, found among the words of the sentence and nowhere else.

Names, numbers and values are read by the grammar's own readers, so that a slot holds the same as if
a rule had read it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from luminous_mind.intent.settings_said import setting_in
from luminous_protocol.grammar.vocabulary import vocabulary
from luminous_protocol.intents import IntentKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from luminous_mind.intent.masking import Masked, Mention
    from luminous_protocol.grammar.text import Clause

    Slots = dict[str, str]
    Found = list[Slots] | None

_LONGEST_PURPOSE: Final = 4
_LONGEST_AGE: Final = 4
_RESTARTING: Final = frozenset({"restart", "reload", "bounce", "reboot", "relaunch", "restarting"})
_STATE: Final = frozenset({"boot", "startup", "reboot", "start"})
_TRYING: Final = frozenset({"test", "try", "testing", "trying"})
_ONLY: Final = frozenset({"only", "just", "without", "not"})
_KEEPING: Final = frozenset({"keep", "last", "newest", "latest", "except", "but", "to", "leave"})
_UNDOING: Final = frozenset({"undo", "undid", "unmake"})
_STEPS: Final = frozenset({"generation", "generations", "step", "steps", "times", "versions"})
_PEOPLE: Final = frozenset({"user", "account", "login", "named", "called", "for", "add", "let"})
_LEAVING: Final = frozenset(
    {"remove", "delete", "drop", "erase", "revoke", "close", "cancel", "take", "userdel", "deluser"}
)
_SPEAKER: Final = frozenset({"me", "my", "i", "we", "us", "myself", "mich", "meine", "moi", "ma"})
_OPTIONS: Final = frozenset({"option", "options", "setting", "settings"})
_STANDING: Final = {
    "disk": {"disk", "space", "storage", "room", "drive", "full", "gigabytes", "gb", "ssd"},
    "reboot": {"reboot", "restart"},
    "updates": {"update", "updates", "upgrade", "upgrades", "outdated", "newer", "current", "date"},
    "generation": {"generation"},
    "version": {"version", "release", "kernel", "channel"},
    "services": {"services", "daemons", "units"},
    "packages": {"installed", "packages", "programs", "software", "apps", "applications", "tools"},
}
"""What a question about the machine is about, by the words that show it; the first that fits."""


def slots_of(kind: str, masked: Masked) -> Found:
    """Return the slots of each intent of a kind; None when what it needs was not said."""
    reader = _READERS.get(kind)
    return [{}] if reader is None else reader(masked)


def _installed(masked: Masked) -> Found:
    found = _packages(masked)
    if found or found is None:
        return found
    purpose = purpose_of(masked.clause)
    return [{"category": purpose}] if purpose else None


def _removed(masked: Masked) -> Found:
    return _packages(masked) or None


def _packages(masked: Masked) -> Found:
    """Return the packages of one list; None when names stand apart: which is meant is unclear."""
    found = [mention for mention in masked.mentions if mention.package]
    if not _is_list(masked.clause, found):
        return None
    names = dict.fromkeys(mention.package for mention in found)
    return [{"package": name} for name in names]


def _is_list(clause: Clause, mentions: list[Mention]) -> bool:
    joining = vocabulary().joiners | {"the", "as", "well", "plus", "both", "then"}
    if len({(one.package, one.service) for one in mentions}) == 1:
        return True  # "printing can go, we have no printer" names one thing twice
    return all(
        joining.issuperset(clause.words[first.end : second.start])
        for first, second in pairwise(mentions)
    )


def purpose_of(clause: Clause) -> str:
    """Return what a program is wanted for, by the longest phrase that names it."""
    lexicon = vocabulary().lexicon
    for size in range(min(_LONGEST_PURPOSE, len(clause)), 0, -1):
        for at in range(len(clause) - size + 1):
            found = lexicon.category(clause.words[at : at + size])
            if found:
                return found
    return ""


def _switched(masked: Masked) -> Found:
    """Return the services of one list, and whether they are to be started anew."""
    mentions = [mention for mention in masked.mentions if mention.is_running]
    if not mentions or not _is_list(masked.clause, mentions):
        return None
    again = {"action": "restart"} if _RESTARTING.intersection(masked.clause.words) else {}
    found: list[Slots] = []
    for mention in mentions:
        if mention.service:
            named = {"service": mention.service.name, "option": mention.service.option}
            slots = {**named, **again}
            found += [slots] if slots not in found else []
    return found


def _stopped(masked: Masked) -> Found:
    found = _switched(masked)
    return found and [{key: slots[key] for key in ("service", "option")} for slots in found]


def _updated(masked: Masked) -> Found:
    found = _packages(masked)
    if found:
        return found if len(found) == 1 else None
    for at in range(len(masked.clause)):
        readings = vocabulary().reader.read("input", masked.clause.part(at, at + 1))
        if readings:
            return [dict(readings[0].slots)]
    return [{}]


def _rebuilt(masked: Masked) -> Found:
    words = frozenset(masked.clause.words)
    if _STATE & words:
        return [{"action": "boot"}]
    if _TRYING & words:
        return [{"action": "test"}]
    return [{"action": "build"}] if _ONLY & words and "build" in words else [{}]


def _rolled_back(masked: Masked) -> Found:
    clause = masked.clause
    if _UNDOING.intersection(clause.words):
        return [{"undo": "true"}]
    for at, word in enumerate(clause.words[1:], 1):
        number = _number(clause, at - 1)
        if word in _STEPS and number:
            return [{"steps": number}]
    return [{}]


def _numbered(masked: Masked) -> Found:
    """Return the one number that is said."""
    clause = masked.clause
    said = {at: number for at in range(len(clause)) if (number := _number(clause, at))}
    written = {number for at, number in said.items() if any(map(str.isdigit, clause.words[at]))}
    found = written or set(said.values())  # "31 was a good one"
    return [{"generation": found.pop()}] if len(found) == 1 else None


def _number(clause: Clause, at: int) -> str:
    word = clause.words[at]
    if word in {"a", "an", "the"} or vocabulary().lexicon.package((word,)):
        return ""
    raw = word.removeprefix("#")
    stem = raw[:-2] if raw[:-2].isdecimal() and raw[-2:] in {"st", "nd", "rd", "th"} else raw
    part = type(clause)((stem,), (stem,))
    readings = vocabulary().reader.read("number", part)
    return readings[0].slots["number"] if readings else ""


def _collected(masked: Masked) -> Found:
    clause = masked.clause
    for at in range(len(clause)):
        for size in range(_LONGEST_AGE, 0, -1):
            readings = vocabulary().reader.read("duration", clause.part(at, at + size))
            if readings and at + size <= len(clause):
                return [dict(readings[0].slots)]
    for at in range(1, len(clause)):
        if clause.words[at - 1] in _KEEPING and (number := _number(clause, at)):
            return [{"keep": number}]
    return [{}]


def _set(masked: Masked) -> Found:
    found = setting_in(masked.clause)
    return [found] if found else None


def _person(masked: Masked) -> Found:
    clause, read = masked.clause, vocabulary().reader.read
    slots: Slots = {}
    for at in range(len(clause)):
        one = clause.part(at, at + 1)
        readings = read("shell", one) or read("group", one)
        if readings:
            slots |= readings[0].slots
    named = _named_person(clause, slots)
    if named and _LEAVING.intersection(clause.words):
        return [{"user": named, "action": "remove"}]  # nothing that is set up for them
    if named:
        return [{"user": named, **slots}]
    if slots and _SPEAKER.intersection(clause.words):
        return [{"user": "me", **slots}]
    return None


def _named_person(clause: Clause, slots: Slots) -> str:
    """Return the word that is nothing but a name: where names stand, or else the only one."""
    words = vocabulary()
    found: dict[str, bool] = {}
    for at, word in enumerate(clause.words):
        is_taken = word in slots.values() or word in words.known or word in words.lexicon.domain
        readings = None if is_taken else words.reader.read("user", clause.part(at, at + 1))
        if readings and readings[0].slots["user"] != "me":
            found[word] = at == 0 or clause.words[at - 1] in _PEOPLE
    placed = [word for word, is_placed in found.items() if is_placed]
    chosen = placed or list(found)
    return chosen[0] if len(chosen) == 1 else ""


def _sought(masked: Masked) -> Found:
    clause = masked.clause
    kind = {"kind": "option"} if _OPTIONS.intersection(clause.words) else {}
    service = next((m.service.name for m in masked.mentions if m.service), "")
    if kind and service:
        return [{**kind, "query": service}]
    purpose = purpose_of(clause)
    package = next((mention.package for mention in masked.mentions), "")
    query = purpose or package or _content(clause)
    return [{**kind, "query": query}] if query else None


def _content(clause: Clause) -> str:
    """Return the words that only this sentence has: neither small ones nor the grammar's own."""
    words = vocabulary()
    aside = words.known | words.lexicon.nouns
    return " ".join(word for word in clause.words if word not in aside and word.isalpha())


def _asked(masked: Masked) -> Found:
    """Return which part of the machine is asked about."""
    words = frozenset(masked.clause.words)
    service = next((m.service.name for m in masked.mentions if m.service), "")
    package = next((mention.package for mention in masked.mentions), "")
    is_here = _STANDING["packages"] & words or "have" in words or "here" in words
    if package and (is_here or not service):
        return [{"what": "packages", "package": package}]
    if service:
        return [{"what": "service", "service": service}]
    what = next((name for name, signs in _STANDING.items() if signs & words), "")
    return [{"what": what}] if what else [{}]


def _explained(masked: Masked) -> Found:
    words, clause = vocabulary(), masked.clause
    for at in range(len(clause)):
        option = words.reader.read("option", clause.part(at, at + 1))
        if option:
            return [dict(option[0].slots)]
    for at in range(len(clause)):
        topic = words.reader.read("topic", clause.part(at, len(clause)))
        is_small = clause.words[at] in words.questions or clause.words[at] in words.leads.words()
        if topic and not is_small:
            return [dict(topic[0].slots)]
    return [{}]


def _failing(masked: Masked) -> Found:
    service = next((m.service.name for m in masked.mentions if m.service), "")
    problem = vocabulary().lexicon.problem(masked.clause.words)
    if service and problem in {None, "boot failure", "unknown"}:
        return [{"problem": "service", "service": service}]
    return [{"problem": problem or "unknown"}]


_READERS: dict[str, Callable[[Masked], Found]] = {
    IntentKind.INSTALL: _installed,
    IntentKind.REMOVE: _removed,
    IntentKind.ENABLE_SERVICE: _switched,
    IntentKind.DISABLE_SERVICE: _stopped,
    IntentKind.UPDATE: _updated,
    IntentKind.REBUILD: _rebuilt,
    IntentKind.ROLLBACK: _rolled_back,
    IntentKind.SWITCH_GENERATION: _numbered,
    IntentKind.GARBAGE_COLLECT: _collected,
    IntentKind.SET_OPTION: _set,
    IntentKind.CONFIGURE_USER: _person,
    IntentKind.SEARCH: _sought,
    IntentKind.QUERY_STATUS: _asked,
    IntentKind.EXPLAIN: _explained,
    IntentKind.DIAGNOSE: _failing,
}
