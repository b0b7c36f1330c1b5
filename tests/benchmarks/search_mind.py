"""The mind under measurement: a process of its own, asked over its socket as the daemon asks it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from luminous_protocol.frames import Failure, Hello, Part, Reply, Request, decode, encode
from tests.benchmarks.machine import INSIDE, Machine
from tests.benchmarks.sampling import spread, times_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from luminous_protocol.frames import Value

_PROGRAM: Final = Path(sys.executable).with_name("luminous-mind")
_PATIENCE_S: Final = 30.0
_LENGTH_BYTES: Final = 4
_LOAD_S: Final = 5.0
_STARTS: Final = 5
_INDEX: Final = "/var/lib/luminous-mind/index"
_ENCODER: Final = "/var/lib/luminous-mind/encoder"


@dataclass(frozen=True)
class Place:
    """Where the index and the sources lie, and the encoder, without which words alone count."""

    index: Path
    encoder: Path | None
    sources: Mapping[Path, str]

    def settings(self, file: Path) -> Path:
        """Write the settings that say so."""
        lines = [f"index = {json.dumps(str(self.index))}"]
        if self.encoder:
            lines.append(f"encoder = {json.dumps(str(self.encoder))}")
        lines += ["[sources]"]
        lines += [
            f"{json.dumps(str(path))} = {json.dumps(kind)}"
            for path, kind in sorted(self.sources.items())
        ]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file


@dataclass(frozen=True)
class Mind:
    """A mind that runs."""

    socket: Path
    process: subprocess.Popen[bytes]

    def search(self, query: str) -> list[Any]:
        """Search over all kinds; return the passages."""
        return search(self.socket, query)

    def is_meaning_on(self) -> bool:
        """Tell whether the encoder counts by now."""
        _, status = call(self.socket, "status", {})
        return isinstance(status, dict) and status.get("meaning") == "on"

    def wait_for_meaning(self) -> None:
        """Wait until the encoder counts."""
        self.search("anything")
        while not self.is_meaning_on():
            time.sleep(0.002)

    def resident(self) -> dict[str, float]:
        """Return its resident memory in megabytes: all of it, and without pages of files."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = {
            name: re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
            for name in ("VmRSS", "RssAnon")
        }
        return {name: int(match[1]) * 1024 / 1e6 for name, match in found.items() if match}


@contextmanager
def running(place: Place) -> Iterator[Mind]:
    """Have a mind for a while; it is there when the block begins."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = place.settings(folder / "mind.toml")
        path = folder / "socket"
        argv = [str(_PROGRAM), "--settings", str(settings), "--socket", str(path)]
        process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
        try:
            _wait_for(path, process)
            yield Mind(path, process)
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)


def search(path: Path, query: str) -> list[Any]:
    """Search over all kinds, over a connection of its own; return the passages."""
    parts, _ = call(path, "search", {"query": query, "kinds": [], "limit": 10})
    return [passage for part in parts if isinstance(part, list) for passage in part]


def call(path: Path, method: str, params: dict[str, Value]) -> tuple[list[Value], Value]:
    """Call a method of the mind as the daemon does. Raises RuntimeError for a failure."""
    parts: list[Value] = []
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_PATIENCE_S)
        asking.connect(str(path))
        asking.sendall(encode(Hello()) + encode(Request(1, method, params)))
        with asking.makefile("rb") as reading:
            while True:
                length = int.from_bytes(reading.read(_LENGTH_BYTES), "big")
                match decode(reading.read(length)):
                    case Part(value=value):
                        parts.append(value)
                    case Reply(result=result):
                        return parts, result
                    case Failure(message=message):
                        raise RuntimeError(f"The mind answered: {message}")


def cold_starts(place: Place, query: str) -> dict[str, float]:
    """Return the milliseconds from the start to the first answer, and to one by meaning."""
    first, hybrid = [], []
    for _ in range(_STARTS):
        started = time.perf_counter()
        with running(place) as mind:
            mind.search(query)
            first.append((time.perf_counter() - started) * 1000)
            if place.encoder:
                mind.wait_for_meaning()
                mind.search(query)
                hybrid.append((time.perf_counter() - started) * 1000)
    return {"first": median(first)} | ({"hybrid": median(hybrid)} if hybrid else {})


def measured(place: Place, asked: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return times, answers a second to eight clients, and memory of a warm mind."""
    with running(place) as mind:
        if place.encoder:
            mind.wait_for_meaning()
        else:
            mind.search("anything")
        idle = mind.resident()
        for queries in asked.values():
            for query in queries[:20]:
                mind.search(query)
        found: dict[str, Any] = {
            "asked": {sort: times_of(mind.search, queries) for sort, queries in asked.items()}
        }
        every = [query for queries in asked.values() for query in queries]
        found["all"] = times_of(mind.search, every)
        found["per_second"] = _under_load(mind.socket, every)
        return found | {"idle_mb": idle, "used_mb": mind.resident()}


def _under_load(path: Path, queries: Sequence[str], clients: int = 8) -> float:
    """Return the answers a second that so many clients get together."""
    with ProcessPoolExecutor(clients) as pool:
        until = time.time() + _LOAD_S + 1
        counts = pool.map(_ask_until, [path] * clients, [queries] * clients, [until] * clients)
        return sum(counts) / _LOAD_S


def _ask_until(path: Path, queries: Sequence[str], until: float) -> int:
    count, began = 0, until - _LOAD_S
    time.sleep(max(0.0, began - time.time()))
    while time.time() < until:
        search(path, queries[(count * 7 + os.getpid()) % len(queries)])
        count += 1
    return count


def over_the_bus(place: Place, asked: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the times of the same over the bus, asked by an unprivileged user in the sandbox."""
    with Machine() as machine:
        _copy(place.index, machine.path(_INDEX))
        settings = Place(Path(_INDEX), None, {})
        if place.encoder:
            _copy(place.encoder, machine.path(_ENCODER))
            settings = Place(Path(_INDEX), Path(_ENCODER), {})
        machine.path("/etc/luminous").mkdir(exist_ok=True)
        settings.settings(machine.path("/etc/luminous/mind.toml"))
        done = machine.run(
            [sys.executable, str(INSIDE / "searches.py")],
            input=json.dumps({"asked": asked, "with_meaning": bool(place.encoder)}),
            timeout=600,
            user="alice",
        )
        if done.returncode != 0:
            raise RuntimeError(f"Searches failed:\n{done.stderr}\n{machine.daemon_log}")
        found: dict[str, Any] = json.loads(done.stdout)
        times = found["times"]
        return {
            "asked": {sort: spread(every) for sort, every in times.items()},
            "all": spread([took for every in times.values() for took in every]),
            "per_second": found["per_second"],
        }


def _copy(folder: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("vectors", "lock"))
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    target.parent.chmod(0o755)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens at a path."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as asking:
            try:
                asking.connect(str(path))
            except OSError:
                time.sleep(0.002)
            else:
                return
    raise RuntimeError("The mind does not listen.")
