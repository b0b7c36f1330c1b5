"""Edits of somebody's own file: to the byte in each shape, refused with a reason in all others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.configuration.editing import NotEditable, edit_text
from luminous_daemon.core.definitions import (
    SYSTEM_PACKAGES,
    Append,
    Drop,
    DropItem,
    Edit,
    Put,
    package,
)
from tests.nix_modules import layouts

ADD = Append(SYSTEM_PACKAGES, package("jq"))
REMOVE = DropItem(SYSTEM_PACKAGES, package("jq"))
HOST = Put("networking.hostName", "new")
SSH = Put("services.openssh.enable", value=True)
NO_SSH = Drop("services.openssh.enable")
GROUP = Append('users.users."a.b".extraGroups', "wheel")
NO_GROUP = DropItem('users.users."a.b".extraGroups', "wheel")

P = "{ pkgs, ... }:\n"
ADDED = [
    (P + "{ environment.systemPackages = [ pkgs.a▶ pkgs.jq◀ ]; }", ADD),
    (P + "{ environment.systemPackages = [pkgs.a▶ pkgs.jq◀]; }", ADD),
    (P + "{ environment.systemPackages = [▶ pkgs.jq ◀]; }", ADD),
    (P + "{ environment.systemPackages = with pkgs; [ a▶ jq◀ ]; }", ADD),
    (P + "{ environment.systemPackages = with pkgs; [\n    a # b▶\n    jq◀\n  ]; }", ADD),
    (P + "{\r\n\tenvironment.systemPackages = with pkgs; [\r\n\t\ta▶\r\n\t\tjq◀\r\n\t];\r\n}", ADD),
    (P + "{ environment.systemPackages = [ x ] ++ (with pkgs; [ a▶ jq◀ ]); }", ADD),
    (P + "{ environment.systemPackages = (f x) ++ [▶ pkgs.jq◀ ]; }", ADD),
    (P + "{ environment.systemPackages = with pkgs.b; [ a▶ pkgs.jq◀ ]; }", ADD),
    (P + "let jq = 1; in { environment.systemPackages = with pkgs; [ a▶ pkgs.jq◀ ]; }", ADD),
    (P + "let l = [ pkgs.a▶ pkgs.jq◀ ]; in { environment.systemPackages = l; }", ADD),
    ("{ lib, pkgs, ... }: { environment.systemPackages = lib.mkForce [▶ pkgs.jq◀ ]; }", ADD),
    ("{ pkgs, ... }@args: { environment = { systemPackages = [▶ pkgs.jq◀ ]; }; }", ADD),
    ("args: { environment.systemPackages = with args.pkgs; [▶ jq◀ ]; }", ADD),
    ("{▶ pkgs,◀ ... }: { a.b = 1;▶ environment.systemPackages = [ pkgs.jq ];◀ }", ADD),
    ("{ a,\n  ▶pkgs,\n  ◀...\n}: { b.c = 1;▶ environment.systemPackages = [ pkgs.jq ];◀ }", ADD),
    (
        P + "{ imports = [ ({ pkgs, ... }: { environment.systemPackages = [▶ pkgs.jq◀ ]; }) ]; }",
        ADD,
    ),
    (
        '{ lib, ... }:\n{ config = lib.mkMerge [ { a.b = 1;▶ networking.hostName = "new";◀ } ]; }',
        HOST,
    ),
    ('{ ... }: { options.a = 1;▶ config.networking.hostName = "new";◀ }', HOST),
    ('{ ... }: { config = { a.b = 1;▶ networking.hostName = "new";◀ }; }', HOST),
    (
        '{\n  # networking.hostName = 1;\n  a.b = 1; # c▶\n  networking.hostName = "new";◀\n}\n',
        HOST,
    ),
    ('{\n  networking.x = 1;▶\n  networking.hostName = "new";◀\n  a.b = 1;\n}\n', HOST),
    ("{ services = {\n    a.b = 1;▶\n    openssh.enable = true;◀\n  };\n}\n", SSH),
    ("{ services.openssh = {▶ enable = true; ◀}; }", SSH),
    ("let a = 1; in rec {▶ services.openssh.enable = true;◀ }", SSH),
    ('{ users.users."a.b" = {▶\n  extraGroups = [ "wheel" ];◀\n  }; }', GROUP),
    ('{ users.users."a.b".extraGroups = [ "x"▶ "wheel"◀ ]; }', GROUP),
    ('{\n▶  networking.hostName = "new";\n◀}\n', HOST),
    (
        P + "let m = { environment.systemPackages = [▶ pkgs.jq◀ ]; }; in { imports = [ m ./x ]; }",
        ADD,
    ),
    (
        P + "{ home-manager.users.a = { ... }: { home.b = [ 1▶ 2◀ ]; }; }",
        Append("home-manager.users.a.home.b", 2),
    ),
    (
        P + "{ imports = [ { environment.systemPackages = [ ]; } ];\n"
        "  environment.systemPackages = [ pkgs.a▶ pkgs.jq◀ ]; }",
        ADD,
    ),
    (P + "{ environment.systemPackages = [ pkgs.unstable.jq▶ pkgs.jq◀ ]; }", ADD),
]
REMOVED = [
    (P + "{ environment.systemPackages = [ pkgs.a▶ pkgs.jq◀ ]; }", REMOVE),
    (P + "{ environment.systemPackages = [▶ pkgs.jq◀ pkgs.a ]; }", REMOVE),
    (P + "{ environment.systemPackages = [▶pkgs.jq ◀pkgs.a]; }", REMOVE),
    (P + "{ environment.systemPackages = [▶pkgs.jq◀]; }", REMOVE),
    (
        P + "{ environment.systemPackages = with pkgs; [\n    a # x\n▶    jq # y\n◀    b\n  ]; }",
        REMOVE,
    ),
    (P + "{ environment.systemPackages = with pkgs; [\n    # z\n▶    jq\r\n◀  ]; }", REMOVE),
    (P + "{ environment.systemPackages = with pkgs; [\n    a▶ jq◀ # both\n  ]; }", REMOVE),
    (P + "{ environment.systemPackages = with pkgs; [\n    ▶jq ◀a # both\n  ]; }", REMOVE),
    (P + "{ environment.systemPackages = with pkgs; [▶ jq # first◀\n    a\n  ]; }", REMOVE),
    (
        "{ lib, pkgs, ... }:\n{ environment.systemPackages = [▶ pkgs.jq◀ ] ++ lib.optional c a; }",
        REMOVE,
    ),
    ("{\n  a.b = 1;\n▶  services.openssh.enable = true; # why\n◀}\n", NO_SSH),
    ("{ services.openssh = { a = 1;▶ enable = true;◀ }; }", NO_SSH),
    ('{ users.users."a.b".extraGroups = [▶ "wheel"◀ "x" ]; }', NO_GROUP),
    (
        P + "let inherit (pkgs) jq; in { environment.systemPackages = [▶ jq◀ pkgs.a ]; }",
        REMOVE,
    ),
    (P + "{ environment.systemPackages = [▶ (pkgs.jq)◀ pkgs.a ]; }", REMOVE),
    ("{ a = [▶ 80◀ 443▶ 80◀ ]; }", DropItem("a", 80)),
]
REPLACED = [
    ('{ networking.hostName = "old"; }', '{ networking.hostName = "new"; }', HOST),
    ("{ networking = { hostName = ''old''; }; }", '{ networking = { hostName = "new"; }; }', HOST),
    (
        '{ lib, ... }: { networking.hostName = lib.mkForce "old"; }',
        '{ lib, ... }: { networking.hostName = lib.mkForce "new"; }',
        HOST,
    ),
    (
        "{ a = /* x */ 1 /* y */; }",
        "{ a = /* x */ (-2) /* y */; }".replace("(-2)", "-2"),
        Put("a", -2),
    ),
    (
        "{ lib, ... }: { a = lib.mkDefault 1; }",
        "{ lib, ... }: { a = lib.mkDefault (-2); }",
        Put("a", -2),
    ),
    (P + "{ a = with pkgs; [ b ]; }", P + "{ a = [ pkgs.c ]; }", Put("a", [package("c")])),
    (P + "{ a = pkgs.zsh; }", P + "{ a = pkgs.fish; }", Put("a", package("fish"))),
    (
        "let on = false; in { services.openssh.enable = on; a = on; }",
        "let on = false; in { services.openssh.enable = true; a = on; }",
        SSH,
    ),
]
SAME = [
    (P + "{ environment.systemPackages = with pkgs; [ jq ]; }", ADD),
    (P + "{ environment.systemPackages = [ pkgs.a ] ++ [ pkgs.jq ]; }", ADD),
    (P + "{ environment.systemPackages = [ pkgs.a ]; }", REMOVE),
    ("{ networking.hostName = ''new''; }", HOST),
    ("{ services.openssh = { enable = true; }; }", SSH),
    ("{ }", NO_SSH),
    ("", REMOVE),
    ("# only a comment", NO_GROUP),
    ('{ users.users."a.b".extraGroups = [ "wheel" ]; }', GROUP),
]
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
    (L + '{ networking.hostName = "a-${config.b}"; }', HOST, "its value in line 2 is computed"),
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
    (
        "{ outputs = { self }: { }; }",
        HOST,
        "it is a flake that does not have one machine in a plain form",
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
FLAKE = """\
{
  outputs = { self, nixpkgs }: {
    nixosConfigurations.m = nixpkgs.lib.nixosSystem {
      modules = [
        ./x.nix
        ({ pkgs, ... }: { environment.systemPackages = [ pkgs.a▶ pkgs.jq◀ ]; })
        { services.openssh = { enable = false; }; }
      ];
    };
  };
}
"""


def parts(marked: str) -> tuple[str, str]:
    """Return the text without what is marked, and with it."""
    with_it = marked.replace("▶", "").replace("◀", "")
    without = "".join(piece.split("◀")[-1] for piece in marked.split("▶"))
    return without, with_it


@pytest.mark.parametrize(("marked", "edit"), [*ADDED, (FLAKE, ADD)])
def test_something_new_is_put_in_to_the_byte(marked: str, edit: Edit) -> None:
    before, after = parts(marked)
    assert edit_text(before, edit) == after


@pytest.mark.parametrize(("marked", "edit"), REMOVED)
def test_something_is_taken_out_to_the_byte(marked: str, edit: Edit) -> None:
    after, before = parts(marked)
    assert edit_text(before, edit) == after


@pytest.mark.parametrize(("before", "after", "edit"), REPLACED)
def test_a_value_is_replaced_to_the_byte(before: str, after: str, edit: Edit) -> None:
    assert edit_text(before, edit) == after


@pytest.mark.parametrize(("text", "edit"), SAME)
def test_what_holds_already_is_left_as_it_is(text: str, edit: Edit) -> None:
    assert edit_text(text, edit) == text


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


@pytest.mark.parametrize(
    ("text", "head"),
    [("", ""), ("# mine\n", "# mine\n"), ("# mine", "# mine\n")],
)
def test_an_empty_file_becomes_a_module_below_its_comments(text: str, head: str) -> None:
    assert edit_text(text, HOST) == f'{head}{{\n  networking.hostName = "new";\n}}\n'
    listed = "{\n  environment.systemPackages = [ pkgs.jq ];\n}\n"
    assert edit_text(text, ADD) == f"{head}{{ pkgs, ... }}:\n\n{listed}"


def test_an_empty_set_becomes_a_function_where_that_needs_pkgs() -> None:
    wanted = "{ pkgs, ... }: {%s environment.systemPackages = [ pkgs.jq ]; }\n"
    assert edit_text("{ }\n", ADD) == wanted % ""
    assert edit_text("{ /* none: { */ }\n", ADD) == wanted % " /* none: { */"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_no_text_becomes_code(words: str) -> None:
    edited = edit_text('{ networking.hostName = "old"; }', Put("networking.hostName", words))
    assert (
        edit_text(edited, Put("networking.hostName", "old")) == '{ networking.hostName = "old"; }'
    )


@given(layouts())
def test_an_edit_and_its_opposite_give_the_old_bytes_back(text: str) -> None:
    added = edit_text(text, ADD)
    assert added != text
    if "systemPackages" in text:  # where there was no list, an empty one stays
        assert edit_text(added, REMOVE) == text
    assert edit_text(added, ADD) == added


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
