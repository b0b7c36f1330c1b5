"""What holds for every test: it leaves nothing behind."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.leaks import Traces, left_since, tasks_left_to_runners

if TYPE_CHECKING:
    from collections.abc import Iterator

# A suite that a shell runs in the background ignores Ctrl-C, and so would all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def nothing_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, child, task, socket or other open file behind.

    It is compared with the moment before the test, when fixtures of wider scope are there
    already, so what those hold is theirs. A test that makes such a fixture start something anew
    (a daemon that is restarted) says so with `@pytest.mark.outlives("why")`.
    """
    marker = request.node.get_closest_marker("outlives")
    if marker is not None and not marker.args:
        pytest.fail("@pytest.mark.outlives needs its reason", pytrace=False)
    before = Traces.now()
    with tasks_left_to_runners() as tasks:
        yield
    left = tasks + left_since(before, outlives=marker is not None)
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)
