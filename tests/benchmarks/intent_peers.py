"""What somebody could take instead to tell intents, given the very examples that the mind has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luminous_mind.intent.examples import OTHER, read_examples
from luminous_protocol.grammar.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    Tell = Callable[[str], str]

_LIKE: Final = 75
"""Of a hundred. Below that nothing is read."""


def rapidfuzz() -> Tell:
    """Return what takes the example whose letters are most alike."""
    from rapidfuzz import fuzz, process

    known = {fold(example.text): example.kind for example in read_examples()}
    texts = list(known)

    def tell(text: str) -> str:
        scorer = fuzz.token_sort_ratio
        found = process.extract(fold(text), texts, scorer=scorer, score_cutoff=_LIKE, limit=1)
        return known[found[0][0]] if found else OTHER

    return tell


def linear() -> Tell:
    """Return a linear classifier over words and pairs of them, weighed by how rare they are."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    known = read_examples()
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, preprocessor=fold)
    model = make_pipeline(words, LogisticRegression(C=20, max_iter=400))
    model.fit([example.text for example in known], [example.kind for example in known])
    return lambda text: str(model.predict([text])[0])


PEERS: dict[str, Callable[[], Tell]] = {
    "rapidfuzz": rapidfuzz,
    "TF-IDF + logistic regression": linear,
}
