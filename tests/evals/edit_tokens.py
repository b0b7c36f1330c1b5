"""What can be said of an edit without evaluating the file: which words and comments came and went.

It is less than the evaluation says: not that a value is active, nor in which list it stands.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from luminous_daemon.configuration.tokens import NotNix, tokens_of

if TYPE_CHECKING:
    from edit_records import Task, Wish

_AROUND = frozenset("[](){}.;=") | {"with", "pkgs", "++", "config"}


def token_complaints(task: Task, before: bytes, after: bytes) -> list[str]:
    """Complain of words that came or went beyond what was asked for and what goes around it."""
    try:
        old, new = words_in(before), words_in(after)
    except NotNix:
        return ["the file is not understood"]
    wished = Counter[str]()
    for wish in task.wishes:
        wished += _wished(wish)
    may = _AROUND | set(wished)
    for wish in task.wishes:
        may |= set(words_in(wish.option.encode()))
    came, went = new - old, old - new
    found = [f"{token!r} came" for token in came if token not in may]
    if task.op != "set_option":
        found += [f"{token!r} went" for token in went if token not in may]
    moved = went if task.op in {"remove_package", "list_remove"} else came
    if any(moved[token] != count for token, count in wished.items() if token not in _AROUND):
        found.append("what was asked for did not come or go just once")
    return found


def _wished(wish: Wish) -> Counter[str]:
    match wish.value:
        case {"package": str(name)}:
            return words_in(name.encode())
        case str(text):
            return Counter([json.dumps(text, ensure_ascii=False)])
        case value:
            return words_in(json.dumps(value).encode())


def words_in(content: bytes) -> Counter[str]:
    """Return a file's tokens without its comments, each with how often it stands there.

    Raises `NotNix`.
    """
    return Counter(token.text for token in tokens_of(content.decode(errors="replace")))


def is_blank(content: bytes) -> bool:
    """Tell whether a file holds nothing but comments, if that."""
    try:
        return not words_in(content)
    except NotNix:
        return False


def comments_of(content: bytes) -> Counter[str]:
    """Return the words of a file's comments; none where it is no Nix."""
    text = content.decode(errors="replace")
    try:
        tokens = tokens_of(text)
    except NotNix:
        return Counter()
    ends = [0, *(token.end for token in tokens)]
    starts = [*(token.start for token in tokens), len(text)]
    gaps = (text[end:start] for end, start in zip(ends, starts, strict=True))
    return Counter(word for gap in gaps for word in gap.split())
