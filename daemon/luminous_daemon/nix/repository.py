"""The git repository that a flake lies in: what Nix sees of it, and what is made known to it.

git runs as the configuration's owner. Nothing is committed unless the setting `commit` says so, and
then Luminous's own files alone: what else is staged or changed stays as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.configuration.plain_file import MAX_BYTES, NotAFile, read_plain_file
from luminous_daemon.configuration.real_path import real_path
from luminous_daemon.nix.builder import builder_of, flake_environment
from luminous_daemon.nix.candidates import candidate_file, workshop
from luminous_daemon.nix.command import Command, Replacement, find_program, run
from luminous_protocol.errors import ConfigurationUnreadable, Drifted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from luminous_daemon.settings import Settings

_UNMERGED = {"DD", "AU", "UD", "UA", "DU", "AA", "UU"}
"""States of `git status --porcelain` that a merge leaves to be resolved."""
_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
}
"""What is under way while git's directory has a file of that name."""
_COMMITTING = (
    *("-c", "user.name=Luminous", "-c", "user.email=luminous@localhost"),
    *("-c", "commit.gpgSign=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("commit", "--only", "--quiet", "--no-verify", "--no-edit", "--cleanup=whitespace"),
)
"""`--only` leaves what else is staged where it is; nobody is asked for a key or for words."""
_MOVED = {"R", "C"}
"""States after which the name from before follows, as an entry of its own."""
_STATE_WIDTH = 3
_SECONDS = 60
"""A repository that takes git longer than this is none that a plan waits for."""
_MOST = 4 * 1024 * 1024
"""Bytes: more than this is not the state of a configuration's repository."""
_SHOWN = 1000
"""Characters of each line of an error."""
_ASKED = 20
"""Of so many names in an error git is asked."""
_LONGEST = 4096


class GitRepository:
    """The repository around a flake; where there is none, there is nothing to see or to do."""

    def __init__(self, settings: Settings) -> None:
        """Look after the flake that `settings` names, if it names one."""
        self._settings = settings
        self._flake = settings.own_flake()

    def state(self) -> str:
        """Return what is another text once git has come to know other files: when its index was.

        Luminous and Nix only read the index (`flake_environment`), so that nothing else moves it.
        """
        root = self._root()
        try:
            status = (_git_directory(root) / "index").stat() if root else None
        except OSError:  # nothing was ever added
            return ""
        return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}" if status else ""

    async def uncommitted(self) -> tuple[str, ...]:
        """Return the changed files that somebody else than Luminous has left uncommitted.

        Raises `ConfigurationUnreadable` in the middle of a merge that needs a person.
        """
        root = self._root()
        if root is None:
            return ()
        listed = await self._git("status", "--porcelain", "-z", "--untracked-files=no")
        states = _read_states(listed)
        unmerged = [name for name, state in states.items() if state in _UNMERGED]
        if unmerged:
            raise ConfigurationUnreadable(
                f"The repository {root} is in the middle of a merge, with conflicts in "
                f"{', '.join(unmerged)}. Resolve them or abort the merge, then try again.",
                {"file": str(root / unmerged[0])},
            )
        if under_way := _under_way(root):
            raise ConfigurationUnreadable(
                f"The repository {root} is in the middle of {under_way}. Finish or abort it, then "
                "try again.",
                {"file": str(root)},
            )
        own = {inside(root, file) for file in self._settings.written()}
        return tuple(name for name in states if name not in own)

    async def commit(self, message: str, author: str, *, with_inputs: bool) -> None:
        """Commit Luminous's own file, and the lock file if the inputs are others."""
        root = self._root()
        if root is None or not self._settings.commit:
            return
        file, *locks = self._settings.written()
        names = [inside(root, own) for own in (file, *(locks if with_inputs else ()))]
        if not await self._git("status", "--porcelain", "-z", "--", *names):
            return
        named = f"--author={_named(author)}"
        await self._git(*_COMMITTING, named, f"--message={message}", "--", *names)

    async def unknown_files(self, created: Sequence[str]) -> tuple[str, ...]:
        """Return those of Luminous's own files that git does not know, by their whole paths.

        Those in `created` are not there yet.
        """
        root = self._root()
        if root is None:
            return ()
        written = self._settings.written()
        files = [file for file in written if file.exists() or str(file) in created]
        known = await self._git("ls-files", "-z", "--", *(inside(root, file) for file in files))
        return tuple(str(file) for file in files if inside(root, file) not in known.split("\0"))

    async def track(self, files: Sequence[str]) -> None:
        """Make `files` known to git, for without that a flake does not have them.

        Their content is not staged: whoever owns the repository decides what to commit.
        """
        await self._git("add", "--intent-to-add", "--", *self._names(files))

    async def untrack(self, files: Sequence[str]) -> None:
        """Let git forget `files` again, but for those whose content somebody has added since.

        Raises `Drifted` where the settings name other files by now.
        """
        names = self._names(files)
        if not names:
            return
        # git's own two ways to look at what is only intended: as added, and as if it were not.
        added = await self._added(names, "--ita-visible-in-index")
        staged = await self._added(names, "--ita-invisible-in-index")
        if intended := [name for name in names if name in added and name not in staged]:
            await self._git("rm", "--cached", "--quiet", "--", *intended)

    @contextlib.asynccontextmanager
    async def seen_by_nix(self, also: Sequence[str] = ()) -> AsyncIterator[tuple[Replacement, ...]]:
        """Give what lets Nix see Luminous's own files although git does not know them yet.

        So it does with the files `also`, by their whole paths.
        """
        missing = list(dict.fromkeys((*await self._untracked(), *self._names(also))))
        if not missing:
            yield ()
            return
        index = Path((await self._git("rev-parse", "--git-path", "index")).strip())
        index = Path(self._root() or "/") / index
        directory = self._settings.runtime_directory
        with workshop(directory, builder_of(self._settings)) as place:
            content = await self._knowing(missing, index, place)
            # Root lays it over the real one by its name, so nobody else may change what that means.
            with candidate_file(directory, content, place) as copy:
                yield (Replacement(index, copy),)

    async def _knowing(self, names: Sequence[str], index: Path, place: Path) -> bytes:
        """Return an index with `names` beside what `index` has, made in the directory `place`."""
        copy = place / "index"
        await self._run("cp", "--", str(index), str(copy))
        # The empty object that stands for a file without content goes there too.
        apart = {"GIT_INDEX_FILE": str(copy), "GIT_OBJECT_DIRECTORY": str(place)}
        await self._git("add", "--intent-to-add", "--", *names, environment=apart)
        by_hand = f"Run: git -C {self._root()} add --intent-to-add {' '.join(names)}"
        try:
            content = read_plain_file(copy)
        except (NotAFile, OSError):
            raise ConfigurationUnreadable(
                f"git has made no index that knows Luminous's own files. {by_hand}"
            ) from None
        if len(content) > MAX_BYTES:
            raise ConfigurationUnreadable(
                f"The index {index} is larger than {MAX_BYTES} bytes, too large to be copied for "
                f"each plan. {by_hand}"
            )
        return content

    async def unknown_among(self, files: Sequence[str]) -> tuple[str, ...]:
        """Return those of `files`, by their whole paths, that lie in it unknown to git."""
        root = self._root()
        if root is None:
            return ()
        names = {inside(root, Path(file)): file for file in files}
        return tuple(names[name] for name in await self.unknown_names([*names]))

    async def unknown_names(self, names: Sequence[str]) -> list[str]:
        """Return those of `names`, of paths below the root, where lies what git does not know."""
        root = self._root()
        if root is None:
            return []
        own = {inside(root, file) for file in self._settings.written()}
        asked = [name for name in dict.fromkeys(names) if name not in own and _is_plain(name)]
        if not (asked := asked[:_ASKED]):
            return []
        listed = await self._git("ls-files", "-z", "--others", "--directory", "--", *asked)
        others = {name.rstrip("/") for name in listed.split("\0")}
        return [name for name in asked if name in others]

    def _root(self) -> Path | None:
        return self._flake.work_tree() if self._flake else None

    def _names(self, files: Sequence[str]) -> list[str]:
        """Return the paths of `files` below the root; none where there is no repository."""
        root = self._root()
        names = [inside(root, Path(file)) for file in files] if root else []
        for file, name in zip(files, names, strict=False):
            if not _is_plain(name):
                raise Drifted(f"The settings name other files than {file} now. Plan again.")
        return names

    async def _added(self, names: Sequence[str], view: str) -> list[str]:
        """Return which of `names` the index has and the last commit has not, in one of the views.

        They are described at `--ita-invisible-in-index` in git-diff(1).
        """
        listing = ("--cached", "--name-only", "-z", "--no-renames", "--diff-filter=A", view)
        return (await self._git("diff", *listing, "--", *names)).split("\0")

    async def _untracked(self) -> list[str]:
        """Return those of Luminous's own files, below the root, that git does not know."""
        root = self._root()
        if root is None:
            return []
        names = [inside(root, file) for file in self._settings.written() if file.exists()]
        known = await self._git("ls-files", "-z", "--", *names)
        return [name for name in names if name not in known.split("\0")]

    async def _git(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        if find_program("git") is None:
            raise ConfigurationUnreadable(
                f"The flake lies in the git repository {self._root()}, and git is not installed."
            )
        argv = ("git", "-C", str(self._root()), "--literal-pathspecs", *arguments)
        return await self._run(*argv, environment=environment)

    async def _run(self, *argv: str, environment: Mapping[str, str] | None = None) -> str:
        user = builder_of(self._settings)
        variables = {**flake_environment(user), **(environment or {})}
        command = Command(argv, user=user, environment=variables, kept=_MOST)
        trouble = f"git cannot use the repository {self._root()} as {user}: "
        try:
            async with asyncio.timeout(_SECONDS):
                outcome = await run(command)
        except TimeoutError:
            raise ConfigurationUnreadable(
                f"{trouble}it was not done after {_SECONDS} seconds. Try by hand: git status"
            ) from None
        if outcome.status != 0:
            lines = [line[:_SHOWN] for line in outcome.errors if not line.startswith("hint:")]
            reason = " ".join(lines[-3:]) or "no reason given"
            raise ConfigurationUnreadable(f"{trouble}{reason}", {"log": lines[-10:]})
        if len(outcome.output.encode()) >= _MOST:
            raise ConfigurationUnreadable(f"{trouble}it has more to say than {_MOST} bytes.")
        return outcome.output


def inside(root: Path, file: Path) -> str:
    """Return the path of `file` below `root`, whichever links lead to its directory."""
    return os.path.relpath(Path(real_path(file.parent)) / file.name, root)


def _git_directory(root: Path) -> Path:
    """Return where git keeps what it knows of the work tree at `root`."""
    folder = root / ".git"
    if folder.is_file():  # of a work tree that is not the first
        _, _, place = folder.read_text(errors="replace").strip().partition("gitdir: ")
        return root / place
    return folder


def _under_way(root: Path) -> str:
    """Return what somebody has begun in a repository and not finished, or nothing."""
    folder = _git_directory(root)
    return next((what for name, what in _UNDER_WAY.items() if (folder / name).exists()), "")


def _named(author: str) -> str:
    """Return a user of this machine as git writes people."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", author) or "unknown"
    return f"{name} (Luminous) <{name}@localhost>"


def _is_plain(name: str) -> bool:
    """Tell whether a path stays below where it begins, and is no longer than Linux's may be."""
    return len(name) <= _LONGEST and not {"", ".", ".."} & set(name.split("/"))


def _read_states(listed: str) -> dict[str, str]:
    """Return the state of each file by its name, of what `git status --porcelain -z` lists."""
    states: dict[str, str] = {}
    entries = iter(listed.split("\0"))
    for entry in entries:
        if len(entry) > _STATE_WIDTH:
            states[entry[_STATE_WIDTH:]] = entry[: _STATE_WIDTH - 1]
            if entry[0] in _MOVED:
                next(entries, None)
    return states
