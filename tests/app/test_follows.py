"""Beginning and ending to follow: what is checked before anything is believed.

The network is the fake one; what an address leads to is a hint that each test gives.
"""

from __future__ import annotations

import msgspec
import pytest

from app.makers import host_another
from localfed.app import follows, tidying
from localfed.app.values import Candidate, Discovery
from localfed.protocol.errors import (
    BadLog,
    Closed,
    LogForked,
    NoAnswer,
    NotANode,
    Rejected,
    UnknownOrganisation,
    WrongIdentity,
)
from localfed.protocol.identity import close_log, move_log


def hinting(node, *candidates):
    """Ports of a node for whom every address leads to these candidates."""

    class Hints:
        async def discover(self, url, *, allow_loopback):
            return Discovery(hosts=("hint.example",), candidates=candidates)

    return msgspec.structs.replace(node.ports, discover=Hints())


async def look_up(node, *candidates):
    return await follows.look_up(
        hinting(node, *candidates), "https://hint.example", allow_loopback=False
    )


async def test_looking_up_changes_nothing(federation):
    """LF-FOLLOW-1, LF-DISC-2, LF-DISC-6."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")

    looked = await follows.look_up(reader.ports, grocer.base, allow_loopback=False)

    assert [found.identity.did for found in looked.found] == [grocer.did]
    assert (looked.hosts, looked.refused) == (("grocer.example",), ())
    assert reader.store.publisher(grocer.did) is None


async def test_following_remembers_the_log_and_is_due_at_once(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")

    await reader.follow(grocer)

    publisher = reader.publisher(grocer)
    assert publisher.log == grocer.publisher(grocer).log
    assert (publisher.is_followed, publisher.is_hosted) == (True, False)
    assert (publisher.state, publisher.head, publisher.next_poll) == (None, None, None)
    assert [one.did for one in reader.store.due_for_poll("2026-05-01T09:00:00Z")] == [grocer.did]


async def test_another_did_than_the_hint_names_is_refused(federation):
    """LF-FOLLOW-1, LF-DISC-2."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    reader = await federation.node("reader")

    with pytest.raises(WrongIdentity):
        await look_up(reader, Candidate(did=baker.did, base=grocer.base))


async def test_a_folder_that_is_not_the_identitys_home_is_refused(federation):
    """LF-FOLLOW-1: a copy of somebody's files is not where they are followed."""
    grocer, copycat = await federation.node("grocer"), await federation.node("copycat")
    reader = await federation.node("reader")
    log = grocer.publisher(grocer).log
    federation.network.forge = lambda url, body: log if url.endswith("did.jsonl") else body

    with pytest.raises(WrongIdentity, match="grocer"):
        await look_up(reader, Candidate(did=None, base=copycat.base))


async def test_a_home_with_another_log_is_refused(federation):
    """LF-FOLLOW-1, LF-SERVE-6: both places have to say the same."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    reader = await federation.node("reader")
    log = baker.publisher(baker).log
    federation.network.forge = lambda url, body: log if "/.well-known/" in url else body

    with pytest.raises(BadLog):
        await look_up(reader, Candidate(did=grocer.did, base=grocer.base))


@pytest.mark.parametrize("log", [b"", b"{}\n", b"<html>", b"\xff\n", b"[" * 5000 + b"\n"])
async def test_what_is_no_log_is_refused(federation, log):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    federation.network.forge = lambda *_: log

    with pytest.raises(Rejected):
        await look_up(reader, Candidate(did=None, base=grocer.base))

    assert reader.store.publishers(followed=True) == []


async def test_a_closed_identity_is_not_followed(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    log = grocer.publisher(grocer).log
    await grocer.take_log(close_log(log, kit=grocer.kit, now=federation.clock.now()))

    with pytest.raises(Closed):
        await reader.follow(grocer)


async def test_a_home_that_does_not_answer_is_told(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    federation.network.down.add(grocer.host)

    with pytest.raises(NoAnswer):
        await reader.follow(grocer)


async def test_an_address_without_a_node_is_told(federation):
    reader = await federation.node("reader")

    with pytest.raises(NotANode):
        await follows.look_up(reader.ports, "https://nobody.example", allow_loopback=False)
    with pytest.raises(NotANode):
        await look_up(reader)


async def test_several_organisations_at_one_address_are_all_followed(federation):
    """LF-DISC-6."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    second = await host_another(grocer, "https://grocer.example/second/")
    one, two = grocer.store.publishers(hosted=True)
    assert two.did == second
    folder = grocer.file

    def file(path):
        prefix = "/second/"
        if path.startswith(prefix):
            return two.log if path.endswith("did.jsonl") else two.head
        return folder(path)

    grocer.file = file
    looked = await look_up(
        reader, Candidate(did=one.did, base=one.base), Candidate(did=None, base=two.base)
    )
    for found in looked.found:
        await follows.follow(reader.ports, found, allow_loopback=False)

    assert [one.base for one in reader.store.publishers(followed=True)] == [
        "https://grocer.example/",
        "https://grocer.example/second/",
    ]


async def test_one_bad_organisation_at_an_address_does_not_hide_the_good_ones(federation):
    """LF-DISC-2: the good one can be followed, the bad one is told with its code."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    reader = await federation.node("reader")
    federation.network.down.add(baker.host)

    looked = await look_up(
        reader,
        Candidate(did=baker.did, base=baker.base),
        Candidate(did=grocer.did, base="https://nobody.example/"),
        Candidate(did=grocer.did, base=grocer.base),
    )

    assert [found.identity.did for found in looked.found] == [grocer.did]
    assert [(one.base, one.code) for one in looked.refused] == [
        ("https://baker.example/", "no-answer"),
        ("https://nobody.example/", "no-answer"),
    ]


async def test_where_none_can_be_followed_the_first_reason_is_told(federation):
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    reader = await federation.node("reader")
    federation.network.down.add(baker.host)

    with pytest.raises(WrongIdentity):
        await look_up(
            reader,
            Candidate(did=baker.did, base=grocer.base),
            Candidate(did=baker.did, base=baker.base),
        )


async def test_ones_own_organisation_is_not_followed(federation):
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer)

    with pytest.raises(WrongIdentity, match="hosted"):
        await grocer.follow(grocer)

    assert grocer.publisher(grocer) == before


async def test_following_again_keeps_what_was_read(federation):
    """LF-RATCHET-1: the ratchet does not begin anew, and the feed is looked at again soon."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await reader.follow(grocer)
    await reader.sync(grocer)
    before = reader.publisher(grocer)

    await reader.follow(grocer)

    after = reader.publisher(grocer)
    assert (after.state, after.head, after.log) == (before.state, before.head, before.log)
    assert before.next_poll is not None
    assert after.next_poll is None
    assert len(reader.live(grocer)) == 1


async def test_a_log_that_contradicts_the_one_held_is_not_followed(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    twin = grocer.copy("twin")
    await grocer.change_key(keep_old=True)
    await reader.follow(grocer)
    federation.clock.advance(minutes=1)
    await twin.change_key(keep_old=True)
    twin.serve()

    with pytest.raises(LogForked):
        await reader.follow(grocer)

    assert reader.publisher(grocer).log == grocer.publisher(grocer).log


async def test_a_longer_log_is_taken_over_and_a_shorter_one_is_not(federation):
    """LF-FOLLOW-1: whoever types the old address of an identity that moved does not move it back."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    short = grocer.publisher(grocer).log
    await reader.follow(grocer)
    moved = move_log(short, kit=grocer.kit, base="https://new.example/", now=federation.clock.now())
    federation.network.nodes["new.example"] = grocer
    new = Candidate(did=grocer.did, base="https://new.example/")
    await grocer.take_log(moved)

    (found,) = (await look_up(reader, new)).found
    await follows.follow(reader.ports, found, allow_loopback=False)
    longer = reader.publisher(grocer)
    await grocer.take_log(short)
    (found,) = (await look_up(reader, Candidate(did=None, base=grocer.base))).found
    await follows.follow(reader.ports, found, allow_loopback=False)
    shorter = reader.publisher(grocer)

    assert (longer.log, longer.base, longer.host) == (
        moved,
        "https://new.example/",
        "new.example",
    )
    assert (shorter.log, shorter.base, shorter.host) == (longer.log, longer.base, longer.host)


@pytest.mark.parametrize("name", ["did", "host", "base", "scid", "base without slash"])
async def test_unfollowing_takes_any_name_and_hides_everything(federation, name):
    """LF-FOLLOW-6."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(grocer)
    await reader.sync(grocer)
    held = reader.publisher(grocer)
    names = {"base without slash": "https://grocer.example"}

    gone = await follows.unfollow(reader.ports, names.get(name) or getattr(held, name))

    assert gone.did == grocer.did
    assert grocer.did not in [one.did for one in reader.store.publishers()]
    assert await reader.names() == ["Reader"]


async def test_what_was_unfollowed_is_forgotten_after_seven_days_and_not_before(federation):
    """LF-FOLLOW-6."""
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await reader.follow(grocer)
    await reader.sync(grocer)
    await follows.unfollow(reader.ports, grocer.did)

    federation.clock.advance(days=6, hours=23)
    early = await tidying.tidy(reader.ports)
    held = list(reader.store.documents(grocer.did))
    federation.clock.advance(hours=1)
    late = await tidying.tidy(reader.ports)

    assert (early.forgotten, late.forgotten) == (0, 1)
    assert held
    assert reader.store.publisher(grocer.did) is None
    assert list(reader.store.documents(grocer.did)) == []


async def test_following_again_within_seven_days_brings_everything_back(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await grocer.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(grocer)
    await reader.sync(grocer)
    await follows.unfollow(reader.ports, grocer.did)
    hidden = await reader.names("veg")

    await reader.follow(grocer)

    assert hidden == []
    assert await reader.names("veg") == ["Veg box"]


async def test_only_whom_one_follows_can_be_unfollowed(federation):
    grocer, reader = await federation.node("grocer"), await federation.node("reader")
    await reader.follow(grocer)

    for name in (reader.did, reader.host, "nobody.example", ""):
        with pytest.raises(UnknownOrganisation):
            await follows.unfollow(reader.ports, name)

    assert reader.publisher(grocer).is_followed
