"""What a request comes to in Luminous's own file, for the facts as they are or as expected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from luminous_daemon.core.definitions import SYSTEM_PACKAGES, Attribution, edit, inverse
from luminous_daemon.core.edits import Candidate, FileEdit
from luminous_daemon.core.facts import Availability
from luminous_daemon.core.generated import generated_warning
from luminous_daemon.core.inputs import InputsUpdate
from luminous_daemon.core.option_values import known_values
from luminous_daemon.core.planning.placing import give_back, given_back, place
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
    Change,
    Enable,
    Rebuild,
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
_NOWHERE = Attribution("", 0, "")
_MOST_ALLOWED = 8
"""Each is found by an evaluation more; no module brings in so many that one may not have."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration plan in the making. `digest` is of the files that it was made from.

    `touched` are the options whose lines it changes, and `values` what is known of their values
    before.
    """

    digest: str
    edit: FileEdit | None = None
    placed: tuple[Placed, ...] = ()
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
        return Candidate(self.edit, self.inputs.main, self.touched, placed)

    @property
    def edits(self) -> tuple[FileEdit, ...]:
        """All edits of files, each of another one."""
        return self.candidate.edits


class Drafting:
    """Drafts of one request, all from the same reading of the file."""

    def __init__(
        self, world: World, request: Request, inputs: InputsUpdate, notes: tuple[str, ...]
    ) -> None:
        """Read the file, if `request` edits it.

        `inputs` and `notes` are what its other changes came to. Raises what `Configuration.read`
        raises.
        """
        self._configuration = world.configuration
        self._request = request
        self._notes = notes
        self._now = int(world.clock())
        self.inputs = inputs
        self._allowed: list[PackageFacts] = []
        self._given_back, changes = give_back(world, request)
        self._groups = apart(
            change
            for change in changes
            if not isinstance(change, UpdateInputs | RestoreInputs | Rebuild)
        )
        has_edits = self._groups or self._given_back
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
        return is_allowable and is_new and has_brought

    def allow(self, package: PackageFacts) -> None:
        """Let all later drafts make an exception for a package that the others need."""
        self._allowed.append(package)

    def draft(self, facts: Sequence[Facts]) -> Draft:
        """Return the draft. Raises `NotImported`, and what `resolve` raises."""
        snapshot, inputs = self._snapshot, self.inputs
        has_way_back = inputs.main and inputs.before
        back = (RestoreInputs(inputs.before, inputs.source),) if has_way_back else ()
        if snapshot is None:
            digest = self._configuration.digest()
            return Draft(digest, inputs=inputs, inverse=back, notes=self._notes)
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
        placed = (*self._given_back, *place(self._configuration, resolutions))
        written_by = (generated_warning(item.edit.file, item.edit.before or "") for item in placed)
        notes = (*notes, *filter(None, written_by))
        if definitions == snapshot.definitions and not placed:
            rebuilds = any(isinstance(change, Rebuild) for change in self._request.changes)
            if not (inputs.main or rebuilds):
                raise NothingToDo(" ".join(notes) or "These changes take each other back.")
            return Draft(snapshot.digest, inputs=inputs, inverse=back, notes=notes)
        text = self._configuration.render(definitions)
        is_edited = definitions != snapshot.definitions
        turned = tuple(change for item in placed for change in item.inverse)
        return Draft(
            snapshot.digest,
            edit=self._configuration.plan_edit(snapshot, text) if is_edited else None,
            placed=placed,
            inverse=(*inverse(snapshot.definitions, definitions), *turned, *back),
            inputs=inputs,
            resolutions=resolutions,
            notes=notes,
            touched=_touched(snapshot.definitions, definitions),
            values=known_values(option for found in facts for option in found.options.values()),
        )

    def _resolve(self, facts: Sequence[Facts]) -> tuple[tuple[Resolution, ...], tuple[str, ...]]:
        """Resolve each change in the light of those before it; what is so already is a note."""
        resolutions = [*given_back(self._given_back)]
        notes = [note for found in resolutions for note in found.notes]
        definitions = self._definitions
        for group, known in zip(self._groups, facts, strict=True):
            for change in group:
                own = self._configuration
                situation = Situation(known, definitions, own.locate, own.file)
                try:
                    found = resolve(change, situation)
                except NothingToDo as error:
                    notes.append(error.message)
                    continue
                resolutions.append(found)
                notes += (*found.notes, *(item.note for item in found.placements))
                definitions = edit(definitions, found.edits, _NOWHERE)
        for package in self._allowed:
            found = allow(package, definitions)
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


def _touched(before: Sequence[Definition], after: Sequence[Definition]) -> tuple[str, ...]:
    """Return the options whose lines are not the same; packages are compared by themselves."""
    changed = {(line.option, repr(line.value)) for line in before}
    changed ^= {(line.option, repr(line.value)) for line in after}
    return tuple(sorted({option for option, _ in changed} - {SYSTEM_PACKAGES}))


def _in_words(change: Change) -> str:
    """Return a change that nobody has put into words as its parts."""
    parts = change_to_dict(change).values()
    return " ".join(part if isinstance(part, str) else shown(part) for part in parts)
