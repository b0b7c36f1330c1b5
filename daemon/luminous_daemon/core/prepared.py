"""A plan with everything that it takes to carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luminous_daemon.core.edits import FileEdit
    from luminous_daemon.core.inputs import InputsUpdate
    from luminous_daemon.core.placing import Placed
    from luminous_protocol.changes import Change
    from luminous_protocol.plan import Plan


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with what the daemon needs to carry it out; what clients see is `plan`.

    `base` is the toplevel that was running when the plan was made. `toplevel` is the system to
    activate once it is built; `derivation` builds it, and is empty for a generation that exists
    already. `digest` is the configuration's; `undoes` the transaction that the plan takes back.
    `creation` comes before `edit`: Luminous's file, for a configuration that is to import it.
    `values` are those of the options, to be kept for comparisons; kernels are copied to
    `boot_partition`. `placed` are the edits of files that a person wrote,
    and `tracked` files that git is to know. `is_mending`: without the plan no system can be built.
    """

    plan: Plan
    words: str
    base: str
    default: int
    digest: str = ""
    creation: FileEdit | None = None
    edit: FileEdit | None = None
    placed: tuple[Placed, ...] = ()
    tracked: tuple[str, ...] = ()
    inverse: tuple[Change, ...] = ()
    derivation: str = ""
    toplevel: str = ""
    inputs: InputsUpdate | None = None
    undoes: str = ""
    values: Mapping[str, str] | None = None
    boot_partition: str = ""
    is_mending: bool = False
