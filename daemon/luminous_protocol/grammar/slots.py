"""Slots: reading the gap of a pattern as typed values, or saying that the words do not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_protocol.grammar.package_slots import PackageNames
from luminous_protocol.grammar.readings import Reading, Readings
from luminous_protocol.grammar.service_slots import ServiceNames
from luminous_protocol.grammar.topics import Topics
from luminous_protocol.grammar.values import (
    ORDINALS,
    amount,
    duration,
    mebibytes,
    port_range,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from luminous_protocol.grammar.lexicon import Lexicon
    from luminous_protocol.grammar.readings import SlotWords
    from luminous_protocol.grammar.text import Clause

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_LONGEST_PROBLEM = 6
_MOST_GROUPS = 5
_MOST_CHOICES = 20
_LAST_PORT = 65535
_LONGEST_DEVICE = 2
_UNTROUBLED = frozenset({",", ";", ".", "!", "?", "then", "not"})
_ROOT_NAMES = frozenset({"root"})


class SlotReader:
    """Reads gaps by the name they have in patterns."""

    def __init__(self, lexicon: Lexicon, words: SlotWords) -> None:
        """Take the names to look up and the words to look past."""
        self._lexicon = lexicon
        self._words = words
        self._topics = Topics(words.articles)
        self._packages = packages = PackageNames(lexicon, words)
        services = ServiceNames(lexicon, words)
        self._parsers: dict[str, Callable[[Clause], Readings | None]] = {
            "packages": lambda clause: packages.read(clause, is_strong=True),
            "known": lambda clause: packages.read(clause, is_strong=False),
            "package": packages.read_one,
            "named": packages.sought,
            "category": packages.category,
            "kind": packages.kind,
            "services": services.read,
            "daemons": services.daemons,
            "area": self._area,
            "device": self._device,
            "service": services.any_service,
            "unit": services.unit,
            "subject": self._subject,
            "switch": self._switch,
            "setting": self._setting,
            "option": self._option,
            "value": self._value,
            "number": lambda clause: self._number(clause, "number"),
            "generation": lambda clause: self._number(clause, "generation"),
            "steps": lambda clause: self._number(clause, "steps"),
            "keep": lambda clause: self._number(clause, "keep"),
            "ports": self._ports,
            "choice": self._choice,
            "range": self._range,
            "size": self._size,
            "duration": self._duration,
            "user": self._user,
            "group": self._group,
            "shell": self._shell,
            "input": self._input,
            "topic": lambda clause: self._text(clause, "topic", must_be_domain=True),
            "deed": self._deed,
            "query": lambda clause: self._text(clause, "query", must_be_domain=False),
            "want": self._want,
            "problem": self._problem,
            "any": lambda clause: None if _STOPS.intersection(clause.words) else (Reading({}),),
        }

    @property
    def names(self) -> frozenset[str]:
        """The names that gaps may have in patterns."""
        return frozenset(self._parsers)

    def read(self, slot: str, clause: Clause) -> Readings | None:
        """Read `clause` as the gap `slot`; None when it does not fit."""
        return self._parsers[slot](clause)

    def _subject(self, clause: Clause) -> Readings | None:
        words = self._words.bare(clause).words
        name = self._lexicon.subjects.get(" ".join(words))
        if name is None:
            service = self._lexicon.service(words)
            if service is None:
                return None
            name = service.option.removesuffix(".enable")
        return (Reading({"option": name}),)

    def _switch(self, clause: Clause) -> Readings | None:
        both = self._lexicon.switches.get(" ".join(self._words.bare(clause).words))
        if both is None:
            return None
        option, _, value = both.partition(" ")
        return (Reading({"option": option, "value": value}),)

    def _area(self, clause: Clause) -> Readings | None:
        """Read a subject that is no service."""
        return (
            None if self._lexicon.service(self._words.bare(clause).words) else self._subject(clause)
        )

    def _device(self, clause: Clause) -> Readings | None:
        """Read a part of the machine by the trouble that people have with it."""
        problem = self._lexicon.problem(clause.words)
        if problem is None or len(clause) > _LONGEST_DEVICE or problem.endswith("fails"):
            return None
        return (Reading({"problem": problem}),)

    def _problem(self, clause: Clause) -> Readings | None:
        """Read what is in trouble: a few words about this machine, of no negation or request."""
        if (
            len(clause) > _LONGEST_PROBLEM
            or _STOPS.intersection(clause.words)
            or _WISHES.intersection(clause.words)
            or clause.words[0] in _ORDERS | _IFS
        ):
            return None
        return self._text(clause, "problem", must_be_domain=True)

    def _setting(self, clause: Clause) -> Readings | None:
        setting = self._lexicon.settings.get(" ".join(self._words.bare(clause).words))
        if setting is None:
            return None
        return (Reading({"option": setting.option, "form": setting.form}),)

    def _option(self, clause: Clause) -> Readings | None:
        words = self._words.bare(clause)
        if len(words) != 1 or not self._lexicon.is_option(words.raws[0]):
            return None
        return (Reading({"option": words.raws[0]}),)

    def _value(self, clause: Clause) -> Readings | None:
        value = spoken(clause)
        if value is None:
            return None
        words = {"words": str(len(clause))} if len(clause) > 1 else {}
        return (Reading({"value": value, **words}),)

    def _number(self, clause: Clause, name: str) -> Readings | None:
        number = amount(self._words.bare(clause).words or clause.words)
        return None if number is None else (Reading({name: str(number)}),)

    def _ports(self, clause: Clause) -> Readings | None:
        """Read a list of ports, in which ranges may stand as well."""
        words = [w for w in clause.words if w not in self._words.joiners and w not in _PORT]
        found = [self._port(word) for word in words]
        return tuple(filter(None, found)) if found and all(found) else None

    def _port(self, word: str) -> Reading | None:
        if word.isdecimal():
            return Reading({"value": word}) if 0 < int(word) <= _LAST_PORT else None
        ports = port_range((word,))
        return Reading({"value": ports, "form": "range"}) if ports else None

    def _range(self, clause: Clause) -> Readings | None:
        found = port_range(clause.words)
        return None if found is None else (Reading({"value": found}),)

    def _size(self, clause: Clause) -> Readings | None:
        found = mebibytes(clause.words)
        return None if found is None else (Reading({"value": str(found)}),)

    def _choice(self, clause: Clause) -> Readings | None:
        """Read which of several that were offered is meant: "the second one", "number 2"."""
        words = [word for word in self._words.bare(clause).words if word not in _ONES]
        if len(words) != 1:
            return None
        number = ORDINALS.get(words[0]) or amount((words[0].removesuffix("."),))
        is_fit = number is not None and -1 <= number <= _MOST_CHOICES and number != 0
        name = "last" if number == -1 else str(number)
        return (Reading({"reference": name}),) if is_fit else None

    def _duration(self, clause: Clause) -> Readings | None:
        age = duration(clause.words)
        return None if age is None else (Reading({"older_than": age}),)

    def _user(self, clause: Clause) -> Readings | None:
        words = clause.words
        if len(words) == 2 and words[0] == "user":  # noqa: PLR2004 - "user bob"
            words = words[1:]
        if len(words) != 1:
            return None
        if words[0] in self._words.me:
            return (Reading({"user": "me"}),)
        is_everyday = (
            words[0] in self._lexicon.packages
            or words[0] in self._lexicon.ordinary
            or words[0] in self._words.vocabulary
        )
        if is_everyday or words[0] in _ROOT_NAMES or not _USER.fullmatch(words[0]):
            return None
        return (Reading({"user": words[0]}),)

    def _group(self, clause: Clause) -> Readings | None:
        aside = {"group", "groups", *self._words.joiners}
        words = [word for word in self._words.bare(clause).words if word not in aside]
        if (
            _ITS.intersection(words)
            or not 0 < len(words) <= _MOST_GROUPS
            or not all(map(_USER.fullmatch, words))
        ):
            return None
        known = [word for word in words if word in _GROUPS]
        if len(known) < len(words) and "group" not in clause.words and "groups" not in clause.words:
            return None
        return (Reading({"groups": " ".join(words)}),)

    def _shell(self, clause: Clause) -> Readings | None:
        words = self._words.bare(clause).words
        typed = " ".join(words)
        name = {"z shell": "zsh", "nu": "nushell"}.get(typed, typed)
        return (Reading({"shell": name}),) if name in _SHELLS else None

    def _input(self, clause: Clause) -> Readings | None:
        words = self._words.bare(clause).words
        name = "-".join(words)
        return (Reading({"input": name}),) if name in _INPUTS else None

    def _want(self, clause: Clause) -> Readings | None:
        """Read what is sought by its purpose: "pdf editing" is sought as "pdf editor"."""
        found = self._text(clause, "query", must_be_domain=True)
        words = self._words.bare(clause).words
        if found is None or len(words) == 1 or not words[-1].endswith(("ing", "s")):
            return found
        name = self._packages.singular(words)
        return found if name is None else (Reading({"query": name}),)

    def _deed(self, clause: Clause) -> Readings | None:
        """Read something that can be done, of which nothing is named: "install a program"."""
        words = tuple(w for w in clause.words if w not in self._words.articles | _HERE)
        is_deed = 1 < len(words) <= _LONGEST_DEED and words[0] in _DEEDS
        if not is_deed or words[-1] not in _ANYTHING:
            return None
        return self._text(clause, "topic", must_be_domain=False)

    def _text(self, clause: Clause, name: str, *, must_be_domain: bool) -> Readings | None:
        clause = self._words.bare(clause)
        is_literal = len(clause) > 1 and clause.words[0] == ":"
        if is_literal:
            clause = self._words.bare(clause.part(1, len(clause)))
        is_cut = name == "query" and len(clause) and clause.words[0] in _RELATIONS
        if is_cut or not clause.words or len(clause) > 14:  # noqa: PLR2004 - longer is a story, not a topic
            return None
        lexicon = self._lexicon
        is_fit = lexicon.is_domain(clause.words) or lexicon.category(clause.words) is not None
        is_thing = clause.words[0] in clause.things or lexicon.ordinary.issuperset(clause.words)
        if not is_fit and (must_be_domain or is_thing):
            return None
        if name == "topic" and (clause.words[0] == "not" or _MARKS.intersection(clause.words)):
            return None
        if name == "query" and self._words.vocabulary.intersection(clause.words[1:]):
            return None  # another request begins in it
        text = clause.text().strip(" .,!?\"'").lower()
        if name == "topic" and not is_literal:
            text = self._topics.of(clause) or text
        if name == "query" and len(clause) > 1:
            text = self._packages.one(clause.words) or text
        return (Reading({name: text}),)


_PORT = frozenset({"port", "ports"})
_LONGEST_DEED = 3
_HERE = frozenset({"new", "more", "some", "here"})
_ANYTHING = frozenset(
    {"something", "anything", "things", "stuff", "software", "program", "programs", "package"}
    | {"packages", "app", "apps", "application", "applications"}
)
_DEEDS = frozenset(
    {"install", "installing", "add", "adding", "get", "getting", "download", "remove", "removing"}
    | {"uninstall", "uninstalling", "delete", "deleting", "enable", "disable", "undo", "change"}
)
_ONES = frozenset(
    {"one", "ones", "number", "no", "option", "choice", "result", "hit", "of", "them", "those"}
    | {"in", "list", "entry", "item", "nummer", "numero", "opcion", "the"}
)
_RELATIONS = frozenset({"for", "of", "to", "about", "in", "on", "at", "with"})
_WISHES = frozenset({"not", "nothing", "never", "nobody", "me", "us", "please", "give"})
_MARKS = frozenset(",;.!?")
_IFS = frozenset({"if", "when", "whenever", "once", "unless", "should", "suppose"})
_ORDERS = frozenset({"get", "put", "bring", "make", "let", "want", "need", "would"})
_STOPS = frozenset({",", ";", ".", "!", "?", "then"})
_SHELLS = frozenset({"bash", "zsh", "fish", "nushell", "dash", "elvish", "xonsh", "tcsh", "ksh"})
_ITS = frozenset({"its", "his", "her", "their", "that", "this", "it"})
_GROUPS = frozenset(
    [
        "wheel",
        "docker",
        "libvirtd",
        "networkmanager",
        "audio",
        "video",
        "input",
        "dialout",
        "kvm",
        "vboxusers",
        "wireshark",
        "adbusers",
        "scanner",
        "lp",
        "plugdev",
        "podman",
        "render",
        "users",
        "disk",
        "uucp",
        "tty",
        "systemd-journal",
        "sudo",
        "incus-admin",
    ]
)
_INPUTS = frozenset(
    [
        "nixpkgs",
        "home-manager",
        "nixos-hardware",
        "flake-utils",
        "nixpkgs-unstable",
        "agenix",
        "sops-nix",
        "disko",
    ]
)
