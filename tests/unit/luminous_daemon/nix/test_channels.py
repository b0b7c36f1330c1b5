"""Channels: fetched without being in force, adopted whole, and taken back by generation."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.inputs import InputsUpdate
from luminous_daemon.nix import channels as module
from luminous_daemon.nix.channels import Channels
from luminous_protocol.errors import InvalidValue, NothingToDo, UpdateFailed

if TYPE_CHECKING:
    from luminous_daemon.settings import Settings
    from tests.unit.luminous_daemon.nix.recorder import Recorder


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Path:
    """Give a store where generation 4 of the channels has nixos and hardware."""
    store = tmp_path / "store"
    for name, content in (("old-nixos", "nixos"), ("hardware", "hardware"), ("new-nixos", "nixos")):
        (store / name / content).mkdir(parents=True)
    generation = tmp_path / "channel-profile-4-link"
    generation.mkdir()
    (generation / "nixos").symlink_to(store / "old-nixos" / "nixos")
    (generation / "hardware").symlink_to(store / "hardware" / "hardware")
    settings.channel_profile.symlink_to(generation.name)
    settings.channels.write_text(
        "https://example.org/nixos-25.11 nixos\n\n# not this\nfile:///srv/hardware/ hardware\n"
    )
    return store


def test_all_channels_are_fetched_in_one_build_as_the_owner(
    recorder: Recorder, settings: Settings, owner: str, store: Path
) -> None:
    recorder.answer(f"{store}/new-nixos\n{store}/hardware\n")
    update = asyncio.run(Channels(settings).fetch(()))
    assert update == InputsUpdate(
        paths=(f"{store}/new-nixos", f"{store}/hardware"),
        names=("nixos",),
        main=f"{store}/new-nixos",
        before=4,
    )
    (command,) = recorder.commands
    assert command.user == owner
    assert command.argv[:-1] == (
        "nix-build",
        "--no-out-link",
        "--log-format",
        "internal-json",
        "--option",
        "tarball-ttl",
        "0",
        str(Path(module.__file__).with_name("channels.nix")),
        "--argstr",
        "request",
    )
    assert json.loads(command.argv[-1]) == [
        {"name": "nixos", "url": "https://example.org/nixos-25.11"},
        {"name": "hardware", "url": "file:///srv/hardware"},
    ]


def test_channels_that_were_not_asked_for_stay_as_they_are(
    recorder: Recorder, settings: Settings, store: Path
) -> None:
    recorder.answer(f"{store}/new-nixos\n")
    update = asyncio.run(Channels(settings).fetch(("nixos",)))
    assert update.paths == (f"{store}/new-nixos", f"{store}/hardware")
    assert [item["name"] for item in json.loads(recorder.argvs[0][-1])] == ["nixos"]


def test_without_the_main_channel_the_one_in_force_is_evaluated(
    recorder: Recorder, settings: Settings, store: Path
) -> None:
    (store / "new-hardware" / "hardware").mkdir(parents=True)
    recorder.answer(f"{store}/new-hardware\n")
    update = asyncio.run(Channels(settings).fetch(("hardware",)))
    assert update.main == f"{store}/old-nixos"
    assert update.names == ("hardware",)


def test_channels_that_are_the_newest_are_nothing_to_do(
    recorder: Recorder, settings: Settings, store: Path
) -> None:
    recorder.answer(f"{store}/old-nixos\n{store}/hardware\n")
    with pytest.raises(NothingToDo, match="Already up to date: nixos, hardware"):
        asyncio.run(Channels(settings).fetch(()))


@pytest.mark.usefixtures("store")
def test_a_channel_that_nobody_subscribed_to_is_refused(
    recorder: Recorder, settings: Settings
) -> None:
    with pytest.raises(InvalidValue, match=r"no channel 'unstable' here\. Known: nixos, hardware"):
        asyncio.run(Channels(settings).fetch(("nixos", "unstable")))
    assert recorder.commands == []


@pytest.mark.parametrize("text", [None, "", "# nothing\n", "only-an-address\n"])
def test_a_machine_without_channels_has_nothing_to_update(
    recorder: Recorder, settings: Settings, text: str | None
) -> None:
    if text is not None:
        settings.channels.write_text(text)
    with pytest.raises(NothingToDo, match="has no channels"):
        asyncio.run(Channels(settings).fetch(()))
    assert recorder.commands == []


def test_a_line_of_more_than_two_words_spoils_no_other(
    recorder: Recorder, settings: Settings, store: Path
) -> None:
    settings.channels.write_text(f"a b c\n  # x y\n{settings.channels.read_text()}")
    recorder.answer(f"{store}/new-nixos\n{store}/hardware\n")
    assert asyncio.run(Channels(settings).fetch(())).names == ("nixos",)


@pytest.mark.usefixtures("store")
def test_a_fetch_that_fails_says_nixs_last_word(recorder: Recorder, settings: Settings) -> None:
    event = {"action": "msg", "level": 0, "raw_msg": "while fetching\nunable to download"}
    recorder.answer("", "@nix " + json.dumps(event), status=1)
    with pytest.raises(UpdateFailed, match="cannot be fetched: unable to download") as failed:
        asyncio.run(Channels(settings).fetch(()))
    assert failed.value.details["log"] == ["while fetching", "unable to download"]
    recorder.answer("", status=1)
    with pytest.raises(UpdateFailed, match="no reason given"):
        asyncio.run(Channels(settings).fetch(()))


def test_adopting_replaces_the_whole_set_as_root(recorder: Recorder, settings: Settings) -> None:
    update = InputsUpdate(("/nix/store/a", "/nix/store/b"), ("nixos",), "/nix/store/a", 4)
    asyncio.run(Channels(settings).adopt(update))
    profile = str(settings.channel_profile)
    assert recorder.argvs == [
        (
            "nix-env",
            "--profile",
            profile,
            "--remove-all",
            "--install",
            "/nix/store/a",
            "/nix/store/b",
        )
    ]
    assert recorder.commands[0].user == ""


def test_going_back_is_by_generation(recorder: Recorder, settings: Settings) -> None:
    asyncio.run(Channels(settings).restore(4))
    profile = str(settings.channel_profile)
    assert recorder.argvs == [("nix-env", "--profile", profile, "--switch-generation", "4")]
    recorder.answer("", "error: generation 4 does not exist", status=1)
    with pytest.raises(UpdateFailed, match="generation 4 does not exist"):
        asyncio.run(Channels(settings).restore(4))


@pytest.mark.usefixtures("recorder")
def test_the_generation_in_force_is_read_from_the_link(settings: Settings, store: Path) -> None:
    channels = Channels(settings)
    assert channels.generation() == 4
    assert channels.path_of(4) == f"{store}/old-nixos"
    assert channels.path_of(9) == ""
    settings.channel_profile.unlink()
    assert channels.generation() == 0


def test_a_fingerprint_tells_channels_by_the_one_with_nixpkgs(
    settings: Settings, store: Path, tmp_path: Path
) -> None:
    channels = Channels(settings)
    planned = channels.fingerprint(f"{store}/new-nixos")
    assert channels.fingerprint() == f"{store}/old-nixos" != planned
    (tmp_path / "channel-profile-4-link" / "nixos").unlink()
    (tmp_path / "channel-profile-4-link" / "nixos").symlink_to(store / "new-nixos" / "nixos")
    assert channels.fingerprint() == planned
