"""What keeps the store full: in which order, and what of it may be known to whom."""

from __future__ import annotations

import asyncio

from luminous_daemon.core.ports import Caller
from luminous_daemon.core.roots import Link, Root, keepers
from luminous_protocol.changes import CollectGarbage
from luminous_protocol.plan import Keeper
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.fake_world import ALICE, BOB

ROOT = Caller(":1.9", 0, 1, "root")
FIGLET = Root(
    "/nix/store/abc-figlet-2.2", (Link("/home/bob/secret project/result", "bob"),), 900, 100
)


def test_somebody_elses_home_is_not_looked_into() -> None:
    (shown,) = keepers([FIGLET], ALICE)
    assert shown == Keeper("link", "a link of bob's", "", 1, 900, 100)
    for caller in (BOB, ROOT):
        (shown,) = keepers([FIGLET], caller)
        assert (shown.what, shown.name) == ("/home/bob/secret project/result", "figlet-2.2")


def test_what_a_caller_may_see_stands_for_all_links_to_it() -> None:
    links = (*FIGLET.links, Link("/home/alice/result", "alice"))
    (shown,) = keepers([Root(FIGLET.path, links, 900, 100)], ALICE)
    assert (shown.what, shown.name, shown.links) == ("/home/alice/result", "figlet-2.2", 2)


def test_each_kind_of_root_is_told_from_others() -> None:
    def kind(place: str, process: str = "") -> tuple[str, str]:
        (shown,) = keepers([Root("/nix/store/a-b", (Link(place, "", process),), 1)], ALICE)
        return shown.kind, shown.what

    assert kind("/proc/12/exe", "firefox (12)") == ("process", "running: firefox (12)")
    assert kind("/nix/var/nix/profiles/per-user/root/channels-1-link")[0] == "profile"
    assert kind("/home/alice/.local/state/nix/profiles/profile-3-link")[0] == "profile"
    assert kind("{censored}") == ("nix", "{censored}")
    assert kind("/srv/result")[0] == "link"


def test_what_is_kept_by_one_root_alone_comes_first() -> None:
    shared = Root("/nix/store/a-shared", (Link("/a"),), 5000, 0)
    unknown = Root("/nix/store/a-unknown", (Link("/b"),), 9000)
    found = keepers([shared, unknown, FIGLET], ROOT)
    assert [item.size for item in found] == [900, 5000, 9000]


def test_a_garbage_plan_names_dates_and_what_stays() -> None:
    bench = Bench()
    bench.machine.roots = [FIGLET]
    bench.machine.add_generation(bench.machine.toplevel("newer", "/channels/one"))
    bench.machine.running = bench.machine.booted = bench.machine.generations[3]
    plan = asyncio.run(bench.plan(CollectGarbage(0, 0))).plan
    assert plan.generations == (1,)
    assert plan.generation_dates == (bench.machine.dates[1],)
    assert [item.what for item in plan.keepers] == ["a link of bob's"]
