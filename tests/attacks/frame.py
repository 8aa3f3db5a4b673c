"""The frame of every attack: who is attacked, and what must still be true afterwards.

Here: the case, the victim (a real node with its site on loopback, its friends, its strangers), the
invariants of a hostile case as checks. Not here: any attack; each class of them is one file beside.

The invariants: the attack is refused with a stable code of the tree, never by a crash; nothing that
the node shows, holds or has promised is changed; LocalFed opens no socket that it should not; what one
attack costs is bounded; and the node answers the next request at once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw
import pytest

import socket_guard
from attacks.raw import Answer, exchange
from federation import Federation, Node
from localfed.app import search
from localfed.protocol import errors
from localfed.protocol.errors import LocalFedError, Unavailable, Unreachable
from localfed.store.connection import DATABASE
from localfed.web.node import Node as WebNode
from localfed.web.routes import make_app
from localfed.web.runner import Runner
from localfed.web.site import listen

Attack = Callable[["Victim"], Awaitable[None]]

NOTES: Final[dict[str, set[str]]] = {
    # When it was looked at and how that went: a node may remember that somebody misbehaved.
    "publisher": {"etag", "checked", "next_poll", "failures", "problem"},
    "standing": {"home_problem", "home_confirmed", "mirror", "source", "read", "pinged"},
    "evidence": {"*"},
    "clock_reading": {"*"},
    "mirror": {"*"},
}
"""Table: columns that are notes about others and no state; `*` for all of them."""

NOTED_FACTS: Final = ("tidied", "tidying-doubted", "vouching", "lapses")
"""Facts that are notes as well: when something was last done."""

EVIDENCE_ROWS: Final = 20
"""What is kept against one publisher at most."""

HEALTHY_SECONDS: Final = 0.1
REQUESTS: Final = 300
"""What one attack may make a node ask of others."""

TREE: Final = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, LocalFedError)
}


@dataclass(frozen=True)
class Case:
    """One attack: its name, how it is done, and the code that it is refused with, where one is told."""

    name: str
    attack: Attack
    code: str | None = None
    may_change: frozenset[str] = frozenset()
    """Tables that this attack, as an exception, may add rows to: say why where it is used."""


def params(cases: Sequence[Case]) -> list[Any]:
    """Make pytest items of a table; two of one name are a mistake."""
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), sorted(name for name in names if names.count(name) > 1)
    return [pytest.param(case, id=case.name) for case in cases]


# --- the victim ------------------------------------------------------------------------------


@dataclass
class Victim:
    """A node under attack, and the people around it. Only the network between the nodes is a fake."""

    federation: Federation
    node: Node
    """It hosts `Victim`, with an offer and a need."""
    friend: Node
    """Followed and read: three offers that are live, one that was withdrawn, one revised."""
    other: Node
    """Followed too, and honest: nothing that a friend or a stranger does may touch it."""
    stranger: Node
    """A node of its own that the victim does not know."""
    ids: dict[str, str]
    port: int = 0

    @property
    def network(self) -> Any:
        """The fake network between the nodes."""
        return self.federation.network

    @property
    def ports(self) -> Any:
        """The ports of the node under attack."""
        return self.node.ports

    async def send(self, sent: bytes, **options: Any) -> Answer:
        """Send raw bytes to the victim's site, and read what comes until it closes."""
        return await exchange(self.port, sent, **options)

    async def get(self, target: str, **fields: str) -> Answer:
        """Ask the victim's site for something, as a plain client would."""
        lines = [f"GET {target} HTTP/1.1", "Host: victim.example", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        return await self.send(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def post(self, body: bytes, target: str = "/inbox", **fields: str) -> Answer:
        """Post to the victim's site."""
        lines = [f"POST {target} HTTP/1.1", "Host: victim.example", "Connection: close"]
        lines += [f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        return await self.send(("\r\n".join(lines) + "\r\n\r\n").encode() + body)


PEOPLE: Final = ("victim", "friend", "other", "stranger")


async def make_town(folder: Path) -> dict[str, Any]:
    """Make the town that each attack gets a copy of; returns what it is called and signed by."""
    federation = Federation(folder)
    nodes = [await federation.node(name) for name in PEOPLE]
    victim, friend, other, stranger = nodes
    ids = {
        "veg": await victim.publish(
            {"type": "Offer", "name": "Veg box", "category": ["Food"], "url": "https://v.example/"}
        ),
        "drivers": await victim.publish({"type": "Need", "name": "Drivers"}),
        "bread": await friend.publish({"type": "Offer", "name": "Bread"}),
        "cake": await friend.publish({"type": "Offer", "name": "Cake"}),
        "flour": await friend.publish({"type": "Need", "name": "Flour"}),
        "gone": await friend.publish({"type": "Offer", "name": "Yesterday's bread"}),
        "tools": await other.publish({"type": "Offer", "name": "Tools to borrow"}),
        "strange": await stranger.publish({"type": "Offer", "name": "Strange offer"}),
    }
    for one in (friend, other):
        await victim.follow(one)
        await victim.sync(one)
    federation.clock.advance(minutes=10)
    await friend.withdraw(ids["gone"])
    await friend.publish({"type": "Offer", "id": ids["cake"], "name": "Cake, twice a week"})
    await victim.sync(friend)
    await search.catch_up(victim.ports)
    made = {one.host: (one.did, one.key, one.kit) for one in nodes}
    moment = federation.clock.moment
    federation.close()
    return {"nodes": made, "ids": ids, "moment": moment, "folder": folder}


@asynccontextmanager
async def a_victim(town: dict[str, Any], folder: Path) -> AsyncIterator[Victim]:
    """Copy the town, open it, and serve the victim's site on loopback."""
    shutil.copytree(town["folder"], folder, dirs_exist_ok=True)
    federation = Federation(folder)
    federation.clock.moment = town["moment"]
    nodes = []
    for seed, name in enumerate(PEOPLE, start=11):
        node = Node(federation, folder / name, f"{name}.example", seed=seed)
        node.did, node.key, node.kit = town["nodes"][node.host]
        federation.network.nodes[node.host] = node
        federation.all.append(node)
        nodes.append(node)
    victim = Victim(federation, *nodes, ids=dict(town["ids"]))
    runner = Runner(make_app(web_node(victim.node)), request_seconds=0.5)
    victim.port = await listen(runner, "127.0.0.1", 0)
    try:
        yield victim
    finally:
        await runner.cleanup()
        federation.close()


def web_node(node: Node) -> WebNode:
    """What the web floor is told about a node."""
    return WebNode(
        ports=node.ports,
        name="The node under attack",
        url=node.base,
        language="en",
        bundle_path=node.store.bundle_path,
        version="0.0.0",
    )


# --- the invariants --------------------------------------------------------------------------


def state_of(node: Node) -> dict[str, str]:
    """Hash all that a node holds: each table without the notes, each file but the database's."""
    found: dict[str, str] = {}
    connection = apsw.Connection(str(node.folder / DATABASE), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for (name,) in names.fetchall():
            notes = NOTES.get(name, set())
            if "*" in notes or name.startswith("sqlite_"):
                continue
            columns = connection.execute(f"SELECT name FROM pragma_table_info('{name}')")  # noqa: S608 - a name that the database gave
            kept = ", ".join(f'"{one}"' for (one,) in columns.fetchall() if one not in notes)
            where = f" WHERE name NOT IN {NOTED_FACTS}" if name == "fact" else ""
            query = f"SELECT {kept} FROM {name}{where}"  # noqa: S608 - likewise
            rows = sorted(repr(row) for row in connection.execute(query))
            found[name] = _hash("\n".join(rows).encode())
        counted = connection.execute("SELECT count(*) FROM evidence GROUP BY publisher_id")
        assert all(count <= EVIDENCE_ROWS for (count,) in counted)
    finally:
        connection.close()
    for file in sorted(node.folder.rglob("*")):
        inside = file.relative_to(node.folder)
        if file.is_file() and inside.parts[0] != "index" and not file.name.startswith(DATABASE):
            found[str(inside)] = _hash(file.read_bytes())
    return found


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@asynccontextmanager
async def unmoved(
    victim: Victim,
    *,
    may_change: Collection[str] = (),
    may_connect: Collection[str] = (),
    requests: int = REQUESTS,
) -> AsyncIterator[None]:
    """Assert the invariants of a hostile case around whatever is done inside.

    `may_change` names tables that may differ, `may_connect` the addresses (`host:port`) to which
    LocalFed may open a socket; by default it opens none, as its network is the fake one.
    """
    before, asked = state_of(victim.node), len(victim.network.requests)
    with socket_guard.sockets_seen() as watch, nothing_broke():
        yield
        await healthy(victim)
    opened = {one.what for one in watch.named("socket.connect") if one.owner}
    assert opened <= set(may_connect), f"sockets to {sorted(opened - set(may_connect))}"
    assert may_connect or watch.made == []
    assert len(victim.network.requests) - asked <= requests
    after = state_of(victim.node)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed <= set(may_change), f"changed: {sorted(changed - set(may_change))}"


@contextmanager
def nothing_broke() -> Iterator[None]:
    """Assert that nothing is logged as an error: what is refused is no breakdown of ours."""
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(heard)
    assert heard.told == []


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


async def healthy(victim: Victim) -> None:
    """Assert that the node answers a health check within 100 ms.

    The machine is shared: of a few tries the best counts; a node that is held up is so in each.
    """
    times = []
    for _ in range(5):
        began = time.perf_counter()
        answer = await victim.get("/api/v1/status")
        times.append(time.perf_counter() - began)
        assert (answer.status, json.loads(answer.body)["status"]) == (200, "ok")
        if times[-1] < HEALTHY_SECONDS:
            return
    raise AssertionError(f"the health check took {min(times):.3f} s")


@contextmanager
def refused(code: str | None = None) -> Iterator[None]:
    """Assert that what is done inside raises an error of the tree, and which."""
    with pytest.raises(LocalFedError) as caught:
        yield
    check_error(caught.value, code)


def check_error(error: LocalFedError, code: str | None = None) -> None:
    """Check that an error may be shown: of the tree, of the right kind, and telling nothing of ours."""
    assert TREE.get(error.code) is type(error), f"{error!r} is no leaf of the tree"
    if code is not None:
        assert error.code == code, f"{error.code}: {error.message}"
    if not isinstance(error, Unreachable):
        assert 400 <= error.status < 500 or (isinstance(error, Unavailable) and error.status == 503)
    assert_tells_nothing(error.message)


def check_answer(answer: Answer, code: str | None = None, status: int | None = None) -> None:
    """Check a refusal over HTTP: RFC 9457, 4xx or 503, when to come again, telling nothing of ours."""
    problem = answer.problem
    assert 400 <= answer.status < 500 or answer.status == 503, answer
    assert problem["status"] == answer.status
    assert {"type", "title", "code"} <= problem.keys()
    assert problem["code"] in TREE
    if code is not None:
        assert problem["code"] == code, problem
    if status is not None:
        assert answer.status == status, problem
    if answer.status in {429, 503}:
        assert int(answer.fields["retry-after"]) >= 1
    assert_tells_nothing(answer.body.decode())


def assert_tells_nothing(text: str) -> None:
    """Assert that a text holds no trace of the program, its files or its libraries."""
    for telling in ("Traceback", 'File "', ".py", "site-packages", "/tmp", "sqlite", " at 0x"):  # noqa: S108
        assert telling not in text, f"{telling!r} in {text!r}"


async def run(victim: Victim, case: Case) -> None:
    """Run one attack of a table: refused with its code, if it names one; nothing moved in any case."""
    async with unmoved(victim, may_change=case.may_change):
        if case.code is None:
            await case.attack(victim)
        else:
            with refused(case.code):
                await case.attack(victim)
