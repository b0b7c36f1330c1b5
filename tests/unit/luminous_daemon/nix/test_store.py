"""The store: whole commands, what a dry run foretells, and what a failed build says."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.ports import PathChange
from luminous_daemon.core.store_names import split_version
from luminous_daemon.nix.progress import LogReader
from luminous_daemon.nix.store import NixStore, build_failed
from luminous_protocol.errors import BuildFailed, Internal

if TYPE_CHECKING:
    from pathlib import Path

    from luminous_daemon.settings import Settings
    from luminous_protocol.transaction import Progress
    from tests.unit.luminous_daemon.nix.recorder import Recorder

HASH = "0" * 32
DERIVATION = f"/nix/store/{HASH}-nixos-system.drv"
OUTPUT = f"/nix/store/{HASH}-nixos-system"
PATH_INFO = ("nix", "--extra-experimental-features", "nix-command", "path-info", "-r", "-s")


def message(**fields: object) -> str:
    """Return a line as Nix writes it."""
    return "@nix " + json.dumps(fields)


def test_a_build_runs_as_the_configurations_owner_and_tells_its_progress(
    recorder: Recorder, settings: Settings, owner: str
) -> None:
    heard: list[tuple[Progress, str]] = []
    recorder.answer(
        f"{OUTPUT}\n",
        message(action="start", id=1, type=104, text=""),
        message(action="result", id=1, type=105, fields=[1, 4, 1, 0]),
        message(action="start", id=2, type=105, fields=[DERIVATION, "", 1, 1], text="x"),
        message(action="result", id=2, type=101, fields=["compiling"]),
    )
    found = asyncio.run(NixStore(settings).build(DERIVATION, lambda *said: heard.append(said)))
    assert found == OUTPUT
    (command,) = recorder.commands
    assert command.argv == (
        "nix-store",
        "--realise",
        DERIVATION,
        "--log-format",
        "internal-json",
    )
    assert command.user == owner
    progress, line = heard[-1]
    assert (progress.done, progress.expected, progress.package) == (1, 4, "nixos-system")
    assert [said for _, said in heard if said] == [line] == ["compiling"]


def test_a_build_that_fails_names_the_derivation_and_shows_its_log(
    recorder: Recorder, settings: Settings
) -> None:
    broken = f"/nix/store/{HASH}-broken-1.0.drv"
    recorder.answer(
        "",
        message(action="start", id=2, type=105, fields=[broken, "", 1, 1], text="x"),
        *(message(action="result", id=2, type=101, fields=[f"line {n}"]) for n in range(30)),
        message(action="stop", id=2),
        message(action="msg", level=0, raw_msg=f"Cannot build '{broken}'.\nReason: exit code 3."),
        message(action="msg", level=0, raw_msg=f"Cannot build '{DERIVATION}'. 1 dependency failed"),
        status=100,
    )
    with pytest.raises(BuildFailed) as failed:
        asyncio.run(NixStore(settings).build(DERIVATION, lambda *_: None))
    assert failed.value.message == (
        "broken-1.0 does not build. Nothing was changed. "
        f"The whole log: nix-store --read-log {broken}"
    )
    assert failed.value.details["derivation"] == broken
    assert failed.value.details["log"] == [f"line {n}" for n in range(5, 30)]


@pytest.mark.parametrize(
    ("lines", "log"),
    [
        (
            [message(action="msg", level=0, msg="\x1b[31merror:\x1b[0m no\nspace")],
            ["error: no", "space"],
        ),
        (["error: cannot connect to socket"], ["error: cannot connect to socket"]),
        ([], []),
    ],
)
def test_a_build_that_fails_for_another_reason_shows_what_nix_said(
    lines: list[str], log: list[str]
) -> None:
    reader = LogReader()
    for line in lines:
        reader.feed(line)
    error = build_failed(reader)
    assert error.message == "The system does not build. Nothing was changed."
    assert error.details == {"log": log}


def test_a_dry_run_foretells_what_is_built_and_fetched(
    recorder: Recorder, settings: Settings, owner: str, tmp_path: Path
) -> None:
    base, old, new = tmp_path / "base", tmp_path / "old", tmp_path / "new"
    for path in (base, new):
        path.touch()
    recorder.answer(
        "",
        "these 2 derivations will be built:",
        f"  /nix/store/{HASH}-hello-2.12.drv",
        f"  {DERIVATION}",
        "these 3 paths will be fetched (0.50 MiB download, 2.00 MiB unpacked):",
        *(f"  /nix/store/{HASH}-lib{n}" for n in range(3)),
    )
    recorder.answer(f"{base} 1000\n{old} 50\n")
    recorder.answer(f"{new} 70\n{base} 1000\n")
    recorder.answer(f"{old} 50\n")
    change = PathChange(frozenset({str(old)}), frozenset({str(new), "/nix/store/absent"}))
    closure = asyncio.run(NixStore(settings).preview(DERIVATION, "", str(base), change))
    assert closure.builds == ("hello-2.12", "nixos-system")
    assert (closure.fetches, closure.download, closure.unpacked) == (3, 2**19, 2 * 2**20)
    assert closure.fetched == ("lib0", "lib1", "lib2")
    assert closure.before == 1050
    assert closure.estimate == 1050 + 70 - 50 + 2 * 2**20
    assert recorder.argvs == [
        ("nix-store", "--realise", "--dry-run", DERIVATION),
        (*PATH_INFO, str(base)),
        (*PATH_INFO, str(new)),
        (*PATH_INFO, str(old)),
    ]
    assert recorder.commands[0].user == owner


def test_of_what_is_built_already_the_sizes_are_known(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    base, built = tmp_path / "base", tmp_path / "built"
    for path in (base, built):
        path.touch()
    recorder.answer(f"{built} 1100\n")
    recorder.answer(f"{base} 1000\n")
    change = PathChange(frozenset(), frozenset())
    closure = asyncio.run(NixStore(settings).preview(DERIVATION, str(built), str(base), change))
    assert (closure.before, closure.after, closure.builds) == (1000, 1100, ())
    assert recorder.argvs == [(*PATH_INFO, str(built)), (*PATH_INFO, str(base))]


def test_one_path_is_fetched_in_the_singular(recorder: Recorder, settings: Settings) -> None:
    recorder.answer(
        "",
        "this path will be fetched (1.50 KiB download, 2.00 KiB unpacked):",
        f"  /nix/store/{HASH}-x",
    )
    closure = asyncio.run(
        NixStore(settings).preview(DERIVATION, "", "", PathChange(frozenset(), frozenset()))
    )
    assert (closure.builds, closure.fetches, closure.download) == ((), 1, 1536)


def test_the_size_of_a_closure_is_looked_up_once(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    store, path = NixStore(settings), str(tmp_path)
    recorder.answer(f"{path} 10\n/nix/store/y 5\n")

    async def steps() -> list[int]:
        return [await store.closure_size(path) for _ in range(3)]

    assert asyncio.run(steps()) == [15, 15, 15]
    assert recorder.argvs == [(*PATH_INFO, path)]


def test_the_size_of_what_was_not_in_the_store_yet_is_looked_up_again(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    store, path = NixStore(settings), str(tmp_path)
    recorder.answer("", f"error: path '{path}' is not valid", status=1)
    recorder.answer(f"{path} 10\n")

    async def steps() -> list[int]:
        return [await store.closure_size(path) for _ in range(2)]

    assert asyncio.run(steps()) == [-1, 10]


@pytest.mark.parametrize("path", ["", "/nix/store/absent"])
def test_the_size_of_what_is_not_there_is_unknown(
    recorder: Recorder, settings: Settings, path: str
) -> None:
    assert asyncio.run(NixStore(settings).closure_size(path)) == -1
    assert recorder.commands == []


def test_what_only_some_paths_need_is_what_deleting_them_frees(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer("/a 10\n/b 20\n/c 40\n")
    recorder.answer("/b 20\n/d 1\n")
    assert asyncio.run(NixStore(settings).exclusive_size(["/a"], ["/b"])) == 50
    assert asyncio.run(NixStore(settings).exclusive_size([], ["/b"])) == 0


def test_packages_are_what_the_system_path_refers_to(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "system-path").mkdir()
    (tmp_path / "toplevel").mkdir()
    (tmp_path / "toplevel" / "sw").symlink_to(tmp_path / "system-path")
    recorder.answer(
        "".join(
            f"/nix/store/{HASH}-{name}\n"
            for name in ("vim-9.1.0", "git-2.51-doc", "gcc-wrapper-14.2-man", "script")
        )
    )
    found = asyncio.run(NixStore(settings).packages_of(str(tmp_path / "toplevel")))
    assert found == {"vim": "9.1.0", "git": "2.51", "gcc-wrapper": "14.2", "script": ""}
    path = str(tmp_path / "system-path")
    assert recorder.argvs == [("nix-store", "--query", "--references", path)]


def test_a_package_that_holds_nothing_counts_where_another_output_of_it_is_needed(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "system-path").mkdir()
    (tmp_path / "toplevel").mkdir()
    (tmp_path / "toplevel" / "sw").symlink_to(tmp_path / "system-path")
    hollow, full, other, unbuilt = (
        tmp_path / "nix/store" / f"{HASH}-{name}"
        for name in ("dbus-1.14", "openssl-3.5", "man-pages-6", "glib-2")
    )
    for folder in (hollow / "nix-support", full / "bin", other):
        folder.mkdir(parents=True)
    needed = ("dbus-1.14-lib", "openssl-3.5-lib", "glib-2-lib", "sudo-1.9")
    recorder.answer(f"/nix/store/{HASH}-vim-9.1.0\n")
    recorder.answer("".join(f"/nix/store/{HASH}-{name} 1\n" for name in needed))
    sudo = f"/nix/store/{HASH}-sudo-1.9"
    also = frozenset({*map(str, (hollow, full, other, unbuilt)), sudo})
    found = asyncio.run(NixStore(settings).packages_of(str(tmp_path / "toplevel"), also))
    assert found == {"vim": "9.1.0", "dbus": "1.14", "sudo": "1.9"}


@pytest.mark.parametrize(
    ("output", "errors", "freed"),
    [
        ("", ["120 store paths deleted, 1.50 MiB freed"], 3 * 2**19),
        ("3 store paths deleted, 2.00 GiB freed\n", [], 2**31),
        ("", ["0 store paths deleted, 0.00 MiB freed"], 0),
        ("", [], 0),
    ],
)
def test_collecting_says_how_much_it_freed(
    recorder: Recorder, settings: Settings, *, output: str, errors: list[str], freed: int
) -> None:
    recorder.answer(output, *errors)
    assert asyncio.run(NixStore(settings).collect_garbage()) == freed
    assert recorder.argvs == [("nix-store", "--gc")]


def test_collecting_that_fails_says_why(recorder: Recorder, settings: Settings) -> None:
    recorder.answer("", "error: opening lock file: Read-only file system", status=1)
    with pytest.raises(Internal, match="Read-only file system"):
        asyncio.run(NixStore(settings).collect_garbage())


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("firefox-143.0", ("firefox", "143.0")),
        ("python3.12-numpy-2.1", ("python3.12-numpy", "2.1")),
        ("nixos-system-box-25.11", ("nixos-system-box", "25.11")),
        ("nix-2.31-pre2025", ("nix", "2.31-pre2025")),
        ("hello", ("hello", "")),
    ],
)
def test_a_name_is_split_where_nix_splits_it(name: str, parts: tuple[str, str]) -> None:
    assert split_version(name) == parts
