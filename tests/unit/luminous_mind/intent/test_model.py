"""A model is trained on examples, kept, opened again, and never taken for one of other examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from luminous_mind.artefact import ArtefactDamaged, ArtefactMissing
from luminous_mind.intent import examples, masking
from luminous_mind.intent.classifier import Classifier, calibration_error
from luminous_mind.intent.examples import Example
from luminous_mind.intent.masking import NoCatalogue
from luminous_mind.intent.model import Model, folder_of
from luminous_mind.intent.recogniser import Recogniser
from tests.unit.luminous_mind.intent.sentences import WordEncoder

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

FEW = [
    Example(f"{verb} {name}", kind, f"{kind}.order/0")
    for kind, verbs in {
        "install": ("fetch", "hand me", "bring along"),
        "remove": ("banish", "throw out", "take off"),
        "other": ("sing about", "forget about", "paint"),
    }.items()
    for verb in verbs
    for name in ("firefox", "that and this")
]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """Give a model of a few examples."""
    monkeypatch.setattr(examples, "read_examples", lambda: FEW)
    return Model.made(WordEncoder())


def test_a_sentence_is_judged_by_the_examples_that_it_is_like(model: Model) -> None:
    judged = Recogniser(WordEncoder(), model, NoCatalogue()).judge("Banish VLC!")
    assert (judged.kind, judged.slots) == ("remove", ({"package": "vlc"},))
    assert judged.likenesses[0].text == "banish firefox"
    assert judged.likenesses[0].likeness == pytest.approx(1.0, abs=0.01)
    assert judged.sources == {"vlc": "'VLC', the grammar's lists"}


def test_words_that_no_example_of_the_kind_has_are_told(model: Model) -> None:
    assert model.strange("remove", "please banish the purple firefox") == ("purple",)


def test_what_is_no_sentence_is_judged_to_be_nothing(model: Model) -> None:
    recogniser = Recogniser(WordEncoder(), model, NoCatalogue())
    assert recogniser.judge("  ").confidence == 0
    assert recogniser.judge("so " * 200).confidence == 0


def test_a_model_that_was_kept_judges_the_same(model: Model, tmp_path: Path) -> None:
    encoder = WordEncoder()
    model.save(tmp_path, encoder)
    opened = Model.open(tmp_path, encoder)
    sentence = "hand me firefox"
    vector = encoder.encode([sentence])[0]
    assert opened.judge(vector, sentence) == model.judge(vector, sentence)
    assert opened.neighbours(vector, 1) == model.neighbours(vector, 1)


@pytest.mark.parametrize("part", [examples, masking])
def test_a_model_of_other_examples_or_other_names_is_none(
    part: ModuleType, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model.save(tmp_path, WordEncoder())
    monkeypatch.setattr(part, "digest", lambda: "another digest")
    with pytest.raises(ArtefactMissing):
        Model.open(tmp_path, WordEncoder())


def test_a_model_that_is_kept_takes_the_place_of_those_of_before(
    model: Model, tmp_path: Path
) -> None:
    (tmp_path / "intents-of-before").mkdir()
    model.save(tmp_path, WordEncoder())
    assert list(tmp_path.iterdir()) == [folder_of(tmp_path, WordEncoder())]


def test_a_damaged_model_is_known_as_one(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path, WordEncoder())
    (folder_of(tmp_path, WordEncoder()) / "weights.npy").write_bytes(b"nothing")
    with pytest.raises(ArtefactDamaged):
        Model.open(tmp_path, WordEncoder())


def test_a_temperature_makes_overconfident_scores_honest() -> None:
    features = np.eye(2, dtype=np.float32)
    trained = Classifier.trained(features, np.array([0, 1]), ("a", "b"))
    scores = np.array([[9.0, 0.0]] * 10, np.float32)
    labels = np.array([0] * 7 + [1] * 3)
    calibrated = trained.calibrated(scores, labels)
    assert calibrated.temperature > trained.temperature


def test_the_error_of_calibration_is_how_far_certainty_is_from_the_truth() -> None:
    right = np.array([True] * 7 + [False] * 3)
    assert calibration_error(np.full(10, 0.7), right) == pytest.approx(0.0)
    assert calibration_error(np.full(10, 0.95), right) == pytest.approx(0.25)
