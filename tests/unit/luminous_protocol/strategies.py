"""Strategies: well-formed names, values and changes of every kind, for tests of properties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st

from luminous_protocol.changes import (
    REBUILD_ACTIONS,
    AddPackage,
    AllowPackage,
    CollectGarbage,
    Disable,
    Enable,
    ImportFile,
    Rebuild,
    RemovePackage,
    RepairFile,
    RestoreInputs,
    SetOption,
    SwitchGeneration,
    UnsetOption,
    UpdateInputs,
    join_option,
)
from luminous_protocol.repairs import TOKENS

if TYPE_CHECKING:
    from luminous_protocol.changes import Change, Value

thoroughly = settings(max_examples=40, deadline=None)
"""For properties: no deadline, because other programs share the machine."""

_KEYWORDS = ("or", "if", "with", "rec", "inherit", "let", "in", "then", "else", "assert")

package_names = st.from_regex(
    r"[A-Za-z0-9_][A-Za-z0-9_+-]{0,12}(?:\.[A-Za-z0-9_][A-Za-z0-9_+-]{0,8}){0,3}", fullmatch=True
)
plain_parts = st.from_regex(r"[A-Za-z_][A-Za-z0-9_'-]{0,10}", fullmatch=True) | st.sampled_from(
    _KEYWORDS
)
quoted_parts = st.from_regex(r"[A-Za-z0-9@%:/._ +=~-]{1,12}", fullmatch=True)
option_parts = st.builds(
    lambda first, rest: (first, *rest),
    plain_parts,
    st.lists(plain_parts | quoted_parts, max_size=5),
)
option_names = option_parts.map(join_option)
words = st.text(max_size=40)
"""Any text but lone surrogates, which cannot travel as UTF-8."""

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
"""What Nix can hold as a string."""

numbers = st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1)
fractions = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
packages = st.builds(lambda name: {"package": name}, package_names)
scalars = st.booleans() | numbers | fractions | texts


def _collections(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    lists: st.SearchStrategy[Value] = st.lists(inner, max_size=4)
    # A set with one key, "package" or "unfree", means something of its own.
    keys = texts.filter(lambda key: key not in {"package", "unfree"})
    sets: st.SearchStrategy[Value] = st.dictionaries(keys, inner, max_size=4)
    return lists | sets


items: st.SearchStrategy[Value] = st.recursive(scalars | packages, _collections, max_leaves=8)
"""Values that can stand inside a list."""

values: st.SearchStrategy[Value] = st.none() | items
"""Values that an option can be set to."""

small_numbers = st.integers(min_value=1, max_value=2**31 - 1)

files = st.sampled_from(("/etc/nixos/configuration.nix", "/home/a b/ü.nix"))
hashes = st.sampled_from(("sha256-" + "A" * 43 + "=", "sha256-" + "B" * 43 + "=", "0" * 52))
tokens = st.sampled_from(TOKENS)
arguments = plain_parts.filter(lambda name: name not in _KEYWORDS)
places = {"line": small_numbers, "column": small_numbers}

repairs: st.SearchStrategy[Change] = st.one_of(
    st.builds(
        lambda file, names: RepairFile(file, "rename", *names),
        files,
        st.lists(option_names, min_size=2, max_size=2, unique=True),
    ),
    st.builds(RepairFile, files, st.just("remove-definition"), option_names),
    st.builds(RepairFile, files, st.just("set-value"), option_names, values),
    st.builds(RepairFile, files, st.just("insert-token"), texts, tokens, **places),
    st.builds(RepairFile, files, st.just("remove-token"), tokens, **places),
    st.builds(RepairFile, files, st.just("add-argument"), st.just(""), arguments),
    st.builds(RepairFile, files, st.just("replace-hash"), hashes, hashes, small_numbers),
    st.builds(RepairFile, files, st.just("track-file")),
    st.builds(RepairFile, files, st.just("put-back"), st.just("0" * 64), st.just("f" * 64)),
)

changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(AddPackage, package_names),
    st.builds(RemovePackage, package_names),
    st.builds(SetOption, option_names, values, st.booleans()),
    st.builds(UnsetOption, option_names, values),
    st.builds(Enable, option_names),
    st.builds(Disable, option_names),
    st.builds(
        UpdateInputs,
        st.lists(st.from_regex(r"[a-z0-9_][a-z0-9_.-]{0,9}", fullmatch=True), max_size=3).map(
            tuple
        ),
    ),
    st.builds(RestoreInputs, small_numbers, st.sampled_from(("", "/etc/nixos", "/home/a-b/n_1"))),
    st.builds(Rebuild, st.sampled_from(REBUILD_ACTIONS)),
    st.builds(SwitchGeneration, st.just(0) | small_numbers),
    st.just(ImportFile()),
    st.builds(CollectGarbage, st.just(0) | small_numbers, st.just(0) | small_numbers),
    repairs,
    st.builds(
        AllowPackage,
        st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+?=-]{0,19}", fullmatch=True),
        st.sampled_from(("unfree", "insecure", "broken", "unsupported")),
    ),
)
