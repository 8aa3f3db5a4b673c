"""Peers and names that mean harm to who fetches: spellings of addresses inside, and what a home may do to a request.

Here: tables, and a home of a real organisation on loopback whose every file can misbehave. Not here: any attack
(`test_fetch`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from evil import (
    Behaviour,
    EvilServer,
    answer,
    answering,
    bomb,
    chunked,
    dripping,
    evil_serving,
    flooding,
    gzipped,
    head,
    redirecting,
    sending,
    stalling,
)
from federation import Node
from localfed.app import organisations
from localfed.net.discover import Discoverer
from localfed.net.fetch import GuardedFetch, Patience
from localfed.store.keyfiles import KeyFiles

HURRY = Patience(request=0.8, connect=0.6, idle=0.6, stream=1.6)

SPELLINGS = {
    "loopback": "127.0.0.1",
    "loopback, short": "127.1",
    "loopback, as one number": "2130706433",
    "loopback, in hexadecimal": "0x7f000001",
    "loopback, in octal": "0177.0.0.1",
    "loopback, mixed": "0x7f.0.0.01",
    "loopback, another of its network": "127.255.255.254",
    "loopback, with a point at the end": "127.0.0.1.",
    "loopback, in digits of full width": "１２７.0.0.1",
    "loopback, in digits in circles": "①②⑦.0.0.1",
    "loopback, with percent signs": "%31%32%37.0.0.1",
    "loopback of IPv6": "[::1]",
    "loopback of IPv6, at length": "[0:0:0:0:0:0:0:1]",
    "loopback of IPv4 in IPv6": "[::ffff:127.0.0.1]",
    "loopback of IPv4 in IPv6, in hexadecimal": "[::ffff:7f00:1]",
    "loopback by the old way into IPv6": "[::127.0.0.1]",
    "loopback behind NAT64": "[64:ff9b::7f00:1]",
    "loopback behind 6to4": "[2002:7f00:1::]",
    "loopback behind Teredo": "[2001:0:7f00:1::]",
    "this machine by its name": "localhost",
    "this machine below its name": "any.localhost",
    "nowhere": "0.0.0.0",  # noqa: S104 - an address to be refused
    "nowhere, short": "0",
    "a private network": "10.0.0.1",
    "another private network": "172.16.0.1",
    "a home": "192.168.1.1",
    "the metadata of clouds": "169.254.169.254",
    "the metadata of clouds, as one number": "2852039166",
    "the metadata of clouds by name": "metadata.google.internal",
    "the metadata of clouds in IPv6": "[fd00:ec2::254]",
    "a carrier's own": "100.100.100.200",
    "many at once": "224.0.0.1",
    "everybody": "255.255.255.255",
    "a link": "[fe80::1]",
    "a link with its scope": "[fe80::1%25eth0]",
    "a private network of IPv6": "[fc00::1]",
    "examples": "192.0.2.1",
    "a neighbour by multicast": "printer.local",
    "a name of one word": "intranet",
    "a hidden service": "abcdefghij.onion",
}
"""Hosts that a node never connects to, whoever names them."""

ADDRESSES = {
    "loopback": ["127.0.0.1"],
    "loopback of IPv6": ["::1"],
    "a private network": ["10.1.2.3"],
    "a home": ["192.168.0.1"],
    "the metadata of clouds": ["169.254.169.254"],
    "a carrier's own": ["100.64.0.1"],
    "nowhere": ["0.0.0.0"],  # noqa: S104 - an address to be refused
    "many at once": ["239.1.1.1"],
    "reserved": ["240.0.0.1"],
    "IPv4 in IPv6": ["::ffff:10.0.0.1"],
    "NAT64": ["64:ff9b::a00:1"],
    "NAT64 of one's own": ["64:ff9b:1::a00:1"],
    "6to4": ["2002:a00:1::1"],
    "Teredo": ["2001:0:4136:e378:8000:63bf:f5ff:fffe"],
    "a private network of IPv6": ["fd12:3456::1"],
    "a link": ["fe80::1"],
    "examples": ["2001:db8::1"],
    "one good, one bad": ["93.184.215.14", "10.0.0.1"],
    "one bad, one good": ["10.0.0.1", "93.184.215.14"],
    "a good one of IPv4, a bad one of IPv6": ["93.184.215.14", "::1"],
    "a hundred good ones and a bad one": ["93.184.215.14"] * 100 + ["127.0.0.1"],
    "a name instead": ["evil.example"],
    "rubbish": ["not an address"],
    "nothing": [],
}
"""What a DNS may answer for a name that looks like any other."""

LOCATIONS = [
    "http://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "http://[::ffff:127.0.0.1]:1/",
    "//169.254.169.254/",
    "\\\\169.254.169.254\\",
    "https://user@10.0.0.1/",
    "https://evil.example@10.0.0.1/",
    "https://10.0.0.1#@evil.example/",
    "https://10.0.0.1\\@evil.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:25/_EHLO",
    "ftp://127.0.0.1/",
    "data:text/html,x",
    "javascript:alert(1)",
    "https://evil.example:22/",
    "https://evil.example:0/",
    "https://evil.example:99999/",
    "http://evil.example/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https:evil.example",
    "",
]
"""Where a redirect may point."""

_LONG = head(Content_Length=10**6)
_CHUNKED = head(Transfer_Encoding="chunked")
_GZIP = head(Content_Encoding="gzip", Connection="close")

BEHAVIOURS: dict[str, Behaviour] = {
    "silence": stalling(),
    "silence after the header": stalling(_LONG),
    "silence within the body": stalling(_LONG, b'{"a"'),
    "a body by drops": dripping(_LONG, b" ", 0.05),
    "a header by drops": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "a header without end": flooding(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n" * 5_000),
    "a body without end": flooding(head(Connection="close"), b" " * 65_536),
    "chunks without end": flooding(_CHUNKED, b"ffff\r\n" + b" " * 65_535 + b"\r\n"),
    "a bomb": sending(_GZIP, bomb(60)),
    "a bomb in a bomb": sending(_GZIP, gzipped(bomb(60))),
    "half of gzip": sending(_GZIP, gzipped(b"x" * 900)[:60]),
    "gzip that is none": sending(_GZIP, b"not gzip at all"),
    "a coding that nobody asked for": sending(
        head(Content_Encoding="br", Connection="close"), b"x"
    ),
    "less than it says": sending(_LONG, b"{}"),
    "a length that is none": sending(head(Content_Length="many", Connection="close"), b"{}"),
    "two lengths": sending(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}"),
    "chunks that are none": sending(_CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"),
    "chunks that break off": sending(_CHUNKED, b"5\r\n{}"),
    "no answer at all": sending(),
    "rubbish": sending(bytes(range(256)) * 20),
    "HTTP 0.9": sending(b"{}"),
    "a page to sign in": answering(
        b"<!doctype html><title>Wi-Fi</title>", Content_Type="text/html"
    ),
    "an empty file": answering(b""),
    "nothing but zeros": answering(bytes(5_000)),
    "a fault": answering(b"oops", status="500 Oops"),
    "not now, for ever": answering(b"", status="503 No", Retry_After="99999999999999"),
    "not now, before the year one": answering(
        b"", status="503 No", Retry_After="Mon, 01 Jan 0001 00:00:00 GMT"
    ),
    "unmodified, unasked": answering(b"", status="304 Not Modified"),
    "part of it": answering(b"{}", status="206 Partial Content", Content_Range="bytes 0-1/9"),
    "elsewhere": redirecting("https://evil.example/head.json"),
    "inside": redirecting("http://169.254.169.254/head.json"),
    "here again": redirecting("/head.json", status="308 Permanent Redirect"),
    "another protocol": sending(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "early hints without end": flooding(
        b"", head("103 Early Hints", Link="</x>; rel=preload") * 200
    ),
    "no such status": sending(b"HTTP/1.1 0 No\r\n\r\n"),
    "a tag that ends the line": sending(
        b'HTTP/1.1 200 OK\r\nETag: "a\rX: y"\r\nContent-Length: 2\r\n\r\n{}'
    ),
    "a cookie": answering(b"{}", Set_Cookie="session=1; Path=/"),
    "what follows": sending(answer(b"{}") + answer(b'{"second":1}')),
    "an honest answer in chunks, of nothing": sending(_CHUNKED + chunked()),
}
"""What a home may do with one request."""


def real_ports(victim: Any, fetch: GuardedFetch) -> Any:
    """The victim's ports with the door of life instead of the fake network."""
    return msgspec.structs.replace(victim.ports, fetch=fetch, discover=Discoverer(fetch))


@dataclass
class Home:
    """A real organisation whose files an evil server on loopback serves, honestly until told otherwise."""

    node: Node
    evil: EvilServer

    @property
    def place(self) -> set[str]:
        """Where connections to it may go, and nowhere else."""
        return {f"127.0.0.1:{self.evil.port}", f"::1:{self.evil.port}"}

    def serve(self) -> None:
        """Serve every file as it is now."""
        node = self.node
        paths = ["/did.jsonl", "/head.json", "/org.json", "/bundle.jsonl", "/.well-known/did.jsonl"]
        paths += [f"/{path}" for path, _ in node.store.feed_files(node.did)]
        paths += [f"/{path}" for path in node.live(node)]
        for path in paths:
            body = node.file(path)
            if body is not None:
                self.evil.on(path, answering(body))


@asynccontextmanager
async def a_home(victim: Any) -> AsyncIterator[Home]:
    """Make an organisation at a loopback address, and serve it."""
    async with evil_serving() as evil:
        federation = victim.federation
        node = Node(federation, federation.folder / "home", f"localhost:{evil.port}", seed=77)
        node.base = f"http://localhost:{evil.port}/"
        federation.all.append(node)
        await begin(node)
        home = Home(node, evil)
        home.serve()
        yield home


async def begin(node: Node) -> None:
    """Begin an organisation at a loopback address, with two offers."""
    new = organisations.new_identity(
        node.kit, node.key, url=node.base, now=node.clock.now(), allow_loopback=True
    )
    node.did = new.did
    KeyFiles(node.folder).create(new.did, node.key.seed)
    await organisations.host(
        node.ports, new, name="Home", language="en", url=node.base, allow_loopback=True
    )
    for name in ("One", "Two"):
        await node.publish({"type": "Offer", "name": name})
