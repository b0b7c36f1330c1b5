"""Which units a new system starts, stops, restarts or reloads, from the unit files alone.

The rules are those of NixOS's switch-to-configuration-ng: unit files are compared by what they say,
with their drop-ins; a changed service restarts unless its file says otherwise, a vanished or masked
one stops, and a new one starts when something that is active wants it. Which units are active now
is not looked at: a unit that nobody has started is named all the same.
See the NixOS manual, "What happens during a system switch?".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from luminous_protocol.plan import UnitEffects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luminous_daemon.core.facts import Unit

    Sections = dict[str, dict[str, list[str]]]

_RUNNABLE = (".service", ".socket", ".timer", ".path", ".mount", ".automount", ".swap")
_NEVER_ACTIVE = re.compile(r"^(?:emergency|rescue)\.service$|@\.")
"""What no running machine has active: shells for repairs, and templates themselves."""
_UNIMPORTANT = frozenset(
    {
        *("AllowIsolate", "CollectMode", "Description", "Documentation", "IgnoreOnIsolate"),
        *("OnFailure", "OnFailureJobMode", "OnSuccess", "RefuseManualStart", "RefuseManualStop"),
        *("SourcePath", "StopWhenUnneeded"),
    }
)
"""Keys of [Unit] whose change does nothing to what runs."""
_RELOADING = {("Unit", "X-Reload-Triggers"), ("Service", "ExecReload"), ("Mount", "Options")}
"""Keys whose change is worth a reload and no restart."""
_YES = frozenset({"1", "yes", "true", "on"})
_NEVER_UNMOUNTED = {"-.mount", "nix.mount"}


def compare_units(before: Mapping[str, Unit], after: Mapping[str, Unit]) -> UnitEffects:
    """Return the effects of going from the units `before` (by name) to those `after`."""
    found: dict[str, list[str]] = {"start": [], "stop": [], "restart": [], "reload": []}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if not name.endswith(_RUNNABLE) or _NEVER_ACTIVE.search(name) or _is_same(old, new):
            continue
        effect = _effect(name, old, new)
        if effect:
            found[effect].append(name)
        if effect == "restart" and new:
            found["restart"] += _sockets(name, new, before.keys() & after.keys())
    stopped, restarted = set(found["stop"]), set(found["restart"])
    return UnitEffects(
        start=tuple(found["start"]),
        stop=tuple(sorted(stopped)),
        restart=tuple(sorted(restarted)),
        reload=tuple(name for name in found["reload"] if name not in restarted),
    )


def comparable(
    built: Mapping[str, Unit], evaluated: Mapping[str, Unit]
) -> tuple[dict[str, Unit], dict[str, Unit]]:
    """Return what can be compared of a system that is built with one that is only evaluated.

    The files of units that packages bring are known of the first alone.
    """
    packaged = {name for name, unit in built.items() if not unit.is_generated}
    return (
        {name: unit for name, unit in built.items() if name not in packaged},
        {name: unit for name, unit in evaluated.items() if name not in packaged},
    )


def for_users(effects: UnitEffects, of_users: UnitEffects) -> UnitEffects:
    """Return both effects as one, with the units of users' own managers marked as such."""

    def joined(own: Iterable[str], users: Iterable[str]) -> tuple[str, ...]:
        return (*own, *(f"{name} (user)" for name in users))

    return UnitEffects(
        start=joined(effects.start, of_users.start),
        stop=joined(effects.stop, of_users.stop),
        restart=joined(effects.restart, of_users.restart),
        reload=joined(effects.reload, of_users.reload),
    )


def _is_same(old: Unit | None, new: Unit | None) -> bool:
    return old is not None and new is not None and old.text == new.text


def _effect(name: str, old: Unit | None, new: Unit | None) -> str:
    """Return what becomes of a unit that comes, goes or changes; empty for nothing."""
    if new is None:
        stays = old is None or _is_off(_parsed(old.text), "Unit", "X-StopOnRemoval")
        return "" if stays else "stop"
    if old is None:
        return "start" if _starts(new) else ""
    sections = _parsed(new.text)
    match _difference(_parsed(old.text), sections):
        case "reload":
            return "reload"
        case "restart":
            return _on_change(name, sections)
    return ""


def _on_change(name: str, sections: Sections) -> str:
    """Return what is done with a unit of which more has changed than what a reload brings."""
    if name.endswith((".path", ".socket", ".slice")):  # systemd takes these over by itself
        return ""
    if name.endswith(".mount"):
        return "reload" if name in _NEVER_UNMOUNTED else "restart"
    if _is_on(sections, "Service", "X-ReloadIfChanged"):
        return "reload"
    if (
        _is_off(sections, "Service", "X-RestartIfChanged")
        or _is_on(sections, "Unit", "RefuseManualStop")
        or _is_on(sections, "Unit", "X-OnlyManualStart")
        or _is_short(sections)
    ):
        return ""
    return "restart"


def _is_short(sections: Sections) -> bool:
    """Tell whether a service ends by itself, so that it is hardly active at a switch."""
    is_oneshot = sections.get("Service", {}).get("Type", [""])[-1:] == ["oneshot"]
    return is_oneshot and not _is_on(sections, "Service", "RemainAfterExit")


def _sockets(name: str, unit: Unit, there: Iterable[str]) -> list[str]:
    """Return the sockets that restart in the place of a service that they start when needed."""
    sections = _parsed(unit.text)
    if not name.endswith(".service") or _is_off(sections, "Service", "X-StopIfChanged"):
        return []
    base = name.removesuffix(".service").partition("@")[0]
    named = " ".join(sections.get("Service", {}).get("Sockets", [])).split()
    return [socket for socket in named or [f"{base}.socket"] if socket in there]


def _starts(unit: Unit) -> bool:
    return unit.is_wanted and not _is_on(_parsed(unit.text), "Unit", "X-OnlyManualStart")


def _difference(old: Sections, new: Sections) -> str:
    """Return what the difference of two unit files is worth: nothing, `reload` or `restart`."""
    worth = ""
    for section in old.keys() | new.keys():
        before, after = old.get(section, {}), new.get(section, {})
        for key in before.keys() | after.keys():
            if before.get(key) == after.get(key):
                continue
            if (section, key) in _RELOADING:
                # What is gone can trigger no reload, and options are options of a mount.
                worth = "reload" if key in after or section == "Mount" else worth
            elif section != "Unit" or key not in _UNIMPORTANT:
                return "restart"
    return worth


def _parsed(text: str) -> Sections:
    """Return the values of each key by section; an empty value takes back those before it."""
    sections: Sections = {}
    section: dict[str, list[str]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        words = line.strip()
        if words.startswith("["):
            section = sections.setdefault(words.strip("[]"), {})
        elif "=" in words and not words.startswith(("#", ";")):
            key, _, value = words.partition("=")
            values = section.setdefault(key.strip(), [])
            values.append(value.strip()) if value.strip() else values.clear()
    sections.pop("Install", None)
    return sections


def _is_on(sections: Sections, section: str, key: str) -> bool:
    """Tell whether a key says yes; one that is absent does not."""
    values = sections.get(section, {}).get(key, [])
    return bool(values) and values[-1] in _YES


def _is_off(sections: Sections, section: str, key: str) -> bool:
    """Tell whether a key says no; one that is absent does not."""
    values = sections.get(section, {}).get(key, [])
    return bool(values) and values[-1] not in _YES
