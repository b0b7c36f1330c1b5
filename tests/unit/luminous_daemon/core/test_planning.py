"""Planning changes of the configuration: the plan says everything and has done nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from luminous_daemon.configuration.module_file import read_module
from luminous_daemon.core.definitions import SYSTEM_PACKAGES
from luminous_protocol.changes import (
    AddPackage,
    Change,
    Disable,
    Enable,
    Rebuild,
    RemovePackage,
    RestoreInputs,
    SetOption,
    SwitchGeneration,
    UnsetOption,
    UpdateInputs,
)
from luminous_protocol.errors import (
    ConfigurationUnreadable,
    Drifted,
    EvaluationFailed,
    InvalidChange,
    LuminousError,
    NothingToDo,
    NotImported,
    UnknownOption,
    UnknownPackage,
)
from luminous_protocol.names import Action
from luminous_protocol.plan import PackageChange, Risk, UnitEffects
from luminous_protocol.transaction import Mode
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.fake_world import START

PORTS = "networking.firewall.allowedTCPPorts"


@pytest.fixture
def bench() -> Bench:
    """Give a machine to plan on."""
    return Bench()


def test_a_plan_says_everything_a_person_needs(bench: Bench) -> None:
    prepared = asyncio.run(bench.plan(AddPackage("hello"), words="install hello"))
    plan = prepared.plan
    assert plan.summary == "install hello 2.12"
    assert (plan.risk, plan.action) == (Risk.LOW, Action.CHANGE_PACKAGES)
    assert plan.packages == (PackageChange("hello", "", "2.12"),)
    assert plan.configuration_diff == (
        "+    { environment.systemPackages = [ pkgs.hello ]; } "
        "# alice, 2025-11-21 00:55:20 UTC: install hello\n"
    )
    assert plan.closure.builds == ("nixos-system",)
    assert (plan.closure.before, plan.closure.after) == (1000, -1)
    assert plan.expires == START + 120 + 900
    assert (plan.reboot_required, plan.reboot_reason, plan.warnings) == (False, "", ())
    assert prepared.inverse == (RemovePackage("hello"),)
    assert len(plan.id) == 64


def test_planning_changes_nothing(bench: Bench) -> None:
    before = bench.machine.state()
    asyncio.run(bench.plan(AddPackage("hello"), UpdateInputs(), Enable("openssh"), build=True))
    assert bench.machine.state() == before
    assert not [call for call in bench.machine.calls if call.startswith(("journal", "authority"))]


def test_the_same_plan_has_the_same_id_and_another_has_another(bench: Bench) -> None:
    def identifier(*changes: Change) -> str:
        return asyncio.run(bench.plan(*changes)).plan.id

    hello = identifier(AddPackage("hello"))
    assert identifier(AddPackage("hello")) == hello
    others = {identifier(AddPackage("discord")), identifier(Enable("openssh"))}
    bench.machine.other_files = "{ changed = true; }"
    others.add(identifier(AddPackage("hello")))
    bench.machine.add_generation("/nix/store/other")
    others.add(identifier(AddPackage("hello")))
    assert len(others - {hello}) == 4


def test_a_plan_that_is_built_first_knows_the_sizes(bench: Bench) -> None:
    prepared = asyncio.run(bench.plan(AddPackage("hello"), build=True))
    assert "store.build" in bench.machine.calls
    assert prepared.plan.closure.after > 1000
    assert prepared.plan.closure.builds == ()


def test_units_and_risk_come_from_what_is_set(bench: Bench) -> None:
    prepared = asyncio.run(bench.plan(Enable("openssh")))
    assert prepared.plan.units == UnitEffects(start=("openssh.service",))
    assert prepared.plan.risk is Risk.MEDIUM
    assert prepared.inverse == (UnsetOption("services.openssh.enable"),)


def test_an_insecure_package_makes_the_plan_a_high_risk(bench: Bench) -> None:
    prepared = asyncio.run(bench.plan(AddPackage("oldssl")))
    assert prepared.plan.risk is Risk.HIGH
    assert "CVE-2022-0001" in prepared.plan.warnings[0]


def test_several_changes_are_one_plan_each_in_the_light_of_those_before(bench: Bench) -> None:
    changes = (AddPackage("hello"), AddPackage("hello"), AddPackage("steam"), AddPackage("discord"))
    prepared = asyncio.run(bench.plan(*changes))
    assert prepared.plan.summary == "install hello 2.12; install steam 1.0; install discord 0.1"
    assert "hello is installed already." in prepared.plan.warnings
    assert prepared.edit
    written = {d.option: d.value for d in read_module(prepared.edit.after, "x")}
    assert written["nixpkgs.config.allowUnfreePredicate"] == {
        "unfree": ["steam-unwrapped", "discord"]
    }


@pytest.mark.parametrize(
    ("changes", "ports"),
    [
        ((SetOption(PORTS, "80", append=True), SetOption(PORTS, "443", append=True)), [80, 443]),
        ((SetOption(PORTS, [80, 443]), SetOption(PORTS, "22", append=True)), [80, 443, 22]),
        ((SetOption(PORTS, 80), SetOption(PORTS, "[443, 22]", append=True)), [80, 443, 22]),
        ((SetOption(PORTS, "[80, 443]"), UnsetOption(PORTS, 80)), [443]),
    ],
)
def test_two_changes_of_one_option_are_each_understood_on_their_own(
    bench: Bench, changes: tuple[Change, ...], ports: list[int]
) -> None:
    prepared = asyncio.run(bench.plan(*changes))
    assert prepared.edit
    written = read_module(prepared.edit.after, "x")
    assert [item for line in written for item in line.value] == ports  # type: ignore[union-attr] # all are lists


def test_nothing_to_do_says_what_is_so_already(bench: Bench) -> None:
    with pytest.raises(NothingToDo) as refused:
        asyncio.run(bench.plan(AddPackage("git"), Enable("nginx")))
    assert refused.value.message == (
        "git is installed already. "
        "services.nginx.enable is switched on already in /etc/nixos/web.nix."
    )


@pytest.mark.parametrize(
    ("change", "error", "says", "nearest"),
    [
        (
            AddPackage("helo"),
            UnknownPackage,
            "There is no package called 'helo'. Did you mean hello?",
            ["hello"],
        ),
        (
            AddPackage("sx"),
            UnknownPackage,
            "There is no package called 'sx'. Did you mean shattered or steam?",
            ["shattered", "steam"],
        ),
        (AddPackage("zzz"), UnknownPackage, "There is no package called 'zzz'.", []),
        (
            SetOption("networking.hostNam", "x"),
            UnknownOption,
            (
                "There is no option called 'networking.hostNam'. "
                "Did you mean networking.firewall.allowedTCPPorts?"
            ),
            [PORTS],
        ),
        (
            Enable("time"),
            UnknownOption,
            "NixOS has no service, program or option called 'time'. Did you mean time.timeZone?",
            ["time.timeZone"],
        ),
    ],
)
def test_an_unknown_name_comes_with_the_nearest(
    bench: Bench, change: Change, error: type[LuminousError], says: str, nearest: list[str]
) -> None:
    with pytest.raises(error) as refused:
        asyncio.run(bench.plan(change))
    assert refused.value.message == says
    assert refused.value.details["nearest"] == nearest


def test_a_package_taken_for_a_service_says_how_to_install_it(bench: Bench) -> None:
    with pytest.raises(UnknownOption, match="ask-nix install hello") as refused:
        asyncio.run(bench.plan(Enable("hello")))
    assert refused.value.details == {"package": "hello"}


def test_a_file_that_nothing_imports_is_not_written_in_vain(bench: Bench) -> None:
    bench.machine.is_imported = False
    with pytest.raises(NotImported, match="does not import"):
        asyncio.run(bench.plan(AddPackage("hello")))


def test_a_configuration_that_does_not_evaluate_is_no_plan(bench: Bench) -> None:
    bench.machine.trouble("evaluator.evaluate", None, EvaluationFailed("No."))
    with pytest.raises(EvaluationFailed, match="No"):
        asyncio.run(bench.plan(AddPackage("hello")))


def test_changes_that_do_not_fit_together_are_refused_before_anything_is_looked_at(
    bench: Bench,
) -> None:
    with pytest.raises(InvalidChange):
        asyncio.run(bench.plan(AddPackage("hello"), SwitchGeneration(1)))
    assert bench.machine.calls == []


def test_an_update_shows_what_it_brings_and_how_to_go_back(bench: Bench) -> None:
    prepared = asyncio.run(bench.plan(UpdateInputs()))
    assert prepared.plan.summary == "update nixos"
    assert prepared.plan.packages == (PackageChange("git", "2.51", "2.51.1"),)
    assert prepared.plan.reboot_reason == "the kernel changes"
    assert prepared.plan.risk is Risk.MEDIUM
    assert prepared.inverse == (RestoreInputs(1),)
    assert prepared.edit is None


def test_inputs_that_are_the_newest_are_nothing_to_update(bench: Bench) -> None:
    bench.machine.newest_inputs = "/channels/one"
    with pytest.raises(NothingToDo, match="Already up to date"):
        asyncio.run(bench.plan(UpdateInputs()))


def test_a_rebuild_of_what_runs_already_is_nothing_to_do(bench: Bench) -> None:
    with pytest.raises(NothingToDo, match="built already"):
        asyncio.run(bench.plan(Rebuild()))


@pytest.mark.parametrize("action", ["switch", "boot", "test", "build"])
def test_a_rebuild_shows_what_the_files_have_come_to(bench: Bench, action: str) -> None:
    bench.machine.other_files = "{ edited = true; }"
    prepared = asyncio.run(bench.plan(Rebuild(action)))
    assert prepared.plan.summary == f"rebuild ({action})"
    assert prepared.plan.action is Action.REBUILD
    assert prepared.inverse == (SwitchGeneration(2),)


def test_what_else_a_plan_applies_makes_it_riskier_and_needs_the_right_to_several_changes(
    bench: Bench,
) -> None:
    bench.machine.other_files = "{ networking.firewall.enable = false; }"
    plan = asyncio.run(bench.plan(AddPackage("hello"))).plan
    assert (plan.risk, plan.action) == (Risk.MEDIUM, Action.CHANGE_SEVERAL)


def test_what_is_in_the_configuration_and_does_not_run_is_not_called_done(bench: Bench) -> None:
    asyncio.run(bench.apply(AddPackage("hello")))
    asyncio.run(bench.apply(SwitchGeneration(1)))
    with pytest.raises(Drifted, match=r"hello is installed already\. But the system that runs"):
        asyncio.run(bench.plan(AddPackage("hello")))


def test_what_nobody_has_put_into_words_is_written_as_it_is_asked_for(bench: Bench) -> None:
    change = SetOption("networking.firewall.allowedTCPPorts", 8080, append=True)
    prepared = asyncio.run(bench.plan(change, AddPackage("jq"), AddPackage("jq"), words=""))
    assert prepared.edit
    assert f": set-option {PORTS} 8080 true; add-package jq\n" in prepared.edit.after


def test_a_program_that_may_also_run_as_a_service_says_how(bench: Bench) -> None:
    (note,) = asyncio.run(bench.plan(AddPackage("openssh"))).plan.warnings
    assert note == "openssh is installed, not started. To run it: ask-nix enable openssh"


def test_what_was_switched_on_and_is_no_package_is_not_removed(bench: Bench) -> None:
    asyncio.run(bench.apply(Enable("bluetooth")))
    with pytest.raises(UnknownPackage, match="To switch it off: ask-nix disable bluetooth"):
        asyncio.run(bench.plan(RemovePackage("bluetooth")))


def test_changes_that_take_each_other_back_are_nothing_to_do(bench: Bench) -> None:
    with pytest.raises(NothingToDo, match="take each other back"):
        asyncio.run(bench.plan(AddPackage("hello"), RemovePackage("hello")))


def test_what_one_request_removes_and_puts_back_stays(bench: Bench) -> None:
    asyncio.run(bench.apply(AddPackage("hello")))
    with pytest.raises(NothingToDo, match="take each other back"):
        asyncio.run(bench.plan(RemovePackage("hello"), AddPackage("hello")))
    with pytest.raises(NothingToDo, match="take each other back"):
        asyncio.run(bench.plan(Enable("openssh"), Disable("openssh")))
    with_jq = bench.plan(RemovePackage("hello"), AddPackage("hello"), AddPackage("jq"))
    assert asyncio.run(with_jq).plan.packages == (PackageChange("jq", "", "1.8"),)


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (SetOption("nix.settings.trusted-users", ["alice"]), "may take this machine over"),
        (SetOption("users.users.alice.extraGroups", ["wheel"], append=True), "Members of wheel"),
    ],
)
def test_what_hands_the_machine_over_is_a_high_risk_and_says_why(
    bench: Bench, change: Change, warning: str
) -> None:
    plan = asyncio.run(bench.plan(change)).plan
    assert plan.risk is Risk.HIGH
    assert warning in plan.warnings[0]


def test_a_configuration_that_has_drifted_already_is_warned_of(bench: Bench) -> None:
    bench.machine.other_files = "{ edited = true; }"
    prepared = asyncio.run(bench.plan(AddPackage("hello")))
    assert "already differs from the system that runs" in prepared.plan.warnings[-1]
    assert prepared.plan.packages == (PackageChange("hello", "", "2.12"),)


def test_the_words_stand_beside_the_line_or_else_the_change_itself(bench: Bench) -> None:
    prepared = asyncio.run(bench.plan(SetOption("networking.hostName", "box")))
    assert "UTC: set-option networking.hostName box\n" in prepared.plan.configuration_diff


@pytest.mark.parametrize(
    "change",
    [
        AddPackage("hello"),
        AddPackage("steam"),
        AddPackage("oldssl"),
        AddPackage("firefox"),
        Enable("openssh"),
        SetOption("networking.hostName", "box"),
        SetOption(PORTS, [80, 443]),
        SetOption(PORTS, []),
        SetOption("nix.settings.test", {"a": [1]}),
        UpdateInputs(),
    ],
    ids=str,
)
def test_the_way_back_of_a_plan_leads_back(bench: Bench, change: Change) -> None:
    async def there_and_back() -> None:
        first = await bench.apply(change, mode=Mode.SWITCH)
        assert first.result.error == ""
        second = await bench.apply(*first.prepared.inverse)
        assert second.result.error == "", second.result.message

    text, inputs = bench.machine.text, bench.machine.inputs[1]
    asyncio.run(there_and_back())
    assert bench.machine.text == text
    assert bench.machine.inputs[bench.machine.inputs_generation] == inputs
    assert bench.machine.running == bench.machine.current_toplevel()


def test_removing_what_was_there_is_taken_back_too(bench: Bench) -> None:
    async def steps() -> None:
        await bench.apply(AddPackage("hello"), AddPackage("discord"))
        removed = await bench.apply(RemovePackage("discord"))
        await bench.apply(*removed.prepared.inverse)

    asyncio.run(steps())
    options = [line.option for line in read_module(bench.machine.text, "x")]
    assert sorted(options) == [
        SYSTEM_PACKAGES,
        SYSTEM_PACKAGES,
        "nixpkgs.config.allowUnfreePredicate",
    ]


def test_a_machine_with_no_generation_can_be_planned_on(bench: Bench) -> None:
    bench.machine.generations.clear()
    bench.machine.default = 0
    prepared = asyncio.run(bench.plan(AddPackage("hello")))
    assert prepared.default == 0
    assert replace(prepared, edit=None).inverse == (RemovePackage("hello"),)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (("a.nix",), "a.nix."),
        (("a.nix", "b.nix", "c.nix"), "a.nix, b.nix, c.nix."),
        (("a.nix", "b.nix", "c.nix", "d.nix", "e.nix"), "a.nix, b.nix, c.nix and 2 more."),
    ],
)
def test_what_a_repository_has_not_committed_is_a_warning(
    bench: Bench, files: tuple[str, ...], says: str
) -> None:
    bench.machine.uncommitted = files
    prepared = asyncio.run(bench.plan(AddPackage("hello")))
    says = f"The repository has changes that are not committed: {says}"
    assert prepared.plan.warnings == (says,)


def test_a_repository_that_is_not_fit_to_plan_on_is_refused_before_anything(bench: Bench) -> None:
    bench.machine.trouble("repository.uncommitted", ConfigurationUnreadable("in a merge"))
    with pytest.raises(ConfigurationUnreadable):
        asyncio.run(bench.plan(AddPackage("hello")))
    assert bench.machine.calls == ["repository.uncommitted"]
