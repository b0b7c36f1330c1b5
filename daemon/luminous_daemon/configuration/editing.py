"""Edits of a Nix file that a person wrote: one definition or one item, and no other byte.

What is edited is found in the syntax tree and has to be certain: a definition that always counts,
a list whose items are all seen, a name whose meaning the file itself shows. Whatever is not so is
refused. Afterwards the trees from before and after prove that nothing else is another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_daemon.configuration.changing import Editor
from luminous_daemon.configuration.layout import spliced
from luminous_daemon.configuration.nix_values import render, render_path
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.proof import prove
from luminous_daemon.configuration.scope import TooMuch
from luminous_daemon.configuration.syntax import parse
from luminous_daemon.configuration.tokens import NotNix, all_tokens, tokens_of
from luminous_daemon.core.definitions import Append, Put
from luminous_protocol.changes import split_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.configuration.layout import Splice
    from luminous_daemon.configuration.nodes import Tree
    from luminous_daemon.core.definitions import Edit

__all__ = ["NotEditable", "edit_text"]

_MAX_CHARACTERS = 128 * 1024
"""The largest file that is edited; those that people write are a fraction of it."""


def edit_text(text: str, edit: Edit) -> str:
    """Return the Nix file `text` after `edit`; the same text where that holds already.

    Raises `NotEditable` where the file is not of a shape in which the edit is proved to be safe.
    """
    if len(text) > _MAX_CHARACTERS:
        raise NotEditable(f"it is larger than {_MAX_CHARACTERS} characters")
    if _is_empty(text):
        return _first_definition(text, edit)
    before = _parsed(text)
    splices = _splices(before, edit)
    if not splices:
        return text
    after = _parsed(spliced(text, splices))
    prove(before, after, splices)
    _check_holds(after, edit)
    return after.text


def _parsed(text: str) -> Tree:
    try:
        return parse(text)
    except NotNix as error:
        raise NotEditable(f"its syntax is not understood ({error})") from None


def _splices(tree: Tree, edit: Edit) -> Sequence[Splice]:
    try:
        return Editor(tree).splices(edit)
    except (TooMuch, RecursionError):
        raise NotEditable("its names mean one another too often to be followed") from None


def _check_holds(after: Tree, edit: Edit) -> None:
    """Raise `NotEditable` unless the edit, made once more, would find nothing to do."""
    if _splices(after, edit):
        raise NotEditable("it would not hold afterwards")


def _is_empty(text: str) -> bool:
    """Tell whether a file says nothing: not even an empty set, or just that."""
    try:
        return [token.text for token in tokens_of(text)] in ([], ["{", "}"])
    except NotNix:
        return False


def _first_definition(text: str, edit: Edit) -> str:
    """Return a file that says nothing, whatever comments it has, with its first definition."""
    if not isinstance(edit, Put | Append):
        return text
    value = edit.value if isinstance(edit, Put) else [edit.item]
    rendered = render(value)
    names = [
        name for name in ("lib", "pkgs") if name in {word.text for word in tokens_of(rendered)}
    ]
    head = f"{{ {', '.join((*names, '...'))} }}:\n\n" if names else ""
    end = "\r\n" if "\r\n" in text else "\n"
    line = f"{render_path(split_option(edit.option))} = {rendered};"
    if tokens_of(text):
        result = _first_in_set(text, head.replace("\n\n", " "), line)
    else:
        gap = end if text and not text.endswith("\n") else ""
        result = text + gap + f"{head}{{\n  {line}\n}}\n".replace("\n", end)
    _check_holds(_parsed(result), edit)
    return result


def _first_in_set(text: str, head: str, line: str) -> str:
    """Return an empty set, which is all that `text` is, with `head` before it and `line` in it."""
    start, last = tokens_of(text)[0].start, tokens_of(text)[1].start
    comments = [token.end for token in all_tokens(text) if token.kind == "comment"]
    at = max([end for end in comments if start < end < last], default=start + 1)
    end = "\r\n" if "\r\n" in text else "\n"
    before = f"{end}  " if "\n" in text[start:last] else " "
    after = "" if text[at:last] else " "
    return f"{text[:start]}{head}{text[start:at]}{before}{line}{after}{text[at:]}"
