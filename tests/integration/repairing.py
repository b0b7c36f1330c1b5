"""What tests of repairs share: a configuration broken by hand, and repairs as clients ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luminous_protocol.names import PLAN
from tests.integration.bus_client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

    Data = dict[str, Any]

NAME = "configuration.nix"
FILE = f"/etc/nixos/{NAME}"


def repair(operation: str, **fields: Any) -> Data:  # noqa: ANN401 - any value of JSON
    """Return a repair as clients write it."""
    return {"kind": "repair-file", "file": FILE, "operation": operation, **fields}


def rename(old: str, new: str) -> Data:
    """Return the repair of a name, wherever it stands."""
    return repair("rename", old=old, new=new)


def write(sandbox: Sandbox, text: str, *replacements: tuple[str, str]) -> str:
    """Write configuration.nix with parts of its text replaced, and return what it is then."""
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    sandbox.path(FILE).write_text(text)
    return text


def failure(client: Client, *changes: Data) -> Data:
    """Return how a plan fails."""
    properties = client.properties(client.plan(*changes), PLAN)
    assert properties["State"] == "failed", properties
    found: Data = properties["Failure"]
    return found


def place_of(sandbox: Sandbox) -> dict[str, int]:
    """Return the place where Nix says that the configuration is wrong."""
    with Client(sandbox) as alice:
        failed = failure(alice, {"kind": "rebuild"})
    file, line, column = failed["details"]["place"].split(":")
    assert file == FILE
    return {"line": int(line), "column": int(column)}


def carried_out(sandbox: Sandbox, *changes: Data) -> Data:
    """Have alice mend the configuration; return the plan's properties."""
    with Client(sandbox) as alice:
        path = alice.plan(*changes)
        plan = alice.properties(path, PLAN)
        assert plan["State"] == "ready", plan["Failure"]
        ended = alice.until(alice.apply(path))
        assert ended["State"] == "done", ended
    return plan


def kept_text(sandbox: Sandbox) -> Iterator[str]:
    """Give the text of configuration.nix; put it and Luminous's own file back afterwards."""
    file, own = sandbox.path(FILE), sandbox.path("/etc/nixos/luminous.nix")
    before, lines = file.read_text(), own.read_text()
    yield before
    file.write_text(before)
    own.write_text(lines)


FIX = rename("services.opensh", "services.openssh")
"""What mends the configuration that `misspelt` writes."""


def misspelt(sandbox: Sandbox, text: str) -> str:
    """Write a configuration with a misspelt option, and return it."""
    return write(sandbox, text, ("services.openssh", "services.opensh"))
