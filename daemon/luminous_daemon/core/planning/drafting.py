"""What a request comes to in Luminous's own file, for the facts as they are or as expected."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import (
    SYSTEM_PACKAGES,
    UNFREE,
    Attribution,
    edit,
    inverse,
    is_defined,
)
from luminous_daemon.core.edits import Candidate, FileEdit
from luminous_daemon.core.facts import Availability
from luminous_daemon.core.generated import generated_warning
from luminous_daemon.core.inputs import InputsUpdate
from luminous_daemon.core.option_values import known_values
from luminous_daemon.core.planning.placing import given_back, place
from luminous_daemon.core.planning.repairs import Repairs
from luminous_daemon.core.redaction import redact_words
from luminous_daemon.core.resolving import (
    Resolution,
    Situation,
    allow,
    apart,
    expected_facts,
    query_for,
    resolve,
    shown,
)
from luminous_protocol.changes import (
    AddPackage,
    AllowPackage,
    Change,
    Disable,
    Enable,
    Rebuild,
    RemovePackage,
    RepairFile,
    RestoreInputs,
    SetOption,
    UpdateInputs,
    change_to_dict,
)
from luminous_protocol.errors import LuminousError, NothingToDo, NotImported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luminous_daemon.core.definitions import Definition
    from luminous_daemon.core.facts import Facts, PackageFacts, Query
    from luminous_daemon.core.placing import Placed
    from luminous_daemon.core.planning.request import Request
    from luminous_daemon.core.ports import World

NO_INPUTS = InputsUpdate((), (), "", 0)
_APART = UpdateInputs | RestoreInputs | Rebuild | RepairFile | AllowPackage
"""Changes that are not resolved by what the machine says of options and packages."""
_NOWHERE = Attribution("", 0, "")
_MOST_ALLOWED = 8
"""Each is found by an evaluation more; no module brings in so many that one may not have."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration plan in the making. `digest` is of the files that it was made from.

    `touched` are the options whose lines it changes, and `values` what is known of their values
    before; `tracked` are files that git is to know.
    """

    digest: str
    edit: FileEdit | None = None
    placed: tuple[Placed, ...] = ()
    tracked: tuple[str, ...] = ()
    inverse: tuple[Change, ...] = ()
    inputs: InputsUpdate = NO_INPUTS
    resolutions: tuple[Resolution, ...] = ()
    notes: tuple[str, ...] = ()
    touched: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def candidate(self) -> Candidate:
        """The configuration that it comes to."""
        placed = tuple(item.edit for item in self.placed)
        return Candidate(self.edit, self.inputs.main, self.touched, placed, self.tracked)

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        """All edits of files, each of another one."""
        return self.candidate.edits

    @property
    def has_effect(self) -> bool:
        """Tell whether it writes anything of the configuration."""
        return bool(self.edits or self.tracked)


@dataclass(frozen=True, slots=True)
class Settled:
    """What is settled before a request is drafted.

    `inputs`, `repairs` and `notes` are what some of its changes came to, `given_back` are edits
    that it takes back, and `changes` all that are not among those.
    """

    changes: tuple[Change, ...]
    inputs: InputsUpdate = NO_INPUTS
    notes: tuple[str, ...] = ()
    given_back: tuple[Placed, ...] = ()
    repairs: Repairs = field(default_factory=Repairs)


class Drafting:
    """Drafts of one request, all from the same reading of the file."""

    def __init__(self, world: World, request: Request, settled: Settled) -> None:
        """Read the file, if `request` edits it. Raises what `Configuration.read` raises."""
        self._configuration = world.configuration
        self._request = request
        self._settled = settled
        self._notes = settled.notes
        self._now = int(world.clock())
        self.inputs = settled.inputs
        self._allowed: list[PackageFacts] = []
        self._wanted = [item for item in settled.changes if isinstance(item, AllowPackage)]
        self._given_back = settled.given_back
        last, self._reversing = last_words(settled.changes)
        self._groups = apart(item for item in last if not isinstance(item, _APART))
        has_edits = self._groups or self._wanted or any(item.edits for item in self._given_back)
        self._snapshot = world.configuration.read() if has_edits else None
        self._definitions = self._snapshot.definitions if self._snapshot else ()

    def queries(self) -> list[Query]:
        """Return what must be known of the machine; a draft takes the answers, in this order."""
        return [query_for(group, self._definitions) for group in self._groups]

    def expected(self) -> Draft | None:
        """Return the draft for the likeliest answers, or None where they would come to none."""
        facts = [expected_facts(query, self._definitions) for query in self.queries()]
        try:
            return self.draft(facts)
        except LuminousError:
            return None

    def can_allow(self, package: PackageFacts) -> bool:
        """Tell whether an exception for a package belongs to what is asked for, and may help."""
        is_allowable = package.availability in {Availability.UNFREE, Availability.INSECURE}
        is_new = package not in self._allowed and len(self._allowed) < _MOST_ALLOWED
        brings = (AddPackage, Enable, SetOption)
        has_brought = any(isinstance(change, brings) for change in self._request.changes)
        is_wanted = any(is_meant(change, package) for change in self._wanted)
        return is_allowable and is_new and (has_brought or is_wanted)

    def allow(self, package: PackageFacts) -> None:
        """Let all later drafts make an exception for a package that the others need."""
        self._allowed.append(package)
        self._wanted = [change for change in self._wanted if not is_meant(change, package)]

    @property
    def wanted(self) -> tuple[AllowPackage, ...]:
        """The exceptions that are asked for, of which no evaluation has shown the need yet."""
        return tuple(self._wanted)

    def renounce(self, change: AllowPackage, why: str) -> None:
        """Make no exception that is asked for, and note why."""
        self._wanted.remove(change)
        self._notes = (*self._notes, why)

    def draft(self, facts: Sequence[Facts]) -> Draft:
        """Return the draft. Raises `NotImported`, and what `resolve` raises."""
        snapshot, inputs = self._snapshot, self.inputs
        has_way_back = inputs.main and inputs.before
        back = (RestoreInputs(inputs.before, inputs.source),) if has_way_back else ()
        if snapshot is None:
            return self._draft_of_others(back)
        if facts and not facts[0].is_imported:
            raise NotImported(
                f"Your configuration does not import {snapshot.file}, so nothing written there "
                "would have an effect. Run: ask-nix setup",
                {"file": snapshot.file},
            )
        resolutions, remarks = self._resolve(facts)
        notes = (*self._notes, *remarks)
        edits = [change for found in resolutions for change in found.edits]
        definitions = edit(snapshot.definitions, edits, self._attribution())
        placed = (*self._placed, *place(self._configuration, resolutions))
        written_by = (generated_warning(item.edit.file, item.edit.before or "") for item in placed)
        notes = (*notes, *filter(None, written_by))
        tracked = self._settled.repairs.tracked
        if definitions == snapshot.definitions and not (placed or tracked):
            rebuilds = any(isinstance(change, Rebuild) for change in self._request.changes)
            if not (inputs.main or rebuilds or self._wanted):
                raise NothingToDo(
                    " ".join(dict.fromkeys(notes)) or "These changes take each other back."
                )
            return Draft(snapshot.digest, inputs=inputs, inverse=back, notes=notes)
        text = self._configuration.render(definitions)
        is_edited = definitions != snapshot.definitions
        turned = tuple(change for item in placed for change in item.inverse)
        return Draft(
            snapshot.digest,
            edit=self._configuration.plan_edit(snapshot, text) if is_edited else None,
            placed=placed,
            tracked=tracked,
            inverse=(*inverse(snapshot.definitions, definitions), *turned, *back),
            inputs=inputs,
            resolutions=resolutions,
            notes=notes,
            touched=_touched(snapshot.definitions, definitions),
            values=known_values(option for found in facts for option in found.options.values()),
        )

    @property
    def _placed(self) -> tuple[Placed, ...]:
        return (*self._given_back, *self._settled.repairs.placed)

    def _draft_of_others(self, back: tuple[Change, ...]) -> Draft:
        """Return the draft of what leaves Luminous's own file alone."""
        placed, repairs = self._placed, self._settled.repairs
        resolutions = (*given_back(self._given_back), *repairs.resolutions)
        return Draft(
            self._configuration.digest(),
            placed=placed,
            tracked=repairs.tracked,
            inverse=(*(change for item in placed for change in item.inverse), *back),
            inputs=self.inputs,
            resolutions=resolutions,
            notes=(*self._notes, *(note for found in resolutions for note in found.notes)),
        )

    def _resolve(self, facts: Sequence[Facts]) -> tuple[tuple[Resolution, ...], tuple[str, ...]]:
        """Resolve each change in the light of those before it; what is so already is a note."""
        resolutions = [*given_back(self._given_back), *self._settled.repairs.resolutions]
        notes = [note for found in resolutions for note in found.notes]
        definitions = self._definitions
        for group, known in zip(self._groups, facts, strict=True):
            for change in group:
                own = self._configuration
                situation = Situation(known, definitions, own.locate, own.file)
                try:
                    found = resolve(change, situation)
                except NothingToDo as error:
                    notes.append(_neither(change) if change in self._reversing else error.message)
                    continue
                resolutions.append(found)
                notes += (*found.notes, *(item.note for item in found.placements))
                definitions = edit(definitions, found.edits, _NOWHERE)
        for package in self._allowed:
            found = allow(package, definitions)
            if any(is_meant(change, package) for change in self._settled.changes):
                found = replace(found, summary=f"allow {package.full_name or package.attribute}")
            resolutions.append(found)
            notes += found.notes
            definitions = edit(definitions, found.edits, _NOWHERE)
        return tuple(resolutions), tuple(notes)

    def _attribution(self) -> Attribution:
        request = self._request
        words = request.words or "; ".join(dict.fromkeys(map(_in_words, request.changes)))
        changes = [change_to_dict(change) for change in request.changes]
        # The file is read by everybody; what it says of a secret is at least not said twice.
        return Attribution(request.caller.user, self._now, redact_words(words, changes))


def last_words(changes: Sequence[Change]) -> tuple[list[Change], list[Change]]:
    """Return changes without those that a later one turns round, and those later ones.

    What is known of the machine is from before all of them, so only the last is held against it.
    """
    left: list[Change] = []
    reversing: list[Change] = []
    for change in changes:
        opposite = _opposite(change)
        if opposite in left:
            reversing.append(change)
        left = [other for other in left if other != opposite]
        left.append(change)
    return left, reversing


def _opposite(change: Change) -> Change | None:
    match change:
        case AddPackage(name):
            return RemovePackage(name)
        case RemovePackage(name):
            return AddPackage(name)
        case Enable(target):
            return Disable(target)
        case Disable(target):
            return Enable(target)
        case _:
            return None


def _neither(change: Change) -> str:
    name = change.target if isinstance(change, Enable | Disable) else getattr(change, "package", "")
    return f"The changes of {name} take each other back."


def is_meant(change: Change, package: PackageFacts) -> bool:
    """Tell whether an exception is asked for that package, by one of its names."""
    names = {package.attribute, package.name, package.full_name}
    return (
        isinstance(change, AllowPackage)
        and change.package in names
        and change.reason == package.availability
    )


def _touched(before: Sequence[Definition], after: Sequence[Definition]) -> tuple[str, ...]:
    """Return the options whose lines are not the same; packages are compared by themselves.

    What is a function before and after has no values that could be told apart.
    """
    function = {UNFREE} if is_defined(before, UNFREE) and is_defined(after, UNFREE) else set()
    changed = {(line.option, repr(line.value)) for line in before}
    changed ^= {(line.option, repr(line.value)) for line in after}
    return tuple(sorted({option for option, _ in changed} - {SYSTEM_PACKAGES} - function))


def _in_words(change: Change) -> str:
    """Return a change that nobody has put into words as its parts."""
    parts = change_to_dict(change).values()
    return " ".join(part if isinstance(part, str) else shown(part) for part in parts)
