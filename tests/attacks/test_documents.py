"""What somebody signed, changed or left out: documents, by every way that they come in.

The attacker is the publisher itself, or who has its key: the head, the feed and the digest are right, and
only the document is not. What is made for it lies in `document_material`, `document_spellings` and
`document_shapes`; what is signed by a key that does not count, in `test_identity`.
"""

from __future__ import annotations

import dataclasses

import pytest

from attacks import document_shapes as shapes
from attacks.document_material import (
    CONTEXTS,
    OPTIONS,
    PATH,
    PROOFS,
    forge_of,
    graph_in_ext,
    letters_of,
)
from attacks.document_spellings import CHARACTERS, DUPLICATES, LATER, NUMBERS, RANGES, SIZES
from attacks.frame import check_answer, healthy, nothing_broke, refused, unmoved
from attacks.lies import at, away_and_mirrored, letter, list_all, list_bytes, log_of, serve, shown
from localfed.app import inbox
from localfed.app.values import DocumentState
from localfed.protocol.digest import digest
from localfed.protocol.errors import Rejected
from localfed.protocol.partnership import half_path

TABLES = {
    "proof": PROOFS,
    "option": OPTIONS,
    "context": CONTEXTS,
    "twice": DUPLICATES,
    "size": SIZES,
    "number": NUMBERS,
    "character": CHARACTERS,
    "range": RANGES,
    "later": LATER,
}
ALL = {f"{kind}: {name}": line for kind, table in TABLES.items() for name, line in table.items()}

FRIENDS = {"publisher", "standing", "document", "body", "feed_file", "log"}
"""Tables: the friend's head is true and is taken, with what it lists."""

NEVER_BROUGHT = {"too-large"}
"""Codes: the door that fetches reads no more than a document may have, and so nothing of it."""

ASKED_AGAIN = {*NEVER_BROUGHT, "too-early", "wrong-digest"}
"""Codes: what may be good at the next poll is not remembered as bad."""


def table(cases):
    return [pytest.param(make, code, id=name) for name, (make, code) in cases.items()]


def some(*names, each=0):
    """Give the lines of ALL with these names, and the first of each table."""
    first = [f"{kind}: {name}" for kind, lines in TABLES.items() for name in list(lines)[:each]]
    return table({name: ALL[name] for name in dict.fromkeys([*first, *names])})


# --- opened ----------------------------------------------------------------------------------


def test_what_the_lies_are_made_of_is_good(desk):
    """Without its one lie, each of them would be taken."""
    assert desk.open(desk.documents.good(), path=PATH).is_shown
    assert desk.open_message(desk.letters.good()).message.type == "Enquiry"
    assert desk.open(graph_in_ext(desk.documents)).document.name == {"en": "Forged bread"}
    for kind in shapes.KINDS:
        desk.open_kind(kind, desk.whole(kind))


@pytest.mark.parametrize("make,code", table(ALL))
def test_a_document_is_refused_with_its_code(desk, make, code):
    """LF-BYTES-1 to LF-BYTES-9, LF-PROOF-1 to LF-PROOF-5, LF-DOC-1 to LF-DOC-11, LF-FORM-1 to LF-FORM-12."""
    body = make(desk.documents)

    with refused(code):
        desk.open(body, path=PATH, digest=digest(body))


LETTERS = {
    f"{kind}: {name}": line
    for kind in ("proof", "option", "context", "twice", "number", "character", "size")
    for name, line in TABLES[kind].items()
    if line[1] != "wrong-shape" or kind in {"proof", "option", "context"}
}
"""What is wrong in a message too, where an offer's own members mean nothing."""

LETTERS |= {
    # A message is known by its type, which is looked at before all else.
    name: (LETTERS[name][0], "wrong-shape")
    for name in ("proof: moved around the document", "proof: spread over the document")
}


@pytest.mark.parametrize("make,code", table(LETTERS))
def test_a_message_is_refused_with_its_code(desk, make, code):
    """LF-MSG-1, LF-MSG-5: the same lies in what is for one organisation alone."""
    body = make(desk.letters)

    with refused(code):
        desk.open_message(body)


# --- every bit, every byte -------------------------------------------------------------------

SLICES = 16


def sliced(body, number):
    """Give the places of one of so many slices of a text."""
    return range(len(body) * number // SLICES, len(body) * (number + 1) // SLICES)


def assert_refused(desk, kind, body):
    """Assert that bytes are refused, by an error of the tree: whatever else is raised, gets out."""
    try:
        desk.open_kind(kind, body)
    except Rejected:
        return
    raise AssertionError(body)


@pytest.mark.parametrize("number", range(SLICES))
def test_no_bit_of_a_document_can_be_another(desk, number):
    """Every bit of an organisation's record that says all it can."""
    body = desk.whole("Organization")

    for place in sliced(body, number):
        for bit in range(8):
            assert_refused(desk, "Organization", flipped(body, place, bit))


def flipped(body, place, bit):
    return body[:place] + bytes([body[place] ^ 1 << bit]) + body[place + 1 :]


@pytest.mark.parametrize("kind", sorted(shapes.KINDS.keys() - {"Organization"}))
def test_no_bit_of_any_other_type_can_be_another(desk, kind):
    """A bit of every second byte, each time another one."""
    body = desk.whole(kind)

    for place in range(0, len(body), 2):
        assert_refused(desk, kind, flipped(body, place, place // 2 % 8))


@pytest.mark.parametrize("kind", ["Offer", "Head", "Enquiry"])
def test_no_byte_can_be_left_out_doubled_or_exchanged(desk, kind):
    body = desk.whole(kind)

    for place in range(len(body)):
        one, after = body[place : place + 1], body[place + 1 :]
        assert_refused(desk, kind, body[:place] + after)
        assert_refused(desk, kind, body[:place] + one + one + after)
        assert_refused(desk, kind, body[:place])
        if after and after[:1] != one:
            assert_refused(desk, kind, body[:place] + after[:1] + one + after[1:])


# --- every type of every member --------------------------------------------------------------


def test_the_examples_say_all_that_a_struct_has(desk):
    assert {name for kind in shapes.KINDS for name in shapes.lacking(desk.forge(kind))} == set()


@pytest.mark.parametrize("kind,name", shapes.MEMBERS)
def test_a_member_of_another_type_is_refused(desk, kind, name):
    """LF-DOC-1, LF-DOC-3, LF-ORG-1, LF-LIST-1, LF-PART-1, LF-EXCH-1, LF-HEAD-1, LF-MSG-1: signed as it stands."""
    forge = desk.forge(kind)
    right = shapes.whole(forge, kind)

    for what, wrong in shapes.wrong_values(right[name]):
        if (name, what) not in shapes.RIGHT:
            with refused():
                desk.open_kind(kind, forge.sign({**right, name: wrong}))
                pytest.fail(f"{name} may be {what}")


@pytest.mark.parametrize("kind", shapes.KINDS)
def test_what_stands_inside_a_member_is_refused_in_another_type(desk, kind):
    forge = desk.forge(kind)
    right = shapes.whole(forge, kind)

    for place in shapes.inner_places(right):
        for what, wrong in shapes.wrong_values(shapes.at_place(right, place)):
            body = forge.sign(shapes.with_other(right, place, wrong))
            with refused():
                desk.open_kind(kind, body)
                pytest.fail(f"{place} may be {what}")


@pytest.mark.parametrize("kind,name", shapes.MEMBERS)
def test_a_member_that_is_needed_is_missed(desk, kind, name):
    """One that is not needed may be left out: then the struct says so."""
    forge = desk.forge(kind)
    right = shapes.whole(forge, kind)
    body = forge.sign({key: value for key, value in right.items() if key != name})

    if name in shapes.required(kind):
        with refused():
            desk.open_kind(kind, body)
    else:
        desk.open_kind(kind, body)


# --- listed by a friend's own feed -----------------------------------------------------------


async def check_listed(victim, make, code, *, path=PATH, kind="Offer"):
    """List a lie in the friend's own feed, read it, and assert that nothing else is touched by it."""
    friend = victim.friend
    before = shown(victim.node, friend)
    await list_bytes(friend, path, kind, make(forge_of(victim)))

    async with unmoved(victim, may_change=FRIENDS):
        report = await victim.node.sync(friend)

    held = victim.node.store.document(friend.did, path)
    assert report.problem is None
    assert held.body is None
    if code in ASKED_AGAIN:
        assert (held.state, held.problem) == (DocumentState.WANTED, None)
    else:
        assert (held.state, held.problem) == (DocumentState.REJECTED, code)
    assert shown(victim.node, friend) == before
    assert "Forged bread" not in await victim.node.names("bread")


@pytest.mark.parametrize(
    "make,code",
    some(*(f"proof: {name}" for name in PROOFS), each=3),
)
async def test_a_document_that_a_friend_lists_is_not_shown(victim, make, code):
    """LF-READ-10, LF-ACCEPT-1: remembered with its code; all else of that publisher stays live."""
    await check_listed(victim, make, code)


LISTINGS = {
    "an offer that is listed as a need": ("Need", lambda f: f.good(), "wrong-shape"),
    "an offer that is listed as a type of later": ("Loan", lambda f: f.good(), "wrong-shape"),
    "a head": ("Offer", lambda f: f.head, "wrong-shape"),
    "a message": ("Enquiry", lambda f: f.letter, "wrong-shape"),
    "its own record at another path": ("Organization", lambda f: f.own, "wrong-path"),
    "a partnership at a record's path": (
        "Partnership",
        lambda f: f.sign({**shapes.whole(f, "Partnership"), "id": f"{f.did}/{PATH}"}),
        "wrong-path",
    ),
    "an own record that is none of its own": (
        "Organization",
        lambda f: f.good(type="Organization"),
        "wrong-path",
    ),
    "an offer of another path": (
        "Offer",
        lambda f: f.good(id=f"{f.did}/d/{'b' * 26}.json"),
        "wrong-path",
    ),
    "an offer of a path upwards": ("Offer", lambda f: f.good(id=f"{f.did}/d/../x"), "wrong-path"),
    "an offer of a longer DID": (
        "Offer",
        lambda f: f.good(id=f"{f.did}:shop/{PATH}"),
        "wrong-issuer",
    ),
    "a log": ("Offer", lambda f: b'{"versionId":"1-x"}\n', "not-canonical"),
    "a page of HTML": ("Offer", lambda f: b"<!doctype html><title>Sign in</title>", "not-json"),
    "a picture": ("Offer", lambda f: b"\x89PNG\r\n\x1a\n", "not-utf8"),
}


@pytest.mark.parametrize(
    "kind,make,code", [pytest.param(*line, id=name) for name, line in LISTINGS.items()]
)
async def test_something_else_than_is_listed_is_not_shown(victim, kind, make, code):
    """LF-DOC-6, LF-DOC-13, LF-READ-10."""
    await check_listed(victim, make, code, kind=kind)


async def test_a_contact_at_a_records_path_is_not_shown(victim):
    """LF-CONTACT-2: nor one that lives as long as a record."""

    def elsewhere(forge):
        return forge.sign({**shapes.whole(forge, "Contact"), "id": f"{forge.did}/{PATH}"})

    def too_long(forge):
        return forge.sign({**shapes.whole(forge, "Contact"), "expires": forge.time(days=120)})

    await check_listed(victim, elsewhere, "wrong-path", kind="Contact")
    await check_listed(victim, too_long, "bad-time", path="contact.json", kind="Contact")


async def test_an_exchange_at_another_path_or_of_three_is_not_shown(victim):
    """LF-EXCH-2, LF-EXCH-3, LF-EXCH-4: nor of tomorrow, nor of so much that it drowns a town's figures."""
    friend = victim.friend

    def lie(path=PATH, flow=(), **changes):
        def make(forge):
            half = {**shapes.whole(forge, "Exchange"), "id": f"{friend.did}/{path}", **changes}
            flows = [{**half["flows"][0], **dict(flow)}]
            return forge.sign({**half, "flows": flows})

        return make

    other = half_path(friend.did)
    await check_listed(victim, lie(other), "wrong-path", path=other, kind="Exchange")
    for flow in (
        {"to": f"did:webvh:Qm{'3' * 44}:third.example"},
        {"to": friend.did},
        {"quantity": "9999999999"},
        {"quantity": "10001", "unit": "hours"},
        {"quantity": "0"},
    ):
        await check_listed(victim, lie(flow=flow.items()), "wrong-shape", kind="Exchange")
    alone = lie(partner=friend.did, flow={"to": friend.did}.items())
    await check_listed(victim, alone, "wrong-shape", kind="Exchange")
    for period in (
        {"start": "2026-01-02", "end": "2026-01-01"},
        {"start": "2999-01-01", "end": "2999-01-01"},
        {"start": "2020-01-01", "end": "2020-01-01"},
    ):
        await check_listed(victim, lie(period=period), "bad-time", kind="Exchange")


async def test_a_partnership_with_itself_is_not_shown(victim):
    """LF-PART-2."""
    friend = victim.friend
    path = half_path(friend.did)

    def make(forge):
        half = shapes.whole(forge, "Partnership")
        return forge.sign({**half, "partner": friend.did, "id": f"{friend.did}/{path}"})

    await check_listed(victim, make, "wrong-shape", path=path, kind="Partnership")


async def list_the_lies(victim, node):
    """List every lie there is in one feed, each at a path of its own; returns path to code."""
    forge, lies, codes = forge_of(victim, node), {}, {}
    for number, (make, code) in enumerate(ALL.values()):
        path = f"d/{number:03d}".translate(str.maketrans("0189", "wxyz")) + "a" * 23 + ".json"
        lies[path] = make(dataclasses.replace(forge, path=path))
        codes[path] = code
    await list_all(node, "Offer", lies)
    return codes


def found_of(victim, node):
    """Say of every path what is known here: its code, or that it is asked for again."""
    held = {one.path: one for one in victim.node.store.documents(node.did)}
    return {
        path: None if one.state is DocumentState.WANTED else one.problem
        for path, one in held.items()
        if one.state is not DocumentState.LIVE
    }


async def test_a_feed_full_of_lies_hides_no_true_word(victim):
    """LF-READ-10: hundreds of bad documents, each remembered by its code, break no feed and no page."""
    friend = victim.friend
    before = shown(victim.node, friend)
    codes = await list_the_lies(victim, friend)

    async with unmoved(victim, may_change=FRIENDS, requests=len(codes) + 20):
        report = await victim.node.sync(friend)
    asked = len(victim.network.requests)
    await victim.node.sync(friend)

    expected = {path: None if code in ASKED_AGAIN else code for path, code in codes.items()}
    assert found_of(victim, friend) == expected
    assert shown(victim.node, friend) == before
    # What was rejected is not asked for again: only what may be good by then.
    again = [path for path, code in expected.items() if code is None]
    assert len(victim.network.requests) - asked <= len(again) + 3
    assert report.problem is None
    true = {"friend", "bread", "cake, twice a week", "flour"}
    names = {name.lower() for name in await victim.node.names()}
    assert true <= names
    assert (await victim.get("/")).status == 200


async def test_a_bundle_full_of_lies_hides_no_true_word(victim):
    """LF-READ-11: a newcomer's first look, whose documents come as lines of one file."""
    stranger = victim.stranger
    true = shown(stranger, stranger)
    codes = await list_the_lies(victim, stranger)
    codes = {path: code for path, code in codes.items() if code not in NEVER_BROUGHT}
    lines = [body for path, body in shown(stranger, stranger).items() if path in {*codes, *true}]
    junk = [b"", b"{}", b"[" * 60_000, b"\xff\xfe", b"\0", b"not a line of JSON", *lines[:9]]
    bundle = b"".join(line + b"\n" for line in [*junk, *lines, *junk] if b"\n" not in line)
    asked = serve(victim, at(stranger.base, {"bundle.jsonl": bundle}))
    await victim.node.follow(stranger)

    with nothing_broke():
        report = await victim.node.sync(stranger)
        await healthy(victim)

    assert asked
    assert report.problem is None
    found = found_of(victim, stranger)
    assert {path: found[path] for path in codes} == {
        path: None if code in ASKED_AGAIN else code for path, code in codes.items()
    }
    assert shown(victim.node, stranger) == true


# --- brought by somebody who cannot sign -----------------------------------------------------


@pytest.mark.parametrize("way", ["home", "mirror"])
@pytest.mark.parametrize("make,code", some(each=1))
async def test_bytes_that_nobody_lists_are_not_even_opened(victim, way, make, code):
    """LF-ACCEPT-2, LF-MIRROR-5: a cache or a mirror brings a lie in place of what the feed lists."""
    friend = victim.friend
    before = shown(victim.node, friend)
    path = (await friend.publish({"type": "Offer", "name": "Rolls"})).partition("/")[2]
    base = friend.base if way == "home" else await away_and_mirrored(victim)
    files = at(base, {path: make(forge_of(victim))})
    asked = serve(victim, files)

    async with unmoved(victim, may_change=FRIENDS):
        await victim.node.sync(friend)
    held = victim.node.store.document(friend.did, path)
    files.clear()
    await victim.node.sync(friend)

    assert asked == [base + path]
    assert (held.state, held.body, held.problem) == (DocumentState.WANTED, None, None)
    assert shown(victim.node, friend) == {**before, path: friend.live(friend)[path].body}


@pytest.mark.parametrize("make,code", some("proof: removed", "proof: there twice", each=1))
async def test_what_a_friend_signed_is_no_better_on_a_mirror(victim, make, code):
    """LF-MIRROR-5: listed by the friend, brought by the other one, and wrong all the same."""
    friend = victim.friend
    before = shown(victim.node, friend)
    body = make(forge_of(victim))
    await list_bytes(friend, PATH, "Offer", body)
    base = await away_and_mirrored(victim)
    asked = serve(victim, at(base, {PATH: body}))

    async with unmoved(victim, may_change=FRIENDS):
        await victim.node.sync(friend)

    held = victim.node.store.document(friend.did, PATH)
    assert asked == [base + PATH]
    assert (held.body, held.problem) == (None, None if code in ASKED_AGAIN else code)
    assert shown(victim.node, friend) == before


# --- posted to the inbox ---------------------------------------------------------------------


POSTED = [*(f"proof: {name}" for name in PROOFS), "context: one appended", "size: a byte too many"]


@pytest.mark.parametrize("make,code", table({name: LETTERS[name] for name in POSTED}))
async def test_a_message_in_a_post_is_refused_with_its_code(victim, make, code):
    """LF-INBOX-3: nothing is kept, and nobody is asked anything."""
    body = make(letters_of(victim))

    async with unmoved(victim, requests=0):
        with refused(code):
            await inbox.receive(victim.ports, letter(log_of(victim.friend), body))


async def test_no_lie_that_is_posted_is_kept(victim):
    """LF-INBOX-3: all of them, one after the other; each is refused, none counts as waiting."""
    log = log_of(victim.friend)
    letters = [make(letters_of(victim)) for make, _ in LETTERS.values()]

    async with unmoved(victim, requests=0):
        for body in letters:
            with refused():
                await inbox.receive(victim.ports, letter(log, body))


async def test_no_document_is_a_message(victim):
    """LF-MSG-6: neither good ones nor bad ones."""
    forge = forge_of(victim)

    async with unmoved(victim, requests=0):
        for body in (forge.good(), forge.own, *(make(forge) for make, _ in ALL.values())):
            with refused():
                await inbox.receive(victim.ports, letter(log_of(victim.friend), body))


OVER_HTTP = ("proof: removed", "option: with created", "context: @graph at the top")
OVER_HTTP += ("twice: type twice, after", "twice: the whole twice", "size: a thousand deep")
OVER_HTTP += ("size: a byte too many", "number: NaN", "character: NUL, raw", "character: UTF-16")


@pytest.mark.parametrize("make,code", table({name: LETTERS[name] for name in OVER_HTTP}))
async def test_a_lie_over_http_is_answered_as_a_problem(victim, make, code):
    """LF-INBOX-2: with its code, a 4xx, and nothing of ours in it."""
    body = make(letters_of(victim))

    async with unmoved(victim, requests=0):
        check_answer(await victim.post(letter(log_of(victim.friend), body)), code)
