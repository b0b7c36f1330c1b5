"""Edits of somebody's own file: to the byte in each shape, refused with a reason in all others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luminous_daemon.configuration.editing import edit_text
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
    ("{ /* c */▶ services.openssh.enable = true;◀ \t}", SSH),
    ("{\n  # c  ▶\n  services.openssh.enable = true;◀\n\n}\n", SSH),
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
    (P + '{ environment.systemPackages = [ pkgs.${"a"}▶ pkgs.jq◀ ]; }', REMOVE),
    (P + "{ environment.systemPackages = [▶ (pkgs.jq)◀ pkgs.a ]; }", REMOVE),
    ("{ a = [▶ 80◀ 443▶ 80◀ ]; }", DropItem("a", 80)),
]
HOSTS = """\
{
  outputs = { nixpkgs, ... }: let all = { pkgs, ... }: { a.b = [ pkgs.a▶ pkgs.jq◀ ]; }; in {
    nixosConfigurations = {
      one = nixpkgs.lib.nixosSystem {
        modules = [ all ] ++ nixpkgs.lib.optional c { a.c = 1; };
      };
      two = nixpkgs.lib.nixosSystem { modules = [ all { a.d = false; } ]; };
    };
  };
}
"""


def parts(marked: str) -> tuple[str, str]:
    """Return the text without what is marked, and with it."""
    with_it = marked.replace("▶", "").replace("◀", "")
    without = "".join(piece.split("◀")[-1] for piece in marked.split("▶"))
    return without, with_it


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
    ('{ networking.hostName = "a-${b}"; }', '{ networking.hostName = "new"; }', HOST),
    (parts(HOSTS)[0], parts(HOSTS)[0].replace("d = false", "d = true"), Put("a.d", value=True)),
    (
        "{ lib, ... }: { imports = lib.optionals c [ { a.b = 1; } ]; a.c = 1; }",
        "{ lib, ... }: { imports = lib.optionals c [ { a.b = 1; } ]; a.c = 2; }",
        Put("a.c", 2),
    ),
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
    ("{ networking.hostName = ''\n    new''; }", HOST),
    (
        P + "let u = import ./u { }; in "
        "{ environment.systemPackages = [ u.a (u.b 1) (pkgs.callPackage ./c { }) ]; }",
        REMOVE,
    ),
    ("{ services.openssh = { enable = true; }; }", SSH),
    ("{ }", NO_SSH),
    ("", REMOVE),
    ("# only a comment", NO_GROUP),
    ('{ users.users."a.b".extraGroups = [ "wheel" ]; }', GROUP),
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


@pytest.mark.parametrize(
    ("marked", "edit"), [*ADDED, (FLAKE, ADD), (HOSTS, Append("a.b", package("jq")))]
)
def test_something_new_is_put_in_to_the_byte(marked: str, edit: Edit) -> None:
    before, after = parts(marked)
    assert edit_text(before, edit) == after


@pytest.mark.parametrize(("marked", "edit"), [*REMOVED, (HOSTS, DropItem("a.b", package("jq")))])
def test_something_is_taken_out_to_the_byte(marked: str, edit: Edit) -> None:
    after, before = parts(marked)
    assert edit_text(before, edit) == after


@pytest.mark.parametrize(("before", "after", "edit"), REPLACED)
def test_a_value_is_replaced_to_the_byte(before: str, after: str, edit: Edit) -> None:
    assert edit_text(before, edit) == after


@pytest.mark.parametrize(("text", "edit"), SAME)
def test_what_holds_already_is_left_as_it_is(text: str, edit: Edit) -> None:
    assert edit_text(text, edit) == text


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
