"""What can go wrong on the client's side of the bus.

    LuminousError
    ├── RequestError
    │   └── UsageError  NotUnderstood  NotPossible
    ├── StateError
    │   └── NotConfirmed  Left
    └── OperationError
        └── DaemonAbsent  DaemonLost  RecordBroken  Unwell  NotMended

They complete the tree of `luminous_protocol.errors`; none of them ever travels over the bus.
"""

from __future__ import annotations

from luminous_protocol.errors import OperationError, RequestError, StateError


class UsageError(RequestError):
    """The command line cannot be read."""


class NotUnderstood(RequestError):
    """The words say nothing that Luminous recognises."""


class NotPossible(RequestError):
    """The words were understood, but it is nothing that Luminous does."""


class NotConfirmed(StateError):
    """A plan was shown and not approved."""


class Left(StateError):
    """The person left while the daemon goes on."""


class DaemonAbsent(OperationError):
    """Nobody answers on the bus."""


class DaemonLost(OperationError):
    """The daemon left the bus in the middle of something."""


class RecordBroken(OperationError):
    """The audit record is not what the daemon has written."""


class Unwell(OperationError):
    """Something of the machine wants attention."""


class NotMended(OperationError):
    """A repair was asked for, and none is known."""
