"""The way back: what an activation has done so far, and how to undo it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from luminous_daemon.core.inputs import named
from luminous_protocol.errors import ActivationFailed, LuminousError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from luminous_daemon.core.edits import FileEdit
    from luminous_daemon.core.inputs import InputsEdit
    from luminous_daemon.core.ports import Generation, World


@dataclass(frozen=True, slots=True)
class Before:
    """The machine before an activation: what ran, the default generation and the newest."""

    toplevel: str
    default: int
    newest: int


class WayBack:
    """What has been done so far, and how to undo it."""

    def __init__(self, world: World, before: Before, log: Callable[[str], None]) -> None:
        """Lead back to `before`; `log` gets what the system prints on the way.

        The attributes say what has been begun: the edits of files in their order, that of the
        inputs, the files that were made known to the repository, whether the system was switched,
        and the system that was made the default. What comes of it is `failures`, and what was
        `left` to whoever has changed it since.
        """
        self._world = world
        self._before = before
        self._log = log
        self.edits: list[FileEdit] = []
        self.inputs: InputsEdit | None = None
        self.tracked: tuple[str, ...] = ()
        self.has_switched = False
        self.new_default = ""
        self.failures: list[str] = []
        self.left: list[str] = []

    async def run(self) -> None:
        """Undo in reverse order; a failure on the way is kept, and the rest tried all the same."""
        if self.new_default:
            await self._try("the default generation", self._restore_default)
        if self.has_switched:
            await self._try("the running system", self._restore_running)
        if self.tracked:
            await self._try("what the repository knows", self._untrack)
        if self.inputs:
            step = partial(self._restore_inputs, self.inputs)
            await self._try(f"the {self._world.inputs.words}", step)
        for edit in reversed(self.edits):
            await self._try("the configuration", partial(self._restore, edit))

    def outcome(self) -> str:
        """Return the sentence that says what is true now, when nothing has failed on the way."""
        if self.left:
            return f"Everything else was put back as it was; {'; '.join(self.left)}."
        return "Everything was put back as it was."

    async def _try(self, what: str, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except (LuminousError, OSError) as error:
            self.failures.append(f"{what} could not be put back: {error}")
        except Exception as error:  # noqa: BLE001 - a defect here must not keep the rest from its turn
            kind = type(error).__name__
            self.failures.append(f"{what} could not be put back: a defect in Luminous ({kind})")

    async def _restore_default(self) -> None:
        profile, number = self._world.profile, self._before.default
        generations = profile.generations()
        old = next((item.toplevel for item in generations if item.number == number), "")
        default = profile.default()
        is_default = default in {0, number}
        if not is_default and not self._has_made(default, generations):
            self.left.append(
                "the default generation was left alone, because somebody has changed it since"
            )
            return
        if not is_default:
            if not old:
                raise ActivationFailed(f"there is no generation {number} to go back to")
            await self._world.activation.make_default(old, number, self._log)
        # Not one that was there before, nor one that somebody else has made since.
        made = [
            item.number
            for item in generations
            if item.number > self._before.newest and item.toplevel == self.new_default
        ]
        if made:
            await profile.delete(made)
        if old and (made or is_default):
            # The boot menu lists what was deleted until it is written again: by now, or by an
            # earlier attempt at this that was cut short.
            await self._world.activation.make_default(old, number, self._log)

    def _has_made(self, default: int, generations: Sequence[Generation]) -> bool:
        """Tell whether a generation is the system that this change has made the default."""
        found = (item.toplevel for item in generations if item.number == default)
        return next(found, "") == self.new_default

    async def _restore_running(self) -> None:
        await self._world.activation.test(self._before.toplevel, self._log)

    async def _restore_inputs(self, edit: InputsEdit) -> None:
        inputs, alone = self._world.inputs, f"{named(edit.source)} were left alone, because"
        if edit.source != inputs.source:
            self.left.append(f"{alone} the configuration has {named(inputs.source)} now")
        elif not edit.before or inputs.generation() == edit.before:
            return
        elif edit.after and inputs.fingerprint() != edit.after:
            self.left.append(f"{alone} somebody has changed them since")
        else:
            await inputs.restore(edit.before)

    async def _untrack(self) -> None:
        await self._world.repository.untrack(self.tracked)

    async def _restore(self, edit: FileEdit) -> None:
        self._world.configuration.restore(edit)
