"""Drawings of plans and comparisons. Importing this imports rich.

Everything from the daemon passes through `clean`, and only `Text` objects are drawn, so that no
markup and no escape sequence in a name or a log is ever interpreted.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from luminous_clients.cli.text import clean, clean_lines, count, listed, moment, signed_size, size
from luminous_protocol.plan import Risk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import RenderableType

    from luminous_clients.cli.terminal import Terminal
    from luminous_clients.plans import Comparison, Effects, PlanView
    from luminous_protocol.plan import Keeper, PackageChange

    Row = tuple[str, Text]

MOST_PACKAGES = 40
MOST_OPTIONS = 40
MOST_NAMES = 8
MOST_DIFF_LINES = 80
_NOT_SET = "not set"
_UNBOUND = 10_000
_NARROW = 64
"""Columns: with fewer, a text beside its label would be cut into too small pieces."""

_RISKS: dict[str, str] = {Risk.LOW: "green", Risk.MEDIUM: "yellow", Risk.HIGH: "bold red"}


def console_for(terminal: Terminal) -> Console:
    """Return rich's console over `terminal`. What is no terminal gets lines of any length."""
    return Console(
        file=terminal.out,
        force_terminal=terminal.is_live,
        color_system="standard" if terminal.has_colour else None,
        width=None if terminal.is_live else _UNBOUND,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def put(terminal: Terminal, draw: Callable[[int], RenderableType]) -> None:
    """Write what `draw` makes of the terminal's width, without the spaces that pad its lines."""
    console = console_for(terminal)
    with console.capture() as captured:
        console.print(draw(console.width))
    for line in captured.get().splitlines():
        terminal.say(line.rstrip())


def draw_plan(plan: PlanView, width: int) -> Table:
    """Draw everything a person needs to decide about a plan, in `width` columns."""
    rows = [("Plan", _styled(clean(plan.summary), "bold"))]
    rows += _diff_rows(plan.configuration_diff)
    rows += _generation_rows(plan)
    if plan.collects_garbage:
        closure = plan.effects.closure
        rows.append(("Frees", Text(f"{size(closure.before - closure.after)} or more")))
        rows += [("In use", _keeper(keeper)) for keeper in plan.keepers]
    else:
        rows += [*_effect_rows(plan.effects), *_service_rows(plan.effects)]
        rows.append(_reboot_row(plan.effects))
    rows.append(("Risk", _styled(clean(plan.risk), _RISKS.get(plan.risk, ""))))
    rows += [("Warning", _styled(clean(warning), "yellow")) for warning in plan.warnings]
    return _grid(rows, width)


def draw_comparison(comparison: Comparison, width: int) -> Table:
    """Draw what differs between two generations, in `width` columns."""
    effects = comparison.effects
    title = f"generation {comparison.before} → generation {comparison.after}"
    rows: list[Row] = [("Compare", _styled(title, "bold"))]
    effect_rows = [*_effect_rows(effects), *_service_rows(effects)]
    if not effects.packages:
        rows.append(("Packages", Text("the same")))
    return _grid([*rows, *effect_rows, _reboot_row(effects)], width)


def _styled(text: str, style: str) -> Text:
    """Return text whose padding is not styled along with it."""
    return Text().append(text, style)


def _grid(rows: list[Row], width: int) -> Table:
    """Put labels beside their texts, or above them where there is no room."""
    table = Table.grid(padding=(0, 2))
    if width < _NARROW:
        table.add_column(overflow="fold")
        for label, group in groupby(rows, key=itemgetter(0)):
            table.add_row(_styled(label, "dim"))
            for _, body in group:
                table.add_row(body)
        return table
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    last = ""
    for label, body in rows:
        table.add_row(_styled(label if label != last else "", "dim"), body)
        last = label
    return table


def _diff_rows(diff: str) -> Iterator[Row]:
    lines = clean_lines(diff.rstrip("\n"))
    for line in lines[:MOST_DIFF_LINES]:
        yield "Configuration", _styled(line, _diff_style(line))
    if len(lines) > MOST_DIFF_LINES:
        yield "Configuration", _styled(f"… {len(lines) - MOST_DIFF_LINES} more lines", "dim")


def _diff_style(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")


def _generation_rows(plan: PlanView) -> Iterator[Row]:
    if plan.generations:
        label = "Delete" if plan.collects_garbage else "Generation"
        dates = [*map(moment, plan.generation_dates)] or [""] * len(plan.generations)
        shown = zip(plan.generations, dates, strict=False)
        yield (
            label,
            Text(
                ", ".join(f"{number} ({date})" if date else str(number) for number, date in shown)
            ),
        )


def _keeper(keeper: Keeper) -> Text:
    """Return what keeps something, how much, and how much of it nothing else keeps."""
    more = f" and {count(keeper.links - 1, 'more link')}" if keeper.links > 1 else ""
    name = f" → {clean(keeper.name)}" if keeper.name else ""
    alone = f", {size(keeper.exclusive)} of it alone" if keeper.exclusive >= 0 else ""
    return Text(f"{size(keeper.size)}{alone}: {clean(keeper.what)}{more}{name}")


def _effect_rows(effects: Effects) -> Iterator[Row]:
    for package in effects.packages[:MOST_PACKAGES]:
        yield "Packages", _package(package)
    more = len(effects.packages) - MOST_PACKAGES
    if more > 0:
        yield "Packages", _styled(f"and {more} more", "dim")
    yield from _option_rows(effects)
    closure = effects.closure
    if closure.before >= 0 and closure.after >= 0:
        change = signed_size(closure.after - closure.before)
        yield "Size", Text(f"{size(closure.before)} → {size(closure.after)} ({change})")
    elif closure.before >= 0:
        change = signed_size(closure.estimate - closure.before)
        yield "Size", Text(f"{size(closure.before)} → about {size(closure.estimate)} ({change})")
    if closure.builds:
        names = listed(list(closure.builds), MOST_NAMES)
        yield "Build", Text(f"{count(len(closure.builds), 'derivation')}: {names}")
    if closure.fetches:
        unpacked = f", {size(closure.unpacked)} unpacked" if closure.unpacked else ""
        fetched = f"{count(closure.fetches, 'path')}, {size(closure.download)}{unpacked}"
        names = listed([*closure.fetched], MOST_NAMES, closure.fetches)
        yield "Download", Text(f"{fetched}: {names}" if names else fetched)
    for room in effects.rooms:
        needed = size(room.needed) if room.needed == room.certain else f"about {size(room.needed)}"
        style = "" if room.is_enough else "yellow"
        yield "Space", _styled(f"{needed} of {size(room.free)} in {room.path}", style)


def _option_rows(effects: Effects) -> Iterator[Row]:
    for option in effects.options[:MOST_OPTIONS]:
        before, after = clean(option.before) or _NOT_SET, clean(option.after) or _NOT_SET
        yield "Options", Text(f"{clean(option.name)}  {before} → {after}")
    more = len(effects.options) - MOST_OPTIONS
    if more > 0:
        yield "Options", _styled(f"and {more} more", "dim")
    if effects.options_problem:
        yield "Options", _styled(clean(effects.options_problem), "dim")


def _package(package: PackageChange) -> Text:
    name, before, after = clean(package.name), clean(package.before), clean(package.after)
    if not before:
        return _styled(f"+ {name} {after}", "green")
    if not after:
        return _styled(f"- {name} {before}", "red")
    return _styled(f"~ {name} {before} → {after}", "yellow")


def _service_rows(effects: Effects) -> Iterator[Row]:
    units = effects.units
    if not units:
        yield "Services", Text("none affected")
    named = {
        "start": units.start,
        "stop": units.stop,
        "restart": units.restart,
        "reload": units.reload,
    }
    for verb, names in named.items():
        if names:
            yield "Services", Text(f"{verb} {listed(list(names), MOST_NAMES)}")


def _reboot_row(effects: Effects) -> Row:
    if not effects.reboot_required:
        return "Reboot", Text("not needed")
    reason = clean(effects.reboot_reason)
    return "Reboot", _styled(f"needed: {reason}" if reason else "needed", "yellow")
