"""A program in polkitd's place that answers every question as its argument says: wrongly."""

from __future__ import annotations

import sys

from jeepney import MessageType, message_bus, new_error, new_method_return
from jeepney.io.blocking import open_dbus_connection

ANSWERS = {"a text": ("s", ("yes",)), "too little": ("(bb)", ((True, False),)), "nothing": ("", ())}
ERROR = "org.freedesktop.PolicyKit1.Error.Failed"


def main() -> None:
    """Own polkit's name until killed."""
    connection = open_dbus_connection("SYSTEM")
    connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.PolicyKit1"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        asked = connection.receive()
        if asked.header.message_type is not MessageType.method_call:
            continue
        answer = ANSWERS.get(sys.argv[1])
        if answer:
            connection.send(new_method_return(asked, *answer))
        else:
            connection.send(new_error(asked, ERROR, "s", ("out of order",)))


if __name__ == "__main__":
    main()
