"""Words on the bus: the rules answer at once, whatever becomes of the mind, and say why."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.grammar.recogniser import UNKNOWN
from luminous_protocol.names import INTENT, ROOT_PATH
from luminous_sandbox.encoder import find_encoder
from tests.integration.bus_client import Client
from tests.integration.machine_state import wait_until
from tests.integration.test_mind import configured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = pytest.mark.outlives("the daemon of the module's sandbox starts the mind")

HOME = "/var/lib/luminous-mind"


def recognise(client: Client, text: str, **options: bool) -> list[Any]:
    """Return the intents and the question."""
    return client.send(ROOT_PATH, (INTENT, "Recognise"), ("sa{sv}", [text, options]))[1]


def test_a_reading_tells_its_reasons_when_they_are_asked_for(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        ((plain,), _) = recognise(alice, "install vim")
        ((told,), question) = recognise(alice, "install vim", explain=True)
    assert "reasons" not in plain
    assert question == ""
    assert [reason["layer"] for reason in told["reasons"]] == ["rules"]


def test_while_there_are_no_examples_to_compare_with_the_rules_stand_alone(
    sandbox: Sandbox,
) -> None:
    with Client(sandbox) as alice:
        for _ in range(3):
            told = recognise(alice, "my sister draws with krita and now so shall i")
            assert told == [[], UNKNOWN]


@pytest.fixture
def encoder(sandbox: Sandbox) -> Iterator[None]:
    """Give the mind of the machine the sentence encoder, and a place for its model."""
    folder = sandbox.path(HOME) / "encoder"
    shutil.copytree(find_encoder(), folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with configured(sandbox, f'index = "{HOME}/index"\nencoder = "{HOME}/encoder"\n'):
        yield


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("encoder")
def test_what_no_rule_knows_is_judged_by_the_examples_once_they_are_read(sandbox: Sandbox) -> None:
    text = "my life would be easier with htop on this computer"
    with Client(sandbox) as alice:
        wait_until(lambda: bool(recognise(alice, text)[0]), 120)
        ((told,), question) = recognise(alice, text, explain=True)
        assert question == "Do you want to install htop?"
        assert (told["kind"], told["slots"]) == ("install", {"package": "htop"})
        assert {reason["layer"] for reason in told["reasons"]} == {"semantic", "slots"}
        forbidden, _ = recognise(alice, "my life would be easier without htop on this computer")
    assert forbidden == []
