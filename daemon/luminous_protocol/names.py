"""Names on the bus: the bus name, object paths, interfaces and polkit actions."""

from __future__ import annotations

import re
from enum import StrEnum

BUS_NAME = "org.luminous1"
ROOT_PATH = "/org/luminous1"
PLAN_PREFIX = f"{ROOT_PATH}/plan/"
TRANSACTION_PREFIX = f"{ROOT_PATH}/transaction/"
ERROR_PREFIX = f"{BUS_NAME}.Error."

INTENT = f"{BUS_NAME}.Intent"
SYSTEM = f"{BUS_NAME}.System"
KNOWLEDGE = f"{BUS_NAME}.Knowledge"
EXPLAIN = f"{BUS_NAME}.Explain"
PLAN = f"{BUS_NAME}.Plan"
TRANSACTION = f"{BUS_NAME}.Transaction"

PROPERTIES = "org.freedesktop.DBus.Properties"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
PEER = "org.freedesktop.DBus.Peer"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"

IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,64}")
"""The last element of a plan's or transaction's object path."""


class Action(StrEnum):
    """The polkit actions, one for each purpose, as `polkit/org.luminous1.policy` declares them."""

    READ = f"{BUS_NAME}.read"
    PLAN = f"{BUS_NAME}.plan"
    CHANGE_PACKAGES = f"{BUS_NAME}.change-packages"
    CHANGE_OPTIONS = f"{BUS_NAME}.change-options"
    CHANGE_SEVERAL = f"{BUS_NAME}.change-several"
    CHANGE_HIGH_RISK = f"{BUS_NAME}.change-high-risk"
    UPDATE = f"{BUS_NAME}.update"
    REBUILD = f"{BUS_NAME}.rebuild"
    ROLLBACK = f"{BUS_NAME}.rollback"
    COLLECT_GARBAGE = f"{BUS_NAME}.collect-garbage"
    MANAGE_OTHERS = f"{BUS_NAME}.manage-others"
    READ_AUDIT = f"{BUS_NAME}.read-audit"
    INDEX = f"{BUS_NAME}.index"


def plan_path(identifier: str) -> str:
    """Return the object path of the plan called `identifier`."""
    return PLAN_PREFIX + identifier


def transaction_path(identifier: str) -> str:
    """Return the object path of the transaction called `identifier`."""
    return TRANSACTION_PREFIX + identifier
