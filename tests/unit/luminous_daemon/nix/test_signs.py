"""Signs of life: what counts as a way out, and a lookup that never takes long."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.nix import signs
from luminous_daemon.nix.signs import Signs, has_route, has_route_6
from luminous_daemon.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.luminous_daemon.nix.recorder import Recorder

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
DEFAULT = "eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
OTHER_METRIC = DEFAULT.replace("\t100\t", "\t600\t")
LOCAL = "eth0\t0002A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
REJECTING = "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"
DOWN = DEFAULT.replace("\t0003\t", "\t0002\t")
ANY, ZERO = "0" * 32, "00000000"
DEFAULT_6 = f"{ANY} 00 {ANY} 00 {'fe8' + '0' * 28 + '1'} 00000400 {ZERO} {ZERO} 00000003 eth0\n"
UNREACHABLE_6 = f"{ANY} 00 {ANY} 00 {ANY} ffffffff 00000001 {ZERO} 00200200 lo\n"


async def owned() -> bool:
    """Tell that the name is the daemon's."""
    return True


async def lost() -> bool:
    """Tell that the name is somebody else's."""
    return False


@pytest.mark.parametrize(
    ("rows", "is_there"),
    [
        (DEFAULT, True),
        (LOCAL + OTHER_METRIC, True),
        (LOCAL, False),
        (REJECTING, False),
        (DOWN, False),
        ("", False),
        ("garbage\n", False),
    ],
)
def test_a_default_route_is_one_that_is_up_and_leads_out(rows: str, *, is_there: bool) -> None:
    assert has_route(HEAD + rows) is is_there


@pytest.mark.parametrize(
    ("rows", "is_there"),
    [(UNREACHABLE_6 + DEFAULT_6, True), (UNREACHABLE_6, False), ("", False), ("x y\n", False)],
)
def test_what_the_kernel_rejects_is_no_route_of_ipv6(rows: str, *, is_there: bool) -> None:
    assert has_route_6(rows) is is_there


def test_signs_can_be_left_out() -> None:
    whole = Signs(Settings(), owned)
    assert dict(whole.seconds) == {
        "bus-name": 5,
        "default-route": 15,
        "default-route-ipv6": 15,
        "name-lookup": 15,
    }
    assert "name-lookup" not in Signs(replace(Settings(), lookup=""), owned).seconds
    assert list(Signs(replace(Settings(), network_seconds=0), owned).seconds) == ["bus-name"]


def test_a_name_that_is_somebody_elses_is_told() -> None:
    assert asyncio.run(Signs(Settings(), owned).attempt("bus-name")) == ""
    assert "name" in asyncio.run(Signs(Settings(), lost).attempt("bus-name"))


@pytest.fixture
def online(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the machine a default route."""
    table = tmp_path / "route"
    table.write_text(HEAD + DEFAULT)
    monkeypatch.setattr(signs, "_ROUTES", table)


@pytest.mark.usefixtures("online")
def test_a_name_is_looked_up_as_every_program_would(recorder: Recorder) -> None:
    recorder.answer("192.0.2.1 STREAM cache.nixos.org\n")
    sign = Signs(Settings(), owned)
    assert asyncio.run(sign.attempt("name-lookup")) == ""
    (command,) = recorder.commands
    assert command.argv[1:] == ("ahosts", "cache.nixos.org")
    recorder.answer(status=2)
    assert asyncio.run(sign.attempt("name-lookup")) == "cache.nixos.org is not found"


@pytest.mark.usefixtures("online")
def test_a_lookup_that_hangs_is_given_up_soon(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.is_stuck = True
    monkeypatch.setattr(signs, "_ATTEMPT_SECONDS", 0)
    reason = asyncio.run(Signs(Settings(), owned).attempt("name-lookup"))
    assert reason == "cache.nixos.org was not found within 0 seconds"


def test_off_the_network_nothing_is_asked(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for table in ("_ROUTES", "_ROUTES_6"):
        monkeypatch.setattr(signs, table, tmp_path / "none")
    sign = Signs(Settings(), owned)
    assert asyncio.run(sign.attempt("default-route")) == "there is none"
    assert asyncio.run(sign.attempt("default-route-ipv6")) == "there is none"
    assert asyncio.run(sign.attempt("name-lookup")) == "there is no network to ask"
    assert recorder.commands == []
