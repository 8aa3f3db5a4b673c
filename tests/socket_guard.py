"""Who opens sockets: a runtime guard over the two doors of LocalFed, for the whole suite.

Here: an audit hook of Python (PEP 578) that sees every socket of this process as it is made, tied and
connected, and every program that is started; the nearest frame of `localfed` on the stack says who did
it. What is not a door is stopped there and fails the test. Also here: `sockets_seen`, for tests that
ask which addresses were tried. Not here: pytest-socket, which forbids other machines altogether
(pyproject.toml), and what can be seen without running anything (`house/test_code.py`).

A hook cannot be taken away again, so there is one for each process, and it is cheap: one look in a
dictionary for every event that is none of these.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

_DIAL: Final = "localfed.net.dial"
_FETCH: Final = "localfed.net.fetch"
_SITE: Final = "localfed.web.site"
_DEMO: Final = "localfed.server.demo"
_PICTURES: Final = "localfed.server.picture_process"

DOORS: Final[dict[str, frozenset[str]]] = {
    # The demo looks for free ports and starts the nodes as programs of their own.
    # What feeds a program of our own is a pair of sockets, tied to each other.
    "socket.__new__": frozenset({_DIAL, _SITE, _DEMO, _PICTURES}),
    "socket.bind": frozenset({_SITE, _DEMO}),
    "socket.connect": frozenset({_DIAL, _FETCH}),
    "socket.getaddrinfo": frozenset({_DIAL}),
    "socket.gethostbyname": frozenset(),
    "socket.gethostbyaddr": frozenset(),
    "socket.getnameinfo": frozenset(),
    "socket.sendto": frozenset(),
    "socket.sendmsg": frozenset(),
    # Another program's sockets would be seen by nobody.
    "subprocess.Popen": frozenset({_DEMO, _PICTURES}),
    "os.system": frozenset(),
    "os.posix_spawn": frozenset(),
    "os.exec": frozenset(),
    "os.fork": frozenset(),
}
"""Every event that is looked at, and the modules of LocalFed that may cause it."""

# Where the event loop begins a step: what is above started the loop, and not this step.
_STEP: Final = "asyncio.events"


class SocketOpenedElsewhere(AssertionError):
    """A module of LocalFed that is no door opened a socket."""


@dataclass(frozen=True)
class Seen:
    """One event, and which module of LocalFed caused it; "" for the tests and their libraries."""

    event: str
    owner: str
    what: str


@dataclass
class Watch:
    """What happened while it was watched."""

    events: list[Seen] = field(default_factory=list)

    def named(self, event: str) -> list[Seen]:
        """Those of one kind."""
        return [one for one in self.events if one.event == event]

    @property
    def connected(self) -> list[str]:
        """Every address that somebody tried to connect to, as `host:port`."""
        return [one.what for one in self.named("socket.connect")]

    @property
    def made(self) -> list[Seen]:
        """Every socket that LocalFed itself made."""
        return [one for one in self.named("socket.__new__") if one.owner]


_watches: list[Watch] = []
_offences: list[Seen] = []


def take_offences() -> list[Seen]:
    """Return what was done by no door since the last time; the guard stopped each of it."""
    taken = list(_offences)
    _offences.clear()
    return taken


@contextmanager
def sockets_seen() -> Iterator[Watch]:
    """Record every event of every thread for the length of a block."""
    watch = Watch()
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)


def _judge(event: str, arguments: tuple[Any, ...]) -> None:
    doors = DOORS.get(event)
    if doors is None or not _is_of_the_network(event, arguments):
        return
    seen = Seen(event=event, owner=_owner(), what=_tell(event, arguments))
    for watch in _watches:
        watch.events.append(seen)
    if seen.owner and seen.owner not in doors:
        _offences.append(seen)  # also where the error itself is caught
        raise SocketOpenedElsewhere(f"{seen.owner} is no door: {seen.event} {seen.what}")


def _is_of_the_network(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether it can lead out: each event loop has a pair of local sockets for itself."""
    if event == "socket.__new__":
        return bool(arguments[1] != socket.AF_UNIX)
    return True


def _owner() -> str:
    """Name the nearest module of LocalFed on the stack of this step."""
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("localfed."):
            return str(name)
        if name == _STEP:
            return ""
        frame = frame.f_back
    return ""


def _tell(event: str, arguments: tuple[Any, ...]) -> str:
    if event in {"socket.connect", "socket.bind"}:
        address = arguments[1]
        return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else repr(address)
    if event == "socket.__new__":
        return f"family {arguments[1]}"
    return repr(arguments)[:200]


_is_installed = False


def install() -> None:
    """Put the hook in place, once."""
    global _is_installed  # noqa: PLW0603 - there is one hook of one process
    if not _is_installed:
        _is_installed = True
        sys.addaudithook(_judge)
