"""Each kind of message is recognised, with the place that it names."""

from __future__ import annotations

import pytest
from broken import Told, caused, told

from luminous_protocol.diagnosis import diagnose, from_dict, to_dict
from luminous_protocol.diagnosis.kinds import kinds

TRACE = """\
error:
       … while evaluating the option `environment.variables':

       … while evaluating definitions from `/etc/nixos/words.nix':

         at /etc/nixos/words.nix:7:3:
            6|
            7|   environment.variables.A = config.a;
             |   ^

       … while calling a function
         at /nix/store/0cmgdd4v85h5wkyh2y1kwzf9v9b9w2sx-source/lib/modules.nix:846:9:
          846|         in

       (stack trace truncated; use '--show-trace' to show the full, detailed trace)

       error: infinite recursion encountered
       at /nix/store/0cmgdd4v85h5wkyh2y1kwzf9v9b9w2sx-source/lib/types.nix:12:1:
"""


@pytest.mark.parametrize("case", told(), ids=lambda case: case.name)
def test_a_message_is_of_its_kind_and_names_its_place(case: Told) -> None:
    found = diagnose(case.text)
    assert found.kind == case.kind
    assert str(found.place or "") == case.place
    assert found.summary.endswith((".", "?")) or ": " in found.summary
    assert "{" not in found.summary
    assert found.is_known == (case.kind != "unknown")


def test_each_kind_is_shown_by_a_message() -> None:
    shown = {case.kind for case in told()} | {case.kind for case in caused()}
    assert {kind.name for kind in kinds()} <= shown
    assert len(kinds()) >= 45


def test_each_kind_says_why_and_what_to_do_in_sentences() -> None:
    for kind in kinds():
        assert kind.summary.endswith((".", "}", "left.")), kind.name
        assert kind.cause[:1].isupper() or kind.cause[0] == "{", kind.name
        assert kind.advice, kind.name


def test_the_names_of_kinds_are_unique() -> None:
    names = [kind.name for kind in kinds()]
    assert sorted(set(names)) == sorted(names)


def test_an_error_thrown_in_nixpkgs_is_placed_where_the_person_s_own_file_leads_to_it() -> None:
    assert str(diagnose(TRACE).place) == "/etc/nixos/words.nix:7:3"


def test_a_file_of_a_flake_is_named_where_the_flake_really_is() -> None:
    text = (
        "error: undefined variable 'htpo'\n"
        "  at /nix/store/1qs3ammx7nmffyz2yzhn0hvhpyh9y5mc-source/host.nix:3:5:\n"
    )
    assert str(diagnose(text, "/home/ada/machine").place) == "/home/ada/machine/host.nix:3:5"


def test_the_first_build_that_failed_is_explained_and_not_what_needed_it() -> None:
    text = (
        "error: builder for '/nix/store/1qs3ammx7nmffyz2yzhn0hvhpyh9y5mc-a.drv' failed with exit "
        "code 1;\n"
        "error: 1 dependencies of derivation '/nix/store/1qs3ammx7nmffyz2yzhn0hvhpyh9y5mc-b.drv' "
        "failed to build\n"
    )
    found = diagnose(text)
    assert found.kind == "builder-failed"
    assert found.summary == "a does not build."


def test_a_package_that_is_refused_is_allowed_alone() -> None:
    text = "error: Package 'words-1.0' in /x.nix:1 has an unfree license ('unfree'), refusing"
    allowed = {"kind": "allow-package", "package": "words-1.0", "reason": "unfree"}
    assert diagnose(text).repairs == (allowed,)


def test_of_names_that_are_offered_only_those_like_the_wrong_one_are_suggestions() -> None:
    text = (
        "error: The option `services.words.enabel' does not exist. Definition values:\n"
        "       - In `/etc/nixos/configuration.nix': true\n\n"
        "       Did you mean `services.words.enable', `services.words.user' or `services.dns'?\n"
    )
    found = diagnose(text)
    assert found.suggestions == ("services.words.enable",)
    (repair,) = found.repairs
    assert repair["operation"] == "rename"
    assert (repair["old"], repair["new"]) == ("services.words.enabel", "services.words.enable")


@pytest.mark.parametrize(
    "said",
    [
        "has conflicting definition values:",
        "is defined multiple times while it's expected to be unique.\n       Definition values:",
    ],
)
def test_of_a_value_that_is_defined_twice_both_files_are_named(said: str) -> None:
    copy = "/nix/store/1qs3ammx7nmffyz2yzhn0hvhpyh9y5mc-source"
    text = (
        f"error: The option `time.timeZone' {said}\n"
        '       - In `/etc/nixos/configuration.nix\': "UTC"\n'
        f'       - In `{copy}/other.nix\': "CET"\n'
    )
    advice = diagnose(text).advice
    assert advice[0] == "It is set in /etc/nixos/configuration.nix and in /etc/nixos/other.nix."
    assert len(advice) == 2
    assert len(diagnose(text.partition("       - In")[0]).advice) == 1


def test_an_unknown_message_keeps_its_errors_and_the_last_place_of_a_person_s_own() -> None:
    text = (
        "building the system configuration...\n"
        "error:\n       … while calling a function\n"
        "         at /etc/nixos/words.nix:3:1:\n\n"
        "       error: the words are in the wrong order\n"
    )
    found = diagnose(text)
    assert not found.is_known
    assert found.excerpt == (
        "error: the words are in the wrong order",
        "at /etc/nixos/words.nix:3:1",
    )
    assert not found.repairs
    assert not found.cause


def test_an_unknown_build_log_keeps_its_last_ten_lines() -> None:
    found = diagnose("\n".join(f"step {number}" for number in range(1000)))
    assert found.excerpt == tuple(f"step {number}" for number in range(990, 1000))


def test_of_nothing_it_is_said_that_there_is_nothing() -> None:
    assert diagnose(" \n").summary == "There is no message: nothing was printed."


@pytest.mark.parametrize("case", told(), ids=lambda case: case.name)
def test_a_diagnosis_is_the_same_after_a_journey_as_plain_data(case: Told) -> None:
    found = diagnose(case.text)
    assert from_dict(to_dict(found)) == found
