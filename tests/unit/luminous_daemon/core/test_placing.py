"""Plans that edit a person's own file: what they say, what they are proved by, how they go back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from luminous_daemon.core.definitions import SYSTEM_PACKAGES, Append, Drop, DropItem, Edit, Put
from luminous_daemon.core.facts import Availability as Is
from luminous_daemon.core.facts import Facts, OptionFacts, PackageFacts
from luminous_daemon.core.placing import change_of, edits_of, is_proved, proof_query
from luminous_protocol.changes import AddPackage, RemovePackage, SetOption
from luminous_protocol.errors import ActivationFailed, DefinedElsewhere
from luminous_protocol.transaction import Mode, TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench
from tests.unit.luminous_daemon.fake_configuration import CONFIGURATION

GIT = RemovePackage("git")
WITHOUT = "{ pkgs, ... }: { environment.systemPackages = [ ]; }"
GONE = DropItem(SYSTEM_PACKAGES, {"package": "git"})


@pytest.fixture
def bench() -> Bench:
    """Give a machine whose own configuration installs git."""
    return Bench()


def test_a_plan_edits_the_file_in_which_a_package_stands(bench: Bench) -> None:
    prepared = asyncio.run(bench.plan(GIT))
    assert prepared.edit is None
    (placed,) = prepared.placed
    assert (placed.edit.file, placed.edit.after) == (CONFIGURATION, WITHOUT)
    assert prepared.plan.configuration_diff == "-git\n"
    assert prepared.plan.summary == "remove git"
    assert "so this plan edits that file of yours." in prepared.plan.warnings[0]
    assert prepared.inverse == (AddPackage("git"),)
    assert "configuration.replace" not in bench.machine.calls


def test_the_plans_id_depends_on_that_edit(bench: Bench) -> None:
    one = asyncio.run(bench.plan(GIT)).plan.id
    bench.machine.other_files += " # mine"
    assert asyncio.run(bench.plan(GIT)).plan.id != one


def test_undo_gives_every_byte_back(bench: Bench) -> None:
    before = bench.machine.state()[:2]
    done = asyncio.run(bench.apply(GIT, AddPackage("hello")))
    assert done.state is TransactionState.DONE
    assert bench.machine.other_files == WITHOUT
    undone = asyncio.run(bench.undo(done.id))
    assert undone.state is TransactionState.DONE
    assert bench.machine.state()[:2] == before
    again = asyncio.run(bench.undo(undone.id))
    assert again.state is TransactionState.DONE
    assert bench.machine.other_files == WITHOUT


def test_undo_after_an_edit_by_hand_keeps_that_edit(bench: Bench) -> None:
    before = bench.machine.other_files
    done = asyncio.run(bench.apply(GIT))
    bench.machine.other_files += " # mine"
    asyncio.run(bench.undo(done.id))
    assert bench.machine.other_files == f"{before} # mine"


def test_undo_of_what_can_no_longer_be_edited_goes_to_luminous_own_file(bench: Bench) -> None:
    done = asyncio.run(bench.apply(GIT))
    bench.machine.other_files = "{ }: x: [ ]"
    asyncio.run(bench.undo(done.id))
    assert bench.machine.other_files == "{ }: x: [ ]"
    assert "pkgs.git" in bench.machine.text


def test_a_failed_switch_puts_both_files_back(bench: Bench) -> None:
    before = bench.machine.state()
    bench.machine.trouble("activation.test", ActivationFailed("It went wrong."))
    failed = asyncio.run(bench.apply(GIT, AddPackage("hello")))
    assert failed.state is TransactionState.FAILED
    assert bench.machine.state() == before
    record = bench.journal.find(failed.id)
    assert record
    assert not record.inverse
    assert not record.placed


def test_a_system_that_is_only_tried_leaves_the_file_as_it_is(bench: Bench) -> None:
    before = bench.machine.other_files
    asyncio.run(bench.apply(GIT, mode=Mode.TEST))
    assert bench.machine.other_files == before


def test_a_file_that_is_not_edited_is_named_with_the_reason_and_the_patch(bench: Bench) -> None:
    bench.machine.other_files = "{ pkgs, ... }: { x = [ pkgs.git ]; }"
    with pytest.raises(DefinedElsewhere, match="because it is not seen there") as refused:
        asyncio.run(bench.plan(GIT))
    assert refused.value.details["patch"] == "-git\n"
    assert refused.value.details["reason"] == "it is not seen there"


def test_what_only_a_person_can_say_is_asked_in_the_error(bench: Bench) -> None:
    asked = "Is it meant always, or only under that condition?"
    listed = "lib.optionals c [ pkgs.git ]"
    bench.machine.other_files = (
        f"{{ lib, pkgs, ... }}: {{ environment.systemPackages = {listed}; }}"
    )
    with pytest.raises(DefinedElsewhere) as refused:
        asyncio.run(bench.plan(GIT))
    assert f"that is conditional. {asked} Change it there" in refused.value.message
    assert refused.value.details["question"] == asked


def test_an_edit_that_brings_nothing_is_refused_with_the_patch(bench: Bench) -> None:
    listed = "environment.systemPackages = [ pkgs.git ];"
    bench.machine.other_files = f"{{ pkgs, ... }}: {{ {listed} x = [ pkgs.git ]; }}"
    with pytest.raises(DefinedElsewhere, match="Nix does not find what was asked") as refused:
        asyncio.run(bench.plan(GIT))
    assert refused.value.details["patch"] == "-git\n"


@pytest.mark.parametrize(
    ("edit", "is_true", "found"),
    [
        (Put("a.b", "x"), True, {"value": "x", "is_plain": True}),
        (Put("a.b", "x"), False, {"value": "y", "is_plain": True}),
        (Put("a.b", value=True), False, {"value": 1, "is_plain": True}),
        (Put("a.b", None), False, {"value": None, "is_plain": False}),
        (Drop("a.b"), True, {"files": ("other",)}),
        (Drop("a.b"), False, {"files": ("file",)}),
        (Append("a.b", 1), True, {"value": [2, 1]}),
        (Append("a.b", 1), False, {"value": [2]}),
        (Append("a.b", 1), False, {"value": None}),
        (DropItem("a.b", 1), True, {"value": [2]}),
        (DropItem("a.b", 1), False, {"value": [1, 2]}),
        (DropItem("a.b", 1), False, {"value": None}),
    ],
)
def test_an_edit_is_proved_by_what_the_option_has_afterwards(
    edit: Edit, found: dict[str, object], *, is_true: bool
) -> None:
    option = replace(OptionFacts("a.b", exists=True), **found)  # type: ignore[arg-type] # by name
    assert is_proved(edit, "file", Facts({}, {"a.b": option}, is_imported=True)) is is_true


def test_a_package_is_proved_by_what_is_installed() -> None:
    options = {SYSTEM_PACKAGES: OptionFacts(SYSTEM_PACKAGES, exists=True)}
    added = Append(SYSTEM_PACKAGES, {"package": "git"})
    assert proof_query([GONE]).packages == proof_query([added]).packages == ("git",)
    for installed in (True, False):
        package = PackageFacts("git", Is.AVAILABLE, is_installed=installed)
        facts = Facts({"git": package}, options, is_imported=True)
        assert is_proved(GONE, "file", facts) is not installed
        assert is_proved(added, "file", facts) is installed


def test_an_undo_after_an_edit_by_hand_that_brings_nothing_is_refused(bench: Bench) -> None:
    done = asyncio.run(bench.apply(GIT))
    by_hand = "{ pkgs, ... }: { environment.systemPackages = with pkgs; [ a ]; }"
    bench.machine.other_files = by_hand  # this machine knows its package as pkgs.git only
    with pytest.raises(DefinedElsewhere, match="Nix does not find what was asked"):
        asyncio.run(bench.undo(done.id))
    assert bench.machine.other_files == by_hand


@pytest.mark.parametrize(
    "edit",
    [
        *(GONE, Append(SYSTEM_PACKAGES, {"package": "git"}), Put("a.b", [1]), Drop("a.b")),
        *(Append("a.b", 1), DropItem("a.b", "x")),
    ],
)
def test_each_edit_is_what_its_change_comes_to(edit: Edit) -> None:
    assert edits_of(change_of(edit)) == (edit,)


def test_a_change_of_several_items_comes_to_as_many_edits() -> None:
    wanted = (Append("a.b", 1), Append("a.b", 2))
    assert edits_of(SetOption("a.b", [1, 2], append=True)) == wanted
