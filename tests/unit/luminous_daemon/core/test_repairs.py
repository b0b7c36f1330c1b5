"""Plans that mend a configuration which does not evaluate: proof, way back, refusals."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.definitions import Attribution, Definition
from luminous_daemon.core.planning.repairs import still_failing
from luminous_daemon.core.ports import Caller
from luminous_protocol.changes import AllowPackage, RepairFile, change_to_dict
from luminous_protocol.errors import (
    EvaluationFailed,
    NothingToDo,
    PackageRefused,
    RepairRefused,
    UnknownPackage,
)
from luminous_protocol.names import Action
from luminous_protocol.plan import Risk
from luminous_protocol.transaction import TransactionState
from tests.unit.luminous_daemon.carrying_out import Bench, cut_short
from tests.unit.luminous_daemon.fake_configuration import CONFIGURATION

if TYPE_CHECKING:
    from luminous_protocol.changes import Change

BROKEN = "{ ... }: { services.opensh.enable = true; networking.hostNam = 1; }"
FIXED = "{ ... }: { services.openssh.enable = true; networking.hostName = 1; }"
SSH = RepairFile(CONFIGURATION, "rename", "services.opensh", "services.openssh")
HOST = RepairFile(CONFIGURATION, "rename", "networking.hostNam", "networking.hostName")
SHELL = RepairFile("/etc/nixos/shell.nix", "track-file")
DONE = TransactionState.DONE


def broken() -> Bench:
    """Return a machine whose configuration has two misspelt options."""
    bench = Bench()
    bench.machine.other_files = BROKEN
    bench.machine.wrong = {"opensh.": "no services.opensh", "hostNam ": "no networking.hostNam"}
    return bench


def refusing(option: str) -> Bench:
    """Return a machine on which an option needs packages that nixpkgs refuses."""
    bench = Bench()
    line = Definition(option, value=True, attribution=Attribution("root", 0, "x"))
    bench.machine.text = bench.world.configuration.render((line,))
    return bench


def test_a_plan_mends_what_does_not_evaluate_and_is_compared_with_what_runs() -> None:
    plan = asyncio.run(broken().plan(SSH, HOST)).plan
    assert plan.configuration_diff == "+repaired\n"
    assert plan.action == Action.CHANGE_SEVERAL
    assert plan.risk is Risk.MEDIUM
    assert "does not evaluate as it is" in plan.warnings[-1]
    assert plan.summary == (
        f"rename services.opensh to services.openssh in {CONFIGURATION}; "
        f"rename networking.hostNam to networking.hostName in {CONFIGURATION}"
    )


def test_what_was_planned_is_written_and_can_be_taken_back_where_that_evaluates() -> None:
    bench = broken()
    transaction = asyncio.run(bench.apply(SSH, HOST))
    assert transaction.state is DONE, transaction.result
    assert bench.machine.other_files == FIXED
    bench.machine.wrong = {}
    assert asyncio.run(bench.undo(transaction.id)).state is DONE
    assert bench.machine.other_files == BROKEN
    assert asyncio.run(bench.undo("t2")).state is DONE
    assert bench.machine.other_files == FIXED


def test_what_would_break_it_again_is_not_taken_back() -> None:
    bench = broken()
    transaction = asyncio.run(bench.apply(SSH, HOST))
    with pytest.raises(RepairRefused, match=r"bring back what was repaired: .* ask-nix rollback"):
        asyncio.run(bench.undo(transaction.id))
    assert bench.machine.other_files == FIXED


def test_an_undo_chooses_no_repair_of_what_made_no_system_before() -> None:
    bench = broken()
    assert asyncio.run(bench.apply(SSH, HOST)).state is DONE
    mended = bench.journal.find("t1")
    assert mended
    assert mended.inverse
    assert not mended.is_undoable
    other = RepairFile(CONFIGURATION, "rename", "networking.hostName", "networking.domain")
    assert asyncio.run(bench.apply(other)).state is DONE
    only_another = bench.journal.find("t2")
    assert only_another
    assert only_another.is_undoable


def test_what_somebody_has_changed_since_is_not_taken_back() -> None:
    bench = broken()
    transaction = asyncio.run(bench.apply(SSH, HOST))
    bench.machine.wrong = {}
    bench.machine.other_files += " # mine"
    with pytest.raises(RepairRefused, match="it is not as the repair left it"):
        asyncio.run(bench.undo(transaction.id))


def test_nobody_asks_for_the_way_back_but_an_undo() -> None:
    change = RepairFile(CONFIGURATION, "put-back", "0" * 64, "1" * 64)
    with pytest.raises(RepairRefused, match="nothing was repaired"):
        asyncio.run(Bench().plan(change))


def test_what_is_wrong_next_is_told_with_its_details() -> None:
    bench = broken()
    with pytest.raises(EvaluationFailed, match="something else is wrong, too") as caught:
        asyncio.run(bench.plan(SSH))
    assert caught.value.details == {"reason": "no networking.hostNam"}
    assert bench.machine.other_files == BROKEN


def test_a_repair_that_mends_nothing_is_told_so() -> None:
    with pytest.raises(EvaluationFailed, match="not what Nix stumbles over first") as caught:
        asyncio.run(broken().plan(HOST))
    assert caught.value.details == {"reason": "no services.opensh"}


def failed(reason: str, place: str) -> EvaluationFailed:
    """Return how Nix fails at a place."""
    return EvaluationFailed(f"At {place}: {reason}", {"reason": reason, "place": place})


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("undefined variable 'True'", "/a.nix:15:38"), "undefined variable 'tree'", "not help"),
        (("undefined variable 'True'", "/a.nix:15:38"), "undefined variable 'x'@9:1", "helps"),
        (("syntax error, unexpected '='", "/a.nix:37:9"), "syntax error, unexpected@36:2", "not"),
        (("syntax error, unexpected ';'", "/a.nix:31:9"), "syntax error, unexpected@33:5", "not"),
        (("syntax error, unexpected ';'", "/a.nix:31:9"), "syntax error, unexpected@60:5", "helps"),
        (("syntax error, unexpected ';'", "/a.nix:3:9"), "syntax error, unexpected ';'@5:9", "hel"),
        (("syntax error, unexpected ';'", "/a.nix:3:9"), "undefined variable 'x'@4:9", "helps"),
        (("The option `a' does not exist", "/n.nix:9:9"), "The option `b' does not exist", "helps"),
    ],
)
def test_a_repair_helps_only_where_nix_stumbles_over_something_else_elsewhere(
    before: tuple[str, str], after: str, told: str
) -> None:
    reason, _, place = after.partition("@")
    now = failed(reason, f"/a.nix:{place}" if place else before[1])
    found = still_failing(now, failed(*before), (SSH,))
    assert told in found.message
    is_no_help = "would not help" in found.message
    assert found.details == (failed(*before) if is_no_help else now).details


def test_a_file_of_a_flake_is_the_same_one_in_every_copy() -> None:
    base, now = (
        failed(f"undefined variable '{name}'", f"/nix/store/{copy}-source/a.nix:1:2")
        for name, copy in (("True", "x"), ("tree", "y"))
    )
    assert "would not help" in still_failing(now, base, (SSH,)).message


def test_what_is_not_understood_even_then_is_refused() -> None:
    bench = Bench()
    bench.machine.other_files = "{ a = (1; b = (2; }"
    change = RepairFile(CONFIGURATION, "insert-token", ";", ")", 1, 9)
    with pytest.raises(RepairRefused, match="its syntax is not understood"):
        asyncio.run(bench.plan(change))


def test_what_is_not_there_is_refused_with_the_reason() -> None:
    with pytest.raises(RepairRefused, match=r"because services\.x does not stand there") as caught:
        asyncio.run(broken().plan(RepairFile(CONFIGURATION, "rename", "services.x", "b")))
    assert caught.value.details["file"] == CONFIGURATION


def test_what_the_caller_may_not_read_is_refused() -> None:
    bench = broken()
    bench.machine.private = frozenset({CONFIGURATION})
    with pytest.raises(RepairRefused, match="you may not read it"):
        asyncio.run(bench.plan(SSH))
    root = Caller(":1.0", 0, 1, "root")
    prepared = asyncio.run(bench.plan(SSH, HOST, caller=root))
    assert prepared.placed[0].edit.after == FIXED


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            RepairFile(CONFIGURATION, "set-value", "users.users.bob.extraGroups", ["wheel"]),
            "{ ... }: { users.users.bob.extraGroups = [ ]; }",
        ),
        (
            RepairFile(CONFIGURATION, "rename", "security.sud", "security.sudo"),
            "{ ... }: { security.sud.enable = true; }",
        ),
    ],
)
def test_what_decides_who_rules_the_machine_is_of_a_high_risk(change: Change, text: str) -> None:
    bench = Bench()
    bench.machine.other_files = text
    plan = asyncio.run(bench.plan(change)).plan
    assert (plan.risk, plan.action) == (Risk.HIGH, Action.CHANGE_HIGH_RISK)


def test_a_file_becomes_known_to_git_and_the_plan_says_what_that_means() -> None:
    bench = Bench()
    bench.machine.needs_tracked = SHELL.file
    prepared = asyncio.run(bench.plan(SHELL))
    assert any("copied to the Nix store" in warning for warning in prepared.plan.warnings)
    assert asyncio.run(bench.apply(SHELL)).state is DONE
    assert SHELL.file in bench.machine.tracked
    with pytest.raises(RepairRefused, match="git knows it already"):
        asyncio.run(bench.plan(SHELL))


@pytest.mark.parametrize("changes", [(SSH, HOST), (SHELL,), (SHELL, SSH, HOST)])
def test_whenever_the_power_goes_all_is_as_before_or_done(changes: tuple[Change, ...]) -> None:
    for cut in range(1, 60):
        for when in ("cut_before", "cut_after"):
            bench = broken()
            bench.machine.needs_tracked = SHELL.file if SHELL in changes else ""
            if SSH not in changes:
                bench.machine.wrong = {}
            before = bench.machine.state()
            transaction = bench.transaction(asyncio.run(bench.plan(*changes)))
            bench.machine.calls.clear()
            setattr(bench.machine, when, cut)
            cut_short(bench, transaction)
            asyncio.run(bench.start_again())
            is_done = bench.machine.state() != before
            assert not is_done or bench.machine.other_files == (FIXED if SSH in changes else BROKEN)
            assert not is_done or (SHELL.file in bench.machine.tracked) is (SHELL in changes)


def test_an_exception_is_made_for_what_the_configuration_needs() -> None:
    bench = refusing("hardware.printer.enable")
    changes = (
        AllowPackage("inks", "unfree"),
        AllowPackage("print-tables-7", "unfree"),
        AllowPackage("oldssl-1.1", "insecure"),
    )
    prepared = asyncio.run(bench.plan(*changes))
    assert prepared.plan.summary == "allow inks-2.0; allow print-tables-7; allow oldssl-1.1"
    assert prepared.plan.risk is Risk.HIGH
    assert prepared.edit
    assert '"inks" "print-tables"' in prepared.edit.after
    with pytest.raises(EvaluationFailed, match="something else is wrong, too") as caught:
        asyncio.run(bench.plan(changes[0]))
    refused = caught.value.details["refused"]
    assert isinstance(refused, dict)
    assert refused["name"] == "print-tables"


def test_what_is_allowed_for_another_reason_is_refused_still() -> None:
    bench = refusing("hardware.printer.enable")
    with pytest.raises(EvaluationFailed, match="not what Nix stumbles over first"):
        asyncio.run(bench.plan(AllowPackage("inks", "insecure")))


def test_what_no_exception_makes_available_is_refused() -> None:
    bench = refusing("hardware.ruin.enable")
    with pytest.raises(PackageRefused, match="broken"):
        asyncio.run(bench.plan(AllowPackage("rubble", "broken")))


def test_an_exception_for_what_nothing_needs_yet_is_made_by_its_attribute() -> None:
    bench = Bench()
    transaction = asyncio.run(bench.apply(AllowPackage("oldssl", "insecure")))
    assert transaction.state is DONE
    assert "oldssl" in bench.machine.text
    assert [change_to_dict(item)["kind"] for item in transaction.prepared.inverse]
    with pytest.raises(NothingToDo, match="is not refused as unfree"):
        asyncio.run(bench.plan(AllowPackage("vim", "unfree")))
    with pytest.raises(UnknownPackage):
        asyncio.run(bench.plan(AllowPackage("nonsense", "unfree")))
    with pytest.raises(PackageRefused):
        asyncio.run(bench.plan(AllowPackage("shattered", "broken")))
