"""The inbox over HTTP: statuses, bounds, who may post how often."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import make_mocked_request

from localfed.app import inbox as app_inbox
from localfed.app import messages
from localfed.protocol import limits
from localfed.protocol.errors import BadFile
from localfed.protocol.identity import read_identity
from localfed.web import inbox, throttle
from localfed.web.throttle import Bucket, Throttle


@pytest.fixture
def ping(town):
    """The head of the one whom the kitchen follows."""
    return town.node.ports.store.publisher(town.tools.did).head + b"\n"


async def post(client, body, path="/inbox", **headers):
    answer = await client.post(path, data=body, headers=headers)
    text = await answer.text()
    return answer, json.loads(text) if text else None


async def test_a_ping_is_answered_202_and_says_nothing(client, ping):
    """LF-INBOX-2."""
    answer, body = await post(client, ping)

    assert (answer.status, body) == (202, None)


@pytest.mark.parametrize(
    "body, status, code",
    [
        (b"", 400, "not-json"),
        (b"\n", 400, "not-json"),
        (b"hello", 400, "not-json"),
        (b"{}\n", 400, "wrong-shape"),
        (b"[]\n", 400, "wrong-shape"),
        (b'{"issuer":1}\n', 400, "wrong-shape"),
        (b"{}\n{}\n", 400, "bad-log"),
        (b"\xff\xfe\n", 400, "not-utf8"),
        (b"[" * 3_000 + b"\n", 400, "too-deep"),
        (b"x" * (limits.INBOX_BYTES + 1), 413, "too-large"),
    ],
)
async def test_what_is_no_post_is_a_problem_with_its_code(client, body, status, code):
    """LF-INBOX-1, LF-INBOX-2."""
    answer, problem = await post(client, body)

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == code


async def test_a_body_of_unknown_length_is_cut_off_at_the_limit(client):
    """LF-INBOX-1: no length is declared, and it goes on for ever."""

    async def endless():
        while True:
            yield b"x" * 65_536

    answer, problem = await post(client, endless())

    assert (answer.status, problem["code"]) == (413, "too-large")


@pytest.mark.parametrize("path", ["/elsewhere/inbox", "/d/inbox", "/mirror/inbox"])
async def test_there_is_no_inbox_where_nobody_lives(client, ping, path):
    answer, problem = await post(client, ping, path)

    assert (answer.status, problem["code"]) == (404, "unknown-page")


async def test_one_address_that_posts_too_often_is_told_when_to_come_again(client, ping):
    """LF-INBOX-5."""
    statuses = [(await post(client, ping))[0].status for _ in range(throttle.BURST)]
    answer, problem = await post(client, ping)

    assert set(statuses) == {202}
    assert (answer.status, problem["code"]) == (429, "too-often")
    assert 1 <= int(answer.headers["Retry-After"]) <= 2


async def test_no_browser_of_another_site_is_told_that_it_may_post(client):
    answer = await client.options(
        "/inbox",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )

    assert "POST" not in answer.headers["Access-Control-Allow-Methods"]


async def test_while_a_long_log_is_checked_others_are_answered(client, town, monkeypatch):
    """LF-INBOX-5: checking is done beside the event loop; until it is done, everything else goes on."""
    began, may_end = threading.Event(), threading.Event()

    def read_slowly(*arguments, **options):
        began.set()
        may_end.wait(10)
        return read_identity(*arguments, **options)

    monkeypatch.setattr(app_inbox, "read_identity", read_slowly)
    posting = asyncio.ensure_future(post(client, await letter(town)))
    await asyncio.to_thread(began.wait, 10)

    found = await client.get("/api/v1/search?q=veg")
    is_posted = posting.done()
    may_end.set()
    answer, _ = await posting

    assert (found.status, is_posted, answer.status) == (200, False, 202)


async def test_when_too_many_wait_to_be_checked_the_next_is_told_to_come_again(
    client, town, ping, monkeypatch
):
    """LF-INBOX-5."""
    line = client.server.app[inbox.LINE]
    async with AsyncExitStack() as held:
        for _ in range(inbox.AT_ONCE):
            await held.enter_async_context(line.passing())
        waiting = [asyncio.ensure_future(post(client, ping)) for _ in range(inbox.WAITING - 1)]
        body = await letter(town)
        waiting.append(asyncio.ensure_future(post(client, body)))
        for _ in range(500):
            await asyncio.sleep(0.01)
            if not line._places:
                break
        line_full, problem = await line_is_full(client, ping, monkeypatch)

    answers = [answer.status for answer, _ in await asyncio.gather(*waiting)]

    assert (line_full.status, problem["code"]) == (429, "too-often")
    assert int(line_full.headers["Retry-After"]) >= 1
    assert set(answers) == {202}
    assert len(town.kitchen.store.messages()) == 1


async def line_is_full(client, ping, monkeypatch):
    """Post once more, from an address that may post."""
    monkeypatch.setattr(client.server.app[inbox.THROTTLE], "wait_of", lambda _: 0.0)
    return await post(client, ping)


async def letter(town):
    """What the tool library would post to the kitchen: an enquiry, with its log."""
    await town.tools.follow(town.kitchen)
    await town.tools.sync(town.kitchen)
    draft = messages.Draft(type="Enquiry", language="en", text="Have you bread on Sundays?")
    await messages.send(town.tools.ports, town.tools.did, town.kitchen.did, draft)
    (item,) = [one for one in town.tools.store.outbox() if one.body]
    return town.tools.publisher(town.tools).log + item.body + b"\n"


# --- the throttle ----------------------------------------------------------------------------


def request_from(remote, forwarded=()):
    request = make_mocked_request(
        "POST", "/inbox", headers=[("X-Forwarded-For", one) for one in forwarded]
    )
    return request.clone(remote=remote)


def test_a_bucket_gives_so_many_at_once_and_then_so_many_a_second():
    bucket = Bucket(3, 0.5, 0.0)

    assert [bucket.take(0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    assert bucket.take(1.0) == 1.0
    assert bucket.take(2.0) == 0.0
    assert [bucket.take(1_000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]


def test_one_address_that_floods_takes_nothing_from_another():
    clock = [0.0]
    one = Throttle(clock=lambda: clock[0])
    for _ in range(10_000):
        one.wait_of(request_from("192.0.2.1"))

    assert one.wait_of(request_from("192.0.2.1")) > 0
    assert one.wait_of(request_from("192.0.2.2")) == 0.0


def test_all_addresses_together_have_a_bound():
    """LF-INBOX-5: whoever has many addresses has not many buckets."""
    one = Throttle(clock=lambda: 0.0)

    waits = [one.wait_of(request_from(f"198.51.{n // 250}.{n % 250}")) for n in range(1_000)]

    assert waits.count(0.0) == throttle.ALL_BURST


def test_addresses_that_are_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(throttle, "_ADDRESSES", 10)
    one = Throttle(clock=lambda: 0.0)

    for number in range(200):
        one.wait_of(request_from(f"192.0.2.{number}"))

    assert len(one._buckets) == 10


@pytest.mark.parametrize(
    "remote, forwarded, proxies, address",
    [
        ("192.0.2.1", [], [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], [], "192.0.2.1"),
        ("127.0.0.1", ["203.0.113.9"], ["127.0.0.1"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1, 203.0.113.9"], ["127.0.0.1"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9, 10.0.0.2"], ["127.0.0.1", "10.0.0.0/8"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1", "203.0.113.9"], ["127.0.0.0/8"], "203.0.113.9"),
        ("127.0.0.1", [], ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", ["nonsense"], ["127.0.0.1"], "unknown"),
        ("2001:db8:1:2:3:4:5:6", [], [], "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", [], [], "192.0.2.1"),
        ("203.0.113.5", ["192.0.2.1"], ["127.0.0.1"], "203.0.113.5"),
    ],
)
def test_who_asks_is_told_by_ones_own_proxies_alone(remote, forwarded, proxies, address):
    one = Throttle(proxies=proxies)

    assert one.address_of(request_from(remote, forwarded)) == address


def test_a_proxy_that_is_no_network_is_refused():
    with pytest.raises(BadFile):
        Throttle(proxies=["my proxy"])
