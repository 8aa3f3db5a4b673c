"""What reaches one organisation of a node by way of another that lives there too.

The victim's node hosts a chapel at a path of its host and readers on another host. Requests and posts go to its real
site on loopback. What is for one touches no other; what one has, no other signs, serves or answers for.
"""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import msgspec
import pytest

from attacks.frame import check_answer, refused, state_of, unmoved
from attacks.lies import letter, log_of, message, next_head
from attacks.server_material import ask, ask_one, letter_of, posted, request
from federation import Lodger
from localfed.app import inbox, keyring, listings, messages, organisations, partnerships
from localfed.app.message_values import MessageState
from localfed.protocol.errors import BadFile, NoSigningKey
from localfed.protocol.identity import read_identity
from localfed.store.keyfiles import KeyFiles

ONE_MORE = {"message", "notice", "sqlite_sequence"}
"""A letter that all is right with is kept: one row, which is what an inbox is for (LF-INBOX-5), and the notice of one that asks."""


@pytest.fixture
async def house(victim):
    """The victim with two more organisations on its node."""
    chapel = await victim.node.add("Chapel", "https://victim.example/chapel/")
    readers = await victim.node.add("Readers", "https://readers.example/")
    chapel.choir = await chapel.publish({"type": "Offer", "name": "Choir"})
    readers.books = await readers.publish({"type": "Offer", "name": "Books"})
    return SimpleNamespace(victim=victim, node=victim.node, chapel=chapel, readers=readers)


def public(one):
    publisher = one.store.publisher(one.did)
    bodies = {found.path: found.body for found in one.store.documents(one.did)}
    return publisher.log, publisher.head, publisher.hold, bodies


# --- requests ---------------------------------------------------------------------------------


def addresses_of(house):
    """Where each lives: host and path of its BASE."""
    return {
        "victim": (house.node, "victim.example", "/"),
        "chapel": (house.chapel, "victim.example", "/chapel/"),
        "readers": (house.readers, "readers.example", "/"),
    }


FILES = ("did.jsonl", "head.json", "org.json", "DOCUMENT", "PAGE")


def file_of(node, name):
    if name == "DOCUMENT":
        return next(path for path in sorted(node.live(node)) if path.startswith("d/"))
    if name == "PAGE":
        return node.head()["page"]
    return name


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("whose", ["victim", "chapel", "readers"])
async def test_at_the_address_of_one_lies_nothing_of_another(house, whose, name):
    """LF-SERVE-6: each file of each, asked for at the address of each."""
    places = addresses_of(house)
    owner = places[whose][0]
    path = file_of(owner, name)
    body = owner.file("/" + path)

    async with unmoved(house.victim, requests=0):
        for who, (_, host, root) in places.items():
            answer = await ask_one(house.victim, request(root + path, host=host))
            if who == whose:
                assert (answer.status, answer.body) == (200, body)
            else:
                assert answer.body != body, (who, path)


STEPS = (
    "/chapel/../head.json",
    "/chapel/./../head.json",
    "/chapel/%2e%2e/head.json",
    "/chapel/..%2fhead.json",
    "/chapel%2f..%2fhead.json",
    "/chapel%2fhead.json",
    "/chapel//head.json",
    "//chapel/head.json",
    "/./chapel/head.json",
    "/chapel;/head.json",
    "/Chapel/head.json",
    "/chapel/chapel/head.json",
    "/chapel/.well-known/did.jsonl",
    "/chapel/mirror/head.json",
    "/chapel/d/../../head.json",
    "/chapel/head.json/..",
    "/chapel/d/head.json",
    "/%63hapel/head.json",
)


@pytest.mark.parametrize("target", STEPS)
async def test_no_path_steps_from_one_to_another(house, target):
    heads = {house.node.file("/head.json"), house.chapel.file("/head.json")}
    logs = {house.node.file("/did.jsonl"), house.chapel.file("/did.jsonl")}

    async with unmoved(house.victim, requests=0):
        for answer in await ask(house.victim, request(target)):
            assert answer.status in {404, 400}, answer
            assert answer.body not in heads | logs


HOSTS = {
    "the other one's host": ("readers.example", "/chapel/head.json", None),
    "the other one's host with a port": ("readers.example:443", "/chapel/head.json", None),
    "in capital letters": ("READERS.EXAMPLE", "/head.json", "readers"),
    "with a port": ("readers.example:443", "/head.json", "readers"),
    "a host below it": ("x.readers.example", "/head.json", None),
    "a host that ends as it does": ("evilreaders.example", "/head.json", None),
    "both in one": ("victim.example, readers.example", "/head.json", None),
    "with a name before it": ("victim.example@readers.example", "/head.json", None),
    "with a dot at its end": ("readers.example.", "/head.json", None),
    "nobody's": ("10.0.0.1", "/head.json", None),
    "nobody's, where only one lives": ("proxy.internal", "/chapel/head.json", "chapel"),
}


@pytest.mark.parametrize("name", HOSTS)
async def test_no_host_that_is_said_leads_to_another_one(house, name):
    host, target, whose = HOSTS[name]
    places = addresses_of(house)

    async with unmoved(house.victim, requests=0):
        answer = await ask_one(house.victim, request(target, host=host))

    if whose is not None:
        assert json.loads(answer.body)["issuer"] == places[whose][0].did
    else:
        assert answer.status in {404, 400}, answer


async def test_what_a_proxy_forwards_decides_nothing(house):
    lines = (
        "X-Forwarded-Host: readers.example",
        "Forwarded: host=readers.example",
        "X-Original-URL: /chapel/head.json",
        "X-Rewrite-URL: /chapel/head.json",
    )

    async with unmoved(house.victim, requests=0):
        answer = await ask_one(house.victim, request("/head.json", *lines))

    assert json.loads(answer.body)["issuer"] == house.node.did


# --- letters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "to, target, host",
    [
        ("chapel", "/inbox", "victim.example"),
        ("node", "/chapel/inbox", "victim.example"),
        ("readers", "/inbox", "victim.example"),
        ("readers", "/chapel/inbox", "victim.example"),
        ("node", "/inbox", "readers.example"),
        ("chapel", "/inbox", "readers.example"),
    ],
)
async def test_an_inbox_takes_nothing_that_is_for_another_one(house, to, target, host):
    """LF-MSG-4."""
    body = letter_of(house.victim, "stranger.example", to=getattr(house, to).did)
    sent = request(target, f"Content-Length: {len(body)}", method="POST", body=body, host=host)

    async with unmoved(house.victim, requests=0):
        check_answer(await ask_one(house.victim, sent), "wrong-recipient", 404)


@pytest.mark.parametrize("host", ["victim.example", "readers.example"])
async def test_an_inbox_takes_what_is_for_the_one_whose_it_is(house, host):
    to = house.node if host == "victim.example" else house.readers
    body = letter_of(house.victim, "stranger.example", to=to.did)
    sent = request("/inbox", f"Content-Length: {len(body)}", method="POST", body=body, host=host)

    async with unmoved(house.victim, requests=0, may_change=ONE_MORE):
        assert (await ask_one(house.victim, sent)).status == 202

    assert [one.recipient for one in house.node.store.messages()] == [to.did]


async def test_a_flood_of_strangers_at_one_leaves_the_trays_of_the_others_empty(house, monkeypatch):
    """LF-INBOX-5."""
    monkeypatch.setattr(inbox, "WAITING_OF_STRANGERS", 4)
    victim = house.victim

    async with unmoved(victim, requests=0, may_change=ONE_MORE):
        for number in range(4):
            body = letter_of(victim, f"flood{number}.example")
            assert (await ask_one(victim, posted(body))).status == 202
        for number in range(4, 8):
            body = letter_of(victim, f"flood{number}.example")
            check_answer(await ask_one(victim, posted(body)), "too-often", 429)
        body = letter_of(victim, "flood0.example", 9, to=house.chapel.did)
        assert (await ask_one(victim, posted(body, target="/chapel/inbox"))).status == 202

    recipients = [one.recipient for one in house.node.store.messages()]
    assert recipients == [house.node.did] * 4 + [house.chapel.did]


@pytest.mark.parametrize("target", ["/inbox", "/chapel/inbox"])
@pytest.mark.parametrize("whose", ["chapel", "readers", "node"])
async def test_nobody_outside_writes_in_the_name_of_one_who_lives_here(house, whose, target):
    """LF-MSG-3: also where the key is right, for a neighbour's word never comes over the network."""
    sender = getattr(house, whose)
    to = house.node if target == "/inbox" else house.chapel
    said = message(sender, to) if sender is not to else message(sender, house.readers)
    body = letter(log_of(sender), said)

    async with unmoved(house.victim, requests=0):
        check_answer(await ask_one(house.victim, posted(body, target=target)), "wrong-issuer")


async def test_a_head_of_one_that_a_thief_signed_stops_that_one_alone(house):
    """LF-PING-2, LF-WRITE-7: whatever inbox it is brought to."""
    files = next_head(house.chapel, house.chapel.head()["seq"] + 60_000)
    before = public(house.node), public(house.readers)

    answer = await ask_one(house.victim, posted(files["head.json"] + b"\n"))

    assert answer.status == 202
    assert public(house.chapel)[2] == "public-head-ahead"
    assert (public(house.node), public(house.readers)) == before
    await house.node.publish({"type": "Offer", "name": "Tea"})
    with refused("public-head-ahead"):
        await house.chapel.publish({"type": "Offer", "name": "Bells"})


async def test_a_head_of_one_with_the_key_of_another_stops_nobody(house):
    head = house.chapel.signed_head(key=house.node.key, seq=house.chapel.head()["seq"] + 60_000)

    async with unmoved(house.victim, requests=0):
        check_answer(await ask_one(house.victim, posted(head + b"\n")), "unknown-key")


# --- keys and kits ----------------------------------------------------------------------------


def key_path(one):
    return one.folder / "keys" / f"{one.did.split(':')[2]}.json"


def named_anew(one, other):
    """Let the file of one say that it is the other's."""
    stored = json.loads(key_path(one).read_bytes())
    stored["did"] = other.did
    key_path(other).write_bytes(msgspec.json.encode(stored))


KEYS = {
    "the file of the other": lambda one, other: shutil.copyfile(key_path(one), key_path(other)),
    "a link to the file of the other": lambda one, other: (
        key_path(other).unlink(),
        key_path(other).symlink_to(key_path(one)),
    ),
    "the key of the other under its own name": named_anew,
}


@pytest.mark.parametrize("name", KEYS)
async def test_no_key_of_one_signs_for_another(house, name):
    before = public(house.node), public(house.chapel)
    KEYS[name](house.node, house.chapel)

    with pytest.raises((BadFile, NoSigningKey)):
        await house.chapel.publish({"type": "Offer", "name": "Bells"})

    assert (public(house.node), public(house.chapel)) == before
    await house.node.publish({"type": "Offer", "name": "Tea"})


@pytest.mark.parametrize("what", ["close", "move", "check"])
async def test_no_kit_of_one_does_anything_to_another(house, what):
    one = house.chapel
    calls = {
        "close": lambda: keyring.close(one.ports, one.did, house.node.kit),
        "move": lambda: keyring.move(
            one.ports,
            one.did,
            house.node.kit,
            url="https://evil.example/",
            allow_loopback=False,
        ),
        "check": lambda: keyring.check(one.ports, one.did, house.node.kit),
    }

    async with unmoved(house.victim, requests=0):
        with refused("bad-kit"):
            await calls[what]()


async def test_a_key_that_is_lost_stops_its_owner_alone(house):
    key_path(house.chapel).unlink()

    with refused("bad-file"):
        await house.chapel.publish({"type": "Offer", "name": "Bells"})

    for one in (house.node, house.readers):
        await one.publish({"type": "Offer", "name": "Tea"})


# --- drafts and messages under another's name -------------------------------------------------


DRAFTS = {
    "an id of the other": lambda house: {"type": "Offer", "name": "Mine", "id": house.chapel.choir},
    "the record of the other": lambda house: {
        "type": "Organization",
        "name": "Mine",
        "id": house.chapel.did + "/org.json",
    },
    "the half of the other": lambda house: {
        "type": "Partnership",
        "partner": house.readers.did,
        "stage": "guidance",
        "id": f"{house.chapel.did}/p/{house.readers.did.split(':')[2]}.json",
    },
    "a half towards itself": lambda house: {
        "type": "Partnership",
        "partner": house.node.did,
        "stage": "guidance",
    },
}


@pytest.mark.parametrize("name", DRAFTS)
async def test_nobody_publishes_under_the_name_of_another(house, name):
    async with unmoved(house.victim, requests=0):
        with refused():
            await house.node.publish(DRAFTS[name](house))


async def test_an_issuer_in_a_draft_is_nobodys_word(house):
    before = public(house.chapel)

    made = await house.node.publish({"type": "Offer", "name": "Tea", "issuer": house.chapel.did})

    assert made.startswith(house.node.did + "/")
    assert public(house.chapel) == before


async def test_nobody_withdraws_what_is_anothers(house):
    async with unmoved(house.victim, requests=0):
        with refused("unknown-document"):
            await listings.withdraw(house.node.ports, house.node.did, house.chapel.choir)


async def test_nobody_reads_or_answers_the_messages_of_another_by_number(house):
    draft = messages.Draft(type="Enquiry", language="en", text="Is the organ free?")
    await messages.send(house.node.ports, house.node.did, house.chapel.did, draft)
    proposed = await partnerships.propose(
        house.node.ports, house.node.did, house.chapel.did, "guidance", language="en"
    )
    assert proposed.sent == "Proposal"
    one = house.readers

    async with unmoved(house.victim, requests=0):
        for message_ in house.node.store.messages():
            with refused("unknown-message"):
                messages.find(one.store, message_.number, one.did)
            with refused("unknown-message"):
                await messages.mark(one.ports, message_.number, MessageState.OPENED, one.did)
            with refused("unknown-message"):
                await partnerships.accept(one.ports, one.did, message_.number, language="en")
        for item in one.store.outbox():
            if item.sender != one.did:
                with refused("unknown-message"):
                    await messages.retry(one.ports, item.number, one.did)


# --- names and addresses ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["victim.example", "VICTIM.EXAMPLE/", "Victim", "victim"])
async def test_a_name_that_may_mean_another_one_means_nobody(house, name):
    await house.readers.publish({"type": "Organization", "name": name})

    with refused("which-organisation"):
        organisations.the_hosted(house.node.store, name)


@pytest.mark.parametrize("name", ["https://victim.example", "https://VICTIM.example/", "DID"])
async def test_calling_itself_as_another_one_is_addressed_takes_nothing_from_it(house, name):
    name = name.replace("DID", house.node.did)
    await house.readers.publish({"type": "Organization", "name": name})

    assert organisations.the_hosted(house.node.store, name).did == house.node.did
    assert organisations.neighbour(house.chapel.store, house.chapel.did, name).did == house.node.did


@pytest.mark.parametrize(
    "base",
    [
        "https://victim.example/",
        "https://victim.example/chapel/",
        "https://readers.example/",
        "https://victim.example/static/",
        "https://victim.example/api/v1/",
        "https://victim.example/mirror/",
        "https://victim.example/x/mirror/",
    ],
)
async def test_nobody_begins_on_the_place_of_another(house, base):
    before = state_of(house.node)

    with refused():
        lodger = Lodger(house.node, base)
        await lodger.begin("Squatter")

    # A key of nobody is left in the folder; `init` takes it away again.
    left = {name for name in state_of(house.node) if name not in before}
    assert all(name.startswith("keys/") for name in left)
    assert {name: found for name, found in state_of(house.node).items() if name in before} == before
    assert len(house.node.store.publishers(hosted=True)) == 3


async def test_nobody_moves_to_the_place_of_another(house):
    one = house.readers

    async with unmoved(house.victim, requests=0):
        for base in (house.node.base, house.chapel.base, "https://victim.example/mirror/"):
            with refused():
                await keyring.move(one.ports, one.did, one.kit, url=base, allow_loopback=False)


async def test_the_log_of_each_names_one_place_and_one_key(house):
    for one in (house.node, house.chapel, house.readers):
        log = one.store.publisher(one.did).log
        identity = read_identity(log, now=one.clock.now())
        (key,) = KeyFiles(one.folder).signing_keys(one.did)
        assert identity.base == one.base
        assert set(identity.keys) == {f"{one.did}#{key.multikey}"}
