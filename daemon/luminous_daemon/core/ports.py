"""Ports: what the decisions need from the world, and what they hand to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from luminous_daemon.core.auditing import Audit
    from luminous_daemon.core.definitions import Definition, Edit
    from luminous_daemon.core.descriptions import Describer
    from luminous_daemon.core.disks import Disks
    from luminous_daemon.core.edits import Candidate, FileEdit, Snapshot
    from luminous_daemon.core.explaining.sights import Sights
    from luminous_daemon.core.facts import Evaluation, Facts, Query, Unit
    from luminous_daemon.core.importing import ImportEdit
    from luminous_daemon.core.inputs import Inputs
    from luminous_daemon.core.option_values import OptionValues
    from luminous_daemon.core.records import Record
    from luminous_daemon.core.repairing import MendedFile
    from luminous_daemon.core.roots import Roots
    from luminous_protocol.changes import RepairFile
    from luminous_protocol.plan import Closure
    from luminous_protocol.transaction import Progress


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a message, as the bus says: unique name, process and user.

    `program` is what the process calls itself.
    """

    sender: str
    uid: int
    pid: int
    user: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class PathChange:
    """Store paths of the system's packages, before and after."""

    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation of the system profile. `date` is in seconds since the epoch."""

    number: int
    toplevel: str
    date: int
    nixos_version: str = ""
    kernel: str = ""
    configuration_revision: str = ""
    specialisations: tuple[str, ...] = ()
    is_current: bool = False
    is_booted: bool = False
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """What is compared before and after an activation.

    `failed_units` are names. `failed_probes` says of probes that are not well, by name, why.
    """

    failed_units: frozenset[str] = frozenset()
    failed_probes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BootTime:
    """A moment: which boot it is in, and how many seconds of that had passed, also asleep.

    Unlike `clock` it never jumps. No `boot` means that nobody knows which it is.
    """

    boot: str
    seconds: float


class Configuration(Protocol):
    """Luminous's own file, and its import in the machine's configuration."""

    @property
    def file(self) -> str:
        """Return its name."""

    def read(self) -> Snapshot:
        """Read it."""

    def digest(self) -> str:
        """Return a digest of all Nix files of the configuration."""

    def locate(self, file: str, word: str) -> str:
        """Return where a file of the configuration speaks of `word`, as people write places."""

    def may_read(self, file: str, uid: int) -> bool:
        """Tell whether a user may know what is in a file; no, where that is not sure."""

    def locate_definitions(self, file: str, option: str) -> tuple[str, ...]:
        """Return the places where a file of the configuration defines `option`, as it shows."""

    def render(self, definitions: tuple[Definition, ...]) -> str:
        """Return the file's text for `definitions`."""

    def plan_edit(self, snapshot: Snapshot, after: str) -> FileEdit:
        """Return the edit that leads to the text `after`."""

    def plan_import(self) -> ImportEdit:
        """Return what makes the configuration import the file. Raises `NotImported`."""

    def plan_place(self, file: str, edits: Sequence[Edit]) -> FileEdit:
        """Return the edit of a file that a person wrote. Raises `NotPlaced`."""

    def plan_return(self, done: FileEdit, edits: Sequence[Edit]) -> FileEdit:
        """Return what takes `done` back: to the byte, or as `edits`. Raises `NotPlaced`."""

    def plan_repairs(self, file: str, repairs: Sequence[RepairFile], uid: int) -> MendedFile:
        """Return what repairs of a person's file come to, for that user. Raises `NotPlaced`."""

    def plan_unrepair(self, done: FileEdit, uid: int) -> FileEdit:
        """Return what takes a repair back to the byte, for that user. Raises `NotPlaced`."""

    def check_trackable(self, file: str, uid: int) -> None:
        """Raise `NotPlaced` unless that user may have a file made known to git."""

    def replace(self, edit: FileEdit) -> None:
        """Write it, whole or not at all. Raises `Drifted`."""

    def restore(self, edit: FileEdit) -> None:
        """Take it back."""


class Evaluator(Protocol):
    """Nix's evaluation, done as the configuration's owner."""

    async def look_up(
        self, query: Query, inputs: str = "", edits: tuple[FileEdit, ...] = ()
    ) -> Facts:
        """Answer a query about packages and options, as they are or with edits of files."""

    async def evaluate(self, candidate: Candidate) -> Evaluation:
        """Evaluate a whole configuration. Raises `EvaluationFailed`."""

    async def nearest_packages(self, name: str) -> list[str]:
        """Return the package names most like `name`, best first."""

    async def nearest_options(self, name: str) -> list[str]:
        """Return the option names most like `name`, best first."""

    async def known_packages(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return what this machine's nixpkgs has of `names`, and the names to call it by."""

    async def known_options(self, names: Sequence[str]) -> Mapping[str, str]:
        """Return what this machine's NixOS has of `names`, and the names that it has now."""


class Knowledge(Protocol):
    """What things are for, as the mind finds it: it may be wrong, or not there.

    Both return names, the best first; none where there is no answer within a moment. Nothing says
    that this machine knows them.
    """

    async def packages_for(self, words: str) -> list[str]:
        """Return packages that `words` may mean."""

    async def options_for(self, words: str) -> list[str]:
        """Return options that `words` may mean."""


class Store(Protocol):
    """The Nix store."""

    async def build(self, derivation: str, progress: Callable[[Progress, str], None]) -> str:
        """Build as the configuration's owner; return the output. Raises `BuildFailed`."""

    async def preview(
        self, derivation: str, toplevel: str, base: str, change: PathChange
    ) -> Closure:
        """Say what building would build and fetch, and the closures' sizes where known.

        `toplevel` is what `derivation` gives, `base` the toplevel to compare with, and `change`
        what happens to its packages.
        """

    async def closure_size(self, path: str) -> int:
        """Return the size of a path's closure in bytes."""

    async def exclusive_size(self, paths: Sequence[str], others: Sequence[str]) -> int:
        """Return the bytes that the closures of `paths` hold and those of `others` do not."""

    async def packages_of(
        self, toplevel: str, also: frozenset[str] = frozenset()
    ) -> Mapping[str, str]:
        """Return name and version of what `toplevel`'s system packages are.

        `also` are packages that are among them if the system holds them.
        """

    async def collect_garbage(self) -> int:
        """Delete what no root needs; return the bytes freed."""


class Profile(Protocol):
    """The system profile and the systems that run, booted and will boot."""

    def generations(self) -> list[Generation]:
        """Return all generations, newest first."""

    def running(self) -> str:
        """Return the toplevel that runs."""

    def describe(self, toplevel: str) -> Generation:
        """Return what a system that is no generation is; its number and its date are 0."""

    def booted(self) -> str:
        """Return the toplevel that was booted, or an empty string."""

    def default(self) -> int:
        """Return the number of the generation that boots by default; 0 if there is none."""

    async def delete(self, numbers: Sequence[int]) -> None:
        """Delete generations."""


class Toplevels(Protocol):
    """Reading a built system."""

    def units(self, toplevel: str) -> Mapping[str, Unit]:
        """Return a built system's units by name."""

    def user_units(self, toplevel: str) -> Mapping[str, Unit]:
        """Return the units that each user's own manager runs, by name."""

    def boot(self, toplevel: str) -> Mapping[str, str]:
        """Return what a reboot is needed for: kernel, initrd, kernel parameters."""

    def inhibitors(self, toplevel: str) -> Mapping[str, str]:
        """Return the parts, by name, that NixOS does not exchange while the machine runs."""

    def boot_sizes(self, toplevel: str) -> Mapping[str, int]:
        """Return the bytes of the kernel and of the initrd; nothing for what is not there."""


class Activation(Protocol):
    """Making a built system the running one, and the one that boots.

    Both raise `ActivationFailed` with the last lines of what the system printed, or `Busy` when
    another program is switching the system, so that this has not begun.
    """

    def check_free(self) -> None:
        """Raise `Busy` while another program is switching the system."""

    async def test(self, toplevel: str, log: Callable[[str], None]) -> None:
        """Run `toplevel` now, until the next boot."""

    async def make_default(
        self, toplevel: str, generation: int, log: Callable[[str], None]
    ) -> None:
        """Make `toplevel` boot by default: as `generation` if that is not 0, else as a new one."""

    async def wake_after(self, identifier: str, seconds: int) -> None:
        """Let the daemon be started, should it not run any more in so many seconds.

        Where nothing can do that, nothing happens. `identifier` is the transaction's.
        """


class HealthCheck(Protocol):
    """How well the machine is."""

    @property
    def probes(self) -> Mapping[str, int]:
        """The seconds that each probe has, by its name."""

    def is_listed(self, probe: str) -> bool:
        """Tell whether the administrator has listed a probe; else it is a sign of any machine."""

    async def measure(self) -> Health:
        """Look at the units now."""

    async def try_probe(self, name: str) -> str:
        """Return why a probe is not well, or nothing; the caller ends what takes too long."""


class Repository(Protocol):
    """The repository that the configuration lies in, if it lies in one."""

    def state(self) -> str:
        """Return what is another text once it has come to know other files."""

    async def uncommitted(self) -> tuple[str, ...]:
        """Return changed files, but for Luminous's own. Raises `ConfigurationUnreadable`."""

    async def unknown_files(self, created: Sequence[str]) -> tuple[str, ...]:
        """Return which of Luminous's own files, there or to be `created`, it does not know."""

    async def unknown_among(self, files: Sequence[str]) -> tuple[str, ...]:
        """Return those of `files`, by their whole paths, that lie in it unknown to git."""

    async def commit(self, message: str, author: str, *, with_inputs: bool) -> None:
        """Commit Luminous's own files and nothing else, where that is wanted.

        Raises `ConfigurationUnreadable`.
        """

    async def track(self, files: Sequence[str]) -> None:
        """Make `files` known to it, of those it did not know."""

    async def untrack(self, files: Sequence[str]) -> None:
        """Take that back, but for what somebody has added since. Raises `Drifted`."""


class Authority(Protocol):
    """Polkit."""

    async def require(
        self,
        caller: Caller,
        action: str,
        details: Mapping[str, str],
        *,
        ask: Callable[[], None] | None,
    ) -> None:
        """Return when allowed. Raises `NotAuthorized`, `Dismissed` or `NoAgent`.

        A person may be asked unless `ask` is None; it is called before.
        """


class Journal(Protocol):
    """The record of what was done, on disk."""

    def begin(self, record: Record) -> None:
        """Write that a transaction begins."""

    def step(self, identifier: str, step: str, data: Mapping[str, Any]) -> None:
        """Write a step before it is taken."""

    def finish(self, record: Record) -> None:
        """Write what came of a transaction."""

    def records(self, limit: int) -> list[Record]:
        """Return the newest records, newest first."""

    def find(self, identifier: str) -> Record | None:
        """Return the record of one transaction."""

    def problem(self) -> str:
        """Return the sentence about damage that people should look at, or nothing."""


@dataclass(slots=True)
class World:
    """All ports together, as `app` joins them; other settings replace some, between changes."""

    configuration: Configuration
    evaluator: Evaluator
    knowledge: Knowledge
    describer: Describer
    store: Store
    roots: Roots
    profile: Profile
    toplevels: Toplevels
    disks: Disks
    activation: Activation
    health: HealthCheck
    inputs: Inputs
    repository: Repository
    authority: Authority
    values: OptionValues
    journal: Journal
    audit: Audit
    clock: Callable[[], float]
    boot_time: Callable[[], BootTime]
    sights: Callable[[], Sights]
