"""The garbage collector's roots: what is asked of Nix, and what each root alone keeps."""

from __future__ import annotations

import asyncio
import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.roots import Link, Root
from luminous_daemon.nix.roots import GarbageRoots

if TYPE_CHECKING:
    from luminous_daemon.settings import Settings
    from tests.unit.luminous_daemon.nix.recorder import Recorder

HOME = pwd.getpwuid(os.getuid()).pw_dir
USER = pwd.getpwuid(os.getuid()).pw_name
A, B, C, SYSTEM = (f"/nix/store/{name}" for name in ("a-1", "b-1", "c-1", "s-system"))
LISTED = f"""\
{HOME}/result -> {A}
{HOME}/other -> {A}
/proc/{os.getpid()}/exe -> {B}
PROFILE-1-link -> {SYSTEM}
/run/booted-system -> {SYSTEM}
/srv/system -> {SYSTEM}
{{temp:12}} -> {C}
something else
"""


def listed(settings: Settings) -> str:
    """Return what Nix lists on a machine with this profile."""
    return LISTED.replace("PROFILE", str(settings.profile))


def test_each_root_has_its_links_its_size_and_what_it_alone_keeps(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer(listed(settings))
    recorder.answer(f"{A} 300\n{B}\t250\n{C} 100\n")
    recorder.answer("/nix/store/rest 50\n")
    recorder.answer(f"{A} 100\n/nix/store/rest 50\n/nix/store/ab 150\n")
    recorder.answer(f"{B} 100\n/nix/store/ab 150\n")
    recorder.answer(f"{C} 100\n")
    found = asyncio.run(GarbageRoots(settings).largest([str(Path(HOME))]))
    name = Path("/proc/self/comm").read_text().strip()
    process = Link(f"/proc/{os.getpid()}/exe", "", f"{name} ({os.getpid()})")
    links = (Link(f"{HOME}/result", USER), Link(f"{HOME}/other", USER))
    assert found == [
        Root(A, links, 300, 100),
        Root(B, (process,), 250, 100),
        Root(C, (Link("{temp:12}"),), 100, 100),
    ]
    assert recorder.argvs[0] == ("nix-store", "--gc", "--print-roots")
    assert SYSTEM not in recorder.argvs[1], "the generations are the plan's own business"


def test_no_more_roots_are_compared_than_people_look_at(
    recorder: Recorder, settings: Settings
) -> None:
    paths = [f"/nix/store/p-{number}" for number in range(1000)]
    recorder.answer("".join(f"/srv/{path[11:]} -> {path}\n" for path in paths))
    recorder.answer("".join(f"{path} {at}\n" for at, path in enumerate(paths[:500])))
    found = asyncio.run(GarbageRoots(settings).largest([]))
    assert [root.size for root in found] == list(range(499, 491, -1))
    assert len(recorder.commands) == 2 + 1 + 8
    assert len(recorder.argvs[1]) == 5 + 500


def test_a_machine_without_other_roots_has_none(recorder: Recorder, settings: Settings) -> None:
    recorder.answer(f"{settings.profile}-1-link -> {SYSTEM}\n")
    assert asyncio.run(GarbageRoots(settings).largest([])) == []


def test_sizes_that_nix_does_not_tell_leave_the_roots_out(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer(listed(settings))
    recorder.answer("", "error: path is not valid", status=1)
    assert asyncio.run(GarbageRoots(settings).largest([])) == []
