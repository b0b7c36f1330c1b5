"""Resolving packages: the option NixOS prefers, the narrowest exception, and every refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_daemon.core.definitions import (
    INSECURE,
    SYSTEM_PACKAGES,
    UNFREE,
    Append,
    Drop,
    DropItem,
    Put,
    package,
)
from luminous_protocol.changes import AddPackage, RemovePackage, SetOption, UnsetOption
from luminous_protocol.errors import (
    InvalidChange,
    LuminousError,
    NothingToDo,
    PackageRefused,
    UnknownPackage,
)
from tests.unit.luminous_daemon.core.facts import resolved

if TYPE_CHECKING:
    from luminous_protocol.changes import Value

VIM = (SYSTEM_PACKAGES, [package("vim")])


def test_a_package_is_added_to_the_systems_packages() -> None:
    found = resolved(AddPackage("hello"))
    assert found.edits == (Append(SYSTEM_PACKAGES, package("hello")),)
    assert found.options == (SYSTEM_PACKAGES,)
    assert found.summary == "install hello 2.12"
    assert found.notes == ()
    assert not found.is_dangerous


def test_a_package_with_an_option_of_its_own_is_switched_on_there() -> None:
    found = resolved(AddPackage("firefox"))
    assert found.edits == (Put("programs.firefox.enable", value=True),)
    assert found.summary == "install firefox 143.0"


def test_an_unfree_package_gets_an_exception_for_itself_alone() -> None:
    found = resolved(AddPackage("steam"))
    assert found.edits == (
        Put(UNFREE, {"unfree": ["steam-unwrapped"]}),
        Append(SYSTEM_PACKAGES, package("steam")),
    )
    assert found.options == (SYSTEM_PACKAGES, UNFREE)
    assert found.notes == (
        (
            "steam is unfree software (licence: unfreeRedistributable). "
            "This plan allows this one package, and no other."
        ),
    )


def test_an_exception_is_added_to_those_there_are() -> None:
    found = resolved(AddPackage("discord"), (UNFREE, {"unfree": ["steam-unwrapped"]}))
    assert found.edits[0] == Put(UNFREE, {"unfree": ["steam-unwrapped", "discord"]})


def test_an_insecure_package_is_allowed_in_this_version_and_is_dangerous() -> None:
    found = resolved(AddPackage("oldssl"))
    assert found.edits == (
        Append(INSECURE, "oldssl-1.1"),
        Append(SYSTEM_PACKAGES, package("oldssl")),
    )
    assert found.is_dangerous
    assert "CVE-2022-0001" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("nonesuch", UnknownPackage, "no package called 'nonesuch'"),
        ("shattered", PackageRefused, "marked as broken"),
        ("machines", PackageRefused, "not available for this kind of machine"),
        ("oldname", PackageRefused, "it was renamed to newname"),
        ("git", NothingToDo, "git is installed already"),
        ("vim", NothingToDo, "vim is installed already"),
    ],
)
def test_a_package_that_cannot_or_need_not_be_installed_says_why(
    name: str, error: type[LuminousError], says: str
) -> None:
    with pytest.raises(error, match=says):
        resolved(AddPackage(name), VIM)


def test_a_program_that_is_switched_on_needs_no_installing() -> None:
    with pytest.raises(NothingToDo, match=r"programs\.firefox\.enable is true"):
        resolved(AddPackage("firefox"), ("programs.firefox.enable", True))


@pytest.mark.parametrize(
    ("name", "own", "edits"),
    [
        ("vim", [VIM], [DropItem(SYSTEM_PACKAGES, package("vim"))]),
        (
            "firefox",
            [("programs.firefox.enable", True)],
            [Drop("programs.firefox.enable")],
        ),
        (
            "steam",
            [(SYSTEM_PACKAGES, [package("steam")]), (UNFREE, {"unfree": ["steam-unwrapped"]})],
            [DropItem(SYSTEM_PACKAGES, package("steam")), Drop(UNFREE)],
        ),
        (
            "steam",
            [
                (SYSTEM_PACKAGES, [package("steam")]),
                (UNFREE, {"unfree": ["discord", "steam-unwrapped"]}),
            ],
            [
                DropItem(SYSTEM_PACKAGES, package("steam")),
                Put(UNFREE, {"unfree": ["discord"]}),
            ],
        ),
        (
            "oldssl",
            [(SYSTEM_PACKAGES, [package("oldssl")]), (INSECURE, ["oldssl-1.1"])],
            [DropItem(SYSTEM_PACKAGES, package("oldssl")), DropItem(INSECURE, "oldssl-1.1")],
        ),
        (
            "nonesuch",
            [(SYSTEM_PACKAGES, [package("nonesuch")])],
            [DropItem(SYSTEM_PACKAGES, package("nonesuch"))],
        ),
    ],
)
def test_what_luminous_installed_is_removed_with_its_exception(
    name: str, own: list[tuple[str, Value]], edits: list[object]
) -> None:
    found = resolved(RemovePackage(name), *own)
    assert list(found.edits) == edits
    assert found.summary == f"remove {name}"


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("hello", NothingToDo, "hello is not installed"),
        ("nonesuch", UnknownPackage, "no package called"),
    ],
)
def test_what_is_not_installed_is_not_removed(
    name: str, error: type[LuminousError], says: str
) -> None:
    with pytest.raises(error, match=says):
        resolved(RemovePackage(name))


def test_what_another_file_installs_is_removed_there() -> None:
    found = resolved(RemovePackage("git"))
    (placement,) = found.placements
    assert placement.file == "/etc/nixos/configuration.nix"
    assert placement.edit == DropItem(SYSTEM_PACKAGES, package("git"))
    assert placement.inverse == AddPackage("git")
    assert placement.note.startswith("git is installed in /etc/nixos/configuration.nix (git), so")


def test_what_a_module_of_another_name_brings_in_is_switched_on_there() -> None:
    found = resolved(AddPackage("jars.jdk"))
    assert found.edits == (Put("programs.java.enable", value=True),)
    assert found.summary == "install jars.jdk 21"
    gone = resolved(RemovePackage("jars.jdk"), ("programs.java.enable", True))
    assert gone.edits == (Drop("programs.java.enable"),)


def test_what_several_modules_bring_in_is_installed_by_itself() -> None:
    assert resolved(AddPackage("both")).edits == (Append(SYSTEM_PACKAGES, package("both")),)


def test_a_service_of_another_name_is_told_and_not_started() -> None:
    found = resolved(AddPackage("radio"))
    assert found.edits == (Append(SYSTEM_PACKAGES, package("radio")),)
    assert found.notes == (
        "radio is installed, not started. To run it: ask-nix enable hardware.bluetooth",
    )


def test_a_module_that_brings_in_another_package_is_given_the_right_one() -> None:
    put = Put("programs.wire.package", package("wire"))
    found = resolved(AddPackage("wire"))
    assert found.edits == (Put("programs.wire.enable", value=True), put)
    assert resolved(AddPackage("wire"), ("programs.wire.enable", True)).edits == (put,)
    own = (("programs.wire.enable", True), ("programs.wire.package", package("wire")))
    assert resolved(RemovePackage("wire"), *own).edits == (
        Drop("programs.wire.enable"),
        Drop("programs.wire.package"),
    )


def test_a_module_that_only_sets_a_program_up_does_not_install_it() -> None:
    assert resolved(AddPackage("chromium")).edits == (Append(SYSTEM_PACKAGES, package("chromium")),)


BOTH: tuple[str, Value] = (UNFREE, {"unfree": ["discord", "steam-unwrapped"]})


def test_an_exception_is_taken_back_and_made_again_by_the_name_of_its_package() -> None:
    found = resolved(UnsetOption(UNFREE, "discord"), BOTH)
    assert found.edits == (Put(UNFREE, {"unfree": ["steam-unwrapped"]}),)
    assert found.summary == "stop allowing discord"
    only: tuple[str, Value] = (UNFREE, {"unfree": ["discord"]})
    last = resolved(UnsetOption(UNFREE, "discord"), only)
    assert last.edits == (Drop(UNFREE),)
    again = resolved(SetOption(UNFREE, ["words"], append=True), BOTH)
    assert again.edits == (Put(UNFREE, {"unfree": ["discord", "steam-unwrapped", "words"]}),)
    assert again.summary == "allow words"
    insecure = resolved(UnsetOption(INSECURE, "ssl-1"), (INSECURE, ["ssl-1"]))
    assert insecure.summary == "stop allowing ssl-1"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (UnsetOption(UNFREE, "words"), NothingToDo),
        (SetOption(UNFREE, ["discord"], append=True), NothingToDo),
        (SetOption(UNFREE, ['" ]; x = ["'], append=True), InvalidChange),
    ],
)
def test_an_exception_that_stands_or_that_is_no_name_is_not_made(
    change: SetOption | UnsetOption, error: type[LuminousError]
) -> None:
    with pytest.raises(error):
        resolved(change, BOTH)
