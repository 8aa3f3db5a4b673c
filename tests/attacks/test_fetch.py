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
from attacks.fetch_places import FORGIVEN, INBOXES, ODD_URLS, PLACES, TAGS, moving
from attacks.frame import check_error, refused, unmoved
from attacks.lies import at, first, last_version, log_of, longer, next_head, serve
from evil import (
    FakeDns,
    answer,
    answering,
    chunked,
    evil_serving,
    gzipped,
    head,
    redirecting,
    sending,
)
from localfed.app import delivery, follows, mirrors, sync
from localfed.app.message_values import OutboxItem, OutboxKind, OutboxState
from localfed.app.publishing import write_bundle
from localfed.net import fetch as fetch_module
from localfed.net.fetch import GuardedFetch
from localfed.protocol import limits
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
@pytest.mark.parametrize("form", ["{}", "https://{}:443/shop"])
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


# --- URLs that are odd -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD_URLS)
@pytest.mark.parametrize("way", ["get", "lines", "post"])
async def test_a_url_that_is_odd_is_not_asked_for(name, way):
    """Whatever part of a node hands it on: no name is looked up and no socket made."""
    dns = FakeDns({})
    url = ODD_URLS[name]
    async with GuardedFetch(patience=HURRY, resolver=dns) as door:
        with socket_guard.sockets_seen() as watch, refused("forbidden-address"):
            if way == "get":
                await door.get(url, limit_bytes=100, allow_loopback=False)
            elif way == "post":
                await door.post(url, b"{}\n", allow_loopback=False)
            else:
                async for _ in door.lines(url, limit_bytes=100, allow_loopback=False):
                    pass

    assert dns.lookups == []
    assert watch.made == []


@pytest.mark.parametrize("name", ODD_URLS)
async def test_an_operator_cannot_be_given_a_url_that_is_odd(victim, door, name):
    """What is forgiven to who types means one place, and that is asked for by its plain name."""
    async with unmoved(victim, requests=0):
        with pytest.raises(LocalFedError) as caught:
            await follows.look_up(real_ports(victim, door), ODD_URLS[name], allow_loopback=False)
        check_error(caught.value)
    allowed = {"evil.example", "xn--vil-9la.example"} if name in FORGIVEN else set()
    assert set(door.dns.lookups) <= allowed


# --- what an owner signs ---------------------------------------------------------------------


@pytest.mark.parametrize("name", INBOXES)
async def test_an_inbox_that_is_no_path_of_its_own_gets_nothing(victim, name):
    """LF-SEND-1: a head says where its publisher takes messages, and leads nobody anywhere else."""
    friend, network = victim.friend, victim.network
    seq = friend.head()["seq"] + 1
    serve(victim, at(friend.base, next_head(friend, seq, inbox=INBOXES[name])))
    victim.federation.clock.advance(minutes=20)
    async with unmoved(victim):
        report = await victim.node.sync(friend)
        assert report.problem is not None
    network.requests.clear()

    await victim.node.publish({"type": "Offer", "name": "Soup"})
    assert {one.url for one in victim.node.store.outbox()} <= {
        friend.base + "inbox",
        victim.other.base + "inbox",
    }
    await delivery.deliver_due(victim.ports)
    assert {url.split("/")[2] for url in network.requests} <= {friend.host, victim.other.host}


async def test_an_inbox_that_is_a_path_of_its_own_gets_what_is_for_it(victim):
    """The measure of the table above: what is refused there is the inbox, and nothing else of the head."""
    friend = victim.friend
    seq = friend.head()["seq"] + 1
    serve(victim, at(friend.base, next_head(friend, seq, inbox="for/post_1")))
    victim.federation.clock.advance(minutes=20)
    report = await victim.node.sync(friend)
    await victim.node.publish({"type": "Offer", "name": "Soup"})

    assert report.problem is None
    assert friend.base + "for/post_1" in {one.url for one in victim.node.store.outbox()}


def a_move(victim, place, did):
    """Let the friend's owner write a place into the log, with a head that makes every reader read it."""
    friend = victim.friend
    log = longer(log_of(friend), friend.kit, friend.clock.now(), moving(place, did))
    seq = friend.head()["seq"] + 1
    files = next_head(friend, seq, identity=last_version(log))
    files |= {"did.jsonl": log, ".well-known/did.jsonl": log}
    serve(victim, at(friend.base, files))


def led_to(victim):
    """The hosts that were asked, of them that nobody was told of but by the log."""
    known = {one.host for one in (victim.friend, victim.other, victim.node)}
    return {url.split("/")[2] for url in victim.network.requests} - known


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("what", ["the files", "all"])
async def test_an_owner_who_moves_leads_nobody_inside(victim, name, what):
    """Kit and key are real: of a log that names such a place nothing is believed, and nothing asked there."""
    scid = victim.friend.did.split(":")[2]
    did = f"did:webvh:{scid}:moved.example" if what == "all" else None
    a_move(victim, PLACES[name], did)
    victim.federation.clock.advance(days=1)
    victim.network.requests.clear()

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert report.problem is not None
    assert led_to(victim) == set()
    assert victim.node.publisher(victim.friend).base == victim.friend.base


async def test_an_owner_who_moves_to_a_plain_place_is_followed_there(victim):
    """The measure of the table above: the same log, but for the place."""
    scid = victim.friend.did.split(":")[2]
    a_move(victim, "https://moved.example/", f"did:webvh:{scid}:moved.example")
    victim.federation.clock.advance(days=1)
    victim.network.requests.clear()

    await victim.node.sync(victim.friend)

    assert led_to(victim) == {"moved.example"}


@pytest.mark.parametrize("name", PLACES)
async def test_a_stranger_whose_log_says_that_he_lives_inside_is_not_followed(victim, name):
    """The door to follow by: his own key, his own log, the right hashes, and a home that is none."""
    stranger = victim.stranger
    log = first(stranger.base, stranger.clock.now(), moving(PLACES[name], None))
    files = {"did.jsonl": log, ".well-known/did.jsonl": log}
    serve(victim, at(stranger.base, files))
    victim.network.requests.clear()

    async with unmoved(victim):
        with pytest.raises(LocalFedError) as caught:
            await follows.look_up(victim.ports, stranger.base, allow_loopback=False)
        check_error(caught.value)
    assert led_to(victim) <= {stranger.host}


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
    latest = write_time(victim.federation.clock.now() + timedelta(days=1.3))
    assert victim.node.publisher(home.node).next_poll < latest  # whatever it asks to wait

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
            assert write_time(now) < item.next_try <= write_time(now + timedelta(days=1.3))
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


@pytest.mark.parametrize("file", FILES)
async def test_a_feed_is_not_read_by_a_redirect_even_to_what_is_right(victim, door, home, file):
    """LF-FETCH: whoever can redirect could lead all readers elsewhere later, and nobody would see."""
    victim.federation.clock.advance(days=1, minutes=10)
    added = (await home.node.publish({"type": "Offer", "name": "Three"})).partition("/")[2]
    home.serve()
    path = {"page": home.node.head()["page"], "document": added}.get(file, file)
    paths = [f"/{path}"] + (["/.well-known/did.jsonl"] if file == "did.jsonl" else [])
    for number, one in enumerate(paths):
        body = home.node.file(f"/{path}")
        home.evil.on(f"/right/{number}", answering(body))
        home.evil.on(one, redirecting(f"{home.node.base}right/{number}"))

    report = await sync.poll(real_ports(victim, door), home.node.did)

    assert home.evil.asked("/right/0") == 0
    assert report.problem is not None or report.lacking or report.notes
    assert added not in victim.node.live(home.node) or file == "did.jsonl"


async def test_an_inbox_is_not_found_by_a_redirect(victim, door, home):
    """LF-SEND-1: what is for one is not given to another."""
    for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
        home.evil.on("/inbox", redirecting(f"{home.node.base}thief", status=status))
        now = victim.federation.clock.now()
        await victim.node.store.write(lambda tx, now=now: tx.enqueue(_ping(victim, home, now)))
        await delivery.deliver_to(real_ports(victim, door), home.node.host)
        victim.federation.clock.advance(days=2)

    assert home.evil.asked("/inbox") == 5
    assert home.evil.asked("/thief") == 0


STREAMED = [
    "silence",
    "silence within the body",
    "a body by drops",
    "a body without end",
    "chunks without end",
    "early hints without end",
    "a bomb",
    "a bomb in a bomb",
    "half of gzip",
    "less than it says",
    "two lengths",
    "chunks that break off",
    "no answer at all",
    "rubbish",
    "an empty file",
    "nothing but zeros",
    "not now, for ever",
    "unmodified, unasked",
    "part of it",
    "inside",
    "what follows",
]
"""What differs for a file that is read as it comes."""


@pytest.fixture
async def bundled(victim, door, monkeypatch):
    """A home with a bundle, that the victim has just begun to follow."""
    monkeypatch.setattr(limits, "SNAPSHOT_ENTRIES_MIN", 2)
    monkeypatch.setattr(limits, "BUNDLE_LACKING", 1)
    async with a_home(victim) as home:
        for number in range(4):
            await home.node.publish({"type": "Offer", "name": f"Offer {number}"})
        await write_bundle(home.node.ports, home.node.did)
        home.serve()
        ports = real_ports(victim, door)
        (found,) = (await follows.look_up(ports, home.node.base, allow_loopback=True)).found
        await follows.follow(ports, found, allow_loopback=True)
        home.evil.on("/bundle.jsonl", answering(home.node.file("/bundle.jsonl")))
        yield home


@pytest.mark.parametrize("name", STREAMED)
async def test_a_bundle_that_misbehaves_is_only_the_slower_way(victim, door, bundled, name):
    """LF-READ-10: the bytes of each document have their digest, whatever brings them."""
    bundled.evil.on("/bundle.jsonl", BEHAVIOURS[name])

    async with asyncio.timeout(5):
        report = await sync.poll(real_ports(victim, door), bundled.node.did)

    assert bundled.evil.asked("/bundle.jsonl") in {1, 2}  # again where a kept connection had ended
    assert (report.problem, report.lacking) == (None, 0)
    assert {path: one.body for path, one in victim.node.live(bundled.node).items()} == {
        path: one.body for path, one in bundled.node.live(bundled.node).items()
    }


@pytest.mark.parametrize("name", TAGS)
async def test_a_tag_says_nothing_but_itself(victim, door, home, name):
    """It comes back as it was, where it is one, and puts nothing else into a request."""
    head = home.node.file("/head.json")
    field = b"ETag: " + TAGS[name] + b"\r\n"
    status, rest = answer(head).split(b"\r\n", 1)
    home.evil.on("/head.json", sending(status + b"\r\n" + field + rest))
    ports = real_ports(victim, door)
    for _ in range(3):
        victim.federation.clock.advance(days=1)
        home.evil.requests.clear()
        async with asyncio.timeout(5):
            await sync.poll(ports, home.node.did)
        for asked in home.evil.requests:
            lines = asked.split(b"\r\n")
            sent = [line for line in lines if line.lower().startswith(b"if-none-match:")]
            assert sent in ([], [b"If-None-Match: " + TAGS[name]])
            assert not sent or TAGS[name] in {b'""', b'W/"a"'}
            assert all(len(line) < 500 for line in lines)
    assert len(victim.node.live(home.node)) == 3


async def test_one_answer_with_a_star_for_a_tag_freezes_nobody(victim, door, home):
    """`If-None-Match: *` is true of every file: who asked so once would hear for ever that nothing is new."""
    ports = real_ports(victim, door)
    home.evil.on("/head.json", answering(home.node.file("/head.json"), ETag="*"))
    victim.federation.clock.advance(days=1)
    await sync.poll(ports, home.node.did)
    await home.node.publish({"type": "Offer", "name": "Three"})
    home.serve()
    head = home.node.file("/head.json")

    async def as_in_rfc_9110(writer):
        is_star = b"\r\nif-none-match: *\r\n" in home.evil.requests[-1].lower()
        writer.write(
            answer(b"", "304 Not Modified", ETag='"3"') if is_star else answer(head, ETag='"3"')
        )

    home.evil.on("/head.json", as_in_rfc_9110)
    victim.federation.clock.advance(days=1)
    report = await sync.poll(ports, home.node.did)

    assert report.problem is None
    assert len(victim.node.live(home.node)) == 4


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


async def test_many_polls_of_one_home_at_once_leave_what_one_would(victim, door, home):
    """A row of impatient commands: all end, few connections, nothing twice."""
    victim.federation.clock.advance(days=1, minutes=10)
    await home.node.publish({"type": "Offer", "name": "Three"})
    home.serve()
    before = home.evil.connections

    async with asyncio.timeout(10):
        reports = await asyncio.gather(
            *(sync.poll(real_ports(victim, door), home.node.did) for _ in range(25))
        )

    assert {report.problem for report in reports} == {None}
    assert home.evil.connections - before <= 8
    assert len(victim.node.live(home.node)) == 4
    assert len(home.evil.requests) <= 25 * 6


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
