"""Single options and packages over the bus: as Nix evaluates this machine, with real files."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_protocol.names import KNOWLEDGE, ROOT_PATH, SYSTEM
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import rewritten, with_packages
from tests.integration.test_mind import end_mind, minds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = pytest.mark.integration

CONFIGURATION = "/etc/nixos/configuration.nix"


@pytest.fixture
def bob(sandbox: Sandbox) -> Iterator[Client]:
    """Connect as bob, who may do nothing but ask."""
    with Client(sandbox, "bob") as client:
        yield client


def option(client: Client, name: str) -> dict[str, Any]:
    """Describe an option."""
    found: dict[str, Any] = client.send(
        ROOT_PATH, (SYSTEM, "DescribeOption"), ("sa{sv}", [name, {}])
    )[1][0]
    return found


def package(client: Client, name: str) -> dict[str, Any]:
    """Describe a package."""
    found: dict[str, Any] = client.send(
        ROOT_PATH, (SYSTEM, "DescribePackage"), ("sa{sv}", [name, {}])
    )[1][0]
    return found


def line(sandbox: Sandbox, text: str) -> int:
    """Return the line of configuration.nix that holds a text."""
    lines = sandbox.path(CONFIGURATION).read_text().splitlines()
    return next(number for number, found in enumerate(lines, 1) if text in found)


def with_lines(sandbox: Sandbox, *lines: str) -> bytes:
    """Return configuration.nix with these lines before its last one."""
    text = sandbox.path(CONFIGURATION).read_text().rstrip().removesuffix("}")
    return f"{text}{chr(10).join(lines)}\n}}\n".encode()


def test_an_option_is_told_with_the_line_that_sets_it(sandbox: Sandbox, bob: Client) -> None:
    found = option(bob, "services.openssh.enable")
    assert (found["type"], found["default"], found["value"]) == ("boolean", "false", "true")
    place = f"{CONFIGURATION}:{line(sandbox, '    enable = true;')}"
    assert found["definitions"] == [{"place": place, "value": "true"}]
    assert found["declarations"] == ["nixos/modules/services/networking/ssh/sshd.nix"]
    assert found["description"].startswith("Whether to enable the OpenSSH")


def test_an_option_inside_of_another_has_its_own_value_and_line(
    sandbox: Sandbox, bob: Client
) -> None:
    found = option(bob, "users.users.alice.extraGroups")
    assert found["value"] == '[ "wheel" "networkmanager" ]'
    (definition,) = found["definitions"]
    assert definition["place"] == f"{CONFIGURATION}:{line(sandbox, 'extraGroups')}"


def test_what_is_not_set_has_its_default(bob: Client) -> None:
    found = option(bob, "hardware.bluetooth.enable")
    assert (found["value"], found["default"], found["definitions"]) == ("false", "false", [])


def test_all_definitions_are_listed_those_of_nixos_by_their_file(
    sandbox: Sandbox, bob: Client
) -> None:
    found = option(bob, "environment.systemPackages")["definitions"]
    places = {item["place"]: item["value"] for item in found}
    mine = places[f"{CONFIGURATION}:{line(sandbox, 'systemPackages')}"]
    assert mine.startswith("«packages htop-")
    assert places["nixos/modules/services/networking/ssh/sshd.nix"].startswith("«packages openssh-")


def test_a_password_is_hidden_wherever_it_stands(sandbox: Sandbox, bob: Client) -> None:
    secret = "correct horse battery staple"  # noqa: S105 - it opens nothing
    lines = f'users.users.bob.initialPassword = "{secret}";'
    with rewritten(sandbox, "configuration.nix", with_lines(sandbox, lines)):
        for name in ("users.users.bob.initialPassword", "users.users.bob", "users.users"):
            assert "horse" not in str(option(bob, name))
        found = option(bob, "users.users.bob.initialPassword")
    assert found["value"] == "«hidden»"


CLOSED = """{ lib, ... }: {
  environment.etc."wire.conf".text = "opaque plum";
  networking.domain = lib.mkOptionDefault "plum.example";
  users.users.bob = { ... }: { config.description = "opaque plum"; };
  services.openssh.banner = "opaque plum";
}
"""


@contextlib.contextmanager
def closed(sandbox: Sandbox) -> Iterator[Path]:
    """Let the configuration import a file that only its owner, alice, may read."""
    file = sandbox.path("/etc/nixos/closed.nix")
    file.write_text(CLOSED)
    owner = sandbox.path(CONFIGURATION).stat()
    os.chown(file, owner.st_uid, owner.st_gid)
    file.chmod(0o600)
    text = sandbox.path(CONFIGURATION).read_text()
    changed = text.replace("imports = [", "imports = [ ./closed.nix", 1)
    assert changed != text
    try:
        with rewritten(sandbox, "configuration.nix", changed.encode()):
            yield file
    finally:
        file.unlink()


def test_what_stands_in_a_file_that_not_everybody_may_read_is_told_by_its_place_alone(
    sandbox: Sandbox, bob: Client
) -> None:
    names = (
        'environment.etc."wire.conf".text',
        "environment.etc",
        "networking.domain",
        "users.users.bob.description",
        "users.users",
        "services.openssh.banner",
    )
    with closed(sandbox) as file, Client(sandbox, "alice") as alice:
        for name in names:
            found = option(bob, name)
            assert (found["withheld"], found["value"], "plum" in str(found)) == (True, "", False)
        assert "plum" in option(alice, names[0])["value"]
        place = {"place": "/etc/nixos/closed.nix:5", "value": ""}
        assert option(bob, names[-1])["definitions"] == [place]
        assert option(bob, "users.users.alice.extraGroups")["value"]
        file.chmod(0o644)
        assert "plum" in option(bob, names[0])["value"]


WEAK = """{ config, lib, ... }: {
  networking.hostName = lib.mkForce "forced";
  time.timeZone = lib.mkDefault "UTC";
  services = lib.mkMerge [
    (lib.mkIf config.services.dbus.enable { openssh.enable = lib.mkDefault false; })
    (lib.mkIf false { nginx.enable = lib.mkDefault true; })
  ];
  networking.networkmanager.enable = lib.mkDefault true;
}
"""


def test_what_a_stronger_definition_outweighs_is_told_beside_it(
    sandbox: Sandbox, bob: Client
) -> None:
    name, main = line(sandbox, "networking.hostName"), sandbox.path(CONFIGURATION).read_text()
    imported = main.replace("./luminous.nix #", "./luminous.nix ./weak.nix #").encode()
    weak = "/etc/nixos/weak.nix"
    with rewritten(sandbox, "weak.nix", WEAK.encode()):
        owner = sandbox.path(CONFIGURATION).stat()
        os.chown(sandbox.path(weak), owner.st_uid, owner.st_gid)
        sandbox.path(weak).chmod(0o644)
        with rewritten(sandbox, "configuration.nix", imported):
            found = {
                asked: option(bob, asked)
                for asked in (
                    "networking.hostName",
                    "time.timeZone",
                    "services.openssh.enable",
                    "services.nginx.enable",
                    "networking.networkmanager.enable",
                    "networking.domain",
                )
            }
            sandbox.path(weak).chmod(0o600)
            closed = option(bob, "time.timeZone")
    assert {asked: item["overridden"] for asked, item in found.items()} == {
        "networking.hostName": [
            {"place": f"{CONFIGURATION}:{name}", "value": '"luminous-sandbox"'}
        ],
        "time.timeZone": [{"place": f"{weak}:3", "value": '"UTC"'}],
        "services.openssh.enable": [{"place": f"{weak}:5", "value": "false"}],
        "services.nginx.enable": [],
        "networking.networkmanager.enable": [{"place": f"{weak}:8", "value": "true"}],
        "networking.domain": [],
    }
    assert found["networking.hostName"]["definitions"] == [
        {"place": f"{weak}:2", "value": '"forced"'}
    ]
    assert "UTC" not in str(closed)


def test_a_value_that_nobody_can_read_costs_only_the_value(sandbox: Sandbox, bob: Client) -> None:
    lines = "networking.domain = builtins.head [ ];"
    with rewritten(sandbox, "configuration.nix", with_lines(sandbox, lines)):
        found = option(bob, "networking.domain")
    assert (found["value"], bool(found["problem"])) == ("", True)
    assert found["type"]


def test_a_configuration_that_fails_is_no_missing_option(sandbox: Sandbox, bob: Client) -> None:
    text = b'{ imports = [ (throw "it is out of order") ]; }'
    with rewritten(sandbox, "configuration.nix", text), pytest.raises(Refused) as caught:
        option(bob, "services.openssh.enable")
    assert (caught.value.name, "out of order" in str(caught.value)) == ("EvaluationFailed", True)


def test_a_name_without_an_option_tells_those_below(bob: Client) -> None:
    found = option(bob, "services.openssh")
    assert found["is-set-of-options"]
    below = {item["name"]: item for item in found["below"]}
    assert below["enable"]["type"] == "boolean"
    inside = option(bob, "services.nginx.virtualHosts")
    assert "<name>.root" in [item["name"] for item in inside["below"]]
    root = option(bob, "services.nginx.virtualHosts.<name>.root")
    assert root["description"]


def test_an_old_name_tells_the_new_one(bob: Client) -> None:
    found = option(bob, "services.openssh.permitRootLogin")
    assert found["alias"] == "services.openssh.settings.PermitRootLogin"


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("services.opensh.enable", "UnknownOption", "services.openssh.enable"),
        ("sound.enable", "UnknownOption", "can no longer be used"),
        ("a b", "InvalidValue", "not the name of an option"),
        ("${builtins.abort}", "InvalidValue", "not the name of an option"),
    ],
)
def test_what_is_no_option_is_an_error_by_name(
    bob: Client, name: str, error: str, said: str
) -> None:
    with pytest.raises(Refused) as caught:
        option(bob, name)
    assert caught.value.name == error
    assert said in str(caught.value)


def test_a_package_is_told_with_what_brings_it_in(sandbox: Sandbox, bob: Client) -> None:
    found = package(bob, "htop")
    assert (found["licences"], found["program"]) == (
        ["GNU General Public License v2.0 only"],
        "htop",
    )
    place = f"{CONFIGURATION}:{line(sandbox, 'htop')}"
    assert found["installed"] == [{"place": place, "value": "environment.systemPackages"}]
    assert found["switches"] == ["programs.htop.enable"]
    with rewritten(
        sandbox, "configuration.nix", with_lines(sandbox, "programs.firefox.enable = true;")
    ):
        last = line(sandbox, "programs.firefox.enable")
        assert package(bob, "firefox")["installed"] == [
            {"place": f"{CONFIGURATION}:{last}", "value": "programs.firefox.enable = true"}
        ]


def test_what_speaks_against_a_package_is_told(sandbox: Sandbox, bob: Client) -> None:
    slack = package(bob, "slack")
    assert (slack["unfree"], slack["availability"], slack["installed"]) == (True, "unfree", [])
    assert package(bob, "openssl_1_1")["reason"].startswith("OpenSSL 1.1")
    with rewritten(sandbox, "configuration.nix", with_packages(sandbox, "hello")):
        assert package(bob, "hello")["installed"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("hellp", "hello"), ("tdesktop", "telegram-desktop"), ("neofetch", "fastfetch")],
)
def test_a_package_that_is_not_there_says_what_is(bob: Client, name: str, said: str) -> None:
    with pytest.raises(Refused) as caught:
        package(bob, name)
    assert caught.value.name == "UnknownPackage"
    assert said in str(caught.value)


README = Path(__file__).parents[2] / "README.md"
LISTED = """
mkdir -p /etc/luminous /var/cache/luminous-catalogue
built=$(nix-build --no-out-link '<nixpkgs/nixos>' -A config.system.build.manual.optionsJSON)
cp "$built/share/doc/nixos/options.json" /etc/luminous/
nix-env -f '<nixpkgs>' -qaP --json --meta > /var/cache/luminous-catalogue/packages.json
luminous-mind --index
"""


@pytest.fixture
def indexed(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Index the sandbox's own options and packages; it is taken away afterwards."""
    end_mind(sandbox)
    done = sandbox.run(["sh", "-ec", LISTED], user="root")
    assert done.returncode == 0, done.stderr
    yield sandbox
    end_mind(sandbox)
    folder = sandbox.path("/var/lib/luminous-mind/index")
    folder.rename(folder.with_name(f"index.{os.urandom(4).hex()}"))


def dialogue() -> list[tuple[str, str]]:
    """Return the commands of the README's section on searching, and what they print."""
    section = README.read_text(encoding="utf-8").partition("\n## Searching\n")[2]
    block = section.partition("```console\n")[2].partition("\n```\n")[0]
    found = []
    for scene in re.split(r"^alice\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, printed = scene.partition("\n")
        found.append((command, re.split(r"\n\n(?:#|$)", printed)[0].rstrip("\n")))
    return found


@pytest.mark.outlives("the daemon of the module's sandbox starts the mind")
def test_the_readme_says_what_searching_prints(indexed: Sandbox) -> None:
    scenes = dialogue()
    assert len(scenes) == 3
    for command, printed in scenes:
        with indexed.terminal(command.split(), env={"TERM": "dumb"}) as terminal:
            assert terminal.wait() == 0
            shown = terminal.output.replace("\r\n", "\n").rstrip("\n")
        assert shown == printed, command


@pytest.mark.outlives("the daemon of the module's sandbox starts the mind")
def test_ask_nix_tells_what_the_index_and_the_machine_know(indexed: Sandbox) -> None:
    assert ask(indexed, "search", "nginx").code == ExitCode.DONE  # and the mind is awake
    found = ask(indexed, "option", "services.nginx.enable").document
    assert found["documented"]["facts"]["type"] == "boolean"
    assert found["option"]["value"] == "false"
    old = ask(indexed, "package", "tdesktop")
    assert (old.code, old.document["error"]["name"]) == (4, "UnknownPackage")
    assert "telegram-desktop" in old.document["error"]["message"]


@pytest.mark.parametrize(
    ("words", "name"),
    [("Firefox", "firefox"), ("node", "nodejs"), ("visual studio code", "vscode")],
)
def test_a_package_is_told_by_the_name_that_people_give_it(
    sandbox: Sandbox, words: str, name: str
) -> None:
    assert ask(sandbox, "package", words).document["package"]["name"] == name


@pytest.mark.outlives("the daemon of the module's sandbox starts the mind")
def test_without_an_index_ask_nix_tells_what_nix_knows_and_what_is_missing(
    sandbox: Sandbox,
) -> None:
    end_mind(sandbox)
    assert ask(sandbox, "search", "nginx").code == ExitCode.DAEMON_ABSENT
    told = sandbox.run(["ask-nix", "option", "services.openssh.enable"])
    lines = told.stdout.splitlines()
    assert lines[0] == "Option      services.openssh.enable"
    assert "Here        true" in lines
    assert lines[-1].startswith("Note        There is nothing to search in")


@pytest.mark.outlives("the daemon of the module's sandbox starts the mind")
def test_a_mind_that_hangs_costs_a_name_one_second_and_nix_is_asked(
    sandbox: Sandbox, bob: Client
) -> None:
    ask(sandbox, "search", "nginx")
    (pid,) = minds(sandbox)
    os.kill(pid, signal.SIGSTOP)
    before = time.monotonic()
    try:
        with pytest.raises(Refused) as caught:
            bob.send(ROOT_PATH, (KNOWLEDGE, "Describe"), ("ssa{sv}", ["package", "htop", {}]))
        assert time.monotonic() - before < 5
        told = sandbox.run(["ask-nix", "option", "services.openssh.enable"]).stdout
    finally:
        os.kill(pid, signal.SIGCONT)
    assert caught.value.name == "MindUnavailable"
    assert "Here        true" in told
    assert "The index did not answer within 1 s." in told
