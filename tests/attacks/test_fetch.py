"""What a server, a name or a link can do to a node that fetches: where it is led, and what it is made to swallow.

Through the real door, from what an operator types, what a log, a hint, a page or a redirect names, and from a home that
a node polls and posts to. Whatever it is, no socket is made to where none may be, and nothing is held that was not signed.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

import socket_guard
from attacks.fetch_peers import (
    ADDRESSES,
    BEHAVIOURS,
    HURRY,
    LOCATIONS,
    SPELLINGS,
    a_home,
    real_ports,
)
from attacks.frame import check_error, refused, unmoved
from evil import FakeDns, answering, chunked, evil_serving, gzipped, head, redirecting, sending
from localfed.app import delivery, follows, mirrors, sync
from localfed.app.message_values import OutboxItem, OutboxKind, OutboxState
from localfed.net import fetch as fetch_module
from localfed.net.fetch import GuardedFetch
from localfed.protocol.errors import LocalFedError, Unreachable
from localfed.protocol.times import write_time


def ascii_only(text):
    return text.encode("ascii", "backslashreplace").decode()


@pytest.fixture
async def door():
    """The door of life, in a hurry, with a DNS that knows this machine alone: any other lookup came through."""
    dns = FakeDns({"localhost": ["127.0.0.1"]})
    async with GuardedFetch(patience=HURRY, resolver=dns) as fetch:
        fetch.dns = dns
        yield fetch


@pytest.fixture
async def home(victim, door):
    """A home on loopback that the victim follows and has read, by the operator's word for development."""
    async with a_home(victim) as home:
        ports = real_ports(victim, door)
        (found,) = (await follows.look_up(ports, home.node.base, allow_loopback=True)).found
        await follows.follow(ports, found, allow_loopback=True)
        report = await sync.poll(ports, home.node.did)
        assert (report.problem, report.changed) == (None, 3)
        yield home


# --- addresses inside, by whatever names them ------------------------------------------------


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("form", ["https://{}/", "http://{}/", "{}", "https://{}:443/shop"])
async def test_an_operator_cannot_be_talked_into_an_address_inside(victim, door, name, form):
    """Somebody sends a link to follow: no socket is made, and no name is looked up that leads inside."""
    async with unmoved(victim, requests=0):
        with pytest.raises(LocalFedError) as caught:
            await follows.look_up(
                real_ports(victim, door), form.format(SPELLINGS[name]), allow_loopback=False
            )
        check_error(caught.value)
    assert door.dns.lookups == []


@pytest.mark.parametrize("name", SPELLINGS)
async def test_no_identity_lives_at_an_address_inside(victim, door, name):
    """A DID that names it is none; so neither a follow by mirrors nor a partner leads there."""
    host = SPELLINGS[name].replace(":", "%3A").strip("[]")
    did = f"did:webvh:Qm{'1' * 44}:{host}"
    async with unmoved(victim, requests=0):
        with pytest.raises(LocalFedError) as caught:
            await follows.look_up_on_mirrors(
                real_ports(victim, door), did, ["https://friend.example/"], allow_loopback=False
            )
        check_error(caught.value)
    assert set(door.dns.lookups) <= {"friend.example"}


@pytest.mark.parametrize("name", ADDRESSES)
async def test_a_name_that_leads_inside_is_not_connected_to(victim, name):
    """Checked at every answer and again at the socket; one bad answer among good ones is enough."""
    dns = FakeDns({"evil.example": ADDRESSES[name]})
    async with GuardedFetch(patience=HURRY, resolver=dns) as door, unmoved(victim, requests=0):
        with pytest.raises(LocalFedError) as caught:
            await follows.look_up(
                real_ports(victim, door), "https://evil.example/", allow_loopback=False
            )
        check_error(caught.value)


REBOUND = [name for name, answers in ADDRESSES.items() if answers and "loopback" not in name]


@pytest.mark.parametrize("name", REBOUND)
async def test_a_name_that_turns_inside_later_is_not_connected_to(evil_server, name, monkeypatch):
    """Rebinding: good at the first request, something else at the next; each lookup is checked anew."""
    monkeypatch.setattr(fetch_module, "DNS_SECONDS", 0)
    dns = FakeDns({"localhost": [["127.0.0.1"], ADDRESSES[name]]})
    url = evil_server.on("/x", answering(b"1", Connection="close"))
    async with GuardedFetch(patience=HURRY, resolver=dns) as door:
        await door.get(url, limit_bytes=100, allow_loopback=True)
        with socket_guard.sockets_seen() as watch:
            for _ in range(2):
                with pytest.raises(LocalFedError) as caught:
                    await door.get(url, limit_bytes=100, allow_loopback=True)
                check_error(caught.value)

    assert watch.made == []
    assert evil_server.connections == 1


@pytest.mark.parametrize("location", LOCATIONS, ids=ascii_only)
async def test_a_redirect_leads_nowhere_that_may_not_be(victim, door, evil_server, location):
    """From a page that an operator typed, where redirects are followed: each is checked again."""
    for path in ("/.well-known/localfed.json", "/did.jsonl", "/"):
        evil_server.on(path, redirecting(location))
    place = {f"127.0.0.1:{evil_server.port}", f"::1:{evil_server.port}"}
    async with unmoved(victim, may_connect=place, requests=0):
        with pytest.raises(LocalFedError) as caught:
            await follows.look_up(real_ports(victim, door), evil_server.url, allow_loopback=True)
        check_error(caught.value)
    assert set(door.dns.lookups) <= {"localhost", "evil.example"}


@pytest.mark.parametrize("name", list(SPELLINGS)[:24])
@pytest.mark.parametrize("field", ["hint", "link", "header"])
async def test_what_a_page_names_is_checked_like_what_is_typed(
    victim, door, evil_server, name, field
):
    """A hint, a link of the page or of its header that leads inside is passed over."""
    base = f"https://{SPELLINGS[name]}/"
    did = f"did:webvh:Qm{'1' * 44}:{SPELLINGS[name]}"
    hint = {"localfed": {"versions": ["1.0"]}, "organizations": [{"did": did, "base": base}]}
    if field == "hint":
        evil_server.on("/.well-known/localfed.json", answering(json.dumps(hint).encode()))
    page = f'<!doctype html><head><link rel="localfed" href="{base}"></head>'.encode()
    fields = {"Link": f'<{base}>; rel="localfed"'.encode("ascii", "replace").decode()}
    evil_server.on(
        "/", answering(page if field == "link" else b"", **fields if field == "header" else {})
    )
    place = {f"127.0.0.1:{evil_server.port}", f"::1:{evil_server.port}"}
    async with unmoved(victim, may_connect=place, requests=0):
        with pytest.raises(LocalFedError) as caught:
            await follows.look_up(real_ports(victim, door), evil_server.url, allow_loopback=True)
        check_error(caught.value)
    assert set(door.dns.lookups) <= {"localhost"}


# --- a home that misbehaves ------------------------------------------------------------------

FILES = ["head.json", "page", "document", "did.jsonl"]
# Every behaviour at the head, and a third of them at each of the others.
PAIRS = [(name, FILES[0]) for name in BEHAVIOURS]
PAIRS += [(name, FILES[1 + at % 3]) for at, name in enumerate(BEHAVIOURS)]


@pytest.mark.parametrize("name, file", PAIRS)
async def test_a_home_that_misbehaves_changes_nothing_and_is_read_again_later(
    victim, door, home, name, file
):
    """What was read stays, the poll ends in time with a code, and once the home is well, all of it comes."""
    victim.federation.clock.advance(days=1, minutes=10)
    added = await home.node.publish({"type": "Offer", "name": "Three"})
    home.serve()
    path = {
        "head.json": "/head.json",
        "page": "/" + home.node.head()["page"],
        "document": "/" + added.partition("/")[2],
        "did.jsonl": "/.well-known/did.jsonl",
    }[file]
    if file == "did.jsonl":
        home.evil.on("/did.jsonl", BEHAVIOURS[name])
    home.evil.on(path, BEHAVIOURS[name])
    before = {path: one.body for path, one in victim.node.live(home.node).items()}
    # The head is true where only something behind it misbehaves: what it lists is taken.
    listing = (
        set()
        if file in {"head.json", "page"}
        else {"publisher", "document", "feed_file", "log", "body"}
    )
    ports = real_ports(victim, door)

    async with unmoved(victim, may_connect=home.place, may_change=listing):
        async with asyncio.timeout(5):
            report = await sync.poll(ports, home.node.did)
        if file in {"head.json", "page"}:
            assert report.problem is not None
        held = {path: one.body for path, one in victim.node.live(home.node).items()}
        assert before.items() <= held.items()

    victim.federation.clock.advance(days=1, minutes=10)
    home.serve()
    report = await sync.poll(ports, home.node.did)
    assert (report.problem, report.lacking) == (None, 0)
    assert len(victim.node.live(home.node)) == 4


@pytest.mark.parametrize("name", BEHAVIOURS)
async def test_an_inbox_that_misbehaves_is_tried_again_later(victim, door, home, name):
    """LF-SEND: the post ends in time, whatever the other side does; nothing that it says is believed."""
    home.evil.on("/inbox", BEHAVIOURS[name])
    now = victim.federation.clock.now()
    await victim.node.store.write(lambda tx: tx.enqueue(_ping(victim, home, now)))
    ports = real_ports(victim, door)

    async with unmoved(victim, may_connect=home.place, may_change={"outbox", "peer"}):
        async with asyncio.timeout(5):
            await delivery.deliver_to(ports, home.node.host)

    for item in victim.node.store.outbox():
        if item.state is OutboxState.WAITING:
            assert item.next_try > write_time(now)
    assert home.evil.asked("/inbox") <= 1


def _ping(victim, home, now):
    return OutboxItem(
        sender=victim.node.did,
        recipient=home.node.did,
        url=home.node.base + "inbox",
        host=home.node.host,
        allow_loopback=True,
        kind=OutboxKind.PING,
        created=write_time(now),
        next_try=write_time(now),
    )


@pytest.mark.parametrize(
    "name", ["silence", "a body without end", "rubbish", "a fault", "inside", "a bomb"]
)
async def test_a_mirrors_clock_that_misbehaves_is_none(victim, door, home, name):
    """LF-MIRROR-2."""
    home.evil.on("/mirror/clock.json", BEHAVIOURS[name])
    async with unmoved(victim, may_connect=home.place):
        async with asyncio.timeout(5):
            states = await mirrors.look_at_clocks(
                real_ports(victim, door), without=victim.friend.did, is_fresh=True
            )

    assert all(state.clock is None for state, owner in states if owner.did == home.node.did)


# --- how much, and how often -----------------------------------------------------------------


@pytest.mark.parametrize("form", ["plain", "chunked", "gzip"])
@pytest.mark.parametrize("more", [1, 70_000, 3_000_000])
async def test_a_file_larger_than_its_limit_is_not_taken(victim, door, evil_server, form, more):
    """LF-FETCH-4: honest otherwise, and quick: what is too much is left where it is."""
    body = b" " * (65_536 + more)
    behave = {
        "plain": answering(body),
        "chunked": sending(head(Transfer_Encoding="chunked"), chunked(body)),
        "gzip": answering(gzipped(body), Content_Encoding="gzip"),
    }[form]
    url = evil_server.on("/head.json", behave)
    place = {f"127.0.0.1:{evil_server.port}", f"::1:{evil_server.port}"}
    async with unmoved(victim, may_connect=place):
        with pytest.raises(Unreachable) as caught:
            await door.get(url, limit_bytes=65_536, allow_loopback=True)
        check_error(caught.value, "unexpected-answer")


async def test_a_hint_that_names_hundreds_costs_a_few_requests(victim, door, evil_server):
    hint = {
        "localfed": {"versions": ["1.0"]},
        "organizations": [
            {
                "did": f"did:webvh:Qm{'1' * 44}:localhost%3A{evil_server.port}:o{number}",
                "base": f"{evil_server.url}o{number}/",
            }
            for number in range(400)
        ],
    }
    evil_server.on("/.well-known/localfed.json", answering(json.dumps(hint).encode()))
    place = {f"127.0.0.1:{evil_server.port}", f"::1:{evil_server.port}"}
    async with unmoved(victim, may_connect=place):
        with pytest.raises(LocalFedError) as caught:
            await follows.look_up(real_ports(victim, door), evil_server.url, allow_loopback=True)
        check_error(caught.value)
    assert len(evil_server.requests) <= 120


async def test_a_page_of_a_thousand_links_costs_a_few_requests(victim, door, evil_server):
    links = "".join(f'<link rel="localfed" href="/h{n}.json">' for n in range(1_000))
    evil_server.on("/", answering(f"<!doctype html><head>{links}</head>".encode()))
    place = {f"127.0.0.1:{evil_server.port}", f"::1:{evil_server.port}"}
    async with unmoved(victim, may_connect=place):
        with pytest.raises(LocalFedError):
            await follows.look_up(real_ports(victim, door), evil_server.url, allow_loopback=True)
    assert len(evil_server.requests) <= 40


async def test_documents_that_never_come_end_a_poll_soon(victim, door, home):
    """Two hundred are listed, each stalls: a few are tried, then the home counts as silent."""
    for number in range(60):
        await home.node.publish({"type": "Offer", "name": f"Offer {number}"})
    home.serve()
    for path in home.node.live(home.node):
        home.evil.on("/" + path, BEHAVIOURS["silence"])
    victim.federation.clock.advance(minutes=20)
    before = len(home.evil.requests)

    async with asyncio.timeout(10):
        report = await sync.poll(real_ports(victim, door), home.node.did)

    assert report.lacking >= 55
    assert len(home.evil.requests) - before <= 45


async def test_a_crowd_of_requests_opens_few_connections_to_one_host(door, evil_server):
    """A stampede after a restart is no attack of ours on others."""
    url = evil_server.on("/x", answering(b"1"))
    with socket_guard.sockets_seen() as watch:
        done = await asyncio.gather(
            *(door.get(url, limit_bytes=10, allow_loopback=True) for _ in range(300)),
            return_exceptions=True,
        )

    assert len(done) == 300
    assert evil_server.connections <= 8
    assert len(watch.connected) <= 20


# --- what a request tells, and what it keeps -------------------------------------------------


async def test_nothing_of_the_environment_leads_a_request_astray(
    victim, door, home, monkeypatch, tmp_path
):
    """Neither proxies nor passwords of the account that the node runs under."""
    async with evil_serving() as proxy:
        for name in (
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
            "ALL_PROXY",
            "all_proxy",
        ):
            monkeypatch.setenv(name, proxy.url)
        netrc = tmp_path / "netrc"
        netrc.write_text("machine localhost login admin password secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        home.evil.requests.clear()
        await sync.poll(real_ports(victim, door), home.node.did)

        assert proxy.connections == 0
    assert home.evil.requests
    assert not [one for one in home.evil.requests if b"uthorization" in one]


async def test_a_cookie_is_neither_kept_nor_sent(victim, door, home):
    signed = home.node.file("/head.json")
    home.evil.on("/head.json", answering(signed, Set_Cookie="id=1; Path=/; Max-Age=99999"))
    ports = real_ports(victim, door)
    home.evil.requests.clear()
    for _ in range(2):
        victim.federation.clock.advance(days=1)
        await sync.poll(ports, home.node.did)

    assert len(home.evil.requests) >= 3
    for asked in home.evil.requests:
        assert b"ookie" not in asked
        assert b"eferer" not in asked
        assert b"victim" not in asked


async def test_an_unmodified_answer_to_a_question_without_a_tag_is_no_head(victim, door, home):
    """A cache that lies cannot freeze what was never seen."""
    home.evil.on("/head.json", answering(b"", status="304 Not Modified", ETag='"x"'))
    async with unmoved(victim, may_connect=home.place):
        with refused("unexpected-answer"):
            await door.get(home.node.base + "head.json", limit_bytes=9_000, allow_loopback=True)


# --- TLS -------------------------------------------------------------------------------------


def contexts(*names, days=None):
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    options = {"not_after": days} if days is not None else {}
    authority.issue_cert(*names, **options).configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.mark.parametrize("fault", ["another name", "another authority", "over", "a number instead"])
async def test_a_certificate_that_is_not_right_is_no_answer(fault):
    """Nobody on the way is taken for the home, and nothing is told to him: not even what is asked for."""
    name = {"another name": "grocer.example", "a number instead": "127.0.0.2"}.get(
        fault, "localhost"
    )
    server, client = contexts(
        name, days=datetime.now(UTC) - timedelta(days=1) if fault == "over" else None
    )
    if fault == "another authority":
        _, client = contexts(name)
    async with evil_serving(tls=server) as evil, GuardedFetch(tls=client, patience=HURRY) as door:
        url = evil.on("/x", answering(b"1")).replace("http:", "https:")

        with pytest.raises(Unreachable) as caught:
            await door.get(url, limit_bytes=10, allow_loopback=True)

        check_error(caught.value)
        assert evil.requests == []


async def test_a_secure_home_cannot_be_led_down_to_an_insecure_one():
    server, client = contexts("localhost")
    async with evil_serving() as plain, evil_serving(tls=server) as evil:
        there = plain.on("/y", answering(b"1"))
        async with GuardedFetch(tls=client, patience=HURRY) as door:
            url = evil.on("/x", redirecting(there)).replace("http:", "https:")
            with refused("forbidden-address"):
                await door.get(url, limit_bytes=10, allow_loopback=True, redirects=3)

        assert plain.requests == []
