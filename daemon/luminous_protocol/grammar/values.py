"""Values: numbers, ages and option values as people say them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_protocol.grammar.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_protocol.grammar.text import Clause

NUMBERS = {
    fold(word): number
    for number, words in enumerate(
        (
            "zero null cero zéro",
            "one ein eine einen uno una un une een jeden один 一",
            "two zwei dos deux due dois twee dwa два couple 二 两",
            "three drei tres trois tre três drie trzy три 三",
            "four vier cuatro quatre quattro quatro cztery четыре 四",
            "five fünf cinco cinq cinque vijf pięć пять 五",
            "six sechs seis sei zes sześć 六",
            "seven sieben siete sept sette zeven 七",
            "eight acht ocho huit otto 八",
            "nine neun nueve neuf nove 九",
            "ten zehn diez dix dieci tien 十",
            "eleven undici elf",
            "twelve zwölf douze dodici",
            "thirteen dreizehn treize tredici",
            "fourteen vierzehn quatorze quattordici",
            "fifteen fünfzehn quinze quindici",
            "sixteen sechzehn seize sedici",
            "seventeen siebzehn diciassette",
            "eighteen achtzehn diciotto",
            "nineteen neunzehn diciannove",
        )
    )
    for word in words.split()
} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}

ORDINALS = {
    fold(word): number
    for number, words in {
        1: "first 1st erste ersten erstes premier premiere primero primera primeiro primo prima"
        " eerste pierwszy первый первое 第一个 最初",
        2: "second 2nd zweite zweiten zweites deuxieme second segundo segunda secondo tweede"
        " drugi второй второе 第二个",
        3: "third 3rd dritte dritten troisieme tercero terceiro terzo derde trzeci третий 第三个",
        4: "fourth 4th vierte quatrieme cuarto quarto vierde czwarty четвертый 第四个",
        5: "fifth 5th funfte cinquieme quinto vijfde piaty пятый 第五个",
        -1: "last letzte letzten dernier derniere ultimo ultima laatste ostatni последний 最后一个",
    }.items()
    for word in words.split()
} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}

ORDINALS = {
    fold(word): number
    for number, words in {
        1: "first 1st erste ersten erstes premier premiere primero primera primeiro primo prima"
        " eerste pierwszy первый первое 第一个 最初",
        2: "second 2nd zweite zweiten zweites deuxieme second segundo segunda secondo tweede"
        " drugi второй второе 第二个",
        3: "third 3rd dritte dritten troisieme tercero terceiro terzo derde trzeci третий 第三个",
        4: "fourth 4th vierte quatrieme cuarto quarto vierde czwarty четвертый 第四个",
        5: "fifth 5th funfte cinquieme quinto vijfde piaty пятый 第五个",
        -1: "last letzte letzten dernier derniere ultimo ultima laatste ostatni последний 最后一个",
    }.items()
    for word in words.split()
}

_UNITS = {
    1: "d day days tag tage tagen dia dias jour jours giorno giorni dag dagen dzien dni"
    " день дня дней 天 日",
    14: "fortnight fortnights",
    7: "w week weeks woche wochen semana semanas semaine semaines settimana settimane tydzien"
    " tygodnie tygodni week weken"
    " недели недель неделю 周 週間",
    30: "month months monat monate monaten mes meses mois mese mesi maand maanden"
    " miesiac miesiace miesiecy monaty mesos месяц месяца месяцев 月 个月 か月 ヶ月",
    365: "y year years jahr jahre jahren ano anos an ans anno anni jaar jaren"
    " rok lata lat год года лет 年",
}
_DAYS = {fold(word): days for days, words in _UNITS.items() for word in words.split()}
_AGE = re.compile(r"(\d{1,4})\s*([a-z])")
_ONE = frozenset({"a", "an", "the", "one", "last", "ein", "einen", "einem", "un", "une", "una"})

_RANGE = re.compile(r"(\d{1,5}) ?(?:-|–|to|through|until|bis|a|al|до|到) ?(\d{1,5})")  # noqa: RUF001 - a dash as people type it
_AROUND_RANGE = frozenset({"from", "between", "port", "ports", "range"})
_SIZE = re.compile(r"(\d{1,6})(g|m)(?:i?b|igs?|igabytes?|ibibytes?|egabytes?|egs?|ebibytes?)?")
_LAST_PORT = 65535
_MOST_MEBIBYTES = 1024 * 1024
_WORD = re.compile(r"[A-Za-z0-9_./:@+-][A-Za-z0-9_./:@+,-]{0,119}")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_MOST_WORDS = 3
_QUOTED = re.compile(r'"[A-Za-z0-9_./:@+, -]{0,200}"')
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ZONE = re.compile(r"[A-Za-z]+(?:/[A-Za-z_+-]+[0-9]*){1,2}|UTC|utc")
_LOCALE = re.compile(r"[a-z]{2,3}_[A-Z]{2}(?:\.[Uu][Tt][Ff]-?8)?")
_LAYOUT = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,12})*")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-fA-F:]{3,39}")


def amount(words: tuple[str, ...]) -> int | None:
    """Read a number written in digits or as a word."""
    if len(words) != 1:
        return None
    if words[0][:1] == "#":
        words = (words[0][1:],)
    if words[0].isdecimal() and words[0].isascii() and len(words[0]) < 7:  # noqa: PLR2004 - sane
        return int(words[0])
    return NUMBERS.get(words[0])


def duration(words: tuple[str, ...]) -> str | None:
    """Read an age as days in the form that Nix takes ("two weeks" → "14d")."""
    if len(words) == 1:
        match = _AGE.fullmatch(words[0])
        if match and match[2] in _DAYS:
            return f"{int(match[1]) * _DAYS[match[2]]}d"
        return None
    if not words or words[-1] not in _DAYS:
        return None
    before = words[:-1]
    if before and before[0] in _ONE and len(before) > 1:
        before = before[1:]
    if before and before[-1] == "of":
        before = before[:-1]
    number = 1 if before[0] in _ONE else amount(before)
    return None if number is None else f"{number * _DAYS[words[-1]]}d"


def port_range(words: tuple[str, ...]) -> str | None:
    """Read a range of ports ("60000 to 61000", "8000-8010") as "60000-61000"."""
    text = " ".join(word for word in words if word not in _AROUND_RANGE)
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    return f"{first}-{last}" if 0 < first < last <= _LAST_PORT else None


def mebibytes(words: tuple[str, ...]) -> int | None:
    """Read a size of memory or disk ("4 GB", "512mb") in MiB, as NixOS counts it."""
    match = _SIZE.fullmatch("".join(words))
    if match is None:
        return None
    size = int(match[1]) * (1024 if match[2] == "g" else 1)
    return size if 0 < size <= _MOST_MEBIBYTES else None


def spoken(clause: Clause) -> str | None:
    """Read an option's value as it was typed: one word, or one quoted text without escapes."""
    if len(clause) == 1:
        raw = clause.raws[0]
        if _QUOTED.fullmatch(raw) and ".." not in raw:
            return raw[1:-1]
        if _WORD.fullmatch(raw) and ".." not in raw and "//" not in raw:
            return raw
        return None
    if 1 < len(clause) <= _MOST_WORDS and all(map(_PLAIN.fullmatch, clause.raws)):
        return clause.text()
    return None


def shaped(form: str, value: str, known: Mapping[str, str]) -> str | None:
    """Return `value` in the form its option needs, or None when it does not fit.

    `known` maps what people say to the value for this form ("german" → "de").
    """
    meant = known.get(" ".join(value.casefold().split()))
    if meant is not None:
        return meant
    if " " in value:
        return None
    return _SHAPES[form](value)


def _zone(value: str) -> str | None:
    if not _ZONE.fullmatch(value):
        return None
    if value.casefold() == "utc":
        return "UTC"
    parts = value.split("/")
    if value.islower():
        parts = ["_".join(w.capitalize() for w in part.split("_")) for part in parts]
    return "/".join(parts)


def _locale(value: str) -> str | None:
    if not _LOCALE.fullmatch(value):
        return None
    return value.split(".", 1)[0] + ".UTF-8"


def _number(value: str) -> str | None:
    number = amount((value.casefold(),))
    return None if number is None else str(number)


def _port(value: str) -> str | None:
    return value if value.isdecimal() and 0 < int(value) < 65536 else None  # noqa: PLR2004 - 16 bits


_SHAPES: dict[str, Callable[[str], str | None]] = {
    "timezone": _zone,
    "locale": _locale,
    "layout": lambda value: value if _LAYOUT.fullmatch(value) else None,
    "host": lambda value: value if _HOST.fullmatch(value) else None,
    "number": _number,
    "ports": _port,
    "kernel": lambda value: value if value.startswith("pkgs.linuxPackages") else None,
    "shell": lambda value: f"pkgs.{value}" if value in {"bash", "zsh", "fish", "nushell"} else None,
    "address": lambda value: value if _ADDRESS.fullmatch(value) else None,
    "word": lambda value: value if re.fullmatch(r"[A-Za-z0-9._-]+", value) else None,
    "boolean": lambda value: value if value in {"true", "false"} else None,
}
