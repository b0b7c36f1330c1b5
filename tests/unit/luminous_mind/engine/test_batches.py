"""The encoder hands its model small batches of texts that go well together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from luminous_mind.engine.encoder import Encoder, Traits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt


class WordTokenizer:
    """Gives each word the token of its length."""

    def encode_batch_fast(self, texts: list[str]) -> list[SimpleNamespace]:
        return [SimpleNamespace(ids=[len(word) for word in text.split()]) for text in texts]


class EchoSession:
    """Answers with the tokens themselves, one-hot, and remembers how large each batch was."""

    def __init__(self) -> None:
        self.batches: list[npt.NDArray[np.int64]] = []

    def run(self, _outputs: None, inputs: Mapping[str, Any]) -> Sequence[npt.NDArray[np.float32]]:
        self.batches.append(inputs["attention_mask"].sum(axis=1))
        return [np.eye(16, dtype=np.float32)[inputs["input_ids"]]]


@pytest.fixture
def session() -> EchoSession:
    return EchoSession()


@pytest.fixture
def encoder(session: EchoSession) -> Encoder:
    traits = Traits(name="echo", dimensions=16, tokens=256, digest="")
    tokenizer: Any = WordTokenizer()
    return Encoder(session, tokenizer, traits)


def test_batches_are_small_and_of_similar_length(encoder: Encoder, session: EchoSession) -> None:
    encoder.encode(["word " * (number * 37 % 250 + 1) for number in range(200)])
    assert sum(map(len, session.batches)) == 200
    for lengths in session.batches:
        assert len(lengths) <= 8
        assert lengths.max() * len(lengths) <= 512
        assert lengths.max() - lengths.min() <= 8


def test_padding_has_no_part_in_the_mean(encoder: Encoder) -> None:
    short, long = encoder.encode(["a", "a a a bb bb bb"])
    assert short.tolist() == np.eye(16)[1].tolist()
    assert long == pytest.approx((np.eye(16)[1] + np.eye(16)[2]) / np.sqrt(2))


def test_each_row_is_that_of_its_text(encoder: Encoder) -> None:
    texts = ["x" * (number % 15 + 1) + " x" * (number % 5) for number in range(50)]
    rows = encoder.encode(texts)
    for text, row in zip(texts, rows, strict=True):
        assert row == pytest.approx(encoder.encode([text])[0]), text
