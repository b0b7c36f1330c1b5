"""The concrete syntax tree of a Nix file: nothing of the text is lost, and nothing is guessed.

In plain Python, for two reasons: root reads here what anybody with a configuration wrote, which no
parser in C should see with root's rights, and nixpkgs has no Python package of the one grammar
there is for such a parser. The grammar is that of Nix itself,
https://github.com/NixOS/nix/blob/2.26.3/src/libexpr/parser.y, but for what it has for files of
another age (`let { … }`, `or` as a name), or not by default (`|>`). That is refused by name.

Nesting is bounded, and so is the work: a part of the text is read once for each string around it.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, NoReturn

from luminous_daemon.configuration.nodes import (
    Application,
    Assertion,
    AttributeSet,
    Binding,
    Conditional,
    Formal,
    Formals,
    Function,
    Inherit,
    Key,
    Let,
    ListLiteral,
    Node,
    Number,
    Operation,
    Parenthesised,
    PathLiteral,
    Question,
    Selection,
    Text,
    Tree,
    Variable,
    With,
)
from luminous_daemon.configuration.tokens import NotNix, Token, all_tokens, string_value

if TYPE_CHECKING:
    from collections.abc import Iterable

_DEEPEST = 90
"""Expressions and operations in one another; each set, list or bracket is two of them."""
_KEYWORDS = frozenset({"assert", "else", "if", "in", "inherit", "let", "rec", "then", "with"})
_END = Token("end", "", -1, -1)
_TRIVIA = {"space", "comment"}

_LEVELS = (
    *(("->",), ("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">=")),
    *(("//",), ("!",), ("+", "-"), ("*", "/"), ("++",), ("?",)),
)
"""The operators, from the weakest to the strongest; a minus before its operand is stronger yet."""
_STRENGTH = {sign: level for level, signs in enumerate(_LEVELS) for sign in signs}
_NOT = _STRENGTH.pop("!")
_TO_THE_RIGHT = {"->", "//", "++"}
_NOT_CHAINED = {"==", "!=", "<", ">", "<=", ">="}
_LARGEST = 2**63 - 1
_SMALLEST = sys.float_info.min


def parse(text: str) -> Tree:
    """Return the tree of `text`. Raises `NotNix`, which says what is not understood, and where."""
    if "\0" in text:
        raise NotNix("there is a NUL character in it")
    tokens = tuple(all_tokens(text))
    try:
        return Tree(text, tokens, _Parser(text, tokens, 0).whole())
    except RecursionError:  # for who calls from far below, and has little of the stack left
        raise NotNix("it is nested too deeply") from None


class _Parser:
    """Recursive descent, one function for each rule of the grammar."""

    def __init__(self, text: str, tokens: Iterable[Token], depth: int) -> None:
        """Read `tokens`, with so many expressions around them."""
        self._text = text
        self._tokens = [token for token in tokens if token.kind not in _TRIVIA] + [_END]
        self._at = 0
        self._depth = depth

    def whole(self) -> Node:
        """Read everything as one expression."""
        found = self._expression()
        if self._token().kind != "end":
            self._refuse()
        return found

    def _token(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _is(self, text: str, ahead: int = 0) -> bool:
        token = self._token(ahead)
        return token.text == text and token.kind in {"mark", "word"}

    def _is_name(self, ahead: int = 0) -> bool:
        token = self._token(ahead)
        return token.kind == "word" and token.text not in _KEYWORDS and token.text != "or"

    def _name(self) -> Token:
        return self._next() if self._is_name() else self._refuse()

    def _next(self) -> Token:
        token = self._token()
        self._at += 1
        return token

    def _take(self, text: str) -> bool:
        found = self._is(text)
        self._at += found
        return found

    def _expect(self, text: str) -> Token:
        return self._next() if self._is(text) else self._refuse()

    def _last_end(self) -> int:
        return self._tokens[self._at - 1].end

    def _refuse(self, what: str = "") -> NoReturn:
        token = self._token()
        if token.kind == "end":
            raise NotNix(what or "it ends too early")
        line = self._text.count("\n", 0, token.start) + 1
        # What somebody may keep to themselves, a name or a text, is not repeated.
        is_shown = token.kind == "mark" or token.text in _KEYWORDS
        shown = repr(token.text) if is_shown else f"a {token.kind}"
        raise NotNix(f"{what or f'{shown} was not expected'} in line {line}")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._refuse("it is nested too deeply")

    def _expression(self) -> Node:
        self._deeper()
        found = self._function()
        self._depth -= 1
        return found

    def _function(self) -> Node:
        if self._is_name() and (self._is(":", 1) or self._is("@", 1)):
            return self._function_with_name()
        if self._is("{") and self._begins_formals():
            return self._function_with_formals()
        token = self._token()
        match token.text if token.kind == "word" else "":
            case "let":
                return self._let()
            case "with":
                return With(token.start, *self._two_parts())
            case "assert":
                return Assertion(token.start, *self._two_parts())
            case "if":
                return self._conditional(token.start)
        return self._operation(0)

    def _function_with_name(self) -> Function:
        name = self._next()
        formals = self._formals() if self._take("@") else None
        self._expect(":")
        body = self._expression()
        return Function(name.start, body.end, name.text, formals, body)

    def _begins_formals(self) -> bool:
        if self._is("}", 1):
            return self._is(":", 2) or self._is("@", 2)
        signs = ("?", ",", "}")
        return self._is("...", 1) or (self._is_name(1) and any(self._is(sign, 2) for sign in signs))

    def _function_with_formals(self) -> Function:
        formals, name = self._formals(), ""
        if self._take("@"):
            name = self._name().text
        self._expect(":")
        body = self._expression()
        return Function(formals.start, body.end, name, formals, body)

    def _formals(self) -> Formals:
        start, names = self._expect("{").start, []
        has_ellipsis = False
        while not has_ellipsis and not self._is("}"):
            has_ellipsis = self._take("...")
            if not has_ellipsis:
                names.append(self._formal())
                if not self._take(","):
                    break
        return Formals(start, self._expect("}").end, tuple(names), has_ellipsis)

    def _formal(self) -> Formal:
        name = self._name()
        default = self._expression() if self._take("?") else None
        return Formal(name.start, default.end if default else name.end, name.text, default)

    def _let(self) -> Let:
        start = self._next().start
        if self._is("{"):
            self._refuse("an old form of let, without an 'in',")
        bindings = self._bindings("in")
        body = self._expression()
        return Let(start, body.end, bindings, body)

    def _two_parts(self) -> tuple[int, Node, Node]:
        """Read `with` or `assert`: where it ends, its part before the semicolon, that after."""
        self._next()
        first = self._expression()
        self._expect(";")
        body = self._expression()
        return body.end, first, body

    def _conditional(self, start: int) -> Conditional:
        self._next()
        condition = self._expression()
        self._expect("then")
        one = self._expression()
        self._expect("else")
        other = self._expression()
        return Conditional(start, other.end, condition, one, other)

    def _operation(self, weakest: int) -> Node:
        """Read operators that bind as strongly as `weakest` or stronger, and their operands."""
        self._deeper()
        left = self._operand()
        while (sign := self._operator()) and (strength := _STRENGTH[sign]) >= weakest:
            left = self._operation_after(left, sign, strength)
            if sign in _NOT_CHAINED and _STRENGTH.get(self._operator()) == strength:
                self._refuse()
        self._depth -= 1
        return left

    def _operator(self) -> str:
        token = self._token()
        return token.text if token.kind == "mark" and token.text in _STRENGTH else ""

    def _operation_after(self, left: Node, sign: str, strength: int) -> Node:
        self._next()
        if sign == "?":
            path = self._path()
            return Question(left.start, path[-1].end, left, path)
        right = self._operation(strength if sign in _TO_THE_RIGHT else strength + 1)
        return Operation(left.start, right.end, sign, (left, right))

    def _operand(self) -> Node:
        sign = self._token()
        if self._take("!"):
            operand = self._operation(_NOT)
        elif self._take("-"):
            operand = self._operation(len(_LEVELS))
        else:
            return self._application()
        return Operation(sign.start, operand.end, sign.text, (operand,))

    def _application(self) -> Node:
        function = self._selection()
        arguments = []
        while self._begins_operand():
            arguments.append(self._selection())
        if not arguments:
            return function
        return Application(function.start, arguments[-1].end, function, tuple(arguments))

    def _begins_operand(self) -> bool:
        token = self._token()
        if token.kind == "mark":
            return token.text in {"{", "[", "("}
        return token.kind != "end" and (self._is_name() or token.kind != "word" or self._is("rec"))

    def _selection(self) -> Node:
        whole = self._simple()
        if not self._take("."):
            return whole
        path, default = self._path(), None
        if self._take("or"):
            self._deeper()
            default = self._selection()
            self._depth -= 1
        return Selection(whole.start, self._last_end(), whole, path, default)

    def _simple(self) -> Node:
        token = self._token()
        match token.kind:
            case "word" if self._is("rec"):
                self._next()
                return self._set(token.start, is_recursive=True)
            case "word" if self._is_name():
                self._next()
                return Variable(token.start, token.end, token.text)
            case "number":
                return self._number()
            case "string" | "uri":
                return self._string()
            case "path" | "search":
                return self._path_literal()
            case "mark":
                return self._bracketed(token)
        return self._refuse()

    def _bracketed(self, token: Token) -> Node:
        match token.text:
            case "{":
                return self._set(token.start, is_recursive=False)
            case "[":
                return self._list()
            case "(":
                self._next()
                inner = self._expression()
                return Parenthesised(token.start, self._expect(")").end, inner)
        return self._refuse()

    def _number(self) -> Number:
        token = self._token()
        is_whole = token.text.isdigit()
        value = int(token.text[:30]) if is_whole else float(token.text)
        tiny = not is_whole and value < _SMALLEST and token.text.strip("0.eE+-") != ""
        if value > _LARGEST if is_whole else math.isinf(value) or tiny:
            self._refuse("a number that Nix does not take")
        self._next()
        return Number(token.start, token.end, value)

    def _string(self) -> Text:
        token = self._next()
        value = string_value(token)
        return Text(token.start, token.end, value, self._interpolated(token))

    def _path_literal(self) -> PathLiteral:
        token = self._token()
        if token.text.endswith("/"):
            self._refuse("a path with a slash at its end")
        if "//" in token.text.partition("${")[0]:
            self._refuse("a path with two slashes together")
        self._next()
        return PathLiteral(token.start, token.end, self._interpolated(token))

    def _interpolated(self, token: Token) -> tuple[Node, ...]:
        return tuple(
            _Parser(self._text, all_tokens(self._text, start, end), self._depth).whole()
            for start, end in token.inside
        )

    def _list(self) -> ListLiteral:
        start, items = self._next().start, []
        self._deeper()
        while not self._is("]"):
            items.append(self._selection())
        self._depth -= 1
        return ListLiteral(start, self._next().end, tuple(items))

    def _set(self, start: int, *, is_recursive: bool) -> AttributeSet:
        opening = self._expect("{").start
        bindings = self._bindings("}")
        return AttributeSet(start, self._last_end(), is_recursive, opening, bindings)

    def _bindings(self, end: str) -> tuple[Binding | Inherit, ...]:
        """Read bindings and the `end` after them."""
        found: list[Binding | Inherit] = []
        while not self._take(end):
            found.append(self._inherit() if self._is("inherit") else self._binding())
        return tuple(found)

    def _binding(self) -> Binding:
        path = self._path()
        self._expect("=")
        value = self._expression()
        return Binding(path[0].start, self._expect(";").end, path, value)

    def _inherit(self) -> Inherit:
        start, source, names = self._next().start, None, []
        if self._take("("):
            source = self._expression()
            self._expect(")")
        while not self._is(";"):
            names.append(self._key())
            if names[-1].name is None:
                self._refuse("a computed name to inherit")
        return Inherit(start, self._next().end, source, tuple(names))

    def _path(self) -> tuple[Key, ...]:
        keys = [self._key()]
        while self._take("."):
            keys.append(self._key())
        return tuple(keys)

    def _key(self) -> Key:
        token = self._token()
        if self._is_name() or self._is("or"):
            self._next()
            return Key(token.start, token.end, token.text)
        if token.kind == "string" and token.text.startswith('"'):
            text = self._string()
            return Key(text.start, text.end, text.value, text.parts)
        if self._take("${"):
            inner = self._expression()
            return Key(token.start, self._expect("}").end, None, (inner,))
        return self._refuse()
