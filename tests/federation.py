"""Many nodes, one fake network, one clock: whole stories without a socket and without waiting.

The nodes are real: real stores in temporary folders, the real use cases, the real index where a story
searches. Only the network is a fake: it answers from the other node's store, byte for byte what its
web floor would serve, and it can drop, delay, repeat, reorder and forge.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from localfed.app import follows, inbox, keyring, listings, mirrors, organisations, search, sync
from localfed.app.index_values import IndexQuery
from localfed.app.message_values import Posted
from localfed.app.ports import Ports
from localfed.app.values import (
    Answer,
    Candidate,
    Discovery,
    DocumentState,
    Publisher,
    StoredDocument,
)
from localfed.gazetteer.gazetteer import OfflinePlaces
from localfed.index.tantivy_index import TantivyIndex
from localfed.interop import picture_file
from localfed.protocol.canonical import parse_object
from localfed.protocol.digest import digest
from localfed.protocol.errors import (
    LocalFedError,
    NoAnswer,
    NotANode,
    TooSlow,
    UnexpectedAnswer,
)
from localfed.protocol.identity import read_identity, rotate_log
from localfed.protocol.image import Named, Picture
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.proofs import sign
from localfed.server.wiring import read_lexicon
from localfed.store.keyfiles import KeyFiles
from localfed.store.sqlite import SqliteStore

START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


class Clock:
    """The one clock of the federation; it moves only when a story moves it."""

    def __init__(self, moment: datetime = START) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def machine(self) -> datetime:
        return self.moment

    def advance(self, **span: float) -> None:
        self.moment += timedelta(**span)


class Chance:
    """Randomness that is the same in every run."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def fraction(self) -> float:
        return self._random.random()


class PicturesHere:
    """Pictures made in this very process: the one that does it apart has tests of its own."""

    async def make(self, data: bytes) -> Picture:
        return picture_file.make_picture(data)

    async def copy(self, data: bytes, named: Named) -> Picture:
        return picture_file.copy_picture(data, named)


@dataclass
class Faults:
    """How badly the line behaves: each a chance from 0 to 1, for each request; the same in every run."""

    seed: int
    drop: float = 0.0
    """No answer."""
    late: float = 0.0
    """An answer after the time limit."""
    repeat: float = 0.0
    """Something that the same URL brought before, as a cache on the way might."""
    forge: float = 0.0
    """Other bytes: flipped, cut, doubled, or those of another URL."""
    reorder: bool = False
    """Answers to requests that were sent together come in any order."""
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def happens(self, chance: float) -> bool:
        return self.random.random() < chance

    def other_bytes(self, body: bytes, brought: list[bytes]) -> bytes:
        """Return something else than the body."""
        at = self.random.randrange(len(body)) if body else 0
        flipped = bytes([body[at] ^ 1 << self.random.randrange(8)]) if body else b"?"
        return self.random.choice(
            [
                body[:at] + flipped + body[at + 1 :],
                body[:at],
                body + body,
                b"<!doctype html><title>Sign in to the Wi-Fi</title>",
                self.random.choice(brought) + b"\n",
            ]
        )


class Network:
    """Answers requests from the stores of the nodes, and misbehaves where a story says so."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.nodes: dict[str, Node] = {}
        self.requests: list[str] = []
        self.down: set[str] = set()
        """Hosts that do not answer."""
        self.slow: set[str] = set()
        """Hosts that answer too late."""
        self.missing: set[str] = set()
        """URLs that are 404."""
        self.forge: Callable[[str, bytes], bytes] | None = None
        """Changes what a URL brings, or not."""
        self.break_after: int | None = None
        """How many more requests are answered before the line breaks."""
        self.answers: dict[str, Posted] = {}
        """What an inbox answers, whatever is posted."""
        self.cached: dict[str, bytes] = {}
        """What a cache on the way answers for a URL, unless it is asked to look again."""
        self.faults: Faults | None = None
        """How badly the line behaves by chance."""
        self._brought: dict[str, list[bytes]] = {}

    async def get(
        self,
        url: str,
        *,
        limit_bytes: int,
        allow_loopback: bool,
        etag: str | None = None,
        fresh: bool = False,
        redirects: int = 0,
        may_be_missing: bool = False,
        may_be_cut: bool = False,
    ) -> Answer:
        await self._wait_for_turn()
        body = self._answer(url, fresh=fresh)
        if body is None:
            if may_be_missing:
                return Answer(url=url, status=404, body=b"", etag=None)
            raise UnexpectedAnswer(f"{url} is 404")
        if len(body) > limit_bytes and not may_be_cut:
            raise UnexpectedAnswer(f"{url} is too large")
        body = body[:limit_bytes]
        tag = f'"{digest(body)}"'
        date = self.nodes[urlsplit(url).netloc].clock.machine()
        if etag == tag:
            return Answer(url=url, status=304, body=b"", etag=tag, date=date)
        return Answer(url=url, status=200, body=body, etag=tag, date=date)

    async def lines(
        self, url: str, *, limit_bytes: int, allow_loopback: bool
    ) -> AsyncGenerator[list[bytes], None]:
        body = self._answer(url)
        if body is None:
            raise UnexpectedAnswer(f"{url} is 404")
        lines = body.split(b"\n")[:-1]
        for at in range(0, len(lines), 50):
            if any(len(line) > limit_bytes for line in lines[at : at + 50]):
                raise UnexpectedAnswer(f"{url} has too long a line")
            self._count(url)
            yield lines[at : at + 50]

    async def post(self, url: str, body: bytes, *, allow_loopback: bool) -> Posted:
        """Deliver to the inbox of a node, with the faults of the line."""
        await self._wait_for_turn()
        self._count(url)
        parts = urlsplit(url)
        if parts.netloc in self.slow:
            raise TooSlow("no answer in time")
        node = self.nodes.get(parts.netloc)
        if node is None or parts.netloc in self.down:
            raise NoAnswer("nobody is there")
        if self.faults is not None and self.faults.happens(self.faults.drop):
            raise NoAnswer("lost on the way")
        if url in self.answers:
            return self.answers[url]
        body = self.forge(url, body) if self.forge is not None else body
        try:
            at = node.home_of(parts.path).did
            await inbox.receive(node.ports, body, at=at)
        except LocalFedError as error:
            return Posted(status=error.status, retry_after=None)
        return Posted(status=202, retry_after=None)

    async def discover(self, url: str, *, allow_loopback: bool) -> Discovery:
        node = self.nodes.get(urlsplit(url).netloc)
        if node is None:
            raise NotANode("nothing is there")
        publishers = node.store.publishers(hosted=True)
        return Discovery(
            candidates=tuple(Candidate(did=one.did, base=one.base) for one in publishers),
            hosts=(urlsplit(url).netloc,),
        )

    def _answer(self, url: str, *, fresh: bool = False) -> bytes | None:
        self._count(url)
        if url in self.cached and not fresh:
            return self.cached[url]
        parts = urlsplit(url)
        if parts.netloc in self.slow:
            raise TooSlow("no answer in time")
        node = self.nodes.get(parts.netloc)
        if node is None or parts.netloc in self.down:
            raise NoAnswer("nobody is there")
        body = None if url in self.missing else node.file(parts.path)
        body = self.forge(url, body) if self.forge is not None and body is not None else body
        return self._misbehave(url, body) if self.faults is not None else body

    async def _wait_for_turn(self) -> None:
        if self.faults is not None and self.faults.reorder:
            for _ in range(self.faults.random.randrange(12)):
                await asyncio.sleep(0)

    def _misbehave(self, url: str, body: bytes | None) -> bytes | None:
        faults = self.faults
        assert faults is not None
        if faults.happens(faults.drop):
            raise NoAnswer("lost on the way")
        if faults.happens(faults.late):
            raise TooSlow("no answer in time")
        if body is None:
            return None
        before = self._brought.setdefault(url, [])
        before.append(body)
        if faults.happens(faults.repeat):
            return faults.random.choice(before)
        if faults.happens(faults.forge):
            return faults.other_bytes(body, [brought[-1] for brought in self._brought.values()])
        return body

    def _count(self, url: str) -> None:
        if self.break_after is not None:
            if self.break_after == 0:
                raise NoAnswer("the line broke")
            self.break_after -= 1
        self.requests.append(url)


class Node:
    """One node of the federation, as its first organisation, mostly its only one, sees it."""

    def __init__(self, federation: Federation, folder: Path, host: str, seed: int) -> None:
        self.federation = federation
        self.folder = folder
        self.host = host
        self.base = f"https://{host}/"
        self.chance = Chance(seed)
        self.kit = Kit(self.chance.random_bytes(32))
        self.key = SigningKey(self.chance.random_bytes(32))
        self.did = ""
        self.clock = federation.clock
        """The federation's; a story may give a node a clock of its own, to be wrong."""
        self.lodgers: list[Lodger] = []
        """Other organisations on this node."""
        self._open()

    def _open(self) -> None:
        self.store = SqliteStore.open(self.folder, create=True)
        self.index = TantivyIndex.open(self.folder)

    @property
    def root(self) -> str:
        """The path of this organisation's BASE."""
        return urlsplit(self.base).path

    def home_of(self, path: str) -> Node:
        """Return whose BASE a path of this host lies below."""
        return next((one for one in self.lodgers if path.startswith(one.root)), self)

    async def add(self, name: str, base: str) -> Lodger:
        """Host another organisation on this node, at another path or on another host."""
        lodger = Lodger(self, base)
        if lodger.host == self.host:
            self.lodgers.append(lodger)
        else:
            self.federation.network.nodes[lodger.host] = lodger
        await lodger.begin(name)
        return lodger

    @property
    def ports(self) -> Ports:
        network = self.federation.network
        return Ports(
            store=self.store,
            index=self.index,
            fetch=network,
            keys=KeyFiles(self.folder),
            pictures=PicturesHere(),
            clock=self.clock,
            chance=self.chance,
            gazetteer=OfflinePlaces(),
            lexicon=read_lexicon(),
            discover=network,
        )

    async def begin(self, name: str) -> None:
        now = self.clock.now()
        new = organisations.new_identity(
            self.kit, self.key, url=self.base, now=now, allow_loopback=False
        )
        self.did = new.did
        KeyFiles(self.folder).create(new.did, self.key.seed)
        await organisations.host(
            self.ports, new, name=name, language="en", url=self.base, allow_loopback=False
        )

    async def publish(self, draft: dict[str, Any]) -> str:
        data = msgspec.json.encode(draft)
        return (await listings.publish_draft(self.ports, self.did, data, language="en")).id

    async def withdraw(self, document_id: str) -> None:
        await listings.withdraw(self.ports, self.did, document_id)

    async def follow(self, other: Node) -> None:
        looked = await follows.look_up(self.ports, other.base, allow_loopback=False)
        for found in looked.found:
            await follows.follow(self.ports, found, allow_loopback=False)

    async def sync(self, other: Node) -> sync.Report:
        return await sync.poll(self.ports, other.did)

    async def names(self, query: str = "", **options: Any) -> list[str]:
        """Search, and return the English names of what is found, best first."""
        await search.catch_up(self.ports)
        now = int(self.clock.now().timestamp())
        found = search.find(self.ports, IndexQuery(words=query, now=now, **options))
        bodies = [msgspec.json.decode(one.document.body or b"{}") for one in found.results]
        return [body["name"]["en"] for body in bodies]

    def live(self, publisher: Node) -> dict[str, StoredDocument]:
        """Return what is live here of a publisher, by path."""
        return {
            one.path: one
            for one in self.store.documents(publisher.did)
            if one.state is DocumentState.LIVE
        }

    def publisher(self, other: Node) -> Publisher:
        publisher = self.store.publisher(other.did)
        assert publisher is not None
        return publisher

    def file(self, path: str) -> bytes | None:
        """Return what lies at a path of this node's site."""
        home = self.home_of(path)
        if home is not self:
            return home.file(path.removeprefix(home.root[:-1]))
        publisher = self.store.publisher(self.did)
        if publisher is None:
            return None
        if path in {"/did.jsonl", "/.well-known/did.jsonl"}:
            return publisher.log
        if path == "/head.json":
            return publisher.head
        if path == "/bundle.jsonl":
            bundle = self.store.bundle_path(self.did)
            return bundle.read_bytes() if bundle is not None else None
        if path.startswith(("/feed/", "/snapshot/")):
            file = self.store.feed_file(self.did, path[1:])
            return file.body if file is not None else None
        if path.startswith("/mirror/"):
            return self.mirrored_file(path.removeprefix("/mirror/"))
        if path.startswith("/m/"):
            return self.store.picture_body(self.did, path[1:])
        document = self.store.document(self.did, path[1:])
        return document.body if document is not None else None

    def mirrored_file(self, path: str) -> bytes | None:
        """Return what lies below `mirror/` of this node's site."""
        if path == "clock.json":
            return mirrors.clock_of(self.store)
        scid, _, name = path.partition("/")
        dids = {one.scid: one.did for one in self.store.publishers(removed=None)}
        publisher = mirrors.mirrored_publisher(self.store, dids.get(scid))
        if publisher is None:
            return None
        if name == "bundle.jsonl":
            has_one = mirrors.has_bundle(self.store, publisher)
            return b"".join(mirrors.bundle_lines(self.store, publisher)) if has_one else None
        file = mirrors.find_file(self.store, publisher, name)
        return file.body if file is not None else None

    def head(self) -> dict[str, Any]:
        """Return what the newest head of this node's organisation says."""
        publisher = self.store.publisher(self.did)
        assert publisher is not None
        assert publisher.head is not None
        return parse_object(publisher.head)

    def signed_head(self, *, key: SigningKey | None = None, **members: Any) -> bytes:
        """Sign the newest head with other members: what only the organisation's key can do."""
        head = {**self.head(), **members}
        del head["proof"]
        key = key or self.key
        return sign(head, key, f"{self.did}#{key.multikey}")

    async def take_log(self, log: bytes) -> None:
        """Take a longer log of this node's organisation, and serve it."""

        def change(tx: Any) -> None:
            held = tx.publisher(self.did)
            closed = read_identity(log, now=self.clock.now()).closed
            tx.save_publisher(msgspec.structs.replace(held, log=log, is_closed=closed))

        await self.store.write(change)

    async def change_key(self, *, keep_old: bool) -> None:
        """Sign with a new key from here on; without `keep_old` a new era begins."""
        old, self.key = self.key, SigningKey(self.chance.random_bytes(32))
        keys = [self.key.multikey, old.multikey] if keep_old else [self.key.multikey]
        held = self.publisher(self)
        await self.take_log(
            rotate_log(held.log, kit=self.kit, keys=keys, now=self.clock.now()),
        )
        for file in (self.folder / "keys").iterdir():
            file.unlink()
        KeyFiles(self.folder).create(self.did, self.key.seed)

    def new_key(self) -> SigningKey:
        """Put a new key on disk; it signs once the log asserts it."""
        return KeyFiles(self.folder).add(self.did, self.chance.random_bytes(32))

    async def rotate(self) -> keyring.Rekeyed:
        """Change the signing key in peace."""
        return self._rekeyed(await keyring.rotate(self.ports, self.did, self.kit, self.new_key()))

    async def recover(self) -> keyring.Rekeyed:
        """Take a stolen key out."""
        return self._rekeyed(await keyring.recover(self.ports, self.did, self.kit, self.new_key()))

    def _rekeyed(self, done: keyring.Rekeyed) -> keyring.Rekeyed:
        KeyFiles(self.folder).drop(self.did, done.dropped)
        self.key = KeyFiles(self.folder).signing_keys(self.did)[-1]
        return done

    async def move(self, host: str) -> None:
        """Move to another host; the old one goes on leading here."""
        base = f"https://{host}/"
        await keyring.move(self.ports, self.did, self.kit, url=base, allow_loopback=False)
        self.host, self.base = host, base
        self.federation.network.nodes[host] = self

    def copy(self, name: str) -> Node:
        """Copy the node's folder: a backup, or a second machine with the same key."""
        self.close()
        folder = self.federation.folder / name
        shutil.copytree(self.folder, folder)
        self._open()
        twin = Node(self.federation, folder, self.host, seed=len(name) + 1_000)
        twin.did, twin.key, twin.kit = self.did, self.key, self.kit
        self.federation.all.append(twin)
        for one in self.lodgers:
            lodger = Lodger(twin, one.base)
            lodger.did, lodger.key, lodger.kit = one.did, one.key, one.kit
            twin.lodgers.append(lodger)
        return twin

    def serve(self) -> None:
        """Be what the network finds at this node's host."""
        self.federation.network.nodes[self.host] = self

    def close(self) -> None:
        self.index.close()
        self.store.close()


class Lodger(Node):
    """Another organisation on a node: its own identity, keys and kit, the same store and index."""

    def __init__(self, landlord: Node, base: str) -> None:
        self.landlord = landlord
        seed = 500 + len(landlord.store.publishers(hosted=True))
        super().__init__(landlord.federation, landlord.folder, urlsplit(base).netloc, seed)
        self.base = base
        self.clock = landlord.clock

    def _open(self) -> None:
        """Nothing: the node has opened what they share."""

    @property
    def store(self) -> SqliteStore:  # type: ignore[override]
        """The node's store."""
        return self.landlord.store

    @property
    def index(self) -> TantivyIndex:  # type: ignore[override]
        """The node's index."""
        return self.landlord.index

    def close(self) -> None:
        """Nothing: the node closes what they share."""


class Federation:
    """The whole: nodes by name, one network, one clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.network = Network(self.clock)
        self.all: list[Node] = []
        """Every node there is, copies included."""

    async def node(self, name: str) -> Node:
        """Add a node; its organisation is called as its host begins, with a capital."""
        host = f"{name}.example"
        node = Node(self, self.folder / name, host, seed=len(self.network.nodes) + 1)
        self.network.nodes[host] = node
        self.all.append(node)
        await node.begin(name.capitalize())
        return node

    def close(self) -> None:
        for node in self.all:
            node.close()
