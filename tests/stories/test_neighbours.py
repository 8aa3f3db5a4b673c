"""Several organisations on one node: what they share is the machine; between them it goes as between any two.

Spec: 08-following (LF-SERVE-6), 05-documents (LF-PART), 10-messages (LF-MSG-3). The others read them over the fake network.
"""

from __future__ import annotations

import pytest

from localfed.app import (
    follows,
    inbox,
    keyring,
    messages,
    moderation,
    partnerships,
    policy,
    renewals,
    restoring,
    standing,
    sync,
    vouching,
)
from localfed.app.message_values import MessageState
from localfed.app.values import BlockKind
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import (
    AlreadyInitialised,
    BadDraft,
    BadKit,
    Blocked,
    NothingToRestore,
    PublicHeadAhead,
    TooOften,
    UnknownMessage,
    UnknownOrganisation,
    WrongIdentity,
)
from localfed.protocol.identity import read_identity
from stories.witness import is_same


@pytest.fixture
async def house(federation):
    """A node with a hall, a chapel at a path of its host, readers on another host; and a neighbour elsewhere."""
    hall = await federation.node("hall")
    chapel = await hall.add("Chapel", "https://hall.example/chapel/")
    readers = await hall.add("Readers", "https://readers.example/")
    for one, name in ((hall, "Room"), (chapel, "Choir"), (readers, "Books")):
        await one.publish({"type": "Offer", "name": name})
    baker = await federation.node("baker")
    return hall, chapel, readers, baker


async def look_around(reader):
    """Read everybody who is taken from, and see who is vouched for, until all is quiet."""
    for _ in range(4):
        for one in reader.store.publishers(hosted=False):
            if policy.is_taken_from(reader.store, one):
                await sync.poll(reader.ports, one.did)
        await vouching.refresh(reader.ports, steps=1)


async def follow_one(reader, other):
    looked = await follows.look_up(reader.ports, other.base, allow_loopback=False)
    (found,) = [one for one in looked.found if one.identity.did == other.did]
    await follows.follow(reader.ports, found, allow_loopback=False)


def row(one, other):
    rows = partnerships.list_partnerships(one.store, one.did, one.clock.now())
    return next((found for found in rows if found.partner == other.did), None)


def says(one, other):
    found = row(one, other)
    return (found.mine, found.theirs, found.in_force) if found is not None else None


async def propose(one, which, stage="promotion"):
    return await partnerships.propose(one.ports, one.did, which, stage, language="en")


async def accept(one, other, **options):
    number = row(one, other).message
    return await partnerships.accept(one.ports, one.did, number, language="en", **options)


async def settle(*those):
    for one in those:
        await partnerships.settle(one.ports, one.did, language="en")


def kept(one):
    """All that is public of an organisation, and what signs it."""
    publisher = one.store.publisher(one.did)
    documents = {found.path: found.body for found in one.store.documents(one.did)}
    keys = [key.multikey for key in one.ports.keys.signing_keys(one.did)]
    return publisher.log, publisher.head, documents, keys, publisher.hold


# --- each for itself --------------------------------------------------------------------------


async def test_each_is_read_at_its_own_address_and_has_only_its_own(house):
    """LF-SERVE-6."""
    hall, chapel, readers, baker = house
    for one in (hall, readers):
        await baker.follow(one)

    for one in (hall, chapel, readers):
        report = await baker.sync(one)
        assert report.problem is None
        assert is_same(baker, one)

    names = [
        {path.partition("/")[0] for path in baker.live(one)} for one in (hall, chapel, readers)
    ]
    assert names == [{"org.json", "d"}] * 3
    assert len({one.did for one in (hall, chapel, readers)}) == 3


async def test_what_one_signs_no_key_of_another_did(house):
    """LF-ID: the log of each asserts its own key alone."""
    hall, chapel, readers, _ = house

    asserted = [
        set(read_identity(one.store.publisher(one.did).log, now=one.clock.now()).keys)
        for one in (hall, chapel, readers)
    ]

    assert [len(keys) for keys in asserted] == [1, 1, 1]
    assert len(set.union(*asserted)) == 3
    for one, keys in zip((hall, chapel, readers), asserted, strict=True):
        for document in one.store.documents(one.did):
            value = parse_object(document.body)
            assert value["proof"]["verificationMethod"] in keys
            assert value["id"].startswith(one.did + "/")


async def test_each_is_renewed_with_its_own_key(house, federation):
    hall, chapel, readers, baker = house
    await follow_one(baker, chapel)
    before = {one.did: kept(one)[1] for one in (hall, chapel, readers)}
    federation.clock.advance(days=8)

    for one in (hall, chapel, readers):
        while not (await renewals.renew(one.ports, one.did)).is_done:
            pass

    for one in (hall, chapel, readers):
        head = parse_object(kept(one)[1])
        assert kept(one)[1] != before[one.did]
        assert head["issuer"] == one.did
        assert head["proof"]["verificationMethod"] == f"{one.did}#{one.key.multikey}"
    assert (await baker.sync(chapel)).problem is None


async def test_what_stops_one_from_signing_stops_no_other(house):
    """LF-WRITE-7."""
    hall, chapel, readers, _ = house
    head = chapel.signed_head(seq=chapel.head()["seq"] + 60_000)

    def change(tx):
        publisher = tx.publisher(chapel.did)
        standing.note_head_ahead(tx, publisher, head, source="elsewhere", now=chapel.clock.now())

    await chapel.store.write(change)

    with pytest.raises(PublicHeadAhead):
        await chapel.publish({"type": "Offer", "name": "Bells"})
    for one in (hall, readers):
        await one.publish({"type": "Offer", "name": "Tea"})
        assert one.store.publisher(one.did).hold is None


@pytest.mark.parametrize("what", ["rotate", "recover", "close", "move"])
async def test_what_one_does_with_its_kit_leaves_the_others_as_they_were(house, what):
    hall, chapel, readers, baker = house
    await baker.follow(hall)
    for one in (hall, chapel):
        await baker.sync(one)
    before = kept(hall), kept(readers)

    if what == "close":
        await keyring.close(chapel.ports, chapel.did, chapel.kit)
    elif what == "move":
        url = "https://hall.example/church/"
        await keyring.move(chapel.ports, chapel.did, chapel.kit, url=url, allow_loopback=False)
        assert chapel.store.publisher(chapel.did).base == url
    else:
        await getattr(chapel, what)()

    assert (kept(hall), kept(readers)) == before
    assert (await baker.sync(hall)).problem is None


@pytest.mark.parametrize("what", ["rotate", "recover", "close", "move"])
async def test_the_kit_of_one_is_none_of_another(house, what):
    hall, chapel, _, _ = house
    before = kept(hall), kept(chapel)
    url = "https://hall.example/other/"
    tries = {
        "rotate": lambda: keyring.rotate(hall.ports, hall.did, chapel.kit, hall.new_key()),
        "recover": lambda: keyring.recover(hall.ports, hall.did, chapel.kit, hall.new_key()),
        "close": lambda: keyring.close(hall.ports, hall.did, chapel.kit),
        "move": lambda: keyring.move(
            hall.ports, hall.did, chapel.kit, url=url, allow_loopback=False
        ),
    }

    with pytest.raises(BadKit):
        await tries[what]()

    assert (kept(hall)[:3], kept(chapel)) == (before[0][:3], before[1])


async def test_nobody_moves_or_begins_where_another_one_lived(house):
    hall, chapel, _, _ = house
    url = "https://hall.example/church/"
    await keyring.move(chapel.ports, chapel.did, chapel.kit, url=url, allow_loopback=False)

    for base in ("https://hall.example/chapel/", url, "https://hall.example/"):
        with pytest.raises(AlreadyInitialised):
            await hall.add("Other", base)
    with pytest.raises(AlreadyInitialised):
        await keyring.move(
            chapel.ports, chapel.did, chapel.kit, url=hall.base, allow_loopback=False
        )

    back = "https://hall.example/chapel/"
    await keyring.move(chapel.ports, chapel.did, chapel.kit, url=back, allow_loopback=False)
    assert chapel.store.publisher(chapel.did).base == back


async def test_where_a_closed_one_lived_another_may_begin(house):
    hall, chapel, _, _ = house
    await keyring.close(chapel.ports, chapel.did, chapel.kit)

    church = await hall.add("Church", "https://hall.example/chapel/")

    assert hall.store.publisher_at("https://hall.example/chapel/").did == church.did


async def test_nobody_begins_on_a_host_that_is_blocked(house):

    hall, _, _, _ = house
    await moderation.block(hall.ports, BlockKind.HOST, "bad.example", "")

    with pytest.raises(Blocked):
        await hall.add("Other", "https://bad.example/")

    assert len(hall.store.publishers(hosted=True)) == 3


async def test_a_backup_of_the_folder_is_one_of_each(house, federation):
    """LF-WRITE-7: each takes over what is ahead of it, and only that."""
    hall, chapel, readers, baker = house
    image = hall.copy("image")
    (old_chapel,) = image.lodgers
    await baker.follow(hall)
    federation.clock.advance(days=1)
    await chapel.publish({"type": "Offer", "name": "Bells"})
    before = kept(image)

    done = await restoring.take_over(old_chapel.ports, old_chapel.did)
    with pytest.raises(NothingToRestore):
        await restoring.take_over(image.ports, image.did)

    assert (done.documents, done.fetched) == (3, 1)
    assert kept(image) == before
    assert set(old_chapel.live(old_chapel)) == set(chapel.live(chapel))
    assert readers.did in {one.did for one in image.store.publishers(hosted=True)}


# --- with each other --------------------------------------------------------------------------


async def test_two_on_one_node_become_partners_as_any_two_do(house):
    """LF-PART-4, LF-PART-5: nothing holds before both have said it themselves."""
    hall, chapel, readers, _ = house

    done = await propose(hall, "Chapel")
    assert (done.sent, done.mine) == ("Proposal", None)
    assert says(hall, chapel) == says(chapel, hall) == (None, None, None)
    assert (row(hall, chapel).proposed, row(chapel, hall).asked) == ("promotion", "promotion")
    assert says(readers, hall) is None

    await accept(chapel, hall)
    assert says(hall, chapel) == (None, "promotion", None)
    await settle(hall, chapel, readers)

    assert says(hall, chapel) == says(chapel, hall) == ("promotion",) * 3
    halves = [path for path in hall.live(hall) if path.startswith("p/")]
    assert halves == [f"p/{chapel.did.split(':')[2]}.json"]
    assert [path for path in readers.live(readers) if path.startswith("p/")] == []


async def test_others_read_the_same_from_the_two_feeds(house, federation):
    """LF-VIA-1: who follows the hall sees the chapel, via the hall."""
    hall, chapel, _, baker = house
    await follow_one(baker, hall)
    await propose(hall, chapel.did)
    await accept(chapel, hall)
    await look_around(baker)
    assert baker.store.publisher(chapel.did) is None

    await settle(hall)
    federation.clock.advance(minutes=20)
    await look_around(baker)

    seen = baker.publisher(chapel)
    assert (seen.is_shown, seen.voucher, seen.base) == (True, hall.did, chapel.base)
    await partnerships.end(chapel.ports, chapel.did, hall.did)
    federation.clock.advance(minutes=20)
    await look_around(baker)
    assert not baker.publisher(chapel).is_shown
    assert says(hall, chapel) == ("promotion", None, None)


async def test_what_a_neighbour_declines_is_gone(house):
    hall, chapel, _, _ = house
    await propose(hall, chapel.base)

    number = row(chapel, hall).message
    await partnerships.decline(chapel.ports, chapel.did, number, language="en")
    await settle(hall, chapel)

    assert says(hall, chapel) is None or says(hall, chapel) == (None, None, None)
    assert row(hall, chapel) is None


async def test_what_was_proposed_to_one_no_other_answers(house):
    hall, chapel, readers, _ = house
    await propose(hall, chapel.did)
    number = row(chapel, hall).message

    for one in (readers, hall):
        with pytest.raises(UnknownMessage):
            await partnerships.accept(one.ports, one.did, number, language="en")
        with pytest.raises(UnknownMessage):
            await messages.mark(one.ports, number, MessageState.DISMISSED, one.did)

    assert row(chapel, hall).asked == "promotion"


async def test_an_answer_of_another_neighbour_binds_nobody(house):
    """An answer counts if it comes from whom one asked."""
    hall, chapel, readers, _ = house
    await propose(hall, chapel.did)
    (proposal,) = hall.store.messages()
    draft = messages.Draft(type="Accept", language="en", in_reply_to=proposal.digest)

    await messages.send(readers.ports, readers.did, hall.did, draft)
    await settle(hall, chapel, readers)

    assert says(hall, readers) is None
    assert says(hall, chapel) == (None, None, None)
    assert row(hall, chapel).proposed == "promotion"


async def test_a_partner_is_not_oneself_on_a_node_of_several_either(house):
    hall, chapel, _, _ = house

    for which in (hall.did, hall.base, chapel.base):
        one = chapel if which == chapel.base else hall
        with pytest.raises(BadDraft):
            await propose(one, which)

    assert hall.store.messages() == []


async def test_a_name_leads_nobody_away_from_an_address(house, federation):
    """Somebody on the node calls itself as another organisation's host is called."""
    hall, _, readers, baker = house
    await hall.follow(baker)
    await hall.sync(baker)
    await readers.publish({"type": "Organization", "name": "baker.example"})

    await propose(hall, "baker.example")

    recipients = {one.recipient for one in hall.store.outbox()}
    assert recipients == {baker.did}
    assert readers.store.messages() == []


async def test_there_is_nothing_to_follow_on_ones_own_node(house):
    hall, chapel, _, _ = house
    looked = await follows.look_up(hall.ports, chapel.base, allow_loopback=False)

    for found in looked.found:
        with pytest.raises(WrongIdentity):
            await follows.follow(hall.ports, found, allow_loopback=False)


async def test_a_question_lies_in_the_inbox_of_whom_it_is_for_at_once(house, federation):
    hall, chapel, readers, _ = house
    asked = len(federation.network.requests)
    draft = messages.Draft(type="Enquiry", language="en", text="Is the organ free?")

    sent = await messages.send(hall.ports, hall.did, chapel.did, draft)

    (message,) = hall.store.messages()
    assert (message.sender, message.recipient, message.digest) == (
        hall.did,
        chapel.did,
        sent.digest,
    )
    assert not message.is_stranger
    (item,) = hall.store.outbox()
    assert item.state.value == "delivered"
    assert len(federation.network.requests) == asked
    assert readers.did not in {message.sender, message.recipient}


async def test_a_neighbour_cannot_write_without_end(house, monkeypatch):
    """LF-INBOX-5 holds between neighbours as well."""
    hall, chapel, readers, _ = house
    monkeypatch.setattr(messages, "WAITING_OF_A_NEIGHBOUR", 3)
    draft = messages.Draft(type="Enquiry", language="en", text="Hello?")
    for _ in range(3):
        await messages.send(hall.ports, hall.did, chapel.did, draft)

    with pytest.raises(TooOften):
        await messages.send(hall.ports, hall.did, chapel.did, draft)

    assert len(hall.store.messages()) == len(hall.store.outbox()) == 3
    await messages.send(hall.ports, hall.did, readers.did, draft)


async def test_nobody_writes_to_a_neighbour_that_is_closed(house):
    hall, chapel, _, _ = house
    await keyring.close(chapel.ports, chapel.did, chapel.kit)
    draft = messages.Draft(type="Enquiry", language="en", text="Hello?")

    with pytest.raises(UnknownOrganisation):
        await messages.send(hall.ports, hall.did, chapel.did, draft)

    assert hall.store.messages() == []


async def test_strangers_fill_the_tray_of_one_and_not_of_another(house, federation, monkeypatch):
    """LF-INBOX-5, LF-MSG-4."""
    hall, chapel, _, baker = house
    monkeypatch.setattr(inbox, "WAITING_OF_A_STRANGER", 1)

    async def write(to):
        await baker.follow(to)
        draft = messages.Draft(type="Enquiry", language="en", text="Bread?")
        sent = await messages.send(baker.ports, baker.did, to.did, draft)
        (item,) = [one for one in baker.store.outbox() if one.digest == sent.digest]
        body = baker.file("/did.jsonl") + item.body + b"\n"
        return await inbox.receive(to.ports, body, at=to.did)

    await baker.follow(hall)
    for one in (hall, chapel):
        await baker.sync(one)
    await write(hall)
    with pytest.raises(TooOften):
        await write(hall)

    await write(chapel)

    assert [one.recipient for one in hall.store.messages()] == [hall.did, chapel.did]
