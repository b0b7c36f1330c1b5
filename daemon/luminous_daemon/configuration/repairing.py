"""Repairs of a Nix file that a person wrote: one place of it becomes another, and no other byte.

What is mended is found in the syntax tree; where there is none, because the file cannot be parsed,
it is a token at a place. Whether that mends anything is for Nix to prove.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_daemon.configuration.bindings import TRANSPARENT, bindings_of, function_name
from luminous_daemon.configuration.editing import edit_text
from luminous_daemon.configuration.hashes import FAKES, hash_of
from luminous_daemon.configuration.layout import Layout, Splice, spliced
from luminous_daemon.configuration.modules import inside, line_of
from luminous_daemon.configuration.nix_values import render
from luminous_daemon.configuration.nodes import (
    Application,
    AttributeSet,
    Formals,
    Function,
    ListLiteral,
    Number,
    Parenthesised,
    PathLiteral,
    Selection,
    Text,
    Variable,
)
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.configuration.place import Place, place_in
from luminous_daemon.configuration.renaming import renamed
from luminous_daemon.configuration.scope import Scope, TooMuch
from luminous_daemon.configuration.syntax import parse
from luminous_daemon.configuration.tokens import OPENING, NotNix, Token, all_tokens
from luminous_daemon.core.definitions import Put
from luminous_protocol.changes import join_option, split_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from luminous_daemon.configuration.bindings import Bound
    from luminous_daemon.configuration.hashes import Hash
    from luminous_daemon.configuration.nodes import Node, Tree
    from luminous_protocol.changes import RepairFile

_TRIVIA = {"space", "comment"}
_QUOTES = {'"', "''"}
_BLANK = re.compile(r"[ \t]*")
_TWO = 2


def repair_text(text: str, repair: RepairFile) -> str:
    """Return the Nix file `text` after `repair`. Raises `NotEditable`."""
    place = place_in(text, repair.line, repair.column)
    try:
        after = _REPAIRS[repair.operation](text, repair, place)
    except (TooMuch, RecursionError):
        raise NotEditable("its names mean one another too often to be followed") from None
    if after == text:
        raise NotEditable("that is so already")
    return after


def syntax_problem(text: str) -> str:
    """Return what is not understood in a Nix file, or nothing."""
    try:
        parse(text)
    except NotNix as error:
        return str(error)
    return ""


def _parsed(text: str) -> Tree:
    try:
        return parse(text)
    except NotNix as error:
        raise NotEditable(f"its syntax is not understood ({error})") from None


def _rename(text: str, repair: RepairFile, place: Place) -> str:
    names = split_option(repair.old), split_option(str(repair.new))
    return spliced(text, renamed(_parsed(text), names, place))


# --- definitions


def _defined(tree: Tree, repair: RepairFile, place: Place) -> Bound:
    """Return the one binding of the option, or of the only part of it that is bound.

    Of what is defined twice, Nix tells the place, and that part of the name which stands there.
    """
    path = split_option(repair.old)
    bounds = list(bindings_of(tree.root))
    found = [bound for bound in bounds if bound.names[: len(path)] == path]
    if place.is_exact:
        there = (bound for bound in bounds if bound.binding.start == place.start)
        found += (bound for bound in there if bound.own_names == path)
    whole = [bound for bound in found if _is_whole(bound, path, place)]
    starts = {bound.binding.start: bound for bound in reversed(whole or found)}
    chosen = place.chosen(sorted(starts))
    if not chosen:
        raise NotEditable(f"{repair.old} is not defined there")
    if len(chosen) > 1:
        lines = " and ".join(str(line_of(tree.text, at)) for at in chosen)
        raise NotEditable(f"it is defined more than once, in lines {lines}")
    return starts[chosen[0]]


def _is_whole(bound: Bound, path: tuple[str, ...], place: Place) -> bool:
    """Tell whether a binding gives the option all of its value."""
    is_there = place.is_exact and bound.binding.start == place.start
    return bound.names == path or (is_there and bound.own_names == path)


def _remove_definition(text: str, repair: RepairFile, place: Place) -> str:
    tree = _parsed(text)
    bound = _defined(tree, repair, place)
    return spliced(text, [Layout(text).out_of(bound.binding, bound.owner.bindings)])


def _set_value(text: str, repair: RepairFile, place: Place) -> str:
    bound = _defined(_parsed(text), repair, place)  # or it would be one more definition
    if not _is_whole(bound, split_option(repair.old), place):
        raise NotEditable(f"{repair.old} is set in parts")
    try:
        return edit_text(text, Put(_name_of(bound, repair.old), repair.new))
    except NotEditable:
        # Where it is certain which definition is meant, it may be one that counts sometimes only.
        node = _content(bound.binding.value)
        if not _is_literal(node):
            raise
        rendered = render(repair.new)
        if node is not bound.binding.value and rendered.startswith(("-", "pkg:")):
            rendered = f"({rendered})"
        return spliced(text, [Splice(node.start, node.end, rendered)])


def _name_of(bound: Bound, name: str) -> str:
    """Return the whole name of what is bound, or the one it was called by if that is not known."""
    return name if None in bound.names else join_option(tuple(map(str, bound.names)))


def _content(node: Node) -> Node:
    """Return a value without the functions that say when it counts and how much."""
    while True:
        match node:
            case Parenthesised(inner=inner):
                node = inner
            case Application(function=function, arguments=(*_, last)) if (
                function_name(function) in TRANSPARENT and function_name(function) != "mkMerge"
            ):
                node = last
            case _:
                return node


def _is_literal(node: Node) -> bool:
    match node:
        case Variable(name=name):
            return name in {"true", "false", "null"}
        case Text() | Number() | PathLiteral(parts=()) | ListLiteral():
            return True
    return False


# --- tokens of what cannot be parsed


def _check_broken(text: str) -> None:
    if not syntax_problem(text):
        raise NotEditable("its syntax is right as it is")


def _insert_token(text: str, repair: RepairFile, place: Place) -> str:
    _check_broken(text)
    _check_stands(text, repair.old, place)
    token = str(repair.new)
    if token in _QUOTES:
        return text[: place.start] + token + text[place.start :]
    before = _tokens_before(text, place.start)
    if (token, repair.old) == (";", "="):
        before = _before_path(before)
    at = before[-1].end if before else 0
    is_next_line = token in {"}", "]"} and "\n" in text[at : place.start]
    gap = f"\n{_indentation_of(text, before, token)}" if is_next_line else ""
    return text[:at] + (gap or (" " if token in {"}", "]"} else "")) + token + text[at:]


def _check_stands(text: str, old: str, place: Place) -> None:
    """Raise `NotEditable` unless `old` stands at the place; nothing does at the end of a file."""
    is_there = text.startswith(old, place.start)
    if not old:
        is_there = all(token.kind in _TRIVIA for token in _tokens(text, place.start, len(text)))
    if not is_there:
        raise NotEditable("something else stands at that place")


def _tokens_before(text: str, at: int) -> list[Token]:
    found = [token for token in _tokens(text, 0, at) if token.kind not in _TRIVIA]
    if found and found[-1].end > at:
        raise NotEditable("that place lies inside of a text")
    return found


def _before_path(tokens: list[Token]) -> list[Token]:
    """Return what stands before the path that the last tokens are.

    Where a semicolon is missing, Nix reads a name as an argument, and stumbles at its equals sign.
    """
    at = len(tokens) - 1
    while at >= _TWO and tokens[at - 1].text == ".":
        at -= _TWO
    return tokens[: max(at, 0)]


def _tokens(text: str, start: int, end: int) -> list[Token]:
    try:
        return list(all_tokens(text, start, end))
    except NotNix as error:
        raise NotEditable(f"its syntax is not understood ({error})") from None


def _indentation_of(text: str, before: Sequence[Token], token: str) -> str:
    """Return what stands before the line that opens the bracket which `token` closes."""
    opened: list[Token] = []
    for other in before:
        if other.kind == "mark" and other.text in OPENING:
            opened.append(other)
        elif other.kind == "mark" and other.text in OPENING.values() and opened:
            opened.pop()
    matching = [other.start for other in opened if OPENING[other.text] == token]
    start = text.rfind("\n", 0, matching[-1]) + 1 if matching else 0
    found = _BLANK.match(text, start)
    return found[0] if found else ""


def _remove_token(text: str, repair: RepairFile, place: Place) -> str:
    _check_broken(text)
    _check_stands(text, repair.old, place)
    if repair.old not in _QUOTES:
        _tokens_before(text, place.start)
    start, end = place.start, place.start + len(repair.old)
    line = text.rfind("\n", 0, start) + 1
    behind = text.find("\n", end)
    if behind >= 0 and not (text[line:start] + text[end:behind]).strip():
        start, end = line, behind + 1
    return text[:start] + text[end:]


# --- arguments


def _add_argument(text: str, repair: RepairFile, place: Place) -> str:
    tree, name = _parsed(text), str(repair.new)
    header = f"{{ {name}, ... }}:" if name != "..." else "{ ... }:"
    function = _function_at(tree, place)
    if function is None:
        root, _ = inside(tree.root, Scope())
        if not isinstance(root, AttributeSet) or repair.line:
            raise NotEditable("no function that takes arguments stands there")
        end = "\r\n" if "\r\n" in text else "\n"
        at = tree.root.start
        return f"{text[:at]}{header}{end}{text[at:]}"
    formals = function.formals
    if formals is None:
        raise NotEditable("its function takes its arguments as a whole")
    names = {*(formal.name for formal in formals.names), *(["..."] * formals.has_ellipsis)}
    if name in names:
        raise NotEditable(f"its function takes {name} already")
    return spliced(text, [_one_more(text, formals, name)])


def _function_at(tree: Tree, place: Place) -> Function | None:
    """Return the function that the file is, or the innermost that holds the place."""
    functions = [node for node in tree.root.walk() if isinstance(node, Function)]
    if place.is_exact:
        around = [node for node in functions if node.start <= place.start < node.end]
        functions = [node for node in around if node.formals] or around
        return functions[-1] if functions else None
    root, _ = inside(tree.root, Scope())
    return root if isinstance(root, Function) else None


def _one_more(text: str, formals: Formals, name: str) -> Splice:
    if formals.has_ellipsis:
        at = text.rindex("...", formals.start, formals.end)
        gap = re.search(r"\s*\Z", text[formals.start + 1 : at])
        after = gap[0] if gap and "\n" in gap[0] else " "
        return Splice(at, at, f"{name},", "", after)
    if formals.names:
        at = formals.names[-1].end
        return Splice(at, at, f", {name}")
    return Splice(formals.start + 1, formals.end - 1, f" {name} ")


# --- hashes


def _replace_hash(text: str, repair: RepairFile, place: Place) -> str:
    tree, old = _parsed(text), hash_of(repair.old)
    if old is None:
        raise NotEditable(f"{repair.old} is no hash")
    found = {node.start: node for node in tree.root.walk() if _hash_in(node) == old}
    # An empty text is a hash only where one is asked for.
    asked = _asked_for(tree)
    places = [at for at, node in found.items() if at in asked or text[at : node.end] != '""']
    chosen = place.chosen(sorted(places))
    if not chosen:
        raise NotEditable("that hash does not stand there")
    if len(chosen) > 1:
        lines = " and ".join(str(line_of(text, at)) for at in chosen)
        raise NotEditable(f"that hash stands there more than once, in lines {lines}")
    node = found[chosen[0]]
    return spliced(text, [Splice(node.start, node.end, f'"{repair.new}"')])


def _hash_in(node: Node) -> Hash | None:
    match node:
        case Text(value=str(value)):
            return hash_of(value)
        case Selection(path=path):
            return FAKES.get(path[-1].name or "")
    return None


def _asked_for(tree: Tree) -> set[int]:
    """Return where the values of what is called a hash begin."""
    return set(_starts_of_hashes(tree))


def _starts_of_hashes(tree: Tree) -> Iterator[int]:
    for bound in bindings_of(tree.root):
        name = (bound.names[-1] or "").lower()
        if name.endswith(("hash", "sha1", "sha256", "sha512")):
            yield bound.binding.value.start


_REPAIRS: Mapping[str, Callable[[str, RepairFile, Place], str]] = {
    "rename": _rename,
    "remove-definition": _remove_definition,
    "set-value": _set_value,
    "insert-token": _insert_token,
    "remove-token": _remove_token,
    "add-argument": _add_argument,
    "replace-hash": _replace_hash,
}
