"""Indexing over the bus: searches go on, a job that dies is one error, and root leaves no trace."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import KNOWLEDGE, ROOT_PATH
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import wait_until
from tests.integration.test_mind import USER, configured, end_mind, minds
from tests.integration.test_search import search

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
    pytest.mark.outlives("the daemon of the module's sandbox starts the mind"),
]

STATE = "/var/lib/luminous-mind"
PACKAGES = "/etc/luminous/packages.jsonl"
NOTES = "/etc/luminous/notes"
SETTINGS = f"""idle_seconds = 1
[sources]
"{PACKAGES}" = "package-lines"
"{NOTES}" = "notes"
"/nowhere" = "manual"
"""


@pytest.fixture
def sources(sandbox: Sandbox) -> Iterator[Path]:
    """Name two sources, and one that is not there; nothing of them is indexed."""
    packages, notes = sandbox.path(PACKAGES), sandbox.path(NOTES)
    with configured(sandbox, SETTINGS):
        write(packages, "hello", "vlc")
        notes.mkdir(exist_ok=True)
        (notes / "router.md").write_text("# Router\nIt lives under the stairs.\n")
        yield packages
        end_mind(sandbox)
    shutil.rmtree(sandbox.path(f"{STATE}/index"), ignore_errors=True)


@pytest.fixture
def alice(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as alice, whom polkit's agent lets do everything."""
    sandbox.set_agent("allow")
    with Client(sandbox) as client:
        yield client


def write(file: Path, *names: str) -> None:
    """Write packages as JSON lines."""
    records = ({"attr": name, "pname": name, "description": f"About {name}."} for name in names)
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))


def ingest(client: Client, source: str = "", **options: object) -> str:
    """Begin to index; return the transaction's path."""
    given = ("sa{sv}", [source, options])
    path: str = client.send(ROOT_PATH, (KNOWLEDGE, "Ingest"), given)[1][0]
    return path


def ingested(client: Client, source: str = "") -> dict[str, Any]:
    """Index; return the result."""
    found: dict[str, Any] = client.until(ingest(client, source))["Result"]
    return found


def jobs(sandbox: Sandbox) -> list[int]:
    """Return the processes that index."""
    found = []
    for pid in minds(sandbox):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as opened:  # noqa: PTH123 - of the kernel
            if b"--index" in opened.read():
                found.append(pid)
    return found


def stopped_job(sandbox: Sandbox) -> int:
    """Wait for a process that indexes, and let it go no further."""
    wait_until(lambda: bool(jobs(sandbox)))
    (pid,) = jobs(sandbox)
    os.kill(pid, signal.SIGSTOP)
    return pid


@pytest.mark.usefixtures("sources")
def test_what_the_settings_name_is_indexed_and_found(alice: Client) -> None:
    result = ingested(alice)
    assert result["message"] == "Indexed: 2 packages and 1 note."
    assert result["details"] == {"documents": {"package": "2", "note": "1"}, "failures": {}}
    assert search(alice, "hello")[0]["id"] == "package:hello"
    (note, *_) = search(alice, "stairs")
    assert (note["source"], note["line"]) == (f"{NOTES}/router.md", 1)
    assert ingested(alice)["message"] == "Every source is as it was: there is nothing to index."


def test_the_verb_says_what_was_indexed_and_what_could_not_be_read(
    sandbox: Sandbox, sources: Path
) -> None:
    sandbox.set_agent("allow")
    with sources.open("a") as opened:
        opened.write('{"attr": "\x1b[2J\n')
    said = sandbox.run(["ask-nix", "index"])
    assert (said.returncode, said.stdout.splitlines()[-1]) == (
        *(0, "Indexed: 2 packages and 1 note. 1 source could not be read whole."),
    )
    assert "packages.jsonl, line 3, is not JSON" in said.stderr
    assert "\x1b" not in said.stdout + said.stderr
    again = ask(sandbox, "index", PACKAGES).document
    assert again["answers"] == ["Every source is as it was: there is nothing to index."]
    assert again["transactions"][0]["state"] == "done"
    assert PACKAGES in again["failures"]
    refused = ask(sandbox, "index", "/etc/shadow")
    assert refused.code != 0
    assert "There is no source /etc/shadow" in refused.document["error"]["message"]


def test_searches_go_on_while_it_is_indexed_and_no_second_job_begins(
    sandbox: Sandbox, alice: Client, sources: Path
) -> None:
    ingested(alice)
    write(sources, "hello", "figlet")
    path = ingest(alice)
    pid = stopped_job(sandbox)
    with pytest.raises(Refused) as caught:
        ingest(alice)
    assert caught.value.name == "Busy"
    assert search(alice, "vlc", kinds=["package"])[0]["id"] == "package:vlc"
    wait_until(lambda: alice.transaction(path)["State"] == "building")
    os.kill(pid, signal.SIGCONT)
    assert alice.until(path)["State"] == "done"
    assert search(alice, "figlet", kinds=["package"])[0]["id"] == "package:figlet"


def test_a_job_that_is_cancelled_is_ended_and_the_index_is_as_it_was(
    sandbox: Sandbox, alice: Client, sources: Path
) -> None:
    ingested(alice)
    write(sources, "figlet")
    path = ingest(alice)
    stopped_job(sandbox)
    alice.cancel(path)
    assert alice.until(path)["State"] == "cancelled"
    wait_until(lambda: not jobs(sandbox))
    assert search(alice, "vlc", kinds=["package"])[0]["id"] == "package:vlc"
    assert ingested(alice)["message"] == "Indexed: 1 package and 1 note."


def test_a_job_that_is_killed_is_one_error_and_searches_do_not_notice(
    sandbox: Sandbox, alice: Client, sources: Path
) -> None:
    ingested(alice)
    write(sources, "figlet")
    path = ingest(alice)
    os.kill(stopped_job(sandbox), signal.SIGKILL)
    ended = alice.until(path)
    assert (ended["State"], ended["Result"]["error"]) == ("failed", "Interrupted")
    assert search(alice, "vlc", kinds=["package"])[0]["id"] == "package:vlc"
    assert ingested(alice)["error"] == ""


def test_a_mind_that_is_killed_within_it_fails_by_name_and_takes_the_job_along(
    sandbox: Sandbox, alice: Client, sources: Path
) -> None:
    ingested(alice)
    write(sources, *(f"package{number}" for number in range(60_000)))
    path = ingest(alice)
    wait_until(lambda: bool(jobs(sandbox)))
    for pid in set(minds(sandbox)) - set(jobs(sandbox)):
        os.kill(pid, signal.SIGKILL)
    ended = alice.until(path)
    assert (ended["State"], ended["Result"]["error"]) == ("failed", "MindUnavailable")
    wait_until(lambda: not jobs(sandbox))
    assert search(alice, "vlc", kinds=["package"])[0]["id"] == "package:vlc"


def test_an_idle_time_does_not_end_a_mind_that_indexes(
    sandbox: Sandbox, alice: Client, sources: Path
) -> None:
    ingested(alice)
    write(sources, "figlet")
    path = ingest(alice)
    pid = stopped_job(sandbox)
    with pytest.raises(AssertionError, match="still building"):
        alice.until(path, seconds=3)
    os.kill(pid, signal.SIGCONT)
    assert alice.until(path)["State"] == "done"


def test_what_root_indexes_belongs_to_the_user_that_searches(
    sandbox: Sandbox, alice: Client, sources: Path
) -> None:
    folder = sandbox.path(STATE)
    shutil.rmtree(folder, ignore_errors=True)
    done = sandbox.run(["luminous-mind", "--index"], user="root")
    assert done.returncode == 0, done.stderr
    assert {item.stat().st_uid for item in (folder, *folder.rglob("*"))} == {USER}
    assert search(alice, "vlc", kinds=["package"])[0]["id"] == "package:vlc"
    write(sources, "figlet")
    assert ingested(alice)["error"] == ""


def test_an_index_that_was_damaged_is_made_anew_and_the_status_says_so(
    sandbox: Sandbox, alice: Client, sources: Path
) -> None:
    ingested(alice)
    end_mind(sandbox)
    index = sandbox.path(f"{STATE}/index")
    (index / "lexical" / "manifest.json").write_text("{")
    assert ingested(alice)["message"] == "Indexed: 2 packages and 1 note."
    status = alice.send(ROOT_PATH, (KNOWLEDGE, "Status"))[1][0]
    assert "is damaged" in status["problem"]
    assert len(list(index.glob("unusable-*"))) == 1
    assert sources.exists()
    assert "the index is made anew" in sandbox.daemon_log
