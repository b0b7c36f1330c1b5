"""The command line: verbs, words, options anywhere, and what is refused."""

from __future__ import annotations

import re

import pytest

from luminous_clients.cli.arguments import VERBS, Choices, parse
from luminous_clients.cli.exit_codes import MEANINGS, ExitCode, exit_code_for
from luminous_clients.cli.help import help_page
from luminous_clients.cli.options import OPTIONS
from luminous_clients.errors import UsageError
from luminous_protocol import errors as protocol_errors
from luminous_protocol.errors import ERRORS


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("install firefox", Choices(words="install firefox")),
        ("--yes install firefox", Choices(words="install firefox", yes=True)),
        ("install -y firefox --boot", Choices(words="install firefox", yes=True, mode="boot")),
        ("status", Choices(verb="status")),
        ("status please", Choices(words="status please")),
        ("--json status", Choices(verb="status", json=True)),
        ("status --json", Choices(verb="status", json=True)),
        ("-- status", Choices(words="status")),
        ("-- status of my printer", Choices(words="status of my printer")),
        ("-- -nano", Choices(words="-nano")),
        ("plan install firefox", Choices(verb="plan", words="install firefox")),
        ("plan --build install vim", Choices(verb="plan", words="install vim", build=True)),
        ("rollback", Choices(verb="rollback")),
        ("rollback 3", Choices(verb="rollback", numbers=(3,))),
        ("rollback to 3", Choices(words="rollback to 3")),
        ("rollback 3 4", Choices(words="rollback 3 4")),
        ("diff 3 --json 5", Choices(verb="diff", numbers=(3, 5), json=True)),
        ("diff between 3 and 5", Choices(words="diff between 3 and 5")),
        ("rebuild", Choices(verb="rebuild")),
        ("rebuild test", Choices(verb="rebuild", action="test")),
        ("rebuild and switch", Choices(words="rebuild and switch")),
        ("undo t12", Choices(verb="undo", identifier="t12")),
        ("undo /org/luminous1/transaction/t12", Choices(verb="undo", identifier="t12")),
        ("undo everything", Choices(words="undo everything")),
        ("undo the last change", Choices(words="undo the last change")),
        ("history --limit 5", Choices(verb="history", limit=5)),
        ("gc --older-than 2w --keep 3", Choices(verb="gc", older_than=14, keep=3)),
        ("gc everything old", Choices(words="gc everything old")),
        ("install vim --confirm-within 5m", Choices(words="install vim", confirm_within=300)),
        ("--help install", Choices(help=True)),
        ("rollback x --version", Choices(version=True)),
    ],
)
def test_a_verb_is_a_verb_only_when_what_follows_fits(line: str, expected: Choices) -> None:
    assert parse(line.split()) == expected


def test_words_may_come_quoted_or_not() -> None:
    assert parse(["install firefox"]) == parse(["install", "firefox"])


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("", 'say what you want, for example: ask-nix "install firefox"'),
        ("--", 'say what you want, for example: ask-nix "install firefox"'),
        ("plan", 'say what you want, for example: ask-nix "install firefox"'),
        ("--nope x", "there is no option --nope (words that begin with - go after --)"),
        ("status --yes", "--yes means nothing to the verb status"),
        ("history --everybody", "--everybody belongs to --audit: ask-nix history --audit --every"),
        ("history --verify --audit", "--audit means nothing beside --verify"),
        ("history --verify --everybody", "--everybody means nothing beside --verify"),
        ("history --limit 3 --verify", "--limit means nothing beside --verify"),
        ("what-if --yes remove git", "--yes means nothing to the verb what-if"),
        ("gc --boot", "--boot means nothing to the verb gc"),
        ("install vim --older-than 3d", "--older-than belongs to a verb; here it can be said"),
        ("install vim --boot --test", "argument --test: not allowed with argument --boot"),
        ("gc --keep 0", "argument --keep: '0' is not a number from 1 to 2147483647"),
        ("gc --keep", "argument --keep: expected one argument"),
        ("gc --older-than soon", "argument --older-than: 'soon' is not an age like 30d"),
        ("x --confirm-within 0", "argument --confirm-within: '0' is not a time like 90"),
        ("x --confirm-within 2h", "argument --confirm-within: '2h' is more than an hour"),
        ("--dry install vim", "there is no option --dry"),
    ],
)
def test_what_cannot_be_read_is_said_exactly(line: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(complaint)):
        parse(line.split())


def test_where_an_option_does_not_belong_it_is_said_which_do() -> None:
    with pytest.raises(UsageError) as caught:
        parse(["history", "--everybody"])
    usage = "ask-nix history [--limit N] [--audit] [--everybody] [--verify]"
    assert caught.value.details == {"usage": usage}
    assert "history lists the changes of all" in caught.value.message


@pytest.mark.parametrize("line", [["undo", ""], ["rollback", " "], [""], ["install", "", "vim"]])
def test_an_empty_argument_is_no_argument_left_out(line: list[str]) -> None:
    with pytest.raises(UsageError, match="an argument is empty"):
        parse(line)


def test_the_help_page_names_every_verb_option_and_exit_code() -> None:
    page = help_page()
    for name, verb in VERBS.items():
        assert f"\n  {name} {verb.shape}".rstrip() in page
        assert f"  {verb.summary}" in page
    for option in OPTIONS:
        assert option.names[-1] in page
    for code in ExitCode:
        assert re.search(rf"\n +{int(code)}  \S", page)
    assert max(map(len, page.splitlines())) <= 80


def test_every_exit_code_has_a_meaning_and_keeps_its_number() -> None:
    assert set(MEANINGS) == set(ExitCode)
    assert [int(code) for code in ExitCode] == [*range(19), 130]


def test_every_error_that_can_be_raised_has_a_known_code() -> None:
    kinds = {"LuminousError", "RequestError", "AuthorizationError", "StateError"}
    other = {"OperationError", "Interrupted", "Internal"}
    for name in set(ERRORS) - kinds - other:
        assert hasattr(protocol_errors, name)
        assert exit_code_for(name) != ExitCode.OTHER, name
    for name in other:
        assert exit_code_for(name) == ExitCode.OTHER
