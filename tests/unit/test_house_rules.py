"""The rules of the house that no linter knows: sizes, names, reasons, and a README that is true."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[2]

LINES_IN_A_FILE = 400
LINES_IN_A_FUNCTION = 60

LONG_FILES: dict[str, str] = {}
"""Files that may be longer, each with the reason why a second noun would not help."""

LONG_FUNCTIONS: dict[str, str] = {}
"""Functions that may be longer (`path:name`), each with its reason."""

PINNED_EXTRAS = {
    "index": "gigabytes that one short job needs; each is pinned where it is declared",
}
"""Extras that the lock leaves out, each with its reason."""

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "stuff", "base"}
"""Module names that say nothing about what is inside."""

UNFINISHED = re.compile(
    r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK|Not" + r"Implemented\w*)\b"
)

EXCEPTION = re.compile(r"#\s*(noqa|type:\s*ignore|fmt:\s*off|ruff:)(?P<rest>.*)")
CODES = re.compile(r"^:?\s*(?:\[[\w, -]+\]|[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?\s*")

START_PATH_BANNED = ("asyncio", "dbus_fast", "dbus_next", "pydantic", "rich")


def python_files() -> Iterator[Path]:
    """All our Python files."""
    for root in ("daemon", "clients", "tests"):
        yield from sorted((CHECKOUT / root).rglob("*.py"))


def text_files() -> Iterator[Path]:
    """All files that people wrote: everything git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        path = CHECKOUT / name
        if path.is_file() and path.suffix not in {".jsonl", ".log"}:
            yield path


def called(path: Path) -> str:
    """Give the name that a complaint uses."""
    return str(path.relative_to(CHECKOUT))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods of a module, inner ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def pyproject_arrays() -> dict[str, list[str]]:
    """Read the lines of each array of pyproject.toml that has one item a line, by its key."""
    arrays: dict[str, list[str]] = {}
    table, key = "", None
    for line in (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"\[+([^\[\]]+)\]+", line):
            table = found[1]
        elif found := re.fullmatch(r'"?([^"]+?)"? = \[', line):
            key = f"{table}.{found[1]}"
            arrays[key] = []
        elif line.startswith("]"):
            key = None
        elif key is not None:
            arrays[key].append(line.strip())
    return arrays


def reasons_wanted() -> list[tuple[str, str]]:
    """Each line of pyproject.toml that has to carry a reason, with the array it stands in."""
    arrays = pyproject_arrays()
    keys = [
        "build-system.requires",
        "project.dependencies",
        "tool.ruff.lint.ignore",
        *(key for key in arrays if key.startswith("project.optional-dependencies.")),
        *(key for key in arrays if key.startswith("tool.ruff.lint.per-file-ignores.")),
    ]
    return [(key, line) for key in keys for line in arrays[key]]


def test_no_file_is_longer_than_one_noun_needs() -> None:
    long = {
        called(path): lines
        for path in python_files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES_IN_A_FILE
        and called(path) not in LONG_FILES
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {}
    for path in python_files():
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            name = f"{called(path)}:{function.name}"
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > LINES_IN_A_FUNCTION and name not in LONG_FUNCTIONS:
                long[name] = lines
    assert long == {}


def test_every_module_says_what_it_is_for_in_one_sentence() -> None:
    mute = []
    for path in python_files():
        sentence = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if not sentence.splitlines() or not sentence.splitlines()[0].endswith((".", "?")):
            mute.append(called(path))
    assert not mute, "\n".join(mute)


def test_modules_have_names_that_say_something() -> None:
    empty = [called(path) for path in python_files() if path.stem in EMPTY_NAMES]
    assert not empty, "\n".join(empty)


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{called(path)}:{number}: {line.strip()}"
        for path in text_files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found, "\n".join(found)


def test_dependencies_and_lint_exceptions_of_the_project_carry_their_reason() -> None:
    wanted = reasons_wanted()
    assert wanted
    bare = [
        f"{key}: {line}" for key, line in wanted if len(line.partition(" # ")[2]) < len("as S404")
    ]
    assert not bare, "\n".join(bare)


def test_all_dependencies_stand_where_their_reasons_are_checked() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = len(project["project"]["dependencies"])
    declared += sum(map(len, project["project"]["optional-dependencies"].values()))
    declared += len(project["build-system"]["requires"])
    declared += len(project["tool"]["ruff"]["lint"]["ignore"])
    declared += sum(map(len, project["tool"]["ruff"]["lint"]["per-file-ignores"].values()))
    assert len(reasons_wanted()) == declared


def test_exceptions_in_the_code_carry_their_reason_on_their_line() -> None:
    bare = []
    for path in python_files():
        if path == Path(__file__):
            continue  # names the patterns
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = EXCEPTION.search(line)
            if found and len(re.sub(r"\W", "", CODES.sub("", found["rest"]))) < len("why"):
                bare.append(f"{called(path)}:{number}: {line.strip()}")
    assert not bare, "\n".join(bare)


def test_the_lock_holds_what_is_declared() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(
            dependency
            for extra, dependencies in project["optional-dependencies"].items()
            if extra not in PINNED_EXTRAS
            for dependency in dependencies
        ),
    ]
    locks = sorted((CHECKOUT / "requirements").glob("*.txt"))
    locked = "".join(file.read_text(encoding="utf-8") for file in locks)
    names = {re.split(r"[<>=;\s]", requirement, maxsplit=1)[0] for requirement in wanted}
    missing = [name for name in sorted(names) if f"\n{name}==" not in locked]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("extra", PINNED_EXTRAS)
def test_what_the_lock_leaves_out_is_pinned_where_it_is_declared(extra: str) -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [d for d in project["optional-dependencies"][extra] if "==" not in d] == []


def test_the_readme_names_only_commands_that_exist() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)
    named = re.findall(
        r"\bmake ([a-z]+)", "\n".join([*fenced, *re.findall(r"`([^`\n]+)`", readme)])
    )
    assert {"demo", "test"} <= set(named), "the README's two commands"
    assert set(named) - targets == set()


@pytest.mark.parametrize("module", ["luminous_clients.cli.main"])
def test_ask_nix_starts_without_what_is_slow_to_import(module: str) -> None:
    program = f"import sys, {module}; print(*sorted(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.split()
    assert [name for name in START_PATH_BANNED if name in loaded] == []


def test_the_daemon_starts_without_what_only_a_search_needs() -> None:
    program = "import sys, luminous_daemon.app; print('msgpack' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout == "False\n"
