"""The import of Luminous's file: what a first run proposes, and what it says where it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from luminous_protocol.errors import NotImported

if TYPE_CHECKING:
    from luminous_daemon.core.edits import FileEdit


@dataclass(frozen=True, slots=True)
class ImportEdit:
    """One more import in the machine's configuration.

    `item` is what the list of imports gets; `edit` is of the configuration; `creation` makes the
    file that is imported, where it is not there. Until it is, `trial` can be evaluated: the same
    edit, with an empty file that lies elsewhere.
    """

    item: str
    edit: FileEdit
    trial: FileEdit
    creation: FileEdit | None = None

    @property
    def diff(self) -> str:
        """Everything that it writes, as one patch."""
        return (self.creation.diff if self.creation else "") + self.edit.diff


def not_edited(names: tuple[str, str, str], why: str, patch: str) -> NotImported:
    """Return the error for a configuration that is left alone, with what to do by hand.

    `names` are Luminous's file, the configuration, and the item for its imports; `patch` is all
    that is known of what to write.
    """
    file, configuration, item = names
    return NotImported(
        f"{configuration} is not edited automatically, {why}. Add {item} to its imports by hand; "
        f"if there is no {file}, make it as root: luminousd --print-module > {file}",
        {"file": file, "configuration": configuration, "line": item, "patch": patch},
    )
