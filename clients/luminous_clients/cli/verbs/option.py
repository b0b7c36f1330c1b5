"""The verb option: what an option is, its value on this machine, and the lines that set it.

What the index says of it is shown at once; Nix, which knows this machine, takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.document import underscored
from luminous_clients.cli.prose import short_path
from luminous_clients.cli.sheet import Sheet
from luminous_clients.cli.verbs.named import look_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_clients.cli.session import Session
    from luminous_clients.cli.verbs.named import Documented

    Data = Mapping[str, Any]

_ANY_NAME = ("<", "*")
"""What the manual's names of options hold where each name has a value of its own."""


def run(session: Session) -> None:
    """Describe the option of the command line, or list those below it."""
    name = session.choices.words
    # A trailing dot asks for what is below, as completion leaves it.
    show(session, name.rstrip(".") or name)


def show(session: Session, name: str, *, is_followed: bool = False) -> None:
    """Describe an option; by its present name too, unless it `is_followed` from an old one."""
    documented = look_up(session, "option", name)
    if documented.below and not documented.passage:
        _list_children(session, {"name": name, "below": documented.below})
        return
    if documented.passage:
        _show_documented(session, documented.passage)
        if any(sign in name for sign in _ANY_NAME):
            _tell_of_any_name(session, documented)
            return
    found = _of_machine(session, name)
    if found["alias"] and not is_followed:
        session.answer(f"{name} is called {found['alias']} now.")
        show(session, str(found["alias"]), is_followed=True)
    elif found["is-set-of-options"]:
        _list_children(session, found)
    else:
        _show_found(session, found, documented)


def _tell_of_any_name(session: Session, documented: Documented) -> None:
    """Tell of an option that has as many values as there are names."""
    sheet = Sheet(session.terminal)
    sheet.tell("Here", "Each name has a value of its own. Ask again with one.")
    sheet.tell_children(str(documented.passage["title"]), documented.below)


def _of_machine(session: Session, name: str) -> Data:
    with session.document.timing("evaluate"):
        found = session.daemon.describe_option(name)
    session.document.add("option", underscored(found))
    return found


def _show_documented(session: Session, passage: Data) -> None:
    facts = passage.get("facts", {})
    _tell_nature(
        session,
        {
            "name": passage.get("title", ""),
            "description": passage.get("text", ""),
            "declarations": [passage.get("source", "")],
            **{key: facts.get(key, "") for key in ("type", "default", "example")},
        },
    )


def _tell_nature(session: Session, option: Data) -> None:
    """Tell what is the same on every machine."""
    sheet = Sheet(session.terminal)
    sheet.tell("Option", option["name"], style="bold")
    sheet.tell_code("Type", option["type"])
    sheet.tell_code("Default", *str(option["default"]).split("\n"))
    sheet.tell_code("Example", *str(option["example"]).split("\n"))
    sheet.tell("Declared", *map(short_path, option["declarations"]))
    sheet.tell_prose("About", option["description"])
    sheet.flush()


def _show_found(session: Session, found: Data, documented: Documented) -> None:
    if not documented.passage:
        _tell_nature(session, found)
    sheet = Sheet(session.terminal)
    tell_value = sheet.tell if found["problem"] else sheet.tell_code
    tell_value("Here", _here(found))
    sheet.tell_code("Set in", *_places(found["definitions"]))
    sheet.tell_code("Overridden", *map(_place, found.get("overridden", ())))
    sheet.tell_children(str(found["name"]), found["below"] or documented.below)
    sheet.tell("Note", documented.problem, style="dim")


def _here(found: Data) -> str:
    """Return this machine's value, and whether anything sets it."""
    if found.get("withheld"):
        return "not shown: it is set in a file that not everybody may read"
    if found["problem"]:
        return f"not known. {found['problem']}"
    if not found["definitions"]:
        value = found["value"]
        return f"{value} (not set here; the default counts)" if value else "not set"
    by_nixos = " (read-only: NixOS sets it itself)" if found["read-only"] else ""
    return f"{found['value'] or 'no value that can be shown'}{by_nixos}"


def _places(definitions: Sequence[Data]) -> list[str]:
    """Return where it is set; with the values where there are several."""
    if len(definitions) == 1:
        return [str(definitions[0]["place"])]
    return [*map(_place, definitions)]


def _place(definition: Data) -> str:
    return f"{definition['place']}  {definition['value']}".rstrip()


def _list_children(session: Session, found: Data) -> None:
    """List what is below a name that is no option itself."""
    session.document.add(
        "option", {"name": found["name"], "is_set_of_options": True, "below": found["below"]}
    )
    sheet = Sheet(session.terminal)
    if not found["below"]:
        sheet.tell("Options", f"none below {found['name']}")
    sheet.tell_children(str(found["name"]), found["below"])
