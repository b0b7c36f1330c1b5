"""Topics: what a question is about, without the words that only ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.grammar.tables import load, phrases

if TYPE_CHECKING:
    from luminous_protocol.grammar.text import Clause


class Topics:
    """Shortens what follows "how do I" or "what is" to the thing that is asked about."""

    def __init__(self, articles: frozenset[str]) -> None:
        """Take the articles, which are left out of topics."""
        tables = load("topics")
        self._asking = frozenset(phrases(tables["asking"])) | articles
        self._ending = frozenset(phrases(tables["ending"]))
        self._places = frozenset(phrases(tables["places"]))
        self._prepositions = frozenset(phrases(tables["prepositions"]))
        self._handling = frozenset(phrases(tables["handling"]))
        self._whole = frozenset(phrases(tables["whole"]))
        self._stock = frozenset(phrases(tables["stock"]))
        self._nouns = dict(pair.split(" = ") for pair in phrases(tables["nouns"]))
        self._articles = articles

    def of(self, clause: Clause) -> str:
        """Return the topic of a question's rest."""
        words = [word for word in clause.words if word not in {'"', ".", "!", "?"}]
        words = self._without_place(words)
        if "like" in words[1:]:
            words = words[: words.index("like", 1)]  # "as if I were five"
        while len(words) > 1 and words[0] in self._asking:
            words = words[1:]
        while len(words) > 1 and words[-1] in self._ending:
            words = words[:-1]
        words = [word for word in words if word not in self._articles] or words
        return self._named(words).strip(" .,!?\"'")

    def _without_place(self, words: list[str]) -> list[str]:
        """Cut off "in NixOS", "on this machine" and "for errors"."""
        for at in range(1, len(words)):
            rest = [word for word in words[at + 1 :] if word not in self._articles]
            if words[at] in self._prepositions and rest and self._places.issuperset(rest):
                return words[:at]
        return words

    def _named(self, words: list[str]) -> str:
        """Name a thing to do by what it is done to, where that says enough."""
        verb, things = words[0], words[1:]
        if things and (verb in self._handling or (verb == "update" and len(things) > 1)):
            if len(things) > 1 and things[0] in self._whole:
                things = things[1:]  # "the NixOS firewall"
            for at, word in enumerate(things):
                if at and word in self._prepositions:
                    things = things[:at]
                    break
            return " ".join(things)
        phrase = " ".join(words)
        if phrase in self._nouns:
            return self._nouns[phrase]
        if verb in self._nouns and all(word in self._whole for word in things):
            return self._nouns[verb]
        if verb == "update":
            return f"updating {phrase[7:]}" if things[-1] in self._stock else phrase
        return phrase
