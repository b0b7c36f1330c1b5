"""Texts of NixOS modules in the shapes that people write, for tests that try very many."""

from __future__ import annotations

from hypothesis import strategies as st


def layouts() -> st.SearchStrategy[str]:
    """Make modules of the shapes that people write, with a host name and packages."""
    gap = st.sampled_from([" ", "\n", "\r\n\t", "\n    # c\n  ", " /* c */ "])
    items = st.lists(st.sampled_from(["a", "b.c", "(f 1)", "d # d\n"]), max_size=3)
    lists = st.tuples(gap, items, gap).map(lambda p: f"[{p[0]}{p[0].join(p[1])}{p[2]}]")
    values = st.one_of(
        lists.map(lambda found: f"with pkgs; {found}"),
        st.tuples(lists, lists).map(lambda p: f"(with pkgs; {p[0]}) ++ (with pkgs; {p[1]})"),
        lists.map(lambda found: f"with pkgs; lib.mkForce {found}"),
        lists.map(lambda found: f"with pkgs; {found} ++ lib.optionals config.x [ e ]"),
    )
    bodies = st.sampled_from(
        [
            "{%(gap)senvironment.systemPackages = %(value)s;%(gap)s}",
            '{%(gap)snetworking.hostName = "old";%(gap)senvironment.systemPackages = %(value)s; }',
            '{ networking = {%(gap)shostName = lib.mkForce "old"; }; }',
            "{ environment = {%(gap)ssystemPackages = %(value)s;%(gap)sx = 1; }; }",
            "{ config = lib.mkMerge [ { y = 1; } { environment.systemPackages = %(value)s; } ]; }",
            "let z = 1; in with lib; {%(gap)senvironment.systemPackages = %(value)s; # c\n}",
            "{ options.x = 1;%(gap)sconfig.environment.systemPackages = %(value)s; }",
        ]
    )
    return st.tuples(bodies, values, gap).map(
        lambda p: "{ config, lib, pkgs, f, ... }:\n" + p[0] % {"value": p[1], "gap": p[2]}
    )
