"""What a client can do to a node that answers it: floods, slowness, smuggling, size, poison, dead peers.

Against the victim's real site on loopback, byte for byte. What is sent lies in `server_material`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import logging
from datetime import timedelta

import apsw
import msgspec
import pytest

from app.makers import host_another
from attacks.frame import check_answer, healthy, unmoved
from attacks.lies import did_of, first, letter, log_of, message, scid_of
from attacks.server_material import (
    AMBIGUOUS,
    BODIES,
    CONDITIONS,
    FOLLOWING,
    LIMITS,
    METHODS,
    PATHS,
    PLAIN,
    QUERIES,
    STRANGE,
    ask,
    ask_one,
    check_any,
    chunked,
    expecting,
    letter_of,
    posted,
    request,
    serving,
)
from localfed.app import delivery, inbox, messages, search
from localfed.app.message_values import MessageState, OutboxItem, OutboxKind, OutboxState, Posted
from localfed.app.values import Block, BlockKind
from localfed.net.fetch import GuardedFetch
from localfed.protocol.errors import NoAnswer
from localfed.protocol.times import write_time
from localfed.server.worker import HOSTS_AT_ONCE, Worker
from localfed.store.connection import DATABASE
from localfed.web import bodies, throttle
from localfed.web import runner as web_runner


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """An unread body is read away for two seconds in life."""
    monkeypatch.setitem(web_runner.RUNNER_OPTIONS, "lingering_time", 0.1)


ONE_MORE = {"message", "notice", "sqlite_sequence"}
"""A letter that all is right with is kept: one row, which is what an inbox is for (LF-INBOX-5), and the notice of one that asks."""

PROXY = "127.0.0.1"


def table(cases):
    """Make pytest items of a table of material."""
    return [pytest.param(value, id=name) for name, value in cases.items()]


# --- how long is it: smuggling -----------------------------------------------------------------


@pytest.mark.parametrize("sent", table(AMBIGUOUS))
async def test_what_ends_in_two_ways_is_refused_once_and_the_connection_closed(victim, sent):
    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, sent + FOLLOWING)

    check_answer(answer, "refused", 400)


@pytest.mark.parametrize("sent,status", [pytest.param(*one, id=n) for n, one in PLAIN.items()])
async def test_a_request_within_a_body_is_a_body(victim, sent, status):
    async with unmoved(victim, requests=0):
        answers = await ask(victim, sent + FOLLOWING)

    assert [one.status for one in answers] == [status, 200]
    assert b'"organizations"' in answers[1].body


async def test_the_rest_of_a_body_that_was_refused_is_no_request(victim):
    """What is too large is not read; what comes of it must not be taken for something else."""
    rest = FOLLOWING * 2_000
    head = request("/inbox", "Content-Length: 300000", method="POST", close=False)

    async with unmoved(victim, requests=0):
        answers = await ask(victim, head, rest)

    assert [one.status for one in answers] == [413]


async def test_what_follows_an_upgrade_that_is_not_made_is_read_as_http(victim):
    upgrade = request("/about", "Upgrade: websocket", "Connection: Upgrade", close=False)

    async with unmoved(victim, requests=0):
        answers = await ask(victim, upgrade + FOLLOWING)

    assert [one.status for one in answers] == [200, 200]


# --- what is hardly HTTP -----------------------------------------------------------------------


@pytest.mark.parametrize("sent", table(STRANGE))
async def test_what_is_hardly_http_is_refused_and_nothing_of_it_repeated(victim, sent):
    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, sent)

    check_answer(answer, "refused")
    for word in (b"evil", b"\x1b", b"EHLO", b"BREW", b"AAAA", b"10.0.0.1", b"set-cookie"):
        assert word not in answer.body


@pytest.mark.parametrize("method", METHODS)
async def test_no_method_changes_anything(victim, method):
    body = b'{"name":"mine"}'
    targets = ("/", "/head.json", "/api/v1/search", "/nobody/at/all", "/static/style.css")

    async with unmoved(victim, requests=0):
        for target in targets:
            sent = request(target, f"Content-Length: {len(body)}", method=method, body=body)
            check_answer(await ask_one(victim, sent), "wrong-method", 405)


@pytest.mark.parametrize("field", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_no_field_makes_another_method_of_it(victim, field):
    path = victim.ids["veg"].removeprefix(victim.node.did)

    async with unmoved(victim, requests=0):
        assert (await ask_one(victim, request(path, f"{field}: DELETE"))).status == 200


# --- bodies ------------------------------------------------------------------------------------


@pytest.mark.parametrize("body,code", [pytest.param(*one, id=n) for n, one in BODIES.items()])
async def test_what_is_no_post_is_refused_with_its_code(victim, body, code):
    """LF-INBOX-1, LF-INBOX-2."""
    async with unmoved(victim, requests=0):
        check_answer(await ask_one(victim, posted(body)), code)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity", "gzip, gzip", "?"])
async def test_nothing_that_is_compressed_is_opened(victim, coding):
    """A letter that all is right with: whoever opened it would keep it."""
    body = gzip.compress(letter_of(victim, "gzip.example"))

    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, posted(body, f"Content-Encoding: {coding}"))

    assert answer.status == 400


async def test_a_body_that_says_it_is_endless_is_not_waited_for(victim):
    async with unmoved(victim, requests=0):
        head = request("/inbox", "Content-Length: 9000000000", method="POST")
        check_answer(await ask_one(victim, head), "too-large", 413)


async def test_chunks_without_end_are_cut_off(victim):
    async with unmoved(victim, requests=0):
        head = request("/inbox", "Transfer-Encoding: chunked", method="POST")
        answer = await ask_one(victim, head, *[b"10000\r\n" + b"x" * 65_536 + b"\r\n"] * 200)

    check_answer(answer, "too-large", 413)


async def test_chunks_of_one_byte_are_one_body(victim):
    body = b"".join(chunked(bytes([one]))[:-5] for one in b'{"issuer":1}\n') + b"0\r\n\r\n"

    async with unmoved(victim, requests=0):
        head = request("/inbox", "Transfer-Encoding: chunked", method="POST")
        check_answer(await ask_one(victim, head + body), "wrong-shape", 400)


@pytest.mark.parametrize("target", ["/", "/head.json", "/api/v1/search", "/static/style.css"])
async def test_a_body_where_none_belongs_is_not_read(victim, target):
    async with unmoved(victim, requests=0):
        answer = await ask_one(
            victim, request(target, "Content-Length: 9000000000", body=b"x" * 300_000)
        )

    assert answer.status == 200


async def test_who_asks_first_whether_a_large_body_may_come_is_told_no(victim):
    head = request("/inbox", "Expect: 100-continue", "Content-Length: 262145", method="POST")

    async with unmoved(victim, requests=0):
        told, (answer,) = await expecting(victim, head)

    assert not told
    check_answer(answer, "too-large", 413)


@pytest.mark.parametrize("expected", ["200-ok", "100-continue, 200-ok", "x" * 5_000])
@pytest.mark.parametrize("target", ["/inbox", "/nobody"])
async def test_what_is_expected_and_unknown_is_refused_in_our_words(victim, expected, target):
    async with unmoved(victim, requests=0):
        told, (answer,) = await expecting(
            victim, posted(b"x\n", f"Expect: {expected}", target=target)
        )

    assert not told
    check_answer(answer, "refused", 417)


@pytest.mark.parametrize("end", ["abort", "close"])
@pytest.mark.parametrize("field", ["Content-Length: 99", "Transfer-Encoding: chunked"])
async def test_who_goes_away_in_the_middle_writes_nothing_into_our_log(victim, caplog, end, field):
    caplog.set_level(logging.INFO)

    async with unmoved(victim, requests=0):
        for _ in range(5):
            _, writer = await asyncio.open_connection("127.0.0.1", victim.port)
            writer.write(request("/inbox", field, method="POST", body=b"2\r\n{}"))
            await writer.drain()
            await asyncio.sleep(0.01)
            writer.transport.abort() if end == "abort" else writer.close()
        await asyncio.sleep(0.1)

    assert caplog.records == []


# --- slowness ----------------------------------------------------------------------------------


async def drip(victim, head, piece, seconds=3.0):
    """Send a head, then a piece again and again; returns what came, once the other side has closed."""

    async def pieces(writer):
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.05)

    reader, writer = await asyncio.open_connection("127.0.0.1", victim.port)
    writer.write(head)
    dripping = asyncio.ensure_future(pieces(writer))
    try:
        async with asyncio.timeout(seconds):
            with contextlib.suppress(ConnectionError):
                return await reader.read()
            return b""
    finally:
        dripping.cancel()
        writer.close()


@pytest.mark.parametrize(
    "head,piece",
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"G", b"", id="one letter"),
        pytest.param(b"GET /", b"a", id="a line letter by letter"),
        pytest.param(b"GET / HTTP/1.1\r\nX: ", b"a", id="a field letter by letter"),
        pytest.param(b"GET / HTTP/1.1\r\n", b"X: y\r\n", id="a head field by field"),
        pytest.param(b"", b"\r\n", id="empty lines"),
    ],
)
async def test_who_sends_a_head_without_end_is_cut_off(victim, head, piece):
    async with unmoved(victim, requests=0):
        came = await drip(victim, head, piece)

    assert came == b"" or came.startswith(b"HTTP/1.0 400")


@pytest.mark.parametrize(
    "field,piece",
    [
        pytest.param("Content-Length: 1000", b"x", id="byte by byte"),
        pytest.param("Content-Length: 1000", b"", id="not at all"),
        pytest.param("Transfer-Encoding: chunked", b"1\r\nx\r\n", id="chunk by chunk"),
        pytest.param("Transfer-Encoding: chunked", b"0", id="a chunk whose size never ends"),
        pytest.param("Transfer-Encoding: chunked", b"1;x", id="extensions without end"),
    ],
)
async def test_who_sends_a_body_without_end_is_cut_off(victim, monkeypatch, field, piece):
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)

    async with unmoved(victim, requests=0):
        came = await drip(victim, request("/inbox", field, method="POST"), piece)

    # Who goes on sending to a connection that is closed may lose the answer by it.
    assert b'"too-late"' in came or b'"refused"' in came or (came == b"" and piece)


async def test_who_keeps_a_connection_for_one_byte_a_minute_loses_it(victim, monkeypatch):
    """aiohttp's keep-alive timer is stopped by the first byte of a request."""
    monkeypatch.setattr(web_runner, "KEEPALIVE_SECONDS", 0.2)

    async with unmoved(victim, requests=0):
        came = await drip(victim, request("/api/v1/status", close=False) + b"G", b"")

    assert came.count(b"HTTP/1.1 200") == 1


async def test_readers_that_do_not_read_hold_up_nobody(victim):
    """Forty of them, each asking for more than a socket holds."""
    file = victim.node.folder.parent / "large.jsonl"
    file.write_bytes(b'{"a":"b"}\n' * 400_000)
    async with serving(victim, bundle_path=lambda _: file):
        writers = []
        for _ in range(40):
            _, writer = await asyncio.open_connection("127.0.0.1", victim.port, limit=1)
            writer.write(request("/bundle.jsonl") + request("/bundle.jsonl"))
            writers.append(writer)
        await asyncio.sleep(0.2)

        async with unmoved(victim, requests=0):
            assert (await victim.get("/")).status == 200

        for writer in writers:
            writer.transport.abort()


async def test_connections_beyond_the_most_are_closed_at_once_and_it_is_the_silent_that_go(
    victim, monkeypatch
):
    monkeypatch.setattr(web_runner, "CONNECTIONS", 20)
    held = [await asyncio.open_connection("127.0.0.1", victim.port) for _ in range(20)]

    async with asyncio.timeout(2):
        reader, writer = await asyncio.open_connection("127.0.0.1", victim.port)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        for one, _ in held:
            with contextlib.suppress(ConnectionError):
                assert await one.read() == b""
    for _, one in (*held, (reader, writer)):
        one.close()

    async with unmoved(victim, requests=0):
        pass


async def test_a_hundred_requests_in_one_go_are_answered_in_turn(victim):
    async with unmoved(victim, requests=0):
        answers = await ask(
            victim, request("/api/v1/search?q=bread", close=False) * 100 + FOLLOWING
        )

    assert [one.status for one in answers] == [200] * 101


# --- paths -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", table(PATHS))
async def test_no_path_leads_out_of_what_is_published(victim, path):
    path = path.replace("SCID", scid_of(victim.node)).replace("FRIEND", scid_of(victim.friend))

    async with unmoved(victim, requests=0):
        answers = [
            await ask_one(victim, request(path)),
            await ask_one(victim, request("http://victim.example" + path)),
            await ask_one(victim, request(path, "Accept: text/html")),
        ]

    assert {one.status for one in answers} <= {404}
    assert b"SQLite" not in b"".join(one.body for one in answers)


async def test_what_another_publisher_keeps_is_not_under_our_name(victim):
    """A document of a friend is on its mirror and nowhere else."""
    bread = victim.ids["bread"].removeprefix(victim.friend.did)

    async with unmoved(victim, requests=0):
        check_answer(await ask_one(victim, request(bread)), "unknown-page", 404)


async def test_what_was_withdrawn_is_at_no_address(victim):
    path = victim.ids["gone"].removeprefix(victim.friend.did + "/")
    scid = scid_of(victim.friend)

    async with unmoved(victim, requests=0):
        for target in (
            f"/mirror/{scid}/{path}",
            f"/api/v1/documents/{scid}/{path}",
            f"/documents/{scid}/{path.removesuffix('.json')}",
            f"/api/v1/documents?id={victim.ids['gone']}",
        ):
            assert (await ask_one(victim, request(target))).status == 404


# --- searches ----------------------------------------------------------------------------------


@pytest.mark.parametrize("query,status", [pytest.param(*one, id=n) for n, one in QUERIES.items()])
async def test_a_search_that_costs_or_says_nothing_is_answered(victim, query, status):
    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, request("/api/v1/search?" + query))
        page = await ask_one(victim, request("/?" + query, "Accept: text/html"))
        lists = await ask(victim, request("/api/v1/organisations?" + query))
        found = await ask(victim, request("/api/v1/documents?id=" + query))

    assert answer.status == status
    assert page.status in {200, 400}
    assert {one.status for one in lists} <= {200, 400}
    assert {one.status for one in found} <= {400, 404}


@pytest.mark.parametrize("limit", table(LIMITS))
@pytest.mark.parametrize("target", ["/api/v1/search?q=bread", "/api/v1/organisations?x="])
async def test_a_limit_is_a_number_up_to_a_hundred(victim, limit, target):
    async with unmoved(victim, requests=0):
        check_answer(await ask_one(victim, request(f"{target}&limit={limit}")), "bad-query", 400)


@pytest.mark.parametrize("limit", table(LIMITS))
async def test_a_page_far_beyond_the_last_is_empty_or_none(victim, limit):
    scid = scid_of(victim.node)

    async with unmoved(victim, requests=0):
        for target in ("/organisations", f"/organisations/{scid}"):
            answer = await ask_one(victim, request(f"{target}?page={limit}"))
            assert answer.status in {200, 404}


@pytest.mark.parametrize("radius", ["6000", "20040", "0.000001", "0.01"])
async def test_help_for_who_found_nothing_is_no_search_that_cannot_be(victim, radius):
    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, request(f"/?q=zzz&near=54.6,-2.3&radius={radius}"))

    assert answer.status == 200


# --- ranges and conditions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "field,status", [pytest.param(*one, id=n) for n, one in CONDITIONS.items()]
)
async def test_a_condition_that_cannot_be_met_breaks_nothing(victim, field, status):
    file = victim.node.folder.parent / "bundle.jsonl"
    file.write_bytes(b'{"a":"b"}\n' * 10)
    file.with_suffix(".jsonl.gz").write_bytes(gzip.compress(b"somebody else's\n"))
    async with serving(victim, bundle_path=lambda _: file), unmoved(victim, requests=0):
        answer = await ask_one(victim, request("/bundle.jsonl", field))
        others = [
            await ask_one(victim, request(target, field))
            for target in ("/", "/head.json", "/api/v1/status")
        ]

    assert answer.status == status
    assert {one.status for one in others} == {200}


# --- who is the host -----------------------------------------------------------------------------

HOSTS = {
    "another's": ("Host: evil.example",),
    "another's with a port": ("Host: evil.example:8443",),
    "of markup": ('Host: "><evil>',),
    "of nothing": ("Host:",),
    "of an address that never ends": ("Host: [::1evil",),
    "with a name before it": ("Host: victim.example@evil.example",),
    "said by a proxy": ("Host: victim.example", "X-Forwarded-Host: evil.example"),
    "said by a proxy of today": ("Host: victim.example", "Forwarded: host=evil.example"),
    "said by a rewriter": ("Host: victim.example", "X-Original-URL: /evil", "X-Rewrite-URL: /evil"),
}
TARGETS = (
    "/",
    "/about",
    "/organisations",
    "/organisations/SCID",
    "/nothing/here",
    "/.well-known/localfed.json",
    "/api/v1/status",
    "/api/v1/search?limit=1",
    "/api/v1/organisations?limit=1",
)


@pytest.mark.parametrize("fields", table(HOSTS))
async def test_no_host_that_a_request_says_is_said_by_an_answer(victim, fields):
    """Canonical links, hints, cursors and redirects are made from the node's own address."""
    async with unmoved(victim, requests=0):
        for target in TARGETS:
            path = target.replace("SCID", scid_of(victim.node))
            answer = await ask_one(victim, request(path, *fields, "Accept: text/html", host=None))
            assert b"evil" not in answer.body
            assert "evil" not in str(answer.fields)


@pytest.mark.parametrize("target", TARGETS)
async def test_a_target_that_names_a_host_is_its_path(victim, target):
    path = target.replace("SCID", scid_of(victim.node))

    async with unmoved(victim, requests=0):
        usual = await ask_one(victim, request(path))
        answer = await ask_one(victim, request("http://evil.example:81" + path))

    assert (answer.status, answer.body) == (usual.status, usual.body)
    assert "evil" not in str(answer.fields)


# --- floods ------------------------------------------------------------------------------------


async def statuses(victim, count, *fields, body=b"x\n"):
    sent = posted(body, *fields, close=False)
    last = posted(body, *fields)
    return [one.status for one in await ask(victim, sent * (count - 1) + last)]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param((), id="as it comes"),
        pytest.param(("X-Forwarded-For: 203.0.113.{n}",), id="from everywhere, it says"),
        pytest.param(("Forwarded: for=203.0.113.{n}",), id="from everywhere, in today's words"),
        pytest.param(("X-Real-IP: 203.0.113.{n}", "True-Client-IP: 203.0.113.{n}"), id="really"),
    ],
)
async def test_one_address_that_floods_is_told_when_to_come_again(victim, fields):
    """LF-INBOX-5: without a proxy of the operator's, nothing that a request says of its way counts."""
    async with unmoved(victim, requests=0):
        sent = b"".join(
            posted(b"x\n", *(one.format(n=n) for one in fields), close=n == throttle.BURST + 5)
            for n in range(1, throttle.BURST + 6)
        )
        answers = await ask(victim, sent)

    assert [one.status for one in answers[: throttle.BURST]] == [400] * throttle.BURST
    for one in answers[throttle.BURST :]:
        check_answer(one, "too-often", 429)


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(
            "X-Forwarded-For: 1.1.1.{n}, 203.0.113.9", id="other hops before the true one"
        ),
        pytest.param("X-Forwarded-For: 2001:db8:1:2::{n}", id="addresses of one network"),
        pytest.param("X-Forwarded-For: unknown{n}", id="no address at all"),
        pytest.param("X-Forwarded-For: 203.0.113.9, 127.0.0.1, 127.0.0.{n}", id="our own proxies"),
        pytest.param("X-Forwarded-For: ::ffff:203.0.113.9", id="an address within an address"),
    ],
)
async def test_behind_a_proxy_who_floods_cannot_say_to_be_many(victim, way):
    async with serving(victim, trusted_proxies=("127.0.0.0/8",)), unmoved(victim, requests=0):
        sent = [posted(b"x\n", way.format(n=n), close=False) for n in range(1, 41)]
        answers = await ask(victim, b"".join(sent) + FOLLOWING)
        other = await ask_one(victim, posted(b"x\n", "X-Forwarded-For: 198.51.100.7"))

    assert [one.status for one in answers].count(429) == 40 - throttle.BURST
    assert other.status == 400


async def test_many_addresses_together_have_a_bound_and_searches_go_on(victim, monkeypatch):
    monkeypatch.setattr(throttle, "ALL_BURST", 40)
    async with serving(victim, trusted_proxies=(PROXY,)), unmoved(victim, requests=0):
        sent = [posted(b"x\n", f"X-Forwarded-For: 203.0.113.{n}", close=False) for n in range(99)]
        answers = await ask(victim, b"".join(sent) + FOLLOWING)
        assert (await ask_one(victim, request("/api/v1/search?q=veg"))).status == 200

    assert 50 <= [one.status for one in answers].count(429) <= 59


async def test_a_flood_of_one_stranger_fills_its_own_five_places(victim):
    """LF-INBOX-5; what waits is never pushed out by what comes."""
    async with unmoved(victim, requests=0, may_change=ONE_MORE):
        for number in range(inbox.WAITING_OF_A_STRANGER):
            body = letter_of(victim, "flood.example", number)
            assert (await ask_one(victim, posted(body))).status == 202
        kept = victim.node.store.messages()
        for number in range(5, 9):
            body = letter_of(victim, "flood.example", number)
            check_answer(await ask_one(victim, posted(body)), "too-often", 429)

    assert victim.node.store.messages() == kept
    assert len(kept) == inbox.WAITING_OF_A_STRANGER


async def test_a_flood_of_many_strangers_leaves_room_for_those_we_follow(victim, monkeypatch):
    monkeypatch.setattr(inbox, "WAITING_OF_STRANGERS", 8)
    friendly = letter(log_of(victim.friend), message(victim.friend, victim.node))

    async with unmoved(victim, requests=0, may_change=ONE_MORE):
        for number in range(8):
            body = letter_of(victim, f"flood{number}.example")
            assert (await ask_one(victim, posted(body))).status == 202
        for number in range(8, 12):
            body = letter_of(victim, f"flood{number}.example")
            check_answer(await ask_one(victim, posted(body)), "too-often", 429)
        assert (await ask_one(victim, posted(friendly))).status == 202

    senders = [one.sender for one in victim.node.store.messages()]
    assert (len(senders), senders[-1]) == (9, victim.friend.did)


async def test_a_flood_of_one_we_follow_fills_its_own_places(victim, monkeypatch):
    monkeypatch.setattr(inbox, "WAITING_OF_ONE_FOLLOWED", 3)

    def body(node, letter_):
        made = message(node, victim.node, id=f"{node.did}/messages/{letter_ * 26}.json")
        return posted(letter(log_of(node), made))

    async with unmoved(victim, requests=0, may_change=ONE_MORE):
        for one in "abc":
            assert (await ask_one(victim, body(victim.friend, one))).status == 202
        check_answer(await ask_one(victim, body(victim.friend, "d")), "too-often", 429)
        assert (await ask_one(victim, body(victim.other, "a"))).status == 202

    assert len(victim.node.store.messages()) == 4


async def test_a_flood_of_true_pings_asks_nobody_anything(victim):
    """Promise 3; LF-PING-1: however often it is said, one poll is brought forward."""
    await victim.friend.publish({"type": "Offer", "name": "Buns"})
    ping = victim.friend.publisher(victim.friend).head + b"\n"

    async with unmoved(victim, requests=0, may_change={"standing", "publisher"}):
        answers = await statuses(victim, throttle.BURST, body=ping)

    assert set(answers) == {202}
    assert victim.node.publisher(victim.friend).next_poll <= write_time(
        victim.node.clock.now() + timedelta(seconds=1)
    )


async def test_pings_that_are_all_news_ask_for_one_poll_a_minute(victim):
    """LF-PING-1: who publishes every few seconds and tells each time is read once a minute all the same."""
    clock, friend = victim.federation.clock, victim.friend
    began, polls = clock.now(), 0
    for number in range(30):
        clock.advance(seconds=5)
        await friend.publish({"type": "Offer", "name": f"Buns {number}"})
        await inbox.receive(victim.ports, friend.publisher(friend).head + b"\n")
        due = victim.node.store.due_for_poll(write_time(clock.now()))
        if friend.did in {one.did for one in due}:
            await victim.node.sync(friend)
            polls += 1

    assert polls <= 1 + (clock.now() - began).total_seconds() // 60


# --- what a stranger posts, and how often --------------------------------------------------------


async def test_a_letter_that_comes_five_times_is_one(victim):
    """LF-INBOX-6."""
    body = letter_of(victim, "again.example")
    assert (await ask_one(victim, posted(body))).status == 202
    kept = victim.node.store.messages()

    async with unmoved(victim, requests=0):
        assert await statuses(victim, 5, body=body) == [202] * 5

    assert victim.node.store.messages() == kept


async def test_at_one_time_too(victim):
    body = letter_of(victim, "again.example")

    async with unmoved(victim, requests=0, may_change=ONE_MORE):
        answers = await asyncio.gather(*(ask_one(victim, posted(body)) for _ in range(8)))

    assert {one.status for one in answers} == {202}
    assert len(victim.node.store.messages()) == 1


@pytest.mark.parametrize("state", [MessageState.DISMISSED, MessageState.OPENED])
async def test_what_a_person_has_seen_does_not_come_back_as_new(victim, state):
    body = letter_of(victim, "again.example")
    await ask_one(victim, posted(body))
    (kept,) = victim.node.store.messages()
    await messages.mark(victim.ports, kept.number, state)

    async with unmoved(victim, requests=0):
        assert (await ask_one(victim, posted(body))).status == 202

    assert [one.state for one in victim.node.store.messages()] == [state]


async def test_what_has_expired_is_not_taken_again(victim):
    body = letter_of(victim, "again.example")
    victim.federation.clock.advance(days=4)

    async with unmoved(victim, requests=0):
        check_answer(await ask_one(victim, posted(body)), "expired", 410)


def _of_the_future(victim):
    now = victim.federation.clock.now() + timedelta(days=1)
    times = {"updated": write_time(now), "expires": write_time(now + timedelta(days=1))}
    return letter_of(victim, "x.example", **times)


LETTERS = {
    "for a friend": (lambda v: letter_of(v, "x.example", to=v.friend.did), "wrong-recipient"),
    "for nobody": (
        lambda v: letter_of(
            v, "x.example", to=did_of(first("https://y.example/", v.node.clock.now()))
        ),
        "wrong-recipient",
    ),
    "for itself": (
        lambda v: letter_of(
            v, "x.example", to=did_of(first("https://x.example/", v.node.clock.now()))
        ),
        "wrong-issuer",
    ),
    "for everybody": (lambda v: letter_of(v, "x.example", to=[v.node.did]), "wrong-shape"),
    "from tomorrow": (_of_the_future, "too-early"),
    "for a year": (
        lambda v: letter_of(
            v,
            "x.example",
            expires=write_time(v.federation.clock.now() + timedelta(days=365)),
        ),
        "bad-time",
    ),
    "of no type": (lambda v: letter_of(v, "x.example", type="Order"), "wrong-shape"),
    "of a text too long": (
        lambda v: letter_of(v, "x.example", text={"en": "x" * 10_001}),
        "wrong-shape",
    ),
    "that turns its direction": (
        lambda v: letter_of(v, "x.example", text={"en": "\u202ebread"}),
        "bad-character",
    ),
    "changed on the way": (
        lambda v: letter_of(v, "x.example").replace(b"bread", b"money"),
        "bad-signature",
    ),
    "without its log": (
        lambda v: b"{}\n" + letter_of(v, "x.example").split(b"\n")[1] + b"\n",
        "bad-log",
    ),
}


@pytest.mark.parametrize("make,code", [pytest.param(*one, id=n) for n, one in LETTERS.items()])
async def test_a_letter_that_something_is_wrong_with_is_kept_nowhere(victim, make, code):
    async with unmoved(victim, requests=0):
        check_answer(await ask_one(victim, posted(make(victim))), code)


async def test_a_letter_to_an_organisation_that_closed_is_not_kept(victim):
    await victim.node.store.write(
        lambda tx: tx.save_publisher(
            msgspec.structs.replace(tx.publisher(victim.node.did), is_closed=True)
        )
    )

    async with unmoved(victim, requests=0):
        answer = await ask_one(victim, posted(letter_of(victim, "x.example")))

    check_answer(answer, "wrong-recipient", 404)


@pytest.mark.parametrize("kind,value", [(BlockKind.HOST, "example"), (BlockKind.HOST, "x.example")])
async def test_who_is_blocked_is_answered_like_anybody_and_nothing_is_kept(victim, kind, value):
    block = Block(kind=kind, value=value, since="2026-05-01T09:00:00Z", note="")
    await victim.node.store.write(lambda tx: tx.save_block(block))

    async with unmoved(victim, requests=0):
        assert (await ask_one(victim, posted(letter_of(victim, "x.example")))).status == 202


INSIDE = {
    "on this machine": "http://localhost:8080/",
    "in this house": "https://nas.home.arpa/x/",
    "at a name of the cloud": "https://metadata.google.internal/",
}


@pytest.mark.parametrize("base", table(INSIDE))
async def test_whatever_a_stranger_writes_no_address_of_it_is_asked(victim, base):
    """Promise 3: a stranger cannot make the node open one single connection."""
    now = victim.federation.clock.now()
    log = first(base, now)
    head = b'{"issuer":"%s"}\n' % did_of(log).encode()
    mine = letter_of(victim, "x.example", about=f"{victim.node.did}/d/{'a' * 26}.json")

    async with unmoved(victim, requests=0, may_change=ONE_MORE):
        with contextlib.suppress(AssertionError):
            check_any(
                await ask_one(victim, posted(letter(log, message(victim.friend, victim.node))))
            )
        assert (await ask_one(victim, posted(head))).status == 202
        assert (await ask_one(victim, posted(mine))).status == 202
        await search.catch_up(victim.ports)


async def test_a_ping_of_a_stranger_is_answered_like_one_of_a_friend(victim):
    """No answer tells whom a node follows."""
    pings = [one.publisher(one).head + b"\n" for one in (victim.friend, victim.stranger)]

    async with unmoved(victim, requests=0):
        friend, stranger = [await ask_one(victim, posted(one)) for one in pings]

    def told(answer):
        return answer.status, answer.body, answer.fields.keys()

    assert told(friend) == told(stranger) == (202, b"", friend.fields.keys())


# --- poison in the store -------------------------------------------------------------------------

POISON = {
    "nothing": b"",
    "no JSON": b'{"type":"Offer"',
    "zeros": b"\0" * 500,
    "no UTF-8": b'{"name":{"en":"\xff"}}',
    "another form": b'{"type":"Offer","name":[1]}',
    "a number": b"1",
    "deep brackets": b"[" * 5_000,
    "what would close a script": b"</script><script>alert(1)</script>",
}


def damage(victim, query, *values):
    """Change what is stored, as a bad disk or a bad version would: past everything that checks it."""
    connection = apsw.Connection(str(victim.node.folder / DATABASE))
    connection.execute(query, values)
    assert connection.changes() == 1
    connection.close()


BODY = """UPDATE body SET bytes = ? WHERE document_id = (
    SELECT document.id FROM document JOIN identity ON publisher_id = identity.id
    WHERE did = ? AND path = ?
)"""
LOG = "UPDATE publisher SET log = ? WHERE id = (SELECT id FROM identity WHERE did = ?)"
HEAD = "UPDATE publisher SET head = ? WHERE id = (SELECT id FROM identity WHERE did = ?)"


@pytest.mark.parametrize("which", ["bread", "org.json"])
@pytest.mark.parametrize("body", table(POISON))
async def test_one_bad_row_breaks_no_page_and_no_answer(victim, which, body):
    """Promise 4."""
    did, scid = victim.friend.did, scid_of(victim.friend)
    path = which if which == "org.json" else victim.ids[which].removeprefix(did + "/")
    damage(victim, BODY, body, did, path)

    async with unmoved(victim, requests=0):
        for target in ("/", "/?q=bread", "/?q=cake", "/organisations", f"/organisations/{scid}"):
            page = await ask_one(victim, request(target))
            assert page.status == 200
            assert b"alert(1)" not in page.body
        found = msgspec.json.decode((await ask_one(victim, request("/api/v1/search?q=cake"))).body)
        every = msgspec.json.decode((await ask_one(victim, request("/api/v1/search"))).body)
        listed = msgspec.json.decode((await ask_one(victim, request("/api/v1/organisations"))).body)
        page = await ask_one(
            victim, request(f"/documents/{scid}/{victim.ids['cake'][len(did) + 1 : -5]}")
        )
        own = await ask_one(victim, request(f"/documents/{scid}/{path.removesuffix('.json')}"))

    assert found["results"][0]["document"]["name"] == {"en": "Cake, twice a week"}
    assert len(every["results"]) >= 6
    assert len(listed["organisations"]) == 3
    assert (page.status, own.status) == (200, 404)


async def test_the_index_goes_on_past_a_bad_row(victim):
    did = victim.friend.did
    path = victim.ids["bread"].removeprefix(did + "/")
    damage(victim, BODY, b"\0", did, path)
    victim.ports.index.reset()

    assert await victim.node.names() != []
    assert victim.ports.index.position() == victim.node.store.log_position()


async def test_a_bad_log_of_one_hides_no_other_that_is_hosted(victim):
    did = await host_another(victim.node, "https://victim.example/second/")

    damage(victim, LOG, b"\0", did)
    async with unmoved(victim, requests=0):
        assert (await ask_one(victim, request("/head.json"))).status == 200
        assert (await ask_one(victim, request("/second/"))).status == 200
        check_answer(await ask_one(victim, posted(b"x\n")), "not-json")


async def test_a_bad_head_of_one_stops_nothing_that_we_publish(victim):
    damage(victim, HEAD, b"\0", victim.friend.did)

    await victim.node.publish({"type": "Offer", "name": "Jam"})

    assert {one.recipient for one in victim.node.store.outbox()} == {victim.other.did}
    await healthy(victim)


async def test_a_bad_log_of_one_stops_no_poll_of_another(victim):
    damage(victim, LOG, b"\0", victim.friend.did)
    new = await victim.other.publish({"type": "Offer", "name": "Jam"})
    victim.federation.clock.advance(days=1)
    worker = Worker(victim.ports)

    await worker._poll_due()
    for _ in range(500):
        if not worker._polling or new.removeprefix(victim.other.did + "/") in victim.node.live(
            victim.other
        ):
            break
        await asyncio.sleep(0.01)
    await worker.stop()

    assert new.removeprefix(victim.other.did + "/") in victim.node.live(victim.other)
    await healthy(victim)


# --- poison in the queue, dead peers, storms -------------------------------------------------------

URLS = {
    "a bracket": "https://[",
    "nothing": "",
    "a scheme of files": "file:///etc/passwd",
    "this machine": "https://127.0.0.1/inbox",
    "this machine by name": "http://localhost/inbox",
    "line feeds": "https://x.example\r\n/inbox",
    "a port that is none": "https://x.example:99999/inbox",
    "no ASCII": "https://\u2028.example/inbox",
    "a user": "https://a:b@x.example/inbox",
    "ten thousand letters": "https://x.example/" + "a" * 10_000,
}


def item(victim, url, *, host="", kind=OutboxKind.MESSAGE, **members):
    now = write_time(victim.federation.clock.now())
    values = {
        "sender": victim.node.did,
        "recipient": victim.stranger.did,
        "url": url,
        "host": host or "poison.example",
        "allow_loopback": False,
        "kind": kind,
        "digest": "zQm" + "a" * 44 + url[-9:],
        "created": now,
        "next_try": now,
        "body": b"{}",
    }
    return OutboxItem(**{**values, **members})


async def enqueue(victim, *items):
    await victim.node.store.write(lambda tx: [tx.enqueue(one) for one in items])


@pytest.mark.parametrize("url", table(URLS))
async def test_an_item_that_cannot_be_sent_stops_no_other(victim, url):
    """By the real door: no socket, whatever the queue says; the rest of the queue goes out."""
    async with GuardedFetch() as door:

        class Fetch:
            async def post(self, where, body, *, allow_loopback):
                if where.startswith("https://other.example/"):
                    return await victim.network.post(where, body, allow_loopback=allow_loopback)
                return await door.post(where, body, allow_loopback=allow_loopback)

        ports = msgspec.structs.replace(victim.ports, fetch=Fetch())
        await messages.send(ports, victim.node.did, victim.other.did, enquiry())
        await enqueue(victim, item(victim, url), item(victim, url, host="other.example"))
        async with unmoved(victim, may_change={"outbox", "peer"}):
            await delivery.deliver_due(ports)

    states = {one.url: one.state for one in victim.node.store.outbox()}
    assert states["https://other.example/inbox"] is OutboxState.DELIVERED
    assert states[url] is OutboxState.WAITING
    assert len(victim.other.store.messages()) == 1


def enquiry(text="Have you tools?"):
    return messages.Draft(type="Enquiry", language="en", text=text)


SICK = {
    "without a body": {"body": None},
    "of a sender who is gone": {"sender": "did:webvh:gone"},
    "of a sender who is a friend": {"sender": "FRIEND"},
    "whose time is over": {"expires": "2020-01-01T00:00:00Z"},
    "to ourselves": {"recipient": "SELF", "url": "https://victim.example/inbox"},
    "tried a million times": {"failures": 1_000_000},
}


@pytest.mark.parametrize("members", table(SICK))
async def test_an_item_that_makes_no_sense_stops_no_other(victim, members):
    names = {"FRIEND": victim.friend.did, "SELF": victim.node.did}
    members = {name: names.get(value, value) for name, value in members.items()}
    sick = item(victim, "https://other.example/inbox", host="other.example")
    await enqueue(victim, msgspec.structs.replace(sick, **members))
    await messages.send(victim.ports, victim.node.did, victim.other.did, enquiry())

    async with unmoved(victim, may_change={"outbox", "peer", "message"}):
        for _ in range(3):
            await delivery.deliver_due(victim.ports)
            victim.federation.clock.advance(hours=2)

    assert len(victim.other.store.messages()) == 1


async def test_dead_hosts_that_hang_starve_nobody_who_answers(victim, monkeypatch):
    """LF-SEND-2: forty that never answer, each with a turn; those that answered last time go their own way."""
    dead = [f"dead{n}.example" for n in range(40)]
    await enqueue(
        victim, *(item(victim, f"https://{one}/inbox", host=one, digest=one) for one in dead)
    )
    real, hanging = victim.network.post, asyncio.Event()
    stuck = []

    async def post(url, body, *, allow_loopback):
        if url.startswith("https://dead"):
            if victim.node.store.peer(url.split("/")[2]) is None:
                raise NoAnswer("not the first time either")
            stuck.append(url)
            await hanging.wait()
        return await real(url, body, allow_loopback=allow_loopback)

    monkeypatch.setattr(victim.network, "post", post)
    await delivery.deliver_due(victim.ports)
    victim.federation.clock.advance(minutes=5)
    await messages.send(victim.ports, victim.node.did, victim.other.did, enquiry())
    worker = Worker(victim.ports)

    async with unmoved(victim, may_change={"outbox", "peer"}):
        await worker._deliver_due()
        for _ in range(300):
            await asyncio.sleep(0.01)
            if victim.other.store.messages():
                break
    await worker.stop()

    assert len(victim.other.store.messages()) == 1
    assert 0 < len(stuck) < HOSTS_AT_ONCE


STORMS = {
    "500": Posted(status=500, retry_after=None),
    "500, come at once": Posted(status=500, retry_after=0),
    "503, come in a century": Posted(status=503, retry_after=3_000_000_000),
    "503, come yesterday": Posted(status=503, retry_after=-86_400),
    "429": Posted(status=429, retry_after=None),
    "429, come at once": Posted(status=429, retry_after=0),
    "409": Posted(status=409, retry_after=None),
    "408": Posted(status=408, retry_after=1),
    "599": Posted(status=599, retry_after=None),
    "a number that is no status": Posted(status=999, retry_after=None),
}


@pytest.mark.parametrize("said", table(STORMS))
async def test_who_says_come_again_is_asked_later_each_time(victim, said):
    """LF-SEND-1: in a month a few dozen posts, whatever it answers, and at least one a day."""
    url = "https://other.example/inbox"
    victim.network.answers[url] = said
    await messages.send(victim.ports, victim.node.did, victim.other.did, enquiry())
    victim.network.requests.clear()
    times = []

    async with unmoved(victim, may_change={"outbox", "peer"}):
        for _ in range(29 * 24):
            before = len(victim.network.requests)
            await delivery.deliver_due(victim.ports)
            times += [victim.federation.clock.now()] * (len(victim.network.requests) - before)
            victim.federation.clock.advance(hours=1)

    pauses = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert 25 <= len(times) <= 60
    assert max(pauses) <= timedelta(hours=30)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 405, 410, 413, 418, 451])
async def test_who_says_no_for_good_is_asked_once(victim, status):
    victim.network.answers["https://other.example/inbox"] = Posted(status=status, retry_after=9)
    await messages.send(victim.ports, victim.node.did, victim.other.did, enquiry())
    victim.network.requests.clear()

    async with unmoved(victim, may_change={"outbox", "peer"}):
        for _ in range(10):
            await delivery.deliver_due(victim.ports)
            victim.federation.clock.advance(days=1)

    assert victim.network.requests == ["https://other.example/inbox"]
    assert [one.state for one in victim.node.store.outbox()] == [OutboxState.FAILED]


async def test_one_recipient_that_is_full_makes_no_dead_host_of_its_neighbours(victim):
    """A host that answers 429 for one inbox is well: its other inboxes have waited a minute at most."""
    full = "https://other.example/full/inbox"
    victim.network.answers[full] = Posted(status=429, retry_after=3_600)
    await enqueue(victim, item(victim, full, host="other.example"))
    await delivery.deliver_due(victim.ports)
    await messages.send(victim.ports, victim.node.did, victim.other.did, enquiry())

    victim.federation.clock.advance(hours=1, seconds=1)
    for _ in range(3):
        await delivery.deliver_due(victim.ports)
        victim.federation.clock.advance(minutes=2)

    assert len(victim.other.store.messages()) == 1
    await healthy(victim)
