"""Why a file is not edited, apart from what finds it out, which few changes need."""

from __future__ import annotations


class NotEditable(ValueError):
    """A shape in which an edit is not proved to be safe; the text goes on after "because".

    Where it is for a person to say what is meant, `question` asks for it.
    """

    def __init__(self, why: str, question: str = "") -> None:
        """Say `why`."""
        super().__init__(why)
        self.question = question
