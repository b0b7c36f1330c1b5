"""The cache of vectors: what was encoded once is not encoded again, whatever happened between."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from luminous_mind.knowledge.vectors import CacheBusy, VectorCache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

TEXTS = [f"text {number}" for number in range(1300)]


class CountingEncoder:
    """Makes a vector of a text's hash, remembers what it was asked, and can fail."""

    dimensions = 32

    def __init__(self, digest: str = "weights", fail_after: int = 10**9) -> None:
        self.digest = digest
        self.asked: list[str] = []
        self._fail_after = fail_after

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        if len(self.asked) + len(texts) > self._fail_after:
            raise KeyboardInterrupt
        self.asked += texts
        rows = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        vectors = np.array([list(row) for row in rows], dtype=np.float32).reshape(-1, 32) - 127
        unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def ask(folder: Path, texts: Sequence[str], encoder: CountingEncoder | None = None) -> list[str]:
    """Ask for the vectors of `texts`, check them, and return what had to be encoded."""
    encoder = encoder or CountingEncoder()
    with VectorCache.open(folder, encoder) as cache:
        matrix = cache.matrix(texts)
    expected = CountingEncoder().encode(texts)
    assert matrix.shape == expected.shape
    assert np.allclose(matrix, expected, atol=1e-3)
    return encoder.asked


def test_only_what_changed_is_encoded_again(tmp_path: Path) -> None:
    assert sorted(ask(tmp_path, TEXTS)) == sorted(TEXTS)
    assert ask(tmp_path, TEXTS) == []
    changed = [*TEXTS[:500], "another", *TEXTS[501:][::-1], "one more"]
    assert sorted(ask(tmp_path, changed)) == ["another", "one more"]


def test_equal_texts_are_encoded_once(tmp_path: Path) -> None:
    assert ask(tmp_path, ["a", "b", "a", "a"]) == ["a", "b"]


def test_no_texts_give_no_rows(tmp_path: Path) -> None:
    assert ask(tmp_path, []) == []


def test_texts_with_lone_surrogates_have_vectors_too(tmp_path: Path) -> None:
    assert ask(tmp_path, ["\ud800 broken"]) == ["\ud800 broken"]


def test_who_waits_hears_how_far_it_is(tmp_path: Path) -> None:
    heard = []
    with VectorCache.open(tmp_path, CountingEncoder()) as cache:
        cache.matrix(TEXTS, lambda done, missing: heard.append((done, missing)))
    assert heard == [*((done, 1300) for done in range(256, 1300, 256)), (1300, 1300)]


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        ask(tmp_path, TEXTS, CountingEncoder(fail_after=1100))
    assert len(ask(tmp_path, TEXTS)) == 1300 - 1024


@pytest.mark.parametrize("file", ["hashes", "vectors.f16"])
def test_half_a_row_at_the_end_is_encoded_again(tmp_path: Path, file: str) -> None:
    ask(tmp_path, TEXTS)
    content = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(content[:-5])
    assert len(ask(tmp_path, TEXTS)) == 1
    assert ask(tmp_path, TEXTS) == []


@pytest.mark.parametrize("junk", [b"\0" * 64, b"\xff" * 64])
def test_rows_that_are_no_unit_vectors_are_forgotten_with_all_others(
    tmp_path: Path, junk: bytes
) -> None:
    ask(tmp_path, TEXTS)
    content = (tmp_path / "vectors.f16").read_bytes()
    (tmp_path / "vectors.f16").write_bytes(content[:640] + junk + content[640 + 64 :])
    assert len(ask(tmp_path, TEXTS)) == 1300


def test_another_encoder_begins_anew(tmp_path: Path) -> None:
    ask(tmp_path, TEXTS)
    assert len(ask(tmp_path, TEXTS, CountingEncoder("other weights"))) == 1300


def test_a_lost_or_unreadable_origin_begins_anew(tmp_path: Path) -> None:
    ask(tmp_path, TEXTS)
    (tmp_path / "origin.json").write_text("{")
    assert len(ask(tmp_path, TEXTS)) == 1300


def test_what_no_text_needs_any_more_can_be_forgotten(tmp_path: Path) -> None:
    ask(tmp_path, TEXTS)
    with VectorCache.open(tmp_path, CountingEncoder()) as cache:
        cache.forget_all_but([*TEXTS[100:200], "never seen"])
        assert len(cache) == 100
    assert (tmp_path / "hashes").stat().st_size == 100 * 16
    assert ask(tmp_path, TEXTS[100:200]) == []


def test_two_programs_do_not_fill_one_cache(tmp_path: Path) -> None:
    with (
        VectorCache.open(tmp_path, CountingEncoder()),
        pytest.raises(CacheBusy, match="wait until it is done"),
        VectorCache.open(tmp_path, CountingEncoder()),
    ):
        pass
