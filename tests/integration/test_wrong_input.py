"""Wrong input gets a named error and a sentence, and nothing of it reaches a file or a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from luminous_protocol.names import INTENT, PLAN, ROOT_PATH
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import evaluated, own_lines, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = pytest.mark.integration

ONE_NIX = pytest.mark.parametrize("nix", ["2.26"], scope="module")
NASTY = [
    "$(reboot)",
    "`reboot`",
    "../../etc/shadow",
    "hello; reboot",
    'hello" ]; }; evil = { x = "',
    "hello\nevil",
    "hello''${builtins.exec []}",
    "--option",
    "-",
    "",
    " ",
    "hello\x7f",
    "hello\x1b[31m",
    "hëllo",
    "a" * 1000,
    "pkgs.hello)",
]


@pytest.fixture
def alice(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as alice."""
    with Client(sandbox) as client:
        yield client


def refusal(alice: Client, *changes: dict[str, Any]) -> Refused:
    """Return why changes are refused at once."""
    with pytest.raises(Refused) as caught:
        alice.plan(*changes)
    return caught.value


def failure(alice: Client, *changes: dict[str, Any]) -> dict[str, Any]:
    """Return why a plan of these changes has failed."""
    found = alice.properties(alice.plan(*changes), PLAN)
    assert found["State"] == "failed", found
    reason: dict[str, Any] = found["Failure"]
    return reason


def test_an_unknown_package_gets_the_nearest_names(alice: Client, sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    error = failure(alice, {"kind": "add-package", "package": "firefoxx"})
    assert error["name"] == "UnknownPackage", error
    assert "firefox" in error["details"]["nearest"]
    assert error["message"].startswith("There is no package called 'firefoxx'. Did you mean")
    assert state_of(sandbox) == before


def test_an_unknown_option_gets_the_nearest_names(alice: Client, sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    change = {"kind": "set-option", "option": "services.opensh.enable", "value": True}
    error = failure(alice, change)
    assert error["name"] == "UnknownOption"
    assert "services.openssh.enable" in error["details"]["nearest"]
    assert failure(alice, {"kind": "enable", "target": "blutooth"})["details"]["nearest"]
    assert state_of(sandbox) == before


@pytest.mark.parametrize(
    ("option", "value", "kind"),
    [
        ("networking.hostName", "not a host name", "string matching"),
        ("services.openssh.enable", "perhaps", "boolean"),
        ("boot.loader.systemd-boot.configurationLimit", "many", "integer"),
        ("networking.firewall.allowedTCPPorts", [70000], "16 bit unsigned integer"),
        ("services.openssh.settings.PermitRootLogin", "maybe", "one of"),
        ("networking.firewall.allowedTCPPorts", {"a": 1}, "list of"),
    ],
)
def test_a_value_of_the_wrong_type_gets_the_options_type(
    alice: Client, sandbox: Sandbox, option: str, value: object, kind: str
) -> None:
    before = state_of(sandbox)
    error = failure(alice, {"kind": "set-option", "option": option, "value": value})
    assert error["name"] == "InvalidValue", error
    assert kind in error["details"]["type"]
    assert kind in error["message"]
    assert state_of(sandbox) == before


@ONE_NIX
def test_an_example_is_shown_where_the_option_has_one(alice: Client) -> None:
    option = "networking.firewall.allowedTCPPorts"
    error = failure(alice, {"kind": "set-option", "option": option, "value": "http"})
    assert error["details"]["example"] == "[22,80]"
    assert "For example: [22,80]" in error["message"]


@ONE_NIX
@pytest.mark.parametrize("name", NASTY)
def test_no_name_becomes_code(alice: Client, sandbox: Sandbox, name: str) -> None:
    before = state_of(sandbox)
    for change in (
        {"kind": "add-package", "package": name},
        {"kind": "remove-package", "package": name},
        {"kind": "enable", "target": name},
        {"kind": "set-option", "option": name, "value": True},
        {"kind": "unset-option", "option": name},
        {"kind": "update-inputs", "inputs": [name]},
        {"kind": "rebuild", "action": name},
        {
            "kind": "set-option",
            "option": "users.users.alice.shell",
            "value": {"package": name},
        },
    ):
        error = refusal(alice, change)
        assert error.full_name == "org.luminous1.Error.InvalidChange", change
        assert "Traceback" not in error.message
        assert len(error.message) < 300
    assert state_of(sandbox) == before


@ONE_NIX
def test_what_looks_like_nix_in_a_value_stays_text(alice: Client, sandbox: Sandbox) -> None:
    text = '${builtins.abort "no"} \'\' \\ " $(reboot) `reboot` */ # } ]; \n\t é ${"x"} \\${y}'
    option = "services.openssh.extraConfig"
    done = alice.carry_out({"kind": "set-option", "option": option, "value": text})
    assert done["State"] == "done", done
    assert evaluated(sandbox, option) == text
    done = alice.carry_out({"kind": "unset-option", "option": option})
    assert done["State"] == "done", done


@ONE_NIX
def test_what_looks_like_nix_in_the_words_stays_a_comment(alice: Client, sandbox: Sandbox) -> None:
    before = own_lines(sandbox)
    words = "please\n } evil = true; # \x00\x1b[31m \u2028 */ ''${x}".replace("\x00", "")
    path = alice.plan({"kind": "add-package", "package": "figlet"}, words=words * 20)
    assert alice.until(alice.apply(path))["State"] == "done"
    assert own_lines(sandbox) == [*before, "environment.systemPackages = [ pkgs.figlet ];"]
    (undone,) = alice.system("ListTransactions", "a{sv}", {"limit": 1})
    assert len(undone["words"]) <= 200
    assert undone["words"].isprintable()
    done = alice.carry_out({"kind": "remove-package", "package": "figlet"})
    assert done["State"] == "done", done


@ONE_NIX
def test_malformed_changes_are_named(alice: Client) -> None:
    malformed: list[list[dict[str, Any]]] = [
        [],
        [{}],
        [{"kind": "run-command", "command": "reboot"}],
        [{"kind": "add-package"}],
        [{"kind": "add-package", "package": 5}],
        [{"kind": "add-package", "package": ["hello"]}],
        [{"kind": "add-package", "package": "hello", "command": "reboot"}],
        [{"kind": 3}],
        [{"kind": "switch-generation", "generation": -1}],
        [{"kind": "switch-generation", "generation": 2**40}],
        [{"kind": "switch-generation", "generation": True}],
        [{"kind": "collect-garbage", "keep": -1}],
        [{"kind": "add-package", "package": "hello"}] * 101,
        [{"kind": "set-option", "option": "a.b", "value": "x" * 20_000}],
        [{"kind": "set-option", "option": "a.b", "value": float("nan")}],
    ]
    for changes in malformed:
        assert refusal(alice, *changes).full_name == "org.luminous1.Error.InvalidChange", changes


@ONE_NIX
def test_changes_that_do_not_fit_together_are_named(alice: Client) -> None:
    install = {"kind": "add-package", "package": "hello"}
    for changes in (
        [{"kind": "collect-garbage"}, install],
        [install, {"kind": "switch-generation", "generation": 1}],
        [{"kind": "rebuild", "action": "boot"}, {"kind": "rebuild", "action": "test"}],
        [{"kind": "update-inputs"}, {"kind": "restore-inputs", "generation": 1}],
    ):
        assert failure(alice, *changes)["name"] == "InvalidChange", changes


@ONE_NIX
def test_a_great_many_large_values_do_not_harm_the_daemon(alice: Client, sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    changes = [
        {"kind": "set-option", "option": f'environment.etc."f{number}".text', "value": "é" * 3000}
        for number in range(100)
    ]
    pid = sandbox.daemon_pid
    try:
        found = alice.properties(alice.plan(*changes), PLAN)
    except Refused as error:
        assert error.name == "InvalidChange"  # noqa: PT017 - either way of refusing is right
    else:
        assert found["State"] in {"ready", "failed"}
        assert found["Failure"].get("name") in {None, "InvalidChange", "InvalidValue"}, found
    assert (sandbox.daemon_is_running, sandbox.daemon_pid) == (True, pid)
    assert state_of(sandbox) == before


@ONE_NIX
@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"wish": True}, "InvalidValue"),
        ({"words": 5}, "InvalidValue"),
        ({"build": "yes"}, "InvalidValue"),
        ({"words": ["install"]}, "InvalidValue"),
    ],
)
def test_options_of_methods_are_checked(alice: Client, options: dict[str, Any], name: str) -> None:
    with pytest.raises(Refused) as caught:
        alice.plan({"kind": "rebuild"}, **options)
    assert caught.value.name == name


@ONE_NIX
@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "install \x1b[31mhello", "install hello\x7f", "install\u202ehello"]
)
def test_words_that_are_no_words_are_refused(alice: Client, text: str) -> None:
    with pytest.raises(Refused) as caught:
        alice.send(ROOT_PATH, (INTENT, "Recognise"), ("sa{sv}", [text, {}]))
    assert caught.value.name == "InvalidText"
    assert len(caught.value.message) < 200


@ONE_NIX
def test_an_unknown_generation_or_channel_is_named(alice: Client) -> None:
    error = failure(alice, {"kind": "switch-generation", "generation": 99})
    assert error["name"] == "UnknownGeneration"
    error = failure(alice, {"kind": "restore-inputs", "generation": 99})
    assert error["name"] == "UnknownGeneration"
    error = failure(alice, {"kind": "update-inputs", "inputs": ["nixos-unstable"]})
    assert (error["name"], "Known: nixos" in error["message"]) == ("InvalidValue", True)


def test_a_configuration_with_an_error_is_told_with_its_place(
    alice: Client, sandbox: Sandbox
) -> None:
    file = sandbox.path("/etc/nixos/configuration.nix")
    own = file.read_text()
    try:
        file.write_text(own.replace("tree\n", "tree\n    ]]\n"))
        error = failure(alice, {"kind": "add-package", "package": "hello"})
        assert error["name"] == "EvaluationFailed"
        assert "/etc/nixos/configuration.nix" in error["message"]
        file.unlink()
        error = failure(alice, {"kind": "add-package", "package": "hello"})
        assert error["name"] != "Internal", error
    finally:
        file.write_text(own)
    assert sandbox.daemon_is_running


@ONE_NIX
def test_an_own_file_that_was_edited_by_hand_is_left_alone(alice: Client, sandbox: Sandbox) -> None:
    file = sandbox.path("/etc/nixos/luminous.nix")
    own = file.read_bytes()
    try:
        for content, name in (
            (own.replace(b"  ];", b"    { x = 1; }\n  ];"), "ConfigurationUnreadable"),
            (own + b"\xff\xfe", "ConfigurationUnreadable"),
            (b"", "ConfigurationUnreadable"),
            (b"x" * 5_000_000, "ConfigurationUnreadable"),
        ):
            file.write_bytes(content)
            error = failure(alice, {"kind": "add-package", "package": "hello"})
            assert error["name"] == name, error
            assert file.read_bytes() == content
    finally:
        file.write_bytes(own)
