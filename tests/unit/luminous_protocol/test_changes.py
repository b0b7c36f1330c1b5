"""Changes: what a well-formed one is, and which words are refused before they go anywhere."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import example, given

from luminous_protocol.changes import (
    CHANGE_TYPES,
    AddPackage,
    Change,
    CollectGarbage,
    Disable,
    Enable,
    Rebuild,
    RemovePackage,
    RestoreInputs,
    SetOption,
    SwitchGeneration,
    UnsetOption,
    UpdateInputs,
    change_to_dict,
    join_option,
    split_option,
)
from luminous_protocol.errors import InvalidChange
from tests.unit.luminous_protocol.strategies import option_parts, thoroughly

NASTY_NAMES = [
    "",
    " ",
    "$(reboot)",
    "`reboot`",
    "../../etc/shadow",
    "/etc/shadow",
    "vim; reboot",
    "vim && reboot",
    "vim\n",
    "vim\nreboot",
    "vim\0",
    "'vim'",
    'vim"',
    'vim"; reboot = "',
    "${builtins.readFile /etc/shadow}",
    "--option",
    "-vim",
    "vim.",
    ".vim",
    "a..b",
    "ｆｉｒｅｆｏｘ",  # noqa: RUF001 - letters that only look like ASCII are the point
    "vim\u202e",
    "v" * 1_000_000,
]


@pytest.mark.parametrize(
    "make", [AddPackage, RemovePackage, SetOption, UnsetOption, Enable, Disable]
)
@pytest.mark.parametrize("name", NASTY_NAMES, ids=lambda name: ascii(name[:20]))
def test_a_name_that_is_more_than_a_name_is_refused_by_every_change(
    make: type[Any], name: str
) -> None:
    with pytest.raises(InvalidChange) as refused:
        make(name)
    assert len(refused.value.message) < 200, "the complaint quotes at most the beginning"


@pytest.mark.parametrize("name", ["", "nix os", "$(x)", "../x", "a\n", "-a", "a" * 101])
def test_an_inputs_name_that_is_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidChange):
        UpdateInputs(("nixos", name))


@pytest.mark.parametrize(
    "name", ["vim", "7zz", "gtk+", "python3Packages.numpy", "a.b.c.d.e", "xorg.xf86-video_x", "_"]
)
def test_an_attribute_path_of_nixpkgs_is_a_packages_name(name: str) -> None:
    assert AddPackage(name).package == name


def test_a_path_of_more_than_five_attributes_is_no_packages_name() -> None:
    with pytest.raises(InvalidChange):
        AddPackage("a.b.c.d.e.f")


@pytest.mark.parametrize("option", ['a."${x}"', 'a."b', 'a."b\\"c"', 'a.""', 'a."b"c', '"a".b'])
def test_a_quoted_part_with_more_than_plain_characters_is_no_options_name(option: str) -> None:
    with pytest.raises(InvalidChange):
        SetOption(option, value=True)


def test_an_options_name_has_at_most_sixteen_parts() -> None:
    assert SetOption(".".join("a" * 16), 1).option == "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"
    with pytest.raises(InvalidChange):
        SetOption(".".join("a" * 17), 1)


@pytest.mark.parametrize(
    ("option", "parts"),
    [
        ("a", ("a",)),
        ("services.openssh.enable", ("services", "openssh", "enable")),
        (
            'services.nginx.virtualHosts."a.org".root',
            ("services", "nginx", "virtualHosts", "a.org", "root"),
        ),
        (
            'boot.kernel.sysctl."net.ipv4.ip_forward"',
            ("boot", "kernel", "sysctl", "net.ipv4.ip_forward"),
        ),
        ('a."b c=d"."e"', ("a", "b c=d", "e")),
    ],
)
def test_an_option_is_split_at_dots_outside_quotes(option: str, parts: tuple[str, ...]) -> None:
    assert split_option(option) == parts


@thoroughly
@given(option_parts)
@example(("a", "or", "b.c"))
def test_splitting_takes_back_what_joining_made(parts: tuple[str, ...]) -> None:
    assert split_option(join_option(parts)) == parts
    assert SetOption(join_option(parts), 1).option == join_option(parts)


@pytest.mark.parametrize("make", [SetOption, UnsetOption, Enable, Disable])
def test_quotes_that_an_option_does_not_need_are_dropped(make: type[Any]) -> None:
    change = make('services."nginx"."a.org"')
    name = getattr(change, "option", None) or change.target
    assert name == 'services.nginx."a.org"'


@pytest.mark.parametrize(
    "value",
    [
        "\0",
        "x" * 10_001,
        2**63,
        -(2**63),
        float("nan"),
        float("inf"),
        -float("inf"),
        5e-324,
        [None],
        {"a": None},
        {"a\0": 1},
        {"package": "$(reboot)"},
        {"package": 5},
        [{"package": "../x"}],
        [[[[[[[[[1]]]]]]]]],
        ["x" * 9_000] * 20,
        dict.fromkeys((f"k{n}" for n in range(20_000)), 1),
        b"bytes",
        ("tuple",),
        pytest.param(object(), id="an object"),
        "lone \ud800 surrogate",
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_value_that_nix_cannot_hold_is_refused(value: Any) -> None:  # noqa: ANN401 - any value
    with pytest.raises(InvalidChange):
        SetOption("a.b", value)
    with pytest.raises(InvalidChange):
        UnsetOption("a.b", value)


@pytest.mark.parametrize(
    "value",
    [None, True, 0, 2**63 - 1, 1 - 2**63, 1.5, "", 'ü\n"${x}\\', [], {}, [1, "a", {"b": [2]}]],
    ids=ascii,
)
def test_a_value_that_nix_can_hold_is_kept(value: Any) -> None:  # noqa: ANN401 - any value
    assert SetOption("a.b", value).value == value


@pytest.mark.parametrize("number", [-1, 2**31])
@pytest.mark.parametrize("make", [RestoreInputs, SwitchGeneration, CollectGarbage])
def test_a_number_out_of_range_is_refused(make: type[Any], number: int) -> None:
    with pytest.raises(InvalidChange):
        make(number)


@pytest.mark.parametrize("source", ["etc/nixos", "/etc/ü", "/etc/$x", "/a\n", "/" + "x" * 5000])
def test_a_source_of_inputs_is_the_directory_of_a_flake(source: str) -> None:
    with pytest.raises(InvalidChange, match="is not the directory of a flake"):
        RestoreInputs(1, source)


def test_zero_means_something_only_where_it_is_said_so() -> None:
    assert SwitchGeneration(0).generation == 0
    assert CollectGarbage(0, 0) == CollectGarbage()
    with pytest.raises(InvalidChange):
        RestoreInputs(0)


@pytest.mark.parametrize("action", ["", "dry-activate", "switch; reboot", "SWITCH", "x" * 1000])
def test_a_rebuild_does_only_what_is_listed(action: str) -> None:
    with pytest.raises(InvalidChange, match="Use one of: switch, boot, test, build"):
        Rebuild(action)


def test_every_kind_of_change_has_a_name_of_its_own() -> None:
    assert set(CHANGE_TYPES) == set(get_args(Change))
    kinds = [kind.__dataclass_fields__["kind"].default for kind in CHANGE_TYPES]
    assert len(set(kinds)) == len(kinds) == 14


def test_plain_data_leaves_out_what_is_as_it_is_by_default() -> None:
    assert change_to_dict(SetOption("a.b", 1)) == {
        "kind": "set-option",
        "option": "a.b",
        "value": 1,
    }
    assert change_to_dict(UpdateInputs()) == {"kind": "update-inputs"}
    assert change_to_dict(UpdateInputs(("nixos",))) == {
        "kind": "update-inputs",
        "inputs": ["nixos"],
    }
