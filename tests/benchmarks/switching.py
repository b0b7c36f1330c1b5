"""Whole switches: from words to a new default generation, beside the bare commands of Nix."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from tests.benchmarks.budget import Budget
from tests.benchmarks.configuration import OWN_FILE, with_package
from tests.benchmarks.machine import INSIDE
from tests.benchmarks.row import Row

if TYPE_CHECKING:
    from tests.benchmarks.machine import Machine
    from tests.benchmarks.suite import Bench

# Built in advance, and without a module: installing one is a line, the system path and a toplevel.
_PACKAGES: Final = (
    *("cowsay", "curl", "delta", "eza", "fastfetch", "fd", "figlet", "file", "gh"),
    *("helix", "hugo", "jq", "lazygit", "lolcat", "micro", "p7zip", "pandoc", "restic"),
    *("ripgrep", "rsync", "ruby", "shellcheck", "sl", "unzip", "wget", "zip", "go"),
)
_FIRST: Final = "gnupg"
_WAYS: Final = ("ours", "bare", "rebuild")
_BUDGET: Final = Budget(factor=1.05, plus=200)
_AGAINST: Final = {
    "bare": "the bare commands: nix-instantiate, nix-store --realise, "
    "switch-to-configuration test, nix-env --set, switch-to-configuration boot",
    "rebuild": "`nixos-rebuild switch` with the same line in the configuration",
}


def switch(bench: Bench) -> list[Row]:
    """Measure installing prebuilt packages and removing them again, each way in turn."""
    rounds = bench.effort.runs(len(_PACKAGES) // len(_WAYS), 3)
    times: dict[tuple[str, str], list[float]] = {}
    with bench.machine() as machine:
        switches = _Switches(machine)
        switches.check_same_result()
        fresh = iter(_PACKAGES)
        for number in range(rounds):
            for way in _WAYS if number % 2 else reversed(_WAYS):
                package = next(fresh)  # one that no generation has had, so that there is work
                for kind, took in switches.both(way, package).items():
                    times.setdefault((kind, way), []).append(took)
    return [
        Row(
            name=f"switch-{kind}-vs-{way}",
            what=f"`ask-nix --yes {kind} …` of a prebuilt package, to its end",
            against=against,
            unit="ms",
            ours=median(times[kind, "ours"]),
            reference=median(times[kind, way]),
            budget=_BUDGET,
        )
        for way, against in _AGAINST.items()
        for kind in ("install", "remove")
    ]


class _Switches:
    """The ways of switching one machine to a package more, and back."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        # Luminous writes its file in a form of its own: the others come back to exactly that.
        self.both("ours", _FIRST)
        self._text = machine.path(OWN_FILE).read_text(encoding="utf-8")

    def check_same_result(self) -> None:
        """Raise RuntimeError unless every way leads to the same system."""
        found = {way: self._system_with_first(way) for way in _WAYS}
        if len(set(found.values())) != 1:
            raise RuntimeError(f"The switches do not do the same: {found}")

    def both(self, way: str, package: str) -> dict[str, float]:
        """Install a package and remove it; return the milliseconds of each."""
        return {kind: self._one(way, kind, package) for kind in ("install", "remove")}

    def _system_with_first(self, way: str) -> str:
        self._one(way, "install", _FIRST)
        system = str(self._machine.path("/run/current-system").readlink())
        self._one(way, "remove", _FIRST)
        return system

    def _one(self, way: str, kind: str, package: str) -> float:
        if way == "ours":
            argv = ["ask-nix", "--yes", f"{kind} {package}"]
            return self._machine.laps({way: {"argv": argv}}, 1, warm_up=0)[way][0]
        text = with_package(self._text, package) if kind == "install" else self._text
        candidate = "/var/lib/luminous.nix"
        self._machine.path(candidate).write_text(text, encoding="utf-8")
        argv = ["sh", str(INSIDE / f"{way}-switch.sh"), candidate]
        return self._machine.laps({way: {"argv": argv}}, 1, user="root", warm_up=0)[way][0]
