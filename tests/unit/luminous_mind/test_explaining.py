"""A wrong name in a message is put right from the index, when it is like one that is there."""

from __future__ import annotations

import pytest

from luminous_mind.explaining import explain
from luminous_protocol.diagnosis.request import ExplainRequest
from luminous_protocol.errors import InvalidText, InvalidValue
from luminous_protocol.passages import Passage, SearchRequest

MAIN = "/etc/nixos/configuration.nix"


class Index:
    """Finds always the same, by name and why it was found."""

    def __init__(self, **found: str) -> None:
        self._found = found
        self.asked: list[SearchRequest] = []

    def search(self, request: SearchRequest) -> list[Passage]:
        self.asked.append(request)
        return [
            Passage(name, "", name.replace("_", "."), "", "", 0, "", 1.0, (why,))
            for name, why in self._found.items()
        ]


def of_option(name: str) -> str:
    said = f"error: The option `{name}' does not exist. Definition values:"
    return f"{said}\n       - In `{MAIN}': true\n"


def test_a_misspelt_package_is_put_right_and_can_be_repaired() -> None:
    index = Index(top="its words", htop="its name", gotop="its words")
    text = f"error: undefined variable 'htpo'\n  at {MAIN}:3:5:\n"
    found = explain(ExplainRequest(text), index)
    assert found.suggestions[0] == "htop"
    (repair,) = found.repairs
    assert (repair["old"], repair["new"], repair["line"]) == ("htpo", "htop", 3)
    assert index.asked == [SearchRequest("htpo", ("package",), 10)]


def test_of_a_package_that_is_not_in_scope_it_is_said_how_to_name_it() -> None:
    text = f"error: undefined variable 'htop'\n  at {MAIN}:3:5:\n"
    found = explain(ExplainRequest(text), Index(htop="its name", gotop="its words"))
    assert found.suggestions == ()
    assert found.repairs == ()
    assert found.advice == (
        "Write pkgs.htop, or `with pkgs;` before the brackets of the list that it stands in.",
    )


def test_a_name_is_never_put_in_the_place_of_itself() -> None:
    found = explain(ExplainRequest(of_option("words.host")), Index(words_host="its name"))
    assert found.suggestions == ()
    assert found.repairs == ()


@pytest.mark.parametrize("word", ["True", "None", "yes"])
def test_no_package_is_meant_by_a_value_of_another_language(word: str) -> None:
    text = f"error: undefined variable '{word}'\n  at {MAIN}:3:5:\n"
    index = Index(tree="its words", none="its name")
    assert explain(ExplainRequest(text), index).suggestions == ()
    assert index.asked == []


def test_an_option_s_former_name_stands_for_its_new_one_however_different() -> None:
    index = Index(networking_hostName="its former name words.host", words_hosts="its words")
    found = explain(ExplainRequest(of_option("words.host")), index)
    assert found.suggestions[0] == "networking.hostName"


def test_what_is_only_about_the_same_is_no_suggestion() -> None:
    index = Index(services_openssh_enable="its meaning")
    found = explain(ExplainRequest(of_option("services.teleport.active")), index)
    assert found.suggestions == ()
    assert found.repairs == ()


@pytest.mark.parametrize(
    "text",
    [
        "error: division by zero\n",
        of_option("services.words.enabel") + "\nDid you mean `services.words.enable'?\n",
        "all is well\n",
    ],
)
def test_the_index_is_asked_only_where_a_name_is_wrong_that_the_message_does_not_right(
    text: str,
) -> None:
    index = Index(words="its name")
    explain(ExplainRequest(text), index)
    assert index.asked == []


def test_without_an_index_the_message_explains_itself() -> None:
    found = explain(ExplainRequest("error: undefined variable 'htpo'\n"), None)
    assert found.kind == "undefined-variable"
    assert found.suggestions == ()


@pytest.mark.parametrize("text", ["", " \n", "x" * (1024 * 1024 + 1)])
def test_nothing_and_too_much_is_no_message(text: str) -> None:
    with pytest.raises(InvalidText):
        ExplainRequest(text)


@pytest.mark.parametrize("directory", ["", "etc", "/a\nb", "/" + "a" * 5000])
def test_a_configuration_is_a_whole_path(directory: str) -> None:
    with pytest.raises(InvalidValue):
        ExplainRequest("error: x", directory)
