"""A session: one run of ask-nix with everything that its verbs need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from luminous_clients.cli.arguments import Choices
    from luminous_clients.cli.document import Document
    from luminous_clients.cli.terminal import Terminal
    from luminous_clients.daemon import Daemon


class Session(NamedTuple):
    """What was asked for, where to answer, and whom to ask."""

    choices: Choices
    terminal: Terminal
    document: Document
    daemon: Daemon

    def answer(self, sentence: str) -> None:
        """Say a sentence that answers a question, in whichever form is wanted."""
        self.document.answers.append(sentence)
        self.terminal.say(sentence)
