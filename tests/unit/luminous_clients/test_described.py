"""Single options and packages: first what the index says, then how they stand on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from luminous_clients.cli.exit_codes import ExitCode
from luminous_protocol.errors import (
    EvaluationFailed,
    MindUnavailable,
    NotReady,
    UnknownOption,
    UnknownPackage,
)
from tests.unit.luminous_clients.fake_bus import FakeBus, intent

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Ask = Callable[..., Any]

NAME = "services.openssh.enable"
PASSAGE = {
    "id": f"option:{NAME}",
    "kind": "option",
    "title": NAME,
    "text": "Whether to enable the\n{command}`sshd` daemon.",
    "source": "/nix/store/qnvmk85znvw2yj7j95w4d70xl96c7cap-x/nixos/nixos/modules/sshd.nix",
    "facts": {"type": "boolean", "default": "false", "example": "true"},
}
PLACE = "/etc/nixos/configuration.nix:31"
OPTION = {
    "name": NAME,
    "alias": "",
    "type": "boolean",
    "default": "false",
    "example": "true",
    "description": "Whether to enable the\n{command}`sshd` daemon.",
    "declarations": ["nixos/modules/sshd.nix"],
    "read-only": False,
    "value": "true",
    "definitions": [{"place": PLACE, "value": "true"}],
    "below": [],
    "is-set-of-options": False,
    "problem": "",
}
NATURE = [
    f"Option      {NAME}",
    "Type        boolean",
    "Default     false",
    "Example     true",
    "Declared    nixos/modules/sshd.nix",
    "About       Whether to enable the sshd daemon.",
]
FIREFOX = {
    "name": "firefox",
    "pname": "firefox",
    "version": "143.0",
    "availability": "available",
    "reason": "",
    "description": "Web browser",
    "homepage": "https://example.org",
    "licences": ["MPL", "Other"],
    "program": "firefox",
    "position": "pkgs/firefox.nix:3",
    "unfree": False,
    "broken": False,
    "insecure": False,
    "installed": [],
    "switches": ["programs.firefox.enable"],
}
FOUND = {
    "kind": "package",
    "title": "firefox",
    "text": "Web browser",
    "address": "https://example.org",
    "facts": {"version": "142.0", "license": "MPL", "program": "firefox", "unfree": "true"},
}


def knows(bus: FakeBus, option: object = OPTION, passage: object = PASSAGE) -> None:
    """Let the machine and the index answer so; an error is raised."""
    bus.answers["DescribeOption"] = option if isinstance(option, Exception) else (option,)
    is_error = isinstance(passage, Exception)
    bus.answers["Describe"] = passage if is_error else ({"passage": passage, "below": []},)


def test_an_option_is_told_with_its_value_and_the_line_that_sets_it(bus: FakeBus, ask: Ask) -> None:
    knows(bus)
    said = ask("option", NAME)
    assert bus.forgotten == 1, "it would mean something older than the option"
    assert said.code == ExitCode.DONE
    assert said.out.splitlines() == [*NATURE, "Here        true", f"Set in      {PLACE}"]


@pytest.mark.parametrize("error", [MindUnavailable("It is gone."), NotReady("Nothing is indexed.")])
def test_without_an_index_nix_tells_all_and_what_is_missing_is_said(
    bus: FakeBus, ask: Ask, error: NotReady
) -> None:
    knows(bus, passage=error)
    lines = ask("option", NAME).out.splitlines()
    assert lines[:6] == NATURE
    assert lines[-1] == f"Note        {error.message}"


def test_what_the_index_lacks_may_be_on_this_machine(bus: FakeBus, ask: Ask) -> None:
    knows(bus, passage=UnknownOption("The index has no such option."))
    assert ask("option", NAME).out.splitlines()[:6] == NATURE


@pytest.mark.parametrize(
    ("changed", "lines"),
    [
        (
            {"value": "false", "definitions": []},
            ["Here        false (not set here; the default counts)"],
        ),
        ({"value": "", "definitions": []}, ["Here        not set"]),
        (
            {"value": "", "definitions": [], "problem": "It loops."},
            ["Here        not known. It loops."],
        ),
        (
            {"value": "", "withheld": True, "definitions": [{"place": "a:1", "value": ""}]},
            [
                "Here        not shown: it is set in a file that not everybody may read",
                "Set in      a:1",
            ],
        ),
        (
            {"overridden": [{"place": "a:1", "value": "false"}, {"place": "b:2", "value": ""}]},
            [
                "Here        true",
                f"Set in      {PLACE}",
                "Overridden  a:1  false",
                "            b:2",
            ],
        ),
        ({"read-only": True}, ["Here        true (read-only: NixOS sets it itself)"]),
        (
            {
                "value": "[ 1 2 ]",
                "definitions": [{"place": "a", "value": "[ 1 ]"}, {"place": "b", "value": "[ 2 ]"}],
            },
            ["Here        [ 1 2 ]", "Set in      a  [ 1 ]", "            b  [ 2 ]"],
        ),
    ],
)
def test_how_an_option_stands_here_is_said_as_it_is(
    bus: FakeBus, ask: Ask, changed: dict[str, object], lines: list[str]
) -> None:
    knows(bus, {**OPTION, **changed})
    out = ask("option", NAME).out.splitlines()
    assert out[6 : 6 + len(lines)] == lines


@pytest.mark.parametrize("name", ["services.openssh", "services.openssh."])
def test_a_set_of_options_is_listed_at_once(bus: FakeBus, ask: Ask, name: str) -> None:
    below = [
        {"name": "enable", "type": "boolean", "text": "Whether\nto enable it."},
        {"name": "settings", "type": "", "text": ""},
    ]
    bus.answers["Describe"] = ({"below": below},)
    assert ask("option", name).out.splitlines() == [
        "Options     2 below services.openssh:",
        "            enable      boolean  Whether to enable it.",
        "            settings.…",
    ]
    assert [call[1:4] for call in bus.calls] == [("Describe", "option", "services.openssh")]


def test_on_a_terminal_what_is_below_a_name_fits_its_width(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    child = {"name": "enable", "type": "boolean " * 9, "text": "Whether " * 20}
    bus.answers["Describe"] = ({"below": [child]},)
    lines = ask_on_terminal("option", "services").out.splitlines()
    assert len(lines) == 2
    assert len(lines[1]) <= 80


def test_a_set_without_options_says_that_there_are_none(bus: FakeBus, ask: Ask) -> None:
    knows(bus, {**OPTION, "is-set-of-options": True}, UnknownOption("Unknown."))
    assert ask("option", NAME).out == f"Options     none below {NAME}\n"


def test_an_option_of_any_name_has_no_value_of_its_own(bus: FakeBus, ask: Ask) -> None:
    knows(bus, passage={**PASSAGE, "title": "users.users.<name>.shell"})
    said = ask("option", "users.users.<name>.shell").out.splitlines()
    assert said[-1] == "Here        Each name has a value of its own. Ask again with one."
    assert [call[1] for call in bus.calls] == ["Describe"]


def test_an_old_name_leads_to_the_new_one_and_no_further(bus: FakeBus, ask: Ask) -> None:
    knows(bus, {**OPTION, "alias": NAME}, UnknownOption("Unknown."))
    said = ask("option", "services.sshd.enable")
    assert said.out.splitlines()[0] == f"services.sshd.enable is called {NAME} now."
    assert [call[2] for call in bus.calls if call[1] == "DescribeOption"] == [
        "services.sshd.enable",
        NAME,
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownOption("There is no such option. Did you mean a.b?"), ExitCode.REFUSED),
        (EvaluationFailed("It cannot be evaluated."), ExitCode.BUILD_FAILED),
    ],
)
def test_what_goes_wrong_is_told_after_what_the_index_knows(
    bus: FakeBus, ask: Ask, error: UnknownOption, code: ExitCode
) -> None:
    knows(bus, error)
    said = ask("option", NAME)
    assert (said.code, said.out.splitlines()) == (code, NATURE)
    assert error.message in said.err


def test_json_has_both_answers(bus: FakeBus, ask: Ask) -> None:
    knows(bus)
    document = ask("--json", "option", NAME).document()
    assert document["documented"] == PASSAGE
    assert document["option"]["definitions"] == [{"place": PLACE, "value": "true"}]
    assert document["option"]["is_set_of_options"] is False


def test_a_package_is_told_with_the_better_way_to_it(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Describe"] = NotReady("Nothing is indexed.")
    bus.answers["DescribePackage"] = (FIREFOX,)
    assert ask("package", "firefox").out.splitlines() == [
        "Package     firefox 143.0",
        "About       Web browser",
        "Homepage    https://example.org",
        "Licence     MPL, Other",
        "Program     firefox",
        "Source      pkgs/firefox.nix:3",
        "Here        not installed",
        "Install     ask-nix install firefox (sets programs.firefox.enable)",
        "Note        Nothing is indexed.",
    ]


def test_what_brings_a_package_in_and_what_speaks_against_it_is_told(
    bus: FakeBus, ask: Ask
) -> None:
    bus.answers["Describe"] = ({"passage": FOUND, "below": []},)
    installed = [{"place": PLACE, "value": "programs.firefox.enable = true"}]
    bus.answers["DescribePackage"] = (
        {
            **FIREFOX,
            "availability": "unfree",
            "reason": "Secret licence",
            "installed": installed,
            "switches": ["services.firefox.enable"],
        },
    )
    lines = ask("package", "firefox").out.splitlines()
    assert lines[0] == "Package     firefox 142.0 unfree"
    assert lines[-4:] == [
        "Version     143.0 in this machine's nixpkgs; the index is older",
        "Problem     unfree (licence: Secret licence); a plan to install it allows it alone",
        f"Here        {PLACE}  programs.firefox.enable = true",
        "Service     services.firefox.enable runs it: ask-nix enable firefox",
    ]


@pytest.mark.parametrize(
    ("availability", "said"),
    [("broken", "marked as broken"), ("insecure", "holes: CVE"), ("unsupported", "this kind of")],
)
def test_each_reason_against_a_package_has_its_words(
    bus: FakeBus, ask: Ask, availability: str, said: str
) -> None:
    bus.answers["Describe"] = UnknownPackage("The index has none.")
    bus.answers["DescribePackage"] = ({**FIREFOX, "availability": availability, "reason": "CVE"},)
    out = ask("package", "firefox").out
    assert said in out
    assert ("Install" in out) == (availability == "insecure")


def test_a_package_without_a_version_is_told_by_its_name_alone(bus: FakeBus, ask: Ask) -> None:
    bus.answers["Describe"] = UnknownPackage("The index has none.")
    bus.answers["DescribePackage"] = ({**FIREFOX, "version": ""},)
    assert ask("package", "firefox").out.splitlines()[0] == "Package     firefox"


@pytest.mark.parametrize("names", [(), ("vim", "git")])
@pytest.mark.parametrize("verb", ["option", "package"])
def test_one_name_is_asked_about_and_else_the_usage_is_shown(
    bus: FakeBus, ask: Ask, verb: str, names: tuple[str, ...]
) -> None:
    said = ask(verb, *names)
    assert said.code == ExitCode.USAGE
    assert said.err.startswith(f"ask-nix: {verb} takes one name, for example: ask-nix {verb} ")
    assert said.err.splitlines()[1:] == [f"Usage: ask-nix {verb} NAME"]
    assert bus.calls == []


def test_after_two_dashes_a_sentence_may_begin_like_a_verb(bus: FakeBus, ask: Ask) -> None:
    bus.recognise()
    assert ask("--", "package", "a", "parcel").code == ExitCode.NOT_UNDERSTOOD


def test_on_a_terminal_a_sheet_is_folded_to_its_width(bus: FakeBus, ask_on_terminal: Ask) -> None:
    knows(bus, passage={**PASSAGE, "text": "Word " * 60})
    lines = ask_on_terminal("option", NAME).out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[6].startswith(" " * 12 + "Word")


def test_on_a_terminal_long_sets_are_folded_between_their_fields(
    bus: FakeBus, ask_on_terminal: Ask
) -> None:
    value = "{ " + "".join(f'name{number} = "one two;  three"; ' for number in range(30)) + "}"
    kind = "one of " + ", ".join(f'"some word {number}"' for number in range(30))
    facts = {"type": kind, "default": f"{{\n  a = {value};\n}}", "example": "x" * 300}
    found = {**OPTION, "value": value, "definitions": [{"place": PLACE, "value": value}] * 2}
    knows(bus, found, {**PASSAGE, "facts": facts})
    lines = ask_on_terminal("option", NAME).out.splitlines()
    assert max(map(len, lines)) <= 80
    here = next(at for at, line in enumerate(lines) if line.startswith("Here"))
    assert lines[here].endswith('name1 = "one two;  three";')
    assert lines[here + 1].startswith(" " * 14 + 'name2 = "one two;  three";')
    assert all(line.count('"') % 2 == 0 for line in lines)


@pytest.mark.parametrize(
    ("kind", "slots"),
    [("explain", {"option": NAME}), ("query_status", {"what": "option", "option": NAME})],
)
def test_a_question_about_an_option_in_words_is_answered_so_too(
    bus: FakeBus, ask: Ask, kind: str, slots: dict[str, str]
) -> None:
    knows(bus)
    bus.recognise(intent(kind, **slots))
    assert ask(f"what is {NAME}").out.splitlines()[6:] == [
        "Here        true",
        f"Set in      {PLACE}",
    ]


@pytest.mark.parametrize(
    ("installed", "said"),
    [
        ([], "git is not installed."),
        (
            [{"place": PLACE, "value": "environment.systemPackages"}],
            f"git is installed by {PLACE} (environment.systemPackages).",
        ),
    ],
)
def test_whether_a_package_is_installed_is_answered_for_all_files(
    bus: FakeBus, ask: Ask, installed: list[dict[str, str]], said: str
) -> None:
    bus.recognise(intent("query_status", what="packages", package="git"))
    bus.answers["Status"] = ({"packages": ["hello"], "file": "luminous.nix"},)
    bus.answers["DescribePackage"] = ({**FIREFOX, "name": "git", "installed": installed},)
    assert ask("is git installed").out == f"{said}\n"


def test_what_luminous_itself_has_installed_is_known_at_once(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("query_status", what="packages", package="hello"))
    bus.answers["Status"] = ({"packages": ["hello"], "file": "luminous.nix"},)
    assert ask("is hello installed").out == "hello is installed by luminous.nix.\n"


def test_a_list_of_packages_says_whose_it_is_and_what_lists_all(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("query_status", what="packages"))
    bus.answers["Status"] = ({"packages": ["hello", "jq"], "file": "luminous.nix"},)
    own, rest = ask("list installed packages").out.splitlines()
    assert own == "In Luminous's own file, luminous.nix: hello, jq."
    assert "not all of the system" in rest
    assert "nix-store --query --references /run/current-system/sw" in rest


def test_a_question_about_no_option_in_particular_is_asked_back(bus: FakeBus, ask: Ask) -> None:
    bus.recognise(intent("query_status", what="option"))
    said = ask("what is the value of the option")
    assert said.code == ExitCode.REFUSED
    assert "Which option? For example: ask-nix option" in said.err
