"""Questions about the machine: each is read as one, with what it is about, and changes nothing."""

from __future__ import annotations

import pytest

from luminous_protocol.grammar import recognise
from luminous_protocol.intents import CHANGING

PRESENCE = {
    "why is firefox installed": "firefox",
    "why is git on my system": "git",
    "why do I have glibc": "glibc",
    "what brings in python": "python3",
    "what pulled perl in?": "perl",
    "where does vim come from": "vim",
    "which line installs htop": "htop",
    "what needs openssl": "openssl",
    "which packages depend on openssl": "openssl",
    "how big is gimp": "gimp",
    "how much disk space does gimp take": "gimp",
}


@pytest.mark.parametrize(("text", "name"), PRESENCE.items())
def test_why_something_is_here_is_a_question_about_it(text: str, name: str) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind.value, intent.slots["about"]) == ("explain", "presence")
    assert name.rstrip("3") in (intent.slots.get("package") or intent.slots["topic"])


@pytest.mark.parametrize(
    "text",
    [
        "why did the last change fail?",
        "why has my latest installation failed",
        "why did the previous transaction fail",
        "explain the last failure",
    ],
)
def test_a_change_that_has_failed_is_asked_about_as_such(text: str) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind.value, intent.slots["problem"]) == ("diagnose", "rebuild fails")


CHANGED = {
    "what changed since Tuesday?": {"since": "tuesday"},
    "what has changed since last friday": {"since": "friday"},
    "what was changed yesterday": {"since": "yesterday"},
    "show me what changed last week": {"since": "last week"},
    "what did I change this month": {"since": "this month"},
    "what changed since generation 12": {"generation": "12"},
    "which packages have changed in the last 3 days": {"older_than": "3d"},
    "what has changed": {},
    "tell me what changed on this machine": {},
}


@pytest.mark.parametrize(("text", "slots"), CHANGED.items())
def test_what_changed_is_a_question_with_a_time(text: str, slots: dict[str, str]) -> None:
    (intent,) = recognise(text).intents
    assert intent.kind.value == "query_status"
    assert dict(intent.slots) == {"what": "changes", **slots}


@pytest.mark.parametrize(
    "text",
    [
        "what would happen if I removed git",
        "what will break if I disable openssh?",
        "what would change if we updated",
        "what if I deleted old generations",
        "what happens if I install steam",
        "show me what would happen if I uninstalled everything",
    ],
)
def test_a_supposition_is_no_request(text: str) -> None:
    recognition = recognise(text)
    assert [intent.slots.get("about") for intent in recognition.intents] == ["supposed"]
    assert not CHANGING.intersection(intent.kind for intent in recognition.intents)


@pytest.mark.parametrize(
    ("text", "kind", "service"),
    [
        ("is nginx running", "query_status", "nginx"),
        ("why did nginx fail", "diagnose", "nginx"),
        ("why did nginx crash", "diagnose", "nginx"),
        ("nginx failed", "diagnose", "nginx"),
        ("show the logs of nginx", "query_status", "nginx"),
        ("is my-backup running", "query_status", "my-backup"),
        ("why did my-backup fail", "diagnose", "my-backup"),
        ("why won't docker start", "diagnose", "docker"),
        ("journalctl -u nginx.service", "query_status", "nginx.service"),
    ],
)
def test_a_service_is_asked_after_by_its_name(text: str, kind: str, service: str) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind.value, intent.slots["service"]) == (kind, service)


@pytest.mark.parametrize(
    "text",
    [
        "health check",
        "is my system healthy",
        "is everything all right",
        "how healthy is my machine",
    ],
)
def test_how_well_the_machine_is_can_be_asked(text: str) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind.value, intent.slots.get("what")) == ("query_status", "system")


@pytest.mark.parametrize(
    ("text", "kind", "topic"),
    [
        ("what happens when I roll back", "explain", "rollback"),
        ("what is a flake", "explain", "flake"),
        ("why do I need flakes", "explain", "flakes"),
    ],
)
def test_what_is_about_nixos_in_general_stays_so(text: str, kind: str, topic: str) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind.value, dict(intent.slots)) == (kind, {"topic": topic})


@pytest.mark.parametrize(
    ("text", "problem"), [("why did my build fail", "build error"), ("why did it fail", "unknown")]
)
def test_what_is_no_service_is_trouble_of_another_kind(text: str, problem: str) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind.value, dict(intent.slots)) == ("diagnose", {"problem": problem})


@pytest.mark.parametrize("text", ["why is nginx running", "what started nginx?"])
def test_why_a_service_runs_is_a_question_about_its_switch(text: str) -> None:
    (intent,) = recognise(text).intents
    assert intent.slots["about"] == "presence"
    assert intent.slots["option"] == "services.nginx.enable"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("when was vim installed", "vim"),
        ("when did I install vim?", "vim"),
        ("which generation added vim", "vim"),
        ("since when is docker running", "docker"),
        ("when was bluetooth switched on", "bluetooth"),
    ],
)
def test_when_something_came_is_asked_of_the_history(text: str, name: str) -> None:
    (intent,) = recognise(text).intents
    assert (intent.kind.value, intent.slots["what"]) == ("query_status", "history")
    assert name in {intent.slots.get("package"), intent.slots.get("service")}


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("how do I install something?", "install something"),
        ("how would one go about removing a program", "removing program"),
        ("can I get new apps here", "get new apps"),
        ("what do I type to add software", "add software"),
    ],
)
def test_how_to_do_anything_at_all_is_asked_about_nothing_in_particular(
    text: str, topic: str
) -> None:
    (intent,) = recognise(text).intents
    assert dict(intent.slots) == {"about": "howto", "topic": topic}


def test_whether_the_machine_is_safe_is_a_question_about_it() -> None:
    for text in ("is my machine secure?", "am I hacked", "how safe is this system"):
        (intent,) = recognise(text).intents
        assert dict(intent.slots) == {"what": "security"}


@pytest.mark.parametrize(
    "text",
    [
        "warum ist vim installiert?",
        "pourquoi vim est-il installé ?",
        "perché vim è installato?",
        "¿por qué está instalado vim?",
        "por que o vim está instalado?",
        "waarom is vim geïnstalleerd?",
    ],
)
def test_why_something_is_here_is_asked_in_other_languages(text: str) -> None:
    (intent,) = recognise(text).intents
    assert dict(intent.slots) == {"about": "presence", "package": "vim"}


@pytest.mark.parametrize(
    "text",
    [
        "was hat sich gestern geändert?",
        "qu'est-ce qui a changé hier ?",
        "cosa è cambiato ieri?",
        "¿qué ha cambiado ayer?",
        "o que foi alterado ontem?",
        "wat is er gisteren veranderd?",
    ],
)
def test_what_changed_is_asked_in_other_languages(text: str) -> None:
    (intent,) = recognise(text).intents
    assert dict(intent.slots) == {"what": "changes", "since": "yesterday"}


@pytest.mark.parametrize(
    "text",
    [
        "I have just enabled bluetooth, thanks",
        "ich habe gestern vim installiert",
        "install vlc on my phone",
        "no updates today please",
        "on monday the update ran and nothing broke",
    ],
)
def test_what_is_told_and_what_is_elsewhere_asks_for_nothing(text: str) -> None:
    assert recognise(text).intents == ()
