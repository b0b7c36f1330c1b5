"""Presence: why something is on this machine: who wrote it down, and who else needs it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from luminous_daemon.core.describing import Describing, Standing
from luminous_daemon.core.explaining.closures import (
    needed_by,
    shortest_chain,
    size_of,
    users_of,
)
from luminous_daemon.core.resolving.packages import program_options, service_options
from luminous_daemon.core.store_names import split_version, store_name
from luminous_protocol.changes import Disable, RemovePackage
from luminous_protocol.errors import (
    EvaluationFailed,
    InvalidValue,
    UnknownOption,
    UnknownPackage,
)
from luminous_protocol.grammar.text import fold
from luminous_protocol.grammar.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luminous_daemon.core.describing import OptionAnswer, PackageAnswer
    from luminous_daemon.core.explaining.closures import Graph
    from luminous_daemon.core.explaining.sights import References
    from luminous_daemon.core.ports import World
    from luminous_protocol.changes import Change

_STORE_PATH = re.compile(r"/nix/store/[a-z0-9]{32}-[A-Za-z0-9+._?=-]{1,211}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]{0,200}")
_OUTPUT = re.compile(r"-(?:bin|dev|doc|info|lib|man|out)$")
_SYSTEM_PATH = "system-path"
_MOST_USERS = 20
_SWITCHED_ON = " = true"
_UNIT = ".service"


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of a path: its own, with all that it needs, and what nothing else needs."""

    own: int
    closure: int
    exclusive: int


@dataclass(frozen=True, slots=True)
class Presence:
    """Why something is here. `kind` is package, option, service or path.

    `standings` are the lines that bring it, or that bring `via`, the package for whose sake it is
    here. `chain` are the store paths from the running system to it, and `users` the packages of the
    system that need it. `changes` would take it away. `problem` says why the lines are not known:
    the configuration does not evaluate.
    """

    name: str
    kind: str
    version: str = ""
    value: str = ""
    is_withheld: bool = False
    standings: tuple[Standing, ...] = ()
    via: str = ""
    chain: tuple[str, ...] = ()
    weight: Weight | None = None
    users: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    problem: str = ""

    @property
    def is_there(self) -> bool:
        """Tell whether the running system has it, or an option has a value that somebody set."""
        return bool(self.chain) or (self.kind in {"option", "service"} and bool(self.standings))


class Tracing:
    """Traces things back to the lines that bring them."""

    def __init__(self, world: World, references: References, uid: int) -> None:
        """Look at the machine behind `world`, for a user."""
        self._world, self._uid = world, uid
        self._references = references
        self._describing = Describing(world)

    async def explain(self, name: str) -> Presence:
        """Say why `name` is here. Raises `UnknownPackage` or `UnknownOption`."""
        if _STORE_PATH.fullmatch(name):
            return await self._path(name)
        if not _NAME.fullmatch(name.replace('"', "").replace("<", "").replace(">", "")):
            raise InvalidValue(f"{name[:60]!r} is not the name of a package or of an option.")
        if "." not in name:
            return await self._package(name)
        if name.endswith(_UNIT) and (found := await self.service(name.removesuffix(_UNIT))):
            return found
        try:
            return await self._option(name)
        except (UnknownOption, InvalidValue) as error:
            try:
                return await self._package(name)
            except (UnknownPackage, InvalidValue):
                raise error from None

    async def _option(self, name: str) -> Presence:
        found = await self._describing.option(name, self._uid)
        if found.alias:
            return await self._option(found.alias)
        if not found.found.exists:
            below = {item.name for item in found.found.below}
            if "enable" not in below:
                raise UnknownOption(f"{name} is a set of options. Name one: ask-nix option {name}")
            return await self._option(f"{name}.enable")
        return _of_option(found, "option")

    async def _package(self, name: str) -> Presence:
        graph = await self._graph()
        try:
            found = await self._describing.package(name, self._uid)
        except (EvaluationFailed, UnknownPackage) as unknown:
            there = _paths_of(graph, {name}, name)
            is_broken = isinstance(unknown, EvaluationFailed)
            problem = unknown.message if is_broken else ""
            if there:
                return await self._of_path(graph, there, Presence(name, "path", problem=problem))
            if is_broken:
                raise
            service = await self.service(name)
            if service is None:
                raise unknown from None
            return service
        facts = found.found.facts
        there = _paths_of(graph, {facts.full_name}, facts.name)
        first = Presence(name, "package", facts.version, standings=found.installed)
        if found.installed:
            first = await self._with_switch(replace(first, changes=_ways_out(name, found)))
        return await self._of_path(graph, there, first)

    async def _with_switch(self, found: Presence) -> Presence:
        """Return what only NixOS lists with the line of a person that switches it on, if any."""
        if any(_is_of_person(item) for item in found.standings):
            return found
        switch = await self.service(found.name)
        if switch is None or not switch.changes:
            return found
        value = f"{switch.name}{_SWITCHED_ON}"
        lines = tuple(
            Standing(item.place, value) for item in switch.standings if _is_of_person(item)
        )
        return replace(found, standings=lines, changes=switch.changes)

    async def service(self, name: str) -> Presence | None:
        """Return the service, program or device that people call so, as its switch stands."""
        options = _switches_called(name)
        if not options:
            return None
        try:
            found = (await self._world.describer.package(name.lower(), options)).options
        except InvalidValue:
            return None
        there = [option for option in options if option in found and found[option].exists]
        for option in there:
            if not found[option].is_gone:
                return await self._switch(option)
        return None

    async def _switch(self, option: str) -> Presence:
        found = await self._describing.option(option, self._uid)
        if found.alias:
            found = await self._describing.option(found.alias, self._uid)
        return _of_option(found, "service")

    async def _path(self, path: str) -> Presence:
        graph = await self._graph()
        name, version = split_version(store_name(path))
        return await self._of_path(graph, [path], Presence(name, "path", version))

    async def _of_path(self, graph: Graph, paths: Sequence[str], first: Presence) -> Presence:
        """Return `first` with how the running system comes to one of `paths`."""
        root = self._world.profile.running()
        chain = shortest_chain(graph, root, paths)
        if not chain:
            return first
        target = chain[-1]
        found = replace(
            first,
            version=first.version or split_version(store_name(target))[1],
            chain=chain,
            weight=_weight(graph, root, target),
            users=_users(graph, target),
        )
        return found if found.standings or found.problem else await self._with_via(found)

    async def _with_via(self, found: Presence) -> Presence:
        """Return what is here for the sake of a package with the lines that bring that one."""
        via = _via(found.chain)
        if not via:
            return found
        try:
            standings = (await self._describing.package(via, self._uid)).installed
        except (EvaluationFailed, UnknownPackage, InvalidValue):
            standings = ()
        return replace(found, via=via, standings=standings)

    async def _graph(self) -> Graph:
        return await self._references.closure(self._world.profile.running())


def _of_option(found: OptionAnswer, kind: str) -> Presence:
    changes: tuple[Change, ...] = ()
    name = found.found.name
    is_own = any(map(_is_of_person, found.definitions))
    if found.value == "true" and is_own and name.endswith(".enable"):
        changes = (Disable(name),)
    return Presence(
        name,
        kind,
        value=found.value,
        is_withheld=found.is_withheld,
        standings=found.definitions,
        changes=changes,
        problem=found.found.problem,
    )


def _paths_of(graph: Graph, full_names: set[str], name: str) -> list[str]:
    """Return the paths called `full_names`, or else those of any version of `name`."""
    names = {path: _OUTPUT.sub("", store_name(path)) for path in graph}
    exact = [path for path, found in names.items() if found in full_names]
    return exact or [path for path, found in names.items() if split_version(found)[0] == name]


def _weight(graph: Graph, root: str, target: str) -> Weight:
    needed = needed_by(graph, target)
    left = needed_by(graph, root, without=target)
    return Weight(graph[target].size, size_of(graph, needed), size_of(graph, needed - left))


def _users(graph: Graph, target: str) -> tuple[str, ...]:
    """Return the packages of the system that need `target`, by name."""
    users = users_of(graph, target)
    packages = {
        reference
        for path in graph
        if store_name(path) == _SYSTEM_PATH
        for reference in graph[path].references
    }
    names = {split_version(_OUTPUT.sub("", store_name(path)))[0] for path in packages & users}
    return tuple(sorted(names)[:_MOST_USERS])


def _via(chain: Sequence[str]) -> str:
    """Return the package of the system through which a chain leads, unless it ends there."""
    names = [store_name(path) for path in chain]
    at = names.index(_SYSTEM_PATH) + 1 if _SYSTEM_PATH in names else 0
    if not at or at >= len(names) - 1:
        return ""
    return split_version(_OUTPUT.sub("", names[at]))[0]


def _is_of_person(standing: Standing) -> bool:
    """Tell whether somebody has written a line on this machine, and not NixOS."""
    return standing.place.startswith("/")


def _switches_called(name: str) -> tuple[str, ...]:
    """Return the options that may switch on what people call so, the likeliest first."""
    plain = name.lower()
    services = vocabulary().lexicon.services
    known = services.get(fold(plain)) or services.get(fold(plain.replace("-", " ")))
    options = (*service_options(plain), *program_options(plain))
    others = (f"hardware.{plain}.enable", f"networking.{plain}.enable") if options else ()
    return tuple(dict.fromkeys((*((known.option,) if known else ()), *options, *others)))


def _ways_out(name: str, found: PackageAnswer) -> tuple[Change, ...]:
    """Return the changes that take a package away which somebody has written down.

    There are none for what NixOS itself lists or switches on.
    """
    own = [item.value for item in found.installed if _is_of_person(item)]
    switches = [value.removesuffix(_SWITCHED_ON) for value in own if value.endswith(_SWITCHED_ON)]
    return tuple(map(Disable, switches)) or ((RemovePackage(name),) if own else ())
