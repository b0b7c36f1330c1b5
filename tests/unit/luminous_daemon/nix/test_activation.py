"""Activation: whole argument lists of both back ends, and what a failure says."""

from __future__ import annotations

import asyncio
import fcntl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.nix import activation
from luminous_daemon.nix.activation import NativeActivation, RebuildActivation, switch_argv
from luminous_protocol.errors import ActivationFailed, Busy, LuminousError

if TYPE_CHECKING:
    from tests.unit.luminous_daemon.nix.recorder import Recorder

SYSTEM = "/nix/store/abc-nixos-system"
PROFILE = Path("/nix/var/nix/profiles/system")
SWITCH = f"{SYSTEM}/bin/switch-to-configuration"
SYSTEMD_RUN = (
    "systemd-run",
    "-E",
    "LOCALE_ARCHIVE",
    "-E",
    "NIXOS_INSTALL_BOOTLOADER",
    "--collect",
    "--no-ask-password",
    "--pipe",
    "--quiet",
    "--service-type=exec",
    "--unit=nixos-rebuild-switch-to-configuration",
)


@pytest.fixture(params=[True, False], ids=["systemd", "no systemd"])
def prefix(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[str, ...]:
    """Give what stands before switch-to-configuration, with systemd and without."""
    running = tmp_path / "systemd"
    if request.param:
        running.mkdir()
    monkeypatch.setattr(activation, "_SYSTEMD_RUNS", running)
    return SYSTEMD_RUN if request.param else ()


def native(directory: Path) -> NativeActivation:
    """Return the native back end."""
    return NativeActivation(PROFILE, directory)


def test_a_daemon_that_does_not_come_back_is_started_by_a_timer(
    recorder: Recorder, tmp_path: Path, prefix: tuple[str, ...]
) -> None:
    recorder.answer("", "Failed to start transient timer unit", status=1)  # that ends no change
    asyncio.run(native(tmp_path).wake_after("abc", 60))
    timer = (
        "systemd-run",
        "--collect",
        "--no-ask-password",
        "--quiet",
        "--on-active=65s",
        "--timer-property=AccuracySec=1s",
        "--unit=luminous-confirm-abc",
        "systemctl",
        "start",
        "luminousd.service",
    )
    assert recorder.argvs == ([timer] if prefix else [])


def test_a_system_is_tried_by_its_own_program(
    recorder: Recorder, tmp_path: Path, prefix: tuple[str, ...]
) -> None:
    asyncio.run(native(tmp_path).test(SYSTEM, lambda _: None))
    assert recorder.argvs == [(*prefix, SWITCH, "test")]
    assert recorder.commands[0].user == ""


def test_a_new_system_becomes_the_default_as_a_new_generation(
    recorder: Recorder, tmp_path: Path, prefix: tuple[str, ...]
) -> None:
    asyncio.run(native(tmp_path).make_default(SYSTEM, 0, lambda _: None))
    assert recorder.argvs == [
        ("nix-env", "--profile", str(PROFILE), "--set", SYSTEM),
        (*prefix, SWITCH, "boot"),
    ]


def test_a_generation_becomes_the_default_by_its_number(
    recorder: Recorder, tmp_path: Path, prefix: tuple[str, ...]
) -> None:
    asyncio.run(native(tmp_path).make_default(SYSTEM, 42, lambda _: None))
    assert recorder.argvs == [
        ("nix-env", "--profile", str(PROFILE), "--switch-generation", "42"),
        (*prefix, SWITCH, "boot"),
    ]


def test_the_boot_menu_is_not_written_for_a_profile_that_could_not_be_set(
    recorder: Recorder, tmp_path: Path
) -> None:
    recorder.answer("", "error: no space left", status=1)
    with pytest.raises(ActivationFailed):
        asyncio.run(native(tmp_path).make_default(SYSTEM, 0, lambda _: None))
    assert len(recorder.commands) == 1


def test_output_is_passed_on_and_its_end_is_kept(recorder: Recorder, tmp_path: Path) -> None:
    heard: list[str] = []
    lines = [*(f"line {n}" for n in range(20)), "", "Failed to start x.service"]
    recorder.answer("", *lines, status=4)
    with pytest.raises(ActivationFailed) as failed:
        asyncio.run(native(tmp_path).test(SYSTEM, heard.append))
    assert heard == lines
    assert failed.value.message == "switch-to-configuration test ended with status 4."
    assert failed.value.details["log"] == [*(f"line {n}" for n in range(6, 20)), lines[-1]]


def test_output_passes_through_a_file_that_is_gone_afterwards(
    recorder: Recorder, tmp_path: Path
) -> None:
    asyncio.run(native(tmp_path).test(SYSTEM, lambda _: None))
    (log,) = recorder.logs
    assert log.parent == tmp_path
    assert not log.exists()


def test_a_lock_that_another_program_holds_has_its_own_name(
    recorder: Recorder, tmp_path: Path
) -> None:
    recorder.answer("", "Could not acquire lock", status=1)
    with pytest.raises(LuminousError, match="Another program is switching") as refused:
        asyncio.run(native(tmp_path).test(SYSTEM, lambda _: None))
    assert type(refused.value) is Busy


@pytest.mark.parametrize(
    ("call", "argvs"),
    [
        (
            ("test", 0),
            [("nixos-rebuild", "test", "--no-reexec", "--store-path", SYSTEM)],
        ),
        (
            ("make_default", 0),
            [("nixos-rebuild", "boot", "--no-reexec", "--store-path", SYSTEM)],
        ),
        (
            ("make_default", 42),
            [
                ("nix-env", "--profile", str(PROFILE), "--switch-generation", "42"),
                (SWITCH, "boot"),
            ],
        ),
    ],
)
def test_the_other_back_end_drives_the_installed_nixos_rebuild(
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    call: tuple[str, int],
    argvs: list[tuple[str, ...]],
) -> None:
    monkeypatch.setattr(activation, "find_program", lambda _: "/bin/nixos-rebuild")
    monkeypatch.setattr(activation, "_SYSTEMD_RUNS", tmp_path / "absent")
    back_end = RebuildActivation(PROFILE, tmp_path)
    method, number = call
    if method == "test":
        asyncio.run(back_end.test(SYSTEM, lambda _: None))
    else:
        asyncio.run(back_end.make_default(SYSTEM, number, lambda _: None))
    assert recorder.argvs == argvs


def test_without_nixos_rebuild_its_back_end_says_what_to_do(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(activation, "find_program", lambda _: None)
    with pytest.raises(
        ActivationFailed, match=r"not installed here\. Install it, or use the native"
    ):
        asyncio.run(RebuildActivation(PROFILE, tmp_path).test(SYSTEM, lambda _: None))
    assert recorder.commands == []


def test_no_name_becomes_part_of_a_shells_text() -> None:
    nasty = "/nix/store/$(reboot); rm -rf /"
    assert switch_argv(nasty, "test", systemd=False) == (
        f"{nasty}/bin/switch-to-configuration",
        "test",
    )


def test_whoever_switches_elsewhere_is_seen_before_anything_is_begun(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock, fragment = tmp_path / "lock", tmp_path / "unit"
    monkeypatch.setattr(activation, "_LOCK", lock)
    monkeypatch.setattr(activation, "_FRAGMENT", fragment)
    native(tmp_path).check_free()
    fragment.touch()
    with pytest.raises(Busy, match="nixos-rebuild"):
        native(tmp_path).check_free()
    fragment.unlink()
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy):
            native(tmp_path).check_free()
    native(tmp_path).check_free()


def test_a_unit_that_is_taken_already_is_busy_too(recorder: Recorder, tmp_path: Path) -> None:
    unit = "Unit nixos-rebuild-switch-to-configuration.service was already loaded or has a fragment"
    recorder.answer("", f"Failed to start transient service unit: {unit} file.", status=1)
    with pytest.raises(Busy):
        asyncio.run(native(tmp_path).test(SYSTEM, lambda _: None))
