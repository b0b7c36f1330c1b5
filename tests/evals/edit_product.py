"""From a task to what the product does: its own changes, readings, policy and editing.

A machine would evaluate its configuration to learn the types of options. Here the list of NixOS's
options stands in for that, where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edit_judge import Answer
from value_types import Options, fits

from luminous_daemon.configuration.editing import edit_text
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.core import policy
from luminous_daemon.core.definitions import SYSTEM_PACKAGES, Put
from luminous_daemon.core.facts import Availability, Facts, OptionFacts, PackageFacts
from luminous_daemon.core.generated import generated_warning
from luminous_daemon.core.placing import edits_of
from luminous_daemon.core.resolving import Resolution, Situation, query_for, resolve
from luminous_daemon.core.resolving.options import readings
from luminous_protocol.changes import AddPackage, RemovePackage, SetOption, UnsetOption
from luminous_protocol.codec import parse_change
from luminous_protocol.errors import LuminousError, NothingToDo, UnknownOption
from luminous_protocol.plan import Risk

if TYPE_CHECKING:
    from collections.abc import Callable

    from edit_records import Task

    from luminous_daemon.core.definitions import Edit
    from luminous_protocol.changes import Change


@dataclass(frozen=True)
class Product:
    """The product, on a machine with these options."""

    options: Options

    def answer(self, task: Task, is_in_file: Callable[[str], bool]) -> Answer:
        """Do what the task asks; `is_in_file` tells of an option whether the file has it."""
        content = task.content
        try:
            text = content.decode()
            planned = [self._plan(wish.change, text, is_in_file) for wish in task.wishes]
            after = text
            for plan in planned:
                after = plan.edited(after)
        except UnicodeDecodeError:
            return Answer("refuse", content, "The file is not UTF-8.")
        except NothingToDo as error:
            return Answer("no_change", content, error.message)
        except LuminousError as error:
            return Answer("refuse", content, error.message)
        except NotEditable as error:
            return Answer("refuse", content, f"{error} {error.question}".rstrip())
        notes = [note for plan in planned for note in plan.resolution.notes]
        warnings = tuple(filter(None, [*notes, generated_warning(task.file.name, text)]))
        risk = policy.highest(plan.risk for plan in planned)
        if after == text:
            return Answer("no_change", content, "It is so already.", warnings, risk)
        return Answer("edit", after.encode(), "", warnings, risk)

    def _plan(
        self, wanted: dict[str, object], text: str, is_in_file: Callable[[str], bool]
    ) -> Planned:
        change = parse_change(wanted)
        if isinstance(change, AddPackage):
            return Planned(change, resolve(change, _with_package(change, text)))
        if isinstance(change, RemovePackage):
            return Planned(change, Resolution(edits_of(change), options=(SYSTEM_PACKAGES,)))
        if not isinstance(change, SetOption | UnsetOption):
            raise TypeError(change.kind)
        described = self.options.type_of(change.option, is_in_file)
        if isinstance(change, SetOption):
            return Planned(change, resolve(change, _with_option(change, described)))
        if described is None:
            raise UnknownOption(f"There is no option called {change.option!r}.")
        return Planned(change, Resolution(options=(change.option,)), _drops(change, described))


@dataclass(frozen=True)
class Planned:
    """A change with what it comes to; of `either`, the first that changes something counts."""

    change: Change
    resolution: Resolution
    either: tuple[Edit, ...] = ()

    @property
    def risk(self) -> Risk:
        """How much it can hurt, as a plan says it."""
        if self.resolution.is_dangerous:
            return Risk.HIGH
        return policy.risk_of(self.change, self.resolution.options)

    def edited(self, text: str) -> str:
        """Return `text` with it. Raises `NotEditable`."""
        for edit in self.resolution.edits:
            text = edit_text(text, edit)
        for edit in self.either:
            if (after := edit_text(text, edit)) != text:
                return after
        return text


def _with_package(change: AddPackage, text: str) -> Situation:
    """Return a machine that has the package, and those switches that the file puts on."""
    facts = PackageFacts(change.package, Availability.AVAILABLE, name=change.package)
    names = query_for([change], ()).options
    switches = {
        name: OptionFacts(name, exists=True, value=True, fitting=0)
        for name in names
        if name != SYSTEM_PACKAGES and _puts_on(name, text)
    }
    return Situation(Facts({change.package: facts}, switches, is_imported=True))


def _puts_on(option: str, text: str) -> bool:
    try:
        return edit_text(text, Put(option, value=True)) == text
    except NotEditable:
        return False


def _with_option(change: SetOption, described: str | None) -> Situation:
    """Return a machine on which the option has this type, or is none."""
    of_list = described or ("list of anything" if change.append else "")
    meant = list(enumerate(readings(change.value, append=change.append)))
    fitting = next((index for index, value in meant if fits(value, of_list)), -1)
    option = OptionFacts(
        change.option,
        exists=described is not None,
        type_description=of_list,
        fitting=fitting,
    )
    return Situation(Facts({}, {change.option: option}, is_imported=True))


def _drops(change: UnsetOption, described: str) -> tuple[Edit, ...]:
    """Return the edits that take out what `change` may mean, the most particular first."""
    if change.value is None:
        return edits_of(change)
    meant = [item for item in readings(change.value, append=False) if not isinstance(item, list)]
    fitting = [item for item in meant if fits([item], described)]
    changes = (UnsetOption(change.option, item) for item in fitting or meant)
    return tuple(edit for one in changes for edit in edits_of(one))
