"""The limits of what searches: what takes too much ends, and nobody else does."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from tests.machine.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("limits")
MIND, INDEXER = "luminous-mind", "luminous-mind-index"
STATUS = "busctl call org.luminous1 /org/luminous1 org.luminous1.{} Status"
TAKES_MEMORY = "taken = bytearray({} << 20)"
TAKES_TASKS = """import threading, time
for _ in range({}):
    threading.Thread(target=time.sleep, args=(1,)).start()
"""
STARTS_ANOTHER = f"""import subprocess, sys
done = subprocess.run([sys.executable, "-c", "{TAKES_MEMORY.format(1600)}"])
sys.exit(done.returncode != -9)
"""
DROP_IN = """[Service]
Type=oneshot
ExecStart=
ExecStart=/usr/bin/python3 -I /usr/local/lib/greedy.py
"""


@pytest.fixture(scope="module")
def machine(
    layers: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """Give one machine to all, on which limits are kept."""
    machine = Machine(layers, tmp_path_factory.mktemp("machine"), limits=True)
    machine.start()
    machine.wait_for_unit("multi-user.target")
    machine.succeed("mkdir -p /usr/local/lib", STATUS.format("System"))
    yield machine
    machine.crash()


def ends_with(machine: Machine, unit: str, program: str) -> str:
    """Run a program in the place of a unit's, and return what systemd says of its end."""
    folder = f"/run/systemd/system/{unit}.service.d"
    machine.succeed(
        f"mkdir -p {folder}; printf %s {shlex.quote(DROP_IN)} >{folder}/greedy.conf",
        f"printf %s {shlex.quote(program)} >/usr/local/lib/greedy.py; systemctl daemon-reload",
    )
    machine.execute(f"systemctl reset-failed {unit} || true; systemctl start {unit}")
    result = machine.succeed(f"systemctl show --value --property=Result {unit}").strip()
    machine.succeed(f"rm {folder}/greedy.conf; systemctl daemon-reload; systemctl stop {unit} 2>&1")
    return result


def daemon(machine: Machine) -> str:
    """Return the number of the daemon's process."""
    return machine.succeed("systemctl show --value --property=MainPID luminousd")


@pytest.mark.parametrize(("unit", "most"), [(MIND, 1536), (INDEXER, 2048)])
def test_who_takes_more_memory_than_allowed_is_killed_and_nobody_else(
    machine: Machine, unit: str, most: int
) -> None:
    before = daemon(machine)
    assert ends_with(machine, unit, TAKES_MEMORY.format(most // 2)) == "success"
    assert ends_with(machine, unit, TAKES_MEMORY.format(most + 64)) in {"oom-kill", "signal"}
    machine.succeed(STATUS.format("System"))
    assert daemon(machine) == before


def test_what_searches_outlives_a_job_of_its_own_that_takes_too_much(machine: Machine) -> None:
    assert ends_with(machine, MIND, STARTS_ANOTHER) == "success"


@pytest.mark.parametrize("unit", [MIND, INDEXER])
def test_who_starts_more_tasks_than_allowed_cannot(machine: Machine, unit: str) -> None:
    assert ends_with(machine, unit, TAKES_TASKS.format(16)) == "success"
    assert ends_with(machine, unit, TAKES_TASKS.format(40)) == "exit-code"


def test_a_search_after_it_was_killed_for_its_memory_is_answered(machine: Machine) -> None:
    ends_with(machine, MIND, TAKES_MEMORY.format(1600))
    machine.succeed(
        "mkdir -p /etc/luminous; systemctl start luminous-catalogue",
        "systemctl start luminous-mind-index",
    )
    assert "hello" in machine.succeed("su - bob -c 'ask-nix search hello'")
