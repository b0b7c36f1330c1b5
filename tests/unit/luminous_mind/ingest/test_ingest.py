"""Ingest: each source is read in its own form, and one that fails costs only itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from luminous_mind.ingest.pipeline import Pipeline, Source
from luminous_mind.ingest.sources import READERS, SourceError
from luminous_mind.knowledge.index import Index, dense_folder
from luminous_mind.knowledge.retriever import Retriever
from luminous_mind.knowledge.vectors import VectorCache
from tests.unit.luminous_mind.knowledge.shelf import found
from tests.unit.luminous_mind.knowledge.test_vectors import CountingEncoder

if TYPE_CHECKING:
    from pathlib import Path

RENDERED = {
    "services.caddy.enable": {
        "declarations": ["nixos/modules/services/web-servers/caddy/default.nix"],
        "default": {"_type": "literalExpression", "text": "false"},
        "description": "Whether to enable Caddy web server.",
        "loc": ["services", "caddy", "enable"],
        "readOnly": False,
        "type": "boolean",
    },
    "networking.hostName": {"description": {"_type": "mdDoc", "text": "A name."}, "type": "string"},
}
PRINTED = {
    "nixos.caddy": {"pname": "caddy", "version": "2.8", "meta": {"description": "A web server"}},
    "nixos.vlc": {"pname": "vlc", "version": "3", "meta": {"homepage": ["https://example.org"]}},
}
OPTION_LINE = {"name": "nix.gc.automatic", "type": "boolean", "description": "Collect garbage."}
PACKAGE_LINE = {"attr": "hello", "pname": "hello", "version": "2", "description": "A greeting"}
MANUAL_LINE = {
    "id": "manual/x#1",
    "source": "manual",
    "title": "Garbage",
    "heading_path": ["Store", "Garbage"],
    "repo": "a/b",
    "path": "doc/x.md",
    "anchor": "sec",
    "text": "How garbage is collected.",
}


def put(folder: Path, name: str, *records: Any) -> Path:  # noqa: ANN401 - JSON
    """Write records as JSON lines."""
    file = folder / name
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return file


def test_options_are_read_as_the_module_system_renders_them(tmp_path: Path) -> None:
    caddy, host = READERS["options"](put(tmp_path, "options.json", RENDERED))
    assert (caddy.id, caddy.source) == (
        "option:services.caddy.enable",
        "nixos/modules/services/web-servers/caddy/default.nix",
    )
    assert caddy.facts == {"type": "boolean", "default": "false"}
    assert (host.text, host.source) == ("A name.", "")


def test_packages_are_read_as_nix_env_prints_them(tmp_path: Path) -> None:
    caddy, vlc = READERS["packages"](put(tmp_path, "packages.json", PRINTED))
    assert (caddy.name, caddy.text) == ("caddy", "A web server")
    assert caddy.facts == {"pname": "caddy", "version": "2.8"}
    assert (vlc.text, vlc.address) == ("", "https://example.org")


def test_packages_are_read_as_the_list_of_this_machine_has_them(tmp_path: Path) -> None:
    listed = {"version": 2, "nixpkgs": "/nix/store/x-nixpkgs", "packages": PRINTED}
    caddy, _ = READERS["packages"](put(tmp_path, "packages.json", listed))
    assert (caddy.name, caddy.text) == ("caddy", "A web server")


def test_what_nixpkgs_says_against_a_package_is_kept(tmp_path: Path) -> None:
    free = {"fullName": "MIT License", "shortName": "mit"}
    meta = {
        "license": [free, {"shortName": "unfree"}, "odd"],
        "mainProgram": "run",
        "position": "pkgs/a.nix:3",
        "unfree": True,
        "insecure": True,
        "broken": False,
    }
    (a,) = READERS["packages"](put(tmp_path, "a.json", {"a": {"version": "1", "meta": meta}}))
    assert a.facts == {
        "version": "1",
        "position": "pkgs/a.nix:3",
        "license": "MIT License, unfree, odd",
        "program": "run",
        "unfree": "true",
        "insecure": "true",
    }


def test_sources_become_one_index(tmp_path: Path) -> None:
    sources = [
        Source("options", put(tmp_path, "options.json", RENDERED)),
        Source("option-lines", put(tmp_path, "more.jsonl", OPTION_LINE)),
        Source("packages", put(tmp_path, "packages.json", PRINTED)),
        Source("package-lines", put(tmp_path, "lines.jsonl", PACKAGE_LINE)),
        Source("manual-lines", put(tmp_path, "manual.jsonl", MANUAL_LINE)),
    ]
    told: list[str] = []
    report = Pipeline(tmp_path / "index", told.append).ingest(sources, 1)
    assert report.documents == {"option": 3, "package": 3, "manual": 1}
    assert report.failures == {}
    assert "reading options.json" in told
    opened = Retriever.open(tmp_path / "index")
    assert found("collect garbage", by=opened)[0] == "option:nix.gc.automatic"


def test_the_very_first_index_is_one_by_meaning_too(tmp_path: Path) -> None:
    source = Source("options", put(tmp_path, "options.json", RENDERED))
    with VectorCache.open(tmp_path / "vectors", CountingEncoder()) as cache:
        Pipeline(tmp_path / "index", vectors=cache).ingest([source], 1)
    digest = Index.open(tmp_path / "index").digest
    assert (dense_folder(tmp_path / "index", digest) / "option").is_dir()


@pytest.mark.parametrize(
    ("reader", "content"),
    [
        ("options", b"{"),
        ("options", b"[1]"),
        ("options", b'{"a": 3}'),
        ("packages", b'{"a": 3}'),
        ("package-lines", b'{"attr": "a", "pname": "a"}\n{'),
        ("package-lines", b"3\n"),
        ("option-lines", b"\xff\xfe"),
        ("manual-lines", b'{"id": 1}\n'),
        ("options", b"[" * 100_000),
    ],
)
def test_a_source_that_cannot_be_read_is_named_and_the_others_are_indexed(
    tmp_path: Path, reader: str, content: bytes
) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(content)
    sources = [
        Source(reader, broken),
        Source("package-lines", put(tmp_path, "lines.jsonl", PACKAGE_LINE)),
        Source("options", tmp_path / "missing"),
    ]
    report = Pipeline(tmp_path / "index").ingest(sources, 1)
    assert set(report.failures) == {str(broken), str(tmp_path / "missing")}
    assert all(report.failures.values())
    assert report.documents == {"package": 1}


def test_a_line_that_is_wrong_is_named(tmp_path: Path) -> None:
    file = put(tmp_path, "lines.jsonl", PACKAGE_LINE)
    file.write_text(file.read_text() + "{\n")
    with pytest.raises(SourceError, match=r"lines\.jsonl, line 2, is not JSON"):
        list(READERS["package-lines"](file))
