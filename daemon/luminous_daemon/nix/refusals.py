"""Refusals: what nixpkgs says when it gives a package out to no configuration that does not ask so.

It says `Package NAME in FILE is marked as insecure, refusing to evaluate`, or, since, `Refusing to
evaluate package NAME in FILE because it is marked as insecure`; the name stands in quotes.
"""

from __future__ import annotations

import re

_QUOTES = "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}'"
_QUOTED = rf"[{_QUOTES}](?P<package>[^{_QUOTES}\s]{{1,200}})[{_QUOTES}]"
_SENTENCE = re.compile(
    rf"[Pp]ackage {_QUOTED} in \S+ (?:because it )?"
    r"(?:has an? (?P<unfree>unfree) licen[sc]e(?: \((?P<licence>[^)]{1,200})\))?"
    r"|is marked as (?P<marked>broken|insecure)"
    r"|is not available on the requested (?P<unsupported>hostPlatform))"
)
_PREDICATE_NAME = re.compile(r'lib\.getName pkg\) \[\s*"([A-Za-z0-9_.+-]{1,200})"')
_ISSUE = re.compile(r"^ ?- (.{1,500})$", re.MULTILINE)


def refused_package(message: str) -> dict[str, str]:
    """Return which package a message refuses, and why; nothing where it refuses none.

    `package` is its name with its version, `name` the one that predicates go by, `kind` one of
    `Availability`, `reason` the licence or the known holes.
    """
    found = _SENTENCE.search(message)
    if found is None:
        return {}
    package, kind = found["package"], found["marked"] or found["unfree"] or "unsupported"
    named = _PREDICATE_NAME.search(message)
    # As builtins.parseDrvName does: the version begins after the first dash without a letter.
    name = named[1] if named else re.split(r"-(?![A-Za-z])", package, maxsplit=1)[0]
    reason = "; ".join(_ISSUE.findall(message, found.end())) if kind == "insecure" else ""
    if kind == "unfree":
        reason = "".join(char for char in found["licence"] or "" if char not in _QUOTES)
    return {"package": package, "name": name, "kind": kind, "reason": reason}
