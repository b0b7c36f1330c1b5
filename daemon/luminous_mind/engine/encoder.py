"""The encoder: texts to unit vectors, with ONNX Runtime on one thread.

It opens what `luminous_mind.engine.export` wrote. NumPy, ONNX Runtime and the tokenizer are
imported when an encoder is opened, not with this module.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol, Self

from luminous_mind.artefact import MANIFEST, ArtefactDamaged, Kind, read_artefact

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from tokenizers import Tokenizer

    from luminous_mind.artefact import Manifest

    Vectors = npt.NDArray[np.float32]

ENCODER: Final = Kind(
    name="sentence encoder",
    format=1,
    remedy="Make it with `python -m luminous_mind.engine.export FOLDER`; "
    "without it, search goes by words and references only.",
)
MODEL: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"

# More gain nothing on one thread, and lose where lengths differ.
_BATCH: Final = 8
_MOST_PADDING: Final = 8
# What is held between the layers grows with this.
_TOKENS_AT_ONCE: Final = 512
# What a text is cut to before it is read at all; the model's window is full long before.
_CHARACTERS_PER_TOKEN: Final = 32


class _Session(Protocol):
    def run(self, outputs: None, inputs: Mapping[str, object]) -> Sequence[Vectors]: ...


@dataclass(frozen=True, slots=True)
class Traits:
    """What a manifest says of an encoder; `digest` changes when anything about it does."""

    name: str
    dimensions: int
    tokens: int
    digest: str


class Encoder:
    """A sentence encoder of fixed weights."""

    def __init__(self, session: _Session, tokenizer: Tokenizer, traits: Traits) -> None:
        """Use these parts; `open` finds and checks them."""
        self._session = session
        self._tokenizer = tokenizer
        self.traits = traits

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the encoder in `folder`.

        Raises ArtefactMissing, ArtefactDamaged and ArtefactOutdated.
        """
        return cls(*_open_parts(folder, _traits(folder, read_artefact(folder, ENCODER))))

    @property
    def dimensions(self) -> int:
        """How long each vector is."""
        return self.traits.dimensions

    @property
    def digest(self) -> str:
        """What changes when the weights, the tokenizer or their traits do."""
        return self.traits.digest

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a float32 matrix with one row of unit length for each text, in their order."""
        import numpy as np

        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        if not texts:
            return vectors
        tokens = [
            tokens.ids
            for tokens in self._tokenizer.encode_batch_fast([self._clean(text) for text in texts])
        ]
        for rows in _batches(tokens):
            vectors[rows] = self._encode_batch([tokens[row] for row in rows])
        return vectors

    def _clean(self, text: str) -> str:
        """Cut what no window holds, and replace lone surrogates, which are no text."""
        short = text[: self.traits.tokens * _CHARACTERS_PER_TOKEN]
        return short.encode("utf-8", "replace").decode()

    def _encode_batch(self, batch: list[list[int]]) -> Vectors:
        import numpy as np

        width = max(map(len, batch))
        ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros((len(batch), width), dtype=np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        hidden = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        # The mean over the tokens that are there, at unit length: the pooling of this model.
        pooled = np.matmul(mask[:, None, :].astype(np.float32), hidden)[:, 0, :]
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


_opening: Final = Lock()


def open_shared(folder: Path) -> Encoder:
    """Open the encoder in `folder`, or return it where somebody has opened it before.

    It takes a hundred megabytes. Raises what `Encoder.open` raises.
    """
    with _opening:
        try:
            stamp = (folder / MANIFEST).stat().st_mtime_ns
        except OSError:
            return Encoder.open(folder)  # which says what is wrong
        return _opened(folder, stamp)


@lru_cache(maxsize=1)
def _opened(folder: Path, _stamp: int) -> Encoder:
    return Encoder.open(folder)


def load_encoder(folder: Path, traits: Traits) -> Encoder:
    """Return the encoder of these traits from files that have no manifest yet."""
    return Encoder(*_open_parts(folder, traits))


def _open_parts(folder: Path, traits: Traits) -> tuple[_Session, Tokenizer, Traits]:
    return _open_session(folder / MODEL), _open_tokenizer(folder / TOKENIZER, traits), traits


def _batches(tokens: list[list[int]]) -> Iterator[list[int]]:
    """Give row numbers in batches of similar length.

    Padding costs time, and shifts the scales by which int8 rounds.
    """
    batch: list[int] = []
    for row in sorted(range(len(tokens)), key=lambda row: len(tokens[row])):
        width = len(tokens[row])
        if batch and (
            len(batch) == _BATCH
            or (len(batch) + 1) * width > _TOKENS_AT_ONCE
            or width > len(tokens[batch[0]]) + _MOST_PADDING
        ):
            yield batch
            batch = []
        batch.append(row)
    yield batch


def _traits(folder: Path, manifest: Manifest) -> Traits:
    facts = manifest.facts
    try:
        return Traits(
            name=str(facts["name"]),
            dimensions=int(facts["dimensions"]),
            tokens=int(facts["tokens"]),
            digest=manifest.digest,
        )
    except (KeyError, ValueError):
        raise ArtefactDamaged(
            f"The manifest of the encoder in {folder} lacks facts. {ENCODER.remedy}"
        ) from None


def _open_session(model: Path) -> _Session:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread: on a busy machine of few cores more of them wait for one another.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Without an arena and its patterns memory goes back after a long batch.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    try:
        session: _Session = onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # ONNX Runtime's errors have no root of their own
        raise ArtefactDamaged(
            f"ONNX Runtime cannot load {model}: {error}. {ENCODER.remedy}"
        ) from error
    return session


def _open_tokenizer(file: Path, traits: Traits) -> Tokenizer:
    # Read when the library is imported or first used: its threads would only wait for one another.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the tokenizer's library raises Exception itself
        raise ArtefactDamaged(f"{file} is no tokenizer: {error}. {ENCODER.remedy}") from error
    tokenizer.enable_truncation(traits.tokens)
    tokenizer.no_padding()
    return tokenizer
