"""The judge of edits: what the bytes and real Nix say of a file before and after, and nobody else.

Where Nix can evaluate the file, the value asked for must be there exactly once whatever the
conditions in the file come to, and every other definition must be as it was. Where it cannot, the
words of the file are compared, and the verdict says so.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from edit_tokens import comments_of, is_blank, token_complaints
from nix_module import Nix, Tree, is_equal, lay_flat, words_of
from value_types import fits

from luminous_daemon.configuration.nix_values import NotCanonical, parse
from luminous_protocol.changes import split_option
from luminous_protocol.plan import Risk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edit_records import Task, Wish
    from nix_module import Place, Said

_ADDS: Final = ("add_package", "list_add")
_REMOVES: Final = ("remove_package", "list_remove")
_PACKAGE: Final = re.compile(r"[A-Za-z_][\w+.-]*")
_NOTHING: Final = [[{}, 100, 1000]]
"""An empty set, as a definition is compared."""


@dataclass(frozen=True)
class Answer:
    """What the product does: `kind` is edit, no_change or refuse.

    `reason` is the sentence that comes with the latter two, `warnings` those that come with a plan.
    """

    kind: str
    content: bytes
    reason: str = ""
    warnings: tuple[str, ...] = ()
    risk: Risk = Risk.LOW

    @property
    def asks(self) -> bool:
        """Whether it leaves a choice to the person, and asks for it."""
        return self.kind == "refuse" and "?" in self.reason


@dataclass(frozen=True)
class Verdict:
    """How a task was judged: `grade` is right, refused or wrong; `how` says what it rests on."""

    task: Task
    grade: str
    got: str
    complaints: tuple[str, ...] = ()
    how: str = "bytes"


@dataclass
class File:
    """A task's file, evaluated once for each content. `type_of` gives an option's type, or ""."""

    task: Task
    type_of: Callable[[str], str] = lambda _option: ""
    before: bytes = b""
    _trees: dict[bytes, tuple[Tree, Tree] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the file."""
        self.before = self.task.content

    def trees(self, content: bytes) -> tuple[Tree, Tree] | None:
        """Return what a content of this file says, with conditions met and unmet."""
        if content not in self._trees:
            # A file that says nothing is no Nix, and becomes a module with its first definition.
            said = b"{ }" if is_blank(content) else content
            asked = json.dumps([wish.change for wish in self.task.wishes]).encode()
            words = words_of(self.before, content, asked)
            self._trees[content] = Nix.found().evaluate(said, words)
        return self._trees[content]

    def has(self, option: str) -> bool:
        """Tell whether the file declares or defines an option or one inside it."""
        trees = self.trees(self.before) or ()
        return any(tree.has(split_option(option)) for tree in trees)

    def meanings(self, wish: Wish) -> list[Any]:
        """Return what a wish's value may mean, as `module.nix` shows it.

        A text may be a number, a list or a package where the option's type takes that; a text that
        only quotes make harmless is nothing but that text.
        """
        plain = [wish.value]
        if isinstance(wish.value, str) and self.task.outcome != "refuse_or_escape":
            with contextlib.suppress(NotCanonical, ValueError, RecursionError):
                plain.append(parse(wish.value.strip()))
            if _PACKAGE.fullmatch(wish.value):
                plain.append({"package": wish.value})
        described = self.type_of(wish.option)
        is_item = self.task.op != "set_option"
        fitting = [one for one in plain if fits([one] if is_item else one, described)]
        return [shown(one) for one in fitting or plain]


def shown(value: Any) -> Any:  # noqa: ANN401 - any value of Nix
    """Return a value as `module.nix` shows it."""
    match value:
        case {"package": str(name), **rest} if not rest:
            return {"_mark": f"pkgs.{name}", "_applied": []}
        case dict():
            return {key: shown(item) for key, item in value.items()}
        case list():
            return [shown(item) for item in value]
        case _:
            return value


def judge(file: File, answer: Answer) -> Verdict:
    """Judge what the product did with a task."""
    task = file.task
    if answer.kind == "edit":
        complaints, how = edit_complaints(file, answer.content)
    elif answer.content != file.before:
        complaints, how = ["the file was changed all the same"], "bytes"
    else:
        complaints, how = _silence_complaints(file, answer)
    complaints += _outcome_complaints(task, answer)
    if complaints:
        return Verdict(task, "wrong", answer.kind, (*complaints, answer.reason), how)
    is_refused = answer.kind == "refuse" and not _may_refuse(task, answer)
    grade = "refused" if is_refused else "right"
    return Verdict(task, grade, answer.kind, (answer.reason,), how)


def _may_refuse(task: Task, answer: Answer) -> bool:
    if task.outcome == "edit_or_ask":
        return answer.asks
    return task.outcome in {"refuse", "refuse_or_escape"}


def _silence_complaints(file: File, answer: Answer) -> tuple[list[str], str]:
    """Complain of a file that was left alone for a reason that is none."""
    outcome = file.task.outcome
    if not answer.reason:
        return ["no reason was given"], "bytes"
    if answer.kind == "refuse" or outcome == "no_change":
        return [], "bytes"
    # That there is nothing to take out is a reason to refuse, where it is true.
    is_true = file.task.op in _REMOVES and file.trees(file.before) and not _holds(file)
    if outcome == "refuse" and is_true:
        return [], "evaluated"
    return [f"{outcome} was asked for, and the product says that it is so already"], "bytes"


def _holds(file: File) -> bool:
    """Tell whether the file has any of the items that are to go."""
    return any(
        is_equal(item, form)
        for wish in file.task.wishes
        for form in file.meanings(wish)
        for tree in file.trees(file.before) or ()
        for found in tree.below(split_option(wish.option)).values()
        if isinstance(found, list)
        for item in found
    )


def _outcome_complaints(task: Task, answer: Answer) -> list[str]:
    match task.outcome, answer.kind:
        case ("no_change" | "refuse") as outcome, "edit":
            return [f"{outcome} was asked for, and the file was edited"]
        case "edit_after_confirmation", "edit" if answer.risk is not Risk.HIGH:
            return ["no confirmation would have been asked for: the plan's risk is not high"]
        case "warn", "edit" if not answer.warnings:
            return ["nobody was warned"]
    return []


def edit_complaints(file: File, after: bytes) -> tuple[list[str], str]:
    """Return what is wrong with an edit, and what that rests on."""
    task, before = file.task, file.before
    found = _line_complaints(task, before, after)
    old, new = file.trees(before), file.trees(after)
    if new is None and not Nix.found().parses(after):
        return [*found, "the file does not parse any more"], "parsed"
    if new is None and old is not None:
        return [*found, "the file does not evaluate any more"], "evaluated"
    if old is None or new is None:
        return [*found, *token_complaints(task, before, after)], "tokens"
    for state, one, other in zip(("met", "unmet"), old, new, strict=True):
        found += [f"{text} (conditions {state})" for text in _tree_complaints(file, one, other)]
    return found, "evaluated"


def _line_complaints(task: Task, before: bytes, after: bytes) -> list[str]:
    """Complain of lines that differ and need not, and of what was written anew or lost in them."""
    found = []
    changed = changed_lines(before, after)
    if changed > task.limit:
        found.append(f"{changed} lines differ, {task.limit} may")
    old, new = _ends(before), _ends(after)
    found += [f"a line ends in {end!r} now" for end in new if old and end not in old]
    if task.op in _ADDS and not _is_inside(before, after):
        found.append("something was taken out, or written otherwise")
    if task.op in _REMOVES and not _is_inside(after, before):
        found.append("something was put in, or written otherwise")
    if task.op == "set_option" and comments_of(before) - comments_of(after):
        found.append("a comment is gone")
    return found


def changed_lines(before: bytes, after: bytes) -> int:
    """Return how many lines differ; one that was replaced by another is one."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return sum(
        max(old_end - old_start, new_end - new_start)
        for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes()
        if tag != "equal"
    )


def _ends(content: bytes) -> Counter[bytes]:
    return Counter(re.findall(rb"\r\n|\n|\r", content))


def _is_inside(part: bytes, whole: bytes) -> bool:
    """Tell whether `whole` is `part` with bytes put in, and none taken out."""
    rest = iter(whole)
    return all(byte in rest for byte in part)


def _tree_complaints(file: File, before: Tree, after: Tree) -> list[str]:
    found = []
    wishes: dict[str, list[Wish]] = {}
    for wish in file.task.wishes:
        wishes.setdefault(wish.option, []).append(wish)
    for name, of_option in wishes.items():
        for place in _places(file.task, before, split_option(name)):
            if file.task.op == "set_option":
                found += _set_complaints(file, of_option[-1], after, place)
            else:
                found += _list_complaints(file, of_option, (before, after), place)
    options = [split_option(name) for name in wishes]
    return found + _beside_complaints(before, after, options)


def _places(task: Task, before: Tree, option: Place) -> list[Place]:
    """Return where it is to be: in a flake, where it was before, or else in every machine."""
    places = before.places(option)
    if task.op in _REMOVES:
        return places
    return [place for place in places if before.at(place)] or places


def _set_complaints(file: File, wish: Wish, after: Tree, place: Place) -> list[str]:
    holds = {path[len(place) :]: value for path, value in after.at(place).items()}
    wanted = [_flat(form) for form in file.meanings(wish)]
    if not after.counts(place):
        return [f"{'.'.join(place)} is weaker than the option's default"]
    if any(is_equal(_keyed(holds), _keyed(one)) for one in wanted):
        return []
    return [f"{'.'.join(place)} is {_keyed(holds)}, not {wish.value!r}"]


def _flat(value: Any) -> dict[Place, Any]:  # noqa: ANN401 - JSON
    return {path[1:]: said[0].value for path, said in lay_flat({"x": value}).said.items()}


def _keyed(flat: dict[Place, Any]) -> dict[str, Any]:
    return {".".join(path): value for path, value in flat.items()}


def _list_complaints(
    file: File, wishes: Sequence[Wish], trees: tuple[Tree, Tree], place: Place
) -> list[str]:
    old, new = (tree.at(place).get(place, []) for tree in trees)
    if not isinstance(new, list) or not isinstance(old, list):
        return [f"{'.'.join(place)} is no list"]
    found = []
    for wish in wishes:
        forms = file.meanings(wish)
        count = sum(any(is_equal(item, form) for form in forms) for item in new)
        if count != (file.task.op in _ADDS):
            found.append(f"{'.'.join(place)} has {wish.value!r} {count} times")
        old, new = (
            [item for item in items if not any(is_equal(item, form) for form in forms)]
            for items in (old, new)
        )
    if not is_equal(old, new):
        found.append(f"other items of {'.'.join(place)} are not as they were")
    return found


def _beside_complaints(before: Tree, after: Tree, options: list[Place]) -> list[str]:
    """Complain of other definitions that differ; an empty set may come, or be filled."""
    old, new = _beside(before, options), _beside(after, options)

    def may_differ(path: Place) -> bool:
        if path not in old:
            return is_equal(new[path], _NOTHING)
        is_filled = any(other[: len(path)] == path for other in after.said)
        return path not in new and is_filled and is_equal(old[path], _NOTHING)

    paths = old.keys() | new.keys()
    differing = [path for path in paths if not is_equal(old.get(path), new.get(path))]
    changed = sorted(path for path in differing if not may_differ(path))
    return [f"{'.'.join(path) or 'the file'} is not as it was" for path in changed]


def _beside(tree: Tree, options: list[Place]) -> dict[Place, Any]:
    inside = {path for option in options for path in tree.below(option)}
    return {path: _plain(said) for path, said in tree.said.items() if path not in inside}


def _plain(said: Sequence[Said]) -> list[Any]:
    return [[one.value, one.priority, one.order] for one in said]
