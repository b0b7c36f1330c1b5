"""Values of options: what is told of them, how, and which of them differ."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.core.option_values import as_text, compare_options, standing_for
from luminous_protocol.plan import OptionChange

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("users.users.alice.hashedPassword", "abc"),
        ("users.users.alice.initialPassword", 1234),
        ("services.x.settings.api_token", "abc"),
        ("networking.wireguard.interfaces.wg0.privateKey", "abc"),
        ("services.x.psk", "abc"),
        ("services.x.APIKey", "abc"),
        ("services.x.settings", {"a": {"secret": "abc"}}),
        ("services.x.peers", [{"name": "a", "presharedKey": "abc"}]),
        ("services.x.url", "https://alice:abc@example.org/"),
        ("services.x.text", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc"),
        ("services.x.login", "$6$salt$abc"),
        ("services.x.arguments", ["--token", "abc"]),
        ("environment.etc", {"x": {"text": "[Interface]\nPrivateKey = abc="}}),
    ],
)
def test_what_may_be_a_secret_is_not_told_but_that_it_changed_is(name: str, value: object) -> None:
    text = as_text(name, value)
    assert "abc" not in text
    assert "1234" not in compare_options({}, {name: text})[0].after
    assert text == as_text(name, value)
    other = json.loads(json.dumps(value).replace("abc", "xyz").replace("1234", "4321"))
    assert compare_options({name: text}, {name: as_text(name, other)}) == (
        OptionChange(name, "«hidden»", "«hidden, another»"),
    )
    assert compare_options({name: text}, {name: text}) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("services.openssh.settings.PasswordAuthentication", False),
        ("users.users.alice.hashedPasswordFile", "/etc/secret"),
        ("users.users.alice.openssh.authorizedKeys.keys", ["ssh-ed25519 AAAA"]),
        ("nix.settings.trusted-public-keys", ["cache.nixos.org-1:6NCH"]),
        ("console.keyMap", "us"),
        ("services.monkey.name", "bobo"),
        ("services.x.password", None),
    ],
)
def test_what_only_sounds_like_a_secret_is_told(name: str, value: object) -> None:
    assert json.loads(as_text(name, value)) == value


def test_values_are_written_as_nix_writes_them() -> None:
    before = {"a.ports": "[22]", "a.gone": "true", "a.same": "1"}
    after = {
        "a.ports": "[22, 2222]",
        "a.same": "1",
        "a.set": '{"b c": "x", "d": {"e": null}}',
        "a.package": standing_for("package hello-2.12"),
    }
    assert compare_options(before, after) == (
        OptionChange("a.gone", "true", ""),
        OptionChange("a.package", "", "«package hello-2.12»"),
        OptionChange("a.ports", "[ 22 ]", "[ 22 2222 ]"),
        OptionChange("a.set", "", '{ "b c" = "x"; d = { e = null; }; }'),
    )


def test_two_places_in_the_store_are_the_same_to_people() -> None:
    first = json.dumps(f"/nix/store/{'a' * 32}-bash-5.3/bin/bash")
    second = json.dumps(f"/nix/store/{'b' * 32}-bash-5.3/bin/bash")
    assert compare_options({"a.b": first}, {"a.b": second}) == ()
    newer = json.dumps(f"/nix/store/{'b' * 32}-bash-5.4/bin/bash")
    assert compare_options({"a.b": first}, {"a.b": newer}) == (
        OptionChange("a.b", '"/nix/store/…-bash-5.3/bin/bash"', '"/nix/store/…-bash-5.4/bin/bash"'),
    )


def test_a_long_value_is_cut() -> None:
    (change,) = compare_options({}, {"a.b": json.dumps("x" * 1000)})
    assert len(change.after) == 200
    assert change.after.endswith("…")


@given(JSON, JSON)
def test_options_differ_exactly_where_their_values_do(first: object, second: object) -> None:
    before, after = {"a.b": as_text("a.b", first)}, {"a.b": as_text("a.b", second)}
    is_same = json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)
    assert bool(compare_options(before, after)) == (not is_same)
