"""Settings and rights that are wrong: a named error in one line; tests/faults has the disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]


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
