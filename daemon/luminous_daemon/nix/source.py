"""What is evaluated: a configuration with channels, or a flake.

Both give the arguments and the files of one evaluation, and read its answer.
"""

from __future__ import annotations

import contextlib
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from luminous_daemon.nix.builder import FLAKES, builder_of, flake_environment
from luminous_daemon.nix.candidates import candidate_file
from luminous_daemon.nix.command import Replacement
from luminous_daemon.nix.repository import GitRepository, inside
from luminous_protocol.errors import EvaluationFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

    from luminous_daemon.configuration.flake import Flake
    from luminous_daemon.core.edits import Candidate
    from luminous_daemon.settings import Settings

    AskSource = Callable[[], Awaitable[Any]]

_DIRTY = ("--option", "allow-dirty", "true", "--option", "warn-dirty", "false")
"""What Luminous writes is not committed, and neither is what it only tries."""
_COPY = re.compile(r"/nix/store/[a-z0-9]{32}-source/")
"""How Nix names what lies in a flake or in one of its inputs."""
_NAME = r"([\w./+-]*[\w+-])"


class Source(Protocol):
    """What is evaluated."""

    def arguments(self, candidate: Candidate) -> tuple[str, ...]:
        """Return Nix's arguments."""

    def environment(self) -> Mapping[str, str]:
        """Return what is added to the environment."""

    def request(self, candidate: Candidate) -> Mapping[str, Any]:
        """Return what is added to a question."""

    def replacements(
        self, candidate: Candidate
    ) -> contextlib.AbstractAsyncContextManager[tuple[Replacement, ...]]:
        """Lay the candidate's files where this evaluation sees them in the place of the real."""

    def read(self, answer: Any, candidate: Candidate) -> Any:  # noqa: ANN401 - JSON, as it came
        """Return the answer itself. Raises `EvaluationFailed` if it is not the candidate's."""

    async def explain(self, error: EvaluationFailed, ask: AskSource) -> EvaluationFailed:
        """Return what Nix complains of in terms of the files that people have.

        `ask` asks Nix where it has the flake; the answer is as that to any question.
        """


class ChannelSource:
    """`configuration.nix` with the channels of root."""

    def __init__(self, settings: Settings) -> None:
        """Evaluate the configuration that `settings` names."""
        self._settings = settings

    def arguments(self, candidate: Candidate) -> tuple[str, ...]:
        """Return the search path; other inputs are another <nixpkgs>."""
        search = self._settings.search_path()
        if candidate.inputs:
            return ("-I", f"nixpkgs={candidate.inputs}/nixos", *search[2:])
        return search

    def environment(self) -> Mapping[str, str]:
        """Return nothing: the daemon's own will do."""
        return {}

    def request(self, _candidate: Candidate) -> Mapping[str, Any]:
        """Return nothing: the search path says it all."""
        return {}

    @contextlib.asynccontextmanager
    async def replacements(self, candidate: Candidate) -> AsyncIterator[tuple[Replacement, ...]]:
        """Lay the edited files over the real ones."""
        with _edited(candidate, self._settings) as edited:
            yield edited

    def read(self, answer: Any, _candidate: Candidate) -> Any:  # noqa: ANN401 - as it came
        """Return the answer as it is."""
        return answer

    async def explain(self, error: EvaluationFailed, _ask: AskSource) -> EvaluationFailed:
        """Return the error as it is."""
        return error


class FlakeSource:
    """A flake, as `nixos-rebuild --flake` sees it."""

    def __init__(self, settings: Settings, flake: Flake) -> None:
        """Evaluate `flake`, whose files are read as its owner does."""
        self._settings = settings
        self._flake = flake
        self._repository = GitRepository(settings)

    def arguments(self, _candidate: Candidate) -> tuple[str, ...]:
        """Return what allows flakes, and files that are not committed."""
        return (*FLAKES, *_DIRTY)

    def environment(self) -> Mapping[str, str]:
        """Return what Nix needs as the flake's owner."""
        return flake_environment(builder_of(self._settings))

    def request(self, candidate: Candidate) -> Mapping[str, Any]:
        """Return the flake, and the files whose content Nix is to prove."""
        seen = list(self._planned(candidate))
        return {"flake": {"url": self._flake.url(), "name": self._flake.name, "seen": seen}}

    @contextlib.asynccontextmanager
    async def replacements(self, candidate: Candidate) -> AsyncIterator[tuple[Replacement, ...]]:
        """Lay edited files and lock file over the real ones, and an index that knows them."""
        lock = Replacement(self._flake.lock, Path(candidate.inputs)) if candidate.inputs else None
        async with self._repository.seen_by_nix(candidate.tracked) as index:
            with _edited(candidate, self._settings) as edited:
                yield (*index, *edited, *((lock,) if lock else ()))

    def read(self, answer: Any, candidate: Candidate) -> Any:  # noqa: ANN401 - as it came
        """Return the answer with the flake's files where people have them.

        What Nix has read is compared with the candidate: git can be told to hide changes of a file,
        and a plan from what was there before would be a lie.
        """
        planned = self._planned(candidate)
        for name, digest in zip(planned, answer["seen"], strict=True):
            if planned[name] != digest:
                raise self._hidden(name)
        found = answer["answer"]
        if isinstance(found, dict) and "imported" in found:
            for key in {"imported", "sources"} & found.keys():
                found[key] = self._placed(found[key], answer["source"])
        if isinstance(found, dict) and "options" in found:
            for item in (*found["packages"], *found["options"].values()):
                for key in {"files", "declarations"} & item.keys():
                    item[key] = self._placed(item[key], answer["source"])
        return found

    async def explain(self, error: EvaluationFailed, ask: AskSource) -> EvaluationFailed:
        """Name the flake's files where people have them; say so when git does not know one.

        The owner can have Nix say anything, so root looks at no file that an error names.
        """
        if not _COPY.search(f"{error.message} {error.details}"):
            return error
        try:
            copy = str((await ask())["source"])
        except EvaluationFailed:
            return error  # Nix cannot read flake.nix: it says no more than that
        root = self._flake.root()
        named = re.findall(f"{re.escape(copy)}/{_NAME}", error.message)
        for name in await self._repository.unknown_names(named):
            return EvaluationFailed(
                f"The configuration needs {root / name}, which git does not know, so the flake "
                f"does not have it. Run: git -C {root} add --intent-to-add {name}",
                {**error.details, "untracked": str(root / name)},
            )

        def told(text: str) -> str:
            return text.replace(f"{copy}/", f"{root}/")

        details = {
            key: told(value) if isinstance(value, str) else [*map(told, value)]
            for key, value in error.details.items()
        }
        return EvaluationFailed(told(error.message), details)

    def _planned(self, candidate: Candidate) -> dict[str, str]:
        """Return the digests of the candidate's files by their path in the flake."""
        root, digests = self._flake.root(), {}
        for edit in candidate.edits:
            digests[inside(root, Path(edit.file))] = sha256(edit.after.encode()).hexdigest()
        if candidate.inputs:
            name = inside(root, self._flake.lock)
            digests[name] = sha256(Path(candidate.inputs).read_bytes()).hexdigest()
        return digests

    def _hidden(self, name: str) -> EvaluationFailed:
        root = self._flake.root()
        return EvaluationFailed(
            f"Nix does not see what is changed in {root / name}, because git hides it. To show it: "
            f"git -C {root} update-index --no-skip-worktree {name}, or the same with "
            "--no-assume-unchanged.",
            {"place": str(root / name)},
        )

    def _placed(self, files: Sequence[str], source: str) -> list[str]:
        """Return files of the flake's copy in the store (`source`) where people have them."""
        # By the name that people gave it, where a link leads to it.
        root = self._flake.root()
        shown = str(root) if self._flake.work_tree() else str(self._flake.directory)
        return [
            shown + file[len(source) :] if file.startswith(f"{source}/") else file for file in files
        ]


@contextlib.contextmanager
def _edited(candidate: Candidate, settings: Settings) -> Iterator[tuple[Replacement, ...]]:
    with contextlib.ExitStack() as files:
        found = []
        for edit in candidate.edits:
            real, content = Path(edit.file), edit.after.encode()
            path = files.enter_context(candidate_file(settings.runtime_directory, content, real))
            found.append(Replacement(real, path))
        yield tuple(found)
