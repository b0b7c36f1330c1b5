"""Drawings of plans and of progress: whole texts."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from luminous_clients.cli.drawing import draw_plan, put
from luminous_clients.cli.live import LiveProgress, draw
from luminous_clients.cli.progress import label_of, package_of
from luminous_clients.cli.terminal import Streams, Terminal
from luminous_clients.cli.text import moment
from luminous_clients.plans import read_plan
from luminous_clients.transactions import Seen
from tests.unit.luminous_clients.conftest import Tty
from tests.unit.luminous_clients.fake_bus import READY


def drawn(**properties: object) -> str:
    """Draw a plan into a pipe."""
    out = io.StringIO()
    terminal = Terminal(Streams(io.StringIO(), out, io.StringIO()))
    plan = read_plan("/p", READY | properties)
    put(terminal, lambda width: draw_plan(plan, width))
    return out.getvalue()


def test_a_large_plan_is_shown_in_order_and_cut_where_it_is_long() -> None:
    text = drawn(
        Summary="install hello and update",
        Risk="medium",
        ConfigurationDiff="",
        Packages=[{"name": f"p{n}", "before": "1", "after": "2"} for n in range(43)],
        Closure={
            "before": 1024,
            "after": 512,
            "builds": [f"d{n}" for n in range(10)],
            "fetches": 12,
            "download": 36_175_872,
            "unpacked": 72_351_744,
            "fetched": [f"f{n}" for n in range(11)],
        },
        Options=[{"name": f"a.o{n}", "before": "", "after": "[ 1 ]"} for n in range(42)],
        Space=[
            {"path": "/nix/store", "needed": 2048, "certain": 1024, "free": 1025},
            {"path": "/boot", "needed": 1024, "certain": 1024, "free": 4096},
        ],
        Units={"start": ["a.service"], "stop": [], "restart": ["b.service"], "reload": ["c"]},
        RebootRequired=True,
        RebootReason="the kernel changes",
        Warnings=["vim is insecure", "disk is nearly full"],
    )
    packages = "\n".join(f"          ~ p{n} 1 → 2" for n in range(1, 40))
    options = "\n          ".join(f"a.o{n}  not set → [ 1 ]" for n in range(40))
    assert text == (
        "Plan      install hello and update\n"
        "Packages  ~ p0 1 → 2\n"
        f"{packages}\n"
        "          and 3 more\n"
        f"Options   {options}\n"
        "          and 2 more\n"
        "Size      1.0 KiB → 512 B (-512 B)\n"
        "Build     10 derivations: d0, d1, d2, d3, d4, d5, d6, d7 and 2 more\n"
        "Download  12 paths, 34.5 MiB, 69.0 MiB unpacked: "
        "f0, f1, f2, f3, f4, f5, f6, f7 and 4 more\n"
        "Space     about 2.0 KiB of 1.0 KiB in /nix/store\n"
        "          1.0 KiB of 4.0 KiB in /boot\n"
        "Services  start a.service\n"
        "          restart b.service\n"
        "          reload c\n"
        "Reboot    needed: the kernel changes\n"
        "Risk      medium\n"
        "Warning   vim is insecure\n"
        "          disk is nearly full\n"
    )


def test_options_that_are_not_known_are_said_to_be() -> None:
    text = drawn(OptionsProblem="Which options differ is not known.")
    assert "Options        Which options differ is not known.\n" in text


def test_a_garbage_plan_shows_dates_and_what_stays_in_use() -> None:
    root = {"kind": "link", "links": 1, "size": 2048, "exclusive": 1024}
    text = drawn(
        Action="org.luminous1.collect-garbage",
        ConfigurationDiff="",
        Generations=[3, 2],
        GenerationDates=[1_763_686_400, 1_763_600_000],
        Closure={"before": 4096, "after": 0},
        Roots=[
            {**root, "what": "/home/alice/result", "name": "hello-2.12", "links": 3},
            {**root, "what": "a link of bob's", "name": "", "exclusive": -1},
        ],
    )
    assert f"Delete  3 ({moment(1_763_686_400)}), 2 ({moment(1_763_600_000)})\n" in text
    assert (
        "In use  2.0 KiB, 1.0 KiB of it alone: /home/alice/result and 2 more links → hello-2.12\n"
        "        2.0 KiB: a link of bob's\n"
    ) in text


def test_a_rollback_names_the_generation() -> None:
    assert "Generation  41\n" in drawn(Generations=[41], ConfigurationDiff="")


def test_markup_and_escape_sequences_in_a_plan_are_only_text() -> None:
    text = drawn(
        Summary="install [bold]x[/bold]\x1b[2J :smile:",
        ConfigurationDiff="+  \x1b]0;owned\x07x\n",
        Packages=[{"name": "a\nRisk low", "before": "", "after": "1\x07"}],
    )
    assert "Plan           install [bold]x[/bold] :smile:\n" in text
    assert "Configuration  +  x\n" in text
    assert "Packages       + a Risk low 1\\x07\n" in text
    assert "\x1b" not in text


def test_long_lines_are_not_broken_in_a_pipe() -> None:
    line = "+  " + "x" * 500
    assert f"Configuration  {line}\n" in drawn(ConfigurationDiff=line)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Give a terminal of 60 columns without colours."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    return Terminal(Streams(Tty(), Tty(), Tty()), wants_colour=False)


def test_a_narrow_terminal_gets_labels_above_their_texts() -> None:
    plan = read_plan("/p", READY | {"ConfigurationDiff": "+ a\n+ b\n", "Packages": []})
    console = Console(width=40, file=io.StringIO())
    with console.capture() as captured:
        console.print(draw_plan(plan, console.width))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    assert lines[:5] == ["Plan", "install hello", "Configuration", "+ a", "+ b"]


BUILDING = Seen(
    state="building",
    phase="building",
    percentage=50.0,
    done=1,
    expected=2,
    running=1,
    package="hello-2.12",
    line="cc \x1b[1mmain.c\x1b[0m " + "x" * 80,
)


def test_progress_is_a_bar_the_phase_the_counts_and_the_last_line(screen: Terminal) -> None:
    put(screen, lambda _: draw(BUILDING, 67.0, 60))
    assert isinstance(screen.out, Tty)
    assert screen.out.getvalue().splitlines() == [
        "Building ━━━━━━━━━━━━             1/2 built · 1 running · h…",
        "cc main.c " + "x" * 49 + "…",
    ]


def test_the_phase_of_a_build_stands_behind_the_package() -> None:
    seen = replace(BUILDING, phase="buildPhase")
    assert (label_of(seen), package_of(seen)) == ("Building", "hello-2.12 (buildPhase)")


def test_progress_disappears_and_leaves_its_notes(screen: Terminal) -> None:
    view = LiveProgress(screen, now=lambda: 0.0)
    view.show(BUILDING)
    view.note("Cancelling…")
    view.show(replace(BUILDING, state="authorising"))
    view.pause()
    assert isinstance(screen.out, Tty)
    before, _, after = screen.out.getvalue().rpartition("\x1b[?25h")
    assert "1/2 built" in before
    assert after.endswith("Cancelling…\n")
    assert "Building" not in after
