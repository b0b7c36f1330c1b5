"""The files of /etc and the folders that make the machine look like NixOS with polkit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from luminous_sandbox import users
from luminous_sandbox.blueprint import HOST_NAME, File, Folder
from luminous_sandbox.shipped import BUS_POLICY, POLKIT_ACTIONS, shipped_file

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE: Final = "/run/luminous-sandbox"
LOGS: Final = "/var/log/luminous-sandbox"
KNOBS: Final = "/etc/sandbox-knobs"
SETTINGS: Final = "/etc/luminous/luminous.toml"

# What the host has there would change what the machine does.
REMOVED: Final = [
    "/etc/dbus-1/system.d",
    "/etc/nix",
    "/etc/polkit-1",
    "/usr/share/polkit-1/actions",
    "/usr/share/polkit-1/rules.d",
]

_DATA = Path(__file__).with_name("data")
_POLKIT_OWN_ACTIONS = Path("/usr/share/polkit-1/actions/org.freedesktop.policykit.policy")
_NSSWITCH = "passwd: files\ngroup: files\nshadow: files\nhosts: files\n"
_PROMPT = "PS1='\\[\\e[1m\\][\\u@\\h:\\w]\\$\\[\\e[0m\\] '\n"
# Any number does; it tells this machine from the host to whoever asks.
_MACHINE_ID = "10c41e5ab0c54ad1a2c6e00000000001\n"


def folders() -> list[Folder]:
    """Return the folders that must be there with these owners and modes."""
    polkit = [
        Folder(path=path) for path in ("/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d")
    ]
    return [
        Folder(path=STATE, mode=0o755),
        Folder(path=LOGS),
        Folder(path=KNOBS),
        Folder(path="/run/dbus"),
        Folder(path="/run/lock", mode=0o1777),
        Folder(path="/run/nixos"),
        *polkit,
        *_homes(),
    ]


def files(*, shell: Path, settings: str) -> list[File]:
    """Return the files of the machine; `shell` is the static one that builds get as /bin/sh."""
    nix = (_DATA / "nix.conf").read_text().replace("@shell@", str(shell))
    written = [
        File(path="/etc/passwd", text=users.passwd()),
        File(path="/etc/group", text=users.group()),
        File(path="/etc/shadow", text=users.shadow(), mode=0o640, gid=42),
        File(path="/etc/nsswitch.conf", text=_NSSWITCH),
        File(path="/etc/hostname", text=f"{HOST_NAME}\n"),
        File(
            path="/etc/hosts", text=f"127.0.0.1 localhost\n127.0.0.2 {HOST_NAME}\n::1 localhost\n"
        ),
        File(path="/etc/resolv.conf", text=""),
        File(path="/etc/machine-id", text=_MACHINE_ID),
        File(path="/etc/os-release", text=(_DATA / "os-release").read_text()),
        File(path="/etc/NIXOS", text=""),
        File(path="/etc/nix/nix.conf", text=nix),
        File(path="/etc/pam.d/polkit-1", text=(_DATA / "pam-polkit-1").read_text()),
        *_bus_and_polkit(),
    ]
    if settings:
        written.append(File(path=SETTINGS, text=settings))
    return written


def _bus_and_polkit() -> Iterator[File]:
    yield File(path=f"{STATE}/system-bus.conf", text=(_DATA / "system-bus.conf").read_text())
    yield File(path=f"/etc/dbus-1/system.d/{BUS_POLICY}", text=shipped_file(BUS_POLICY).read_text())
    rules = "10-wheel.rules"
    yield File(path=f"/etc/polkit-1/rules.d/{rules}", text=(_DATA / rules).read_text())
    for action in (_POLKIT_OWN_ACTIONS, shipped_file(POLKIT_ACTIONS)):
        yield File(path=f"/usr/share/polkit-1/actions/{action.name}", text=action.read_text())


def _homes() -> Iterator[Folder]:
    # What systemd makes of the unit's StateDirectory.
    mind = users.account("luminous-mind")
    yield Folder(path=mind.home, mode=0o700, uid=mind.uid, gid=mind.gid)
    for person in users.people():
        owner = {"uid": person.uid, "gid": person.gid}
        yield Folder(path=person.home, mode=0o700, **owner)
        yield Folder(path=f"/run/user/{person.uid}", mode=0o700, **owner)
        yield Folder(path=f"/nix/var/nix/profiles/per-user/{person.name}", **owner)
        yield Folder(path=f"/nix/var/nix/gcroots/per-user/{person.name}", **owner)


def prompts() -> list[File]:
    """Return the shell start-up files of people and root, which set the prompt."""
    homes = [users.account("root"), *users.people()]
    return [
        File(path=f"{who.home}/.bashrc", text=_PROMPT, uid=who.uid, gid=who.gid) for who in homes
    ]
