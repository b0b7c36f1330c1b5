"""Which units a new system starts, stops, restarts or reloads, from the unit files alone.

The rules are those of NixOS's switch-to-configuration: a changed service restarts unless its file
says otherwise, a vanished one stops, and a new one starts when something that is active wants it.
See the NixOS manual, "What happens during a system switch?".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_protocol.plan import UnitEffects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.facts import Unit

_SETTING = re.compile(r"^\s*([A-Za-z-]+)\s*=\s*(.*?)\s*$", re.MULTILINE)
_RUNNABLE = (".service", ".socket", ".timer", ".path", ".mount", ".swap")
_LEFT_ALONE = re.compile(r"^(?:dbus|dbus-broker|emergency|rescue|systemd-.*)\.service$|@\.")


def compare_units(before: Mapping[str, Unit], after: Mapping[str, Unit]) -> UnitEffects:
    """Return the effects of going from the units `before` (by name) to those `after`."""
    names = sorted(name for name in before.keys() | after.keys() if _is_runnable(name))
    start, stop, restart, reload = [], [], [], []
    for name in names:
        old, new = before.get(name), after.get(name)
        if old is not None and new is not None and old.text == new.text:
            continue
        if new is None:
            stop.append(name)
        elif old is None:
            if _starts(new):
                start.append(name)
        else:
            match _on_change(name, new.text):
                case "restart":
                    restart.append(name)
                case "reload":
                    reload.append(name)
    return UnitEffects(tuple(start), tuple(stop), tuple(restart), tuple(reload))


def _is_runnable(name: str) -> bool:
    return name.endswith(_RUNNABLE) and not _LEFT_ALONE.search(name)


def _on_change(name: str, text: str) -> str:
    settings = dict(_SETTING.findall(text))
    if settings.get("X-ReloadIfChanged") == "true":
        return "reload"
    if settings.get("X-RestartIfChanged") == "false" or settings.get("RefuseManualStop") == "true":
        return "nothing"
    is_short = settings.get("Type") == "oneshot" and settings.get("RemainAfterExit") != "yes"
    if is_short or not name.endswith((".service", ".socket", ".timer", ".path")):
        return "nothing"
    return "restart"


def _starts(unit: Unit) -> bool:
    return unit.is_wanted and "X-OnlyManualStart=true" not in unit.text
