"""The judge of edits: what is right is found right, and each way of being wrong is found wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from edit_judge import Answer, File, Verdict, changed_lines, judge
from edit_records import Task, Unreadable, read_task
from value_types import Options, fits

from luminous_protocol.plan import Risk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Judging = Callable[..., Verdict]

MODULE = """\
{ config, lib, pkgs, ... }:
{
  # environment.systemPackages = [ pkgs.emacs ];
  environment.systemPackages = with pkgs; [
    vim # the editor
    curl
  ];
  users.users.alice.packages = [ pkgs.git ];
  services.openssh.enable = false; # not yet
  networking.firewall.allowedTCPPorts = [ 22 80 ];
  programs.bash.shellInit = ''
    echo [ ]
  '';
  boot = lib.mkIf config.services.xserver.enable { kernelParams = [ "quiet" ]; };
  networking.hostName = "desk";
}
"""


@pytest.fixture
def judged(tmp_path: Path) -> Judging:
    """Judge an edit that turns `old` into `new` in a module."""

    def judging(
        op: str,
        arguments: dict[str, Any],
        old: str = "",
        new: str = "",
        *,
        text: str = MODULE,
        answer: Answer | None = None,
        **record: Any,  # noqa: ANN401 - fields of the record
    ) -> Verdict:
        (tmp_path / "a.nix").write_bytes(text.encode())
        line: dict[str, Any] = {"file": "a.nix", "op": op, "args": arguments, "outcome": "edit"}
        line |= {"max_changed_lines": 1, **record}
        task = read_task(1, json.dumps(line), tmp_path)
        assert not old or text.count(old) == 1
        after = text.replace(old, new) if old else new
        return judge(File(task), answer or Answer("edit", after.encode()))

    return judging


RIGHT = [
    ("add_package", {"package": "htop"}, "    curl\n", "    curl\n    htop\n"),
    ("add_package", {"package": "git"}, "    vim #", "    vim git #"),
    ("add_package", {"package": "git"}, "    curl\n", "    curl\n    pkgs.git\n"),
    ("remove_package", {"package": "vim"}, "    vim # the editor\n", ""),
    ("remove_package", {"package": "curl"}, "    curl\n", ""),
    ("set_option", {"option": "services.openssh.enable", "value": True}, "false", "true"),
    ("set_option", {"option": "networking.hostName", "value": "sofa"}, "desk", "sofa"),
    (
        "list_add",
        {"option": "networking.firewall.allowedTCPPorts", "value": 443},
        "80 ]",
        "80 443 ]",
    ),
    ("list_remove", {"option": "networking.firewall.allowedTCPPorts", "value": 80}, "22 80", "22"),
    (
        "set_option",
        {"option": "time.timeZone", "value": "UTC"},
        '  networking.hostName = "desk";\n',
        '  networking.hostName = "desk";\n  time.timeZone = "UTC";\n',
    ),
]


@pytest.mark.parametrize(("op", "arguments", "old", "new"), RIGHT)
def test_an_edit_that_does_what_was_asked_is_right(
    judged: Judging, op: str, arguments: dict[str, Any], old: str, new: str
) -> None:
    verdict = judged(op, arguments, old, new)
    assert (verdict.grade, verdict.how) == ("right", "evaluated"), verdict.complaints


HTOP = {"package": "htop"}
PORTS = "networking.firewall.allowedTCPPorts"
WRONG = {
    "in another list": ("add_package", HTOP, "[ pkgs.git ]", "[ pkgs.git pkgs.htop ]"),
    "in a comment": ("add_package", HTOP, "    vim # the", "    vim # htop the"),
    "in a comment of its own": ("add_package", HTOP, "    curl\n", "    curl\n    # htop\n"),
    "in a string": ("add_package", HTOP, "echo [ ]", "echo [ htop ]"),
    "twice": ("add_package", HTOP, "    curl\n", "    curl htop htop\n"),
    "under a condition": (
        "list_add",
        {"option": "boot.kernelParams", "value": "splash"},
        '"quiet" ]',
        '"quiet" "splash" ]',
    ),
    "under a condition of its own": (
        "add_package",
        HTOP,
        "  # environment",
        (
            "  imports = [ { config = lib.mkIf config.y.enable"
            " { environment.systemPackages = [ pkgs.htop ]; }; } ];\n  # "
        ),
    ),
    "under optionals": (
        "add_package",
        HTOP,
        "  ];\n",
        "  ] ++ lib.optionals config.services.xserver.enable [ pkgs.htop ];\n",
    ),
    "as a part of another name": ("add_package", HTOP, "    curl\n", "    curl\n    htop-vim\n"),
    "from another set": ("add_package", HTOP, "    curl\n", "    curl\n    unstable.htop\n"),
    "as a text": ("add_package", HTOP, "    curl\n", '    curl\n    "htop"\n'),
    "with something more": ("add_package", HTOP, "    curl\n", "    curl\n    htop evil\n"),
    "with another item gone": ("add_package", HTOP, "    curl\n", "    htop\n"),
    "with a line reformatted": ("add_package", HTOP, "    curl\n", "  curl\n    htop\n"),
    "with a comment gone": ("add_package", HTOP, "    vim # the editor\n", "    vim htop\n"),
    "with other options set": (
        "set_option",
        {"option": "services.openssh.enable", "value": True},
        "enable = false;",
        "enable = true; services.openssh.ports = [ 23 ];",
    ),
    "without its comment": (
        "set_option",
        {"option": "services.openssh.enable", "value": True},
        "false; # not yet",
        "true;",
    ),
    "as another type": (
        "set_option",
        {"option": "services.openssh.enable", "value": True},
        "false",
        '"true"',
    ),
    "with less weight than a default": (
        "set_option",
        {"option": "services.openssh.enable", "value": True},
        "false",
        "lib.mkOptionDefault true",
    ),
    "of the wrong item": ("list_remove", {"option": PORTS, "value": 80}, "22 80", "80"),
    "of too much": ("list_remove", {"option": PORTS, "value": 80}, "22 80", ""),
    "of nothing": ("list_remove", {"option": PORTS, "value": 80}, "22 80", "22  80"),
    "of another list's item": ("remove_package", {"package": "curl"}, "pkgs.git", ""),
    "into a comment": ("remove_package", {"package": "curl"}, "    curl\n", "    #curl\n"),
    "with a bracket gone": ("add_package", HTOP, "    curl\n  ]", "    curl htop\n  "),
    "with a name that is none": ("add_package", HTOP, "    curl\n  ];", "    curl htop\n  ] ++ x;"),
}


@pytest.mark.parametrize(("op", "arguments", "old", "new"), WRONG.values(), ids=WRONG.keys())
def test_an_edit_that_does_something_else_is_wrong(
    judged: Judging, op: str, arguments: dict[str, Any], old: str, new: str
) -> None:
    verdict = judged(op, arguments, old, new)
    assert verdict.grade == "wrong", verdict


def test_an_edit_that_ends_its_lines_otherwise_is_wrong(judged: Judging) -> None:
    text = MODULE.replace("\n", "\r\n")
    kept = judged("add_package", HTOP, "    curl\r\n", "    curl\r\n    htop\r\n", text=text)
    lost = judged("add_package", HTOP, "    curl\r\n", "    curl\r\n    htop\n", text=text)
    assert (kept.grade, lost.grade) == ("right", "wrong")


def test_a_value_that_becomes_code_is_wrong_and_one_that_stays_a_text_is_right(
    judged: Judging,
) -> None:
    value = 'x"; services.openssh.enable = true; y = "${lib.x}'
    asked = {"option": "networking.hostName", "value": value}
    quoted = '"' + value.replace('"', '\\"').replace("${", "\\${") + '"'
    for text, grade in ((f'"{value.replace("${lib.x}", "")}"', "wrong"), (quoted, "right")):
        verdict = judged("set_option", asked, '"desk"', text, outcome="refuse_or_escape")
        assert verdict.grade == grade, verdict


def test_a_file_that_cannot_be_evaluated_is_judged_by_its_words(judged: Judging) -> None:
    text = MODULE.replace('"desk"', "builtins.thereIsNoSuchThing")
    right = judged("add_package", HTOP, "    curl\n", "    curl\n    htop\n", text=text)
    wrong = judged("add_package", HTOP, "    curl\n", "    curl\n    htop evil\n", text=text)
    assert (right.grade, right.how) == ("right", "tokens")
    assert wrong.grade == "wrong"


@pytest.mark.parametrize(
    ("outcome", "kind", "grade"),
    [
        ("edit", "refuse", "refused"),
        ("edit", "no_change", "wrong"),
        ("no_change", "no_change", "right"),
        ("no_change", "refuse", "refused"),
        ("refuse", "refuse", "right"),
        ("refuse", "no_change", "wrong"),
        ("refuse_or_escape", "refuse", "right"),
        ("edit_or_ask", "refuse", "refused"),
        ("warn", "refuse", "refused"),
    ],
)
def test_what_leaves_the_file_alone_is_judged_by_what_was_to_happen(
    judged: Judging, outcome: str, kind: str, grade: str
) -> None:
    answer = Answer(kind, MODULE.encode(), "It stands under a condition.")
    assert judged("add_package", HTOP, answer=answer, outcome=outcome).grade == grade
    mute = Answer(kind, MODULE.encode())
    assert judged("add_package", HTOP, answer=mute, outcome=outcome).grade == "wrong"
    touched = Answer(kind, MODULE.encode() + b"\n", "It stands under a condition.")
    assert judged("add_package", HTOP, answer=touched, outcome=outcome).grade == "wrong"


def test_a_question_is_right_where_one_may_be_asked(judged: Judging) -> None:
    answer = Answer("refuse", MODULE.encode(), "Which of the two lists is meant?")
    assert judged("add_package", HTOP, answer=answer, outcome="edit_or_ask").grade == "right"


def test_that_nothing_is_to_be_removed_is_a_reason_only_where_it_is_true(judged: Judging) -> None:
    answer = Answer("no_change", MODULE.encode(), "It is not there.")
    for package, grade in (("git", "right"), ("curl", "wrong")):
        verdict = judged("remove_package", {"package": package}, answer=answer, outcome="refuse")
        assert verdict.grade == grade


def test_a_dangerous_edit_is_right_only_with_what_makes_people_look(judged: Judging) -> None:
    asked = {"option": "services.openssh.enable", "value": True}
    after = MODULE.replace("= false", "= true").encode()
    grades = {
        (outcome, risk, bool(warnings)): judged(
            "set_option",
            asked,
            answer=Answer("edit", after, "", warnings, risk),
            outcome=outcome,
        ).grade
        for outcome in ("edit_after_confirmation", "warn")
        for risk, warnings in ((Risk.LOW, ()), (Risk.HIGH, ("Careful.",)))
    }
    assert [key for key, grade in grades.items() if grade == "right"] == [
        ("edit_after_confirmation", Risk.HIGH, True),
        ("warn", Risk.HIGH, True),
    ]


FLAKE = """\
{
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.one = nixpkgs.lib.nixosSystem {
      modules = [ ({ pkgs, ... }: { environment.systemPackages = [ pkgs.vim ]; }) ];
    };
    nixosConfigurations.two = nixpkgs.lib.nixosSystem { modules = [ { } ]; };
    devShells.default = nixpkgs.mkShell { packages = [ nixpkgs.git ]; };
  };
}
"""


def test_in_a_flake_it_has_to_be_in_a_machine(judged: Judging) -> None:
    inside = judged("add_package", HTOP, "pkgs.vim", "pkgs.vim pkgs.htop", text=FLAKE)
    shell = judged("add_package", HTOP, "nixpkgs.git", "nixpkgs.git nixpkgs.htop", text=FLAKE)
    assert inside.grade == "right", inside.complaints
    assert shell.grade == "wrong"


def test_a_line_that_was_replaced_is_one_line() -> None:
    assert changed_lines(b"a\nb\nc\n", b"a\nB\nc\n") == 1
    assert changed_lines(b"a\nc\n", b"a\nb\nc\n") == 1
    assert changed_lines(b"a\nb\n", b"a\r\nb\r\n") == 2


def read(folder: Path, **record: Any) -> Task:  # noqa: ANN401 - fields of a record
    (folder / "a.nix").write_text("{ }")
    line: dict[str, Any] = {"file": "a.nix", "outcome": "edit", "op": "add_package", **record}
    return read_task(1, json.dumps(line), folder)


def test_records_may_say_the_same_in_other_words(tmp_path: Path) -> None:
    arguments: dict[str, Any]
    for arguments in (
        {"package": "git"},
        {"name": "git"},
        {"packages": ["git"]},
        {"attr": "pkgs.git"},
    ):
        (wish,) = read(tmp_path, args=arguments).wishes
        assert wish.change == {"kind": "add-package", "package": "git"}
    for arguments in ({"option": "a.b", "item": 1}, {"path": ["a", "b"], "items": [1]}):
        (wish,) = read(tmp_path, op="list_add", args=arguments).wishes
        assert wish.change == {"kind": "set-option", "option": "a.b", "value": 1, "append": True}
    meanings: dict[str, Any] = {
        '"de"': "de",
        "pkgs.zsh": {"package": "zsh"},
        "[80 443]": [80, 443],
    }
    for value, meant in meanings.items():
        (wish,) = read(tmp_path, op="set_option", args={"path": "a.b", "value": value}).wishes
        assert wish.value == meant


@pytest.mark.parametrize(
    "record",
    [
        {"args": {}},
        {"args": None},
        {"op": "explode", "args": {"package": "git"}},
        {"outcome": "maybe", "args": {"package": "git"}},
        {"file": "b.nix", "args": {"package": "git"}},
        {"file": 7, "args": {"package": "git"}},
        {"op": "set_option", "args": {"value": 1}},
    ],
)
def test_a_record_that_says_too_little_is_unreadable(
    tmp_path: Path, record: dict[str, Any]
) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, **record)


@pytest.mark.parametrize(
    ("described", "taken", "refused"),
    [
        ("boolean", [True], ["true", 1, None]),
        ("null or signed integer", [None, 5], ["5", True]),
        ("16 bit unsigned integer; between 0 and 65535 (both inclusive)", [0], [-1, 65536]),
        ("list of string", [[], ["a"]], [["a", 1], "a"]),
        ("null or (list of string)", [["a"], None], [[1]]),
        ("one of “yes”, “no”", ["yes"], ["maybe", True]),
        ("package", [{"package": "zsh"}], ["zsh", {}]),
        ("attribute set of string", [{"a": "b"}], [{"a": 1}, {"package": "zsh"}]),
        ("(attribute set of boolean) or (list of string) convertible to it", [["a"]], ["a"]),
        ("string matching the pattern [a-z]+", ["abc"], ["ABC", 1]),
        ("null or string without spaces", ["Europe/Berlin", None], [2]),
        ("raw value", [1, "a", {"package": "linux"}], []),
    ],
)
def test_values_are_held_against_the_words_of_the_manual(
    described: str, taken: list[Any], refused: list[Any]
) -> None:
    assert [value for value in taken if not fits(value, described)] == []
    assert [value for value in refused if fits(value, described)] == []


def test_options_are_found_by_their_names_and_through_free_keys(tmp_path: Path) -> None:
    listed = {
        "users.users.<name>.shell": "package",
        "nix.settings": "open submodule of attribute set",
        "networking.hosts": "attribute set of list of string",
        "services.a.enable": "boolean",
    }
    lines = (json.dumps({"name": name, "type": kind}) for name, kind in listed.items())
    (tmp_path / "nixos-options-25.11.jsonl").write_text("\n".join(lines))
    options = Options(tmp_path)

    def type_of(name: str) -> str | None:
        return options.type_of(name, lambda _: False)

    assert type_of("users.users.alice.shell") == "package"
    assert type_of("nix.settings.cores") == ""
    assert type_of('networking.hosts."192.0.2.1"') == "list of string"
    assert type_of("services.b.enable") is None
    assert options.type_of("services.b.enable", lambda _: True) == ""
