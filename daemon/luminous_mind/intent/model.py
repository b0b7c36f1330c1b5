"""The model: the examples, their vectors and the classifier that was trained on them.

It is an artefact of its own beside the index, keyed by the digests of the examples, of the
words and names by which they are masked and of the encoder, so that it is made anew when one of
these is another.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from luminous_mind.artefact import ArtefactDamaged, Kind, read_artefact, write_artefact
from luminous_mind.intent import examples, masking
from luminous_mind.intent.classifier import Classifier
from luminous_mind.intent.features import features_of
from luminous_mind.intent.masking import Masking, NoCatalogue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from luminous_mind.artefact import Fact
    from luminous_mind.intent.features import SentenceEncoder

MODEL: Final = Kind(
    name="model of intents", format=1, remedy="It is made anew when somebody asks for something."
)
_DIGITS: Final = 16
_SMALL_WORDS: Final = """
a an the and or of to for in on at with my your our this that these those it its i we you me us is
are am be do does can could would will shall please just so now here there some any really very also
too then from by as have has had if well um uh hey hi hello ok okay dear sir kindly
"""
_SMALL: Final = frozenset(_SMALL_WORDS.split())
_WEIGHTS, _VECTORS, _EXAMPLES = "weights.npy", "vectors.npy", "examples.json"

TEMPERATURE: Final = 1.0
"""Makes probabilities honest, see tests/evals/results/intent-families.txt."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An example that a sentence is like, and how like it is (0 to 1)."""

    text: str
    kind: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Known:
    """An example, as it was written and as it is compared."""

    text: str
    masked: str
    kind: str
    template: str


@dataclass(frozen=True)
class Model:
    """What kinds of intents are told by."""

    classifier: Classifier
    known: Sequence[Known]
    vectors: NDArray[np.float32]

    @classmethod
    def made(cls, encoder: SentenceEncoder) -> Self:
        """Encode the examples and train on them, which takes some seconds."""
        known = masked_examples()
        return cls.trained(known, encoder.encode([example.masked for example in known]))

    @classmethod
    def trained(cls, known: Sequence[Known], vectors: NDArray[np.float32]) -> Self:
        """Train on examples and their vectors."""
        kinds = sorted({example.kind for example in known})
        labels = np.array([kinds.index(example.kind) for example in known])
        features = features_of(vectors, [example.masked for example in known])
        fitted = Classifier.trained(features, labels, kinds)
        return cls(replace(fitted, temperature=TEMPERATURE), known, vectors)

    @classmethod
    def open(cls, folder: Path, encoder: SentenceEncoder) -> Self:
        """Open the model of these examples and this encoder.

        Raises ArtefactMissing, ArtefactDamaged and ArtefactOutdated.
        """
        place = folder_of(folder, encoder)
        manifest = read_artefact(place, MODEL)
        kinds = str(manifest.facts.get("kinds", "")).split()
        try:
            weights, vectors = (np.load(place / name) for name in (_WEIGHTS, _VECTORS))
            rows = json.loads((place / _EXAMPLES).read_text(encoding="utf-8"))
            known = [Known(*row) for row in rows]
        except (ValueError, TypeError, OSError) as error:
            raise ArtefactDamaged(f"{place} is damaged: {error}. {MODEL.remedy}") from None
        return cls(Classifier(tuple(kinds), weights, TEMPERATURE), known, vectors)

    def save(self, folder: Path, encoder: SentenceEncoder) -> None:
        """Write it beside the index, in the place of those of before. Raises OSError."""
        rows = json.dumps([astuple(example) for example in self.known])

        def fill(unfinished: Path) -> dict[str, Fact]:
            np.save(unfinished / _WEIGHTS, self.classifier.weights)
            np.save(unfinished / _VECTORS, self.vectors)
            (unfinished / _EXAMPLES).write_text(rows, encoding="utf-8")
            return {"kinds": " ".join(self.classifier.kinds)}

        place = folder_of(folder, encoder)
        write_artefact(place, MODEL, fill)
        for other in folder.glob("intents-*/"):
            if other != place:
                shutil.rmtree(other, ignore_errors=True)

    def judge(self, vector: NDArray[np.float32], text: str) -> dict[str, float]:
        """Return how likely each kind is, of a masked sentence and its vector."""
        features = features_of(vector[None, :], [text])
        found = self.classifier.probabilities(features)[0]
        return dict(zip(self.classifier.kinds, found.tolist(), strict=True))

    def strange(self, kind: str, text: str) -> tuple[str, ...]:
        """Return the words of a masked sentence that no example of this kind has.

        Small words that say nothing may stand anywhere.
        """
        seen = self._words[kind]
        return tuple(word for word in text.split() if word not in seen and word not in _SMALL)

    @cached_property
    def _words(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {kind: set() for kind in self.classifier.kinds}
        for example in self.known:
            found[example.kind].update(example.masked.split())
        return found

    def neighbours(self, vector: NDArray[np.float32], most: int) -> tuple[Neighbour, ...]:
        """Return the examples that are most like a sentence, the likest first."""
        likeness = self.vectors @ vector
        nearest = np.argsort(-likeness, kind="stable")[:most]
        return tuple(
            Neighbour(self.known[row].text, self.known[row].kind, round(float(likeness[row]), 3))
            for row in nearest.tolist()
        )


def folder_of(folder: Path, encoder: SentenceEncoder) -> Path:
    """Return where the model of these examples, as they are masked, and this encoder lies."""
    parts = examples.digest(), masking.digest(), encoder.digest
    return folder / "-".join(("intents", *(part[:_DIGITS] for part in parts)))


def masked_examples() -> list[Known]:
    """Return the examples, each once as it is masked."""
    own = Masking(NoCatalogue())
    found: dict[tuple[str, str], Known] = {}
    for example in examples.read_examples():
        text = own.mask(example.text).text
        known = Known(example.text, text, example.kind, example.template)
        found.setdefault((text, example.kind), known)
    return list(found.values())
