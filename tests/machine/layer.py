"""What a machine is made of: a NixOS in small, the product and NixOS's marks, a Debian."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from luminous_sandbox.template import ensure_template
from luminous_sandbox.toolchain import find_toolchain
from tests.machine.tree import debian_tree

CHECKOUT: Final = Path(__file__).parents[2]
_DATA: Final = CHECKOUT / "daemon" / "luminous_sandbox" / "data"
_MACHINE_ID: Final = "10c41e5ab0c54ad1a2c6e00000000002\n"
# Administrators are not asked for a password, as there is nobody to type one.
_RULES: Final = """polkit.addRule(function (action, subject) {
    if (action.id.indexOf("org.luminous1.") === 0 && subject.isInGroup("wheel")) {
        return polkit.Result.YES;
    }
    return polkit.Result.NOT_HANDLED;
});
"""


def machine_layers(folder: Path) -> tuple[Path, ...]:
    """Return the layers of a machine, the uppermost first; the product's fills `folder`."""
    folder.mkdir()
    return ensure_template(find_toolchain("2.26")), _product(folder), debian_tree()


def _product(folder: Path) -> Path:
    _install(folder)
    nix = (_DATA / "nix.conf").read_text(encoding="utf-8").replace("@shell@", "/usr/bin/busybox")
    files = {
        "etc/NIXOS": "",
        "etc/machine-id": _MACHINE_ID,
        "etc/nix/nix.conf": nix.replace("build-users-group =", "build-users-group = nixbld"),
        "etc/polkit-1/rules.d/50-tests.rules": _RULES,
    }
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    loader = Path(__file__).with_name("boot-loader.sh")
    (folder / "boot-loader").write_bytes(loader.read_bytes())
    (folder / "boot-loader").chmod(0o755)
    return folder


def _install(folder: Path) -> None:
    """Unpack the Debian package, and leave it there for who wants to install it properly."""
    kept = folder / "opt"
    deb = CHECKOUT / "setup" / "deb.sh"
    subprocess.run([str(deb), str(kept)], check=True, stdout=subprocess.DEVNULL)
    (package,) = kept.iterdir()
    package = package.rename(kept / "luminous.deb")
    subprocess.run(["dpkg-deb", "--extract", str(package), str(folder)], check=True)
