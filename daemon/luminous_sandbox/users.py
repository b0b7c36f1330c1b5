"""The users of the sandbox: who exists there, and what /etc/passwd, group and shadow say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

UserName = Literal["root", "alice", "bob"]

ALICE_PASSWORD: Final = "alice"  # noqa: S105 - opens nothing but a throw-away machine
# `openssl passwd -6 -salt luminous alice`
_ALICE_HASH: Final = (
    "$6$luminous$x.XD6vaAGvP96u6EnzBSPlr2J5TknaRE2j/TyPh/VmNXywGVA0/"
    "vPfB9w0FIBc2CBUSAYW1dIHrRiIZxpAFDA/"
)
_NO_SHELL = "/usr/sbin/nologin"
_SHELL = "/bin/bash"


@dataclass(frozen=True, kw_only=True)
class Account:
    """One line of /etc/passwd. `shadow` is the hash of the password; `!` lets nobody in."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str = _NO_SHELL
    shadow: str = "!"


# As on NixOS, people's first group is `users` and administrators are in `wheel`.
ACCOUNTS: Final = (
    Account(name="root", uid=0, gid=0, home="/root", shell=_SHELL),
    Account(name="messagebus", uid=4, gid=4, home="/run/dbus"),
    Account(name="polkitd", uid=28, gid=28, home="/"),
    Account(name="luminous", uid=900, gid=900, home="/var/lib/luminous"),
    Account(name="luminous-mind", uid=901, gid=901, home="/var/lib/luminous-mind"),
    Account(name="alice", uid=1000, gid=100, home="/home/alice", shell=_SHELL, shadow=_ALICE_HASH),
    Account(name="bob", uid=1001, gid=100, home="/home/bob", shell=_SHELL),
    Account(name="nobody", uid=65534, gid=65534, home="/"),
)
_GROUPS: Final[dict[str, tuple[int, str]]] = {
    "root": (0, ""),
    "wheel": (1, "alice"),
    "tty": (5, ""),
    "messagebus": (4, ""),
    "polkitd": (28, ""),
    "shadow": (42, ""),
    "users": (100, ""),
    "luminous": (900, ""),
    "luminous-mind": (901, ""),
    "nogroup": (65534, ""),
}


def account(name: str) -> Account:
    """Return the account with this name. Raises KeyError when the sandbox has no such user."""
    for candidate in ACCOUNTS:
        if candidate.name == name:
            return candidate
    raise KeyError(name)


def people() -> list[Account]:
    """Return the accounts of people: those who have a home of their own."""
    return [candidate for candidate in ACCOUNTS if candidate.home.startswith("/home/")]


def passwd() -> str:
    """Return the text of /etc/passwd."""
    return "".join(f"{a.name}:x:{a.uid}:{a.gid}:{a.name}:{a.home}:{a.shell}\n" for a in ACCOUNTS)


def group() -> str:
    """Return the text of /etc/group."""
    return "".join(f"{name}:x:{gid}:{members}\n" for name, (gid, members) in _GROUPS.items())


def shadow() -> str:
    """Return the text of /etc/shadow, in which no password ever expires."""
    return "".join(f"{a.name}:{a.shadow}:1::::::\n" for a in ACCOUNTS)
