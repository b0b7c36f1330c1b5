"""One more import: put into a plain place to the byte, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from luminous_daemon.configuration.imports import NotPlain, add_import

ITEM = "./luminous.nix"
MARK = "▶"
"""Stands in a test's text where something is put in; what follows up to the end mark is that."""
END = "◀"

STOCK = """\
# Edit this configuration file to define what should be installed on
# your system. Help is available in the configuration.nix(5) man page.

{ config, lib, pkgs, ... }:

{
  imports =
    [ # Include the results of the hardware scan.
      ./hardware-configuration.nix▶
      ./luminous.nix◀
    ];

  # Use the systemd-boot EFI boot loader.
  boot.loader.systemd-boot.enable = true;

  environment.systemPackages = with pkgs; [
    vim # Do not forget to add an editor! }
  ];
  system.stateVersion = "25.11"; # Did you read the comment?
}
"""

PLAIN = [
    STOCK,
    STOCK.replace("\n", "\r\n"),
    STOCK.replace("  ", "\t"),
    "{ imports = [ ./a.nix▶ ./luminous.nix◀ ]; }",
    "{imports=[./a.nix▶ ./luminous.nix◀];}",
    "{ imports = [▶ ./luminous.nix ◀]; }",
    "{ imports = [▶ ./luminous.nix◀ ]; }",
    "{ imports = [ # none yet▶\n  ./luminous.nix◀\n  ]; }",
    "{ ... }: {\n  imports = [▶\n    ./luminous.nix◀\n    # ./old.nix\n  ];\n}\n",
    "{ imports = [ ./a.nix\n            ./b.nix▶\n            ./luminous.nix◀ ]; }",
    "{ ... }:\n{\n  imports = [\n    ./a.nix ./b.nix /* ] */ # ]▶\n    ./luminous.nix◀\n  ];\n}",
    "{ imports = [\n    (import ./x.nix {\n      y = [ ];\n    })▶\n    ./luminous.nix◀\n  ]; }",
    "{ imports = [\n    <nixpkgs/x.nix>\n    inputs.a.b or c▶\n    ./luminous.nix◀\n  ]; }",
    "{ ... }:\n{▶\n  imports = [ ./luminous.nix ];◀\n  a = 1;\n}\n",
    "{ ... }:\n{ # mine▶\n    imports = [ ./luminous.nix ];◀\n\n    # ok\n    a = 1;\n}\n",
    "{ ... }:\r\n{▶\r\n\timports = [ ./luminous.nix ];◀\r\n\ta = 1;\r\n}\r\n",
    "{▶ imports = [ ./luminous.nix ]; ◀}",
    "{▶ imports = [ ./luminous.nix ];◀ }",
    "{▶ imports = [ ./luminous.nix ];◀ a = 1; }",
    "{▶ imports = [ ./luminous.nix ]; ◀a = 1; }",
    "{▶\n  imports = [ ./luminous.nix ];◀\n}",
    "args@{ pkgs, ... }: {▶ imports = [ ./luminous.nix ];◀ a = 1; }",
    "{ pkgs, ... }@args: {▶ imports = [ ./luminous.nix ];◀ a = 1; }",
    "{ pkgs, ... } @ args: {▶ imports = [ ./luminous.nix ];◀ a = 1; }",
    "args: {▶ imports = [ ./luminous.nix ];◀ a = 1; }",
    "{ a ? { b = [ ]; }, ... }: rec {▶ imports = [ ./luminous.nix ];◀ a = 1; }",
    "{ ... }: let a = let b = 1; in b; c = with a; d; in { imports = [ x▶ ./luminous.nix◀ ]; }",
    "{ ... }: { a = with b; [ c ]; d = assert e; f; imports = [ ./a.nix▶ ./luminous.nix◀ ]; }",
    "{ ... }: { a = let imports = [ ]; in imports; imports = [ ./a.nix▶ ./luminous.nix◀ ]; }",
    "{ ... }: { a.imports = [ ]; config = { imports = [ ]; }; imports = [ x▶ ./luminous.nix◀ ]; }",
    "{ ... }: {▶ imports = [ ./luminous.nix ];◀ options = { }; config = { imports = [ ]; }; }",
    '{ ... }: { "imports" = [ ./a.nix▶ ./luminous.nix◀ ]; }',
    '{ ... }: { a = "} imports = [ \\" ${ {x = "]";}.x } "; imports = [ x▶ ./luminous.nix◀ ]; }',
    "{ a = ''}; ''' { imports = ''${ ''\\'' $${ '${''}''} $''; imports = [ x▶ ./luminous.nix◀ ]; }",
    '{ a = "}; imports = [ \\${ $${ $$${"}"} $"; imports = [ x▶ ./luminous.nix◀ ]; }',
    "{ ... }: { a = x''; b = y'; imports = [ c''▶ ./luminous.nix◀ ]; }",
    "{ ... }: { u = http://a.org/*b; v = ~/x; imports = [ ./a${b}/c▶ ./luminous.nix◀ ]; } # */",
    "{ ... }: { a = b//c; d = 1.5; e = [ (-1) .5 ]; imports = [ x▶ ./luminous.nix◀ ]; }",
    "{ ... }: { b.${c}.d = 2; inherit e; inherit (f ./x) g; imports = [ x▶ ./luminous.nix◀ ]; }",
    "/* { imports = [ ]; } */ { ... }: # {\n{ imports = [ x▶ ./luminous.nix◀ ]; }",
]
OTHERS = {
    "{ ... }: { imports = [ ./a.nix ] ++ b; }": "its imports are not one plain list",
    "{ ... }: { imports = a ++ [ ./a.nix ]; }": "its imports are not one plain list",
    "{ ... }: { imports = if a then [ ] else [ ]; }": "its imports are not one plain list",
    "{ lib, ... }: { imports = lib.optionals a [ ]; }": "its imports are not one plain list",
    "{ ... }: { imports = map f [ ./a.nix ]; }": "its imports are not one plain list",
    "{ ... }: { imports = with a; [ b ]; }": "its imports are not one plain list",
    "{ ... }: { imports = let a = 1; in [ ./a.nix ]; }": "its imports are not one plain list",
    "{ ... }: { imports = ([ ./a.nix ]); }": "its imports are not one plain list",
    "{ ... }: { inherit (a) imports; }": "it inherits its imports",
    '{ ... }: { inherit (a) "imports"; }': "it inherits its imports",
    '{ ... }: { inherit (a) ${"imports"}; }': "a name in it is computed",
    '{ ... }: { ${"imports"} = [ ]; }': "a name in it is computed",
    '{ ... }: { "${a}" = [ ]; imports = [ ]; }': "a name in it is computed",
    r'{ ... }: { "im\ports" = [ ]; }': "a name in it is computed",
    "{ ... }: { imports = [ ]; imports = [ ]; }": "it defines its imports twice",
    "{ ... }: { imports = [ ./luminous.nix ]; }": "it names ./luminous.nix already",
    "{ lib, ... }: lib.mkIf true { imports = [ ]; }": "it is not one plain attribute set",
    "{ lib, ... }: with lib; { imports = [ ]; }": "it is not one plain attribute set",
    "{ ... }: { imports = [ ]; } // { }": "it is not one plain attribute set",
    "{ ... }: ({ imports = [ ]; })": "it is not one plain attribute set",
    "{ ... }: { b }: { imports = [ ]; }": "it is not one plain attribute set",
    "import ./other.nix": "it is not one plain attribute set",
    "./other.nix": "it is not one plain attribute set",
    "[ { imports = [ ]; } ]": "it is not one plain attribute set",
    "": "it is not one plain attribute set",
    "{ ... }: let { body = { imports = [ ]; }; }": "its syntax is not understood",
    "{ ... }: let a = 1; { imports = [ ]; }": "its syntax is not understood",
    "{ imports = [ ./a.nix }": "its syntax is not understood",
    "{ imports = [ ./a.nix ]; a = ''; }": "its syntax is not understood",
    '{ imports = [ ./a.nix ]; a = "${"; }': "its syntax is not understood",
    "{ a = 1 }": "its syntax is not understood",
    "{ a; imports = [ ]; }": "its syntax is not understood",
    "{ imports = [ ]; /* }": "its syntax is not understood",
    "{ imports = [ ]; ` }": "its syntax is not understood",
    "\ufeff{ imports = [ ]; }": "its syntax is not understood",
    "{ a = " + '"${' * 100 + '}"' * 100 + "; }": "its syntax is not understood",
}


def with_marks(text: str) -> tuple[str, str]:
    """Return a text before and after, from one with marks."""
    before, _, rest = text.partition(MARK)
    added, _, after = rest.partition(END)
    return before + after, before + added + after


@pytest.mark.parametrize("text", PLAIN)
def test_the_import_is_put_where_a_person_would_write_it(text: str) -> None:
    before, after = with_marks(text)
    assert add_import(before, ITEM) == after


@pytest.mark.parametrize(("text", "why"), OTHERS.items())
def test_a_file_of_another_shape_is_left_to_people(text: str, why: str) -> None:
    with pytest.raises(NotPlain, match=why):
        add_import(text, ITEM)


def test_what_was_added_is_found_again() -> None:
    for text in PLAIN:
        _, after = with_marks(text)
        with pytest.raises(NotPlain, match=r"names \./luminous\.nix already"):
            add_import(after, ITEM)


_NOISE = st.sampled_from(
    ["", " ", "\t", "\n", "\r\n", "# ] } [ { '' \"\n", "/* ]; } '' \" ${ */", "/**/", "\n\n  "]
)
_TEXTS = st.text(alphabet="ab]}[{;\"'$\\ \n=#/*", max_size=8)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'


def _indented(text: str) -> str:
    return "''" + text.replace("'", "x").replace("$", "''$").replace("\\", "''\\\\") + "''"


_LEAVES = st.one_of(
    st.sampled_from(["1", "x''", "./a.nix", "<n/p>", "a.b or c", "http://a/*b", "~/c", "d//e"]),
    _TEXTS.map(_quoted),
    _TEXTS.map(_indented),
)


@st.composite
def _values(draw: st.DrawFn) -> str:
    """Return an expression that holds others, brackets in strings and words of Nix."""
    leaf = draw(_LEAVES)
    forms = [
        leaf,
        f"[ {leaf} ]",
        f"{{ imports = [ {leaf} ]; }}",
        f"with {leaf}; {leaf}",
        f"let a = {leaf}; in a",
        f'"${{{leaf}}}"',
        f"''${{{{ a = {leaf}; }}.a}}''",
        f"x: (assert {leaf}; [ ])",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def _modules(draw: st.DrawFn) -> str:
    """Return a plain module with noise between all its parts."""
    items = draw(st.lists(st.sampled_from(["./a.nix", "<b>", "(c { d = [ ]; })", "e.f"])))
    bindings = [f"k{n} = {value};" for n, value in enumerate(draw(st.lists(_values(), max_size=4)))]
    if draw(st.booleans()):
        parts = ["imports =", "[", *items, "]", ";"]
        place = draw(st.integers(0, len(bindings)))
        bindings.insert(place, "".join(f"{part} {draw(_NOISE)}" for part in parts))
    head = draw(st.sampled_from(["", "{ ... }:", "a@{ b ? [ ], ... }:", "{ c, ... }@d: ", "e: "]))
    parts = [head, "{", *bindings, "}"]
    return "".join(f"{draw(_NOISE)}{part}{draw(_NOISE)} " for part in parts)


@given(_modules())
@settings(deadline=None, max_examples=300)
def test_no_other_byte_of_a_plain_file_changes_and_nothing_is_put_into_a_comment(text: str) -> None:
    after = add_import(text, ITEM)
    added = len(after) - len(text)
    same = next((n for n, pair in enumerate(zip(text, after, strict=False)) if pair[0] != pair[1]))
    assert any(
        after[:at] + after[at + added :] == text
        and after[at : at + added].split() in ([ITEM], ["imports", "=", "[", ITEM, "];"])
        for at in range(same - added, same + 1)
        if at >= 0
    )
    with pytest.raises(NotPlain, match="already"):
        add_import(after, ITEM)
