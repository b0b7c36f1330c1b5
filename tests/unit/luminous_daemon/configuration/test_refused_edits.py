"""What is not edited in somebody's own file: each shape that is not certain, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_daemon.configuration.editing import edit_text
from luminous_daemon.configuration.not_editable import NotEditable
from luminous_daemon.core.definitions import SYSTEM_PACKAGES, Append, DropItem, Put, package

if TYPE_CHECKING:
    from luminous_daemon.core.definitions import Edit

ADD = Append(SYSTEM_PACKAGES, package("jq"))
REMOVE = DropItem(SYSTEM_PACKAGES, package("jq"))
HOST = Put("networking.hostName", "new")
SSH = Put("services.openssh.enable", value=True)
NO_GROUP = DropItem('users.users."a.b".extraGroups', "wheel")

P = "{ pkgs, ... }:\n"
L = "{ config, lib, pkgs, ... }:\n"
REFUSED = [
    (
        L + "{ config = lib.mkIf config.a { services.openssh.enable = false; }; }",
        SSH,
        "the definition depends on mkIf in line 2",
    ),
    (
        L + "{ services.openssh.enable = lib.mkIf config.a true; }",
        SSH,
        "its value depends on mkIf in line 2",
    ),
    (L + "{ services.openssh.enable = lib.mkIf config.a true; }", NO_GROUP, None),
    (L + "{ services.openssh.enable = config.a; }", SSH, "its value in line 2 is computed"),
    (
        L + "{ networking = lib.mkIf config.a { x = 1; }; }",
        HOST,
        "it has no plain place for one more definition",
    ),
    (L + "{ networking = import ./n.nix; }", HOST, "what is defined in line 2 is computed"),
    (L + "{ inherit (config.x) networking; }", HOST, "it is inherited in line 2"),
    (
        L + "{ networking.${config.x} = 1; }",
        HOST,
        "a name in line 2 is computed, and might be that of the option",
    ),
    (L + "{ services.openssh.enable.a = 1; }", SSH, "it is set in parts in line 2"),
    (
        L
        + "{ config = lib.mkMerge [ { networking.hostName = 1; }\n{ networking.hostName = 2; }]; }",
        HOST,
        "it is defined more than once, in lines 2 and 3",
    ),
    (L + "{ a = 1; } // { b = 2; }", HOST, "what is defined in line 2 is computed"),
    (
        L + 'if config.a then { networking.hostName = "a"; } else { }',
        HOST,
        "the definition depends on an if in line 2",
    ),
    ("{ lib, ... }: { pkgs, ... }: { }", HOST, "it is a function that makes a module"),
    (
        L + "{ environment.systemPackages = lib.optionals config.a [ pkgs.b ]; }",
        ADD,
        "its list in line 2 is conditional",
    ),
    (
        L + "{ environment.systemPackages = import ./p.nix pkgs; }",
        ADD,
        "its value in line 2 is computed",
    ),
    (
        L + "{ environment.systemPackages = [ (pkgs.jq.override { a = 1; }) ]; }",
        ADD,
        "it stands in line 2 in another form",
    ),
    (
        L + "{ environment.systemPackages = [ (pkgs.jq.override { a = 1; }) ]; }",
        REMOVE,
        "it may stand in line 2 in another form",
    ),
    (
        L + "{ environment.systemPackages = [ (lib.hiPrio pkgs.jq) ]; }",
        REMOVE,
        "it may stand in line 2 in another form",
    ),
    (
        L + "{ environment.systemPackages = [ pkgs.jq ] ++ config.more; }",
        REMOVE,
        "what its list gets in line 2 is computed",
    ),
    (
        L + "{ environment.systemPackages = [ pkgs.jq ] ++ [ pkgs.jq ]; }",
        REMOVE,
        "it stands there more than once, in lines 2 and 2",
    ),
    (
        L + "{ environment.systemPackages = lib.optionals config.a [ pkgs.jq ]; }",
        REMOVE,
        "it is in a list in line 2 that is conditional",
    ),
    (
        L + "let jq = 1; in { environment.systemPackages = with pkgs; [ jq ]; }",
        REMOVE,
        "it may stand in line 2 in another form",
    ),
    (
        L + "{ environment.systemPackages = with pkgs; with lib; [ jq ]; }",
        REMOVE,
        "it may stand in line 2 in another form",
    ),
    (
        L + "let l = [ pkgs.jq ]; in { environment.systemPackages = l; a = l; }",
        REMOVE,
        "the list that holds it in line 2 is used elsewhere too",
    ),
    ("{ a = 1; }", ADD, "pkgs is not among its arguments"),
    (
        "{ config }: { a = 1; }",
        ADD,
        "it is a function that takes no other arguments, so it is no module",
    ),
    (
        "let pkgs = import ./p.nix; in { ... }: { a = 1; }",
        ADD,
        "it gives the name pkgs another meaning",
    ),
    ("let true = 1; in { }", SSH, "it gives the name true another meaning"),
    (
        'rec { networking.hostName = "a"; b = networking; }',
        HOST,
        "the set in line 1 is recursive, and uses what would be another",
    ),
    (
        "rec { a.networking = services; }",
        SSH,
        "the set in line 1 is recursive, and uses what would be another",
    ),
    ('{ networking.hostName = "a"; ', HOST, "its syntax is not understood (it ends too early)"),
    (
        '{ users.users."a.b".extraGroups = [ x "wheel" ]; }',
        NO_GROUP,
        "it may stand in line 1 in another form",
    ),
    *(
        (
            f"{L}{bound} {{ environment.systemPackages = [ {item} ]; }}",
            REMOVE,
            "it may stand in line 2 in another form",
        )
        for bound, item in (
            ("let x = with lib; pkgs.jq; in", "x"),
            ("let x.a = pkgs.jq; in", "x.a"),
            ("let x = { a = pkgs.jq; }; in", "x.a"),
            ("let x = rec { inherit (pkgs) jq; a = jq; }; in", "x.a"),
            ("let make = name: pkgs.${name}; in", '(make "jq")'),
            ("", '(builtins.getAttr "jq" pkgs)'),
            ("", 'pkgs.${"jq"}'),
        )
    ),
    *(
        (
            f"{L}{bound} {{ a = [ {item} ]; }}",
            Append("a", "/b"),
            "it stands in line 2 in another form",
        )
        for bound, item in (
            ('let x = "/" + "b"; in', "x"),
            ('let x = "/"; in', '"${x}b"'),
            ("", "/b"),
        )
    ),
    (
        L + "{ imports = [ (lib.recursiveUpdate { networking.hostName = 1; } { }) ]; }",
        HOST,
        "what is defined in line 2 is computed",
    ),
    ('{ inputs.a.url = "b"; }', SSH, "it is a flake that has no outputs"),
    ('{ description = "a"; }', SSH, "it is a flake that has no outputs"),
    (
        "{ outputs = { self }: { }; }",
        HOST,
        "it is a flake that does not have a machine in a plain form",
    ),
    (
        "{ outputs = import ./outputs.nix; }",
        HOST,
        "it is a flake that has no module in it",
    ),
    (
        P + "{ imports = [ (f 1) ]; a = 1; }".replace("(f 1)", "(let f = x: { }; in f 1)"),
        HOST,
        "what is defined in line 2 is computed",
    ),
    (
        L + "{ environment.systemPackages = [ ] ++ lib.optionals c [ pkgs.jq ]; }",
        ADD,
        "it is in a list in line 2 that is conditional",
    ),
    (
        L + "{ services.openssh.enable = lib.mkOptionDefault false; }",
        SSH,
        "its value in line 2 is computed",
    ),
    (
        L + "{ services.openssh.enable = lib.mkOverride 2000 false; }",
        SSH,
        "its value in line 2 is computed",
    ),
    ("{ pkgs, ... }: { home.username = 1; }", HOST, "it is a module of Home Manager"),
    (
        P + "{ a = 1; environment.systemPackages = [ ]; environment.systemPackages = [ ]; }",
        ADD,
        "it is defined more than once, in lines 2 and 2",
    ),
    ("x" * 200_000, HOST, "it is larger than 131072 characters"),
]


@pytest.mark.parametrize(("text", "edit", "reason"), REFUSED)
def test_what_is_not_certain_is_refused_with_its_reason(
    text: str, edit: Edit, reason: str | None
) -> None:
    if reason is None:
        assert edit_text(text, edit) == text
        return
    with pytest.raises(NotEditable) as refused:
        edit_text(text, edit)
    assert str(refused.value) == reason


TWO = """\
{
  outputs = { nixpkgs, ... }: let all = { pkgs, ... }: { environment.systemPackages = [ ]; }; in {
    nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ all { b.c = [ 1 ]; } ]; };
    nixosConfigurations.b = nixpkgs.lib.nixosSystem { modules = [ all { b.d = 1;
      environment.systemPackages = [ ]; } ]; };
  };
}
"""
IN_FULL = "It counts less than the option's own default. Is a plain value to stand there instead?"
ASKED = [
    (TWO, HOST, "Which machine is meant: a or b?"),
    (TWO, ADD, "Which machine is meant: a or b?"),
    (TWO, Append("b.c", 1), "Which machine is meant: a or b?"),
    (
        L + "{ imports = lib.optionals config.a [ { networking.hostName = 1; } ]; }",
        HOST,
        "Is it meant always, or only under that condition?",
    ),
    (
        L + "{ config = lib.mkIf config.a { networking.hostName = 1; }; }",
        HOST,
        "Is it meant always, or only under that condition?",
    ),
    (
        L + "{ environment.systemPackages = lib.optionals config.a [ pkgs.jq ]; }",
        ADD,
        "Is it meant always, or only under that condition?",
    ),
    (L + "{ services.openssh.enable = lib.mkOptionDefault false; }", SSH, IN_FULL),
    (L + "{ services.openssh.enable = lib.mkOverride 2000 false; }", SSH, IN_FULL),
    (
        L + "{ environment.systemPackages = [ (pkgs.jq.override { a = 1; }) ]; }",
        ADD,
        "Is the plain one wanted beside it?",
    ),
    (
        L + "{ environment.systemPackages = [ (pkgs.jq.override { a = 1; }) ]; }",
        REMOVE,
        "Is that the one that is meant?",
    ),
    (L + "{ environment.systemPackages = import ./p.nix pkgs; }", ADD, ""),
]


@pytest.mark.parametrize(("text", "edit", "question"), ASKED)
def test_what_only_a_person_can_say_is_asked(text: str, edit: Edit, question: str) -> None:
    with pytest.raises(NotEditable) as refused:
        edit_text(text, edit)
    assert refused.value.question == question


def chain(form: str, last: str) -> str:
    """Return names of which each means the one before in this form."""
    bound = "".join(
        f"a{number} = {form.replace('@', f'a{number - 1}')}; " for number in range(1, 30)
    )
    return f"let a0 = {last}; {bound} in "


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        (chain("@ ++ @", "[ ]") + "{ b = a29; }", Append("b", 1)),
        (chain("[ @ @ ]", "1") + "{ b = a29; }", Put("b", 1)),
        (chain("{ imports = [ @ @ ]; }", "{ }") + "{ imports = [ a29 ]; }", HOST),
        ("let m = { imports = [ m ]; }; in m", HOST),
        ("{ lib, ... }: " + "with a; with b; " * 15 + "{ b = lib.f [ x ]; c = x; }", Put("c", 1)),
        ("{ lib, ... }: " + "with a; with b; " * 15 + "{ b = [ (x y) ]; }", ADD),
    ],
)
def test_names_that_mean_one_another_very_often_are_refused_in_time(text: str, edit: Edit) -> None:
    """Following each would take years, and the test times out."""
    with pytest.raises(NotEditable):
        edit_text(text, edit)
