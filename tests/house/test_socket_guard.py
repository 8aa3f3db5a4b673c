"""The guard over every socket bites: each way out that is no door is stopped, seen and told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys

import pytest

from localfed.net.addresses import Zone
from localfed.net.dial import guarded_sockets
from socket_guard import DOORS, SocketOpenedElsewhere, sockets_seen, take_offences

WAYS = {
    "makes a socket": "import socket; socket.socket().close()",
    "makes a socket of the raw module": "import _socket; _socket.socket()",
    "makes a datagram socket": "import socket; socket.socket(type=socket.SOCK_DGRAM).close()",
    "makes an IPv6 socket": "import socket; socket.socket(socket.AF_INET6).close()",
    "imports it by name": "__import__('importlib').import_module('socket').socket().close()",
    "connects": "import socket; socket.create_connection(('127.0.0.1', 9), 1)",
    "speaks HTTP": "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
    "looks a name up": "import socket; socket.getaddrinfo('localhost', 80)",
    "looks a name up in the old way": "import socket; socket.gethostbyname('localhost')",
    "looks an address up": "import socket; socket.gethostbyaddr('127.0.0.1')",
    "starts a program": "import subprocess; subprocess.run(['true'])",
    "starts a program by the shell": "import os; os.system('true')",
    "listens": "import socketserver as s; s.TCPServer(('127.0.0.1', 0), s.BaseRequestHandler)",
    "writes its log to another machine": (
        "import logging, logging.handlers as h; h.DatagramHandler('127.0.0.1', 9).send(b'x')"
    ),
}


def code_of(module, source):
    """Code that stands, as far as anyone can see, in a module of LocalFed."""
    return compile(source, f"src/{module.replace('.', '/')}.py", "exec"), {"__name__": module}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "module", ["localfed.app.spy", "localfed.protocol.spy", "localfed.web.api"]
)
def test_a_module_that_is_no_door_is_stopped(module, way):
    code, names = code_of(module, WAYS[way])

    with pytest.raises(SocketOpenedElsewhere, match=module):
        exec(code, names)  # noqa: S102 - our own lines, as if they stood in that module

    assert {one.owner for one in take_offences()} == {module}


def test_who_catches_the_guards_error_is_seen_all_the_same():
    source = "import socket\ntry:\n    socket.socket()\nexcept BaseException:\n    pass"
    code, names = code_of("localfed.index.spy", source)

    exec(code, names)  # noqa: S102

    (offence,) = take_offences()
    assert (offence.owner, offence.event) == ("localfed.index.spy", "socket.__new__")


async def test_a_task_of_its_own_and_a_thread_hide_nobody():
    source = (
        "import asyncio, socket\n"
        "async def later():\n    socket.socket()\n"
        "def on_a_thread():\n    socket.socket()\n"
    )
    code, names = code_of("localfed.app.spy", source)
    exec(code, names)  # noqa: S102

    with pytest.raises(SocketOpenedElsewhere):
        await asyncio.create_task(names["later"]())
    with pytest.raises(SocketOpenedElsewhere):
        await asyncio.to_thread(names["on_a_thread"])

    assert len(take_offences()) == 2


async def test_what_a_door_makes_and_where_it_connects_is_recorded():
    address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))

    with sockets_seen() as seen:
        made = guarded_sockets(Zone.LOOPBACK, None)(address)
        with contextlib.closing(made), contextlib.suppress(OSError):
            made.connect(("127.0.0.1", 9))

    assert [one.owner for one in seen.made] == ["localfed.net.dial"]
    assert seen.connected == ["127.0.0.1:9"]
    assert take_offences() == []


def test_every_door_that_the_guard_knows_is_a_module():
    named = {module for modules in DOORS.values() for module in modules}

    for module in named:
        __import__(module)

    assert named <= sys.modules.keys()
