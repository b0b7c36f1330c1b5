"""Glosses: own words for what things are for, which are whole and belong to what they say."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from luminous_mind.knowledge.documents import OPTION, PACKAGE, Document
from luminous_mind.knowledge.glosses import with_glosses

FOLDER = files("luminous_mind") / "data/glosses"
KINDS = {"services": OPTION, "options": OPTION, "packages": PACKAGE}
_NAME = re.compile(r"[\w<>*.+\"/-]+")
_LONGEST = 200


@pytest.mark.parametrize("file", KINDS)
def test_glosses_are_short_plain_and_in_order(file: str) -> None:
    glosses = tomllib.loads((FOLDER / f"{file}.toml").read_text(encoding="utf-8"))
    assert list(glosses) == sorted(glosses)
    for name, gloss in glosses.items():
        assert _NAME.fullmatch(name), name
        assert gloss.isprintable(), name
        assert 0 < len(gloss) <= _LONGEST, name


def test_a_gloss_joins_the_document_it_is_about_and_no_other() -> None:
    here = Document("package:vlc", PACKAGE, "vlc", "Cross-platform media player")
    there = Document("option:vlc", OPTION, "vlc", "")
    glossed, plain = with_glosses([here, there])
    assert "movies" in glossed.gloss
    assert (glossed.text, plain) == (here.text, there)
