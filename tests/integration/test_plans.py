"""A plan is used once, in time, and only while everything is as it was when it was made."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN, TRANSACTION
from luminous_sandbox.machine import Sandbox
from luminous_sandbox.options import SandboxOptions
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import (
    default_generation,
    rewritten,
    running_system,
    state_of,
    wait_until,
    with_packages,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

HELLO = {"kind": "add-package", "package": "hello"}
FIGLET = {"kind": "add-package", "package": "figlet"}


@pytest.fixture
def alice(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as alice."""
    with Client(sandbox) as client:
        yield client


def refusal(alice: Client, plan: str, mode: str = "switch", **options: object) -> str:
    """Return the name under which applying a plan is refused."""
    with pytest.raises(Refused) as caught:
        alice.apply(plan, mode, **options)
    return caught.value.name


def test_a_plan_is_used_once(alice: Client) -> None:
    plan = alice.plan(HELLO)
    transaction = alice.apply(plan)
    assert refusal(alice, plan) == "AlreadyUsed"
    assert alice.until(transaction)["State"] == "done"
    assert refusal(alice, plan) == "AlreadyUsed"
    assert alice.carry_out({"kind": "remove-package", "package": "hello"})["State"] == "done"


def test_a_plan_that_was_denied_is_used_too(alice: Client, sandbox: Sandbox) -> None:
    sandbox.set_agent("deny")
    plan = alice.plan(HELLO)
    assert alice.until(alice.apply(plan))["Result"]["error"] == "NotAuthorized"
    sandbox.set_agent("allow")
    assert refusal(alice, plan) == "AlreadyUsed"


def test_a_plan_cannot_be_applied_before_it_is_ready_nor_after_it_failed(alice: Client) -> None:
    plan = alice.system("Plan", "aa{sv}a{sv}", [HELLO], {})
    assert refusal(alice, plan) == "NotReady"
    failed = alice.plan({"kind": "add-package", "package": "no-such-thing"})
    assert refusal(alice, failed) == "UnknownPackage"


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("", {}),
        ("now", {}),
        ("switch", {"confirm_within": -1}),
        ("switch", {"confirm_within": 10**6}),
        ("switch", {"confirm_within": True}),
        ("switch", {"force": True}),
        ("switch", {"wait": 1}),
    ],
)
def test_a_wrong_wish_is_refused_and_does_not_use_the_plan_up(
    alice: Client, mode: str, options: dict[str, object]
) -> None:
    plan = alice.plan(HELLO)
    assert refusal(alice, plan, mode, **options) == "InvalidValue"
    assert alice.properties(plan, PLAN)["State"] == "ready"
    alice.send(plan, (PLAN, "Discard"))


def test_what_was_approved_as_a_build_does_not_become_a_switch(
    alice: Client, sandbox: Sandbox
) -> None:
    with rewritten(sandbox, "configuration.nix", with_packages(sandbox, "btop")):
        running = running_system(sandbox)
        for action, more in (("build", "switch"), ("boot", "test"), ("test", "boot")):
            plan = alice.plan({"kind": "rebuild", "action": action})
            assert refusal(alice, plan, more) == "InvalidValue"
            assert alice.until(alice.apply(plan, "build"))["State"] == "done"
        assert running_system(sandbox) == running


def test_garbage_is_not_collected_by_a_plan_applied_as_a_build(
    alice: Client, sandbox: Sandbox
) -> None:
    before = state_of(sandbox)
    plan = alice.plan({"kind": "collect-garbage"})
    for mode in ("build", "test", "boot"):
        assert refusal(alice, plan, mode) == "InvalidValue"
    assert state_of(sandbox) == before


@pytest.mark.parametrize(
    "file", ["luminous.nix", "configuration.nix", "hardware-configuration.nix", "new.nix"]
)
def test_a_plan_does_not_hold_when_a_file_has_changed(
    alice: Client, sandbox: Sandbox, file: str
) -> None:
    path = sandbox.path(f"/etc/nixos/{file}")
    own = path.read_bytes() if path.exists() else b"{ }"
    plan = alice.plan(HELLO)
    with rewritten(sandbox, file, own + b"\n"):
        before = state_of(sandbox)
        ended = alice.until(alice.apply(plan))
        assert (ended["State"], ended["Result"]["error"]) == ("failed", "Drifted"), ended
        assert state_of(sandbox) == before


def test_a_plan_does_not_hold_when_the_system_has_changed(alice: Client, sandbox: Sandbox) -> None:
    plan, garbage = alice.plan(HELLO), alice.plan({"kind": "collect-garbage"})
    assert alice.carry_out(FIGLET)["State"] == "done"
    before = state_of(sandbox)
    for stale in (plan, garbage):
        ended = alice.until(alice.apply(stale))
        assert (ended["State"], ended["Result"]["error"]) == ("failed", "Drifted"), ended
    assert state_of(sandbox) == before
    assert alice.carry_out({"kind": "remove-package", "package": "figlet"})["State"] == "done"


def test_a_plan_does_not_hold_when_another_generation_became_the_default(
    alice: Client, sandbox: Sandbox
) -> None:
    plan = alice.plan(HELLO)
    number = default_generation(sandbox)
    profile = ["nix-env", "--profile", "/nix/var/nix/profiles/system"]
    assert sandbox.run([*profile, "--switch-generation", "1"], user="root").returncode == 0
    ended = alice.until(alice.apply(plan))
    assert ended["Result"]["error"] == "Drifted"
    sandbox.run([*profile, "--switch-generation", str(number)], user="root")


def test_a_plan_whose_channel_has_changed_is_put_back_by_its_proof(
    alice: Client, sandbox: Sandbox
) -> None:
    plan = alice.plan(HELLO)
    assert sandbox.run(["nix-channel", "--update"], user="root").returncode == 0
    before = state_of(sandbox)
    ended = alice.until(alice.apply(plan))
    assert (ended["State"], ended["Result"]["error"]) == ("failed", "Drifted"), ended
    assert ended["Result"]["put-back"] is True
    assert state_of(sandbox) == before
    assert sandbox.run(["nix-channel", "--rollback"], user="root").returncode == 0


def test_one_client_holds_a_bounded_number_of_plans(alice: Client, sandbox: Sandbox) -> None:
    for path in _own_plans(alice):
        alice.send(path, (PLAN, "Discard"))
    plans = [alice.system("CollectGarbage", "a{sv}", {}) for _ in range(16)]
    with pytest.raises(Refused) as caught:
        alice.system("CollectGarbage", "a{sv}", {})
    assert caught.value.name == "LimitExceeded"
    with Client(sandbox, "bob") as bob:
        assert bob.properties(bob.plan(HELLO), PLAN)["State"] == "ready"
    alice.send(plans[0], (PLAN, "Discard"))
    plans.append(alice.system("CollectGarbage", "a{sv}", {}))
    for path in plans[1:]:
        alice.send(path, (PLAN, "Discard"))


def _own_plans(client: Client) -> list[str]:
    root = "/org/luminous1"
    managed = client.send(root, ("org.freedesktop.DBus.ObjectManager", "GetManagedObjects"))[1][0]
    return [path for path, interfaces in managed.items() if PLAN in interfaces]


def test_plans_of_clients_that_have_left_make_room(alice: Client, sandbox: Sandbox) -> None:
    with Client(sandbox) as leaving:
        for _ in range(16):
            leaving.system("CollectGarbage", "a{sv}", {})
    plans = [alice.system("CollectGarbage", "a{sv}", {}) for _ in range(16)]
    assert len(set(plans)) == 16
    for path in plans:
        alice.send(path, (PLAN, "Discard"))


def test_one_client_holds_a_bounded_number_of_changes(alice: Client, sandbox: Sandbox) -> None:
    sandbox.set_agent("hang")
    waiting = [alice.apply(alice.plan(HELLO)) for _ in range(8)]
    plan = alice.plan(HELLO)
    assert refusal(alice, plan) == "LimitExceeded"
    assert alice.properties(plan, PLAN)["State"] == "ready"
    for transaction in waiting:
        alice.cancel(transaction)
        assert alice.until(transaction)["State"] == "cancelled"
    sandbox.set_agent("allow")
    alice.send(plan, (PLAN, "Discard"))


def test_the_id_is_a_digest_of_what_the_plan_depends_on(alice: Client, sandbox: Sandbox) -> None:
    def identifier() -> str:
        found = alice.properties(alice.plan({"kind": "rebuild", "action": "boot"}), PLAN)
        return str(found["Id"])

    with rewritten(sandbox, "configuration.nix", with_packages(sandbox, "btop")):
        first = identifier()
        assert len(first) == 64
        assert identifier() == first
    with rewritten(sandbox, "configuration.nix", with_packages(sandbox, "btop", "jq")):
        assert identifier() != first


def test_a_plan_expires(nix: str) -> None:
    assert nix == "2.26"
    library = os.environ.get("LUMINOUS_DBUS_LIBRARY")
    options = SandboxOptions(settings="plan_seconds = 1\n", dbus_library=library)
    with Sandbox(options) as sandbox, Client(sandbox) as alice:
        before = state_of(sandbox)
        plan = alice.plan(HELLO)
        while time.time() < alice.properties(plan, PLAN)["Expires"] + 1:
            time.sleep(0.1)
        assert refusal(alice, plan) == "Expired"
        assert state_of(sandbox) == before


def test_a_configuration_that_waits_for_ever_is_given_up(nix: str) -> None:
    assert nix == "2.26"
    library = os.environ.get("LUMINOUS_DBUS_LIBRARY")
    options = SandboxOptions(settings="evaluation_seconds = 2\n", dbus_library=library)
    with Sandbox(options) as sandbox, Client(sandbox) as alice:
        waiting = b"{ imports = [ ./configuration.nix.kept ./pipe.nix ]; }\n"
        shell = "cd /etc/nixos && cp configuration.nix configuration.nix.kept && mkfifo pipe.nix"
        assert sandbox.run(["sh", "-c", shell], user="root").returncode == 0
        with rewritten(sandbox, "configuration.nix", waiting):
            failure = alice.properties(alice.plan(HELLO), PLAN)["Failure"]
            assert failure["name"] == "EvaluationFailed"
            assert "within 2 seconds" in failure["message"]
        assert alice.carry_out(HELLO)["State"] == "done"


def test_settings_are_read_again_without_a_restart(nix: str) -> None:
    assert nix == "2.26"
    library = os.environ.get("LUMINOUS_DBUS_LIBRARY")
    with Sandbox(SandboxOptions(dbus_library=library)) as sandbox, Client(sandbox) as alice:
        process = sandbox.daemon_pid
        file = sandbox.path("/etc/luminous/luminous.toml")
        file.parent.mkdir(exist_ok=True)

        def reload(text: str, says: str) -> None:
            file.write_text(text)
            before = len(sandbox.daemon_log)
            os.kill(process, signal.SIGHUP)
            wait_until(lambda: says in sandbox.daemon_log[before:])

        def lifetime() -> float:
            path = alice.plan(HELLO)
            return float(alice.properties(path, PLAN)["Expires"]) - time.time()

        assert lifetime() > 600
        reload('plan_seconds = 60\nbackend = "nixos-rebuild"\n', "the settings were read again")
        assert 0 < lifetime() <= 60
        assert alice.system("Status")["backend"] == "nixos-rebuild"
        reload("plan_seconds = soon\n", "The settings from before stay in force.")
        assert 0 < lifetime() <= 60
        assert alice.carry_out(HELLO)["State"] == "done"
        assert sandbox.daemon_pid == process


def test_undo_of_what_changed_nothing_says_so(alice: Client, sandbox: Sandbox) -> None:
    sandbox.set_agent("deny")
    denied = alice.apply(alice.plan(HELLO))
    assert alice.until(denied)["State"] == "failed"
    with pytest.raises(Refused) as caught:
        alice.send(denied, (TRANSACTION, "Undo"))
    assert caught.value.name == "NothingToDo"
    with pytest.raises(Refused) as caught:
        alice.cancel(denied)
    assert caught.value.name == "TooLate"
