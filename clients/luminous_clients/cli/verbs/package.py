"""The verb package: what a package is, what speaks against it, and what brings it in here.

What the index says of it is shown at once; Nix, which knows this machine, takes longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_clients.cli.document import underscored
from luminous_clients.cli.prose import short_path
from luminous_clients.cli.sheet import Sheet
from luminous_clients.cli.verbs.named import look_up
from luminous_protocol.errors import InvalidValue, UnknownPackage
from luminous_protocol.grammar.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_clients.cli.session import Session

    Data = Mapping[str, Any]

_REFUSED = ("broken", "unsupported")
"""What no plan installs."""
FLAWS = ("unfree", "broken", "insecure")


def run(session: Session) -> None:
    """Describe the package of the command line, by its own name or by one that people give it."""
    name = session.choices.words
    try:
        show(session, name)
    except (InvalidValue, UnknownPackage):
        meant = vocabulary().lexicon.package(tuple(name.lower().split()))
        if meant in {None, name}:
            raise
        show(session, str(meant))


def show(session: Session, name: str) -> None:
    """Describe a package."""
    documented = look_up(session, "package", name)
    if documented.passage:
        _tell_nature(session, _nature(documented.passage))
    with session.document.timing("evaluate"):
        found = session.daemon.describe_package(name)
    session.document.add("package", underscored(found))
    if not documented.passage:
        _tell_nature(session, found)
    _tell_machine(session, found, documented.passage)
    Sheet(session.terminal).tell("Note", documented.problem, style="dim")


def _nature(passage: Data) -> Data:
    """Return a passage with the keys that the machine's own answer has."""
    facts = passage.get("facts", {})
    return {
        "name": passage.get("title", ""),
        "version": facts.get("version", ""),
        "description": passage.get("text", ""),
        "homepage": passage.get("address", ""),
        "licences": [facts.get("license", "")],
        "program": facts.get("program", ""),
        "position": facts.get("position", ""),
        **{flaw: facts.get(flaw) == "true" for flaw in FLAWS},
    }


def _tell_nature(session: Session, package: Data) -> None:
    """Tell what is the same on every machine."""
    sheet = Sheet(session.terminal)
    told = (package["name"], package["version"], *(flaw for flaw in FLAWS if package[flaw]))
    sheet.tell("Package", " ".join(filter(None, told)), style="bold")
    sheet.tell_prose("About", package["description"])
    sheet.tell("Homepage", package["homepage"])
    sheet.tell("Licence", ", ".join(filter(None, package["licences"])))
    sheet.tell("Program", package["program"])
    sheet.tell("Source", short_path(package["position"]))
    sheet.flush()


def _tell_machine(session: Session, found: Data, passage: Data) -> None:
    sheet = Sheet(session.terminal)
    known = passage.get("facts", {}).get("version", found["version"])
    if known != found["version"]:
        sheet.tell("Version", f"{found['version']} in this machine's nixpkgs; the index is older")
    sheet.tell("Problem", _problem(found))
    places = [f"{item['place']}  {item['value']}".rstrip() for item in found["installed"]]
    sheet.tell("Here", *(places or ["not installed"]))
    if not places and found["availability"] not in _REFUSED:
        sheet.tell("Install", _way(found))
    name = found["name"]
    services = [option for option in found["switches"] if not option.startswith("programs.")]
    sheet.tell("Service", *(f"{option} runs it: ask-nix enable {name}" for option in services[:1]))


def _way(found: Data) -> str:
    """Return how to install it: by the option that NixOS has for that, where there is one."""
    command = f"ask-nix install {found['name']}"
    programs = [option for option in found["switches"] if option.startswith("programs.")]
    return f"{command} (sets {programs[0]})" if programs else command


def _problem(found: Data) -> str:
    reason = found["reason"]
    match found["availability"]:
        case "unfree":
            licence = reason or "unfree"
            return f"unfree (licence: {licence}); a plan to install it allows it alone"
        case "insecure":
            return f"known security holes: {reason}"
        case "broken":
            return "marked as broken: it does not build or does not work"
        case "unsupported":
            return "not available for this kind of machine"
    return ""
