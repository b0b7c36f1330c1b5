"""The edits eval as a test: no worse than the committed result."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from edit_records import OPS, OUTCOMES, read_task

if TYPE_CHECKING:
    from edit_records import Task

HERE = Path(__file__).parent
EVAL = HERE / "edits.py"
RESULTS = HERE / "results" / "edits.json"
OWN = HERE / "data" / "edits.jsonl"


def evaluate(*arguments: str) -> tuple[str, dict[str, Any]]:
    """Run the eval as people do; return what it prints, and its last line."""
    argv = [sys.executable, str(EVAL), *arguments]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return done.stdout, json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def own_tasks() -> list[Task]:
    """Read the project's own tasks."""
    lines = OWN.read_text(encoding="utf-8").splitlines()
    return [read_task(number, line, OWN.parent) for number, line in enumerate(lines, start=1)]


@pytest.mark.timeout(400)  # two processes of Nix for each of some hundred tasks
def test_files_are_edited_no_worse_than_the_committed_result_says() -> None:
    committed = json.loads(RESULTS.read_text(encoding="utf-8"))["own"]
    _, found = evaluate()
    assert found["tasks"] == committed["tasks"]
    assert found["unreadable"] == 0
    assert found["wrong"] == committed["wrong"] == 0
    assert found["right"] >= committed["right"]


def test_a_file_of_records_is_read_to_its_end_whatever_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.nix").write_text("{ services.openssh.enable = true; }\n")
    good = {
        "file": "a.nix",
        "request": "set",
        "op": "set_option",
        "args": {"option": "services.openssh.enable", "value": False},
        "outcome": "edit",
        "max_changed_lines": 1,
    }
    lines = [
        json.dumps(good),
        "not JSON",
        json.dumps(good | {"file": "b.nix"}),
        json.dumps(good | {"file": "b" * 5000}),
        json.dumps(good | {"args": {"option": 7, "value": []}}),
        json.dumps(good | {"outcome": "refuse"}),
        json.dumps(good | {"args": {"option": "services.openssh.enable", "value": {"a": None}}}),
    ]
    file = tmp_path / "tasks.jsonl"
    file.write_text("\n".join(lines))
    printed, found = evaluate("--details", str(file))
    assert (found["tasks"], found["unreadable"]) == (3, 4)
    assert (found["right"], found["refused"], found["wrong"]) == (1, 1, 1)
    assert "Record 3 cannot be read: there is no file b.nix." in printed
    assert "refuse was asked for, and the file was edited" in printed


def test_without_tasks_the_eval_says_so(tmp_path: Path) -> None:
    printed, found = evaluate(str(tmp_path / "none.jsonl"))
    assert "nothing was measured" in printed
    assert found["tasks"] == 0


def test_the_own_tasks_have_every_kind_and_many_traps(own_tasks: list[Task]) -> None:
    assert len(own_tasks) >= 90
    assert len({task.file for task in own_tasks}) >= 30
    assert {task.op for task in own_tasks} == set(OPS)
    outcomes = Counter(task.outcome for task in own_tasks)
    assert set(outcomes) == set(OUTCOMES)
    assert outcomes["refuse"] + outcomes["no_change"] >= len(own_tasks) // 3


def test_the_own_files_end_their_lines_as_they_are_to(own_tasks: list[Task]) -> None:
    ends = {task.file.name: task.content for task in own_tasks}
    assert ends["windows.nix"].count(b"\r\n") == ends["windows.nix"].count(b"\n") > 0
    assert not ends["no-newline.nix"].endswith(b"\n")
    assert ends["empty.nix"] == b""
    assert b"\t" in ends["tabs.nix"]
