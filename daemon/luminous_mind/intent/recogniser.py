"""The recogniser: judges a sentence by the examples that it is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luminous_mind.intent.masking import Masking
from luminous_mind.intent.slots import slots_of
from luminous_protocol.understanding import Judgement, Likeness

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from luminous_mind.intent.features import SentenceEncoder
    from luminous_mind.intent.masking import Catalogue, Masked
    from luminous_mind.intent.model import Model

_TOLD: Final = 3
_LONGEST: Final = 60


class Recogniser:
    """Judges sentences. It can only judge: what is done is decided elsewhere."""

    def __init__(self, encoder: SentenceEncoder, model: Model, catalogue: Catalogue) -> None:
        """Judge with a model that was made with this encoder."""
        self._encoder, self._model, self._masking = encoder, model, Masking(catalogue)

    def judge(self, text: str) -> Judgement:
        """Say what a sentence asks for, how sure that is, and by what it is told."""
        masked = self._masking.mask(text)
        if not 0 < len(masked.clause) <= _LONGEST:
            return Judgement("other", 0.0)
        return judgement(self._model, masked, self._encoder.encode([masked.text])[0])


def judgement(model: Model, masked: Masked, vector: NDArray[np.float32]) -> Judgement:
    """Return what a masked sentence with this vector asks for."""
    chances = model.judge(vector, masked.text)
    kind, second = sorted(chances, key=lambda name: -chances[name])[:2]
    found = slots_of(kind, masked)
    return Judgement(
        kind,
        round(chances[kind], 3),
        second,
        None if found is None else tuple(found),
        _sources(masked),
        model.strange(kind, masked.text),
        tuple(
            Likeness(near.text, near.kind, near.likeness)
            for near in model.neighbours(vector, _TOLD)
        ),
    )


def _sources(masked: Masked) -> dict[str, str]:
    return {
        name: f"{' '.join(masked.clause.raws[mention.start : mention.end])!r}, {mention.source}"
        for mention in masked.mentions
        for name in (mention.package, mention.service.name if mention.service else "")
        if name
    }
