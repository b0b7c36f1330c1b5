"""The state of a machine: every byte and link that a change may touch, to be compared."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from luminous_sandbox.machine import Sandbox

PROFILE = "/nix/var/nix/profiles/system"
OWN_FILE = "/etc/nixos/luminous.nix"
_STEP_SECONDS = 0.02


@dataclass(frozen=True)
class MachineState:
    """What is true of a machine.

    `configuration` maps each file below /etc/nixos to its mode, owner, group and bytes; `links`
    maps profile links to their targets; `boot` each file below /boot/loader to its bytes; `units`
    each unit to its state.
    """

    configuration: dict[str, tuple[int, int, int, bytes]]
    links: dict[str, str]
    running: str
    static: str
    boot: dict[str, bytes]
    units: dict[str, str]


def state_of(sandbox: Sandbox) -> MachineState:
    """Look at a machine."""
    links = sandbox.path("/nix/var/nix/profiles").glob("system*")
    channels = sandbox.path("/nix/var/nix/profiles/per-user/root").glob("channels*")
    return MachineState(
        configuration={
            path.name: (status.st_mode, status.st_uid, status.st_gid, path.read_bytes())
            for path in _files(sandbox.path("/etc/nixos"))
            for status in [path.stat()]
        },
        links={
            link.name: str(link.readlink())
            for link in sorted([*links, *channels])
            if link.is_symlink()  # a lock of Nix's may lie beside them
        },
        running=running_system(sandbox),
        static=str(sandbox.path("/etc/static").readlink()),
        boot={
            str(path.relative_to(loader)): path.read_bytes()
            for loader in [sandbox.path("/boot/loader")]
            for path in _files(loader)
        },
        units={
            path.name: " ".join(path.read_text().split()[:2])
            for path in _files(sandbox.path("/run/systemd-miniature/units"))
        },
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def running_system(sandbox: Sandbox) -> str:
    """Return the toplevel that runs."""
    return str(sandbox.path("/run/current-system").readlink())


def has_program(sandbox: Sandbox, name: str) -> bool:
    """Tell whether the running system has a program."""
    return sandbox.real_path(f"/run/current-system/sw/bin/{name}").exists()


@contextmanager
def rewritten(sandbox: Sandbox, name: str, content: bytes) -> Iterator[None]:
    """Give a file below /etc/nixos another content for a while."""
    file = sandbox.path(f"/etc/nixos/{name}")
    own = file.read_bytes() if file.exists() else None
    file.write_bytes(content)
    try:
        yield
    finally:
        if own is None:
            file.unlink()
        else:
            file.write_bytes(own)


def with_packages(sandbox: Sandbox, *packages: str) -> bytes:
    """Return the text of configuration.nix with more packages."""
    text = sandbox.path("/etc/nixos/configuration.nix").read_text()
    added = "".join(f"    {name}\n" for name in packages)
    return text.replace("    tree\n", f"    tree\n{added}").encode()


def default_generation(sandbox: Sandbox) -> int:
    """Return the number of the generation that the system profile points to."""
    return int(sandbox.path(PROFILE).readlink().name.split("-")[1])


def generations(sandbox: Sandbox) -> list[int]:
    """Return the numbers of all generations."""
    links = sandbox.path("/nix/var/nix/profiles").glob("system-*-link")
    return sorted(int(link.name.split("-")[1]) for link in links)


def generation_target(sandbox: Sandbox, number: int) -> str:
    """Return the toplevel of a generation."""
    return str(sandbox.path(f"{PROFILE}-{number}-link").readlink())


def boot_default(sandbox: Sandbox) -> str:
    """Return the boot menu's default entry."""
    text = sandbox.path("/boot/loader/loader.conf").read_text()
    return next(
        line.removeprefix("default ") for line in text.splitlines() if line.startswith("default ")
    )


def own_file(sandbox: Sandbox) -> str:
    """Return the text of Luminous's own file."""
    return sandbox.path(OWN_FILE).read_text()


def own_lines(sandbox: Sandbox) -> list[str]:
    """Return the definitions in Luminous's own file, without what stands around and behind them."""
    lines = own_file(sandbox).splitlines()[7:-2]
    return [line.strip().split(" } # ")[0].removeprefix("{ ") for line in lines]


def evaluated(sandbox: Sandbox, attribute: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value of the configuration on disk, as Nix evaluates it for alice."""
    argv = ["nix-instantiate", "<nixpkgs/nixos>", "--eval", "--strict", "--json", "--attr"]
    done = sandbox.run([*argv, f"config.{attribute}"])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def built_by_hand(sandbox: Sandbox) -> str:
    """Return the toplevel that plain Nix builds from the configuration on disk."""
    argv = ["nix-build", "<nixpkgs/nixos>", "--attr", "system", "--no-out-link"]
    done = sandbox.run(argv)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def assert_is_system(sandbox: Sandbox, number: int) -> None:
    """Check that a generation runs, is the default, boots, and is what the configuration says."""
    toplevel = generation_target(sandbox, number)
    assert default_generation(sandbox) == number
    assert running_system(sandbox) == toplevel
    assert boot_default(sandbox) == f"nixos-generation-{number}.conf"
    assert str(sandbox.path("/etc/static").readlink()) == f"{toplevel}/etc"


def processes(sandbox: Sandbox) -> list[str]:
    """Return the command lines of all processes of the machine."""
    found = sandbox.run(["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'"], user="root")
    return found.stdout.splitlines()


def wait_until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so. Raises AssertionError when it is not in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(_STEP_SECONDS)
