"""Full disks and damaged files: a named error, nothing half written, and the daemon lives on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.asking import ask
from tests.integration.bus_client import Client
from tests.integration.machine_state import assert_is_system, default_generation, state_of

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

HELLO = {"kind": "add-package", "package": "hello"}
# A small file system with the same files in the folder's place, and not a byte free.
FILL = """
mount -t tmpfs -o size=200k tmpfs /mnt && chown --reference=$0 /mnt && cp -a $0/. /mnt/ &&
mount --move /mnt $0; head -c 400k /dev/zero > $0/filler; test -s $0/filler
"""


def fill(sandbox: Sandbox, place: str) -> None:
    """Make a folder's disk full."""
    done = sandbox.run(["sh", "-c", FILL, place], user="root")
    assert done.returncode == 0, done.stderr


def empty(sandbox: Sandbox, place: str) -> None:
    """Show what was there before the disk was full."""
    assert sandbox.run(["umount", place], user="root").returncode == 0


@pytest.mark.parametrize("place", ["/var/lib/luminous", "/etc/nixos", "/run/luminous"])
def test_a_full_disk_changes_nothing_and_says_so(sandbox: Sandbox, place: str) -> None:
    pid = sandbox.daemon_pid
    with Client(sandbox) as alice:
        plan, before = alice.plan(HELLO), state_of(sandbox)
        fill(sandbox, place)
        ended = alice.until(alice.apply(plan))
        result = ended["Result"]
        # Where the file system has no room for the output of a switch, it fails before or in it.
        if place != "/run/luminous":
            assert (ended["State"], result["error"]) == ("failed", "StorageFailed"), ended
            assert "No space left on device" in result["message"]
        assert not {"running", "default"} & {
            key for key in ("running", "default") if result[key] != default_generation(sandbox)
        }
        empty(sandbox, place)
        if ended["State"] == "failed":
            assert state_of(sandbox) == before
        else:
            assert ask(sandbox, "--yes", "undo").code == 0
    assert (sandbox.daemon_is_running, sandbox.daemon_pid) == (True, pid)
    assert ask(sandbox, "--yes", "install hello").code == 0
    assert_is_system(sandbox, default_generation(sandbox))
    assert ask(sandbox, "--yes", "undo").code == 0


@pytest.mark.outlives("the module's sandbox owns the daemon that is started again")
def test_a_damaged_journal_keeps_no_daemon_from_starting(sandbox: Sandbox) -> None:
    assert ask(sandbox, "--yes", "install hello").code == 0
    assert ask(sandbox, "--yes", "undo").code == 0
    journal = sandbox.path("/var/lib/luminous/journal.jsonl")
    own = journal.read_bytes()
    whole = ask(sandbox, "history").document["history"]
    for content in (
        b"\xff\xfe\x00garbage\n",
        b"[]\n{}\nnull\n7\n",
        b"\n\n",
        b'{"event": "step"}\n',
    ):
        assert sandbox.stop_daemon() == 0
        journal.write_bytes(content + own + content)
        sandbox.start_daemon()
        assert ask(sandbox, "history").document["history"] == whole
    assert sandbox.stop_daemon() == 0
    journal.write_bytes(own)
    sandbox.start_daemon()


@pytest.mark.outlives("the module's sandbox owns the daemon that is started again")
def test_a_wrong_settings_file_is_named_in_one_line(sandbox: Sandbox) -> None:
    folder = sandbox.path("/etc/luminous")
    folder.mkdir(exist_ok=True)
    for text, complaint in (
        ("plan_seconds = 'soon'\n", "plan_seconds"),
        ("colour = 1\n", "colour"),
        ("= 3\n", "is not TOML"),
    ):
        (folder / "luminous.toml").write_text(text)
        done = sandbox.run(["luminousd"], user="root")
        assert done.returncode == 1
        assert done.stderr.startswith("luminousd: /etc/luminous/luminous.toml")
        assert complaint in done.stderr
        assert "Traceback" not in done.stderr
    (folder / "luminous.toml").unlink()


def test_an_unprivileged_luminousd_says_what_is_wrong(sandbox: Sandbox) -> None:
    done = sandbox.run(["luminousd"])
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
