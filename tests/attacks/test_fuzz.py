"""Each door against mutations: nothing but an error of the tree comes out, and nothing is left changed.

`LOCALFED_FUZZ_SECONDS` is how long for each door, `LOCALFED_FUZZ_SEED` which mutations; the seed is
printed with a failure.
"""

from __future__ import annotations

import urllib.parse
from pathlib import Path

import msgspec
import pytest

from attacks.frame import assert_tells_nothing, check_error, nothing_broke, unmoved
from attacks.fuzzer import Fuzz
from attacks.lies import letter, log_of, message, shown
from attacks.raw import Silence, exchange
from attacks.server_requests import NO_HTTP, SMUGGLING
from interop.protocol_form import document_of
from localfed.app import inbox
from localfed.app.gathering import _match_lines
from localfed.app.search import catch_up, find, read_query
from localfed.interop.csv_table import read_csv
from localfed.interop.geojson import read_geojson
from localfed.interop.mapping import mapping_from_json
from localfed.protocol.errors import LocalFedError, Rejected
from localfed.protocol.feed import read_page, read_parts
from localfed.protocol.identity import read_identity
from localfed.protocol.mirror import read_clock
from localfed.protocol.webvh import resolve_log
from protocol.spec_vectors import FEED, VECTORS, read_json


def files(folder, pattern):
    found = [path.read_bytes() for path in sorted(Path(VECTORS / folder).glob(pattern))]
    assert found
    return found


def opened(open_, body, error=Rejected):
    """Open something; True if it was taken. What is no error of this branch of the tree gets out."""
    try:
        open_(body)
    except error as refusal:
        check_error(refusal)
        return False
    return True


# --- doors that take bytes -------------------------------------------------------------------


def test_documents_are_refused_or_as_they_were_signed(desk):
    """What is taken is what was signed, byte for byte."""
    good = {desk.whole(kind) for kind in ("Organization", "Offer", "Need", "Partnership")}
    fuzz = Fuzz("documents", [*good, *files("documents", "*/*.json")])

    for body in fuzz:
        if opened(desk.open, body):
            assert body in good


def test_heads_are_refused_or_as_they_were_signed(desk):
    good = {desk.whole("Head"), desk.documents.head}
    fuzz = Fuzz("heads", [*good, *files("feed", "heads/*.json")])

    for body in fuzz:
        if opened(desk.open_head, body):
            assert body in good


def test_messages_are_refused_or_as_they_were_signed(desk):
    good = {desk.whole(kind) for kind in ("Enquiry", "Proposal", "Accept", "Decline")}
    fuzz = Fuzz("messages", [*good, *files("messages", "*/*.json")])

    for body in fuzz:
        if opened(desk.open_message, body):
            assert body in good


def test_logs_are_refused_or_say_who_they_were(desk):
    """A log may be spelt in many ways; whose it is says its first entry, and no mutation another."""
    now = desk.documents.now
    known = {*SCIDS, desk.identity.scid}
    fuzz = Fuzz("logs", [desk.log, desk.log, *files("identity", "*/*.jsonl")])

    for body in fuzz:
        opened(lambda log: resolve_log(log, now=now), body)
        if opened(lambda log: read_identity(log, now=now), body, LocalFedError):
            did = read_identity(body, now=now).did
            assert did.split(":")[2] in known


SCIDS = {
    msgspec.json.decode(path.read_bytes().splitlines()[0])["parameters"]["scid"]
    for path in (VECTORS / "identity" / "valid").glob("*.jsonl")
}


def test_feed_files_are_read_or_refused():
    pages = files("feed", "pages/*.json")
    parts = files("feed", "parts/*.json")
    clocks = [
        one["text"].encode() for one in read_json(FEED / "clocks.json") if len(one["text"]) < 999
    ]
    fuzz = Fuzz("feed files", [*pages, *parts, *clocks])

    for body in fuzz:
        opened(lambda data: read_page(data, "feed/1777714200000.json"), body)
        opened(lambda data: read_parts([data]), body)
        opened(lambda data: read_parts([parts[0], data]), body)
        opened(read_clock, body)
        assert _match_lines(body.split(b"\n"), {}) == []


def test_tables_give_what_everybody_accepts():
    """What a table gives is a document that everybody accepts, or it is reported."""
    fuzz = Fuzz("tables", [TABLE, TABLE.replace(b",", b";"), TABLE.decode().encode("utf-16"), MAP])

    for body in fuzz:
        for read in (read_csv, read_geojson):
            try:
                table = read(body, file_name="groups.csv")
            except LocalFedError as error:
                check_error(error)
                continue
            for record in table.records:
                document_of(record, table.source)
        opened(mapping_from_json, body, LocalFedError)


TABLE = """Name,Town,Website,Latitude,Longitude,Category,Postcode,Country,Description,Email
Tool Library,Leith,https://tools.example/,55.97,-3.17,Tools;Sharing,EH6 6AA,United Kingdom,"Lends, mends",a@b.example
Café Mill,Dale,mill.example,"55,95",-3.19,Food,,GB,"Two
lines",
""".encode()

MAP = b"""{"type":"FeatureCollection","name":"groups","license":"CC0","features":[
{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[-3.19,55.95]},"properties":{"name":"Choir","url":"https://choir.example/"}},
{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,0]]]},"properties":{"name":"Mill","tags":["a","b"]}}]}
"""


# --- doors of a node -------------------------------------------------------------------------


async def test_the_inbox_keeps_what_was_signed_alone(victim):
    """Nothing but what the friend and the stranger signed is kept; of each, at most what they signed."""
    friend, stranger = victim.friend, victim.stranger
    letters = [letter(log_of(one), message(one, victim.node)) for one in (friend, stranger)]
    signed = {one.splitlines()[-1] for one in letters}
    pings = [one.file("/head.json") + b"\n" for one in (friend, stranger, victim.node)]
    fuzz = Fuzz("inbox", [*letters, *letters, *pings])

    # Logs may be spelt in many ways: the letter that was signed is one, however its log is written.
    async with unmoved(victim, may_change={"message"}, requests=0):
        for body in fuzz:
            try:
                await inbox.receive(victim.ports, body)
            except Rejected as error:
                check_error(error)

    held = victim.node.store.messages()
    assert {one.body for one in held} <= signed


async def test_a_feed_that_is_forged_on_its_way(victim):
    """Any file of the friend's is any bytes: nothing is shown that it did not sign, and it heals."""
    friend = victim.friend
    signed = set(shown(friend, friend).values()) | set(shown(victim.node, friend).values())
    corpus = [friend.file(path) or b"" for path in ("/head.json", "/did.jsonl", "/org.json")]
    corpus += [
        body
        for body in (friend.file(f"/{one}") for one, _ in friend.store.feed_files(friend.did))
        if body
    ]
    fuzz = Fuzz("feed", corpus)
    chance = fuzz.random
    mutations = iter(fuzz)

    def forge(url, body):
        return next(mutations, body) if chance.random() < 0.4 else body

    with nothing_broke():
        while True:
            victim.federation.clock.advance(minutes=7)
            made = await friend.publish({"type": "Offer", "name": f"Bread {fuzz.tried}"})
            signed.add(friend.live(friend)[made.partition("/")[2]].body)
            before = fuzz.tried
            victim.network.forge = forge
            try:
                await victim.node.sync(friend)
            except LocalFedError as error:
                check_error(error)
            assert set(shown(victim.node, friend).values()) <= signed
            if next(mutations, None) is None:
                break
            assert fuzz.tried > before
            await friend.withdraw(made)

    victim.network.forge = None
    await heal(victim)
    assert shown(victim.node, friend) == shown(friend, friend)


async def heal(victim):
    """Let the friend be read as it is, once more than a wait that was set by what was forged."""
    for _ in range(3):
        victim.federation.clock.advance(days=1)
        await victim.node.sync(victim.friend)


async def test_searches_are_answered_or_refused(victim):
    """Any words, places, circles, kinds and cursors: an answer, or a refusal in words."""
    await catch_up(victim.ports)
    now = victim.federation.clock.now()
    fuzz = Fuzz("searches", [one.encode() for one in QUERIES])
    names = ("q", "near", "radius", "kind", "category", "cursor")

    async with unmoved(victim, requests=0):
        for body in fuzz:
            asked = urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
            said = {name: value for name, value in asked if name in names}
            try:
                find(victim.ports, read_query(**said, now=now))
            except LocalFedError as error:
                check_error(error)


QUERIES = (
    "q=bread&near=55.95,-3.19&radius=5",
    "q=bread cake -flour&kind=offer&category=Food",
    "q=%28bread+OR+cake%29^2&near=90,180",
    'q="bread and cake"~3&cursor=eyJvIjoyMH0',
    "near=-90,-180&radius=20000&kind=need",
    "q=name:bread*[a TO b]&kind=organisation",
)


async def test_requests_are_answered_without_a_breakdown(victim):
    """Any bytes to the site: an answer below 500, 503 or none, and nothing of ours in it."""
    fuzz = Fuzz("requests", [*REQUESTS, *list(SMUGGLING.values())[:9], *list(NO_HTTP.values())[:9]])

    async with unmoved(victim, requests=0):
        for body in fuzz:
            try:
                answer = await exchange(victim.port, body[:100_000], shut=True)
            except Silence:
                continue
            assert answer.status < 500 or answer.status in {501, 503, 505}, (answer, body[:500])
            if answer.status >= 400:
                assert_tells_nothing(answer.body.decode("utf-8", "replace"))


def request(target, *fields, method="GET", body=b""):
    lines = [f"{method} {target} HTTP/1.1", "Host: victim.example", "Connection: close", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


REQUESTS = (
    request("/?q=bread&near=55.95,-3.19&radius=5&lang=en"),
    request("/api/v1/search?q=bread&limit=5", "Accept-Language: cy, en;q=0.5"),
    request("/api/v1/organisations?limit=2&cursor=x", 'If-None-Match: "x"'),
    request("/api/v1/documents?id=did:webvh:x/org.json"),
    request("/head.json", "Accept-Encoding: gzip", "Range: bytes=0-9"),
    request("/mirror/clock.json", "X-Forwarded-For: 1.2.3.4"),
    request("/d/aaaaaaaaaaaaaaaaaaaaaaaaaa.json", method="HEAD"),
    request("/inbox", "Content-Length: 3", method="POST", body=b"{}\n"),
    request("/inbox", "Transfer-Encoding: chunked", method="POST", body=b"3\r\n{}\n\r\n0\r\n\r\n"),
)


def test_the_fuzzer_reaches_what_it_fuzzes(desk):
    """A mutator that only makes rubbish tries nothing: some get as far as the signature."""
    fuzz = Fuzz("documents", [desk.whole("Offer")])
    codes = set()
    for _ in range(3_000):
        body = fuzz.mutation()
        with pytest.raises(Rejected) as caught:
            desk.open(body if body != fuzz.corpus[0] else b"")
        codes.add(caught.value.code)

    assert {"bad-signature", "wrong-shape", "not-canonical", "not-json", "not-utf8"} <= codes
    assert {"unknown-context", "wrong-issuer", "bad-proof", "bad-character", "too-large"} <= codes
