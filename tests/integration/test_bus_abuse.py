"""Wrong calls get named errors without a traceback, and the daemon lives on as small as before."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import INTENT, PLAN, PROPERTIES, ROOT_PATH, SYSTEM, TRANSACTION
from tests.integration.bus_client import Client, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

HELLO = {"kind": "add-package", "package": "hello"}
STANDARD = "org.freedesktop.DBus.Error."


@pytest.fixture
def alice(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as alice; afterwards the daemon must be the same and its log free of defects."""
    pid = sandbox.daemon_pid
    with Client(sandbox) as client:
        yield client
    assert (sandbox.daemon_is_running, sandbox.daemon_pid) == (True, pid)
    assert "Traceback" not in sandbox.daemon_log


def resident(sandbox: Sandbox) -> int:
    """Return the daemon's resident memory in KiB."""
    status = Path(f"/proc/{sandbox.daemon_pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])


@pytest.mark.parametrize(
    ("path", "member", "arguments", "error"),
    [
        (ROOT_PATH, (SYSTEM, "Plan"), ("", []), "InvalidArgs"),
        (ROOT_PATH, (SYSTEM, "Plan"), ("s", ["hello"]), "InvalidArgs"),
        (ROOT_PATH, (SYSTEM, "Plan"), ("asa{sv}", [["hello"], {}]), "InvalidArgs"),
        (ROOT_PATH, (SYSTEM, "Rollback"), ("ia{sv}", [1, {}]), "InvalidArgs"),
        (ROOT_PATH, (SYSTEM, "Status"), ("s", ["x"]), "InvalidArgs"),
        (ROOT_PATH, (SYSTEM, "status"), ("", []), "UnknownMethod"),
        (ROOT_PATH, (SYSTEM, "__init__"), ("", []), "UnknownMethod"),
        (ROOT_PATH, (SYSTEM, "_find"), ("", []), "UnknownMethod"),
        (ROOT_PATH, (INTENT, "Plan"), ("aa{sv}a{sv}", [[], {}]), "UnknownMethod"),
        (ROOT_PATH, (PROPERTIES, "Frobnicate"), ("", []), "UnknownMethod"),
        (ROOT_PATH, (PLAN, "Apply"), ("sa{sv}", ["switch", {}]), "UnknownInterface"),
        ("/", (SYSTEM, "Status"), ("", []), "UnknownObject"),
        ("/org/luminous1/plan", (PLAN, "Discard"), ("", []), "UnknownObject"),
        ("/org/luminous1/plan/0", (PLAN, "Discard"), ("", []), "UnknownObject"),
        ("/org/luminous1/transaction/x", (TRANSACTION, "Undo"), ("", []), "UnknownObject"),
        ("/org/example", (SYSTEM, "Status"), ("", []), "UnknownObject"),
    ],
)
def test_a_call_that_the_contract_does_not_know_is_named(
    alice: Client,
    path: str,
    member: tuple[str, str],
    arguments: tuple[str, list[object]],
    error: str,
) -> None:
    with pytest.raises(Refused) as caught:
        alice.send(path, member, arguments)
    assert caught.value.full_name == STANDARD + error
    assert "Traceback" not in caught.value.message


@pytest.mark.parametrize("member", ["Status", "Introspect", "Frobnicate"])
def test_the_bus_itself_refuses_calls_without_an_interface(alice: Client, member: str) -> None:
    with pytest.raises(Refused) as caught:
        alice.send(ROOT_PATH, (None, member))
    assert caught.value.full_name == STANDARD + "AccessDenied"


def test_the_bus_itself_refuses_interfaces_that_are_none_of_ours(alice: Client) -> None:
    with pytest.raises(Refused) as caught:
        alice.send(ROOT_PATH, ("org.example.Nothing", "Status"))
    assert caught.value.full_name == STANDARD + "AccessDenied"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ([{"kind": {"$": ["ay", [1, 2]]}}], "InvalidChange"),
        ([{"kind": {"$": ["o", "/x"]}}], "InvalidChange"),
        ([{"kind": {"$": ["a{sv}", {}]}}], "InvalidChange"),
        ([{"kind": "set-option", "option": "a.b", "value": {"$": ["a{us}", {}]}}], None),
        ([{"kind": "set-option", "option": "a.b", "value": {"$": ["g", "a{sv}"]}}], None),
        (
            [{"kind": "set-option", "option": "a.b", "value": {"$": ["t", 2**64 - 1]}}],
            "InvalidChange",
        ),
    ],
)
def test_values_of_rare_types_do_no_harm(
    alice: Client, changes: list[dict[str, object]], error: str | None
) -> None:
    try:
        found = alice.properties(alice.plan(*changes), PLAN)
    except Refused as refused:
        assert refused.name == error  # noqa: PT017 - the other way is right too
    else:
        assert error is None
        assert found["Failure"]["name"] in {"UnknownOption", "InvalidValue"}


def test_a_deep_value_is_refused(alice: Client) -> None:
    value: object = 1
    for _ in range(20):
        value = {"$": ["av", [value]]}
    with pytest.raises(Refused) as caught:
        alice.plan({"kind": "set-option", "option": "a.b", "value": value})
    assert caught.value.name == "InvalidChange"


def test_a_megabyte_of_text_is_refused_everywhere_and_leaves_no_memory(
    alice: Client, sandbox: Sandbox
) -> None:
    big = "x" * 1_000_000
    attempts: list[tuple[str, tuple[str, str], tuple[str, list[object]]]] = [
        (ROOT_PATH, (INTENT, "Recognise"), ("sa{sv}", [big, {}])),
        (ROOT_PATH, (INTENT, "Recognise"), ("sa{sv}", ["help", {big: 1}])),
        (ROOT_PATH, (SYSTEM, "Plan"), ("aa{sv}a{sv}", [[{"kind": big}], {}])),
        (
            ROOT_PATH,
            (SYSTEM, "Plan"),
            ("aa{sv}a{sv}", [[{"kind": "add-package", "package": big}], {}]),
        ),
        (ROOT_PATH, (SYSTEM, "Plan"), ("aa{sv}a{sv}", [[{**HELLO, big: 1}], {}])),
        (ROOT_PATH, (SYSTEM, "Rebuild"), ("sa{sv}", [big, {}])),
        (ROOT_PATH, (PROPERTIES, "Get"), ("ss", [big, big])),
        (ROOT_PATH, (PROPERTIES, "Get"), ("ss", [SYSTEM, big])),
    ]

    def attempt_all() -> None:
        for attempt in attempts:
            with pytest.raises(Refused) as caught:
                alice.send(*attempt)
            assert len(caught.value.message) < 1000, attempt[1]

    attempt_all()
    before = resident(sandbox)
    for _ in range(10):
        attempt_all()
    # One text that stays in each round would come to 10 MB, and all of them to 80.
    assert resident(sandbox) - before < 8_000


def test_many_calls_do_not_grow_the_daemon(alice: Client, sandbox: Sandbox) -> None:
    def ask_often(count: int) -> int:
        for _ in range(count):
            alice.system("Status")
            alice.system("ListGenerations")
            with pytest.raises(Refused):
                alice.system("Nothing")
        return resident(sandbox)

    ask_often(200)
    before = ask_often(200)
    assert ask_often(600) < before + 1000


def test_invalid_utf_8_costs_only_its_sender_the_connection(
    alice: Client, sandbox: Sandbox
) -> None:
    code = """
import socket
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
with open_dbus_connection("SYSTEM") as bus:
    root = DBusAddress("/org/luminous1", "org.luminous1", "org.luminous1.Intent")
    call = new_method_call(root, "Recognise", "sa{sv}", ("install hello", {}))
    bus.sock.sendall(call.serialise(serial=9).replace(b"hello", b"h\\xff\\xfelo"))
    try:
        while bus.receive(timeout=5): pass
    except ConnectionError: print("cut")
"""
    assert sandbox.run(["python", "-c", code]).stdout == "cut\n"
    assert alice.system("Status")["busy"] is False


def test_a_flood_from_one_client_is_bounded_and_others_are_served(
    alice: Client, sandbox: Sandbox
) -> None:
    code = """
import json, collections
from jeepney import DBusAddress, HeaderFields, new_method_call
from jeepney.io.blocking import open_dbus_connection
root = DBusAddress("/org/luminous1", "org.luminous1", "org.luminous1.System")
change = [{"kind": ("s", "add-package"), "package": ("s", "hello")}]
seen = collections.Counter()
with open_dbus_connection("SYSTEM") as bus:
    for _ in range(300):
        bus.send(new_method_call(root, "Plan", "aa{sv}a{sv}", (change, {})))
    while sum(seen.values()) < 300:
        fields = bus.receive(timeout=20).header.fields
        if HeaderFields.reply_serial in fields:
            seen[fields.get(HeaderFields.error_name, "plan").rpartition(".")[2]] += 1
print(json.dumps(seen))
"""
    with ThreadPoolExecutor() as pool:
        flood = pool.submit(sandbox.run, ["python", "-c", code], user="bob")
        for _ in range(20):
            assert alice.system("Status")["busy"] is False
        done = flood.result()
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert set(seen) <= {"plan", "LimitExceeded", "LimitsExceeded"}
    assert seen["plan"] <= 16, seen
    path = alice.plan(HELLO)
    assert alice.properties(path, PLAN)["State"] == "ready"
