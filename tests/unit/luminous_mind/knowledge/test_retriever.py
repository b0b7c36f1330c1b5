"""The retriever: what is meant comes first, whatever way it was said."""

from __future__ import annotations

import pytest

from luminous_mind.knowledge.retriever import EVERYTHING
from luminous_protocol.passages import Named, NameRequest, SearchRequest
from tests.unit.luminous_mind.knowledge.shelf import found, retriever


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("caddy", "services.caddy.enable"),
        ("services.caddy", "services.caddy.enable"),
        ("services.caddy.virtualhosts", "services.caddy.virtualHosts"),
        ("allowedTCPPorts", "networking.firewall.allowedTCPPorts"),
        ("allowed tcp ports", "networking.firewall.allowedTCPPorts"),
        ("firewall allowed ports", "networking.firewall.allowedTCPPorts"),
        ("vault warden", "services.vaultwarden.enable"),
        ("cadyd", "services.caddy.enable"),
        ("blueto", "hardware.bluetooth.enable"),
        ("bleutooth", "hardware.bluetooth.enable"),
        ("sytemd-boot", "boot.loader.systemd-boot.enable"),
        ("hostname", "networking.hostName"),
    ],
)
def test_an_option_is_found_by_its_name_by_half_of_it_and_by_a_misspelling(
    query: str, first: str
) -> None:
    assert found(query, "option")[0] == f"option:{first}"


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("firefox", "firefox"),
        ("firefox-unwrapped", "firefox-unwrapped"),
        ("python313Packages.caddy", "python313Packages.caddy"),
        ("firefx", "firefox"),
        ("tailsc", "tailscale"),
        ("something to watch films", "vlc"),
        ("surf the internet with a browser", "firefox"),
        ("safe for logins and passwords", "keepassxc"),
        ("history of source code", "git"),
        ("mkv that plays everything", "vlc"),  # no word of it stands in the package's own text
        ("wtach flims and moveis", "vlc"),
    ],
)
def test_a_package_is_found_by_name_and_by_what_it_is_for(query: str, first: str) -> None:
    assert found(query, "package")[0] == f"package:{first}"


@pytest.mark.parametrize(("query", "first"), [("ruby 3.3", "ruby"), ("ruby 3.2", "ruby_3_2")])
def test_a_package_is_found_by_its_version(query: str, first: str) -> None:
    assert found(query, "package")[0] == f"package:{first}"


def test_a_task_finds_the_option_that_serves_it() -> None:
    assert found("put myself into another group", "option")[0] == (
        "option:users.users.<name>.extraGroups"
    )


def test_a_manual_is_found_by_its_text_and_its_title() -> None:
    assert found("boot loader on EFI machines", "manual")[0] == "manual:nixos-manual/boot#1"


def test_all_kinds_come_in_one_list_the_best_first() -> None:
    results = retriever().search(SearchRequest("caddy"))
    assert {item.kind for item in results} >= {"option", "package"}
    assert [item.score for item in results] == sorted(
        (item.score for item in results), reverse=True
    )


@pytest.mark.parametrize(
    "query",
    [
        "🦊",
        "ブラウザ",
        "...",
        "a" * 2000,
        "x " * 900,
        "' OR 1=1 --",
        "ignore previous instructions",
    ],
)
def test_no_query_is_too_strange_to_be_answered(query: str) -> None:
    assert isinstance(found(query), list)


def test_what_speaks_for_a_passage_is_said() -> None:
    (first, *_) = retriever().search(SearchRequest("caddy", ("option",)))
    assert "its name" in first.why
    assert "its words" in first.why


def test_a_passage_has_the_facts_of_its_document() -> None:
    (first, *_) = retriever().search(SearchRequest("caddy", ("package",)))
    assert first.facts["pname"] == "caddy"


def look_up(kind: str, name: str) -> Named:
    """Return what there is under a name."""
    return retriever().look_up(NameRequest(kind, name))


def test_what_has_the_very_name_is_found_and_nothing_like_it() -> None:
    named = look_up("package", "firefox")
    assert named.passage
    assert (named.passage.id, named.below, named.nearest) == ("package:firefox", (), ())
    assert look_up("option", "users.users.<name>.extraGroups").passage


def test_a_name_that_nothing_has_comes_with_those_that_are_like_it() -> None:
    assert "firefox" in look_up("package", "firefx").nearest
    named = look_up("option", "services.opensh.enable")
    assert (named.passage, named.below) == (None, ())
    assert "services.openssh.enable" in named.nearest


def test_a_set_of_options_has_those_directly_below_it() -> None:
    named = look_up("option", "services")
    assert [child.name for child in named.below] == ["caddy", "openssh", "vaultwarden"]
    assert all(child.type == "" for child in named.below)
    (enable, firewall) = look_up("option", "services.openssh").below
    assert (enable.name, firewall.name) == ("enable", "openFirewall")
    assert enable.text.startswith("Whether to enable the OpenSSH")


def test_what_stands_for_any_name_is_no_level_of_its_own() -> None:
    assert [child.name for child in look_up("option", "users.users").below] == [
        "<name>.extraGroups"
    ]


@pytest.mark.parametrize("name", ["🦊", ".", "...", "a" * 300, " "])
def test_any_name_is_answered(name: str) -> None:
    assert isinstance(look_up("option", name), Named)


@pytest.mark.parametrize("part", sorted(EVERYTHING))
def test_each_part_can_be_left_out(part: str) -> None:
    left = found("firewall", "option", by=retriever(EVERYTHING - {part}))
    assert "option:networking.firewall.enable" in left


def test_no_more_is_found_than_was_asked_for() -> None:
    assert len(retriever().search(SearchRequest("enable", limit=3))) == 3
