"""Edit distance: how many typing errors lie between two words."""

from __future__ import annotations

_A = ord("a")


def letters(word: str) -> int:
    """Return a bit mask of the characters in `word`, to dismiss unlike words without measuring."""
    mask = 0
    for character in word:
        mask |= 1 << ((ord(character) - _A) & 63)
    return mask


def osa(left: str, right: str, limit: int) -> int:
    """Measure the optimal string alignment distance, or return `limit + 1` when it is larger.

    Insertion, deletion, substitution and swapping two neighbours count one each; no substring is
    edited twice.
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return last[-1]


def allowance(word: str) -> int:
    """Say how many errors a word of this length may carry and still be recognised."""
    size = len(word)
    if size < 3:  # noqa: PLR2004 - two letters are always another word
        return 0
    return 1 if size < 8 else 2  # noqa: PLR2004 - long words carry two errors and stay themselves


def is_swap(left: str, right: str) -> bool:
    """Say whether the two words differ by two neighbouring characters alone."""
    return len(left) == len(right) and sorted(left) == sorted(right)


def nearest(word: str, choices: dict[str, int]) -> str | None:
    """Return the one closest of `choices` (word to letter mask) within the allowance, if any.

    Two equally close choices are no answer. The first letter must agree (or be swapped with the
    second): people seldom miss it, and "unable" must not become "enable".
    """
    limit = allowance(word)
    mask, size = letters(word), len(word)
    best, found = limit + 1, ""
    is_tied = False
    for choice, other in choices.items():
        if (mask ^ other).bit_count() > 2 * limit or abs(len(choice) - size) > limit:
            continue
        if choice[0] != word[0] and word[1:2] + word[:1] != choice[:2]:
            continue
        far = osa(word, choice, min(limit, best))
        if far < best:
            best, found, is_tied = far, choice, False
        elif far == best and found:
            is_tied = True
    if not found or is_tied or best > limit:
        return None
    is_short = min(size, len(found)) < 4  # noqa: PLR2004 - "vic" is not a misspelt "vim"
    return None if is_short and not is_swap(word, found) else found
