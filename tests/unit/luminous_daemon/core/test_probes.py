"""Probes as an administrator may write them."""

from __future__ import annotations

import pytest

from luminous_daemon.core.probes import Probe, address_of, check_probes
from luminous_protocol.errors import InvalidValue

RIGHT = [
    Probe(command=("/bin/true",)),
    Probe(command=("/bin/sh", "-c", "; $(x)", ""), user="postgres", seconds=300),
    Probe(unit="nginx.service", seconds=1),
    Probe(unit="getty@tty1.service"),
    Probe(unit="dev-disk-by\\x2dlabel-root.device"),
    Probe(tcp="localhost:80"),
    Probe(tcp="[::1]:65535"),
    Probe(tcp="127.0.0.1:1"),
    Probe(url="http://localhost"),
    Probe(url="https://example.org:8443/health?a=b#c"),
    Probe(url="http://[::1]:8080/[a]/{b}/a@b"),
]
WRONG = [
    (Probe(), "probes.x: A probe has exactly one of command, unit, tcp, url; this has none."),
    (Probe(unit="a.service", tcp="a:1"), "this has unit and tcp."),
    (Probe(command=()), "probes.x.command: Give a list"),
    (Probe(command=("true",)), "probes.x.command: Give a list"),
    (Probe(command=("bin/true",)), "with its whole path"),
    (Probe(command=("",)), "probes.x.command: Give a list"),
    (Probe(command=("/bin/true", "a\0b")), "null character"),
    (Probe(unit=""), "probes.x.unit: '' is no unit of systemd."),
    (Probe(unit="nginx"), "such as nginx.service"),
    (Probe(unit="--help.service"), "is no unit of systemd"),
    (Probe(unit="getty@.service"), "is no unit of systemd"),
    (Probe(unit="a b.service"), "is no unit of systemd"),
    (Probe(unit="a.service\n"), "is no unit of systemd"),
    (Probe(unit=f"{'a' * 250}.service"), "is no unit of systemd"),
    (Probe(tcp=""), "probes.x.tcp: '' is no address."),
    (Probe(tcp="localhost"), "Write it as localhost:80 or [::1]:80."),
    (Probe(tcp="::1:80"), "is no address"),
    (Probe(tcp="localhost:0"), "There is no port 0"),
    (Probe(tcp="localhost:65536"), "There is no port 65536"),
    (Probe(tcp="localhost:http"), "is no address"),
    (Probe(tcp="a..b:80"), "is no address"),
    (Probe(tcp=f"{'a' * 64}:80"), "is no address"),
    (Probe(url=""), "probes.x.url: '' is no address"),
    (Probe(url="localhost"), "Write it as http://localhost:8080/health"),
    (Probe(url="ftp://localhost/"), "with http or https"),
    (Probe(url="file:///etc/shadow"), "with http or https"),
    (Probe(url="http://me:secret@localhost/"), "without a user or a password"),
    (Probe(url="http://localhost/a b"), "is no address"),
    (Probe(url="http://localhost/\n--upload-file"), "is no address"),
    (Probe(url="http://localhost:99999/"), "There is no port 99999"),
    (Probe(tcp="a:1", seconds=0), "probes.x.seconds: A probe takes from 1 to 300 seconds."),
    (Probe(tcp="a:1", seconds=301), "probes.x.seconds: A probe takes from 1 to 300 seconds."),
    (Probe(tcp="a:1", user="alice"), "probes.x.user: Only a command is run by a user."),
    (Probe(command=("/bin/true",), user=""), "probes.x.user: '' cannot be a user's name."),
    (Probe(command=("/bin/true",), user="a b"), "probes.x.user: 'a b' cannot be a user's name."),
]


@pytest.mark.parametrize("probe", RIGHT, ids=str)
def test_what_makes_sense_is_taken(probe: Probe) -> None:
    check_probes({"x": probe})


@pytest.mark.parametrize(("probe", "says"), WRONG, ids=str)
def test_what_makes_no_sense_is_named_with_its_key(probe: Probe, says: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_probes({"well": Probe(tcp="a:1"), "x": probe})
    assert refused.value.message.startswith("probes.x")
    assert says in refused.value.message


@pytest.mark.parametrize("name", ["", "a b", "-a", "a\n", "é", "a" * 65, "a\x1b[31m"])
def test_a_name_is_something_to_say_in_a_sentence(name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_probes({name: Probe(tcp="a:1")})
    assert refused.value.message.startswith(f"probes: {name!r} cannot be the name of a probe.")


@pytest.mark.parametrize(
    ("tcp", "host", "port"), [("localhost:80", "localhost", 80), ("[::1]:8080", "::1", 8080)]
)
def test_an_address_is_a_host_and_a_port(tcp: str, host: str, port: int) -> None:
    assert address_of(tcp) == (host, port)
