"""Who asks before the examples are open is turned away at once, and not kept waiting."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from luminous_mind.artefact import ArtefactMissing
from luminous_mind.judging import Judging, open_recogniser
from luminous_protocol.errors import InvalidText, NotReady
from luminous_protocol.frames import parse
from luminous_protocol.understanding import MAX_SENTENCE, Judgement, Likeness

if TYPE_CHECKING:
    from pathlib import Path

    from luminous_mind.judging import Judge
    from luminous_protocol.frames import Value

TOLD = Judgement(
    "remove",
    0.9,
    "other",
    ({"package": "vim"},),
    {"vim": "'Vim'"},
    ("purple",),
    (Likeness("ditch vim", "remove", 0.8),),
)


class Sure:
    """Says the same of every sentence."""

    def judge(self, _text: str) -> Judgement:
        """Say it."""
        return TOLD


def ask(judging: Judging, text: str) -> Value:
    """Return the end of the one method."""
    steps = judging.methods()["judge"]({"text": text})
    try:
        next(steps)
    except StopIteration as end:
        told: Value = end.value
        return told
    raise AssertionError("a judgement has no parts")


def test_the_first_who_asks_is_turned_away_and_the_next_is_answered() -> None:
    gate = Event()

    def open_judge() -> Judge:
        gate.wait(10)
        return Sure()

    judging = Judging(open_judge)
    for _ in range(2):
        with pytest.raises(NotReady, match="in a moment"):
            ask(judging, "ditch vim")
    gate.set()
    assert judging.opening is not None
    judging.opening.join(10)
    assert parse(Judgement, ask(judging, "ditch vim")) == TOLD


def test_without_an_encoder_the_reason_is_told(tmp_path: Path) -> None:
    def open_judge() -> Judge:
        raise ArtefactMissing("There is no sentence encoder in /nowhere.")

    judging = Judging(open_judge)
    with pytest.raises(NotReady):
        ask(judging, "ditch vim")
    assert judging.opening is not None
    judging.opening.join(10)
    with pytest.raises(NotReady, match="no sentence encoder in /nowhere"):
        ask(judging, "ditch vim")
    with pytest.raises(Exception, match="sentence encoder"):
        open_recogniser(tmp_path, None, judging)  # type: ignore[arg-type] # no catalogue is asked


@pytest.mark.parametrize("text", ["", "  ", "x" * (MAX_SENTENCE + 1)])
def test_what_is_no_sentence_is_refused(text: str) -> None:
    with pytest.raises(InvalidText):
        ask(Judging(Sure), text)
