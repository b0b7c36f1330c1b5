"""Searching over the bus: words in, passages out, and a search that dies is one error by name."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from luminous_mind.ingest.pipeline import build
from luminous_protocol.names import KNOWLEDGE, ROOT_PATH
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import wait_until
from tests.integration.test_mind import end_mind, minds
from tests.unit.luminous_mind.knowledge.shelf import documents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
    pytest.mark.outlives("the daemon of the module's sandbox starts the mind"),
]

INDEX = "/var/lib/luminous-mind/index"


@pytest.fixture
def index(sandbox: Sandbox) -> Iterator[Path]:
    """Put a small index where it is searched; it is taken away afterwards."""
    folder = sandbox.path(INDEX)
    folder.parent.mkdir(parents=True, exist_ok=True)
    end_mind(sandbox)
    build(documents(), lambda _: None).save(folder, 1)
    yield folder
    end_mind(sandbox)
    folder.rename(folder.with_name(f"index.{os.urandom(4).hex()}"))


@pytest.fixture
def bob(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as bob, who may do nothing but ask."""
    with Client(sandbox, "bob") as client:
        yield client


def search(client: Client, query: str, **options: object) -> list[dict[str, Any]]:
    """Search; return the passages."""
    given = ("sa{sv}", [query, options])
    found: list[dict[str, Any]] = client.send(ROOT_PATH, (KNOWLEDGE, "Search"), given)[1][0]
    return found


@pytest.mark.usefixtures("index")
def test_words_find_passages_with_all_that_the_contract_promises(bob: Client) -> None:
    found = search(bob, "firefox")
    assert found[0]["title"].startswith(("firefox", "programs.firefox"))
    keys = {"id", "kind", "title", "text", "source", "line", "address", "score", "why", "facts"}
    assert all(set(passage) == keys for passage in found)
    assert [passage["score"] for passage in found] == sorted(
        (passage["score"] for passage in found), reverse=True
    )
    assert found[0]["why"]


@pytest.mark.usefixtures("index")
def test_a_search_can_be_kept_to_kinds_and_to_a_number(bob: Client) -> None:
    assert {item["kind"] for item in search(bob, "firefox", kinds=["package"])} == {"package"}
    assert len(search(bob, "firefox", limit=1)) == 1


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    "query", ["видео", "動画編集", "متصفح", "%", "'; drop", "a" * 2000, "\t.."]
)
def test_any_words_are_answered(bob: Client, query: str) -> None:
    assert isinstance(search(bob, query), list)


def describe(client: Client, kind: str, name: str) -> dict[str, Any]:
    """Return what the index has under a name."""
    asked = ("ssa{sv}", [kind, name, {}])
    found: dict[str, Any] = client.send(ROOT_PATH, (KNOWLEDGE, "Describe"), asked)[1][0]
    return found


@pytest.mark.usefixtures("index")
def test_a_name_is_described_and_one_that_is_not_there_says_what_is(bob: Client) -> None:
    assert describe(bob, "package", "git")["passage"]["facts"]["pname"] == "git"
    below = describe(bob, "option", "services.openssh")["below"]
    assert [child["name"] for child in below] == ["enable", "openFirewall"]
    with pytest.raises(Refused) as caught:
        describe(bob, "option", "services.opensh.enable")
    assert caught.value.name == "UnknownOption"
    assert "services.openssh.enable" in caught.value.message


@pytest.mark.usefixtures("index")
def test_the_status_counts_what_is_in_the_index(bob: Client) -> None:
    status = bob.send(ROOT_PATH, (KNOWLEDGE, "Status"))[1][0]
    assert status["documents"] == {"option": 11, "package": 13, "manual": 2}


def test_a_new_index_is_searched_from_the_next_question_on(
    sandbox: Sandbox, bob: Client, index: Path
) -> None:
    assert search(bob, "firefox", kinds=["package"])
    before = minds(sandbox)
    only = [item for item in documents() if item.kind == "option"]
    build(only, lambda _: None).save(index, 2)
    assert search(bob, "firefox", kinds=["package"]) == []
    assert minds(sandbox) == before


def is_read(fifo: Path, writers: list[int]) -> bool:
    """Tell whether somebody reads a FIFO, who waits from then on for what we write."""
    with contextlib.suppress(OSError):  # ENXIO: nobody does
        writers.append(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
    return bool(writers)


def test_a_mind_that_is_killed_within_a_search_is_one_error_and_back_for_the_next(
    sandbox: Sandbox, bob: Client, index: Path
) -> None:
    manifest = index / "lexical" / "manifest.json"
    kept = manifest.read_bytes()
    manifest.unlink()
    os.mkfifo(manifest)
    manifest.chmod(0o644)
    answer = bob.begin(ROOT_PATH, (KNOWLEDGE, "Search"), ("sa{sv}", ["firefox", {}]))
    writers: list[int] = []
    wait_until(lambda: is_read(manifest, writers))
    with contextlib.closing(os.fdopen(writers[0], "wb")):
        (pid,) = minds(sandbox)
        os.kill(pid, signal.SIGKILL)
        assert answer()["error"] == "org.luminous1.Error.MindUnavailable"
    manifest.unlink()
    manifest.write_bytes(kept)
    assert search(bob, "firefox")


def test_a_damaged_index_is_named_and_the_next_whole_one_is_searched(
    bob: Client, index: Path
) -> None:
    (index / "lexical" / "manifest.json").write_text("{")
    with pytest.raises(Refused) as caught:
        search(bob, "firefox")
    assert caught.value.name == "NotReady"
    build(documents(), lambda _: None).save(index, 2)
    assert search(bob, "firefox")
