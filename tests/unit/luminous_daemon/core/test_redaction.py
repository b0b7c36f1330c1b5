"""Redaction: what is secret is taken out of words and changes, and what is not stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.core.redaction import (
    REDACTED,
    looks_secret,
    redact_changes,
    redact_words,
    speaks_of_secret,
)
from tests.unit.luminous_protocol.strategies import thoroughly

PEM = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"


@pytest.mark.parametrize(
    "option",
    [
        "users.users.bob.password",
        "users.users.bob.hashedPassword",
        "users.users.bob.initialHashedPassword",
        "networking.wireless.networks.home.psk",
        'networking.wireless.networks."my home".pskRaw',
        "networking.wireguard.interfaces.wg0.privateKey",
        "services.x.settings.api-key",
        "services.x.settings.access_token",
        "services.x.clientSecret",
        "services.restic.passphrase",
        'services.x.environment."DB_PASSWORD"',
    ],
)
def test_an_option_whose_name_speaks_of_a_secret_loses_its_value(option: str) -> None:
    assert speaks_of_secret(option)
    (change,) = redact_changes([{"kind": "set-option", "option": option, "value": "hunter2"}])
    assert change == {"kind": "set-option", "option": option, "value": REDACTED}


def test_a_repair_that_sets_a_secret_loses_its_value_and_the_words_too() -> None:
    repair = {
        "kind": "repair-file",
        "file": "/etc/nixos/a.nix",
        "operation": "set-value",
        "old": "users.users.bob.password",
        "new": "hunter2",
    }
    assert redact_changes([repair]) == ({**repair, "new": REDACTED},)
    assert "hunter2" not in redact_words("make it hunter2", [repair])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("users.users.bob.hashedPasswordFile", "/run/secrets/bob"),
        ("networking.wireguard.interfaces.wg0.privateKeyFile", "/etc/wg0"),
        ("services.x.tokenPath", "/run/token"),
        ("services.openssh.settings.PasswordAuthentication", False),
        ("security.sudo.wheelNeedsPassword", True),
        ("console.keyMap", "de"),
        ("nix.settings.trusted-public-keys", ["cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16"]),
        ("users.users.bob.openssh.authorizedKeys.keys", ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"]),
        ("boot.loader.timeout", 3),
        ("environment.etc.x", None),
    ],
)
def test_what_is_no_secret_stays(option: str, value: object) -> None:
    change = {"kind": "set-option", "option": option, "value": value}
    assert redact_changes([change]) == (change,)


def test_secrets_inside_of_a_value_go_and_the_rest_of_it_stays() -> None:
    value = {
        "isNormalUser": True,
        "password": "hunter2",
        "hashedPasswordFile": "/run/bob",
        "tokens": ["one", 5, True],
        "nested": [{"apiKey": "abc", "port": 22}],
    }
    (change,) = redact_changes(
        [{"kind": "set-option", "option": "users.users.bob", "value": value}]
    )
    assert change["value"] == {
        "isNormalUser": True,
        "password": REDACTED,
        "hashedPasswordFile": "/run/bob",
        "tokens": [REDACTED, REDACTED, True],
        "nested": [{"apiKey": REDACTED, "port": 22}],
    }


@pytest.mark.parametrize(
    "secret",
    [
        PEM,
        PEM.partition("\n-----END")[0],
        "$6$saltsalt$Zm9vYmFyYmF6cXV4",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o",
        "ghp_abcdefghijklmnopqrstuvwx",
        "glpat-abcdefghijklmnopqrst",
        "AKIAABCDEFGHIJKLMNOP",
        "AGE-SECRET-KEY-1QQQQQQQQQQQQ",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4",
    ],
    ids=lambda secret: secret[:12],
)
def test_what_looks_like_a_secret_goes_wherever_it_stands(secret: str) -> None:
    (change,) = redact_changes([{"kind": "set-option", "option": "a.b", "value": [f"x {secret}"]}])
    assert change["value"] == [f"x {REDACTED}"]
    assert redact_words(f"set a.b with {secret}") == f"set a.b with {REDACTED}"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("PrivateKey = hunter2=\nPort = 1", "PrivateKey = [redacted]\nPort = 1"),
        ("private_key=hunter2", "private_key=[redacted]"),
        ("PASSPHRASE: 'correct hunter2'", "PASSPHRASE: [redacted]"),
        ("preshared-key = hunter2", "preshared-key = [redacted]"),
        ("user: bob\npassword: my hunter2\nport: 1", "user: bob\npassword: [redacted]\nport: 1"),
        ('{"token": "hunter2"}', '{"token": [redacted]'),
        ("serve --token=hunter2 --port 80", "serve --token=[redacted]"),
        ("serve --db-password 'a hunter2' -v", "serve --db-password [redacted] -v"),
        ("serve --api-key hunter2", "serve --api-key [redacted]"),
        ("curl -u bob:hunter2 x.org", "curl -u [redacted] x.org"),
        ("curl --user 'bob:a hunter2' x.org", "curl --user [redacted] x.org"),
        ("smb bob:hunter2@x.org", "smb [redacted]@x.org"),
        ("quiet rd.luks.key=hunter2 splash", "quiet rd.luks.key=[redacted] splash"),
    ],
)
def test_what_a_name_in_a_text_gives_goes_and_the_name_stays(text: str, left: str) -> None:
    (change,) = redact_changes([{"kind": "set-option", "option": "a.b", "value": text}])
    assert change["value"].startswith(left)
    assert looks_secret(text)
    assert "hunter2" not in redact_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "serve --token-file /run/token --password-file=/run/password",
        "PasswordAuthentication no\nPublicKey = abc=",
        "password: null\ntoken = false;",
        "password:\n",
        "docker run -u 1000:100 nginx:1.25@sha256:0123",
        "git@github.com:NixOS/nixpkgs",
        "secret-key-files = /etc/nix/key",
        "loglevel=4 root=/dev/sda1",
    ],
)
def test_a_text_that_only_resembles_one_with_a_secret_stays(text: str) -> None:
    (change,) = redact_changes([{"kind": "set-option", "option": "a.b", "value": text}])
    assert (change["value"], looks_secret(text)) == (text, False)


def test_a_password_in_a_url_goes_and_the_rest_of_it_stays() -> None:
    assert redact_words("use https://bob:hunter2@x.org/y") == f"use https://{REDACTED}@x.org/y"
    assert redact_words("use http://proxy.org:3128/") == "use http://proxy.org:3128/"


@pytest.mark.parametrize(
    "words",
    [
        "set users.users.bob.password to hunter2",
        "set bob's password to correct horse hunter2",
        "set users.users.bob.initialPassword: hunter2",
        "set networking.wireless.networks.home.psk = hunter2",
        "please set the wifi passphrase as 'my hunter2'",
        "connect to the wifi home with password hunter2",
        "password=hunter2",
        "my token is hunter2 and install firefox",
        "set a.b.apiKey to hunter2",
        "setze das Passwort von bob auf hunter2",
        "set a.tokenFile to /run/x and a.token to hunter2",
        "set a.passwordAuthentication to true and bob.password to hunter2",
    ],
)
def test_a_secret_that_a_person_types_goes(words: str) -> None:
    assert "hunter2" not in redact_words(words)
    assert REDACTED in redact_words(words)


@pytest.mark.parametrize(
    "words",
    [
        "install hello",
        "install a password manager",
        "install password-store and enable openssh",
        "set users.users.bob.hashedPasswordFile to /run/bob",
        "set services.openssh.settings.PasswordAuthentication to false",
        "set security.sudo.wheelNeedsPassword to false",
        "unset users.users.bob.password",
        "set console.keyMap to de",
        "set nix.settings.trusted-public-keys to cache:abc=",
    ],
)
def test_words_without_a_secret_stay_as_they_are(words: str) -> None:
    assert redact_words(words) == words


@thoroughly
@given(st.text(st.characters(categories=("L", "N", "P"), exclude_characters="[]"), min_size=8))
def test_a_value_that_is_taken_out_of_a_change_is_nowhere_in_the_words(secret: str) -> None:
    change = {"kind": "set-option", "option": "users.users.bob.password", "value": secret}
    words = f"bob shall have {secret} from now on: {secret}"
    assert secret not in redact_words(words, [change]).replace(REDACTED, "")
