"""Explaining: what an error message means, with names that the index knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from luminous_protocol.diagnosis import diagnose
from luminous_protocol.diagnosis.kinds import kind_named
from luminous_protocol.diagnosis.repairs import changes_for
from luminous_protocol.diagnosis.suggestions import alike
from luminous_protocol.passages import MAX_QUERY, SearchRequest

if TYPE_CHECKING:
    from luminous_protocol.diagnosis import Diagnosis
    from luminous_protocol.diagnosis.request import ExplainRequest
    from luminous_protocol.passages import Passage

_LOOKED_AT = 10
_MOST = 3
_FORMERLY = "its former name "
"""What a passage says first of why it was found, where the name is the one that it had before."""


_VARIABLE = "undefined-variable"
_NOT_IN_SCOPE = "{0} is the name of a package, and packages have their names inside pkgs only."
_SCOPE = "Write pkgs.{0}, or `with pkgs;` before the brackets of the list that it stands in."


class Searching(Protocol):
    """What knows the names of options and packages."""

    def search(self, request: SearchRequest) -> list[Passage]:
        """Return the passages that answer best, the best first."""


def explain(request: ExplainRequest, index: Searching | None) -> Diagnosis:
    """Explain a message; without an index by what the message itself says."""
    found = diagnose(request.text, request.configuration)
    return ground(found, index) if index else found


def ground(diagnosis: Diagnosis, index: Searching) -> Diagnosis:
    """Return a diagnosis with the names that may have been meant, where a name is wrong."""
    kind = kind_named(diagnosis.kind)
    wrong = diagnosis.names.get(kind.wanted, "") if kind else ""
    if kind is None or not kind.meant or diagnosis.suggestions or not wrong.strip():
        return diagnosis
    names = meant_by(wrong, kind.meant, index)
    if kind.name == _VARIABLE and wrong in names:
        return replace(diagnosis, cause=_NOT_IN_SCOPE.format(wrong), advice=(_SCOPE.format(wrong),))
    names = tuple(name for name in names if name != wrong)
    if not names:
        return diagnosis
    return changes_for(replace(diagnosis, suggestions=names))


def meant_by(wrong: str, kind: str, index: Searching) -> tuple[str, ...]:
    """Return the names of a kind that somebody may have meant, the likeliest first.

    A name that something had before stands for what it is called now; any other is to be so like
    the wrong one that a slip of the hand explains it.
    """
    found = index.search(SearchRequest(wrong[:MAX_QUERY], (kind,), _LOOKED_AT))
    former = [passage.title for passage in found if _is_former(passage, wrong)]
    return tuple(dict.fromkeys((*former, *alike(wrong, [item.title for item in found]))))[:_MOST]


def _is_former(passage: Passage, wrong: str) -> bool:
    return f"{_FORMERLY}{wrong}" in passage.why
