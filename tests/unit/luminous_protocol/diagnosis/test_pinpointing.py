"""Where the person's files can be read, the very place is found, and what mends it."""

from __future__ import annotations

from typing import Any

import pytest

from luminous_protocol.diagnosis import diagnose
from luminous_protocol.diagnosis.hashes import spellings
from luminous_protocol.diagnosis.pinpointing import pinpoint
from luminous_protocol.diagnosis.tokens import Source
from tests.unit.luminous_protocol.diagnosis.files import MAIN, Files


def found(message: str, **texts: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    """Return the place and the repairs of a message about these files."""
    diagnosis = pinpoint(diagnose(message), Files(**texts))
    return str(diagnosis.place or ""), tuple(map(dict, diagnosis.repairs))


def of_option(option: str, wrong: str, value: str = "x") -> str:
    """Return what the module system says of a definition in the main file."""
    said = f"error: A definition for option `{option}' is not of type `{wrong}'."
    return f"{said} Definition values:\n       - In `{MAIN}': {value}\n"


def test_the_semicolon_is_missing_at_the_end_of_the_definition_before() -> None:
    text = "{\n  a = 1 # one\n\n  b.c = 2;\n}\n"
    message = f"error: syntax error, unexpected '=', expecting ';'\n at {MAIN}:4:7:\n"
    place, (repair,) = found(message, configuration=text)
    assert place == f"{MAIN}:2:8"
    assert (repair["line"], repair["column"]) == (4, 3)
    assert (repair["old"], repair["new"]) == ("b", ";")


def test_a_bracket_is_closed_in_front_of_the_semicolon() -> None:
    text = "{\n  a = [ 1 2;\n}\n"
    message = f"error: syntax error, unexpected ';'\n at {MAIN}:2:12:\n"
    place, (repair,) = found(message, configuration=text)
    assert place == f"{MAIN}:2:12"
    assert (repair["old"], repair["new"]) == (";", "]")


@pytest.mark.parametrize(("text", "count"), [("{ a = 1;\n", 1), ("{ a = [ 1\n", 0)])
def test_one_bracket_is_closed_at_the_end_and_several_are_left_to_the_person(
    text: str, count: int
) -> None:
    message = f"error: syntax error, unexpected end of file\n at {MAIN}:2:1:\n"
    assert len(found(message, configuration=text)[1]) == count


def test_a_text_that_is_not_closed_is_closed_at_the_end_of_its_line() -> None:
    text = '{\n  a = "one;\n  b = "two";\n}\n'
    message = f"error: syntax error, unexpected end of file, expecting '\"'\n at {MAIN}:5:1:\n"
    place, (repair,) = found(message, configuration=text)
    assert place == f"{MAIN}:2:7"
    assert (repair["line"], repair["column"], repair["new"]) == (2, 11, '"')


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{ services.words.port = 1; }", "1:3"),
        ("{\n  services = {\n    words.port = 1;\n  };\n}", "3:5"),
        ("{ config = {\n  services.words = { port = 1; };\n}; }", "2:22"),
        ("{ lib, ... }: {\n  services.words = lib.mkIf true {\n    port = 1;\n  };\n}", "3:5"),
        ('{ x = "{ services.words.port = 2; }";\n  services."words".port = 1; }', "2:3"),
        ("{ # services.words.port = 2;\n  services.words.port = 1; }", "2:3"),
        ("let port = 3; in {\n  services.words = rec { inherit port; }; }", "2:3"),
    ],
)
def test_a_definition_is_found_in_whichever_form_it_is_written(text: str, place: str) -> None:
    option = "services.words" if "inherit" in text else "services.words.port"
    assert found(of_option(option, "string"), configuration=text)[0] == f"{MAIN}:{place}"


@pytest.mark.parametrize(
    ("written", "wanted", "meant"),
    [
        ('"true"', "boolean", True),
        ('"off"', "boolean", False),
        ('"8080"', "16 bit unsigned integer; between 0 and 65535 (both inclusive)", 8080),
        ("8080", "list of 16 bit unsigned integer; between 0 and 65535", [8080]),
        ('"8080"', "list of 16 bit unsigned integer", [8080]),
        ('"one"', "list of string", ["one"]),
        ("1", "string", "1"),
        ("true", "string", "true"),
        ('"a \\"b\\""', "list of (optionally newline-terminated) single-line string", ['a "b"']),
    ],
)
def test_a_value_of_a_wrong_type_gets_the_type_that_is_wanted(
    written: str, wanted: str, meant: object
) -> None:
    _, (repair,) = found(of_option("a.b", wanted), configuration=f"{{ a.b = {written}; }}")
    assert repair == {
        "kind": "repair-file",
        "file": MAIN,
        "operation": "set-value",
        "old": "a.b",
        "new": meant,
    }


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ('"maybe"', "boolean"),
        ("config.x", "boolean"),
        ('"${x}"', "list of integer"),
        ('"all"', 'one of "a", "b"'),
        ("[ 1 2 ]", "integer"),
        ('"x" ++ [ ]', "list of string"),
    ],
)
def test_where_no_value_is_plainly_meant_none_is_offered(written: str, wanted: str) -> None:
    assert not found(of_option("a.b", wanted), configuration=f"{{ a.b = {written}; }}")[1]


def test_elements_of_a_list_that_are_of_a_wrong_type_are_set_right_together() -> None:
    message = of_option('a.b."[definition 1-entry 1]"', "integer")
    _, (repair,) = found(message, configuration='{ a.b = [ "22" 23 ]; }')
    assert (repair["old"], repair["new"]) == ("a.b", [22, 23])


def test_a_package_with_a_new_name_is_found_in_the_file_that_names_it() -> None:
    message = "error: 'wrods' has been renamed to/replaced by 'words'\n"
    place, (repair,) = found(message, configuration="{ }", other="{ pkgs, ... }:\n[ pkgs.wrods ]")
    assert place == "/etc/nixos/other.nix:2:8"
    assert (repair["file"], repair["old"], repair["new"]) == (
        "/etc/nixos/other.nix",
        "wrods",
        "words",
    )


def test_a_name_that_stands_in_two_files_is_left_to_the_person() -> None:
    message = "error: 'wrods' has been renamed to/replaced by 'words'\n"
    assert not found(message, configuration="[ pkgs.wrods ]", other="[ pkgs.wrods ]")[1]


def test_a_hash_is_found_however_it_is_spelt() -> None:
    sri = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
    base32 = "1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s"
    assert base32 not in spellings("sha256-AAAA")
    hexadecimal = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert {sri, base32, hexadecimal} <= set(spellings(sri))
    message = (
        "error: hash mismatch in fixed-output derivation '/nix/store/x-words.drv':\n"
        f"         specified: {sri}\n            got:    sha256-{'A' * 43}=\n"
    )
    place, (repair,) = found(message, configuration=f'{{\n  sha256 = "{base32}";\n}}\n')
    assert place == f"{MAIN}:2:12"
    assert (repair["old"], repair["new"]) == (sri, f"sha256-{'A' * 43}=")


def test_a_file_that_is_not_there_is_found_where_it_is_imported() -> None:
    message = "error: path '/etc/nixos/words.nix' does not exist\n"
    place, _ = found(message, configuration="{\n  imports = [ ./words.nix ];\n}\n")
    assert place == f"{MAIN}:2:15"


def test_columns_count_bytes_as_nix_tells_them() -> None:
    source = Source('{ a = "é"; b = 1; }')
    assert source.position(source.offset(1, 13)) == (1, 13)
    assert source.text[source.offset(1, 13)] == "b"


def test_a_broken_file_is_cut_into_tokens_to_its_end() -> None:
    source = Source("{ a = \"x ${ \"y\" + { } } z\"; b = ''w ''' ''${ ''; /* c")
    assert [token.text for token in source.tokens][-4:] == ["b", "=", "''w ''' ''${ ''", ";"]
    assert Source('"' * 9999 + "${" * 999).tokens


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a.enable = True;", "true"),
        ("a.enable = no;", "false"),
        ("a.enable = lib.mkForce OFF;", "false"),
        ("a.user = None;", "null"),
        ("a.enable = None;", ""),
        ("a.packages = with pkgs; [ yes ];", ""),
    ],
)
def test_a_value_of_another_language_becomes_that_of_nix_where_one_can_stand(
    text: str, new: str
) -> None:
    word = next(word for word in ("True", "no", "OFF", "None", "yes") if f" {word}" in text)
    column = text.index(f" {word}") + 2
    message = f"error: undefined variable '{word}'\n at {MAIN}:2:{column}:\n"
    _, repairs = found(message, configuration=f"{{\n{text}\n}}")
    assert [(repair["old"], repair["new"]) for repair in repairs] == ([(word, new)] if new else [])
