"""The nothing-leaks fixture: each kind of leak fails its test by name, tidy tests pass."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

LEAKS = {
    "thread": "import threading; e = threading.Event(); threading.Thread(target=e.wait, daemon=True"
    ", name='forgotten').start(); KEPT.append(e)",
    "child process": "import subprocess; KEPT.append(subprocess.Popen(['sleep', '60']))",
    "never waited for": "import subprocess; KEPT.append(subprocess.Popen(['true']))",
    "open file": "KEPT.append(open('/etc/hostname'))",
    "socket": "import socket; KEPT.append(socket.socket())",
    "asyncio task": """
        import asyncio
        async def main():
            KEPT.append(asyncio.create_task(asyncio.sleep(60), name='forgotten'))
            await asyncio.sleep(0)
        asyncio.run(main())""",
}

TIDY = """
    import asyncio, socket, subprocess, threading
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    subprocess.run(['true'], check=True)
    with socket.socket():
        pass
    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(int))
    asyncio.run(main())"""


@pytest.fixture
def under_the_fixture(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """Make a folder whose tests run under the real fixture."""
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    pytester.makeini("[pytest]\nmarkers =\n    outlives(reason): as in the project\n")
    pytester.makeconftest(
        "import tests.leaks\n"
        "from tests.conftest import nothing_leaks\n"
        "tests.leaks.GRACE_SECONDS = 0.2\n",
    )
    return pytester


def run(pytester: pytest.Pytester, body: str, mark: str = "") -> pytest.RunResult:
    """Run one test of the given body in a process of its own."""
    lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    pytester.makepyfile(f"import pytest\nKEPT = []\n{mark}\ndef test_it():\n{lines}")
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "ignore")


@pytest.mark.parametrize("kind", LEAKS)
def test_a_leak_fails_the_test_that_left_it(under_the_fixture: pytest.Pytester, kind: str) -> None:
    result = run(under_the_fixture, LEAKS[kind])
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*left behind: *{kind}*"])


def test_a_tidy_test_passes(under_the_fixture: pytest.Pytester) -> None:
    run(under_the_fixture, TIDY).assert_outcomes(passed=1)


def test_outlives_tolerates_what_a_wider_fixture_owns(under_the_fixture: pytest.Pytester) -> None:
    result = run(under_the_fixture, LEAKS["child process"], "@pytest.mark.outlives('owned')")
    result.assert_outcomes(passed=1)


def test_outlives_needs_its_reason(under_the_fixture: pytest.Pytester) -> None:
    result = run(under_the_fixture, "pass", "@pytest.mark.outlives")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*outlives needs its reason*"])
