"""What is not mended: what has changed, is not there, or is not of the configuration."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import PLAN
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import rewritten, running_system, state_of
from tests.integration.repairing import (
    FILE,
    FIX,
    failure,
    kept_text,
    misspelt,
    place_of,
    rename,
    repair,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

    Data = dict[str, Any]

pytestmark = pytest.mark.integration


@pytest.fixture
def text(sandbox: Sandbox) -> Iterator[str]:
    """Give the text of configuration.nix, which is put back afterwards."""
    yield from kept_text(sandbox)


@pytest.fixture
def broken(sandbox: Sandbox, text: str) -> str:
    """Give a configuration with a misspelt option."""
    return misspelt(sandbox, text)


def refusal(sandbox: Sandbox, *changes: Data, user: Any = "alice") -> str:  # noqa: ANN401 - a user's name
    """Return why a repair is refused, having checked that nothing was changed."""
    before = state_of(sandbox), running_system(sandbox)
    with Client(sandbox, user) as client:
        failed = failure(client, *changes)
    assert (state_of(sandbox), running_system(sandbox)) == before
    assert failed["name"] == "RepairRefused", failed
    return str(failed["message"])


@pytest.mark.usefixtures("broken")
def test_bytes_that_changed_after_the_plan_are_not_written_over(sandbox: Sandbox) -> None:
    with Client(sandbox) as alice:
        path = alice.plan(FIX)
        file = sandbox.path(FILE)
        file.write_text(file.read_text() + "# mine\n")
        mine = file.read_text()
        ended = alice.until(alice.apply(path))
    assert ended["Result"]["error"] == "Drifted"
    assert file.read_text() == mine


@pytest.mark.usefixtures("broken")
def test_what_is_not_there_any_more_is_not_repaired(sandbox: Sandbox) -> None:
    assert "services.openhs does not stand there" in refusal(
        sandbox, rename("services.openhs", "services.openssh")
    )
    assert "does not stand there" in refusal(sandbox, {**FIX, "line": 3})


@pytest.mark.usefixtures("broken")
def test_files_outside_of_the_configuration_are_left_alone(
    sandbox: Sandbox,
) -> None:
    for file in ("/etc/passwd", "/etc/other/a.nix", "/etc/nixos/missing.nix", "/nix/store/a.nix"):
        told = refusal(sandbox, {**FIX, "file": file})
        assert "no file of the configuration" in told or "there is no such file" in told
    assert "Luminous's own file" in refusal(sandbox, {**FIX, "file": "/etc/nixos/luminous.nix"})
    hardware = "/etc/nixos/hardware-configuration.nix"
    assert "it is generated" in refusal(sandbox, {**FIX, "file": hardware})


def test_a_file_of_somebody_else_is_left_alone(sandbox: Sandbox, broken: str) -> None:
    with rewritten(sandbox, "bobs.nix", broken.encode()):
        file = sandbox.path("/etc/nixos/bobs.nix")
        os.chown(file, 1002 if file.stat().st_uid != 1002 else 1003, -1)
        told = refusal(sandbox, {**FIX, "file": "/etc/nixos/bobs.nix"})
    assert "it belongs to somebody else than the configuration" in told


def test_what_a_user_may_not_read_is_not_looked_at_for_that_user(
    sandbox: Sandbox, broken: str
) -> None:
    assert broken
    file = sandbox.path(FILE)
    mode = file.stat().st_mode
    file.chmod(0o600)
    try:
        assert "you may not read it" in refusal(sandbox, FIX, user="bob")
        with Client(sandbox) as alice:
            assert alice.properties(alice.plan(FIX), PLAN)["State"] == "ready"
    finally:
        file.chmod(mode)


def test_links_are_left_alone(sandbox: Sandbox, broken: str) -> None:
    link = sandbox.path("/etc/nixos/link.nix")
    other = sandbox.path("/etc/nixos/hard.nix")
    link.symlink_to("configuration.nix")
    other.write_text(broken)
    sandbox.path("/etc/nixos/again.nix").hardlink_to(other)
    os.chown(other, sandbox.path(FILE).stat().st_uid, -1)
    try:
        assert "link" in refusal(sandbox, {**FIX, "file": "/etc/nixos/link.nix"})
        assert "hard links" in refusal(sandbox, {**FIX, "file": "/etc/nixos/hard.nix"})
    finally:
        for name in ("link", "hard", "again"):
            sandbox.path(f"/etc/nixos/{name}.nix").unlink()


def test_a_token_that_mends_nothing_is_not_written(sandbox: Sandbox, text: str) -> None:
    write(sandbox, text, ('"luminous-sandbox";', '"luminous-sandbox"'))
    place = place_of(sandbox)
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        failed = failure(alice, repair("insert-token", old="=", new="]", **place))
    assert failed["name"] == "EvaluationFailed"
    assert "syntax error" in failed["message"]
    assert state_of(sandbox) == before
    write(sandbox, text)
    told = refusal(sandbox, repair("insert-token", old="=", new=";", **place))
    assert "its syntax is right as it is" in told


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("new", ["a; b", "${x}", "''", "a\nb", "import ./x.nix", 5, ["x"]])
def test_no_text_becomes_a_part_of_a_file(sandbox: Sandbox, new: object) -> None:
    before = state_of(sandbox)
    with Client(sandbox) as alice:
        for change in ({**FIX, "new": new}, repair("add-argument", new=new)):
            with pytest.raises(Refused) as caught:
                alice.plan(change)
            assert caught.value.name == "InvalidChange"
    assert state_of(sandbox) == before
