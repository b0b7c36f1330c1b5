"""How well errors are explained and mended: `errors.py [--details] [--nix VERSION] [NAME…]`.

Machines of the sandbox get one thing wrong, on each version of Nix, and what the command then says
is explained by the product itself; NAME… takes only those whose name holds it. What counts as
repaired is that the product's own repair, applied over the bus, makes the same command pass.
Messages that cannot be caused are read from texts. The place is judged where Nix names one.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from broken import Workshop, caused, is_placed_right, told

from luminous_protocol.diagnosis import diagnose, to_dict
from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from luminous_sandbox.toolchain import NIX_VERSIONS

if TYPE_CHECKING:
    from broken import Broken

_MACHINES = ("channels", "git")
_SECONDS = 300


@dataclass(frozen=True)
class Judged:
    """What became of one message. `repaired` is None where no repair is expected."""

    name: str
    nix: str
    is_kind_right: bool
    is_place_right: bool | None
    repaired: bool | None = None
    why: str = ""


def main() -> None:
    """Explain and mend all, print a table and a last line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--details", action="store_true", help="list what was not right")
    parser.add_argument("--nix", choices=NIX_VERSIONS, action="append")
    options = parser.parse_args()
    judged = [
        case
        for version in options.nix or NIX_VERSIONS
        for machine in _MACHINES
        for case in on_machine(version, machine, options.names)
    ]
    judged += [] if options.names else read()
    if options.details:
        for case in judged:
            if not case.is_kind_right or case.is_place_right is False or case.repaired is False:
                print(f"{case.nix:5} {case.name}: {case}")
    report(judged)


def on_machine(version: Any, machine: Any, names: list[str]) -> list[Judged]:  # noqa: ANN401 - from the command line
    """Judge all that is broken on one sort of machine."""
    cases = [
        case for case in caused(machine) if not names or any(name in case.name for name in names)
    ]
    if not cases:
        return []
    flake = None if machine == "channels" else machine
    with Sandbox(SandboxOptions(nix=version, knowledge=True, flake=flake)) as sandbox:
        workshop = Workshop(sandbox)
        found = []
        for case in cases:
            workshop.break_it(case)
            found.append(judge(sandbox, workshop, case, version))
        return found


def judge(sandbox: Sandbox, workshop: Workshop, case: Broken, version: str) -> Judged:
    """Explain one thing that is wrong, and mend it where that is expected."""
    said = workshop.run(case)
    message = said.stderr + said.stdout
    explanation = _asked(sandbox, message)["explanation"]
    is_known = bool(case.place) and version not in case.unplaced
    repaired, why = None, ""
    if case.repairable:
        done = _asked(sandbox, message, "--plan", "--yes")
        repaired = done["exit_code"] == 0 and workshop.run(case).returncode == 0
        why = str(done["error"] or "") if not repaired else ""
    return Judged(
        case.name,
        version,
        is_kind_right=explanation["kind"] == case.kind,
        is_place_right=is_placed_right(case, explanation["place"], version) if is_known else None,
        repaired=repaired,
        why=why[:600],
    )


def _asked(sandbox: Sandbox, message: str, *options: str) -> dict[str, Any]:
    argv = ["ask-nix", "explain-error", "--json", *options]
    done = sandbox.run(argv, input=message, folder="/run", timeout=_SECONDS)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def read() -> list[Judged]:
    """Judge the messages that are kept as texts."""
    return [
        Judged(
            case.name,
            "",
            is_kind_right=(found := to_dict(diagnose(case.text)))["kind"] == case.kind,
            is_place_right=_placed(found["place"]) == case.place if case.place else None,
        )
        for case in told()
    ]


def _placed(place: dict[str, Any]) -> str:
    parts = (place.get("file"), *(place.get(key) or None for key in ("line", "column")))
    return ":".join(str(part) for part in parts if part)


def report(judged: list[Judged]) -> None:
    """Print what is right by version of Nix, and the shares of all."""
    print(f"{'nix':8}{'messages':>10}{'kind':>8}{'place':>8}{'repairable':>12}{'repaired':>10}")
    for version in (*NIX_VERSIONS, "", "all"):
        own = [case for case in judged if version in {case.nix, "all"}]
        if own:
            row = summary(own)
            name = {"": "texts"}.get(version, version)
            print(
                f"{name:8}{row['messages']:10}{row['kind_right']:8.3f}{row['place_right']:8.3f}"
                f"{row['repairable']:12}{row['repaired']:10}"
            )
    print(json.dumps(summary(judged)))


def summary(judged: list[Judged]) -> dict[str, Any]:
    """Return counts, and shares of what is right."""
    placed = [case for case in judged if case.is_place_right is not None]
    repairable = [case for case in judged if case.repaired is not None]
    return {
        "messages": len(judged),
        "kind_right": _share([case.is_kind_right for case in judged]),
        "place_right": _share([bool(case.is_place_right) for case in placed]),
        "repairable": len(repairable),
        "repaired": sum(bool(case.repaired) for case in repairable),
    }


def _share(marks: list[bool]) -> float:
    return round(sum(marks) / len(marks), 4) if marks else 1.0


if __name__ == "__main__":
    main()
