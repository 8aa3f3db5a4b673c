"""The building inspector looks for doors: who may open a socket, listen, run a program, let a row in.

What a text cannot show is seen when it runs: `socket_guard.py` watches the whole suite.
"""

from __future__ import annotations

import ast
import re

import pytest

from house.building import files, imported, name_of, parsed, source_files
from house.ways_out import ways_out
from localfed.app.store_port import Transaction
from localfed.web.widget_joined import without_comments

# File of src/localfed: what it may do, and why it is the one that does.
DOORS: dict[str, set[str]] = {
    # The socket factory and the resolver.
    "net/dial.py": {"aiohttp.connector", "aiohttp.connector.AddrInfoType", "socket"},
    # The sessions, and the certificates that they trust.
    "net/fetch.py": {
        "_make_session",
        "_session",
        "_sessions",
        "aiohttp.ClientSession",
        "aiohttp.TCPConnector",
        "ssl",
    },
    # The other door: to the operator's own mail server.
    "net/mail.py": {"aiosmtplib"},
    # It keeps HTTP libraries out while pyld is imported: pyld never fetches.
    "interop/rdf.py": {"sys.modules"},
    # It looks for free ports.
    "server/demo.py": {"socket"},
    # It runs each node as a program of its own.
    "server/demo_node.py": {"create_subprocess_exec"},
    # It runs our own program that decodes pictures, which cannot open anything.
    "server/picture_process.py": {"create_subprocess_exec"},
    # An operator asks for a table from PyPI: by pip, with the settings that pip has there, if pip is there.
    "server/place_building.py": {"importlib.util", "importlib.util.find_spec", "subprocess"},
}
"""The doors that lead out."""

INCOMING = "aiohttp.web"


def inside(path):
    return name_of(path).removeprefix("src/localfed/")


def test_only_the_doors_lead_out():
    found = [
        f"{name_of(path)}:{line} {name}"
        for path in source_files()
        for line, name in ways_out(parsed(path))
        if name not in DOORS.get(inside(path), set()) and not name.startswith(INCOMING)
    ]

    assert sorted(set(found)) == []


def test_every_door_that_is_allowed_is_used():
    used = {
        inside(path): {name for _, name in ways_out(parsed(path))}
        for path in source_files()
        if inside(path) in DOORS
    }

    assert {
        path: needless
        for path, names in DOORS.items()
        if (needless := names - used.get(path, set()))
    } == {}


def test_only_web_serves_http():
    servers = [
        f"{name_of(path)}:{line} {name}"
        for path in source_files()
        if not inside(path).startswith("web/")
        for line, name in ways_out(parsed(path))
        if name.startswith(INCOMING)
    ]

    assert servers == []


def test_only_one_file_begins_to_listen():
    listening = {"TCPSite", "UnixSite", "SockSite", "NamedPipeSite", "run_app"}
    found = {
        inside(path)
        for path in source_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in listening
    }
    found |= {
        inside(path)
        for path in source_files()
        for _, name in imported(parsed(path))
        if name.rsplit(".", 1)[-1] in listening
    }

    assert found == {"web/site.py"}


def test_only_the_door_inwards_writes_what_others_say():
    """LF-ACCEPT-9: nothing of a stranger is stored that did not pass it."""
    accepting = {name for name in vars(Transaction) if name.startswith("accept_")}
    accepting.add("delete_publisher")

    calling = {
        inside(path)
        for path in source_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in accepting
    }

    assert len(accepting) >= 5
    assert calling == {"app/accepting.py"}


def test_a_row_becomes_live_only_where_its_bytes_were_opened():
    """LF-ACCEPT-7: what others sent, and what this node signs itself."""
    making_live = {
        path
        for path in source_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.keyword)
        and node.arg == "state"
        and ast.unparse(node.value).endswith("DocumentState.LIVE")
    }

    assert {inside(path) for path in making_live} == {"app/checking.py", "app/signing.py"}
    for path in making_live:
        names = {name.rsplit(".", 1)[-1] for _, name in imported(parsed(path))}
        assert "open_document" in names, name_of(path)


def test_no_floor_below_the_doors_is_given_a_session_or_a_socket():
    annotated = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node.annotation)}"
        for path in files("src", ".py")
        if inside(path) not in DOORS
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.arg | ast.AnnAssign)
        and node.annotation is not None
        and any(
            word in ast.unparse(node.annotation)
            for word in ("ClientSession", "Connector", "socket.socket", "StreamWriter", "Transport")
        )
        # asyncio tells a connection of the server who its transport is.
        and inside(path) != "web/runner.py"
    ]

    assert annotated == []


WAYS = {
    "plainly": "import socket",
    "under another name": "import socket as values",
    "from inside": "from socket import create_connection",
    "by the raw module": "import _socket",
    "by a library": "import urllib.request",
    "by a library of HTTP": "from http.client import HTTPSConnection",
    "by the client of aiohttp": "from aiohttp import ClientSession",
    "by aiohttp under another name": "import aiohttp as web\nweb.ClientSession()",
    "by a module of aiohttp": "from aiohttp import client\nclient.ClientSession()",
    "by a module of aiohttp, deeper": "from aiohttp.connector import TCPConnector",
    "by one request": "import aiohttp\naiohttp.request('GET', x)",
    "by the event loop": "import asyncio\nasyncio.open_connection(x, 1)",
    "by the event loop under another name": "from asyncio import open_connection as read",
    "by a loop that is running": "loop.create_connection(x, y, 1)",
    "by datagrams": "loop.create_datagram_endpoint(x)",
    "by everything of a module": "from asyncio import *",
    "by a name that is text": "getattr(loop, 'create_connection')(x)",
    "by a name that is computed": "import asyncio\ngetattr(asyncio, 'open_' + x)(y)",
    "by importing at run time": "import importlib\nimportlib.import_module('socket')",
    "by importing at run time, from inside": "from importlib import import_module",
    "by the function behind import": "__import__('socket')",
    "by code in a text": "exec('import socket')",
    "by what is imported already": "import sys\nsys.modules['socket']",
    "by another program": "import subprocess",
    "by another program, on the loop": "import asyncio\nasyncio.create_subprocess_exec('curl', x)",
    "by the shell": "import os\nos.system('curl')",
    "by the shell, from inside": "from os import popen",
    "by another process": "from multiprocessing.connection import Client",
    "by a handler of the log": "from logging.handlers import HTTPHandler",
    "by a foreign library": "import ctypes",
    "by a session that was passed on": "door._session(zone).get(x)",
    "by the sessions of the door": "self.fetch._sessions",
    "by a session of its own": "def f(self):\n    return self.session.get(x)",
    "as a server": "from aiohttp import web",
    "as a server, deeper": "from aiohttp.web_runner import TCPSite",
    "as a server of the standard library": "from http.server import HTTPServer",
    "as a server on the loop": "asyncio.start_server(x, y)",
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_out_is_found_in_the_text(way):
    assert list(ways_out(ast.parse(WAYS[way])))


def test_harmless_text_is_let_pass():
    text = "import asyncio, os, re\nfrom aiohttp import hdrs\nre.compile(x)\ngetattr(x, name)\nos.replace(x, y)"

    assert list(ways_out(ast.parse(text))) == []


# What makes elements or code out of text, keeps something in the browser, or asks somebody else.
NOT_IN_THE_WIDGET = (
    *(
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "createContextualFragment",
        "setHTML",
    ),
    *("eval(", "Function(", "setTimeout(", "setInterval(", "DOMParser", "srcdoc"),
    *("localStorage", "sessionStorage", "indexedDB", "cookie", "caches.", "serviceWorker"),
    *("XMLHttpRequest", "sendBeacon", "WebSocket", "EventSource", "new Image", "@import", "url("),
)


def test_the_widget_takes_text_as_text_keeps_nothing_and_asks_one_node():
    modules = [
        path for path in files("src", ".js") if "widget" in path.name or "widget" in path.parts
    ]
    assert len(modules) > 10

    found = [
        f"{name_of(path)} {word}"
        for path in modules
        if path.name != "map.js"
        for word in NOT_IN_THE_WIDGET
        if re.search(
            rf"(?<![\w]){re.escape(word)}" if word[0].isalpha() else re.escape(word), code_of(path)
        )
    ]
    fetching = [
        name_of(path) for path in modules if "fetch(" in code_of(path) and path.name != "map.js"
    ]

    assert found == []
    assert fetching == ["src/localfed/widget/asking.js"]


def code_of(path):
    """The text of a module without its comments, which may speak of anything."""
    return without_comments(path.read_text(encoding="utf-8"))
