"""Everything that can go wrong, named once.

    LuminousError
    ├── RequestError          what was asked for cannot be
    │   ├── InvalidText  InvalidChange  InvalidValue  LimitExceeded
    │   ├── UnknownPackage  UnknownOption  UnknownGeneration  UnknownObject  UnknownUnit
    │   ├── PackageRefused    unfree, insecure, broken, renamed or removed
    │   ├── DefinedElsewhere  written in a file that is not Luminous's own
    │   ├── RepairRefused     a person's file that is left as it is
    │   └── NothingToDo       it is so already
    ├── AuthorizationError
    │   └── NotAuthorized  Dismissed  NoAgent
    ├── StateError            it was possible before, or will be later
    │   ├── Drifted  Expired  AlreadyUsed  Busy  Cancelled  TooLate  NotReady
    │   └── NoSpace  SwitchInhibited  MindUnavailable  SystemdUnavailable
    └── OperationError        it was tried and did not work; everything is as before
        ├── EvaluationFailed  BuildFailed  ActivationFailed  Unconfirmed  UpdateFailed
        ├── ConfigurationUnreadable  NotImported
        └── StorageFailed  Interrupted  Internal

A message is one or more sentences for people: what is so, and what to do next. `details` carries
the same as data (`nearest`, `type`, `example`, `derivation`, `log`, …); its values are strings,
lists of strings, or strings by name. The name on the bus is `org.luminous1.Error.<class name>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luminous_protocol.names import ERROR_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

Detail = str | list[str] | dict[str, str]
"""A value of an error's details."""


class LuminousError(Exception):
    """The root of all errors that reach a person."""

    def __init__(self, message: str, details: Mapping[str, Detail] | None = None) -> None:
        """Keep `message` for people and `details` for programs."""
        super().__init__(message)
        self.message = message
        self.details: dict[str, Detail] = dict(details or {})

    @property
    def name(self) -> str:
        """The short name, for example `UnknownPackage`."""
        return type(self).__name__

    @property
    def dbus_name(self) -> str:
        """The name on the bus."""
        return ERROR_PREFIX + self.name


class RequestError(LuminousError):
    """What was asked for cannot be."""


class InvalidText(RequestError):
    """Text that is too long, or holds characters that words never hold."""


class InvalidChange(RequestError):
    """A change that is malformed, or changes that do not fit into one plan."""


class InvalidValue(RequestError):
    """A value that its option or argument does not take. Details: `type`, `example`."""


class LimitExceeded(RequestError):
    """One client holds too many plans or transactions."""


class UnknownPackage(RequestError):
    """No such package. Details: `package`, as it was asked for, and `nearest`."""


class UnknownOption(RequestError):
    """No such option, or not any more. Details: `option`, as it was asked for, and `nearest`."""


class UnknownGeneration(RequestError):
    """No such generation of the system profile. Details: `nearest`."""


class UnknownObject(RequestError):
    """No such plan or transaction, or not any more."""


class UnknownUnit(RequestError):
    """Systemd knows no such unit. Details: `unit`, as it was asked for, and `nearest`."""


class PackageRefused(RequestError):
    """Nixpkgs refuses the package.

    Details: `reason`; where there are others to take its place, `replacement` and `nearest`.
    """


class DefinedElsewhere(RequestError):
    """It is written in a file that Luminous does not own. Details: `files`."""


class RepairRefused(RequestError):
    """A file that a person wrote is not mended. Details: `file`, and `reason` or `patch`."""


class NothingToDo(RequestError):
    """It is so already."""


class AuthorizationError(LuminousError):
    """Nobody with the right to do so has approved."""


class NotAuthorized(AuthorizationError):
    """Polkit says no."""


class Dismissed(AuthorizationError):
    """The person closed the question."""


class NoAgent(AuthorizationError):
    """Nobody could be asked: the session has no polkit agent."""


class StateError(LuminousError):
    """It was possible before, or will be later."""


class Drifted(StateError):
    """Something that the plan depends on has changed since."""


class Expired(StateError):
    """The plan is too old."""


class AlreadyUsed(StateError):
    """The plan has been applied or discarded."""


class Busy(StateError):
    """Another change is being made."""


class Cancelled(StateError):
    """Somebody cancelled it."""


class TooLate(StateError):
    """It cannot be cancelled or confirmed any more."""


class NotReady(StateError):
    """The plan is still being prepared, or could not be prepared."""


class NoSpace(StateError):
    """A file system has no room for what would be done. Details: `path`, `needed`, `free`."""


class SwitchInhibited(StateError):
    """NixOS does not switch to that system while the machine runs. Details: `inhibitors`."""


class MindUnavailable(StateError):
    """The process that searches did not come up, ended in the middle or took too long."""


class SystemdUnavailable(StateError):
    """Systemd does not answer on the bus: it is not there, or does not run this machine."""


class OperationError(LuminousError):
    """It was tried and did not work."""


class EvaluationFailed(OperationError):
    """Nix cannot evaluate the configuration.

    Details: `log`, `reason`, `place` (file:line:column), `refused` (a package), `untracked` (a file
    that git does not know).
    """


class BuildFailed(OperationError):
    """A derivation does not build. Details: `derivation`, `log`."""


class ActivationFailed(OperationError):
    """The new system did not come up well. Details: `units` and `probes`, or `log`."""


class Unconfirmed(OperationError):
    """Nobody confirmed in time that the new system is to stay, so it was put back."""


class UpdateFailed(OperationError):
    """The inputs could not be brought up to date."""


class ConfigurationUnreadable(OperationError):
    """Luminous's own file is not in the form that it writes. Details: `file`, `line`."""


class NotImported(OperationError):
    """The configuration does not import Luminous's file.

    Details: `file`; where it is not made so automatically, `configuration`, the `line` to add to
    its imports, and a `patch`.
    """


class StorageFailed(OperationError):
    """A file cannot be written or read: a full disk, a read-only file system."""


class Interrupted(OperationError):
    """The daemon stopped in the middle of it."""


class Internal(OperationError):
    """A defect in Luminous. The journal has the rest."""


def _tree(root: type[LuminousError]) -> dict[str, type[LuminousError]]:
    found = {root.__name__: root}
    for child in root.__subclasses__():
        found |= _tree(child)
    return found


ERRORS: Mapping[str, type[LuminousError]] = _tree(LuminousError)
"""Every error by its short name."""


def error_named(name: str, message: str) -> LuminousError:
    """Return the error that `name` (short, or as on the bus) stands for; `Internal` if unknown."""
    return ERRORS.get(name.removeprefix(ERROR_PREFIX), Internal)(message)
