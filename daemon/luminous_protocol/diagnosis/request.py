"""Requests: a message that is to be explained, as it travels from the daemon to the mind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from luminous_protocol.diagnosis.message import MAX_TEXT
from luminous_protocol.errors import InvalidText, InvalidValue

_DIRECTORY = re.compile(r"/[^\x00-\x1f\x7f]{0,4095}")


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """A message of Nix, and the directory of the configuration that it is about.

    Raises `InvalidText` or `InvalidValue`.
    """

    text: str
    configuration: str = "/etc/nixos"
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Check it, at both ends."""
        if not self.text.strip():
            raise InvalidText("There is nothing to explain. Give the message of the error.")
        if len(self.text) > MAX_TEXT:
            raise InvalidText(f"The message is longer than {MAX_TEXT} characters. Cut it.")
        if not _DIRECTORY.fullmatch(self.configuration):
            raise InvalidValue("The configuration is named by its whole path, from / on.")
