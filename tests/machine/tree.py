"""The Debian below the booted machine: made once with mmdebstrap, and kept."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Final

from luminous_sandbox.cache import cache_dir, ensure
from luminous_sandbox.debian import KEYRING, mirror

_SUITE: Final = "trixie"  # systemd 257 and Nix 2.26
_PACKAGES: Final = (
    *("systemd", "systemd-sysv", "dbus", "polkitd", "nix-bin", "nix-setup-systemd"),
    *("busybox-static", "curl", "iproute2", "libglib2.0-bin", "procps", "util-linux"),
    # What pyproject.toml names.
    *("python3-minimal", "python3-dbus-next", "python3-jeepney", "python3-msgpack"),
    *("python3-pydantic", "python3-rapidfuzz", "python3-rich", "python3-systemd"),
    # What searching by words takes; a Debian has no encoder.
    *("python3-numpy", "python3-stemmer"),
)
_UNWANTED: Final = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")
# People as in the sandbox: alice administers, bob does not.
_PEOPLE: Final = (
    'chroot "$1" sh -euc "groupadd --system wheel;'
    " useradd --create-home --uid 1000 --gid users --groups wheel,nix-users -s /bin/bash alice;"
    ' useradd --create-home --uid 1001 --gid users --groups nix-users -s /bin/bash bob"'
)
_BYTECODE: Final = 'chroot "$1" python3 -m compileall -q /usr/lib/python3 /usr/lib/python3.13'


def debian_tree() -> Path:
    """Return the tree, made first if this is the first time: half a minute, about 300 MB."""
    recipe = "\n".join((_SUITE, *_PACKAGES, *_UNWANTED, _PEOPLE, _BYTECODE))
    name = f"machine-{sha256(recipe.encode()).hexdigest()[:16]}"
    return ensure(cache_dir() / name, _make)


def _make(folder: Path) -> None:
    argv = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--include={','.join(_PACKAGES)}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _UNWANTED),
        '--aptopt=APT::Install-Recommends "false"',
        *_certificates(),
        f"--customize-hook={_PEOPLE}",
        f"--customize-hook={_BYTECODE} || true",
        _SUITE,
        str(folder),
        f"deb [signed-by={KEYRING}] {mirror()} {_SUITE} main",
    ]
    subprocess.run(argv, check=True)


def _certificates() -> list[str]:
    """Let apt trust whom this host trusts."""
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    return [f'--aptopt=Acquire::https::CaInfo "{bundle}"'] if bundle.exists() else []
