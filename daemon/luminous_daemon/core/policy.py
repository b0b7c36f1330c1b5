"""Policy: which polkit action a change needs, how risky it is, and how much one client may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.changes import (
    AddPackage,
    AllowPackage,
    CollectGarbage,
    Disable,
    Enable,
    ImportFile,
    Rebuild,
    RemovePackage,
    RepairFile,
    RestoreInputs,
    SetOption,
    SwitchGeneration,
    UnsetOption,
    UpdateInputs,
)
from luminous_protocol.errors import InvalidChange, InvalidValue, SwitchInhibited
from luminous_protocol.names import Action
from luminous_protocol.plan import Risk
from luminous_protocol.transaction import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from luminous_protocol.changes import Change, Value
    from luminous_protocol.plan import Inhibitor

MAX_PLANS_OF_CLIENT = 16
MAX_TRANSACTIONS_OF_CLIENT = 8
LEFT_SECONDS = 60.0
"""How long a plan waits for a maker who has left to come back over another connection."""
PLAN_SECONDS = 15 * 60
"""How long a plan can be applied after it was made."""

_ACTIONS: Mapping[type[Change], Action] = {
    AddPackage: Action.CHANGE_PACKAGES,
    RemovePackage: Action.CHANGE_PACKAGES,
    SetOption: Action.CHANGE_OPTIONS,
    UnsetOption: Action.CHANGE_OPTIONS,
    Enable: Action.CHANGE_OPTIONS,
    Disable: Action.CHANGE_OPTIONS,
    UpdateInputs: Action.UPDATE,
    RestoreInputs: Action.UPDATE,
    Rebuild: Action.REBUILD,
    SwitchGeneration: Action.ROLLBACK,
    CollectGarbage: Action.COLLECT_GARBAGE,
    ImportFile: Action.CHANGE_OPTIONS,
    RepairFile: Action.CHANGE_OPTIONS,
    AllowPackage: Action.CHANGE_PACKAGES,
}

_LOCKING_OUT = (
    "boot.",
    "fileSystems",
    "hardware.enableRedistributableFirmware",
    "networking.",
    "security.",
    "services.openssh",
    "services.displayManager",
    "services.xserver",
    "swapDevices",
    "systemd.",
    "users.",
    "nix.settings",
    "nixpkgs.config",
)
"""Options whose wrong value can keep a person out of the machine, or open it."""

_HANDING_OVER = (
    "boot.kernel.sysctl",
    "nix.settings.allowed-users",
    "nix.settings.sandbox",
    "nix.settings.trusted-",
    "nix.settings.require-sigs",
    "security.doas",
    "security.pam",
    "security.polkit",
    "security.sudo",
    "security.wrappers",
    "services.dbus",
    "services.openssh.settings.PermitEmptyPasswords",
    "services.openssh.settings.PermitRootLogin",
    "services.getty.autologinUser",
    "services.displayManager.autoLogin",
    "users.mutableUsers",
)
"""Options that decide who rules the machine, or without which nobody can be asked."""

_STARTING = (
    "boot.initrd.luks",
    "boot.loader.efi",
    "boot.loader.grub.device",
    "boot.loader.grub.enable",
    "boot.loader.grub.mirroredBoots",
    "boot.loader.systemd-boot.enable",
    "fileSystems",
    "swapDevices",
)
"""Options by which disks are written, or without which the machine does not start."""

_LOGGING_IN = (
    *(".hashedPassword", ".hashedPasswordFile", ".initialHashedPassword", ".initialPassword"),
    *(".openssh.authorizedKeys.keyFiles", ".openssh.authorizedKeys.keys"),
    *(".password", ".passwordFile"),
)
"""How those options of a user end that decide who can log in as that one."""

_PLAIN_PASSWORD = (".password", ".initialpassword")

_STATE_VERSION = "system.stateVersion"
_SWITCHED_OFF = {
    "networking.firewall.enable": (
        "Without its firewall, others reach everything that listens on this machine."
    ),
    "services.openssh.enable": "Without SSH, nobody can log in from another machine any more.",
    **dict.fromkeys(
        ("networking.networkmanager.enable", "networking.dhcpcd.enable", "networking.useDHCP"),
        "Without it this machine may lose its network, and whoever is logged in from elsewhere.",
    ),
}

_RULING_GROUPS = frozenset({"wheel", "docker", "podman", "lxd", "incus-admin", "libvirtd", "disk"})
"""Groups whose members can become root."""

_ORDER = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)


def action_for(changes: Iterable[Change], risk: Risk = Risk.LOW) -> Action:
    """Return the one action that a plan of `changes` needs.

    Polkit keeps an answer for an action, whatever the details say of its risk. So what is of a high
    risk is an action of its own, for which nothing is kept.
    """
    actions = {_ACTIONS[type(change)] for change in changes}
    action = actions.pop() if len(actions) == 1 else Action.CHANGE_SEVERAL
    if risk is Risk.HIGH and action is not Action.COLLECT_GARBAGE:
        return Action.CHANGE_HIGH_RISK
    return action


def risk_of(change: Change, options: Iterable[str] = ()) -> Risk:
    """Return how much `change` can hurt; `options` are those that it ends up setting."""
    match change:
        case CollectGarbage():
            return Risk.HIGH
        case UpdateInputs() | RestoreInputs() | SwitchGeneration() | Disable():
            return Risk.MEDIUM
        case AddPackage() | RemovePackage() | Rebuild() | ImportFile() | AllowPackage():
            return Risk.LOW
        case SetOption() | UnsetOption() | Enable() | RepairFile():
            return Risk.MEDIUM if any(is_delicate(option) for option in options) else Risk.LOW


def danger_of(option: str, values: Iterable[Value] = ()) -> str:
    """Return the sentence that warns of giving `option` these values, or items, if any does."""
    given = list(values)
    if option.startswith(_HANDING_OVER):
        return f"{option} is about who may take this machine over. Be sure that you want this."
    if option == _STATE_VERSION:
        return (
            f"{option} says with which NixOS this machine's data began. It updates nothing, and "
            "services may no longer read their data after it was changed."
        )
    if option.startswith(_STARTING):
        return (
            f"{option} is about the disks that this machine starts from. With a wrong value it may "
            "not start any more, or lose data."
        )
    if option in _SWITCHED_OFF and False in given:
        return _SWITCHED_OFF[option]
    return _danger_of_user(option, given) if option.startswith("users.users.") else ""


def _danger_of_user(option: str, given: Sequence[Value]) -> str:
    if option.endswith(_LOGGING_IN):
        readable = (
            " Everybody on this machine can read what stands there; a hash of the password, made "
            "with mkpasswd, belongs into hashedPassword."
        )
        decides = f"{option} decides who can log in as that user. Be sure that you want this."
        return decides + (readable if option.lower().endswith(_PLAIN_PASSWORD) else "")
    if option.endswith(".extraGroups"):
        ruling = sorted(
            _RULING_GROUPS.intersection(text for text in given if isinstance(text, str))
        )
        if ruling:
            return f"Members of {', '.join(ruling)} can do everything on this machine."
    return ""


def danger_of_removal(option: str, item: Value) -> str:
    """Return the sentence that warns of taking `item` out of a list, if any does."""
    is_groups = option.startswith("users.users.") and option.endswith(".extraGroups")
    if is_groups and item == "wheel":
        return "Who is not in wheel cannot manage this machine. Be sure that somebody still can."
    return ""


def highest(risks: Iterable[Risk]) -> Risk:
    """Return the highest of `risks`."""
    return max(risks, key=_ORDER.index, default=Risk.LOW)


def is_delicate(option: str) -> bool:
    """Tell whether a wrong value of `option` can lock somebody out of the machine."""
    return option.startswith(_LOCKING_OUT)


def check_mode(changes: Iterable[Change], mode: Mode) -> None:
    """Raise `InvalidValue` when applying in `mode` would do more than `changes` say, or other."""
    for change in changes:
        if isinstance(change, CollectGarbage) and mode is not Mode.SWITCH:
            raise InvalidValue(
                "Old generations are deleted at once or not at all: apply this plan with switch."
            )
        if isinstance(change, ImportFile) and mode is not Mode.SWITCH:
            raise InvalidValue(
                "An import activates nothing, so it is written at once: apply this plan with "
                "switch."
            )
        if isinstance(change, Rebuild) and change.action not in {"switch", mode}:
            if mode is Mode.BUILD:
                continue
            raise InvalidValue(
                f"This plan is for {change.action!r}. Plan again for {mode.value!r}."
            )


def check_inhibitors(inhibitors: Iterable[Inhibitor], mode: Mode) -> None:
    """Raise `SwitchInhibited` when NixOS would refuse to run the system now."""
    found = [f"{item.name} goes from {item.before} to {item.after}" for item in inhibitors]
    if found and mode in {Mode.SWITCH, Mode.TEST}:
        raise SwitchInhibited(
            f"NixOS refuses to switch to this system while the machine runs, as "
            f"{' and '.join(found)}. Nothing was changed. Apply it with --boot, then restart the "
            "machine.",
            {"inhibitors": found},
        )


def check_fit(changes: tuple[Change, ...]) -> None:
    """Raise `InvalidChange` when `changes` cannot be one plan.

    Switching to a generation that exists, collecting garbage, and the import of Luminous's own
    file go with nothing else, and repairs with nothing but repairs.
    """
    kinds = SwitchGeneration | CollectGarbage | ImportFile
    alone = [change for change in changes if isinstance(change, kinds)]
    if alone and len(changes) > 1:
        raise InvalidChange(
            f"{alone[0].kind} needs a plan of its own. Plan it separately from other changes."
        )
    repairs = [change for change in changes if _repairs(change)]
    if repairs and not all(
        _repairs(change) or isinstance(change, AllowPackage) for change in changes
    ):
        raise InvalidChange(
            "A repair of a file goes with nothing but other repairs. Plan it separately."
        )
    actions = {change.action for change in changes if isinstance(change, Rebuild)}
    if len(actions) > 1:
        raise InvalidChange("One plan cannot rebuild in two ways. Choose one.")
    if len({type(c) for c in changes} & {UpdateInputs, RestoreInputs}) > 1:
        raise InvalidChange("One plan cannot both update the inputs and restore them.")


def _repairs(change: Change) -> bool:
    """Tell whether a change mends a file; taking that back can be a part of any undo."""
    return isinstance(change, RepairFile) and change.operation != "put-back"
