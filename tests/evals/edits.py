"""Edits eval: whether changes land in people's files exactly where they belong, and nowhere else.

Usage: edits.py [--details] [FILE]. FILE holds JSON lines of tasks over configurations that lie
beside it; the default is the project's own. Prints a table and, last, one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edit_judge import File, Verdict, judge
from edit_product import Product
from edit_records import OPS, OUTCOMES, Task, Unreadable, read_task
from value_types import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT = Path(__file__).parent / "data" / "edits.jsonl"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
GRADES = ("right", "refused", "wrong")
OWN_OPTIONS = Path(__file__).parent / "data" / "options"
"""Of the options that the project's own tasks are about, what the same lists say."""
AT_ONCE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the eval; the exit status is 0 whenever it could run."""
    parser = argparse.ArgumentParser(description="Measure how files are edited.")
    parser.add_argument("--details", action="store_true", help="list each failing record")
    parser.add_argument("file", nargs="?", type=Path, default=DEFAULT, metavar="FILE")
    options = parser.parse_args(arguments)
    if not options.file.exists():
        print(f"There is no data at {options.file}: nothing was measured.")
        print(json.dumps(summary([], [])))
        return 0
    tasks, unreadable = read_tasks(options.file)
    known = Options(SHARED)
    if not known.are_known:
        print(f"There is no list of options in {SHARED}: only the own tasks' options are known.")
        known = Options(OWN_OPTIONS)
    product = Product(known)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = list(pool.map(lambda task: measure(product, task), tasks))
    for complaint in unreadable:
        print(complaint)
    if options.details:
        _print_details(verdicts)
    _print_table(verdicts)
    print(json.dumps(summary(verdicts, unreadable)))
    return 0


def read_tasks(file: Path) -> tuple[list[Task], list[str]]:
    """Return the tasks of a file, and a sentence for each record that is none."""
    tasks, unreadable = [], []
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            tasks.append(read_task(number, line, file.parent))
        except Unreadable as error:
            unreadable.append(f"Record {number} cannot be read: {error}.")
    return tasks, unreadable


def measure(product: Product, task: Task) -> Verdict:
    """Have the product do a task, and judge it."""
    file = File(task)
    file.type_of = lambda option: product.options.type_of(option, file.has) or ""
    try:
        answer = product.answer(task, file.has)
    except Exception as error:  # noqa: BLE001 - where the product breaks, it is wrong, and no more
        return Verdict(task, "wrong", "crash", (f"the product broke: {error!r}",))
    return judge(file, answer)


def summary(verdicts: Sequence[Verdict], unreadable: Sequence[str]) -> dict[str, Any]:
    """Return the figures of the last line."""
    grades = Counter(verdict.grade for verdict in verdicts)
    per_outcome: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        per_outcome[verdict.task.outcome].update({"tasks": 1, verdict.grade: 1})
    return {
        "tasks": len(verdicts),
        **{grade: grades[grade] for grade in GRADES},
        "per_outcome": {
            outcome: {key: per_outcome[outcome][key] for key in ("tasks", *GRADES)}
            for outcome in OUTCOMES
            if outcome in per_outcome
        },
        "unreadable": len(unreadable),
    }


def _print_details(verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.grade != "right":
            task = verdict.task
            print(f"{task.number} {verdict.grade.upper()} {task.file.name}: {task.request!r}")
            wanted = ", ".join(json.dumps(wish.change, ensure_ascii=False) for wish in task.wishes)
            print(f"    {task.op} {wanted}\n    wanted {task.outcome}, got {verdict.got}")
            print("".join(f"    {complaint}\n" for complaint in verdict.complaints), end="")


def _print_table(verdicts: Sequence[Verdict]) -> None:
    heads = ("tasks", *GRADES, "evaluated", "tokens")
    print(f"{'':<24}" + "".join(f"{head:>10}" for head in heads))
    rows = [(op, [one for one in verdicts if one.task.op == op]) for op in OPS]
    rows += [(name, [one for one in verdicts if one.task.outcome == name]) for name in OUTCOMES]
    for name, group in [*rows, ("all", list(verdicts))]:
        if group:
            counts = Counter(verdict.grade for verdict in group)
            counts.update(verdict.how for verdict in group)
            counts["tasks"] = len(group)
            print(f"{name:<24}" + "".join(f"{counts[head]:>10}" for head in heads))


if __name__ == "__main__":
    sys.exit(main())
