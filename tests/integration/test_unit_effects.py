"""Units in plans: what a plan says of them is what the system's own dry run says of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.integration.asking import ask
from tests.integration.machine_state import default_generation, rewritten, state_of

if TYPE_CHECKING:
    from luminous_sandbox.machine import Sandbox

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize("nix", ["2.26"], scope="module"),
]

LINE = '  time.timeZone = "Europe/Amsterdam";\n'
SERVICE = '  systemd.services.{name} = {{ wantedBy = [ "multi-user.target" ]; {body} }};\n'
PLAIN = 'serviceConfig.ExecStart = "/bin/sh -c {word}";'
NAMES = ("plain", "reloads", "triggered", "left", "careful", "gone", "same")
MORE = {
    "reloads": "reloadIfChanged = true;",
    "left": "restartIfChanged = false;",
    "careful": "stopIfChanged = false;",
}


def configuration(sandbox: Sandbox, word: str, *without: str) -> bytes:
    """Return configuration.nix with services, most of which run `word`."""
    lines = ""
    for name in NAMES:
        own = PLAIN.format(word="one" if name in {"triggered", "same"} else word)
        if name == "triggered":
            own += f'reloadTriggers = [ "{word}" ];'
        if name not in without:
            lines += SERVICE.format(name=name, body=own + MORE.get(name, ""))
    text = sandbox.path("/etc/nixos/configuration.nix").read_text()
    assert LINE in text
    return text.replace(LINE, LINE + lines).encode()


def told(text: str, verb: str) -> set[str]:
    """Return the units of which a dry run says that it would do something."""
    found = re.search(rf"would {verb} the following units: (.*)", text)
    return set(found[1].split(", ")) if found else set()


def test_a_plan_and_the_systems_own_dry_run_say_the_same(sandbox: Sandbox) -> None:
    with rewritten(sandbox, "configuration.nix", configuration(sandbox, "one")):
        assert ask(sandbox, "--yes", "rebuild").code == 0
    with rewritten(sandbox, "configuration.nix", configuration(sandbox, "two", "gone")):
        evaluated = ask(sandbox, "--dry-run", "rebuild").document["plans"][0]["units"]
        built = ask(sandbox, "--dry-run", "--build", "rebuild").document["plans"][0]["units"]
        assert ask(sandbox, "--yes", "rebuild", "boot").code == 0
    toplevel = state_of(sandbox).links[f"system-{default_generation(sandbox)}-link"]
    dry = sandbox.run([f"{toplevel}/bin/switch-to-configuration", "dry-activate"], user="root")
    assert dry.returncode == 0, dry.stderr
    stopped, started = told(dry.stderr, "stop"), told(dry.stderr, "start")
    assert (
        built
        == evaluated
        == {
            "start": [],
            "stop": ["gone.service"],
            "restart": ["careful.service", "plain.service"],
            "reload": ["reloads.service", "triggered.service"],
        }
    )
    assert stopped - started == set(built["stop"])
    assert started | told(dry.stderr, "restart") == set(built["restart"])
    assert told(dry.stderr, "reload") == set(built["reload"])
    assert ask(sandbox, "--yes", "rollback", "1").code == 0
