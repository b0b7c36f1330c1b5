"""The mind's settings: defaults, then the file; what is wrong is named."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from luminous_mind.settings import MEANINGS, Settings, load
from luminous_protocol.errors import InvalidValue


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert load(tmp_path / "mind.toml") == Settings()


def test_the_file_changes_what_it_names(tmp_path: Path) -> None:
    file = tmp_path / "mind.toml"
    file.write_text('index = "/srv/index"\nidle_seconds = 5\n')
    assert load(file) == Settings(index=Path("/srv/index"), idle_seconds=5)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("index = 5", "mind.toml: index: "),
        ('index = "here"', "mind.toml: index: It is a whole path"),
        ("idle_seconds = 0", "mind.toml: idle_seconds: It is a number above 0"),
        ("idle_seconds = nan", "mind.toml: idle_seconds: It is a number above 0"),
        ("idle_secs = 1", "mind.toml: idle_secs: "),
        ("index = ", "mind.toml is not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "mind.toml"
    file.write_text(text)
    with pytest.raises(InvalidValue, match=complaint):
        load(file)


def test_every_setting_has_its_meaning() -> None:
    assert list(MEANINGS) == [field.name for field in fields(Settings)]
