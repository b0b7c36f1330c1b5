"""The scripts of the NixOS VM tests, unchanged, on the booted machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.machine.machine import Machine

SCRIPTS = sorted((Path(__file__).parents[1] / "nixos").glob("*.testscript"))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("script", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_script(machine: Machine, script: Path) -> None:
    code = compile(script.read_text(encoding="utf-8"), str(script), "exec")
    names = {"machine": machine, "start_all": machine.start, "subtest": machine.nested}
    exec(code, names)  # noqa: S102 - as NixOS's test driver does, with a file of this checkout
