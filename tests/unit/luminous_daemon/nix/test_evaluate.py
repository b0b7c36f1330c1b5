"""Evaluation: the whole command, answers as facts, and Nix's own words on what is wrong."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from luminous_daemon.configuration.module_file import EMPTY_FILE
from luminous_daemon.core.edits import Candidate, FileEdit
from luminous_daemon.core.facts import Availability, OptionFacts, PackageFacts, Query, Unit
from luminous_daemon.nix import evaluate
from luminous_daemon.nix.builder import builder_of
from luminous_daemon.nix.command import Outcome
from luminous_daemon.nix.evaluate import NixEvaluator, evaluation_failed
from luminous_daemon.nix.progress import LogReader
from luminous_protocol.errors import EvaluationFailed, InvalidChange
from tests.unit.luminous_daemon.nix.recorder import request_in

if TYPE_CHECKING:
    from luminous_daemon.nix.command import Command
    from luminous_daemon.settings import Settings
    from tests.unit.luminous_daemon.nix.recorder import Recorder

SYSTEM: dict[str, Any] = {
    "derivation": "/nix/store/a.drv",
    "toplevel": "/nix/store/a",
    "packages": [{"name": "vim", "version": "9.1", "path": "/nix/store/vim"}],
    "units": {"a.service": {"text": "[Service]", "wanted": True}},
    "boot": {"kernel": "/nix/store/k"},
    "imported": [],
}


@pytest.mark.parametrize("is_edited", [True, False])
def test_the_import_that_counts_is_that_of_the_file_itself(
    recorder: Recorder, settings: Settings, *, is_edited: bool
) -> None:
    settings = replace(settings, file=settings.configuration.with_name("luminous.nix"))
    settings.file.touch()
    link = settings.file.with_name("link")
    link.symlink_to(settings.file.parent)
    edit = FileEdit(str(settings.configuration), "{ }", "{ }", "") if is_edited else None
    candidate = Candidate(edit)
    for files, expected in (
        ([], False),
        (["/etc/another/luminous.nix"], False),
        ([str(EMPTY_FILE)], is_edited),
        (["/etc/another/luminous.nix", str(settings.file)], True),
        ([f"{link}/{settings.file.name}"], True),
    ):
        recorder.answer(json.dumps(SYSTEM | {"imported": files}))
        found = asyncio.run(NixEvaluator(settings).evaluate(candidate))
        assert found.is_imported is expected, files


def test_a_question_is_one_argument_of_json(
    recorder: Recorder, settings: Settings, owner: str
) -> None:
    recorder.answer(json.dumps({"packages": [], "options": {}, "imported": []}))
    asyncio.run(NixEvaluator(settings).look_up(Query((), {'x."y.z"': (True, [1])})))
    (command,) = recorder.commands
    assert command.user == owner
    assert command.replacements == ()
    assert command.argv[:-1] == (
        "nix-instantiate",
        "--eval",
        "--strict",
        "--json",
        "--read-write-mode",
        "--log-format",
        "internal-json",
        "-I",
        "nixpkgs=/channels/nixos",
        "-I",
        f"nixos-config={settings.configuration}",
        str(Path(evaluate.__file__).with_name("inspect.nix")),
        "--argstr",
        "request",
    )
    assert request_in(command) == {
        "mode": "facts",
        "packages": [],
        "options": {'x."y.z"': {"path": ["x", "y.z"], "tries": [True, [1]]}},
    }


def test_answers_become_facts(recorder: Recorder, settings: Settings) -> None:
    option = {
        "exists": True,
        "type": "bool",
        "typeDescription": "boolean",
        "example": "true",
        "description": "Whether.",
        "value": False,
        "plain": True,
        "defined": True,
        "readOnly": False,
        "files": ["/etc/nixos/web.nix"],
        "fitting": 0,
    }
    vim = {
        "availability": "available",
        "name": "vim",
        "version": "9.1",
        "fullName": "vim-9.1",
        "installed": True,
        "files": ["/etc/nixos/configuration.nix"],
    }
    answer = {
        "packages": [vim, {"availability": "unknown"}],
        "options": {"a.enable": option, "no.such": {"exists": False}},
        "imported": [],
    }
    recorder.answer(json.dumps(answer))
    query = Query(("vim", "nonesuch"), {"a.enable": (True,), "no.such": ()})
    facts = asyncio.run(NixEvaluator(settings).look_up(query))
    assert facts.is_imported is False
    assert facts.packages["vim"] == PackageFacts(
        "vim",
        Availability.AVAILABLE,
        "vim",
        "9.1",
        "vim-9.1",
        is_installed=True,
        files=("/etc/nixos/configuration.nix",),
    )
    assert facts.packages["nonesuch"].availability is Availability.UNKNOWN
    assert facts.options["no.such"] == OptionFacts("no.such", exists=False)
    found = facts.options["a.enable"]
    assert (found.type_name, found.value, found.fitting) == ("bool", False, 0)
    assert found.files == ("/etc/nixos/web.nix",)


def test_a_refused_package_is_asked_for_once_more_for_nixpkgs_own_words(
    recorder: Recorder, settings: Settings
) -> None:
    answer = {"packages": [{"availability": "refused"}], "options": {}, "imported": []}
    recorder.answer(json.dumps(answer))
    error = {
        "action": "msg",
        "level": 0,
        "raw_msg": "error:\n  … while evaluating\n\n  error: 'oldname' was\n renamed to newname",
    }
    recorder.answer("", "@nix " + json.dumps(error), status=1)
    facts = asyncio.run(NixEvaluator(settings).look_up(Query(("oldname",), {})))
    assert facts.packages["oldname"].reason == "'oldname' was renamed to newname"
    assert request_in(recorder.commands[1]) == {"mode": "refusal", "package": ["oldname"]}


def test_a_whole_system_is_evaluated(recorder: Recorder, settings: Settings) -> None:
    recorder.answer(json.dumps(SYSTEM))
    found = asyncio.run(NixEvaluator(settings).evaluate(Candidate()))
    assert request_in(recorder.commands[0]) == {"mode": "system", "values": True, "also": []}
    assert (found.derivation, found.toplevel) == ("/nix/store/a.drv", "/nix/store/a")
    assert found.packages == {"vim": "9.1"}
    assert found.units == {"a.service": Unit("[Service]", is_wanted=True)}
    assert found.paths == {"/nix/store/vim"}
    assert found.boot == {"kernel": "/nix/store/k"}


def test_values_of_options_come_with_the_system(recorder: Recorder, settings: Settings) -> None:
    values = {"a.b": {"value": [22]}, "a.password": {"value": "x"}, "a.f": {"text": "a function"}}
    recorder.answer(json.dumps({**SYSTEM, "values": values}))
    candidate = Candidate(options=('a."b.c".d',))
    found = asyncio.run(NixEvaluator(settings).evaluate(candidate))
    assert request_in(recorder.commands[0])["also"] == [["a", "b.c", "d"]]
    assert found.values is not None
    assert (found.values["a.b"], found.values["a.f"]) == ("[22]", "«a function»")
    assert found.values["a.password"].startswith("«hidden")


def test_values_that_cannot_be_read_are_left_out_of_this_question_and_the_next(
    recorder: Recorder, settings: Settings
) -> None:
    reading = {"action": "msg", "level": 0, "msg": "trace: luminous: reading the values of options"}
    error = {"action": "msg", "level": 0, "raw_msg": "error: attribute 'nothing' missing"}
    recorder.answer("", *("@nix " + json.dumps(event) for event in (reading, error)), status=1)
    recorder.answer(json.dumps(SYSTEM))
    recorder.answer(json.dumps(SYSTEM))

    async def steps() -> None:
        evaluator = NixEvaluator(settings)
        assert (await evaluator.evaluate(Candidate())).values is None
        assert (await evaluator.evaluate(Candidate())).values is None

    asyncio.run(steps())
    asked = [request_in(command)["values"] for command in recorder.commands]
    assert asked == [True, False, False]


def test_what_fails_before_the_values_is_not_asked_again(
    recorder: Recorder, settings: Settings
) -> None:
    error = {"action": "msg", "level": 0, "raw_msg": "error: attribute 'nothing' missing"}
    recorder.answer("", "@nix " + json.dumps(error), status=1)
    with pytest.raises(EvaluationFailed, match="nothing"):
        asyncio.run(NixEvaluator(settings).evaluate(Candidate()))
    assert len(recorder.commands) == 1


def _private_file(folder: Path) -> str:
    file = folder / "luminous.nix"
    file.write_text("old")
    file.chmod(0o640)
    return str(file)


def test_an_edit_is_seen_by_nix_in_the_place_of_the_file_and_nowhere_else(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    seen: list[tuple[str, str, int]] = []
    file = _private_file(tmp_path)

    def look(command: Command) -> None:
        (replacement,) = command.replacements
        candidate = replacement.candidate
        mode = candidate.stat().st_mode & 0o777
        seen.append((str(replacement.file), candidate.read_text(), mode))

    recorder.while_running = look
    recorder.answer(json.dumps(SYSTEM))
    edit = FileEdit(file, "old", "new ü", "")
    asyncio.run(NixEvaluator(settings).evaluate(Candidate(edit)))
    assert seen == [(file, "new ü", 0o640)], "who may not read the file reads no candidate either"
    assert list(tmp_path.glob("candidate-*")) == []


def test_a_candidate_is_gone_even_when_nix_fails(
    recorder: Recorder, settings: Settings, tmp_path: Path
) -> None:
    recorder.answer("", "error: no", status=1)
    edit = FileEdit(_private_file(tmp_path), "old", "new", "")
    with pytest.raises(EvaluationFailed):
        asyncio.run(NixEvaluator(settings).evaluate(Candidate(edit)))
    assert list(tmp_path.glob("candidate-*")) == []


def test_inputs_that_are_not_in_force_take_the_place_of_those_that_are(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer(json.dumps(SYSTEM))
    asyncio.run(NixEvaluator(settings).evaluate(Candidate(inputs="/nix/store/new")))
    argv = recorder.argvs[0]
    paths = [argv[at + 1] for at, word in enumerate(argv) if word == "-I"]
    assert paths == ["nixpkgs=/nix/store/new/nixos", f"nixos-config={settings.configuration}"]


def test_a_question_too_long_for_an_argument_is_refused(
    recorder: Recorder, settings: Settings
) -> None:
    query = Query((), {f"a.b{n}": ("x" * 9_000,) for n in range(20)})
    with pytest.raises(InvalidChange, match="too much for one plan"):
        asyncio.run(NixEvaluator(settings).look_up(query))
    assert recorder.commands == []


def test_a_longest_value_fits_into_one_question(recorder: Recorder, settings: Settings) -> None:
    recorder.answer(json.dumps({"packages": [], "options": {}, "imported": []}))
    query = Query((), {"a": ("\u2603" * 3_000, ["\u2603" * 3_000])})
    asyncio.run(NixEvaluator(settings).look_up(query))
    assert len(recorder.argvs[0][-1].encode()) < 128 * 1024


def test_two_evaluations_at_most_run_beside_one_another(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    running = most = 0

    async def run(*_: object) -> Outcome:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return Outcome(0, json.dumps(SYSTEM), ())

    monkeypatch.setattr(evaluate, "run", run)

    async def evaluate_five() -> None:
        evaluator = NixEvaluator(settings)
        await asyncio.gather(*(evaluator.evaluate(Candidate()) for _ in range(5)))

    asyncio.run(evaluate_five())
    assert most == 2


def test_the_nearest_names_are_looked_up_once_and_ranked(
    recorder: Recorder, settings: Settings
) -> None:
    recorder.answer(json.dumps(["firefox", "firefox-esr", "fire", "htop", "vim", "vim-full"]))
    evaluator = NixEvaluator(settings)

    async def steps() -> list[list[str]]:
        return [await evaluator.nearest_packages(name) for name in ("firefx", "VIM", "qqqqqqqq")]

    firefox, vim, nothing = asyncio.run(steps())
    assert firefox[0] == "firefox"
    assert vim[0] == "vim"
    assert "vim-full" in vim
    assert nothing == []
    assert len(recorder.commands) == 1
    assert request_in(recorder.commands[0]) == {"mode": "names", "kind": "packages"}


@pytest.mark.parametrize(
    ("event", "message", "place"),
    [
        (
            {"raw_msg": "undefined variable 'vmi'", "file": "/etc/x.nix", "line": 8, "column": 5},
            "The configuration cannot be evaluated (/etc/x.nix:8:5): undefined variable 'vmi'",
            "/etc/x.nix:8:5",
        ),
        (
            {"raw_msg": "undefined variable 'a'", "file": "/etc/x.nix:8:5", "line": 8, "column": 5},
            "The configuration cannot be evaluated (/etc/x.nix:8:5): undefined variable 'a'",
            "/etc/x.nix:8:5",
        ),
        (
            {"raw_msg": "… while x\n\n error: A definition for option `a'\nis not of type `bool'."},
            (
                "The configuration cannot be evaluated: "
                "A definition for option `a' is not of type `bool'."
            ),
            "",
        ),
        (
            {"msg": "\x1b[31;1merror:\x1b[0m stack overflow", "file": None, "line": None},
            "The configuration cannot be evaluated: stack overflow",
            "",
        ),
    ],
)
def test_nixs_own_report_becomes_one_sentence_with_a_place(
    event: dict[str, Any], message: str, place: str
) -> None:
    reader = LogReader()
    reader.feed("@nix " + json.dumps({"action": "msg", "level": 0, **event}))
    error = evaluation_failed(reader)
    assert error.message == message
    assert error.details["place"] == place


@pytest.mark.parametrize(
    ("lines", "says"),
    [(["error: cannot connect to the daemon"], "cannot connect to the daemon"), ([], "no reason")],
)
def test_what_nix_said_outside_of_its_report_counts_too(lines: list[str], says: str) -> None:
    reader = LogReader()
    for line in lines:
        reader.feed(line)
    assert says in evaluation_failed(reader).message


def test_the_builder_is_the_configurations_owner_or_as_set(settings: Settings, owner: str) -> None:
    assert builder_of(settings) == owner
    assert builder_of(replace(settings, builder="nobody")) == "nobody"


def test_without_a_configuration_it_is_said_what_to_set(settings: Settings) -> None:
    with pytest.raises(EvaluationFailed, match=r"There is no /etc/absent\.nix"):
        builder_of(replace(settings, configuration=Path("/etc/absent.nix")))


def test_where_the_configuration_is_nobodys_it_is_said_what_to_set(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "link.nix").symlink_to("link.nix")
    with pytest.raises(EvaluationFailed, match=r"in a circle\. Mend that, or set `builder` in"):
        builder_of(replace(settings, configuration=tmp_path / "link.nix"))
