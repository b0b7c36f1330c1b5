"""What was approved is what runs: files that are swapped before or during a change are refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from luminous_protocol.names import PLAN
from tests.integration.bus_client import Client, Refused
from tests.integration.machine_state import PROFILE, default_generation, running_system, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

FIGLET = {"kind": "add-package", "package": "figlet"}
SLOW = {"kind": "add-package", "package": "slow-build"}
OWN, MAIN = "/etc/nixos/luminous.nix", "/etc/nixos/configuration.nix"
SECRET = "/root/secret.nix"  # noqa: S105 - a place
SWAPS = {
    "own file edited": f"sed -i 's/^{{ lib/{{ lib /' {OWN}",
    "own file emptied": f": > {OWN}",
    "main file edited": f"sed -i 's/^    tree$/    tree jq/' {MAIN}",
    "imported file added": "sed -i 's|./luminous.nix|./luminous.nix ./more.nix|' "
    f"{MAIN}; echo '{{ }}' > /etc/nixos/more.nix",
    "link to a file of root's": f"mv {OWN} {OWN}.away; ln -s {SECRET} {OWN}",
    "link that leads nowhere": f"mv {OWN} {OWN}.away; ln -s /nowhere {OWN}",
    "hard link": f"mv {OWN} {OWN}.away; ln {MAIN} {OWN}",
    "fifo": f"mv {OWN} {OWN}.away; mkfifo {OWN}",
    "directory": f"mv {OWN} {OWN}.away; mkdir {OWN}",
}
"""What the configuration's owner does to it, as shell commands of alice's."""

NAMED = {"Drifted", "ConfigurationUnreadable", "NotImported", "EvaluationFailed", "StorageFailed"}


@pytest.fixture(autouse=True)
def as_before(sandbox: Sandbox) -> Iterator[None]:
    """Put the configuration back as it was, and see that nothing else was touched."""
    secret = sandbox.path(SECRET)
    secret.write_text("{ }\n")
    secret.chmod(0o600)
    sandbox.run(["sh", "-c", "rm -rf ~/kept && cp -a /etc/nixos ~/kept"])
    yield
    sandbox.run(["sh", "-c", "rm -rf /etc/nixos/*; cp -a ~/kept/. /etc/nixos"])
    assert secret.read_text() == "{ }\n"
    assert sandbox.daemon_is_running
    assert "Traceback" not in sandbox.daemon_log


def system_of(sandbox: Sandbox) -> tuple[int, str, str]:
    """Return the default generation, the profile's link and what runs."""
    profile = str(sandbox.path(PROFILE).readlink())
    return default_generation(sandbox), profile, running_system(sandbox)


def listing(sandbox: Sandbox) -> str:
    """Return all names below the configuration with kind, mode, owner and content."""
    look = "cd /etc/nixos; find . -printf '%p %y %m %u %l\\n' | sort; find . -type f | sort | "
    return sandbox.run(["sh", "-c", look + "xargs sha256sum"], user="root").stdout


@pytest.mark.parametrize("swap", SWAPS)
def test_a_file_that_is_swapped_after_the_plan_is_refused_and_left_alone(
    sandbox: Sandbox, swap: str
) -> None:
    with Client(sandbox) as alice:
        plan = alice.plan(FIGLET)
        assert alice.properties(plan, PLAN)["State"] == "ready"
        assert sandbox.run(["sh", "-ec", SWAPS[swap]]).returncode == 0
        system, files = system_of(sandbox), listing(sandbox)
        ended = alice.until(alice.apply(plan))
        assert ended["State"] == "failed"
        assert ended["Result"]["error"] in NAMED, str(ended["Result"])
        assert listing(sandbox) == files
        assert system_of(sandbox) == system


@pytest.mark.parametrize("swap", ["own file edited", "main file edited", "hard link", "fifo"])
def test_a_file_that_is_swapped_during_a_slow_build_is_refused_and_left_alone(
    sandbox: Sandbox, swap: str
) -> None:
    sandbox.run(["nix-collect-garbage"], user="root")  # so that it is built anew
    with Client(sandbox) as alice:
        transaction = alice.apply(alice.plan(SLOW))
        wait_until(lambda: alice.transaction(transaction)["Phase"] == "building")
        assert sandbox.run(["sh", "-ec", SWAPS[swap]]).returncode == 0
        system, files = system_of(sandbox), listing(sandbox)
        ended = alice.until(transaction, seconds=60)
        assert ended["State"] == "failed"
        assert ended["Result"]["error"] in NAMED, str(ended["Result"])
        assert listing(sandbox) == files
        assert system_of(sandbox) == system


def test_a_plan_that_two_apply_at_once_is_carried_out_once(sandbox: Sandbox) -> None:
    with Client(sandbox) as one, Client(sandbox) as other, ThreadPoolExecutor() as pool:
        plan = one.plan(FIGLET)
        before = default_generation(sandbox)

        def apply(client: Client) -> str:
            try:
                return client.apply(plan, "switch", wait=True)
            except Refused as refused:
                return refused.name

        answers = list(pool.map(apply, (one, other)))
        assert answers.count("AlreadyUsed") == 1
        (path,) = set(answers) - {"AlreadyUsed"}
        assert one.until(path)["State"] == "done"
        assert default_generation(sandbox) == before + 1
        with pytest.raises(Refused) as caught:  # nor another way, once it is approved
            one.apply(plan, "test")
        assert caught.value.name == "AlreadyUsed"
        assert one.carry_out({"kind": "remove-package", "package": "figlet"})["State"] == "done"


TOGGLE = f"""
import os, time
until = time.monotonic() + 40
real, link = "{OWN}.real", "{OWN}"
os.rename(link, real)
while time.monotonic() < until and not os.path.exists("/home/alice/enough"):
    os.symlink("{SECRET}", link + ".1"); os.rename(link + ".1", link)
    os.link(real, link + ".2"); os.rename(link + ".2", link)
    os.link("{MAIN}", link + ".3"); os.rename(link + ".3", link)
    os.link(real, link + ".4"); os.rename(link + ".4", link)
os.rename(real, link)
"""


def test_a_file_that_is_another_all_the_time_leads_the_daemon_nowhere(sandbox: Sandbox) -> None:
    with sandbox.popen(["python", "-c", TOGGLE]) as racer, Client(sandbox) as alice:
        ends = []
        for number in range(6):
            kind = "remove-package" if number % 2 else "add-package"
            plan = alice.plan({"kind": kind, "package": "figlet"})
            found = alice.properties(plan, PLAN)
            if found["State"] == "ready":
                ends.append(alice.until(alice.apply(plan), seconds=60)["Result"]["error"])
            else:
                ends.append(found["Failure"]["name"])
        sandbox.run(["touch", "enough"])
        racer.communicate(timeout=60)
        sandbox.run(["rm", "enough"])
    assert set(ends) <= NAMED | {"", "NothingToDo"}, ends
