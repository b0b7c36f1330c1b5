"""The probed server: what a probe looks at in a sandbox, with a trouble of its own.

probed_server.py page PORT PROGRAM   answers 200, and 502 while the running system has PROGRAM
probed_server.py pausing PORT        takes connections, but not while the configuration differs
                                     from that of the start, until a moment after the switch
"""

from __future__ import annotations

import socket
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

_CONFIGURATION = Path("/etc/nixos/luminous.nix")
_SYSTEM = Path("/run/current-system")
_MOMENT_SECONDS = 0.8
_LOOK_SECONDS = 0.005


class Page(BaseHTTPRequestHandler):
    """A page that works, but with one program."""

    trouble: Path

    def do_GET(self) -> None:
        """Answer."""
        status = HTTPStatus.BAD_GATEWAY if self.trouble.exists() else HTTPStatus.OK
        self.send_response(HTTPStatus.FOUND if self.path == "/moved" else status)
        self.send_header("Location", "http://localhost:1/nowhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve_page(port: int, program: str) -> None:
    """Answer for ever."""
    Page.trouble = _SYSTEM / "sw/bin" / program
    with HTTPServer(("127.0.0.1", port), Page) as server:
        _say_ready()
        server.serve_forever()


def serve_with_a_pause(port: int) -> None:
    """Take connections, stop at a change, and begin again when it has been switched to."""
    configuration, system = _CONFIGURATION.read_bytes(), _SYSTEM.readlink()
    with socket.create_server(("127.0.0.1", port)):
        _say_ready()
        while _CONFIGURATION.read_bytes() == configuration:
            time.sleep(_LOOK_SECONDS)
    while _SYSTEM.readlink() == system:
        time.sleep(_LOOK_SECONDS)
    time.sleep(_MOMENT_SECONDS)
    with socket.create_server(("127.0.0.1", port)):
        time.sleep(60)


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["page", port, program]:
            serve_page(int(port), program)
        case ["pausing", port]:
            serve_with_a_pause(int(port))
        case _:
            sys.exit(__doc__)
