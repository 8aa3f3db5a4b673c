"""What a client can do to a node that answers it: floods, slowness, requests that hide others, poison in its queues.

Over real sockets on loopback, as bytes. Whatever comes, the node answers the next one at once, opens no socket of
its own, and tells nothing of the machine it runs on.
"""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta

import apsw
import msgspec
import pytest

from attacks.frame import (
    Case,
    assert_tells_nothing,
    check_answer,
    check_error,
    healthy,
    params,
    refused,
    run,
    unmoved,
    web_node,
)
from attacks.lies import MALLORY, again, did_of, first, letter, log_of, message
from attacks.raw import Silence, conversation, converse, read_answers
from attacks.server_requests import ASK, END, HIDDEN, NO_HTTP, PLACES, QUERIES, SMUGGLING, post
from localfed.app import delivery, inbox, keyring, messages
from localfed.app.message_values import MessageState, OutboxItem, OutboxKind, OutboxState, Posted
from localfed.protocol.errors import LocalFedError
from localfed.protocol.times import write_time
from localfed.store.connection import DATABASE
from localfed.web import inbox as web_inbox
from localfed.web import throttle
from localfed.web.routes import make_app
from localfed.web.runner import Runner
from localfed.web.site import listen

# --- what is hardly HTTP ---------------------------------------------------------------------


@pytest.mark.parametrize("name", SMUGGLING)
async def test_a_request_hides_no_other(victim, name):
    """Either it is refused, or what is behind it is its body: never a second answer."""
    async with unmoved(victim):
        came = await converse(victim.port, [SMUGGLING[name]], shut=True)

        assert b"smuggled" not in came
        answers = read_answers(came)
        assert len(answers) <= 1 or {one.status for one in answers} <= {400}
        for one in answers:
            assert 400 <= one.status < 500
            assert_tells_nothing(one.body.decode())


async def test_a_pipeline_is_answered_in_its_order_and_no_further(victim):
    async with unmoved(victim):
        sent = (ASK + b"\r\n") * 20 + b"GET /nothing HTTP/1.1\r\nHost: x\r\n" + END
        answers = await conversation(victim.port, sent)
        behind = await converse(victim.port, [sent + HIDDEN])

    assert [one.status for one in answers] == [200] * 20 + [404]
    assert b"smuggled" not in behind
    assert read_answers(behind)[-1].status in {400, 404}


@pytest.mark.parametrize("name", NO_HTTP)
async def test_what_is_no_http_is_answered_shortly_or_not_at_all(victim, name):
    async with unmoved(victim):
        try:
            came = await converse(victim.port, [NO_HTTP[name]], shut=True)
        except Silence:
            came = b""

        for one in read_answers(came):
            assert one.status < 500
            assert len(one.body) < 4_000 or one.status == 200
            if one.status >= 400:
                check_answer(one)


@pytest.mark.parametrize("place", PLACES)
async def test_nothing_of_the_machine_is_found(victim, place):
    """By no spelling of a path: neither files, nor keys, nor the words of an error of the system."""
    async with unmoved(victim):
        answer = await victim.get(place)

        if answer.status < 400:
            assert place == "/static/openapi.json" or answer.status == 308, answer
        else:
            check_answer(answer)
        for secret in (
            b"root:",
            b"[project]",
            b"PRAGMA",
            b"SQLite format",
            b"seed",
            b"allow_loopback",
        ):
            assert secret not in answer.body


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("where", ["/?", "/api/v1/search?"])
async def test_a_search_that_costs_or_confuses_is_answered(victim, name, where):
    """The library of the index never sees what strangers write; and no search takes the node from the others."""
    async with unmoved(victim):
        answer = await victim.get(where + QUERIES[name])

        assert answer.status in {200, 400, 414, 431}, answer
        if answer.status >= 400 and where != "/?":
            check_answer(answer)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"Range": "bytes=0-0"}, id="one byte"),
        pytest.param({"Range": "bytes=" + ",".join(["0-"] * 500)}, id="ranges that overlap"),
        pytest.param({"Range": "bytes=-99999999999999999999"}, id="a range beyond counting"),
        pytest.param({"If_None_Match": ",".join(['"x"'] * 900)}, id="nine hundred tags"),
        pytest.param({"If_None_Match": '"' + "x" * 7_000}, id="a tag that does not end"),
        pytest.param({"If_Modified_Since": "Thu, 99 Xxx 9999 99:99:99 GMT"}, id="no date"),
        pytest.param({"If_Match": "*"}, id="a condition on writing"),
        pytest.param({"Accept": "text/html;q=" + "9" * 5_000}, id="a quality of many digits"),
        pytest.param({"Accept_Language": ",".join(f"x{n}" for n in range(900))}, id="languages"),
        pytest.param({"Accept_Encoding": "gzip;q=nan, br, *;q=0"}, id="codings"),
        pytest.param({"Expect": "100-continue"}, id="an expectation"),
        pytest.param({"Expect": "the-impossible"}, id="an expectation of nobody"),
        pytest.param({"Content_Encoding": "gzip"}, id="a coding without a body"),
        pytest.param({"Authorization": "Basic " + "A" * 7_000}, id="a password"),
        pytest.param({"Cookie": "a=b;" * 1_500}, id="cookies"),
        pytest.param({"X_Forwarded_For": ", ".join(["10.0.0.1"] * 500)}, id="a way of 500 hops"),
        pytest.param({"X_HTTP_Method_Override": "DELETE"}, id="another method"),
        pytest.param({"Forwarded": "for=127.0.0.1;host=evil.example"}, id="another way"),
    ],
)
@pytest.mark.parametrize("place", ["/", "/head.json", "/api/v1/search?q=veg"])
async def test_no_header_breaks_an_answer(victim, place, fields):
    async with unmoved(victim):
        answer = await victim.get(place, **fields)

        assert answer.status in {200, 206, 304, 400, 412, 416, 417, 431}, answer
        assert b"evil.example" not in answer.body


@pytest.mark.parametrize(
    "method", ["PUT", "DELETE", "PATCH", "POST", "TRACE", "PROPFIND", "X" * 300]
)
@pytest.mark.parametrize("place", ["/", "/org.json", "/api/v1/status", "/mirror/clock.json"])
async def test_nothing_is_changed_by_any_method(victim, place, method):
    async with unmoved(victim):
        sent = f"{method} {place} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n".encode()
        answer = await victim.send(sent + END + b"{}")

        check_answer(answer)


# --- slow and endless ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"G", b"E", b"T"], id="a method in drops"),
        pytest.param([ASK, *[b"X: y\r\n"] * 6], id="headers in drops"),
        pytest.param([post(b"Content-Length: 100"), b"{", b"}"], id="a body in drops"),
        pytest.param([post(b"Content-Length: 100000"), b"x"], id="a body that stops"),
        pytest.param([post(b"Transfer-Encoding: chunked"), b"5\r\nab"], id="a chunk that stops"),
        pytest.param([b""], id="nothing at all"),
    ],
)
async def test_whoever_is_slow_holds_up_nobody(victim, pieces, monkeypatch):
    """Twenty of a kind at once: the node answers others meanwhile, and closes each of them in the end."""
    monkeypatch.setattr(web_inbox, "BODY_SECONDS", 0.6)
    async with unmoved(victim):
        slow = [asyncio.create_task(converse(victim.port, pieces, pause=0.1)) for _ in range(20)]
        await asyncio.sleep(0.3)
        await healthy(victim)
        for came in await asyncio.gather(*slow):
            assert all(one.status in {400, 408, 429} for one in read_answers(came))


async def test_a_reader_that_does_not_read_holds_up_nobody(victim):
    async with unmoved(victim):
        lazy = [await asyncio.open_connection("127.0.0.1", victim.port) for _ in range(20)]
        for _, writer in lazy:
            writer.write((b"GET /organisations HTTP/1.1\r\nHost: x\r\n\r\n") * 50)
        await healthy(victim)
        for _, writer in lazy:
            writer.transport.abort()


@pytest.mark.parametrize(
    "sent, code",
    [
        pytest.param(
            post(b"Content-Length: 1000000000", b"Connection: close"), "too-large", id="declared"
        ),
        pytest.param(
            post(b"Transfer-Encoding: chunked", b"Connection: close")
            + (b"10000\r\n" + b"x" * 65_536 + b"\r\n") * 8,
            "too-large",
            id="in chunks",
        ),
        pytest.param(
            post(b"Content-Length: 300000", b"Connection: close") + b"x" * 300_000,
            "too-large",
            id="sent",
        ),
    ],
)
async def test_a_body_beyond_the_limit_is_cut_off(victim, sent, code):
    """LF-INBOX-1."""
    async with unmoved(victim):
        check_answer(await victim.send(sent), code, 413)


async def test_a_body_that_explodes_is_not_unpacked(victim):
    """A coding is no part of the protocol of posts: the bytes are what they are."""
    bomb = gzip.compress(bytes(20_000_000))
    async with unmoved(victim):
        answer = await victim.post(bomb[:200_000], Content_Encoding="gzip")

        assert 400 <= answer.status < 500
        if answer.fields["content-type"].startswith("application/problem+json"):
            check_answer(answer)


async def test_five_hundred_connections_at_once_are_answered(victim):
    async with unmoved(victim):
        sent = ASK + END
        answers = await asyncio.gather(*(conversation(victim.port, sent) for _ in range(500)))

    assert {one.status for each in answers for one in each} == {200}


# --- floods at the inbox ---------------------------------------------------------------------


async def a_message(victim, **members):
    return letter(log_of(victim.stranger), message(victim.stranger, victim.node, **members))


def with_id(node, number):
    name = f"{number:026}".translate(str.maketrans("0189", "abcd"))
    return {"id": f"{node.did}/messages/{name}.json"}


async def test_one_address_that_floods_is_told_when_to_come_again(victim):
    """LF-INBOX-5: before anything of what it posts is read."""
    async with unmoved(victim):
        answers = [await victim.post(b"{}\n") for _ in range(throttle.BURST + 20)]

        assert [one.status for one in answers].count(429) >= 15
        for one in answers:
            check_answer(one)


@pytest.mark.parametrize(
    "field", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP"]
)
async def test_an_address_that_is_only_said_is_not_believed(victim, field):
    """Each request says that it comes from somebody else; no proxy of the operator's says so."""
    async with unmoved(victim):
        statuses = []
        for number in range(throttle.BURST + 10):
            said = f"{field}: 198.51.100.{number}".encode()
            sent = post(said, b"Content-Length: 3", b"Connection: close", body=b"{}\n")
            statuses.append((await victim.send(sent)).status)

    assert statuses.count(429) >= 5


async def test_behind_a_trusted_proxy_each_visitor_has_a_limit_of_his_own(victim):
    """And what a visitor writes before the proxy's own words is not believed."""
    node = msgspec.structs.replace(web_node(victim.node), trusted_proxies=("127.0.0.1",))
    runner = Runner(make_app(node))
    port = await listen(runner, "127.0.0.1", 0)

    async def from_address(said):
        sent = post(
            b"X-Forwarded-For: " + said, b"Content-Length: 3", b"Connection: close", body=b"{}\n"
        )
        (answer,) = await conversation(port, sent)
        return answer.status

    try:
        async with unmoved(victim):
            spoofed = [
                await from_address(b"198.51.100.%d, 203.0.113.9" % number)
                for number in range(throttle.BURST + 10)
            ]
            assert spoofed.count(429) >= 5
            assert await from_address(b"203.0.113.10") == 400
    finally:
        await runner.cleanup()


async def test_a_stranger_fills_no_more_than_its_share_of_the_tray(victim):
    """LF-INBOX-5: what waits already is never pushed out."""
    sent = [await a_message(victim, **with_id(victim.stranger, number)) for number in range(9)]
    async with unmoved(victim, may_change={"message"}, requests=0):  # what it is for
        answers = [await victim.post(body) for body in sent]

    assert [one.status for one in answers] == [202] * 5 + [429] * 4
    for one in answers[5:]:
        check_answer(one, "too-often", 429)
    assert len(victim.node.store.messages()) == 5


async def test_strangers_together_fill_no_more_than_the_tray(victim, monkeypatch):
    """Each a new identity, which costs nobody anything."""
    monkeypatch.setattr(inbox, "WAITING_OF_STRANGERS", 12)
    now = victim.federation.clock.now()
    async with unmoved(victim, may_change={"message"}, requests=0):  # what it is for
        outcomes = []
        for number in range(20):
            log = first(f"https://m{number}.example/", now)
            did = did_of(log)
            body = message(
                victim.stranger,
                victim.node,
                key=MALLORY,
                issuer=did,
                id=f"{did}/messages/{'a' * 26}.json",
            )
            try:
                outcomes.append(await inbox.receive(victim.ports, letter(log, body)))
            except LocalFedError as error:
                check_error(error, "too-often")
                outcomes.append(None)

    assert outcomes.count(inbox.Outcome.KEPT) == 12
    assert outcomes[12:] == [None] * 8


async def test_one_that_is_followed_fills_its_own_share_and_no_strangers(victim, monkeypatch):
    monkeypatch.setattr(inbox, "WAITING_OF_ONE_FOLLOWED", 4)
    log = log_of(victim.friend)
    async with unmoved(victim, may_change={"message"}, requests=0):  # what it is for
        for number in range(4):
            body = message(victim.friend, victim.node, **with_id(victim.friend, number))
            await inbox.receive(victim.ports, letter(log, body))
        body = message(victim.friend, victim.node, **with_id(victim.friend, 5))
        with refused("too-often"):
            await inbox.receive(victim.ports, letter(log, body))
        strange = await a_message(victim)
        assert await inbox.receive(victim.ports, strange) is inbox.Outcome.KEPT


async def test_pings_by_the_hundred_bring_a_poll_forward_once_a_minute(victim):
    """LF-PING-1: at most one a minute, whoever sends them and however often."""
    victim.federation.clock.advance(minutes=5)
    await victim.friend.publish({"type": "Offer", "name": "Rolls"})
    head = victim.friend.file("/head.json")
    before = victim.node.publisher(victim.friend)
    async with unmoved(victim, requests=0):
        outcomes = [await inbox.receive(victim.ports, head + b"\n") for _ in range(300)]

    # At once, and once more at the end of the minute: the second may tell of more.
    assert 1 <= outcomes.count(inbox.Outcome.POLLED) <= 2
    assert victim.node.publisher(victim.friend).next_poll != before.next_poll


POSTS = {
    "nothing": lambda _: b"",
    "a line end": lambda _: b"\n",
    "a thousand line ends": lambda _: b"\n" * 1_000,
    "a page": lambda _: b"<!doctype html><title>x</title>",
    "a form": lambda _: b"a=b&c=d",
    "numbers": lambda _: b"1\n2\n3\n",
    "a head of nobody": lambda v: again(v.stranger.file("/head.json"), MALLORY) + b"\n",
    "a head of somebody unknown": lambda v: v.stranger.file("/head.json") + b"\n",
    "a head without its line end": lambda v: v.friend.file("/head.json"),
    "two heads": lambda v: v.friend.file("/head.json") + b"\n" + v.other.file("/head.json") + b"\n",
    "a log alone": lambda v: log_of(v.friend),
    "a log twice": lambda v: log_of(v.friend) * 2,
    "a message without a log": lambda v: message(v.friend, v.node) + b"\n",
    "a message before its log": lambda v: message(v.friend, v.node) + b"\n" + log_of(v.friend),
    "a message with another's log": lambda v: letter(log_of(v.other), message(v.friend, v.node)),
    "a message cut off": lambda v: letter(log_of(v.friend), message(v.friend, v.node))[:-40],
    "a message by another key": lambda v: letter(
        log_of(v.friend), message(v.friend, v.node, key=MALLORY)
    ),
    "a document instead": lambda v: letter(log_of(v.friend), v.friend.file("/org.json")),
    "a head instead": lambda v: letter(log_of(v.friend), v.friend.file("/head.json")),
    "a message for somebody else": lambda v: letter(log_of(v.friend), message(v.friend, v.other)),
    "a message for itself": lambda v: letter(log_of(v.friend), message(v.friend, v.friend)),
    "a message in our name": lambda v: letter(log_of(v.node), message(v.node, v.node, key=MALLORY)),
    "a message that is over": lambda v: letter(
        log_of(v.friend),
        message(
            v.friend,
            v.node,
            updated=write_time(v.federation.clock.now() - timedelta(days=9)),
            expires=write_time(v.federation.clock.now() - timedelta(days=1)),
        ),
    ),
    "a message to come": lambda v: letter(
        log_of(v.friend),
        message(
            v.friend,
            v.node,
            updated=write_time(v.federation.clock.now() + timedelta(days=9)),
            expires=write_time(v.federation.clock.now() + timedelta(days=19)),
        ),
    ),
    "a message for ever": lambda v: letter(
        log_of(v.friend), message(v.friend, v.node, expires="9999-12-31T23:59:59Z")
    ),
    "a message of no type": lambda v: letter(
        log_of(v.friend), message(v.friend, v.node, type="Command")
    ),
    "a log of a thousand lines": lambda v: letter(
        log_of(v.friend) + b"{}\n" * 1_000, message(v.friend, v.node)
    ),
    "a line of the largest size": lambda _: b'{"issuer":"' + b"x" * 260_000 + b'"}\n',
    "deeper than deep": lambda _: b"[" * 100_000 + b"\n",
}


@pytest.mark.parametrize("name", POSTS)
async def test_what_is_posted_makes_no_request_and_changes_nothing(victim, name):
    """LF-INBOX-3, LF-INBOX-4: everything is judged by the body alone."""
    async with unmoved(victim, requests=0):
        answer = await victim.post(POSTS[name](victim))

        if answer.status != 202:
            check_answer(answer)


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"text": {"en": "https://evil.example/ ![x](http://10.0.0.1/)"}}, id="links"),
        pytest.param({"inbox": "http://169.254.169.254/inbox"}, id="an inbox to answer to"),
        pytest.param({"ext": {"https://evil.example/x": "http://10.0.0.1/"}}, id="an extension"),
    ],
)
async def test_a_good_message_of_a_stranger_makes_no_request_either(victim, members):
    """LF-INBOX-4: it waits until a person opens it; nothing that it names is looked at."""
    body = await a_message(victim, **members)
    async with unmoved(victim, may_change={"message"}, requests=0):  # one row more: it is kept
        assert (await victim.post(body)).status == 202
        await victim.get("/")
        await victim.get("/organisations")

    (kept,) = victim.node.store.messages()
    assert kept.is_stranger


async def test_a_message_that_comes_again_is_kept_once(victim):
    """LF-SEND: delivered twice, or replayed by whoever saw it, also after it was dismissed."""
    body = await a_message(victim)
    await inbox.receive(victim.ports, body)
    (kept,) = victim.node.store.messages()
    await messages.mark(victim.ports, kept.number, MessageState.DISMISSED)

    async with unmoved(victim, requests=0):
        assert (await victim.post(body)).status == 202
        assert await inbox.receive(victim.ports, body) is inbox.Outcome.IGNORED


@pytest.mark.parametrize(
    "place", ["/nobody/inbox", "/d/inbox", "/inbox/", "//inbox", "/inbox/inbox"]
)
async def test_there_is_no_inbox_where_nobody_lives(victim, place):
    async with unmoved(victim, requests=0):
        answer = await victim.post(await a_message(victim), target=place)

        check_answer(answer)
        assert answer.status in {404, 405}


async def test_a_closed_organisation_takes_no_messages(victim):
    body = await a_message(victim)
    await keyring.close(victim.ports, victim.node.did, victim.node.kit)
    async with unmoved(victim, requests=0):
        answer = await victim.post(body)

        check_answer(answer)


# --- poison in the store and in the queues ---------------------------------------------------


def spoil(node, statement, *bindings):
    """Change rows as nothing of LocalFed would: an old fault, a bad disk, a hand."""
    connection = apsw.Connection(str(node.folder / DATABASE))
    connection.pragma("foreign_keys", 1)
    connection.execute(statement, bindings)
    connection.close()


POISON = {
    "no JSON": b"\xff\xfe\x00",
    "nothing": b"",
    "another type": b'{"type":"Nothing"}',
    "half of it": b'{"@context":"https://w3id.org/localfed/1.0","type":"Offer","na',
    "a list": b"[]",
    "no name": b'{"type":"Offer","id":"x"}',
}


@pytest.mark.parametrize("name", POISON)
async def test_a_poisoned_row_breaks_no_page_of_others(victim, name):
    """One document of a friend is spoilt on the disk: everything else is shown, found and mirrored."""
    path = next(one for one in victim.node.live(victim.friend) if one.startswith("d/"))
    spoil(
        victim.node,
        "UPDATE body SET bytes = ? WHERE document_id = (SELECT document.id FROM document"
        " JOIN identity ON identity.id = document.publisher_id WHERE did = ? AND path = ?)",
        POISON[name],
        victim.friend.did,
        path,
    )
    scid = victim.friend.did.split(":")[2]
    async with unmoved(victim):
        for place in ("/", "/organisations", f"/organisations/{scid}", "/api/v1/search?q=veg"):
            answer = await victim.get(place)
            assert answer.status == 200, place
        for place in (f"/documents/{scid}/{path.removesuffix('.json')}", f"/mirror/{scid}/{path}"):
            answer = await victim.get(place)
            assert answer.status < 500, answer


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("url = 'no url at all'", id="no URL"),
        pytest.param("url = 'http://169.254.169.254/inbox'", id="a forbidden address"),
        pytest.param("body = x'ff00'", id="no message"),
        pytest.param("sender = 'did:webvh:nobody'", id="a sender of nobody"),
        pytest.param("expires = '2000-01-01T00:00:00Z'", id="over long ago"),
    ],
)
async def test_a_poisoned_item_of_the_outbox_holds_up_no_other(victim, change):
    """What waits for others is delivered; the item is given up, or waits by itself."""
    now = write_time(victim.federation.clock.now())
    for host in ("friend.example", "other.example"):
        item = OutboxItem(
            sender=victim.node.did,
            recipient=victim.friend.did if host.startswith("friend") else victim.other.did,
            url=f"https://{host}/inbox",
            host=host,
            allow_loopback=False,
            kind=OutboxKind.MESSAGE,
            digest=host,
            created=now,
            next_try=now,
            expires=write_time(victim.federation.clock.now() + timedelta(days=2)),
            body=message(victim.node, victim.other),
        )
        await victim.node.store.write(lambda tx, item=item: tx.enqueue(item))
    spoil(victim.node, f"UPDATE outbox SET {change} WHERE host = 'friend.example'")  # noqa: S608
    victim.network.answers["https://other.example/inbox"] = Posted(status=202, retry_after=None)

    await delivery.deliver_due(victim.ports)

    states = {one.host: one.state for one in victim.node.store.outbox()}
    assert states["other.example"] is OutboxState.DELIVERED


async def test_dead_peers_starve_no_live_one(victim):
    """Two hundred items for hosts that never answer, one for a host that does."""
    now = victim.federation.clock.now()

    def fill(tx):
        for number in range(200):
            host = f"dead{number % 40}.example"
            tx.enqueue(_item(victim, host, f"{number}", now))
        tx.enqueue(_item(victim, "other.example", "live", now))

    await victim.node.store.write(fill)
    victim.network.answers["https://other.example/inbox"] = Posted(status=202, retry_after=None)

    done = await delivery.deliver_due(victim.ports)
    posted = [one for one in victim.network.requests if "dead" in one]

    assert done.delivered == 1
    assert len(posted) <= 40, "a dead host is asked once a round, whatever waits for it"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Posted(status=500, retry_after=None), id="broken"),
        pytest.param(Posted(status=503, retry_after=0), id="at once, please"),
        pytest.param(Posted(status=503, retry_after=10**12), id="in thirty thousand years"),
        pytest.param(Posted(status=429, retry_after=None), id="too often"),
        pytest.param(Posted(status=302, retry_after=None), id="elsewhere"),
        pytest.param(Posted(status=404, retry_after=None), id="not here"),
        pytest.param(Posted(status=999, retry_after=None), id="no status"),
    ],
)
async def test_a_peer_that_answers_so_is_asked_ever_more_rarely(victim, answer):
    """A month of it costs it and us a few dozen requests, and the month ends it."""
    now = victim.federation.clock.now()
    expires = write_time(now + timedelta(days=30))
    await victim.node.store.write(
        lambda tx: tx.enqueue(
            msgspec.structs.replace(_item(victim, "friend.example", "one", now), expires=expires)
        )
    )
    victim.network.answers["https://friend.example/inbox"] = answer
    victim.network.requests.clear()

    for _ in range(33 * 24 * 2):
        victim.federation.clock.advance(minutes=30)
        await delivery.deliver_due(victim.ports)

    asked = victim.network.requests.count("https://friend.example/inbox")
    assert 1 <= asked <= 60
    (item,) = victim.node.store.outbox()
    assert item.state is OutboxState.FAILED


def _item(victim, host, digest, now):
    return OutboxItem(
        sender=victim.node.did,
        recipient=victim.other.did if host == "other.example" else f"did:webvh:x:{host}",
        url=f"https://{host}/inbox",
        host=host,
        allow_loopback=False,
        kind=OutboxKind.MESSAGE,
        digest=digest,
        created=write_time(now),
        next_try=write_time(now),
        expires=write_time(now + timedelta(days=2)),
        body=message(victim.node, victim.other),
    )


async def _sync_all(victim):
    reports = [await victim.node.sync(one) for one in (victim.friend, victim.other)]
    return [report.problem for report in reports]


async def _a_bad_head(victim):
    victim.network.forge = lambda url, body: b"{" if "friend" in url else body
    assert (await _sync_all(victim))[1] is None


async def _a_slow_home(victim):
    victim.network.slow.add("friend.example")
    assert (await _sync_all(victim))[1] is None


async def _a_home_that_is_gone(victim):
    victim.network.down.add("friend.example")
    assert (await _sync_all(victim))[1] is None


async def _a_home_of_rubbish(victim):
    victim.network.forge = lambda url, body: bytes(len(body)) if "friend" in url else body
    assert (await _sync_all(victim))[1] is None


STUCK = [
    Case("a head that is no head", _a_bad_head),
    Case("a home that is slow", _a_slow_home),
    Case("a home that is gone", _a_home_that_is_gone),
    Case("a home of zeros", _a_home_of_rubbish),
]


@pytest.mark.parametrize("case", params(STUCK))
async def test_one_peer_that_misbehaves_stops_no_poll_of_another(victim, case):
    victim.federation.clock.advance(days=1, minutes=20)
    await run(victim, case)
