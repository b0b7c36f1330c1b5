"""Redaction: secrets are taken out of words and changes before they are recorded or logged.

Three rules, and each of them alone is enough:

* A value belongs to an option, or to an attribute, whose name speaks of a secret: a password, a
  passphrase, a secret, a token, credentials, a PSK, or a private, API, access, signing or
  encryption key. Texts and numbers go; true and false stay. Under a name that ends in File, Path
  or the like stands where a secret is, so that stays, as does what is public.
* A text looks like a secret whatever it is called: a PEM block, a crypt(3) hash, a token of a known
  form, a password in a URL or after a user's name, what an argument such as `--token` or a line
  such as `PrivateKey = …` gives, a key of LUKS among the kernel's parameters.
* In what a person typed, the rest of the sentence goes after a word that speaks of a secret and a
  "to", "=", ":" or "is", and wherever a value that was taken out of a change stands.

What is not sure to be harmless goes: the record says less, never more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REDACTED = "[redacted]"

_SPEAKING = (
    r"pass(?:word|wd|phrase|code)s?|passwort|kennwort|wachtwoord|contraseña|senha|"
    r"mot de passe|hasło|пароль|密码|パスワード|secrets?|tokens?|credentials?|psk|pskraw"
)
_KEYS = (
    r"(?:private|api|access|secret|signing|encryption|(?:pre)?shared|auth|wep|wpa|license)"
    r"[-_ ]?keys?"
)
_IN_A_NAME = re.compile(rf"(?:{_SPEAKING}|{_KEYS})", re.IGNORECASE)
_A_PLACE = re.compile(
    r"(?:files?|paths?|dir(?:ectory)?|name|command|source|url|public[-_]?keys?)$", re.IGNORECASE
)
_LOOKS_SECRET = re.compile(
    r"-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY|CERTIFICATE|MESSAGE|SECRET)[A-Z0-9 ]*-----"
    r"(?:.*?-----END [A-Z0-9 ]*-----|.*)"
    r"|\$(?:[0-9][a-z]?|y|gy|7|sha1|md5|argon2[a-z]*|scrypt|2[abxy])\$[./A-Za-z0-9$=,+-]{8,}"
    r"|\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}"
    r"|A[KS]IA[A-Z0-9]{16}|sk-[\w-]{20,}|tskey-[\w-]{10,}|hf_[A-Za-z0-9]{20,}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]+|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
    r"|(?<=[Bb]earer )[\w.~+/=-]{8,}"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)",
    re.DOTALL,
)
_HARMLESS = re.compile(r"['\"]?(?:true|false|on|off|yes|no|null|none)['\"]?[.!]?", re.IGNORECASE)
_GIVEN = re.compile(
    rf"(?P<name>(?:{_SPEAKING}|{_KEYS})\\?['\"]?\s*(?:=>?|:(?![/:]))[ \t]*)"
    rf"(?!{_HARMLESS.pattern}[ \t]*(?:[;,}}\])\n]|$))[^\s;,][^\n]*"
    rf"|(?P<argument>(?<!\S)--?(?!no-)(?:[a-z0-9]+-)*(?:{_SPEAKING}|{_KEYS}|pass)(?:=|[ \t]+)(?!-))"
    r"(?:'[^']*'|\"[^\"]*\"|\S+)"
    r"|(?P<user>(?<!\S)(?:-u|--(?:proxy-)?user)[ \t=]*)(?!\d+:\d+(?!\S))"
    r"(?:'[^':]+:[^']+'|\"[^\":]+:[^\"]+\"|[^\s:'\"]+:\S+)"
    r"|(?P<luks>\b(?:(?:rd\.)?luks\.key|cryptkey)=)\S+"
    r"|(?P<before>(?<![^\s'\"=(/]))[\w.+-]+:[^\s/@:]+(?=@(?!sha\d+:))",
    re.IGNORECASE,
)
"""What is given to a name that says what it is; the name is in a group, and stays."""
_SAID = re.compile(
    rf"(?P<name>[^\s=:]*(?:{_SPEAKING}|{_KEYS})[^\s=:]*)"
    r"(?P<between>[^=:]{0,40}?(?:\s*[=:]\s*|\s+(?:to|is|as|be|auf|zu|ist|à|en|naar|na|на|为|を)\s+))"
    r"(?P<value>.+)",
    re.IGNORECASE | re.DOTALL,
)
_WITH = re.compile(rf"\b(with|using|mit|avec|con|com|met)(\s+(?:{_SPEAKING}))\s+(?P<value>\S.*)")
_SHORTEST = 3
"""Values of fewer characters are not looked for in words: they would be found everywhere."""


def redact_changes(changes: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return changes as plain data without the secrets in them."""
    return tuple(_redact_change(change) for change in changes)


def redact_words(words: str, changes: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return what a person typed, or read, without secrets; `changes` are what it came to."""
    for change in changes:
        for secret in sorted(set(_secrets_of(change)), key=len, reverse=True):
            words = words.replace(secret, REDACTED)
    words = _without_forms(words)
    words = _WITH.sub(rf"\1\2 {REDACTED}", words)
    return _without_values(words)


def speaks_of_secret(name: str) -> bool:
    """Tell whether an option or an attribute, by its name, holds a secret."""
    parts = [part.strip('"') for part in re.findall(r'"[^"]*"|[^."]+', name)]
    return any(_IN_A_NAME.search(part) for part in parts) and not _A_PLACE.search(parts[-1])


def looks_secret(text: str) -> bool:
    """Tell whether a text is, or holds, what looks like a secret whatever it is called."""
    return any(form.search(text) for form in (_LOOKS_SECRET, _GIVEN))


def _without_forms(text: str) -> str:
    """Take out what looks like a secret, and leave the names that say so."""
    return _GIVEN.sub(
        lambda found: f"{found[found.lastgroup or 0]}{REDACTED}",
        _LOOKS_SECRET.sub(REDACTED, text),
    )


def _redact_change(change: Mapping[str, Any]) -> dict[str, Any]:
    option, given = _given_by(change)
    is_secret = speaks_of_secret(option)
    return {
        key: _redact(value, is_secret=is_secret and key == given) for key, value in change.items()
    }


def _given_by(change: Mapping[str, Any]) -> tuple[str, str]:
    """Return the option that a change gives a value to, and the key that this stands under."""
    if change.get("operation") == "set-value":
        return str(change.get("old", "")), "new"
    return str(change.get("option", "")), "value"


def _redact(value: Any, *, is_secret: bool) -> Any:  # noqa: ANN401 - any value that JSON has
    match value:
        case bool() | None:
            return value
        case dict():
            return {
                _without_forms(str(key)): _redact(
                    item, is_secret=is_secret or speaks_of_secret(str(key))
                )
                for key, item in value.items()
            }
        case list() | tuple():
            return [_redact(item, is_secret=is_secret) for item in value]
        case _ if is_secret:
            return REDACTED
        case str():
            return _without_forms(value)
        case _:
            return value


def _secrets_of(change: Mapping[str, Any]) -> Iterable[str]:
    """Return the texts that `redact_changes` takes out of a change."""
    option, given = _given_by(change)
    for text in _texts(change.get(given), is_secret=speaks_of_secret(option)):
        if len(text) >= _SHORTEST:
            yield text


def _texts(value: Any, *, is_secret: bool) -> Iterable[str]:  # noqa: ANN401 - any value that JSON has
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, is_secret=is_secret or speaks_of_secret(str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item, is_secret=is_secret)
    elif is_secret and not isinstance(value, bool) and value is not None:
        yield str(value)


def _without_values(words: str) -> str:
    """Cut a sentence off where a secret's value begins."""
    begin = 0
    while said := _SAID.search(words, begin):
        name, begin = said["name"].strip("'\"`,"), said.start("value")
        is_place = bool(_A_PLACE.search(name))
        if not is_place and not _HARMLESS.fullmatch(said["value"].strip()):
            return words[:begin] + REDACTED
    return words
