"""Plans and comparisons as a client shows them, read from the daemon's properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from luminous_protocol.names import Action
from luminous_protocol.plan import (
    Closure,
    Inhibitor,
    Keeper,
    OptionChange,
    PackageChange,
    PlanState,
    Risk,
    Room,
    UnitEffects,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Effects:
    """What differs between two systems."""

    packages: tuple[PackageChange, ...] = ()
    options: tuple[OptionChange, ...] = ()
    options_problem: str = ""
    closure: Closure = field(default_factory=Closure)
    rooms: tuple[Room, ...] = ()
    units: UnitEffects = field(default_factory=UnitEffects)
    reboot_required: bool = False
    reboot_reason: str = ""
    inhibitors: tuple[Inhibitor, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan's properties. `changes` and `failure` are plain data, as the bus has them."""

    path: str
    state: str
    summary: str = ""
    risk: str = Risk.LOW
    id: str = ""
    action: str = ""
    expires: int = 0
    changes: tuple[Mapping[str, Any], ...] = ()
    configuration_diff: str = ""
    effects: Effects = field(default_factory=Effects)
    generations: tuple[int, ...] = ()
    generation_dates: tuple[int, ...] = ()
    keepers: tuple[Keeper, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_preparing(self) -> bool:
        """Tell whether the daemon still works it out."""
        return self.state == PlanState.PREPARING

    @property
    def is_ready(self) -> bool:
        """Tell whether it can be applied."""
        return self.state == PlanState.READY

    @property
    def is_risky(self) -> bool:
        """Tell whether approving it takes more than a key."""
        return self.risk == Risk.HIGH

    @property
    def collects_garbage(self) -> bool:
        """Tell whether it deletes generations."""
        return self.action == Action.COLLECT_GARBAGE


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two generations and what differs between them."""

    before: int
    after: int
    effects: Effects


def read_plan(path: str, properties: Mapping[str, Any]) -> PlanView:
    """Return the plan that `properties` of the object at `path` describe."""
    get = properties.get
    return PlanView(
        path=path,
        state=str(get("State", "")),
        summary=str(get("Summary", "")),
        risk=str(get("Risk", Risk.LOW)),
        id=str(get("Id", "")),
        action=str(get("Action", "")),
        expires=int(get("Expires", 0)),
        changes=tuple(get("Changes", ())),
        configuration_diff=str(get("ConfigurationDiff", "")),
        effects=Effects(
            packages=_packages(get("Packages", ())),
            options=_options(get("Options", ())),
            options_problem=str(get("OptionsProblem", "")),
            closure=_closure(get("Closure", {})),
            rooms=tuple(map(_room, get("Space", ()))),
            units=_units(get("Units", {})),
            reboot_required=bool(get("RebootRequired", False)),
            reboot_reason=str(get("RebootReason", "")),
            inhibitors=tuple(map(_inhibitor, get("SwitchInhibitors", ()))),
        ),
        generations=tuple(get("Generations", ())),
        generation_dates=tuple(get("GenerationDates", ())),
        keepers=tuple(map(_keeper, get("Roots", ()))),
        warnings=tuple(get("Warnings", ())),
        failure=get("Failure", {}),
    )


def read_comparison(data: Mapping[str, Any]) -> Comparison:
    """Return the comparison that `CompareGenerations` has answered."""
    effects = Effects(
        packages=_packages(data.get("packages", ())),
        options=_options(data.get("options", ())),
        options_problem=_missing(data.get("options-missing", ())),
        closure=_closure(data.get("closure", {})),
        units=_units(data.get("units", {})),
        reboot_required=bool(data.get("reboot-required", False)),
        reboot_reason=str(data.get("reboot-reason", "")),
    )
    return Comparison(int(data.get("before", 0)), int(data.get("after", 0)), effects)


def _packages(items: Any) -> tuple[PackageChange, ...]:  # noqa: ANN401 - a received list
    return tuple(
        PackageChange(item.get("name", ""), item.get("before", ""), item.get("after", ""))
        for item in items
    )


def _options(items: Any) -> tuple[OptionChange, ...]:  # noqa: ANN401 - a received list
    return tuple(
        OptionChange(item.get("name", ""), item.get("before", ""), item.get("after", ""))
        for item in items
    )


def _missing(generations: Any) -> str:  # noqa: ANN401 - a received list
    """Return why two generations' options cannot be compared, if so."""
    if not generations:
        return ""
    noun = "generation" if len(generations) == 1 else "generations"
    return f"not known of {noun} {' and '.join(map(str, generations))}: Luminous did not keep them"


def _closure(data: Mapping[str, Any]) -> Closure:
    return Closure(
        before=int(data.get("before", -1)),
        after=int(data.get("after", -1)),
        builds=tuple(data.get("builds", ())),
        fetches=int(data.get("fetches", 0)),
        download=int(data.get("download", 0)),
        unpacked=int(data.get("unpacked", 0)),
        fetched=tuple(data.get("fetched", ())),
        estimate=int(data.get("estimate", -1)),
    )


def _keeper(data: Mapping[str, Any]) -> Keeper:
    return Keeper(
        kind=str(data.get("kind", "")),
        what=str(data.get("what", "")),
        name=str(data.get("name", "")),
        links=int(data.get("links", 1)),
        size=int(data.get("size", 0)),
        exclusive=int(data.get("exclusive", -1)),
    )


def _inhibitor(data: Mapping[str, Any]) -> Inhibitor:
    return Inhibitor(*(str(data.get(key, "")) for key in ("name", "before", "after")))


def _room(data: Mapping[str, Any]) -> Room:
    figures = (int(data.get(key, 0)) for key in ("needed", "certain", "free"))
    return Room(str(data.get("path", "")), *figures)


def _units(data: Mapping[str, Any]) -> UnitEffects:
    return UnitEffects(
        start=tuple(data.get("start", ())),
        stop=tuple(data.get("stop", ())),
        restart=tuple(data.get("restart", ())),
        reload=tuple(data.get("reload", ())),
    )
