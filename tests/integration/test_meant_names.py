"""Names that this machine does not know, and what may be meant: with the mind, and without it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from luminous_mind.ingest.pipeline import build
from luminous_mind.knowledge.documents import OPTION, PACKAGE, Document
from luminous_protocol.names import KNOWLEDGE, PLAN, ROOT_PATH
from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import own_lines, state_of
from tests.integration.test_mind import end_mind, minds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.outlives("the daemon of the module's sandbox starts the mind"),
]

INDEX = "/var/lib/luminous-mind/index"
PACKAGES = {
    "gimp": "Image manipulation program",
    "inkscape": "Vector graphics editor for drawings and images",
    "krita-of-elsewhere": "Image editor and painting application",
    "nginx": "Reverse proxy and lightweight web server",
    "firefox": "Web browser built from Firefox source tree",
}
OPTIONS = {
    "services.nginx.enable": "Whether to enable Nginx web server.",
    "services.nginx.virtualHosts": "Declarative vhost config of the web server nginx.",
    "services.lighttpd.enable": "Enable the lighttpd web server.",
    "hardware.bluetooth.enable": "Whether to enable support for Bluetooth.",
}


@pytest.fixture(scope="module")
def index(module_sandbox: Sandbox) -> Path:
    """Put a small index where it is searched: of names that are here, and some that are not."""
    folder = module_sandbox.path(INDEX)
    folder.parent.mkdir(parents=True, exist_ok=True)
    packages = (
        Document(f"package:{name}", PACKAGE, name, text, name, facts={"pname": name})
        for name, text in PACKAGES.items()
    )
    options = (
        Document(f"option:{name}", OPTION, name, text, name) for name, text in OPTIONS.items()
    )
    build([*packages, *options], lambda _: None).save(folder, 1)
    return folder


@pytest.fixture
def alice(sandbox: Sandbox, index: Path) -> Iterator[Client]:
    """Connect as alice, with a mind that is awake and has read its index."""
    assert index.exists()
    with Client(sandbox) as client:
        client.send(ROOT_PATH, (KNOWLEDGE, "Search"), ("sa{sv}", ["web server", {}]))
        yield client
    end_mind(sandbox)


def refused(alice: Client, change: dict[str, Any]) -> dict[str, Any]:
    """Return why a change cannot be planned."""
    found = alice.properties(alice.plan(change), PLAN)
    assert found["State"] == "failed", found
    failure: dict[str, Any] = found["Failure"]
    return failure


def test_a_purpose_in_the_place_of_a_name_is_answered_with_programs_that_are_here(
    alice: Client, sandbox: Sandbox
) -> None:
    before = state_of(sandbox)
    error = refused(alice, {"kind": "add-package", "package": "image-editor"})
    assert error["name"] == "UnknownPackage"
    nearest = error["details"]["nearest"]
    assert nearest[0] == "gimp", error
    assert "krita-of-elsewhere" not in nearest
    assert error["details"]["package"] == "image-editor"
    assert state_of(sandbox) == before


@pytest.mark.parametrize(
    ("change", "best"),
    [
        ({"kind": "add-package", "package": "ngnix"}, "nginx"),
        ({"kind": "enable", "target": "ngnix"}, "services.nginx.enable"),
        ({"kind": "enable", "target": "services.ngnix"}, "services.nginx.enable"),
        (
            {"kind": "set-option", "option": "services.ngnix.enable", "value": True},
            "services.nginx.enable",
        ),
        ({"kind": "enable", "target": "web-server"}, "services.nginx.enable"),
        ({"kind": "disable", "target": "blutooth"}, "hardware.bluetooth.enable"),
    ],
)
def test_a_slip_or_a_purpose_leads_to_the_name(
    alice: Client, change: dict[str, Any], best: str
) -> None:
    error = refused(alice, change)
    assert error["details"]["nearest"][0] == best, error
    assert "services.lighttpd.enable" not in error["details"]["nearest"]
    assert f"Did you mean {best}" in error["message"]


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_mind_that_is_dead_or_hangs_costs_suggestions_and_nothing_else(
    alice: Client, sandbox: Sandbox, index: Path, how: str
) -> None:
    (pid,) = minds(sandbox)
    away = index.with_name("index.away")
    index.rename(away)
    os.kill(pid, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    try:
        error = refused(alice, {"kind": "add-package", "package": "ngnix"})
        assert error["details"]["nearest"] == ["nginx"]
        assert error["message"].endswith("Did you mean nginx?")
    finally:
        away.rename(index)
        if how == "stopped":
            os.kill(pid, signal.SIGCONT)


@pytest.mark.usefixtures("alice")
def test_what_is_chosen_on_a_terminal_is_planned_and_installed_only_when_approved(
    sandbox: Sandbox,
) -> None:
    before = own_lines(sandbox)
    with sandbox.terminal(["ask-nix", "install ngnix2"], env={"TERM": "dumb"}) as terminal:
        terminal.expect("1  nginx")
        terminal.expect("or Enter for none] ")
        terminal.send("1\n")
        terminal.expect("Apply? [y/N] ")
        assert own_lines(sandbox) == before
        terminal.send("y\n")
        assert terminal.wait() == 0, terminal.output
    assert own_lines(sandbox)[len(before) :] == ["environment.systemPackages = [ pkgs.nginx ];"]
    assert ask(sandbox, "--yes", "undo").code == 0


@pytest.mark.usefixtures("alice")
def test_a_purpose_in_words_is_asked_back_with_what_the_index_has_and_installs_nothing(
    sandbox: Sandbox,
) -> None:
    before = state_of(sandbox)
    asked = ask(sandbox, "--yes", "install an image editor")
    assert (asked.code, asked.document["error"]["name"]) == (3, "NotUnderstood"), asked.document
    assert "gimp" in asked.document["error"]["details"]["nearest"]
    assert "Which photo editor? The index of this machine has" in asked.document["error"]["message"]
    assert state_of(sandbox) == before
