"""Recognisers: the layers that understand a sentence, alone and as the product joins them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from luminous_daemon.core.understanding import is_unsure, join
from luminous_mind.engine.encoder import Encoder
from luminous_mind.intent.model import Model
from luminous_mind.intent.recogniser import Recogniser
from luminous_protocol.grammar import recognise
from luminous_protocol.grammar.recogniser import UNKNOWN
from luminous_protocol.intents import IntentKind, Recognition
from luminous_protocol.understanding import MAX_SENTENCE
from luminous_sandbox.cache import cache_dir
from luminous_sandbox.encoder import find_encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luminous_protocol.understanding import Judgement

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
CATALOGUE = SHARED / "nixpkgs-packages-2025-09.jsonl"
RULES, SEMANTIC = "rules", "semantic"


@dataclass(frozen=True)
class Understood:
    """What was understood, by which layer, and how sure the classifier was where it was asked."""

    found: Recognition
    layer: str
    judged: Judgement | None = None


class Packages:
    """The catalogue as the mind has it in its index: names of packages, and their attributes."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Know the packages with these names in small letters."""
        self._names = names

    def package(self, word: str) -> str:
        """Return the attribute of the package with this name, or nothing."""
        return self._names.get(word.casefold(), "")


@cache
def attributes() -> dict[str, str]:
    """Return the attributes of packages of their own, by their names in small letters."""
    if not CATALOGUE.exists():
        return {}
    with CATALOGUE.open(encoding="utf-8") as lines:
        found = (json.loads(line)["attr"] for line in lines)
        return {name.casefold(): name for name in found if "." not in name}


@cache
def open_encoder() -> Encoder:
    """Open the sentence encoder, or end with what to do."""
    place = find_encoder()
    if place is None:
        raise SystemExit("There is no sentence encoder. To make it: make encoder")
    return Encoder.open(place)


@cache
def judge() -> Recogniser:
    """Open the mind's recogniser, with a model that is made once and kept."""
    encoder = open_encoder()
    folder = cache_dir() / "intents"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        model = Model.open(folder, encoder)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, a new one is made
        model = Model.made(encoder)
        model.save(folder, encoder)
    return Recogniser(encoder, model, Packages(attributes()))


def rules(text: str) -> Understood:
    """Understand by the rules alone."""
    return Understood(recognise(text), RULES)


def semantic(text: str) -> Understood:
    """Understand by likeness alone, as if no rule had read anything; guards stay."""
    found = recognise(text)
    if not found.intents and not is_unsure(found):
        return Understood(found, RULES)
    if len(text) > MAX_SENTENCE:
        return Understood(Recognition(question=UNKNOWN), SEMANTIC)
    judged = judge().judge(text)
    return Understood(join(Recognition(question=UNKNOWN), judged), SEMANTIC, judged)


def every(text: str) -> Understood:
    """Understand as the product does: by the rules, and by likeness where they are unsure."""
    found = recognise(text)
    if not is_unsure(found) or len(text) > MAX_SENTENCE:
        return Understood(found, RULES)
    judged = judge().judge(text)
    joined = join(found, judged)
    return Understood(joined, RULES if joined is found else SEMANTIC, judged)


RECOGNISERS: dict[str, Callable[[str], Understood]] = {
    "rules": rules,
    "semantic": semantic,
    "all": every,
}
KINDS = frozenset(kind.value for kind in IntentKind)
