"""A machine in memory behind all ports: small, deterministic, and able to fail at every step."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from luminous_daemon.configuration.module_file import EMPTY
from luminous_daemon.core.ports import BootTime, Caller, Generation, Health, PathChange, World
from luminous_protocol.errors import Busy
from luminous_protocol.plan import Closure
from luminous_protocol.transaction import Progress
from tests.unit.luminous_daemon.fake_audit import FakeAudit
from tests.unit.luminous_daemon.fake_authority import FakeAuthority
from tests.unit.luminous_daemon.fake_configuration import IMPORT, FakeConfiguration
from tests.unit.luminous_daemon.fake_describer import FakeDescriber
from tests.unit.luminous_daemon.fake_disks import FakeDisks
from tests.unit.luminous_daemon.fake_evaluator import FakeEvaluator, system_of
from tests.unit.luminous_daemon.fake_inputs import FakeInputs
from tests.unit.luminous_daemon.fake_journal import FakeJournal
from tests.unit.luminous_daemon.fake_knowledge import FakeKnowledge
from tests.unit.luminous_daemon.fake_repository import FakeRepository
from tests.unit.luminous_daemon.fake_roots import FakeRoots
from tests.unit.luminous_daemon.fake_sights import FakeSights
from tests.unit.luminous_daemon.fake_toplevels import FakeToplevels
from tests.unit.luminous_daemon.fake_values import FakeValues

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from luminous_daemon.core.roots import Root

ALICE = Caller(":1.7", 1000, 4242, "alice")
BOB = Caller(":1.8", 1001, 4243, "bob")
START = 1_763_686_400
NONE: frozenset[str] = frozenset()


class PowerCut(BaseException):
    """The machine stops here: nothing that the program does afterwards counts."""


@dataclass
class Machine:
    """What there is of a machine, and what shall go wrong with it.

    `failed_probes` holds, by what runs and by probe, the reasons that attempts give, the last for
    good; an empty one is a success. `calls` names every step that a port took. `troubles` holds, by
    step, errors to raise in order (None lets a call pass). `gates` holds, by step, an event that
    the step waits for. `meant` holds, by words, the names that the mind finds for them.
    `wrong` holds what Nix says of words in other files; it fails without `needs_tracked` in git.
    """

    text: str = EMPTY
    other_files: str = "{ pkgs, ... }: { environment.systemPackages = [ pkgs.git ]; }"
    private: frozenset[str] = NONE
    wrong: dict[str, str] = field(default_factory=dict)
    needs_tracked: str = ""
    is_imported: bool = True
    is_tracked: bool = False
    tracked: set[str] = field(default_factory=set)
    inputs: dict[int, str] = field(default_factory=lambda: {1: "/channels/one"})
    inputs_generation: int = 1
    inputs_made: int = START
    sights: FakeSights = field(default_factory=FakeSights)
    uncommitted: tuple[str, ...] = ()
    newest_inputs: str = "/channels/two"
    systems: dict[str, str] = field(default_factory=dict)
    generations: dict[int, str] = field(default_factory=dict)
    dates: dict[int, int] = field(default_factory=dict)
    default: int = 0
    running: str = ""
    booted: str = ""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    are_values_readable: bool = True
    free: dict[str, int] = field(default_factory=dict)
    kernel_bytes: int = 1000
    unpacked: int = 0
    roots: list[Root] = field(default_factory=list)
    kernels: dict[str, str] = field(default_factory=dict)
    meant: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failed_units: dict[str, set[str]] = field(default_factory=dict)
    probes: dict[str, int] = field(default_factory=dict)
    failed_probes: dict[str, dict[str, deque[str]]] = field(default_factory=dict)
    allowed: bool = True
    is_switched_elsewhere: bool = False
    commits: list[tuple[str, str, bool]] = field(default_factory=list)
    now: float = START
    boot: str = "first boot"
    calls: list[str] = field(default_factory=list)
    troubles: dict[str, deque[BaseException | None]] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    cut_before: int = -1
    cut_after: int = -1

    def state(self) -> tuple[object, ...]:
        """Return all that a change can change, to compare with another moment."""
        systems = tuple(sorted(self.generations.items()))
        inputs = self.inputs[self.inputs_generation]
        files = self.text, self.other_files, (self.is_tracked, *sorted(self.tracked))
        return *files, inputs, systems, self.default, self.running

    def trouble(self, step: str, *errors: BaseException | None) -> None:
        """Let a step fail: the first time with the first error, and so on."""
        self.troubles.setdefault(step, deque()).extend(errors)

    def begin(self, step: str) -> None:
        """Take note of a step, and fail where it shall fail."""
        self.calls.append(step)
        if len(self.calls) == self.cut_before:
            raise PowerCut
        waiting = self.troubles.get(step)
        error = waiting.popleft() if waiting else None
        if error is not None:
            raise error

    def end(self) -> None:
        """Take note that a step has had its effect."""
        if len(self.calls) == self.cut_after:
            raise PowerCut

    async def take(self, step: str) -> None:
        """Take note of a step that takes time."""
        self.begin(step)
        gate = self.gates.get(step)
        await (gate.wait() if gate else asyncio.sleep(0))

    def imports(self, other_files: str) -> bool:
        """Tell whether Luminous's file is imported."""
        return self.is_imported or IMPORT in other_files

    def toplevel(self, text: str, inputs: str, other_files: str = "") -> str:
        """Return the system that a configuration comes to, known from then on by its path.

        The import of an empty file makes no difference.
        """
        others = (other_files or self.other_files).replace(IMPORT, "")
        digest = sha256(f"{text or EMPTY}\0{others}\0{inputs}".encode()).hexdigest()[:32]
        path = f"/nix/store/{digest}-nixos-system"
        self.systems[path] = f"{text}\0{inputs}"
        return path

    def current_toplevel(self) -> str:
        """Return the system that the configuration on disk comes to."""
        return self.toplevel(self.text, self.inputs[self.inputs_generation])

    def change_inputs(self, path: str) -> None:
        """Put other inputs in force under a new number, as somebody may do by hand."""
        self.inputs_generation = max(self.inputs) + 1
        self.inputs[self.inputs_generation] = path

    def add_generation(self, toplevel: str) -> int:
        """Make a system the newest generation and the default, as `nix-env --set` does."""
        newest = max(self.generations, default=0)
        if not newest or self.generations[newest] != toplevel:
            newest += 1
            self.generations[newest] = toplevel
            self.dates[newest] = int(self.now)
        self.default = newest
        return newest


@dataclass
class FakeStore:
    """A store in which everything builds at once, in two steps of progress."""

    machine: Machine

    async def build(self, derivation: str, progress: Callable[[Progress, str], None]) -> str:
        """Build."""
        progress(Progress("building", 0, 2, 1, "hello"), "")
        await self.machine.take("store.build")
        progress(Progress("building", 2, 2, 0, "hello"), "built hello")
        return derivation.removesuffix(".drv")

    async def preview(
        self, derivation: str, toplevel: str, base: str, _change: PathChange
    ) -> Closure:
        """Say that one derivation would be built, unless it is what runs."""
        await self.machine.take("store.preview")
        assert derivation == f"{toplevel}.drv"
        if toplevel == base:
            return Closure(before=1000, after=1000 + len(self.machine.systems[base]))
        return Closure(before=1000, builds=("nixos-system",), unpacked=self.machine.unpacked)

    async def closure_size(self, path: str) -> int:
        """Return a size that grows with the configuration."""
        await self.machine.take("store.closure_size")
        return 1000 + len(self.machine.systems[path])

    async def exclusive_size(self, paths: Sequence[str], others: Sequence[str]) -> int:
        """Return so much for every system that is only here."""
        await self.machine.take("store.exclusive_size")
        return 500 * len(set(paths) - set(others))

    async def packages_of(self, toplevel: str, _also: frozenset[str] = NONE) -> Mapping[str, str]:
        """Return what is installed."""
        await self.machine.take("store.packages_of")
        return system_of(self.machine.systems[toplevel]).packages

    async def collect_garbage(self) -> int:
        """Free something."""
        await self.machine.take("store.collect_garbage")
        return 4096


@dataclass
class FakeProfile:
    """The system profile."""

    machine: Machine

    def generations(self) -> list[Generation]:
        """Return all generations, newest first."""
        machine = self.machine
        same = [n for n, path in machine.generations.items() if path == machine.running]
        current = machine.default if machine.default in same else max(same, default=0)
        return [
            Generation(
                number=number,
                toplevel=machine.generations[number],
                date=machine.dates[number],
                kernel=machine.kernels.get(machine.generations[number], ""),
                is_current=number == current,
                is_booted=machine.generations[number] == machine.booted,
                is_default=number == machine.default,
            )
            for number in sorted(machine.generations, reverse=True)
        ]

    def running(self) -> str:
        """Return the toplevel that runs."""
        return self.machine.running

    def describe(self, toplevel: str) -> Generation:
        """Return what is known of a system that is no generation."""
        return Generation(0, toplevel, 0, kernel=self.machine.kernels.get(toplevel, ""))

    def booted(self) -> str:
        """Return the toplevel that was booted."""
        return self.machine.booted

    def default(self) -> int:
        """Return the number of the default."""
        return self.machine.default

    async def delete(self, numbers: Sequence[int]) -> None:
        """Delete generations; nix-env refuses the default."""
        await self.machine.take("profile.delete")
        assert self.machine.default not in numbers
        for number in numbers:
            del self.machine.generations[number]
        self.machine.end()


@dataclass
class FakeActivation:
    """Switching: at once, and the boot loader after the profile."""

    machine: Machine

    def check_free(self) -> None:
        """Look whether somebody else switches."""
        if self.machine.is_switched_elsewhere:
            raise Busy("Another program is switching.")

    async def test(self, toplevel: str, log: Callable[[str], None]) -> None:
        """Run a system; a switch that fails has still left the old one."""
        await self.machine.take("activation.begins")
        log("activating")
        self.machine.running = toplevel
        await self.machine.take("activation.test")
        self.machine.end()

    async def make_default(
        self, toplevel: str, generation: int, log: Callable[[str], None]
    ) -> None:
        """Set the profile, then the boot loader."""
        await self.machine.take("activation.profile")
        if generation:
            assert self.machine.generations[generation] == toplevel
            self.machine.default = generation
        else:
            self.machine.add_generation(toplevel)
        self.machine.end()
        log("writing the boot menu")
        await self.machine.take("activation.boot")

    async def wake_after(self, identifier: str, seconds: int) -> None:
        """Remember when the daemon is to be there."""
        await self.machine.take(f"activation.wake {identifier} {seconds}")


@dataclass
class FakeHealth:
    """Failed units and probes, by what runs."""

    machine: Machine

    @property
    def probes(self) -> Mapping[str, int]:
        """Return what is listed."""
        return self.machine.probes

    def is_listed(self, probe: str) -> bool:
        """Tell signs by their names."""
        return not probe.startswith("sign-")

    async def measure(self) -> Health:
        """Look."""
        failed = frozenset(self.machine.failed_units.get(self.machine.running, ()))
        await self.machine.take("health.measure")
        return Health(failed)

    async def try_probe(self, name: str) -> str:
        """Try."""
        await self.machine.take(f"health.try_probe {name}")
        reasons = self.machine.failed_probes.get(self.machine.running, {}).get(name)
        if not reasons:
            return ""
        return reasons.popleft() if len(reasons) > 1 else reasons[0]


def make_machine() -> Machine:
    """Return a machine of two generations; the newer one runs, has booted and boots by default."""
    machine = Machine()
    machine.add_generation(machine.toplevel("an older configuration", "/channels/one"))
    machine.now += 60
    machine.running = machine.booted = machine.current_toplevel()
    machine.add_generation(machine.running)
    machine.now += 60
    return machine


def make_world(machine: Machine) -> World:
    """Return the ports of a machine."""
    return World(
        configuration=FakeConfiguration(machine),
        evaluator=FakeEvaluator(machine),
        knowledge=FakeKnowledge(machine),
        describer=FakeDescriber(machine),
        store=FakeStore(machine),
        roots=FakeRoots(machine),
        profile=FakeProfile(machine),
        toplevels=FakeToplevels(machine),
        disks=FakeDisks(machine),
        activation=FakeActivation(machine),
        health=FakeHealth(machine),
        inputs=FakeInputs(machine),
        repository=FakeRepository(machine),
        authority=FakeAuthority(machine),
        values=FakeValues(machine),
        journal=FakeJournal(machine),
        audit=FakeAudit(),
        clock=lambda: machine.now,
        boot_time=lambda: BootTime(machine.boot, machine.now - START),
        sights=machine.sights.sights,
    )
