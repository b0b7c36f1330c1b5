"""Categories: what the words of a query are for, and how surely."""

from __future__ import annotations

import pytest

from luminous_mind.knowledge.categories import Categories
from luminous_mind.knowledge.terms import stem

CATEGORIES = Categories(
    [
        {"words": ["film|video", "editor|cut"], "members": ["kdenlive"]},
        {"words": ["firewall|network", "firewall|zone"], "members": ["firewalld"]},
        {"words": ["editor"], "members": ["vim"]},
    ],
    "members",
)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (["video", "editor"], {"kdenlive": 1.0}),  # what fits well stands alone
        (["editor"], {"vim": 1.0}),
        (["firewall"], {"firewalld": 0.5}),  # one word for two groups may mean the firewall itself
        (["firewall", "zone"], {"firewalld": 1.0}),
        (["video"], {}),
    ],
)
def test_a_category_is_meant_where_its_words_are_and_the_surer_the_more(
    asked: list[str], meant: dict[str, float]
) -> None:
    assert CATEGORIES.meant(list(map(stem, asked))) == meant
