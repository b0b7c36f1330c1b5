"""Explanations of the machine, each against what Nix, du, df or the files themselves say."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_protocol.names import EXPLAIN, ROOT_PATH
from tests.integration.asking import ask
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import rewritten, running_system, state_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.users import UserName

pytestmark = pytest.mark.integration

CONFIGURATION = "/etc/nixos/configuration.nix"
STORE_PATH = re.compile(r"/nix/store/[a-z0-9]{32}-[A-Za-z0-9+._?=-]+")
NIX = ("nix", "--extra-experimental-features", "nix-command")


def told(sandbox: Sandbox, *argv: str) -> str:
    """Return what a command prints, run as root."""
    done = sandbox.run([*argv], user="root")
    assert done.returncode == 0, done.stderr
    return done.stdout


def line(sandbox: Sandbox, text: str) -> int:
    """Return the line of configuration.nix that holds a text."""
    lines = sandbox.path(CONFIGURATION).read_text().splitlines()
    return next(number for number, found in enumerate(lines, 1) if text in found)


def why(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """Ask why something is here."""
    asked = ask(sandbox, "why", name)
    assert asked.code == ExitCode.DONE, asked.document
    found: dict[str, Any] = asked.document["presence"]
    return found


def closure(sandbox: Sandbox, path: str) -> set[str]:
    """Return what a path needs, as nix-store says."""
    return set(told(sandbox, "nix-store", "--query", "--requisites", path).split())


def size(sandbox: Sandbox, *paths: str) -> int:
    """Return the bytes of paths, as nix-store says."""
    return sum(map(int, told(sandbox, "nix-store", "--query", "--size", *paths).split()))


def references(sandbox: Sandbox, path: str) -> set[str]:
    """Return what a path refers to, as nix-store says."""
    return set(told(sandbox, "nix-store", "--query", "--references", path).split())


def exclusive(sandbox: Sandbox, root: str, path: str) -> set[str]:
    """Return what of a system only `path` needs: each path that has no other way to it."""
    left, waiting = {root}, [root]
    while waiting:
        for found in references(sandbox, waiting.pop()) - left - {path}:
            left.add(found)
            waiting.append(found)
    return closure(sandbox, path) - left


def test_a_package_is_traced_to_its_line_with_the_way_and_the_sizes_that_nix_tells(
    sandbox: Sandbox,
) -> None:
    found, root = why(sandbox, "htop"), running_system(sandbox)
    place = f"{CONFIGURATION}:{line(sandbox, '    htop')}"
    assert found["standings"] == [{"place": place, "value": "environment.systemPackages"}]
    chain = found["chain"]
    assert (chain[0], chain[-1]) == (root, why(sandbox, chain[-1])["chain"][-1])
    assert all(new in references(sandbox, old) for old, new in pairwise(chain))
    depends = told(sandbox, *NIX, "why-depends", root, chain[-1])
    assert len(chain) == len(dict.fromkeys(STORE_PATH.findall(depends)))
    assert found["own_size"] == size(sandbox, chain[-1])
    assert found["closure_size"] == size(sandbox, *closure(sandbox, chain[-1]))
    assert found["exclusive_size"] == size(sandbox, *exclusive(sandbox, root, chain[-1]))
    assert found["changes"] == [{"kind": "remove-package", "package": "htop"}]


def test_what_comes_along_names_who_needs_it_as_nix_does(sandbox: Sandbox) -> None:
    found, root = why(sandbox, "glibc"), running_system(sandbox)
    path = found["chain"][-1]
    depends = told(sandbox, *NIX, "why-depends", root, path)
    assert len(found["chain"]) == len(dict.fromkeys(STORE_PATH.findall(depends)))
    referrers = told(sandbox, "nix-store", "--query", "--referrers-closure", path).split()
    packages = references(sandbox, str(sandbox.path("/run/current-system/sw").readlink()))
    names = {found.partition("-")[2] for found in packages & set(referrers) - {path}}
    assert {re.sub(r"-\d.*", "", name) for name in names} == set(found["users"])


def test_what_a_switch_brings_in_is_traced_to_the_line_that_sets_it(sandbox: Sandbox) -> None:
    found = why(sandbox, "openssh")
    place = f"{CONFIGURATION}:{line(sandbox, '    enable = true;')}"
    assert found["standings"] == [{"place": place, "value": "services.openssh.enable = true"}]
    assert found["changes"] == [{"kind": "disable", "target": "services.openssh.enable"}]
    option = why(sandbox, "services.openssh")
    assert (option["kind"], option["name"]) == ("option", "services.openssh.enable")
    assert (option["value"], option["standings"][0]["place"]) == ("true", place)


def test_a_service_is_traced_by_any_of_its_names_and_what_nixos_sets_is_left_alone(
    sandbox: Sandbox,
) -> None:
    for name in ("sshd", "sshd.service"):
        found = why(sandbox, name)
        assert (found["kind"], found["name"]) == ("service", "services.openssh.enable")
        assert found["standings"][0]["place"].startswith(CONFIGURATION)
    network = why(sandbox, "networkmanager")
    switch = "networking.networkmanager.enable"
    place = f"{CONFIGURATION}:{line(sandbox, switch)}"
    assert network["standings"] == [{"place": place, "value": f"{switch} = true"}]
    assert network["changes"] == [{"kind": "disable", "target": switch}]
    assert why(sandbox, "dbus")["changes"] == []
    assert why(sandbox, "services.dbus.enable")["changes"] == []


def test_what_is_not_in_the_system_is_said_to_be_brought_by_nothing(sandbox: Sandbox) -> None:
    found = why(sandbox, "firefox")
    assert (found["present"], found["standings"], found["chain"]) == (False, [], [])
    shown = sandbox.run(["ask-nix", "why", "firefox"]).stdout
    assert "Brought by  nothing: it is not in the system\n" in shown
    text = sandbox.path(CONFIGURATION).read_text().replace("    htop\n", "    htop\n    firefox\n")
    with rewritten(sandbox, "configuration.nix", text.encode()):
        shown = sandbox.run(["ask-nix", "why", "firefox"]).stdout
    assert "It is not in the running system yet: ask-nix rebuild" in shown


def test_a_configuration_that_does_not_evaluate_leaves_the_way_and_the_size(
    sandbox: Sandbox,
) -> None:
    with rewritten(sandbox, "configuration.nix", b'{ imports = [ (throw "out of order") ]; }'):
        found = why(sandbox, "htop")
    assert found["chain"][0] == running_system(sandbox)
    assert found["own_size"] > 0
    assert found["problem"]
    assert found["standings"] == []


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("hellp", "UnknownPackage"),
        ("services.opensh.enable", "UnknownOption"),
        ("/nix/store/../etc", "InvalidValue"),
        ("a b", "InvalidValue"),
        ("x" * 1000, "InvalidValue"),
    ],
)
def test_a_name_of_nothing_is_an_error_by_name(sandbox: Sandbox, name: str, error: str) -> None:
    with Client(sandbox, "bob") as bob, pytest.raises(Refused) as caught:
        bob.send(ROOT_PATH, (EXPLAIN, "Why"), ("sa{sv}", [name, {}]))
    assert caught.value.name == error


def disk(sandbox: Sandbox, user: UserName) -> dict[str, Any]:
    """Ask what fills the disks."""
    found: dict[str, Any] = ask(sandbox, "disk", user=user).document["disk"]
    return found


def dumped_sizes(dump: str) -> Iterator[int]:
    """Yield the bytes of every path that a dump of Nix's database holds."""
    lines = iter(dump.splitlines())
    for _path in lines:
        _hash, size, _deriver, references = (next(lines) for _ in range(4))
        for _ in range(int(references)):
            next(lines)
        yield int(size)


def test_what_is_mounted_below_a_directory_is_not_counted_with_it(sandbox: Sandbox) -> None:
    folder = "/var/lib/holder"
    script = f"mkdir -p {folder}/mounted && head -c 1M /dev/zero >{folder}/own && "
    told(sandbox, "sh", "-c", f"{script} mount -t tmpfs tmpfs {folder}/mounted")
    told(sandbox, "sh", "-c", f"head -c 5M /dev/zero >{folder}/mounted/file")
    try:
        sizes = {item["path"]: item["size"] for item in disk(sandbox, "bob")["folders"]}
    finally:
        told(sandbox, "umount", f"{folder}/mounted")
    assert sizes[folder] == int(told(sandbox, "du", "-sB1", folder).split()[0])


def test_the_disk_is_told_as_du_df_and_nix_count_it(sandbox: Sandbox) -> None:
    big = sandbox.path("/var/lib/grown")
    big.mkdir(exist_ok=True)
    (big / "file").write_bytes(b"x" * 3_000_000)
    home = sandbox.path("/home/alice/private-matter")
    home.mkdir(exist_ok=True)
    (home / "file").write_bytes(b"x" * 2_000_000)
    mine, others, all_of_it = (disk(sandbox, "alice"), disk(sandbox, "bob"), disk(sandbox, "root"))
    assert "alice" not in str(others["folders"])
    assert "private-matter" not in str((mine, others, all_of_it))
    for path in ("/var/lib/grown", "/home/alice"):
        counted = int(told(sandbox, "du", "-sB1", path).split()[0])
        sizes = {item["path"]: item["size"] for item in all_of_it["folders"]}
        assert sizes[path] == counted
    assert others["hidden_homes"] >= 2
    assert others["other_homes"] >= 2_000_000 > mine["other_homes"]
    assert mine["store"] == sum(dumped_sizes(told(sandbox, "nix-store", "--dump-db")))
    for system in mine["file_systems"]:
        listed = told(sandbox, "df", "-B1", "--output=size,avail", system["path"]).split()
        assert system["size"] == int(listed[-2])
        assert abs(system["free"] - int(listed[-1])) < 64 * 2**20, "others write meanwhile"


def test_what_could_be_freed_is_planned_and_nothing_is_done(sandbox: Sandbox) -> None:
    for name in ("figlet", "cowsay", "lolcat"):
        assert ask(sandbox, "--yes", "install", name).code == ExitCode.DONE
    before = state_of(sandbox)
    asked = ask(sandbox, "disk")
    found = asked.document["disk"]
    numbers = [int(number) for number in found["deletable"]]
    assert asked.document["plans"][0]["generations"] == numbers == sorted(numbers, reverse=True)
    assert asked.document["answers"] == ["To make room so: ask-nix gc"]
    systems = {
        number: str(sandbox.path(f"/nix/var/nix/profiles/system-{number}-link").readlink())
        for number in (
            item["number"] for item in ask(sandbox, "generations").document["generations"]
        )
    }
    doomed: set[str] = set().union(*(closure(sandbox, systems[number]) for number in numbers))
    kept = (closure(sandbox, path) for number, path in systems.items() if number not in numbers)
    assert found["freed"] == size(sandbox, *doomed.difference(*kept))
    assert state_of(sandbox) == before


def test_what_changed_is_told_with_who_asked_in_which_words(sandbox: Sandbox) -> None:
    first = ask(sandbox, "status").document["status"]["current"]
    assert ask(sandbox, "--yes", "please install jq").code == ExitCode.DONE
    assert ask(sandbox, "--yes", "enable bluetooth").code == ExitCode.DONE
    for since in (f"generation {first}", str(first)):
        document = ask(sandbox, "what-changed", since).document
        names = {item["name"] for item in document["comparison"]["packages"]}
        assert {"jq", "bluez"} <= names
        assert "bluetooth.service" in document["comparison"]["units"]["start"]
        asked = [(item["user"], item["words"]) for item in document["changed"]["transactions"]]
        assert asked[:2] == [("alice", "enable bluetooth"), ("alice", "please install jq")]
        assert (
            document["comparison"]
            == ask(sandbox, "diff", str(first), str(document["changed"]["after"])).document[
                "comparison"
            ]
        )
    last = ask(sandbox, "what-changed").document
    assert {item["name"] for item in last["comparison"]["packages"]} == {"bluez"}
    assert ask(sandbox, "what-changed", "since yesterday").document["changed"]["cut_short"]
    wrong = ask(sandbox, "what-changed", "since", "whenever")
    assert (wrong.code, wrong.document["error"]["name"]) == (ExitCode.USAGE, "UsageError")
    gone = ask(sandbox, "what-changed", "generation", "999")
    assert gone.document["error"]["name"] == "UnknownGeneration"


def test_what_if_shows_the_plan_and_throws_it_away(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    plan: dict[str, Any] = {}
    for words in (["remove", "htop"], ["I removed htop"], ["if", "we", "uninstalled", "htop"]):
        asked = ask(sandbox, "what-if", *words)
        (plan,) = asked.document["plans"]
        assert plan["changes"] == [{"kind": "remove-package", "package": "htop"}]
        assert (asked.code, asked.document["transactions"]) == (ExitCode.DONE, [])
    assert state_of(sandbox) == before
    with Client(sandbox) as alice, pytest.raises(Refused) as caught:
        alice.properties(plan["path"], "org.luminous1.Plan")
    assert caught.value.name == "UnknownObject"


def test_health_finds_failed_units_full_disks_and_old_channels(sandbox: Sandbox) -> None:
    calm = ask(sandbox, "health")
    assert calm.code == ExitCode.UNWELL
    assert [item["severity"] for item in calm.document["findings"]] == ["unknown"]
    link = sandbox.path("/nix/var/nix/profiles/per-user/root/channels-1-link")
    told(sandbox, "touch", "--no-dereference", "--date=200 days ago", f"{LINKS}/{link.name}")
    script = "mount -t tmpfs -o size=1m tmpfs /boot && head -c 1000k /dev/zero > /boot/filler"
    told(sandbox, "sh", "-c", script)
    try:
        ill = ask(sandbox, "health")
    finally:
        told(sandbox, "umount", "/boot")
        told(sandbox, "touch", "--no-dereference", f"{LINKS}/{link.name}")
    found = {item["topic"]: item for item in ill.document["findings"]}
    assert found["boot"]["severity"] == "critical"
    assert (found["inputs"]["severity"], found["inputs"]["command"]) == (
        "warning",
        "ask-nix update",
    )
    assert "200 days old" in found["inputs"]["text"]
    assert (ill.code, ill.document["error"]["name"]) == (ExitCode.UNWELL, "Unwell")


def test_health_never_says_that_all_is_well_where_it_does_not_know_or_nix_does_not_evaluate(
    sandbox: Sandbox,
) -> None:
    shown = sandbox.run(["ask-nix", "health"])
    assert shown.returncode == ExitCode.UNWELL
    assert "unknown  Not known: services, because systemd does not answer." in shown.stdout
    with rewritten(sandbox, "configuration.nix", b'{ imports = [ (throw "out of order") ]; }'):
        found = ask(sandbox, "health").document["findings"]
    (broken,) = [item for item in found if item["topic"] == "configuration"]
    assert (broken["severity"], broken["command"]) == ("warning", "ask-nix explain-error")
    assert "out of order" in broken["text"]


LINKS = "/nix/var/nix/profiles/per-user/root"


def test_without_systemd_a_unit_is_a_named_error(sandbox: Sandbox) -> None:
    asked = ask(sandbox, "unit", "sshd")
    assert asked.document["error"]["name"] == "SystemdUnavailable"
    assert asked.code == ExitCode.REFUSED


QUESTIONS = {
    "why is htop installed?": "presence",
    "what needs glibc": "presence",
    "why is my disk full?": "disk",
    "what changed since generation 1": "changed",
    "is everything ok?": "findings",
    "what does services.openssh.enable do?": "option",
    "how do I enable bluetooth?": "option",
}


@pytest.mark.parametrize(("question", "key"), QUESTIONS.items())
def test_a_question_in_words_leads_to_the_same_answer_and_changes_nothing(
    sandbox: Sandbox, question: str, key: str
) -> None:
    before = state_of(sandbox)
    asked = ask(sandbox, question)
    unknown = ExitCode.UNWELL if key == "findings" else ExitCode.DONE  # systemd does not run here
    assert asked.code == unknown, asked.document
    assert asked.document[key] is not None
    assert asked.document["transactions"] == []
    assert state_of(sandbox) == before


def test_the_packages_of_the_system_are_those_that_the_command_told_lists(
    sandbox: Sandbox,
) -> None:
    answers = ask(sandbox, "list installed packages").document["answers"]
    (command,) = re.findall(r"nix-store [^·]+(?= ·)", " ".join(answers))
    assert "-htop-" in told(sandbox, *command.split())


def test_a_supposition_in_words_is_planned_and_nothing_else(sandbox: Sandbox) -> None:
    before = state_of(sandbox)
    asked = ask(sandbox, "--yes", "what would happen if I removed htop?")
    (plan,) = asked.document["plans"]
    assert plan["changes"] == [{"kind": "remove-package", "package": "htop"}]
    assert [item["kind"] for item in asked.document["intents"]] == ["explain"]
    assert (asked.document["transactions"], state_of(sandbox)) == ([], before)


README = Path(__file__).parents[2] / "README.md"


def dialogue() -> list[tuple[list[str], str]]:
    """Return the commands of the README's section on explaining, and what they print."""
    section = README.read_text(encoding="utf-8").partition("\n## Explaining\n")[2]
    block = section.partition("```console\n")[2].partition("\n```\n")[0]
    scenes = re.split(r"^alice\$ ", block, flags=re.MULTILINE)[1:]
    parted = (scene.partition("\n") for scene in scenes)
    return [(shlex.split(said), printed.partition("\n\n#")[0]) for said, _, printed in parted]


def test_the_readme_says_what_explaining_prints(sandbox: Sandbox) -> None:
    scenes = dialogue()
    assert len(scenes) == 2
    for command, printed in scenes:
        shown = sandbox.run(command).stdout.rstrip("\n")
        first, _, last = printed.partition("\n…\n")
        assert shown.startswith(first), command
        assert shown.endswith(last), command
