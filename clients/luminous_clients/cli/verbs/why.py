"""The verb why: what brings something onto this machine, by which way, and what it weighs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.document import underscored
from luminous_clients.cli.sheet import Sheet
from luminous_clients.cli.steps import title_of
from luminous_clients.cli.text import clean, listed, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_MOST_USERS = 8
_HASH = 33
_LABELS = {"option": "Option", "service": "Service", "path": "Path"}


def run(session: Session) -> None:
    """Say why the thing of the command line is here."""
    show(session, session.choices.words)


def show(session: Session, name: str) -> None:
    """Say why `name` is here, or that it is not."""
    with session.document.timing("why"):
        found = session.daemon.why(name)
    session.document.add("presence", underscored(found))
    sheet = Sheet(session.terminal)
    told = (found["name"], found["version"])
    label = _LABELS.get(str(found["kind"]), "Package")
    sheet.tell(label, " ".join(filter(None, told)), style="bold")
    if found["kind"] in {"option", "service"}:
        sheet.tell_code("Here", _value(found))
    sheet.tell("Brought by", *_places(found))
    sheet.tell("Way", _way(found))
    sheet.tell("Size", _weight(found))
    sheet.tell("Needed by", listed(list(found["users"]), _MOST_USERS))
    sheet.tell("To change", *(f"ask-nix {title_of(change)}" for change in found["changes"]))


def _value(found: Data) -> str:
    if found["withheld"]:
        return "not shown: it is set in a file that not everybody may read"
    value = str(found["value"]) or "not set"
    return value if found["standings"] else f"{value} (nothing sets it; the default counts)"


def _places(found: Data) -> list[str]:
    if found["problem"]:
        return [f"not known: {found['problem']}"]
    places = [f"{item['place']}  {item['value']}".rstrip() for item in found["standings"]]
    if found["via"]:
        return [f"{clean(found['via'])}, which needs it", *places]
    if places and not found["present"]:
        return [*places, "It is not in the running system yet: ask-nix rebuild"]
    if places or found["kind"] in {"option", "service"}:
        return places
    if found["present"]:
        return ["no line of the configuration by name; NixOS itself, or a module of it"]
    return ["nothing: it is not in the system"]


def _way(found: Data) -> str:
    return " → ".join(path.rpartition("/")[2][_HASH:] for path in found["chain"])


def _weight(found: Data) -> str:
    if found["own-size"] < 0:
        return ""
    own, closure, alone = (
        size(int(found[f"{key}-size"])) for key in ("own", "closure", "exclusive")
    )
    return f"{own}; {closure} with all that it needs, of which nothing else needs {alone}"
