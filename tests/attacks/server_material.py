"""What a client sends to a node that answers it: requests byte by byte, letters of strangers, tables of them.

Here: making it, and what every answer must be, good or bad. Not here: any attack (`test_server`).
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec

from attacks.frame import Victim, assert_tells_nothing, check_answer, web_node
from attacks.lies import MALLORY, did_of, first
from attacks.raw import Answer, conversation, converse, read_answers
from localfed.protocol.document import CONTEXT
from localfed.protocol.proofs import sign
from localfed.protocol.times import write_time
from localfed.web.routes import make_app
from localfed.web.runner import Runner
from localfed.web.site import listen

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
SCRIPT = re.compile(
    rb'<script (?:type="module" )?src="(/[a-z/]+[.]js)"(?: defer| async)?></script>'
)
DATA = re.compile(rb'<script type="application/ld[+]json">[^<>&]*</script>')
"""A block of data: no text in it can end it, or be anything else to a browser."""
FRAMED = POLICY.replace("form-action 'self'; ", "").replace("ancestors 'none'", "ancestors *")
POLICIES = {
    (): POLICY,
    (b"/static/ties.js",): f"{POLICY}; script-src 'self'",
    (b"/static/map.js",): f"{POLICY}; script-src 'self'; connect-src 'self'",
    (b"/static/search.js",): f"{POLICY}; script-src 'self'; connect-src 'self'",
    (b"/static/search.js", b"/static/map.js"): f"{POLICY}; script-src 'self'; connect-src 'self'",
    # What may be framed sends no forms, and nothing else may be framed.
    (b"/static/frame.js",): FRAMED.replace(
        "frame-", "script-src 'self'; form-action 'none'; frame-"
    ),
    (b"/static/make.js", b"/embed.js"): (
        f"{POLICY}; script-src 'self'; connect-src 'self'; frame-src 'self'"
    ),
}
"""The scripts of a page, each a file of ours, and what such a page is allowed."""

HIDDEN = b"GET /api/v1/status HTTP/1.1\r\nHost: x\r\n\r\n"
"""A request within the body of another: whoever answers it was made a fool of."""

FOLLOWING = b"GET /.well-known/localfed.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def request(
    target: str | bytes = "/",
    *lines: str | bytes,
    method: str = "GET",
    body: bytes = b"",
    version: str = "HTTP/1.1",
    host: str | bytes | None = "victim.example",
    close: bool = True,
) -> bytes:
    """Write a request; nothing of it is checked or tidied up."""
    head = [b" ".join((method.encode(), _bytes(target), version.encode()))]
    if host is not None:
        head.append(b"Host: " + _bytes(host))
    if close:
        head.append(b"Connection: close")
    head += [_bytes(line) for line in lines]
    return b"\r\n".join([*head, b"", b""]) + body


def posted(body: bytes, *lines: str | bytes, target: str = "/inbox", close: bool = True) -> bytes:
    """Write a post to an inbox that says how long it is."""
    length = f"Content-Length: {len(body)}"
    return request(target, length, *lines, method="POST", body=body, close=close)


def chunked(*chunks: bytes) -> bytes:
    """Write a body in chunks, with its end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in (*chunks, b""))


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


# --- answers ---------------------------------------------------------------------------------


def check_any(answer: Answer) -> Answer:
    """Check what every answer must be: no fault of ours, no word of what we are made of, no cookie."""
    fields = answer.fields
    assert answer.status < 500 or answer.status == 503, answer
    assert fields["server"] == "localfed"
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["access-control-allow-origin"] == "*"
    assert not {"set-cookie", "access-control-allow-credentials", "x-powered-by"} & fields.keys()
    kind = fields.get("content-type", "")
    if kind.startswith(("text/html", "image/svg")):
        scripts = SCRIPT.findall(answer.body)
        assert answer.body.count(b"<script") == len(scripts) + len(DATA.findall(answer.body))
        assert fields["content-security-policy"] == POLICIES[tuple(scripts)]
    if answer.status >= 400 and kind.startswith("text/html"):
        assert_tells_nothing(answer.body.decode())
    elif answer.status >= 400 and answer.body:
        check_answer(answer)
    return answer


async def ask(victim: Victim, *pieces: bytes, **options: Any) -> list[Answer]:
    """Send bytes to the victim's site, and check every answer that comes."""
    return [check_any(one) for one in await conversation(victim.port, *pieces, **options)]


async def ask_one(victim: Victim, *pieces: bytes, **options: Any) -> Answer:
    (answer,) = await ask(victim, *pieces, **options)
    return answer


async def expecting(victim: Victim, sent: bytes) -> tuple[bool, list[Answer]]:
    """Send a request that expects something; returns whether it was told to go on, and the answers."""
    came = await converse(victim.port, [sent])
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
    return came.startswith(go_on), [
        check_any(one) for one in read_answers(came.removeprefix(go_on))
    ]


@asynccontextmanager
async def serving(victim: Victim, **changes: Any) -> AsyncIterator[None]:
    """Serve the victim's site with other settings for a while."""
    node = msgspec.structs.replace(web_node(victim.node), **changes)
    runner, port = Runner(make_app(node), request_seconds=0.5), victim.port
    victim.port = await listen(runner, "127.0.0.1", 0)
    try:
        yield
    finally:
        await runner.cleanup()
        victim.port = port


# --- letters ---------------------------------------------------------------------------------


def letter_of(victim: Victim, host: str, number: int = 0, **members: Any) -> bytes:
    """Write what a stranger posts who lives at a host: a log, and an enquiry that all is right with."""
    now = victim.federation.clock.now()
    log = first(f"https://{host}/", now)
    did = did_of(log)
    name = "".join("abcdefghijklmnopqrstuvwxyz234567"[int(c)] for c in f"{number:026d}")
    value = {
        "@context": CONTEXT,
        "id": f"{did}/messages/{name}.json",
        "type": "Enquiry",
        "issuer": did,
        "to": victim.node.did,
        "language": "en",
        "text": {"en": "Have you bread?"},
        "updated": write_time(now),
        "expires": write_time(now + timedelta(days=3)),
        **members,
    }
    return log + sign(value, MALLORY, f"{did}#{MALLORY.multikey}") + b"\n"


# --- what is no way to say how long a body is ------------------------------------------------


def _smuggled(*lines: str | bytes, body: bytes, version: str = "HTTP/1.1") -> bytes:
    return request("/inbox", *lines, method="POST", body=body, version=version, close=False)


TWO = b"x\n"
CHUNKS = chunked(TWO)

AMBIGUOUS: dict[str, bytes] = {
    "both, the length covering all": _smuggled(
        f"Content-Length: {len(HIDDEN) + 5}",
        "Transfer-Encoding: chunked",
        body=b"0\r\n\r\n" + HIDDEN,
    ),
    "both, the chunks covering all": _smuggled(
        "Content-Length: 4", "Transfer-Encoding: chunked", body=chunked(HIDDEN)
    ),
    "both, the encoding first": _smuggled(
        "Transfer-Encoding: chunked", "Content-Length: 2", body=CHUNKS
    ),
    "an encoding that ends in another": _smuggled("Transfer-Encoding: chunked, gzip", body=CHUNKS),
    "an encoding nobody knows": _smuggled("Transfer-Encoding: xchunked", body=CHUNKS),
    "an encoding after a vertical tab": _smuggled("Transfer-Encoding: \x0bchunked", body=CHUNKS),
    "an encoding in quotes": _smuggled('Transfer-Encoding: "chunked"', body=CHUNKS),
    "an encoding on a folded line": _smuggled("Transfer-Encoding:", " chunked", body=CHUNKS),
    "an encoding with a space before its colon": _smuggled(
        "Transfer-Encoding : chunked", body=CHUNKS
    ),
    "an encoding twice, the second in other letters": _smuggled(
        "Transfer-Encoding: chunked", "transfer-encoding: identity", body=CHUNKS
    ),
    "two lengths that differ": _smuggled("Content-Length: 2", "Content-Length: 44", body=TWO),
    "two lengths in one line": _smuggled("Content-Length: 2, 44", body=TWO),
    "a length with a sign": _smuggled("Content-Length: +2", body=TWO),
    "a length below nothing": _smuggled("Content-Length: -2", body=TWO),
    "a length in hexadecimal": _smuggled("Content-Length: 0x2", body=TWO),
    "a length with an underscore": _smuggled("Content-Length: 1_0", body=TWO),
    "a length in other digits": _smuggled("Content-Length: ٢", body=TWO),
    "a length of nothing": _smuggled("Content-Length:", body=TWO),
    "a length beyond 2^64": _smuggled("Content-Length: 18446744073709551618", body=TWO),
    "a length on a folded line": _smuggled("Content-Length:", " 2", body=TWO),
    "a length folded into another field": _smuggled("X: a", " Content-Length: 2", body=TWO),
    "a length after a bare carriage return": _smuggled("X: a\rContent-Length: 2", body=TWO),
    "a length after a bare line feed": _smuggled("X: a\nContent-Length: 44", body=TWO),
    "a length after a zero byte": _smuggled("X: a\x00Content-Length: 2", body=TWO),
    "a chunk longer than 2^64": _smuggled(
        "Transfer-Encoding: chunked", body=b"10000000000000002\r\nx\n\r\n0\r\n\r\n"
    ),
    "a chunk in hexadecimal with its mark": _smuggled(
        "Transfer-Encoding: chunked", body=b"0x2\r\nx\n\r\n0\r\n\r\n"
    ),
    "a chunk below nothing": _smuggled("Transfer-Encoding: chunked", body=b"-2\r\nx\n\r\n"),
    "a chunk with bare line feeds": _smuggled("Transfer-Encoding: chunked", body=b"2\nx\n\n0\n\n"),
    "a chunk longer than it says": _smuggled(
        "Transfer-Encoding: chunked", body=b"2\r\nx\nyy\r\n0\r\n\r\n"
    ),
    "a chunk whose extension ends in a bare line feed": _smuggled(
        "Transfer-Encoding: chunked", body=b"2;\nxx\r\n" + HIDDEN
    ),
    "a length after the chunks": _smuggled(
        "Transfer-Encoding: chunked", body=CHUNKS[:-2] + b"Content-Length: 44\r\n\r\n"
    ),
    "lines that end in line feeds alone": b"POST /inbox HTTP/1.1\nHost: x\nContent-Length: 2\n\nx\n",
    "a field without a name": _smuggled(": 2", "Content-Length: 2", body=TWO),
    "a field with a space in its name": _smuggled("Content Length: 2", body=TWO),
    "a first field that is folded": b"POST /inbox HTTP/1.1\r\n Content-Length: 2\r\nHost: x\r\n\r\nx\n",
}
"""Each says in two ways, or in none, where its body ends: there is one refusal, and the connection closes."""

PLAIN: dict[str, tuple[bytes, int]] = {
    "the body of a page": (
        request("/about", f"Content-Length: {len(HIDDEN)}", body=HIDDEN, close=False),
        200,
    ),
    "the chunks of a page": (
        request("/about", "Transfer-Encoding: chunked", body=chunked(HIDDEN), close=False),
        200,
    ),
    "the body of another method": (posted(HIDDEN, close=False, target="/about"), 405),
    "the body of a post": (posted(HIDDEN, close=False), 400),
    "the body of a post to nowhere": (posted(HIDDEN, close=False, target="/nobody/inbox"), 404),
    "chunks with an extension": (
        request(
            "/inbox",
            "Transfer-Encoding: chunked",
            method="POST",
            body=b'%x;a="b"\r\n%s\r\n0\r\n\r\n' % (len(HIDDEN), HIDDEN),
            close=False,
        ),
        400,
    ),
    "what is expected and is not done": (
        posted(HIDDEN, "Expect: the-unexpected", close=False),
        417,
    ),
}
"""Each has a body that looks like a request: it is read as a body, and the next request is the next."""


# --- bodies that are no post -----------------------------------------------------------------

DEEP = b'{"issuer":' + b"[" * 60_000 + b"\n"
BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not-json"),
    "line feeds": (b"\n" * 262_144, "not-json"),
    "zeros": (b"\0" * 10_000 + b"\n", "not-json"),
    "no line feed at its end": (b'{"issuer":"x"}', "not-json"),
    "carriage returns": (b'{"issuer":"x"}\r\n', "not-canonical"),
    "a byte order mark": (b'\xef\xbb\xbf{"issuer":"x"}\n', "not-json"),
    "UTF-16": ('{"issuer":"x"}\n'.encode("utf-16"), "not-json"),
    "a thousand brackets": (b"[" * 1_000 + b"\n", "too-deep"),
    "objects sixty thousand deep": (DEEP, "too-deep"),
    "a line larger than a document": (b'"' + b"x" * 70_000 + b'"\n', "too-large"),
    "a log larger than a post": (b"x" * 262_145, "too-large"),
    "six thousand members": (
        json.dumps({str(n): 0 for n in range(6_000)}, separators=(",", ":")).encode() + b"\n",
        "bad-member-name",
    ),
    "sixty thousand values": (b'{"a":[' + b"0," * 30_000 + b"0]}\n", "too-many-values"),
    "a number of a thousand digits": (b'{"a":' + b"9" * 1_000 + b"}\n", "bad-number"),
    "two names alike": (b'{"a":1,"a":2}\n', "not-canonical"),
    "a log of sixty thousand lines": (b"{}\n" * 60_000, "outside-profile"),
    "a form": (b"issuer=did&type=Enquiry", "not-json"),
    "XML with an entity": (
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>\n',
        "not-json",
    ),
    "a pickle": (b"\x80\x04cos\nsystem\n(S'id'\ntR.", "not-json"),
    "gzip": (gzip.compress(b"0" * 10_000_000), "not-json"),
    "deflate": (zlib.compress(b"0" * 10_000_000), "not-json"),
}
"""Each is sent as it is; gzip also with the field that says so."""


# --- paths -----------------------------------------------------------------------------------

UP = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%252f", "..\\", "..%5c", "%c0%ae%c0%ae/", "....//")
BELOW = ("/static/", "/d/", "/feed/", "/snapshot/", "/documents/SCID/", "/api/v1/documents/SCID/")
SECRET = "node.sqlite3"
PATHS: dict[str, str] = {
    **{f"{below}{up}": below + up * 6 + SECRET for below in BELOW for up in UP[:4]},
    **{f"{up} at the root": "/" + up * 6 + SECRET for up in UP},
    "the mirror of a friend": "/mirror/FRIEND/../../../" + SECRET,
    "the mirror of a friend, encoded": "/mirror/FRIEND/%2e%2e/%2e%2e/" + SECRET,
    "the mirror within a mirror": "/mirror/FRIEND/mirror/FRIEND/head.json",
    "the mirror of nobody": "/mirror/../" + SECRET,
    "the database": "/" + SECRET,
    "the database beside a base": "/x/../" + SECRET,
    "the keys": "/keys/",
    "the index": "/index/data",
    "the bundles": "/bundles/",
    "a file of the system": "//etc/passwd",
    "a file of the system by its scheme": "/file:///etc/passwd",
    "a line after another": "/second%0aline",
    "a line after another, in a folder": "/x%0ay/z%0d%0a/org.json",
    "a file cut off by a zero": "/static/style.css%00.svg",
    "a file with a stream": "/static/style.css::$DATA",
    "a file with a slash after it": "/static/style.css/",
    "a template": "/templates/base.html",
    "the source": "/static/../api.py",
    "a message": "/messages/aaaaaaaaaaaaaaaaaaaaaaaaaa.json",
    "an inbox that is read": "/inbox",
    "a document without its letters": "/d/.json",
    "a document of sixteen thousand letters": "/d/" + "a" * 15_000 + ".json",
    "five thousand folders": "/" + "a/" * 5_000 + "org.json",
    "two thousand mirrors": "/" + "mirror/" * 2_000 + "clock.json",
}
"""SCID and FRIEND stand for those of the victim and the friend."""


# --- searches --------------------------------------------------------------------------------

GOOD, BAD = 200, 400
QUERIES: dict[str, tuple[str, int]] = {
    "ten thousand letters": ("q=" + "a" * 10_000, GOOD),
    "five thousand words": ("q=" + "a+" * 5_000, GOOD),
    "five thousand brackets": ("q=" + "(" * 5_000, GOOD),
    "five thousand quotes": ("q=" + "%22" * 5_000, GOOD),
    "an index's own fields": ("q=title:*+AND+NOT+did:x+OR+[*+TO+*]^9~", GOOD),
    "a pattern that explodes": ("q=/(a%2B)%2B$/" + "a" * 200, GOOD),
    "stars": ("q=" + "*" * 1_000, GOOD),
    "SQL": ("q='%3B+DROP+TABLE+document%3B--&category='+OR+1%3D1--", GOOD),
    "letters that join": ("q=" + "%CC%81" * 2_000, GOOD),
    "letters outside the plane": ("q=" + "%F0%9F%98%80" * 900, GOOD),
    "half a surrogate pair": ("q=%ED%A0%80", GOOD),
    "an overlong slash": ("q=%C0%AF", GOOD),
    "a zero": ("q=a%00b", GOOD),
    "percent signs that say nothing": ("q=%zz%&%q=%", BAD),
    "two thousand answers to one question": ("&".join(f"q={n}" for n in range(2_000)), BAD),
    "two thousand parameters": ("&".join(f"p{n}=1" for n in range(2_000)), BAD),
    "fifteen thousand ampersands": ("&" * 15_000, GOOD),
    "a category of ten thousand letters": ("category=" + "c" * 10_000, BAD),
    "a kind that there is not": ("kind=__class__", BAD),
    "nowhere": ("near=nan,nan", BAD),
    "infinitely far": ("near=inf,-inf", BAD),
    "off the Earth": ("near=90.1,180.1", BAD),
    "a place in exponents": ("near=1e1,1e1", BAD),
    "a place of a thousand digits": ("near=" + "1" * 1_000 + ",1", BAD),
    "a place in other digits": ("near=%D9%A5%D9%A5,%D9%A3", BAD),
    "a radius of nothing": ("near=1,1&radius=0", BAD),
    "a radius below nothing": ("near=1,1&radius=-1", BAD),
    "a radius larger than the Earth": ("near=1,1&radius=1000000000", BAD),
    "a radius that is none": ("near=1,1&radius=nan", BAD),
    "a radius of nowhere": ("radius=1", BAD),
    "a radius of a millionth": ("near=54.6,-2.3&radius=0.000001", GOOD),
    "the poles": ("near=90,180&radius=20040", GOOD),
    "a cursor of another search": ("cursor=AAEAAAAAAAA", BAD),
    "a cursor of ten thousand letters": ("cursor=" + "A" * 10_000, BAD),
    "a cursor of no letters": ("cursor=%00%00", BAD),
    "a cursor below nothing": ("cursor=-1", BAD),
}
"""Asked of the API; the page answers each with a page."""

LIMITS = {
    "of nothing": "0",
    "below nothing": "-1",
    "of a million": "1000000",
    "of a million behind zeros": "0001000000",
    "of five hundred behind zeros": "00500",
    "of five thousand digits": "0001" + "9" * 5_000,
    "in other digits": "%D9%A1%D9%A0",
    "in exponents": "1e2",
    "that is a fraction": "1.5",
    "that is no number": "nan",
    "with a space": "%2010",
}


# --- ranges and conditions -------------------------------------------------------------------

CONDITIONS: dict[str, tuple[str, int]] = {
    "a range beyond the end": ("Range: bytes=999999-", 416),
    "a range of five thousand digits": ("Range: bytes=" + "9" * 5_000 + "-", 416),
    "a range that goes back": ("Range: bytes=5-1", 416),
    "a thousand ranges": ("Range: bytes=" + ",".join(["0-1"] * 1_000), 416),
    "a range of lines": ("Range: lines=0-1", 416),
    "a range in other digits": ("Range: bytes=٠-", 416),
    "a range of the end": ("Range: bytes=-999999999", 206),
    "a day that no calendar has": (
        "If-Modified-Since: Mon, 01 Jan 9999999999999999 00:00:00 GMT",
        416,
    ),
    "a day that no calendar has, the other way": (
        "If-Unmodified-Since: Mon, 01 Jan 9999999999999999 00:00:00 GMT",
        416,
    ),
    "a day that no calendar has, for a range": (
        "If-Range: Mon, 01 Jan 9999999999999999 00:00:00 GMT",
        416,
    ),
    "a day in the year nought": ("If-Modified-Since: Mon, 01 Jan 0000 00:00:00 GMT", 200),
    "a day with an offset of years": (
        "If-Modified-Since: Mon, 01 Jan 2024 00:00:00 +99999999",
        200,
    ),
    "a day that is none": ("If-Modified-Since: " + "9" * 4_000, 200),
    "a thousand tags": ("If-None-Match: " + '"a",' * 1_900, 200),
    "a tag that never ends": ('If-None-Match: "a', 200),
    "commas": ("If-None-Match: " + "," * 8_000, 200),
    "a tag of eight thousand letters": ('If-None-Match: "' + "a" * 8_000 + '"', 200),
    "a tag that is another's part": ('If-None-Match: ""', 200),
    "a tag that must be": ('If-Match: "a"', 412),
    "a compressed one": ("Accept-Encoding: gzip;q=1, br, zstd, *", 200),
}
"""For the bundle, the one file that is read from the disk. A 412 of aiohttp has no body, as RFC 9110 allows."""


# --- what is hardly HTTP ---------------------------------------------------------------------

STRANGE: dict[str, bytes] = {
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/0.9 with a number": request(version="HTTP/0.9"),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
    "HTTP/9.9": request(version="HTTP/9.9"),
    "HTTP of another name": request(version="HTCPCP/1.0"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50 + b"\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    "SMTP": b"EHLO mail.example\r\nMAIL FROM:<a@b>\r\n\r\n",
    "the line of a proxy": b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + request(),
    "the line of a proxy in binary": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + request(),
    "redis": b"*1\r\n$4\r\nPING\r\n\r\n",
    "zeros": b"\0" * 20_000,
    "a line without end": b"A" * 40_000,
    "a method in small letters": request(method="get"),
    "a method that there is not": request(method="BREW"),
    "a method of ten thousand letters": request(method="A" * 10_000),
    "a method of other letters": request(method="GÉT"),
    "the proxy of somebody": request("10.0.0.1:22", method="CONNECT"),
    "the star": request("*", method="OPTIONS"),
    "a target that is no path": request("victim"),
    "a target with a control": request("/\x1b[31m"),
    "a target that is not ASCII": request("/é"),
    "a target with a space": request("/a b"),
    "a target of twenty thousand letters": request("/" + "a" * 20_000),
    "two hosts": request("/", "Host: evil.example"),
    "no host": request("/", host=None),
    "a thousand fields": request("/", *(f"X-{n}: y" for n in range(1_000))),
    "a field of ten thousand letters": request("/", "X: " + "y" * 10_000),
    "a name of ten thousand letters": request("/", "X" * 10_000 + ": y"),
    "cookies of ten thousand letters": request("/", "Cookie: " + "a=b; " * 2_000),
    "a field with a bare carriage return": request("/", "X: a\rSet-Cookie: b=c"),
    "a field with a zero": request("/", "X: a\x00b"),
}
"""Each is refused, and nothing of it is repeated."""

METHODS = ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "MKCOL", "LOCK", "SEARCH")
