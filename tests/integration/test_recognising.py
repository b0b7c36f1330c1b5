"""Words on the bus: the rules answer at once, whatever becomes of the mind, and say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.grammar.recogniser import UNKNOWN
from luminous_protocol.names import INTENT, ROOT_PATH
from tests.integration.bus_client import Client

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = pytest.mark.outlives("the daemon of the module's sandbox starts the mind")


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
