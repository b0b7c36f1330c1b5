"""A describer of the fake machine: of its options and packages, with texts of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from luminous_daemon.core.descriptions import Below, Defined, OptionDescription, PackageDescription
from luminous_daemon.core.facts import Query
from luminous_daemon.core.option_values import as_text
from luminous_protocol.errors import EvaluationFailed
from tests.unit.luminous_daemon.fake_evaluator import OPTIONS, FakeEvaluator

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.fake_world import Machine

OLD = {"services.sshd.enable": "services.openssh.enable"}
GONE = {"sound.enable": "The option `sound.enable' can no longer be used."}
BROKEN_VALUES = {"nix.settings.test": "infinite recursion encountered"}


class FakeDescriber:
    """Looks at the machine's file."""

    def __init__(self, machine: Machine) -> None:
        """Look at `machine`."""
        self._machine = machine
        self._evaluator = FakeEvaluator(machine)

    async def option(self, name: str) -> OptionDescription:
        """Describe an option, or those below a name."""
        await self._machine.take("describer.option")
        if name in GONE:
            return OptionDescription(name, exists=True, is_gone=True)
        if name in OLD:
            return OptionDescription(
                name, exists=True, description=f"Alias of {{option}}`{OLD[name]}`."
            )
        begin = f"{name}."
        below = tuple(
            Below(option.removeprefix(begin), kind.description)
            for option, kind in OPTIONS.items()
            if option.startswith(begin)
        )
        if name not in OPTIONS:
            return OptionDescription(name, exists=False, below=below)
        found = (await self._evaluator.look_up(Query((), {name: ()}))).options[name]
        value = "" if name in BROKEN_VALUES else as_text(name, found.value)
        return OptionDescription(
            name=name,
            exists=True,
            type=found.type_description,
            default="false",
            description="Whether.",
            declarations=("nixos/modules/a.nix",),
            value=value,
            sources=tuple(found.files),
            definitions=tuple(Defined(file, value) for file in found.files),
            problem=BROKEN_VALUES.get(name, ""),
        )

    async def package(self, name: str, options: tuple[str, ...]) -> PackageDescription:
        """Describe a package."""
        await self._machine.take("describer.package")
        found = await self._evaluator.look_up(Query((name,)))
        described = await asyncio.gather(*(self.option(option) for option in options))
        return PackageDescription(
            found.packages[name],
            description="A program",
            licences=("MIT License",),
            options={option.name: option for option in described},
        )

    async def removal(self, option: str) -> str:
        """Say why an option is gone."""
        await self._machine.take("describer.removal")
        if option not in GONE:
            raise EvaluationFailed("There is nothing to say.")
        return GONE[option]
