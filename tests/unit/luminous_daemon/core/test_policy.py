"""Policy: every change has one action and one risk, and changes that do not fit are refused."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.policy import (
    action_for,
    check_fit,
    check_mode,
    danger_of,
    danger_of_removal,
    highest,
    is_delicate,
    risk_of,
)
from luminous_protocol.changes import (
    CHANGE_TYPES,
    AddPackage,
    AllowPackage,
    Change,
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
from luminous_protocol.errors import InvalidChange, InvalidValue
from luminous_protocol.names import Action
from luminous_protocol.plan import Risk
from luminous_protocol.transaction import Mode

if TYPE_CHECKING:
    from luminous_protocol.changes import Value

EXAMPLES: dict[type[Change], tuple[Change, Action, Risk]] = {
    AddPackage: (AddPackage("vim"), Action.CHANGE_PACKAGES, Risk.LOW),
    RemovePackage: (RemovePackage("vim"), Action.CHANGE_PACKAGES, Risk.LOW),
    SetOption: (SetOption("time.timeZone", "UTC"), Action.CHANGE_OPTIONS, Risk.LOW),
    UnsetOption: (UnsetOption("time.timeZone"), Action.CHANGE_OPTIONS, Risk.LOW),
    Enable: (Enable("nginx"), Action.CHANGE_OPTIONS, Risk.LOW),
    Disable: (Disable("nginx"), Action.CHANGE_OPTIONS, Risk.MEDIUM),
    UpdateInputs: (UpdateInputs(), Action.UPDATE, Risk.MEDIUM),
    RestoreInputs: (RestoreInputs(1), Action.UPDATE, Risk.MEDIUM),
    Rebuild: (Rebuild(), Action.REBUILD, Risk.LOW),
    SwitchGeneration: (SwitchGeneration(1), Action.ROLLBACK, Risk.MEDIUM),
    CollectGarbage: (CollectGarbage(), Action.COLLECT_GARBAGE, Risk.HIGH),
    ImportFile: (ImportFile(), Action.CHANGE_OPTIONS, Risk.LOW),
    RepairFile: (
        RepairFile("/etc/nixos/a.nix", "remove-definition", "a.b"),
        Action.CHANGE_OPTIONS,
        Risk.LOW,
    ),
    AllowPackage: (AllowPackage("steam", "unfree"), Action.CHANGE_PACKAGES, Risk.LOW),
}


@pytest.mark.parametrize("kind", CHANGE_TYPES)
def test_every_change_has_one_action_and_one_risk(kind: type[Change]) -> None:
    change, action, risk = EXAMPLES[kind]
    assert action_for([change]) is action
    assert action_for([change, change]) is action
    assert risk_of(change, ["time.timeZone"]) is risk


@pytest.mark.parametrize("change", [AddPackage("vim"), SetOption("nix.settings.trusted-users", [])])
def test_what_is_of_a_high_risk_is_an_action_of_its_own(change: Change) -> None:
    assert action_for([change], Risk.HIGH) is Action.CHANGE_HIGH_RISK
    assert action_for([change, Rebuild()], Risk.HIGH) is Action.CHANGE_HIGH_RISK
    assert action_for([change], Risk.MEDIUM) is not Action.CHANGE_HIGH_RISK


def test_garbage_keeps_its_own_action_which_keeps_no_answer_either() -> None:
    assert action_for([CollectGarbage()], Risk.HIGH) is Action.COLLECT_GARBAGE


def test_changes_of_several_purposes_need_the_action_for_several() -> None:
    for one, other in itertools.combinations(EXAMPLES.values(), 2):
        expected = one[1] if one[1] is other[1] else Action.CHANGE_SEVERAL
        assert action_for([one[0], other[0]]) is expected


@pytest.mark.parametrize(
    "option",
    [
        "boot.loader.timeout",
        "fileSystems",
        "networking.firewall.enable",
        "security.sudo.enable",
        "services.openssh.enable",
        "users.users.alice.shell",
        "systemd.services.x.enable",
        "nixpkgs.config.allowUnfree",
    ],
)
def test_an_option_that_can_lock_somebody_out_is_a_higher_risk(option: str) -> None:
    assert is_delicate(option)
    for change in (SetOption(option, value=True), UnsetOption(option), Enable("x")):
        assert risk_of(change, ["time.timeZone", option]) is Risk.MEDIUM


@pytest.mark.parametrize(
    ("option", "values", "warning"),
    [
        ("security.sudo.wheelNeedsPassword", (False,), "take this machine over"),
        ("users.users.alice.extraGroups", ("video", "wheel"), "Members of wheel"),
        ("users.users.alice.extraGroups", ("video",), ""),
        ("networking.firewall.enable", (False,), "Without its firewall"),
        ("networking.firewall.enable", (True,), ""),
        ('fileSystems."/".device', ("/dev/sdb",), "lose data"),
        ("swapDevices", ({"device": "/dev/sdb"},), "lose data"),
        ("boot.loader.grub.devices", ("/dev/sdb",), "not start any more"),
        ("boot.loader.systemd-boot.enable", (False,), "not start any more"),
        ("boot.initrd.luks.devices.a.device", ("/dev/sdb",), "not start any more"),
        ("boot.loader.timeout", (3,), ""),
        ("boot.loader.systemd-boot.configurationLimit", (3,), ""),
        ("services.openssh.enable", (False,), "Without SSH"),
        ("services.openssh.enable", (True,), ""),
        ("networking.networkmanager.enable", (False,), "lose its network"),
        ("users.users.alice.initialPassword", ("x",), "belongs into hashedPassword"),
        ("services.openssh.enable", (), ""),
        ("users.users.alice.hashedPassword", ("x",), "who can log in as that user"),
        ("users.users.root.openssh.authorizedKeys.keys", ("ssh x",), "who can log in as that"),
        ("users.users.alice.description", ("Alice",), ""),
        ("users.users.alice.shell", ("x",), ""),
        ("system.stateVersion", ("25.11",), "It updates nothing"),
        ("time.timeZone", ("UTC",), ""),
    ],
)
def test_a_dangerous_value_comes_with_a_warning(
    option: str, values: tuple[Value, ...], warning: str
) -> None:
    found = danger_of(option, values)
    assert warning in found
    assert bool(found) == bool(warning)


@pytest.mark.parametrize(
    ("option", "item", "is_warned"),
    [
        ("users.users.alice.extraGroups", "wheel", True),
        ("users.users.alice.extraGroups", "video", False),
        ("users.groups.x.members", "wheel", False),
    ],
)
def test_who_loses_wheel_is_warned_of(option: str, item: str, *, is_warned: bool) -> None:
    assert ("somebody still can" in danger_of_removal(option, item)) is is_warned


def test_the_highest_risk_counts() -> None:
    assert highest([]) is Risk.LOW
    assert highest([Risk.LOW, Risk.HIGH, Risk.MEDIUM]) is Risk.HIGH


@pytest.mark.parametrize("alone", [SwitchGeneration(1), CollectGarbage(), ImportFile()])
@pytest.mark.parametrize("kind", CHANGE_TYPES)
def test_switching_collecting_and_importing_go_with_nothing_else(
    alone: Change, kind: type[Change]
) -> None:
    other = EXAMPLES[kind][0]
    for changes in ((alone, other), (other, alone)):
        with pytest.raises(InvalidChange, match="needs a plan of its own"):
            check_fit(changes)
    check_fit((alone,))


OTHERS = [kind for kind in CHANGE_TYPES if kind not in {RepairFile, AllowPackage}]


@pytest.mark.parametrize("kind", OTHERS)
def test_repairs_go_with_nothing_but_repairs(kind: type[Change]) -> None:
    repair, allowance = EXAMPLES[RepairFile][0], EXAMPLES[AllowPackage][0]
    for changes in ((repair, EXAMPLES[kind][0]), (EXAMPLES[kind][0], allowance, repair)):
        with pytest.raises(InvalidChange, match="lan"):
            check_fit(changes)
    check_fit((repair, allowance, repair))


def test_one_plan_rebuilds_in_one_way() -> None:
    check_fit((AddPackage("vim"), Rebuild("boot"), Rebuild("boot")))
    with pytest.raises(InvalidChange, match="cannot rebuild in two ways"):
        check_fit((Rebuild("boot"), Rebuild("switch")))


def test_one_plan_does_not_update_and_restore_the_inputs() -> None:
    check_fit((UpdateInputs(), AddPackage("vim")))
    with pytest.raises(InvalidChange, match="cannot both update"):
        check_fit((UpdateInputs(), RestoreInputs(1)))


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.SWITCH])
def test_an_import_is_written_at_once_or_not_at_all(mode: Mode) -> None:
    check_mode((ImportFile(),), Mode.SWITCH)
    with pytest.raises(InvalidValue, match="apply this plan with switch"):
        check_mode((ImportFile(),), mode)
