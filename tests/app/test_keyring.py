"""The keyring: rotating, recovering, moving, closing; and being cut off in the middle of it."""

from __future__ import annotations

import pytest

from app.makers import import_many
from localfed.app import keyring, listings
from localfed.app.renewals import renew
from localfed.app.values import DocumentState
from localfed.protocol.accept import open_document
from localfed.protocol.errors import (
    BadKit,
    BadUrl,
    Closed,
    DiskFull,
    LogForked,
    NoSigningKey,
)
from localfed.protocol.identity import read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.store.keyfiles import KeyFiles

VEG_BOX = {"type": "Offer", "name": "Veg box"}


def identity_of(node):
    log = node.publisher(node).log
    return read_identity(log, now=node.clock.now(), allow_loopback=True)


def keys_of(node):
    return [method.partition("#")[2] for method in identity_of(node).keys]


async def test_after_a_rotation_the_new_key_alone_counts_and_everything_is_signed_with_it(
    federation,
):
    """LF-WRITE-10, LF-ID-17."""
    grocer = await federation.node("grocer")
    await grocer.publish(VEG_BOX)
    before = identity_of(grocer)
    old = grocer.key.multikey

    done = await grocer.rotate()

    after = identity_of(grocer)
    assert (done.dropped, done.signed, done.withdrawn) == ((old,), 2, 0)
    assert keys_of(grocer) == [done.key]
    assert len(after.version_ids) == len(before.version_ids) + 2
    assert (before.era, after.era) == (0, 1)
    assert [key.multikey for key in KeyFiles(grocer.folder).signing_keys(grocer.did)] == [done.key]
    for one in grocer.live(grocer).values():
        open_document(one.body, identity=after, now=federation.clock.now(), path=one.path)


async def test_a_rotation_keeps_the_day_on_which_a_person_looked_at_a_record(federation):
    """LF-DOC-9."""
    grocer = await federation.node("grocer")
    await grocer.publish(VEG_BOX)
    before = {path: one.body for path, one in grocer.live(grocer).items()}
    federation.clock.advance(days=30)

    await grocer.rotate()

    for path, one in grocer.live(grocer).items():
        assert one.body != before[path]
        assert b'"assured":"2026-05-01' in one.body
        assert b'"updated":"2026-05-31' in one.body


async def test_what_nobody_looked_at_for_too_long_is_withdrawn_by_a_rotation(federation):
    grocer = await federation.node("grocer")
    await grocer.publish(VEG_BOX)
    federation.clock.advance(days=401)

    done = await grocer.rotate()

    assert (done.signed, done.withdrawn) == (0, 2)
    assert grocer.live(grocer) == {}


async def test_ten_rotations_in_one_second_are_ten_rotations(federation):
    grocer = await federation.node("grocer")

    for _ in range(10):
        await grocer.rotate()

    assert len(identity_of(grocer).version_ids) == 21
    await grocer.publish(VEG_BOX)


async def test_a_recovery_is_one_entry_and_a_new_era(federation):
    """LF-WRITE-10."""
    grocer = await federation.node("grocer")
    await grocer.publish(VEG_BOX)
    stolen = grocer.key

    done = await grocer.recover()

    assert done.dropped == (stolen.multikey,)
    assert identity_of(grocer).era == 1
    assert len(identity_of(grocer).version_ids) == 2
    assert keys_of(grocer) == [done.key] != [stolen.multikey]


async def test_a_recovery_ends_what_held_the_node_back(federation):
    """LF-WRITE-7."""
    grocer = await federation.node("grocer")
    publisher = grocer.publisher(grocer)
    import msgspec

    held = msgspec.structs.replace(publisher, hold="public-head-ahead")
    await grocer.store.write(lambda tx: tx.save_publisher(held))

    await grocer.recover()

    await grocer.publish(VEG_BOX)
    assert grocer.publisher(grocer).hold is None


async def test_a_recovery_goes_on_from_a_longer_public_log(federation):
    """LF-ID-19: a backup from before a rotation must not sign an entry with a number that is taken."""
    grocer = await federation.node("grocer")
    backup = grocer.copy("backup")
    await grocer.rotate()
    public = grocer.file("/did.jsonl")

    key = backup.new_key()
    await keyring.recover(backup.ports, backup.did, backup.kit, key, public_log=public)

    assert backup.publisher(backup).log.startswith(public)
    assert keys_of(backup) == [key.multikey]


async def test_a_public_log_that_contradicts_ours_changes_nothing(federation):
    grocer = await federation.node("grocer")
    twin = grocer.copy("twin")
    await grocer.rotate()
    federation.clock.advance(seconds=5)
    await twin.rotate()
    before = twin.publisher(twin)

    with pytest.raises(LogForked):
        await keyring.recover(
            twin.ports, twin.did, twin.kit, twin.new_key(), public_log=grocer.file("/did.jsonl")
        )

    assert twin.publisher(twin) == before


@pytest.mark.parametrize("what", ["rotate", "recover", "move", "close", "check"])
async def test_the_kit_of_somebody_else_changes_nothing(federation, what):
    """LF-KIT-5."""
    grocer = await federation.node("grocer")
    other = Kit(b"\x07" * 32)
    before = (grocer.publisher(grocer), list(grocer.store.documents(grocer.did)))
    arguments = {
        "rotate": lambda: (grocer.new_key(),),
        "recover": lambda: (grocer.new_key(),),
    }.get(what, tuple)()
    options = {"url": "https://new.example", "allow_loopback": False} if what == "move" else {}

    with pytest.raises(BadKit):
        await getattr(keyring, what)(grocer.ports, grocer.did, other, *arguments, **options)

    assert (grocer.publisher(grocer), list(grocer.store.documents(grocer.did))) == before


async def test_a_trustees_kit_can_do_what_the_first_one_can(federation):
    """LF-KIT-6."""
    from localfed.app.organisations import host, new_identity

    grocer = await federation.node("grocer")
    first, trustee = Kit(b"\x01" * 32), Kit(b"\x02" * 32)
    key = SigningKey(b"\x03" * 32)
    new = new_identity(
        first,
        key,
        url="https://chapel.example",
        now=federation.clock.now(),
        allow_loopback=False,
        trustee=trustee,
    )
    KeyFiles(grocer.folder).create(new.did, key.seed)
    await host(grocer.ports, new, name="Chapel", language="en", url=new.base, allow_loopback=False)

    for kit in (trustee, first, trustee):
        await keyring.check(grocer.ports, new.did, kit)
        fresh = KeyFiles(grocer.folder).add(new.did, grocer.chance.random_bytes(32))
        done = await keyring.rotate(grocer.ports, new.did, kit, fresh)
        KeyFiles(grocer.folder).drop(new.did, done.dropped)

    assert grocer.store.publisher(new.did).kit_checked is not None


async def test_a_move_keeps_identity_keys_and_documents(federation):
    """LF-WRITE-11, LF-ID-10."""
    grocer = await federation.node("grocer")
    await grocer.publish(VEG_BOX)
    before = grocer.live(grocer)
    did, keys = grocer.did, keys_of(grocer)

    await grocer.move("shop.example")

    publisher = grocer.publisher(grocer)
    assert (publisher.did, publisher.base, publisher.host) == (
        did,
        "https://shop.example/",
        "shop.example",
    )
    assert keys_of(grocer) == keys
    after = grocer.live(grocer)
    assert {path for path in before if before[path].body != after[path].body} == {"org.json"}
    assert b'"url":"https://shop.example/"' in after["org.json"].body


async def test_a_website_of_ones_own_stays_what_it_is_after_a_move(federation):
    grocer = await federation.node("grocer")
    await grocer.publish(
        {"type": "Organization", "name": "Grocer", "url": "https://www.grocer.example/shop"}
    )

    await grocer.move("shop.example")

    body = grocer.live(grocer)["org.json"].body
    assert b'"url":"https://www.grocer.example/shop"' in body


async def test_a_move_to_where_it_is_changes_nothing(federation):
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer)

    moved = await keyring.move(
        grocer.ports, grocer.did, grocer.kit, url="https://grocer.example", allow_loopback=False
    )

    assert moved.before == moved.base
    assert grocer.publisher(grocer) == before


@pytest.mark.parametrize(
    "url", ["http://shop.example", "https://10.0.0.1/", "shop", "https://x/?y"]
)
async def test_a_move_to_nowhere_is_refused(federation, url):
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer)

    with pytest.raises(BadUrl):
        await keyring.move(grocer.ports, grocer.did, grocer.kit, url=url, allow_loopback=False)

    assert grocer.publisher(grocer) == before


async def test_a_closed_organisation_has_nothing_left_and_signs_nothing(federation):
    """LF-WRITE-9, LF-ID-8."""
    grocer = await federation.node("grocer")
    await import_many(grocer, 150)

    count = await keyring.close(grocer.ports, grocer.did, grocer.kit)

    assert count == 151
    assert list(grocer.store.documents(grocer.did)) == []
    assert grocer.store.feed_files(grocer.did) == []
    assert grocer.file("/bundle.jsonl") in {b"", None}
    assert identity_of(grocer).closed
    for what in (
        grocer.publish(VEG_BOX),
        keyring.close(grocer.ports, grocer.did, grocer.kit),
        keyring.rotate(grocer.ports, grocer.did, grocer.kit, grocer.key),
        keyring.move(
            grocer.ports, grocer.did, grocer.kit, url="https://a.example", allow_loopback=False
        ),
    ):
        with pytest.raises(Closed):
            await what
    assert not (await renew(grocer.ports, grocer.did)).head


class Cut(Exception):
    """The plug was pulled."""


@pytest.mark.parametrize("what", ["rotate", "recover", "move", "close"])
@pytest.mark.parametrize("after", [1, 2, 3, 5, 8])
async def test_a_change_that_is_cut_off_leaves_everything_as_it_was_and_can_be_done_again(
    federation, monkeypatch, what, after
):
    """Whatever write inside the one transaction fails, nothing of it happened."""
    from localfed.store.transaction import SqliteTransaction

    grocer = await federation.node("grocer")
    await grocer.publish(VEG_BOX)
    before = (grocer.publisher(grocer), list(grocer.store.documents(grocer.did)))
    writes = []
    for name in ("save_publisher", "put_document", "put_feed_file", "delete_document"):
        real = getattr(SqliteTransaction, name)

        def cut(self, *arguments, real=real):
            writes.append(real)
            if len(writes) == after:
                raise DiskFull("the disk is full")
            return real(self, *arguments)

        monkeypatch.setattr(SqliteTransaction, name, cut)
    do = {
        "rotate": grocer.rotate,
        "recover": grocer.recover,
        "move": lambda: grocer.move("shop.example"),
        "close": lambda: keyring.close(grocer.ports, grocer.did, grocer.kit),
    }[what]

    failed = False
    try:
        await do()
    except DiskFull:
        failed = True
        assert (grocer.publisher(grocer), list(grocer.store.documents(grocer.did))) == before
    monkeypatch.undo()

    assert failed or len(writes) < after
    if failed:
        await grocer.publish({"type": "Offer", "name": "Still open"})
        await do()
    assert len(identity_of(grocer).version_ids) > 1


async def test_a_node_whose_keys_no_longer_count_says_what_to_do(federation):
    grocer = await federation.node("grocer")
    backup = grocer.copy("backup")
    await grocer.rotate()
    await backup.take_log(grocer.file("/did.jsonl"))

    with pytest.raises(NoSigningKey) as caught:
        await backup.publish(VEG_BOX)

    assert "recover" in caught.value.next_step
    assert (
        listings.find_document(backup.store, f"{backup.did}/org.json").state is DocumentState.LIVE
    )


async def test_a_key_on_disk_signs_nothing_before_the_log_asserts_it(federation):
    grocer = await federation.node("grocer")
    old = grocer.key.multikey
    grocer.new_key()

    document = await grocer.publish(VEG_BOX)

    body = listings.find_document(grocer.store, document).body
    assert old.encode() in body
