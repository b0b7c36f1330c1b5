"""Judging: sentences compared with examples, once what that takes has been opened.

Encoder and model are opened beside the first questions, which are turned away; who asks has the
rules meanwhile. Where there is no model of these examples yet, it is made.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from threading import Thread
from typing import TYPE_CHECKING, Protocol

from luminous_mind.artefact import ArtefactUnusable
from luminous_protocol.errors import InvalidText, NotReady
from luminous_protocol.frames import BadFrame, parse
from luminous_protocol.understanding import Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from luminous_mind.intent.masking import Catalogue
    from luminous_mind.worker import Method
    from luminous_protocol.frames import Value
    from luminous_protocol.understanding import Judgement

    Params = dict[str, Value]
    Steps = Generator[Value, None, Value]

_log = logging.getLogger("luminous-mind")


class Judge(Protocol):
    """Who judges sentences."""

    def judge(self, text: str) -> Judgement:
        """Say what a sentence asks for, and how sure that is."""


class Judging:
    """Judges sentences with what `open_judge` gives, which takes its time."""

    def __init__(self, open_judge: Callable[[], Judge]) -> None:
        """Open nothing before somebody asks."""
        self._open_judge = open_judge
        self._judge: Judge | None = None
        self._problem = "The examples are being read. Ask again in a moment."
        self.opening: Thread | None = None

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by name."""
        return {"judge": self.judge}

    def judge(self, params: Params) -> Steps:
        """Return what a sentence asks for."""
        try:
            sentence = parse(Sentence, params)
        except BadFrame as bad:
            raise InvalidText(bad.message) from None
        yield from ()
        if self.opening is None:
            self.opening = Thread(target=self._open, daemon=True)
            self.opening.start()
        if self._judge is None:
            raise NotReady(self._problem)
        return _to_plain(self._judge.judge(sentence.text))

    def _open(self) -> None:
        try:
            self._judge = self._open_judge()
        except (ArtefactUnusable, ImportError, OSError) as error:
            self._problem = f"Sentences are compared with no examples: {error}"
            _log.warning("%s", self._problem)


def open_recogniser(index: Path, encoder: Path | None, catalogue: Catalogue) -> Judge:
    """Open the encoder and its model, which is kept beside the index.

    Raises ArtefactUnusable of the encoder, and ImportError where a library is missing.
    """
    from luminous_mind.engine.encoder import ENCODER, open_shared
    from luminous_mind.intent.model import Model
    from luminous_mind.intent.recogniser import Recogniser

    if encoder is None:
        raise ArtefactUnusable(f"There is no {ENCODER.name} in the settings.")
    opened = open_shared(encoder)
    try:
        model = Model.open(index, opened)
    except ArtefactUnusable:
        model = Model.made(opened)
        try:
            model.save(index, opened)
        except OSError as error:
            _log.warning("the model of intents is not kept: %s", error)
    return Recogniser(opened, model, catalogue)


def _to_plain(judged: Judgement) -> Value:
    plain = asdict(judged)
    return {
        **plain,
        "slots": None if judged.slots is None else [dict(slots) for slots in judged.slots],
        "strange": list(judged.strange),
        "likenesses": [asdict(near) for near in judged.likenesses],
    }
