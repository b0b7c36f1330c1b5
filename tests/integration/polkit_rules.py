"""Rules of polkit that tests put in force for a while, as an administrator would."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from jeepney import DBusAddress, message_bus, new_method_call

from luminous_protocol.names import Action
from luminous_sandbox.bus import SOCKET, connect
from tests.integration.bus_client import Client
from tests.integration.machine_state import wait_until

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from jeepney.io.blocking import DBusConnection

    from luminous_sandbox.machine import Sandbox
    from luminous_sandbox.users import UserName

ALL = frozenset(Action)
CHANGING = ALL - {Action.READ, Action.PLAN}

_RULES = "/etc/polkit-1/rules.d/05-test.rules"
_DECISIONS = "/run/luminous-sandbox/polkit-decisions"
# It looks each time, because polkit reads rules themselves again at a moment of its own choice.
_RULE = f"""polkit.addRule(function (action, subject) {{
  try {{
    var decisions = JSON.parse(polkit.spawn(["/bin/cat", "{_DECISIONS}"]));
  }} catch (error) {{
    return polkit.Result.NOT_HANDLED;
  }}
  if (subject.user != decisions.user) return polkit.Result.NOT_HANDLED;
  if (decisions.refused.indexOf(action.id) >= 0) return polkit.Result.NO;
  if (decisions.allowed.indexOf(action.id) >= 0) return polkit.Result.YES;
}});
"""
_SETTLED = 5
_POLKIT = DBusAddress(
    "/org/freedesktop/PolicyKit1/Authority",
    "org.freedesktop.PolicyKit1",
    "org.freedesktop.PolicyKit1.Authority",
)


@contextmanager
def refusing(
    sandbox: Sandbox,
    user: UserName,
    refused: Collection[Action],
    *,
    allowed: Collection[Action] = (),
) -> Iterator[None]:
    """Refuse these actions to a user, and allow those without a question."""
    said = {"user": user, "refused": [*refused], "allowed": [*allowed]}
    decisions, rules = sandbox.path(_DECISIONS), sandbox.path(_RULES)
    decisions.write_text(json.dumps(said))
    if not rules.exists():
        rules.write_text(_RULE)
        for _ in range(_SETTLED):
            wait_until(lambda: decides(sandbox, user, refused, allowed))
    try:
        yield
    finally:
        decisions.unlink()


def decides(
    sandbox: Sandbox, user: UserName, refused: Collection[Action], allowed: Collection[Action]
) -> bool:
    """Tell whether polkit answers so about a process of the user."""
    with Client(sandbox, user) as subject, on_bus(sandbox) as root:
        for action in Action:
            answer = _check(root, subject.unique_name, action)
            if action in refused and answer != (False, False):
                return False
            if action in allowed and answer != (True, False):
                return False
    return True


def _check(root: DBusConnection, subject: str, action: Action) -> tuple[bool, bool]:
    who = ("system-bus-name", {"name": ("s", subject)})
    question: tuple[object, ...] = (who, str(action), {}, 0, "")
    call = new_method_call(_POLKIT, "CheckAuthorization", "(sa{sv})sa{ss}us", question)
    is_authorised, is_challenge, _ = root.send_and_get_reply(call).body[0]
    return bool(is_authorised), bool(is_challenge)


def reload_bus(sandbox: Sandbox) -> None:
    """Put the files of the bus's policy in force."""
    with on_bus(sandbox) as root:
        root.send_and_get_reply(message_bus.ReloadConfig())


def on_bus(sandbox: Sandbox) -> closing[DBusConnection]:
    """Connect to the machine's bus as root."""
    return closing(connect(sandbox.real_path(SOCKET)))
