"""Inputs: where packages come from, what is newer of them, and what is put in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class InputsUpdate:
    """Newer inputs that were fetched but are not in force.

    `paths` are those of the channels, or of a flake's lock file, and `names` what is newer; `main`
    is the one that holds nixpkgs; `before` is the generation of the inputs to come back to, and
    `source` the one whose inputs and generations these are.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]
    main: str
    before: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class InputsEdit:
    """Inputs that are put in force: the generation from before, and what tells the new ones.

    `after` is a fingerprint, or empty in a journal that does not say it; so is `source`, which
    means the channels then.
    """

    before: int
    after: str = ""
    source: str = ""


class Inputs(Protocol):
    """Channels, or the inputs of a flake: where packages come from. `words` says which.

    Generations mean something only for the `source` that they are of: a flake's directory, or
    nothing for the channels.
    """

    words: str
    source: str

    async def fetch(self, names: Sequence[str]) -> InputsUpdate:
        """Fetch the newest without putting it in force. Raises `UpdateFailed`."""

    async def adopt(self, update: InputsUpdate) -> None:
        """Put fetched inputs in force; the caller knows which are so far."""

    async def restore(self, generation: int) -> None:
        """Go back to an earlier generation of the inputs."""

    def generation(self) -> int:
        """Return the number of the generation of the inputs in force; 0 if there is none."""

    def fingerprint(self, path: str = "") -> str:
        """Return what tells the inputs at `path` from all others, or else those in force."""

    def updated(self) -> int:
        """Return when those in force came, in seconds since the epoch; 0 where nobody knows."""

    def path_of(self, generation: int) -> str:
        """Return the path of a generation of the inputs, or of its nixpkgs; empty when gone."""


def named(source: str) -> str:
    """Return how people call the inputs of a source."""
    return f"the inputs of the flake {source}" if source else "the channels"
