"""Settings as they are said: an option's everyday name, and somewhere beside it its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luminous_protocol.grammar.values import shaped
from luminous_protocol.grammar.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_protocol.grammar.lexicon import Setting
    from luminous_protocol.grammar.text import Clause

_LONGEST_NAME: Final = 5
_LONGEST_VALUE: Final = 3
_CLOSING: Final = frozenset({"close", "block", "shut"})
_CLOCKS: Final = frozenset({"time", "clock", "timezone", "zone", "moved", "live", "uhr"})
_KEYS: Final = frozenset({"keyboard", "layout", "keymap", "keys"})
_NAMES: Final = frozenset({"name", "call", "called", "rename", "named", "hostname", "christen"})
_TONGUES: Final = frozenset({"language", "speak", "locale", "sprache", "langue", "idioma"})
_GIVING: Final = frozenset({"to", "=", "be", "at", "as"})
_FORBIDDING: Final = frozenset(
    {"forbid", "disallow", "disable", "prohibit", "deny", "block", "refuse", "off", "no"}
)
_WORKING: Final = frozenset(
    {"configure", "adjust", "tune", "customise", "customize", "settings", "configuration"}
)
_SSH: Final = "services.openssh.settings"
_PORT: Final = "networking.firewall.allowedTCPPorts"


def setting_in(clause: Clause) -> dict[str, str] | None:
    """Return the option that a sentence names and its value; None without either."""
    ways = (_written, _switch, _port, _login, _named, _meant, _subject)
    return next((found for way in ways if (found := way(clause))), None)


def _runs(clause: Clause, longest: int) -> Iterator[tuple[int, int]]:
    """Give where runs of words begin and end, the longest first."""
    for size in range(min(longest, len(clause)), 0, -1):
        for at in range(len(clause) - size + 1):
            yield at, at + size


def _written(clause: Clause) -> dict[str, str] | None:
    """Read an option that is written out, and what stands at the end as its value."""
    read, last = vocabulary().reader.read, len(clause) - 1
    for at in range(last):
        option = read("option", clause.part(at, at + 1))
        value = read("value", clause.part(last, last + 1))
        if option and value and clause.words[last - 1] in _GIVING:
            return {**option[0].slots, "value": value[0].slots["value"]}
    return None


def _login(clause: Clause) -> dict[str, str] | None:
    """Read who may come in by ssh, which people forbid in many words."""
    words = frozenset(clause.words)
    if not ({"login", "logins", "authentication"} & words and _FORBIDDING & words):
        return None
    if "root" in words:
        return {"option": f"{_SSH}.PermitRootLogin", "value": "no"}
    if {"password", "passwords"} & words and "ssh" in words:
        return {"option": f"{_SSH}.PasswordAuthentication", "value": "false"}
    return None


def _subject(clause: Clause) -> dict[str, str] | None:
    """Read a whole part of the configuration that is to be worked on, without a value."""
    if not _WORKING.intersection(clause.words):
        return None
    for start, end in _runs(clause, _LONGEST_NAME):
        readings = vocabulary().reader.read("subject", clause.part(start, end))
        if readings:
            return dict(readings[0].slots)
    return None


def _switch(clause: Clause) -> dict[str, str] | None:
    switches = vocabulary().lexicon.switches
    for start, end in _runs(clause, _LONGEST_NAME):
        both = switches.get(" ".join(clause.words[start:end]))
        if both:
            option, _, value = both.partition(" ")
            return {"option": option, "value": value}
    return None


def _port(clause: Clause) -> dict[str, str] | None:
    if not {"port", "ports", "firewall", "puerto", "端口", "ポート"}.intersection(clause.words):
        return None
    numbers = [word for word in clause.words if word.isdecimal()]
    value = shaped("ports", numbers[0], {}) if len(numbers) == 1 else None
    if value is None:
        return None
    option = _PORT.replace("TCP", "UDP") if "udp" in clause.words else _PORT
    away = {"action": "unset"} if _CLOSING.intersection(clause.words) else {}
    return {"option": option, **away, "value": value}


def _named(clause: Clause) -> dict[str, str] | None:
    lexicon = vocabulary().lexicon
    for start, end in _runs(clause, _LONGEST_NAME):
        setting = lexicon.settings.get(" ".join(clause.words[start:end]))
        if setting:
            value = _value(clause, setting, (start, end))
            if value:
                return {"option": setting.option, "value": value}
    return None


def _value(clause: Clause, setting: Setting, taken: tuple[int, int]) -> str:
    """Return the value beside an option's name: what people say first, then what has its shape."""
    known = vocabulary().lexicon.values.get(setting.form, {})
    free = [
        (start, end)
        for start, end in _runs(clause, _LONGEST_VALUE)
        if end <= taken[0] or start >= taken[1]
    ]
    for start, end in free:
        said = " ".join(clause.words[start:end])
        if said in known:
            return known[said]
    for start, end in free:
        is_last = end == len(clause) or (start > 0 and clause.words[start - 1] in {"to", "=", "as"})
        if end - start == 1 and is_last and clause.words[start] not in vocabulary().known:
            found = shaped(setting.form, clause.raws[start], known)
            if found:
                return found
    return ""


def _meant(clause: Clause) -> dict[str, str] | None:
    """Read a value whose option is only meant: a place with a clock, a language with keys."""
    words, values = frozenset(clause.words), vocabulary().lexicon.values
    for cues, form, option in (
        (_CLOCKS, "timezone", "time.timeZone"),
        (_KEYS, "layout", "services.xserver.xkb.layout"),
        (_TONGUES, "locale", "i18n.defaultLocale"),
    ):
        for start, end in _runs(clause, _LONGEST_VALUE):
            value = values.get(form, {}).get(" ".join(clause.words[start:end]))
            if cues & words and value:
                return {"option": option, "value": value}
    return _host(clause) if _NAMES & words else None


def _host(clause: Clause) -> dict[str, str] | None:
    """Read the new name of this machine: the last word, where nothing else is known by it."""
    raw, word = clause.raws[-1], clause.words[-1]
    is_machine = {"machine", "computer", "host", "hostname", "laptop", "server", "box", "pc"}
    if not is_machine.intersection(clause.words[:-1]) or word in vocabulary().known:
        return None
    value = shaped("host", raw, {})
    return {"option": "networking.hostName", "value": value} if value else None
