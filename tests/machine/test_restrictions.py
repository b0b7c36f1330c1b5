"""What the shipped units forbid is forbidden: a program in the place of theirs tries each thing."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.machine.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("restrictions")
PROBE = "/usr/local/lib/probe.py"
REFUSED, DONE = 7, 0
DAEMON, READER, MIND = "luminousd", "luminous-catalogue", "luminous-mind"
INDEXER = "luminous-mind-index"
# Tenths, as systemd counts.
HIGHEST_EXPOSURE = {MIND: 12, INDEXER: 12, READER: 12, DAEMON: 35}
# A unit as it is, with another program in it, which ends by itself.
DROP_IN = f"""[Service]
Type=oneshot
Restart=no
WatchdogSec=0
ExecStart=
ExecStart=/usr/bin/python3 -I {PROBE}
"""
FRAME = """import ctypes, mmap, os, socket, sys
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
KEPT = os.environ.get("CACHE_DIRECTORY") or os.environ.get("STATE_DIRECTORY")
OWN = KEPT or "/srv/open"
def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
try:
    {}
except OSError as error:
    print(error)
    sys.exit(7)
"""

# Somebody to reach: a socket of all, and memory that is shared.
NEIGHBOUR = """import ctypes, os, socket, time
ctypes.CDLL(None).shmget(4711, 1, 0o1666)
listening = socket.socket(socket.AF_UNIX)
listening.bind("/srv/open/socket")
os.chmod("/srv/open/socket", 0o777)
listening.listen()
time.sleep(3600)
"""

FORBIDDEN = {
    "ProtectSystem (programs)": "Path('/usr/probe').touch()",
    "ProtectSystem (other settings)": "Path('/etc/probe').touch()",
    "ProtectSystem (others' state)": "Path('/var/lib/dbus/probe').touch()",
    "PrivateTmp": "Path('/tmp/of-somebody-else').read_text()",
    "PrivateDevices": "os.stat('/dev/net/tun')",
    "ProtectHostname": "socket.sethostname('probe')",
    "ProtectControlGroups": "os.mkdir('/sys/fs/cgroup/probe'); os.rmdir('/sys/fs/cgroup/probe')",
    "ProtectKernelTunables": "Path('/proc/sys/net/ipv4/ip_forward').write_text('0')",
    "CapabilityBoundingSet": "socket.socket().bind(('127.0.0.1', 80))",
    "LockPersonality": "check(libc.personality(8))",
    "MemoryDenyWriteExecute": "mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "RestrictNamespaces": "os.unshare(os.CLONE_NEWNET)",
    "RestrictRealtime": "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))",
    "RestrictSUIDSGID": "p = Path('/run/luminous-probe'); p.touch(); p.chmod(0o4755)",
    "RestrictAddressFamilies": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "SystemCallFilter": "check(libc.ptrace(0, 0, 0, 0))",
}
FORBIDDEN_TO_THE_READER = {
    "LockPersonality": "check(libc.personality(8))",
    "MemoryDenyWriteExecute": "mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "PrivateDevices": "os.stat('/dev/net/tun')",
    "PrivateTmp": "Path('/tmp/of-somebody-else').read_text()",
    "ProtectHome": "Path('/home/open/to-everybody').read_text()",
    "ProtectProc": "Path('/proc/1/cmdline').read_bytes()",
    "ProtectSystem": "Path('/srv/open/probe').touch()",
    "RestrictAddressFamilies": "socket.socket(socket.AF_INET)",
    "RestrictNamespaces": "os.unshare(os.CLONE_NEWUSER)",
    "RestrictSUIDSGID": "p = Path(OWN, 'probe'); p.touch(); p.chmod(0o4755)",
    "SystemCallFilter": "check(libc.ptrace(0, 0, 0, 0))",
}
FORBIDDEN_TO_THE_MIND = {
    **FORBIDDEN_TO_THE_READER,
    "CapabilityBoundingSet": "check(-('CapBnd:\\t0000000000000000' in "
    "Path('/proc/self/status').read_text()))",
    "InaccessiblePaths (memory of all)": "Path('/dev/shm/probe').touch()",
    "InaccessiblePaths (nix-daemon)": "os.stat('/nix/var/nix/daemon-socket/socket')",
    "NoNewPrivileges": "check(-(os.popen('/srv/open/id -u').read() != '0\\n'))",
    "PrivateIPC": "check(libc.shmget(4711, 1, 0))",
    "PrivateNetwork": "check(-(os.readlink('/proc/self/ns/net') != "
    "Path('/srv/open/network').read_text()))",
    "PrivateUsers": "check(-(os.stat('/srv/open/of-alice').st_uid == 65534))",
    "ProtectHome (root's)": "os.listdir('/root')",
    "ProtectSystem (a file of all)": "os.close(os.open('/srv/open/of-all', os.O_WRONLY))",
    "RestrictAddressFamilies (IPv6)": "socket.socket(socket.AF_INET6)",
    "RestrictAddressFamilies (netlink)": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "RestrictAddressFamilies (packets)": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "SystemCallFilter (connections)": "socket.socket(socket.AF_UNIX).connect('/srv/open/socket')",
    "SystemCallFilter (its own priority)": "os.sched_setaffinity(0, {0})",
    "SystemCallFilter (owners of files)": "p = Path(OWN, 'probe'); p.touch(); os.chown(p, -1, -1)",
    "TemporaryFileSystem (the bus)": "os.stat('/run/dbus/system_bus_socket')",
    "TemporaryFileSystem (the journal)": "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"
    ".sendto(b'forged', '/run/systemd/journal/dev-log')",
    "TemporaryFileSystem (writing)": "Path('/run/open/probe').touch()",
    "User": "Path('/etc/shadow').read_text()",
}
FORBIDDEN_BY_MORE_THAN_ITS_LINE = {
    "NoNewPrivileges": "luminous-mind",  # systemd has it whenever it filters calls of the system
    "RestrictAddressFamilies (packets)": "root",  # this takes a capability, too
}
"""With the user whom an ordinary service lets do it."""
NEEDED_BY_THE_MIND = {
    "its own state": "Path(OWN, 'probe').touch(); Path(OWN, 'probe').unlink()",
    "its settings": "Path('/etc/luminous').exists()",
    "a thread": "import threading; t = threading.Thread(target=print); t.start(); t.join()",
    "compiled libraries": "import msgpack._cmsgpack, pydantic_core",
}
NEEDED = {
    "writing luminous.nix": "Path('/etc/nixos/luminous.nix').write_bytes(b''); "
    "os.chown('/etc/nixos/luminous.nix', 1000, 100)",
    "setting the profile": "p = Path('/nix/var/nix/profiles/probe'); p.touch(); p.unlink()",
    "its own state": "Path('/var/lib/luminous/probe').touch()",
    "becoming the configuration's owner": "os.setgid(100); os.setuid(1000)",
    "a mount namespace": "os.unshare(os.CLONE_NEWNS)",
    "asking the bus": "socket.socket(socket.AF_UNIX).connect('/run/dbus/system_bus_socket')",
    "asking nix-daemon": "socket.socket(socket.AF_UNIX)"
    ".connect('/nix/var/nix/daemon-socket/socket')",
}


@pytest.fixture(scope="module")
def machine(
    layers: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """Give one machine to all: with a probe in the place of the daemon."""
    machine = Machine(layers, tmp_path_factory.mktemp("machine"))
    machine.start()
    machine.wait_for_unit("multi-user.target")
    for unit in (DAEMON, READER, MIND, INDEXER):
        drop_in = f"/etc/systemd/system/{unit}.service.d/probe.conf"
        machine.succeed(
            f"mkdir -p $(dirname {drop_in}) && printf %s {shlex.quote(DROP_IN)} >{drop_in}"
        )
    machine.succeed(
        "systemctl daemon-reload",
        "echo secret >/tmp/of-somebody-else",
        "mkdir --mode=777 /srv/open /home/open; echo open >/home/open/to-everybody",
        "cp /usr/bin/id /srv/open/id; chmod 4755 /srv/open/id",
        "touch /srv/open/of-all /srv/open/of-alice; chmod 666 /srv/open/of-all",
        "chown alice /srv/open/of-alice; readlink -n /proc/self/ns/net >/srv/open/network",
        "mkdir --mode=777 /run/open; chmod 755 /nix/var/nix/daemon-socket",
        "systemctl start nix-daemon.socket",
        f"systemd-run --quiet --uid=luminous-mind /usr/bin/python3 -c {shlex.quote(NEIGHBOUR)}",
    )
    machine.wait_until_succeeds("test -e /srv/open/socket")
    yield machine
    machine.crash()


def under_the_unit(machine: Machine, attempt: str, unit: str = DAEMON) -> int:
    """Run an attempt in the place of a unit's program, and return its exit status."""
    _write(machine, attempt)
    machine.execute(f"systemctl reset-failed {unit} || true; systemctl start {unit}")
    shown = machine.succeed(f"systemctl show --value --property=ExecMainStatus {unit}")
    return int(shown)


def without_it(machine: Machine, attempt: str, user: str = "root") -> int:
    """Run an attempt as an ordinary service, and return its exit status."""
    _write(machine, attempt)
    command = f"systemd-run --quiet --wait --pipe --uid={user} /usr/bin/python3 -I {PROBE}"
    return machine.execute(command)[0]


@contextmanager
def lacking(machine: Machine, directive: str, unit: str) -> Iterator[None]:
    """Put a copy of a unit, but for the lines of one directive, in its place for a while."""
    shipped, own = (f"{place}/systemd/system/{unit}.service" for place in ("/usr/lib", "/etc"))
    machine.succeed(
        f"grep -q '^{directive}=' {shipped}",
        f"sed '/^{directive}=/d' {shipped} >{own}; systemctl daemon-reload",
    )
    yield
    machine.succeed(f"rm {own}; systemctl daemon-reload")


def _write(machine: Machine, attempt: str) -> None:
    text = FRAME.format(attempt)
    machine.succeed(f"mkdir -p /usr/local/lib && printf %s {shlex.quote(text)} >{PROBE}")


@pytest.mark.parametrize("restriction", FORBIDDEN)
def test_what_is_forbidden_cannot_be_done(machine: Machine, restriction: str) -> None:
    attempt = FORBIDDEN[restriction]
    assert without_it(machine, attempt) == DONE
    assert under_the_unit(machine, attempt) == REFUSED


@pytest.mark.parametrize("restriction", FORBIDDEN_TO_THE_READER)
def test_what_is_forbidden_to_the_reader_cannot_be_done(machine: Machine, restriction: str) -> None:
    attempt = FORBIDDEN_TO_THE_READER[restriction]
    assert without_it(machine, attempt, "luminous-mind") == DONE
    assert under_the_unit(machine, attempt, READER) == REFUSED


@pytest.mark.parametrize("unit", [MIND, INDEXER])
@pytest.mark.parametrize("restriction", FORBIDDEN_TO_THE_MIND)
def test_what_is_forbidden_to_the_mind_cannot_be_done(
    machine: Machine, restriction: str, unit: str
) -> None:
    assert under_the_unit(machine, FORBIDDEN_TO_THE_MIND[restriction], unit) == REFUSED


@pytest.mark.parametrize("restriction", FORBIDDEN_TO_THE_MIND)
def test_it_could_be_done_without_that_line_of_the_unit(machine: Machine, restriction: str) -> None:
    attempt = FORBIDDEN_TO_THE_MIND[restriction]
    if user := FORBIDDEN_BY_MORE_THAN_ITS_LINE.get(restriction):
        assert without_it(machine, attempt, user) == DONE
        return
    with lacking(machine, restriction.partition(" ")[0], MIND):
        assert under_the_unit(machine, attempt, MIND) == DONE


@pytest.mark.parametrize("unit", [MIND, INDEXER])
@pytest.mark.parametrize("need", NEEDED_BY_THE_MIND)
def test_what_the_mind_needs_can_be_done(machine: Machine, need: str, unit: str) -> None:
    assert under_the_unit(machine, NEEDED_BY_THE_MIND[need], unit) == DONE


@pytest.mark.parametrize("unit", [MIND, INDEXER])
def test_what_the_mind_makes_is_its_own(machine: Machine, unit: str) -> None:
    assert under_the_unit(machine, "Path(OWN, 'mode').touch()", unit) == DONE
    made = "stat --format='%a %U' /var/lib/luminous-mind /var/lib/luminous-mind/mode"
    assert machine.succeed(made) == "700 luminous-mind\n600 luminous-mind\n"


@pytest.mark.parametrize("unit", HIGHEST_EXPOSURE)
def test_systemd_counts_no_more_exposure_than_there_must_be(machine: Machine, unit: str) -> None:
    threshold = f"--threshold={HIGHEST_EXPOSURE[unit]}"
    machine.succeed(f"systemd-analyze security {threshold} {unit}.service")


@pytest.mark.parametrize("need", NEEDED)
def test_what_the_daemon_needs_can_be_done(machine: Machine, need: str) -> None:
    assert under_the_unit(machine, NEEDED[need]) == DONE


def test_files_that_it_makes_are_its_own(machine: Machine) -> None:
    assert under_the_unit(machine, "Path('/var/lib/luminous/mode').touch()") == DONE
    assert machine.succeed("stat --format=%a /var/lib/luminous/mode").strip() == "600"


def test_nothing_that_it_starts_gains_privileges(machine: Machine) -> None:
    attempt = "assert 'NoNewPrivs:\\\\t1' in Path('/proc/self/status').read_text()"
    assert under_the_unit(machine, attempt.replace("\\\\t", "\\t")) == DONE
    assert without_it(machine, attempt.replace("\\\\t", "\\t")) != DONE
