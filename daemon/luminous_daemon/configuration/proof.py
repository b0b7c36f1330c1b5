"""The last look at an edit: that exactly what was to differ does differ, by the syntax trees."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.tokens import tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from luminous_daemon.configuration.layout import Splice
    from luminous_daemon.configuration.nodes import Node, Tree

Words = tuple[str, ...]
Difference = tuple[Words, Words]


def prove(before: Tree, after: Tree, splices: Sequence[Splice]) -> None:
    """Raise `NotEditable` unless `after` is `before` but for what `splices` put in or take out.

    Every other token has to be the same, comments too, and in the tree whole nodes have come, gone
    or been replaced, no others than those.
    """
    if _expected(before, splices) != [word for _, word in _words_of(after)]:
        raise NotEditable("its parts would run into one another")
    comparison = _Comparison(before, after, splices)
    if sorted(comparison.differences(before.root, after.root)) != comparison.meant():
        raise NotEditable("the edit would change more than it is to")


def _words_of(tree: Tree) -> list[tuple[int, str]]:
    """Return the words of a text, comments too, and where each begins."""
    return [(token.start, token.text) for token in tree.tokens if token.kind != "space"]


def _expected(tree: Tree, splices: Sequence[Splice]) -> list[str]:
    """Return the words of the text after `splices`, as if each were by itself."""
    found: list[str] = []
    words, at = _words_of(tree), 0
    for splice in sorted(splices):
        while at < len(words) and words[at][0] < splice.start:
            found.append(words[at][1])
            at += 1
        while at < len(words) and words[at][0] < splice.end:
            at += 1
        found += _words(splice.core)
    return found + [word for _, word in words[at:]]


def _words(text: str) -> Words:
    return tuple(token.text for token in tokens_of(text))


def _without_commas(words: Words) -> Words:
    return tuple(word for word in words if word != ",")


class _Side:
    """One of the two trees, with its words but for comments."""

    def __init__(self, tree: Tree) -> None:
        found = [token for token in tree.tokens if token.kind not in {"space", "comment"}]
        self._starts = [token.start for token in found]
        self._words = tuple(token.text for token in found)

    def between(self, start: int, end: int) -> Words:
        """Return the words between two places."""
        return self._words[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def of(self, node: Node | None) -> Words:
        """Return the words of a node, none for none."""
        return self.between(node.start, node.end) if node else ()

    def own(self, node: Node) -> Words:
        """Return the words of a node that are in none below it, but for the commas between them."""
        found: list[str] = []
        at = node.start
        for child in node.children():
            found += self.between(at, child.start)
            at = child.end
        return _without_commas((*found, *self.between(at, node.end)))


class _Comparison:
    """Two trees, and what is meant to differ between them."""

    def __init__(self, before: Tree, after: Tree, splices: Sequence[Splice]) -> None:
        self._before, self._after = _Side(before), _Side(after)
        self._splices = splices
        self._replaced = {(item.start, item.end) for item in splices}

    def meant(self) -> list[Difference]:
        """Return the differences that are to be, in order."""
        return sorted(
            (
                _without_commas(self._before.between(item.start, item.end)),
                _without_commas(_words(item.core)),
            )
            for item in self._splices
        )

    def differences(self, old: Node, new: Node) -> Iterator[Difference]:
        """Give the smallest nodes that differ; nothing for one that has come, or has gone."""
        words = self._before.of(old), self._after.of(new)
        if words[0] == words[1]:
            return
        pairs = list(self._paired(list(old.children()), list(new.children())))
        is_other = type(old) is not type(new) or self._before.own(old) != self._after.own(new)
        if is_other or not pairs or (old.start, old.end) in self._replaced:
            yield _without_commas(words[0]), _without_commas(words[1])
            return
        for one, other in pairs:
            if one and other:
                yield from self.differences(one, other)
            else:
                yield (
                    _without_commas(self._before.of(one)),
                    _without_commas(self._after.of(other)),
                )

    def _paired(
        self, ours: list[Node], theirs: list[Node]
    ) -> Iterator[tuple[Node | None, Node | None]]:
        """Pair children that are as many, or all but those that have come or gone."""
        while ours or theirs:
            is_same = ours and theirs and self._before.of(ours[0]) == self._after.of(theirs[0])
            if is_same or len(ours) == len(theirs):
                yield ours.pop(0), theirs.pop(0)
            elif len(ours) < len(theirs):
                yield None, theirs.pop(0)
            else:
                yield ours.pop(0), None
