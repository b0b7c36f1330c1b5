"""Names: those that are near are found, however many share a part of the name."""

from __future__ import annotations

import numpy as np

from luminous_mind.knowledge.names import Names


def names(*given: str) -> Names:
    """Index names, each of one document."""
    bearers = {name: [row] for row, name in enumerate(given)}
    return Names.of(bearers, np.zeros(len(given), np.float32))


def test_a_near_name_is_found_among_many_that_share_more_with_the_query() -> None:
    longer = [f"serverplugin{number}" for number in range(2000)]
    found = names(*longer, "serve").near("servo")
    assert [match.name for match in found] == ["serve"]


def test_a_name_in_another_script_is_near_one_of_its_letters_changed() -> None:
    found = names("видео", "firefox").near("видеа")
    assert [match.name for match in found] == ["видео"]


def test_of_names_that_are_as_near_always_the_same_are_found() -> None:
    many = [f"abcd{letter}{other}" for letter in "efghijklm" for other in "nopqrstuv"]
    forwards, backwards = names(*many), names(*reversed(many))
    for query in ("abcdxy", "abcden"):
        assert [match.name for match in forwards.near(query)] == [
            match.name for match in backwards.near(query)
        ]


def test_beginnings_are_counted_in_bytes_and_told_with_the_shortest_first() -> None:
    found = names("firefox", "firefoxesr", "fire", "water").beginning_with("fire")
    assert [match.name for match in found] == ["firefox", "firefoxesr"]
