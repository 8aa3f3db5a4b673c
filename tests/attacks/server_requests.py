"""What a hostile client sends: requests that are hardly HTTP, that hide others, that ask for what is not theirs.

Here: bytes and addresses as tables. Not here: any attack (`test_server`).
"""

from __future__ import annotations

ASK = b"GET /api/v1/status HTTP/1.1\r\nHost: victim.example\r\n"
END = b"Connection: close\r\n\r\n"

HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: victim.example\r\nConnection: close\r\n\r\n"


def post(*fields: bytes, body: bytes = b"", target: bytes = b"/inbox") -> bytes:
    """Write a request with these header lines and nothing added."""
    lines = b"".join(field + b"\r\n" for field in fields)
    return b"POST " + target + b" HTTP/1.1\r\nHost: victim.example\r\n" + lines + b"\r\n" + body


_CHUNKED = b"Transfer-Encoding: chunked"

SMUGGLING = {
    "a length and chunks": post(b"Content-Length: 4", _CHUNKED, body=b"0\r\n\r\n" + HIDDEN),
    "chunks and a length": post(_CHUNKED, b"Content-Length: 200", body=b"0\r\n\r\n" + HIDDEN),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 96", body=HIDDEN),
    "two lengths in one line": post(b"Content-Length: 0, 96", body=HIDDEN),
    "a length below nought": post(b"Content-Length: -1", body=HIDDEN),
    "a length with a sign": post(b"Content-Length: +0", body=HIDDEN),
    "a length in hexadecimal": post(b"Content-Length: 0x0", body=HIDDEN),
    "a length with a blank inside": post(b"Content-Length: 1 0", body=HIDDEN),
    "a length of letters": post(b"Content-Length: none", body=HIDDEN),
    "a length in other digits": post("Content-Length: ٠".encode(), body=HIDDEN),
    "a length beyond counting": post(b"Content-Length: " + b"9" * 400, body=HIDDEN),
    "chunks twice": post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunks and then nothing of the kind": post(
        b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + HIDDEN
    ),
    "chunks by another name": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunks with a blank before the colon": post(
        b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + HIDDEN
    ),
    "chunks on a folded line": post(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunks after a tab": post(b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n" + HIDDEN),
    "a chunk of a size with a sign": post(_CHUNKED, body=b"+0\r\n\r\n" + HIDDEN),
    "a chunk of a size with a prefix": post(_CHUNKED, body=b"0x0\r\n\r\n" + HIDDEN),
    "a chunk of a size beyond counting": post(_CHUNKED, body=b"f" * 40 + b"\r\n" + HIDDEN),
    "a chunk of no size": post(_CHUNKED, body=b"\r\n\r\n" + HIDDEN),
    "a chunk that ends without its line": post(_CHUNKED, body=b"1\r\nab0\r\n\r\n" + HIDDEN),
    "a header line without a name": post(b": x", b"Content-Length: 0", body=HIDDEN),
    "a header line with a null": post(b"X: a\x00b", b"Content-Length: 0", body=HIDDEN),
    "a header line with a bare return": post(b"X: a\rContent-Length: 96", body=HIDDEN),
    "a name with a blank": post(b"Content Length: 96", body=HIDDEN),
    "a second host": post(b"Host: evil.example", b"Content-Length: 0", b"Connection: close"),
}
"""Requests that two programs could end at different places."""

NO_HTTP = {
    "HTTP 0.9": b"GET /api/v1/status\r\n\r\n",
    "the preface of HTTP 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version to come": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "a version in words": b"GET / HTTP/one\r\nHost: x\r\n\r\n",
    "no version": b"GET / \r\nHost: x\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n",
    "mail": b"EHLO evil.example\r\nMAIL FROM:<x@evil.example>\r\n\r\n",
    "a remote desktop": b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\r\n\r\n",
    "a database": b"\x00\x00\x00\x08\x04\xd2\x16/\r\n\r\n",
    "nothing but line ends": b"\r\n" * 40 + b"X\r\n\r\n",
    "a method in small letters": b"get /api/v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a method of symbols": b"<>@ / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a blank": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target with a null": b"GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target beyond ASCII": "GET /ä HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
    "a star": b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a tunnel": b"CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "another server": b"GET http://169.254.169.254/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a line of 20,000": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header of 10,000": ASK + b"X: " + b"a" * 10_000 + b"\r\n\r\n",
    "300 headers": ASK + b"".join(b"X%d: y\r\n" % n for n in range(300)) + b"\r\n",
    "headers that never end": ASK + b"X: y\r\n" * 20_000,
    "an upgrade": ASK
    + b"Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
    "an upgrade to HTTP 2": ASK
    + b"Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\n\r\n",
}
"""What other programs speak, or nobody."""

PLACES = [
    "/../../etc/passwd",
    "/static/../../pyproject.toml",
    "/static/..%2f..%2fpyproject.toml",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/....//....//pyproject.toml",
    "/static/..\\..\\pyproject.toml",
    "/static/..%5c..%5cpyproject.toml",
    "/static/%252e%252e%252fpyproject.toml",
    "/static/..%c0%afpyproject.toml",
    "/static/..%ef%bc%8fpyproject.toml",
    "/static/style.css%00.svg",
    "/static//etc/passwd",
    "/static/openapi.json",
    "/d/../node.sqlite3",
    "/d/..%2fnode.toml",
    "/d/%2e%2e%2fkeys",
    "/keys/",
    "/keys/victim.json",
    "/node.toml",
    "/node.sqlite3",
    "/node.sqlite3-wal",
    "/index/meta.json",
    "/bundles/",
    "/serve.lock",
    "/feed/../node.toml",
    "/feed/..%2f..%2fnode.toml.json",
    "/snapshot/%2e%2e%2fnode.toml",
    "/mirror/../node.toml",
    "/mirror/%2e%2e/%2e%2e/node.toml",
    "/mirror/clock.json/../../node.toml",
    "/documents/../node.toml",
    "/.git/config",
    "/.env",
    "/proc/self/environ",
    "/%00",
    "/%ff%fe",
    "/%",
    "/%zz",
    "/" + "a/" * 2_000,
    "/" + "%2e%2e%2f" * 500,
    "/.well-known/../node.toml",
    "/.well-known/%2e%2e/keys/",
    "//node.toml",
    "/;/node.toml",
    "/d/con.json",
    "/d/aux",
]
"""Addresses at which nothing of the machine may be found."""

QUERIES = {
    "ten thousand characters": "q=" + "a" * 10_000,
    "a thousand words": "q=" + "+".join(f"w{n}" for n in range(1_000)),
    "brackets that killed a parser": "q=" + "(" * 3_000,
    "quotes that do not end": "q=" + "%22" * 500,
    "fields of the index": "q=title:bread+AND+did:*",
    "wildcards": "q=*+?+*a*+a*",
    "regular expressions": "q=/(a%2B)%2B$/",
    "ranges": "q=[*+TO+*]+{a+TO+z}",
    "boosts and fuzz": "q=bread~999+bread^1e308",
    "not anything": "q=-bread+NOT+a+!a",
    "a null": "q=a%00b",
    "half a character": "q=%e2%80",
    "half a pair": "q=%ed%a0%80",
    "escapes that do not end": "q=%",
    "marks on marks": "q=a" + "%cc%81" * 900,
    "letters of every script": "q=" + "%e4%b8%ad%d8%b9%e0%a4%85%f0%9f%8f%b4" * 50,
    "a radius of nought": "q=a&near=54.6,-2.3&radius=0",
    "a radius below nought": "q=a&near=54.6,-2.3&radius=-1",
    "a radius of a thousand million": "q=a&near=54.6,-2.3&radius=1000000000",
    "a radius that is no number": "q=a&near=54.6,-2.3&radius=nan",
    "a radius without end": "q=a&near=54.6,-2.3&radius=inf",
    "a radius in powers": "q=a&near=54.6,-2.3&radius=1e308",
    "a point off the Earth": "near=91,181",
    "a point that is no number": "near=nan,nan",
    "a point without end": "near=inf,-inf",
    "a point of many digits": "near=54." + "6" * 5_000 + ",-2",
    "half a point": "near=54.6",
    "four numbers": "near=1,2,3,4",
    "a pole": "q=a&near=90,180&radius=10",
    "the line of dates": "q=a&near=0,-180&radius=500",
    "a limit of nought": "limit=0",
    "a limit below nought": "limit=-1",
    "a limit of millions": "limit=9999999",
    "a limit in other digits": "limit=%d9%a1%d9%a0",
    "a limit of many digits": "limit=" + "9" * 5_000,
    "a cursor of nobody": "cursor=AAAA",
    "a cursor of rubbish": "cursor=%ff%00%22",
    "a cursor that is long": "cursor=" + "A" * 8_000,
    "a kind of nobody": "kind=admin",
    "kinds of many": "kind=offer&kind=need&kind=offer",
    "a category that is long": "category=" + "a" * 8_000,
    "every parameter a hundred times": "&".join(
        ["q=a", "near=1,1", "radius=1", "kind=offer"] * 100
    ),
    "ten thousand parameters": "&".join(f"x{n}=y" for n in range(1_500)),
    "names that are values": "__proto__=1&constructor=1&q[]=a&q[a]=b",
    "semicolons": "q=a;near=1,1;radius=1",
}
"""Searches that cost, confuse or break."""
