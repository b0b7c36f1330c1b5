"""Families eval: how sentences of unseen wordings are judged, and how honest the certainty is.

Usage: families.py. Each fifth of the templates of the mind's own examples, and then each fifth of
whole families of them, is judged by what was trained on the others. The temperature and the
certainty that the product asks for come from here. Prints a table and, last, one JSON object.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from recognisers import open_encoder

from luminous_daemon.core.understanding import is_unsure, join
from luminous_mind.intent.classifier import calibration_error
from luminous_mind.intent.masking import Masking, NoCatalogue
from luminous_mind.intent.model import Model, masked_examples
from luminous_mind.intent.recogniser import judgement
from luminous_protocol.grammar import recognise
from luminous_protocol.intents import CHANGING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from luminous_mind.intent.model import Known
    from luminous_protocol.understanding import Judgement

FOLDS = 5
OTHER = "other"
TEMPERATURES = np.geomspace(0.4, 3.0, 30)


class Judged(NamedTuple):
    """An example, and what those of other families say of it."""

    example: Known
    judgement: Judgement
    scores: NDArray[np.float64]
    kinds: tuple[str, ...]


def main() -> int:
    """Run the eval; the exit status is 0 whenever it could run."""
    known = masked_examples()
    vectors = open_encoder().encode([example.masked for example in known])
    result = {
        "templates": measured(known, vectors, lambda example: example.template),
        "families": measured(known, vectors, lambda example: example.template.partition("/")[0]),
    }
    print(json.dumps(result))
    return 0


def measured(
    known: Sequence[Known], vectors: NDArray[np.float32], group: Callable[[Known], str]
) -> dict[str, float]:
    """Judge each example without its group, print what came of it, and return the figures."""
    fold = np.array([zlib.crc32(group(example).encode()) % FOLDS for example in known])
    found = list(judged_by_others(known, vectors, fold))
    outcomes = Counter(outcome for item in found if (outcome := outcome_of(item)))
    temperature = best_temperature(found)
    sure = np.array([item.judgement.confidence for item in found])
    right = np.array([item.judgement.kind == item.example.kind for item in found])
    print(f"{len(found)} examples, {len(set(map(group, known)))} groups, each judged by the others")
    print(f"of the right kind: {right.mean():.3f}; temperature that fits best: {temperature:.2f}")
    for least in (0.5, 0.6, 0.7, 0.8, 0.9):
        kept = sure >= least
        print(f"certainty ≥ {least}: {kept.mean():.3f} of all, {right[kept].mean():.3f} right")
    print("joined with the rules, where those are unsure:")
    for name, count in sorted(outcomes.items()):
        print(f"  {name:<40} {count:>5}")
    return {
        "examples": len(found),
        "accuracy": round(float(right.mean()), 4),
        "temperature": round(temperature, 2),
        "calibration_error": round(calibration_error(sure, right), 4),
        **{name: outcomes[name] for name in sorted(outcomes)},
    }


def judged_by_others(
    known: Sequence[Known], vectors: NDArray[np.float32], fold: NDArray[np.int64]
) -> Iterator[Judged]:
    """Judge each example by a model that has seen none of its fold."""
    masking = Masking(NoCatalogue())
    for number in range(FOLDS):
        chosen = np.flatnonzero(fold != number)
        model = Model.trained([known[row] for row in chosen.tolist()], vectors[chosen])
        for row in np.flatnonzero(fold == number).tolist():
            example = known[row]
            told = judgement(model, masking.mask(example.text), vectors[row])
            chances = model.judge(vectors[row], example.masked)
            scores = np.log(np.array(list(chances.values())) + 1e-9)
            yield Judged(example, told, scores, tuple(chances))


def outcome_of(item: Judged) -> str:
    """Say what comes of it in the product; nothing where the rules are sure."""
    found = recognise(item.example.text)
    if not is_unsure(found):
        return ""
    joined = join(found, item.judgement)
    wanted, group = item.example.kind, "other" if item.example.kind == OTHER else "asked for"
    if not joined.intents:
        return f"{group}: nothing read"
    kind = joined.intents[0].kind
    if kind == wanted:
        return f"{group}: right"
    does = "asks about a change" if joined.question else "reads a change"
    return f"{group}: wrongly {does if kind in CHANGING else 'answers'}"


def best_temperature(found: list[Judged]) -> float:
    """Return what certainty is to be divided by, so that it is as often right as it says."""
    losses = []
    for temperature in TEMPERATURES:
        total = 0.0
        for item in found:
            scores = item.scores / temperature
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            total -= float(np.log(chances[item.kinds.index(item.example.kind)] + 1e-9))
        losses.append(total)
    return float(TEMPERATURES[int(np.argmin(losses))])


if __name__ == "__main__":
    sys.exit(main())
