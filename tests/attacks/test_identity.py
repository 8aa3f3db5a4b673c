"""Who somebody claims to be: logs, heads, documents and messages in a name that is not theirs.

By every way in: the home, the files beside it, a mirror, the inbox, an operator's follow, a restore.
What is made for it lies in `identity_logs`, `identity_statements` and `identity_places`; each piece of it is wrong in one way and right in all others.
"""

from __future__ import annotations

import json

import msgspec
import pytest

from attacks.frame import check_answer, healthy, refused, state_of, unmoved
from attacks.identity_logs import LOGS, NEWCOMERS
from attacks.identity_places import HINTS, INTRODUCTIONS, NEIGHBOURS, RESTORES, hint_of
from attacks.identity_statements import DOCUMENTS, HEADS, MESSAGES, OWN_HEADS, PATH
from attacks.lies import (
    MALLORY,
    again,
    at,
    away_and_mirrored,
    did_of,
    files_of,
    first,
    last_version,
    letter,
    list_bytes,
    log_of,
    longer,
    message,
    mirror_of,
    next_head,
    serve,
    shown,
)
from localfed.app import follows, restoring, sightings, sync
from localfed.app.values import DocumentState
from localfed.net.discover import Discoverer
from localfed.protocol.digest import digest
from localfed.protocol.feed import Entry, Page, chain_over, chain_start, page_path, write_page
from localfed.protocol.identity import move_log
from localfed.protocol.limits import INTEGER
from localfed.protocol.partnership import Partnership, half_path, in_force
from localfed.protocol.proofs import write_signature

WELL_KNOWN = ".well-known/did.jsonl"


def table(cases, *, without=(), only=(), **codes):
    """Make pytest items of a table of material, all or `only` some; `codes` by the way that it comes in."""
    other = {name: code for code, names in codes.items() for name in names}
    assert {*without, *only, *other} <= cases.keys()
    return [
        pytest.param(make, other.get(name, code), id=name)
        for name, (make, code) in cases.items()
        if name not in without and (not only or name in only)
    ]


ELSEWHERE = ("of another SCID at the same address", "of a stranger", "of our own identity")
CUT = "cut off before the last change of keys"
SOME = (
    "forked by the owner's own kit",
    "of a stranger",
    "of our own identity",
    "of another after the true one",
    "by the update key that is spent",
    "with keys exchanged on the way",
    "with two states",
    "with witnesses",
    "from next year",
    "with a key of order 8",
    "moved to this machine",
    "that comes back after its end",
)
"""Where the checks themselves are those of another way: one of each kind."""

DOORS = (
    "another's, copied",
    "under our own identity",
    "by another's key",
    "by another's key under the friend's name",
)

FORGED = (
    "by another's key",
    "by another's key under our name",
    "by a key that is listed for something else",
    "by a key that was taken out",
    "by a stolen key after the recovery",
    "another's own",
    "our own",
    "of the same SCID on another host",
    "that names an entry of another's log",
    "that is a document",
)


def ports_of(victim):
    """The victim's ports, with the discovery of life instead of the network's own."""
    return msgspec.structs.replace(victim.ports, discover=Discoverer(victim.network))


async def follow_at(victim, url):
    """What an operator does who types an address."""
    looked = await follows.look_up(ports_of(victim), url, allow_loopback=False)
    for found in looked.found:
        await follows.follow(ports_of(victim), found, allow_loopback=False)
    return looked


# --- logs in the name of somebody followed ---------------------------------------------------


@pytest.mark.parametrize("make,code", table(LOGS))
async def test_a_log_at_the_home_is_not_taken(victim, make, code):
    """LF-FOLLOW-1, LF-ID-19, LF-ID-21."""
    log = await make(victim)
    asked = serve(victim, at(victim.friend.base, {WELL_KNOWN: log}))
    victim.federation.clock.advance(days=1)

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert asked
    assert report.notes == (f"home not confirmed: {code}",)
    assert victim.node.publisher(victim.friend).home.problem == code


@pytest.mark.parametrize("make,code", table(LOGS, only=SOME))
async def test_a_log_beside_the_files_is_not_taken(victim, make, code):
    """LF-READ-2: a head that names an entry to come makes the reader look at it."""
    log = await make(victim)
    head = next_head(
        victim.friend, victim.friend.head()["seq"] + 60_000, identity=f"9-Qm{'a' * 44}"
    )
    asked = serve(victim, at(victim.friend.base, head | {"did.jsonl": log}))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert victim.friend.base + "did.jsonl" in asked
    assert report.problem == code


@pytest.mark.parametrize("make,code", table(LOGS, only=(*SOME, CUT)))
async def test_a_log_on_a_mirror_is_not_taken(victim, make, code):
    """LF-MIRROR-4, LF-MIRROR-5."""
    log = await make(victim)
    folder = await away_and_mirrored(victim)
    asked = serve(victim, {folder + "did.jsonl": log})
    victim.federation.clock.advance(days=1)

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert asked
    # A log that is only shorter is that of a mirror that is behind: it is read, and changes nothing.
    assert report.problem == (None if code == "home-not-confirmed" else "no-answer")


@pytest.mark.parametrize(
    "make,code",
    table(LOGS, only=(*SOME, ELSEWHERE[0]), **{"wrong-issuer": ELSEWHERE}),
)
async def test_a_message_with_such_a_log_is_not_kept(victim, make, code):
    """LF-INBOX-3, LF-MSG-3."""
    body = letter(await make(victim), message(victim.friend, victim.node))

    async with unmoved(victim, requests=0):
        answer = await victim.post(body)

    check_answer(answer, code)


@pytest.mark.parametrize(
    "make,code",
    table(LOGS, only=SOME, **{"wrong-identity": ELSEWHERE[1:]}),
)
async def test_such_a_log_is_not_followed(victim, make, code):
    """LF-FOLLOW-1: an operator follows again whom the node knows, at a home that lies."""
    log = await make(victim)
    serve(victim, at(victim.friend.base, {"did.jsonl": log, WELL_KNOWN: log}))

    async with unmoved(victim):
        with refused(code):
            await follow_at(victim, victim.friend.base)


# --- new identities --------------------------------------------------------------------------


@pytest.mark.parametrize("make,code", table(NEWCOMERS))
async def test_a_newcomer_of_whom_anything_is_wrong_is_not_followed(victim, make, code):
    """LF-FOLLOW-1, LF-KEY-2, LF-ID-1."""
    log = await make(victim)
    serve(victim, at(victim.stranger.base, {"did.jsonl": log, WELL_KNOWN: log}))

    async with unmoved(victim):
        with refused(code):
            await follow_at(victim, victim.stranger.base)


COPIES = {
    "unknown-key": ("the friend's own log, copied",),
    "wrong-issuer": ("our own log, copied",),
}


@pytest.mark.parametrize(
    "make,code",
    table(NEWCOMERS, without=("living elsewhere",), **COPIES),
)
async def test_a_message_of_such_a_newcomer_is_not_kept(victim, make, code):
    """LF-INBOX-3: what it says is signed well by the key that the log asserts, where there is one."""
    log = await make(victim)
    did = json.loads(log.splitlines()[0])["state"]["id"]
    said = {"issuer": did, "id": f"{did}/messages/{'b' * 26}.json"}
    body = letter(log, message(victim.stranger, victim.node, key=MALLORY, **said))

    async with unmoved(victim, requests=0):
        answer = await victim.post(body)

    check_answer(answer, code)


# --- heads -----------------------------------------------------------------------------------


def with_page(victim, head):
    """The files that a head of `HEADS` goes with, as far as there are any."""
    seq = victim.friend.head()["seq"] + 60_000
    return next_head(victim.friend, seq) | {"head.json": head}


@pytest.mark.parametrize("make,code", table(HEADS))
async def test_a_head_at_the_home_is_refused(victim, make, code):
    """LF-ACCEPT-5, LF-ACCEPT-6, LF-PROOF-4, LF-HEAD-7."""
    head = await make(victim)
    asked = serve(victim, at(victim.friend.base, with_page(victim, head)))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert asked
    assert report.problem == code


@pytest.mark.parametrize("make,code", table(HEADS, only=FORGED))
async def test_a_head_on_a_mirror_is_refused(victim, make, code):
    """LF-MIRROR-4."""
    head = await make(victim)
    folder = await away_and_mirrored(victim)
    asked = serve(victim, at(folder, with_page(victim, head)))

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert folder + "head.json" in asked
    assert report.problem == "no-answer"


@pytest.mark.parametrize("make,code", table(HEADS))
async def test_a_ping_with_such_a_head_brings_nothing_forward(victim, make, code):
    """LF-PING-1, LF-INBOX-2: and the answer does not tell whom the node follows."""
    head = await make(victim)
    before = victim.node.publisher(victim.friend)

    async with unmoved(victim, requests=0):
        answer = await victim.post(head + b"\n")

    assert answer.status == 202
    # Only an entry to come cannot be judged here: then the friend itself is asked, once a minute.
    is_due = victim.node.publisher(victim.friend).next_poll != before.next_poll
    assert not is_due


# --- documents -------------------------------------------------------------------------------


@pytest.mark.parametrize("make,code", table(DOCUMENTS))
async def test_a_document_that_a_true_head_lists_is_rejected(victim, make, code):
    """LF-ACCEPT-5, LF-DOC-5, LF-PROOF-4: the head is the friend's own and counts; the bytes do not."""
    path, kind, body = await make(victim)
    before = shown(victim.node, victim.friend)
    await list_bytes(victim.friend, path, kind, body)

    # The head is taken, with what it lists: rows of the friend's, and no bytes.
    friends = {"publisher", "standing", "document", "feed_file", "log"}
    async with unmoved(victim, may_change=friends):
        report = await victim.node.sync(victim.friend)

    held = victim.node.store.document(victim.friend.did, path)
    assert (report.problem, report.rejected) == (None, 1)
    assert (held.state, held.problem, held.body) == (DocumentState.REJECTED, code, None)
    assert shown(victim.node, victim.friend) == before
    assert "Forged" not in await victim.node.names()


@pytest.mark.parametrize("make,code", table(DOCUMENTS, only=DOORS))
async def test_nor_does_it_count_on_a_mirror(victim, make, code):
    """LF-ACCEPT-7, LF-MIRROR-4: whoever serves it."""
    path, kind, body = await make(victim)
    before = shown(victim.node, victim.friend)
    await list_bytes(victim.friend, path, kind, body)
    folder = await away_and_mirrored(victim)
    asked = serve(victim, {folder + path: body})

    friends = {"publisher", "standing", "document", "feed_file", "log"}
    async with unmoved(victim, may_change=friends):
        report = await victim.node.sync(victim.friend)

    held = victim.node.store.document(victim.friend.did, path)
    assert asked == [folder + path]
    assert (report.problem, report.rejected, held.problem) == (None, 1, code)
    assert shown(victim.node, victim.friend) == before


# --- messages and pings ----------------------------------------------------------------------


@pytest.mark.parametrize("make,code", table(MESSAGES))
async def test_a_message_in_a_name_that_is_not_the_senders_is_not_kept(victim, make, code):
    """LF-MSG-2 to LF-MSG-6, LF-INBOX-3: and nothing is asked of anybody."""
    body = await make(victim)

    async with unmoved(victim, requests=0):
        answer = await victim.post(body)

    check_answer(answer, code)


@pytest.mark.parametrize("make,code", table(OWN_HEADS))
async def test_a_head_in_our_own_name_stops_nothing(victim, make, code):
    """LF-PING-2, LF-WRITE-7: only who has our key can stop us."""
    body = await make(victim)

    async with unmoved(victim, requests=0):
        answer = await victim.post(body + b"\n")

    if code:
        check_answer(answer, code)
    else:
        assert answer.status == 202


@pytest.mark.parametrize("make,code", table(OWN_HEADS))
async def test_such_a_head_at_our_own_address_is_not_believed(victim, make, code):
    """LF-WRITE-7: our host is taken over, or our mirror lies."""
    head = await make(victim)
    mirror = mirror_of(victim.other, victim.node)
    urls = [victim.node.base + "head.json", mirror + "head.json"]
    asked = serve(victim, dict.fromkeys(urls, head))

    async with unmoved(victim):
        assert await sightings.look(victim.ports, victim.node.did) is None

    assert asked == urls


@pytest.mark.parametrize("make,code", table(RESTORES))
async def test_a_restore_takes_nothing_over_that_is_not_ours(victim, make, code):
    """LF-WRITE-7, LF-ACCEPT-7: our own backup goes through the same door."""
    files = at(victim.node.base, await make(victim))
    serve(victim, files)
    # What is public may stop us from signing: that a true head does, before anybody restores.
    await sightings.look(victim.ports, victim.node.did)

    async with unmoved(victim):
        with refused(code):
            await restoring.take_over(victim.ports, victim.node.did)


@pytest.mark.parametrize("make,code", table(RESTORES))
async def test_nor_from_a_mirror_that_an_operator_names(victim, make, code):
    folder = mirror_of(victim.other, victim.node)
    serve(victim, at(folder, files_of(victim.node) | await make(victim)))
    await sightings.look(victim.ports, victim.node.did, at=folder)

    async with unmoved(victim):
        with refused(code):
            await restoring.take_over(victim.ports, victim.node.did, at=folder)


async def test_a_forged_message_takes_no_place_from_the_true_one(victim):
    """LF-INBOX-6: what was refused is as if it never came."""
    log, true = log_of(victim.stranger), message(victim.stranger, victim.node)
    forged = again(true, MALLORY, method=f"{victim.stranger.did}#{victim.stranger.key.multikey}")

    async with unmoved(victim, requests=0):
        check_answer(await victim.post(letter(log, forged)), "bad-signature")
    answer = await victim.post(letter(log, true))

    assert answer.status == 202
    assert [one.body for one in victim.node.store.messages()] == [true]


async def test_a_log_with_other_proofs_takes_no_place_from_the_true_one(victim):
    """LF-LOG-10: proofs are not under the entry hash, so the versionIds are the true ones."""
    log = log_of(victim.stranger)
    entry = json.loads(log)
    entry["proof"][0]["proofValue"] = write_signature(bytes(64))
    forged = json.dumps(entry, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    files = at(victim.stranger.base, {"did.jsonl": forged, WELL_KNOWN: forged})
    serve(victim, files)

    async with unmoved(victim):
        with refused("bad-signature"):
            await follow_at(victim, victim.stranger.base)
    files.clear()
    await follow_at(victim, victim.stranger.base)

    assert victim.node.publisher(victim.stranger).log == log


async def test_forged_bytes_take_no_place_from_the_true_document(victim):
    """LF-READ-10: other bytes than listed are asked for again; the others are not held up."""
    made = await victim.friend.publish({"type": "Offer", "name": "Scones"})
    path = made.removeprefix(victim.friend.did + "/")
    tools = victim.ids["tools"].removeprefix(victim.other.did + "/")
    files = at(victim.friend.base, {path: victim.other.file("/" + tools)})
    serve(victim, files)

    first_time = await victim.node.sync(victim.friend)
    held = victim.node.store.document(victim.friend.did, path)
    files.clear()
    second_time = await victim.node.sync(victim.friend)

    assert (first_time.lacking, held.state, held.body) == (1, DocumentState.WANTED, None)
    assert (second_time.changed, second_time.lacking) == (1, 0)
    assert shown(victim.node, victim.friend) == shown(victim.friend, victim.friend)


# --- a stolen key ----------------------------------------------------------------------------

NUMBERS = {
    "the next number": lambda victim: victim.friend.head()["seq"] + 1,
    "a number of next year": lambda victim: 1_809_162_000_000,
    "the last number but one": lambda victim: INTEGER - 1,
    "the last number": lambda victim: INTEGER,
}


@pytest.mark.parametrize("way", ["home", "mirror"])
@pytest.mark.parametrize("number", NUMBERS)
async def test_what_a_stolen_key_signed_ends_with_the_recovery(victim, number, way):
    """LF-RATCHET-1, LF-HEAD-7, LF-READ-13: whatever number the thief used, before it and after."""
    friend, thief = victim.friend, victim.friend.key
    bread = friend.live(friend)[victim.ids["bread"].removeprefix(friend.did + "/")].body
    forged = again(bread, thief, id=f"{friend.did}/{PATH}", name={"en": "Forged"})
    rows = ((PATH, "Offer", forged),)
    stolen = next_head(friend, NUMBERS[number](victim), rows=rows)
    files = at(friend.base, stolen)
    serve(victim, files)
    before = await victim.node.sync(friend)
    held = await victim.node.names("forged")
    files.clear()
    victim.federation.clock.advance(hours=1)
    await friend.recover()

    after = await victim.node.sync(friend)

    assert (before.problem, held) == (None, ["Forged"])
    assert after.problem is None
    assert shown(victim.node, friend) == shown(friend, friend)
    folder = friend.base if way == "home" else await away_and_mirrored(victim)
    files.update(at(folder, stolen))
    async with unmoved(victim):
        again_ = await victim.node.sync(friend)
    assert again_.problem == ("stale" if way == "home" else "no-answer")
    assert await victim.node.names("forged") == []


# --- a domain that somebody else has now -----------------------------------------------------


def new_owner(victim):
    """Whoever has the friend's host now: an identity of its own, whole and in order, with one record."""
    log = first(victim.friend.base, victim.friend.clock.now())
    did = did_of(log)
    org = again(
        victim.friend.file("/org.json"),
        MALLORY,
        issuer=did,
        id=f"{did}/org.json",
        name={"en": "The new owner"},
    )
    entry = Entry(seq=1_777_700_000_000, path="org.json", type="Organization", digest=digest(org))
    start = chain_start(did.split(":")[2])
    name = page_path(entry.seq)
    chain = chain_over(start, [entry])
    head = again(
        victim.friend.file("/head.json"),
        MALLORY,
        issuer=did,
        id=f"{did}/head.json",
        seq=entry.seq,
        chain=chain,
        page=name,
        snapshot={"seq": 0, "chain": start, "parts": []},
        identity=last_version(log),
    )
    page = write_page(Page(before=start, previous=None, entries=(entry,)))
    return did, {
        "did.jsonl": log,
        WELL_KNOWN: log,
        "head.json": head,
        name: page,
        "org.json": org,
    }


async def test_a_new_owner_of_a_domain_owns_no_identity(victim):
    """LF-ID-18, LF-ID-21: the host proves nothing."""
    _, files = new_owner(victim)
    serve(victim, at(victim.friend.base, files))
    victim.federation.clock.advance(days=1)

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert report.problem == "wrong-issuer"
    assert report.notes == ()
    assert victim.node.publisher(victim.friend).home.problem == "log-forked"


async def test_a_new_owner_whom_an_operator_follows_is_somebody_else(victim):
    """LF-DID-1: two DIDs at one host are two organisations, and neither replaces the other."""
    did, files = new_owner(victim)
    serve(victim, at(victim.friend.base, files))
    before, row = shown(victim.node, victim.friend), victim.node.publisher(victim.friend)

    await follow_at(victim, victim.friend.base)
    report = await sync.poll(victim.ports, did)

    assert (report.problem, report.changed) == (None, 1)
    assert shown(victim.node, victim.friend) == before
    assert victim.node.publisher(victim.friend) == row
    assert sorted(await victim.node.names("owner bread")) == ["Bread", "The new owner"]


@pytest.mark.parametrize(
    "files,code",
    [
        pytest.param(
            dict.fromkeys((WELL_KNOWN, "did.jsonl", "head.json")), "unexpected-answer", id="gone"
        ),
        pytest.param(
            dict.fromkeys(
                (WELL_KNOWN, "did.jsonl", "head.json"), b"<!doctype html><title>For sale</title>"
            ),
            "not-json",
            id="parked",
        ),
        pytest.param({"head.json": None, "did.jsonl": None}, "unexpected-answer", id="log alone"),
        pytest.param({"head.json": b"", "did.jsonl": b""}, "not-json", id="empty"),
    ],
)
async def test_a_home_that_is_gone_takes_nothing_with_it(victim, files, code):
    """LF-READ-2: what was not closed is not withdrawn."""
    serve(victim, at(victim.friend.base, files))
    victim.federation.clock.advance(days=1)

    async with unmoved(victim):
        report = await victim.node.sync(victim.friend)

    assert report.problem == code


# --- hints, and two organisations on one host ------------------------------------------------


@pytest.mark.parametrize("make,code", table(HINTS))
async def test_a_hint_that_names_others_grants_nothing(victim, make, code):
    """LF-DISC-2, LF-FOLLOW-1."""
    hint = await make(victim)
    asked = serve(victim, at(victim.stranger.base, {".well-known/localfed.json": hint}))

    async with unmoved(victim, requests=120):
        with refused(code):
            await follow_at(victim, victim.stranger.base)

    assert asked


async def test_one_true_line_of_a_hint_makes_no_other_true(victim):
    """LF-DISC-1: what it says of others is passed over, what it says of itself is checked."""
    true, false = victim.stranger, victim.friend
    hint = hint_of((true.did, true.base), (true.did, false.base), (false.did, true.base + "x/"))
    serve(victim, at(true.base, {".well-known/localfed.json": hint}))

    async with unmoved(victim):
        looked = await follows.look_up(ports_of(victim), true.base, allow_loopback=False)

    assert [one.identity.did for one in looked.found] == [true.did]
    assert [one.code for one in looked.refused] == ["wrong-identity", "unexpected-answer"]


@pytest.mark.parametrize("make,code", table(NEIGHBOURS))
async def test_a_neighbour_on_the_same_host_is_nobody_else(victim, make, code):
    """LF-SERVE-6: a host is not an identity."""
    files, follows_at = await make(victim)
    serve(victim, files)
    victim.federation.clock.advance(days=1)

    async with unmoved(victim):
        if follows_at is None:
            report = await victim.node.sync(victim.friend)
            assert code in {report.problem, victim.node.publisher(victim.friend).home.problem}
        else:
            with refused(code):
                await follow_at(victim, follows_at)


@pytest.mark.parametrize("make,code", table(INTRODUCTIONS))
async def test_mirrors_that_lie_introduce_nobody(victim, make, code):
    """LF-MIRROR-7."""
    stranger = victim.stranger
    files, bases = await make(victim)
    serve(victim, files)
    victim.network.down.add(stranger.host)

    async with unmoved(victim):
        with refused(code):
            await follows.look_up_on_mirrors(
                victim.ports, stranger.did, bases, allow_loopback=False
            )


# --- what a true owner may write of others ---------------------------------------------------


async def test_other_names_in_a_true_log_grant_nothing(victim):
    """LF-ID-10: `alsoKnownAs` may hold anything, and means nothing of it."""
    friend, other = victim.friend, victim.other

    def edit(entry):
        entry["state"]["alsoKnownAs"] = [other.did, victim.node.did, "https://other.example/"]

    await friend.take_log(longer(log_of(friend), friend.kit, friend.clock.now(), edit))
    await friend.publish({"type": "Need", "name": "A van"})
    await victim.node.sync(friend)
    claimed = {"issuer": other.did, "id": f"{other.did}/head.json"}
    head = again(next_head(friend, friend.head()["seq"] + 1)["head.json"], friend.key, **claimed)
    there = again(head, friend.key, identity=other.head()["identity"])
    serve(victim, at(other.base, {"head.json": there}) | at(friend.base, {"head.json": head}))

    async with unmoved(victim):
        reports = [await victim.node.sync(one) for one in (friend, other)]

    assert [one.problem for one in reports] == ["wrong-issuer", "unknown-key"]


@pytest.mark.parametrize("whose", ["other", "node", "stranger"])
async def test_a_move_to_the_host_of_another_is_never_confirmed(victim, whose):
    """LF-ID-21, LF-FOLLOW-1: the log counts, the place does not; and nothing there is taken for its own."""
    friend, there = victim.friend, getattr(victim, whose)
    before, theirs = shown(victim.node, friend), shown(there, there)
    held = state_of(there)
    await friend.take_log(
        move_log(log_of(friend), kit=friend.kit, base=there.base, now=friend.clock.now())
    )
    victim.federation.clock.advance(days=1)

    reports = [await victim.node.sync(friend) for _ in range(2)]

    row = victim.node.publisher(friend)
    assert row.host == there.host
    assert row.home.problem == "log-forked"
    assert {one.problem for one in reports} == {"wrong-issuer"}
    assert shown(victim.node, friend) == before
    assert shown(there, there) == theirs
    assert whose == "node" or state_of(there) == held
    assert victim.node.publisher(victim.node).log == log_of(victim.node)
    await healthy(victim)


def test_a_partnership_holds_only_between_the_two_that_say_so():
    """LF-PART-4: a half that names another with the same SCID, or only one half, is none."""

    def half(issuer, partner):
        return Partnership(
            context="https://w3id.org/localfed/1.0",
            id=f"{issuer}/{half_path(partner)}",
            type="Partnership",
            issuer=issuer,
            updated="2026-05-01T09:00:00Z",
            expires="2026-06-01T09:00:00Z",
            revision=1,
            license="https://creativecommons.org/licenses/by/4.0/",
            assured="2026-05-01T09:00:00Z",
            partner=partner,
            stage="integrated",
        )

    a, b, c = (f"did:webvh:Qm{letter_ * 44}:{letter_}.example" for letter_ in "abc")
    elsewhere = b.replace("b.example", "mallory.example")

    assert in_force(half(a, b), half(b, a)) == "integrated"
    for mine, theirs in (
        (half(a, b), half(b, c)),
        (half(a, b), half(c, a)),
        (half(a, b), half(a, b)),
        (half(a, elsewhere), half(b, a)),
        (half(a, b), half(elsewhere, a)),
        (half(a, b), None),
    ):
        assert in_force(mine, theirs) is None


# --- verify one thing, use another -----------------------------------------------------------


async def test_a_home_with_another_log_than_the_files_is_not_followed(victim):
    """LF-FOLLOW-1: what was verified beside the files is not what lies at the home."""
    mine = first(victim.stranger.base, victim.stranger.clock.now())
    serve(victim, at(victim.stranger.base, {"did.jsonl": mine}))

    async with unmoved(victim):
        with refused("bad-log"):
            await follow_at(victim, victim.stranger.base)


async def test_a_head_that_is_another_the_second_time_is_judged_again(victim):
    """LF-READ-9: the first one was good, and its page was not."""
    friend = victim.friend
    seq = friend.head()["seq"] + 60_000
    good = next_head(friend, seq)
    forged = next_head(friend, seq, key=MALLORY)["head.json"]
    turns = [good["head.json"], forged]
    page = next(path for path in good if path.startswith("feed/"))
    serve(
        victim,
        at(
            friend.base,
            {
                page: good[page].replace(b"Organization", b"Offer"),
                "head.json": lambda: turns.pop(0),
            },
        ),
    )

    async with unmoved(victim):
        report = await victim.node.sync(friend)

    assert (report.problem, turns) == ("unknown-key", [])


async def test_a_log_that_is_another_the_second_time_is_compared_again(victim):
    """LF-ID-19: the home moves on while it is being looked at, to somewhere that says another thing."""
    friend = victim.friend
    moved = move_log(log_of(friend), kit=friend.kit, base=victim.other.base, now=friend.clock.now())
    turns = [moved, log_of(victim.stranger)]
    serve(
        victim,
        {
            friend.base + WELL_KNOWN: moved,
            victim.other.base + WELL_KNOWN: log_of(victim.stranger),
            victim.other.base + "head.json": friend.file("/head.json"),
        },
    )
    victim.federation.clock.advance(days=1)
    before = shown(victim.node, friend)

    await victim.node.sync(friend)

    assert turns[0] == victim.node.publisher(friend).log
    assert victim.node.publisher(friend).home.problem == "log-forked"
    assert shown(victim.node, friend) == before
