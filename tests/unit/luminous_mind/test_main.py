"""luminous-mind's own arguments: what cannot be done is said in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from luminous_mind.knowledge.retriever import Retriever
from tests.unit.luminous_mind.knowledge.shelf import found

if TYPE_CHECKING:
    from pathlib import Path


def run(folder: Path, source: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with settings of its own."""
    settings = folder / "mind.toml"
    settings.write_text(f'index = "{folder}/index"\n[sources]\n"{source}" = "packages"\n')
    argv = [sys.executable, "-m", "luminous_mind", "--settings", str(settings), *arguments]
    return subprocess.run(argv, check=False, capture_output=True, text=True)


def test_an_index_is_made_of_what_the_settings_name(tmp_path: Path) -> None:
    source = tmp_path / "packages.json"
    source.write_text(json.dumps({"nixos.hello": {"pname": "hello"}}))
    done = run(tmp_path, str(source), "--index")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Indexed: 1 package." in done.stderr
    assert found("hello", by=Retriever.open(tmp_path / "index")) == ["package:hello"]
    assert "Every source is as it was" in run(tmp_path, str(source), "--index").stderr


def test_what_cannot_be_indexed_is_said_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, str(tmp_path / "none.json"), "--index")
    assert done.returncode == 1
    assert done.stderr.startswith("luminous-mind: There is nothing to index.")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    done = run(tmp_path, str(broken), "--index")
    assert done.returncode == 1
    assert "broken.json is not JSON" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_job_says_as_json_lines_how_far_it_is_and_what_came_of_it(tmp_path: Path) -> None:
    source = tmp_path / "packages.json"
    source.write_text(json.dumps({"nixos.hello": {"pname": "hello"}}))
    done = run(tmp_path, str(source), "--index", "--json")
    *steps, end = map(json.loads, done.stdout.splitlines())
    assert {"step": {"phase": "reading packages.json", "done": 0, "total": -1}} in steps
    assert end == {"report": {"documents": {"package": 1}, "failures": {}, "is_new": True}}
    done = run(tmp_path, str(source), "--index", "--json", "--source", "/other")
    assert json.loads(done.stdout)["error"]["name"] == "InvalidValue"


def test_without_a_socket_there_is_nothing_to_listen_on(tmp_path: Path) -> None:
    done = run(tmp_path, "/nowhere")
    assert done.returncode == 1
    assert "there is no socket to listen on" in done.stderr
