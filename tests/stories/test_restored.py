"""Last week's disk image is put back: nothing is used twice, and who follows converges."""

from __future__ import annotations

from localfed.app import restoring, sightings
from localfed.protocol.canonical import parse_object
from localfed.protocol.feed import read_page
from stories.witness import is_same


def numbers_of(node):
    """Every seq of the pages that lie there, and the revision of every document."""
    pages = [path for path, _ in node.store.feed_files(node.did) if path.startswith("feed/")]
    files = [node.store.feed_file(node.did, path) for path in pages]
    entries = [entry for file in files for entry in read_page(file.body, file.path).entries]
    revisions = {(one.path, one.revision): one.digest for one in node.store.documents(node.did)}
    return {entry.seq: entry for entry in entries}, revisions


async def a_week_and_the_image_of_its_beginning(federation):
    grocer = await federation.node("grocer")
    followers = [await federation.node(name) for name in ("baker", "cook")]
    boxes = [await grocer.publish({"type": "Offer", "name": f"Box {day}"}) for day in range(3)]
    image = grocer.copy("image")
    for follower in followers:
        await follower.follow(grocer)
    for day in range(7):
        federation.clock.advance(days=1)
        await grocer.publish({"type": "Offer", "name": f"Later box {day}"})
        await grocer.publish({"type": "Offer", "id": boxes[0], "name": f"Box of day {day}"})
        for follower in followers:
            await follower.sync(grocer)
    await grocer.withdraw(boxes[1])
    for follower in followers:
        await follower.sync(grocer)
    return grocer, image, followers


async def test_an_image_that_nobody_recognised_uses_nothing_twice(federation):
    """LF-WRITE-2: the home itself is the old image, and no mirror tells it better."""
    grocer, image, followers = await a_week_and_the_image_of_its_beginning(federation)
    seqs, revisions = numbers_of(grocer)
    old = set(numbers_of(image)[0])
    federation.clock.advance(hours=1)
    image.serve()
    assert await sightings.look(image.ports, image.did) is None

    await image.publish({"type": "Offer", "name": "After the fire"})
    reports = [await follower.sync(image) for follower in followers]

    later, again = numbers_of(image)
    new = set(later) - old
    assert new
    assert min(new) > max(seqs)
    assert {key: again[key] for key in again.keys() & revisions.keys()} == {
        key: revisions[key] for key in again.keys() & revisions.keys()
    }
    for follower, report in zip(followers, reports, strict=True):
        assert report.problem is None
        assert "restarted" in report.notes
        assert is_same(follower, image)
        assert [one.kind.value for one in follower.store.evidence(grocer.did)] == ["restarted"]


async def test_an_image_whose_old_home_still_answers_takes_over_what_it_lost(federation):
    """LF-WRITE-7: an old static copy, or the broken machine that still serves what it had."""
    grocer, image, followers = await a_week_and_the_image_of_its_beginning(federation)
    public = {path: one.digest for path, one in grocer.live(grocer).items()}

    done = await restoring.take_over(image.ports, image.did)
    image.serve()
    federation.clock.advance(hours=1)
    await image.publish({"type": "Offer", "name": "After the fire"})
    for follower in followers:
        assert (await follower.sync(image)).notes == ()

    now = {path: one.digest for path, one in image.live(image).items()}
    assert {path for path in public if path != "org.json"} <= now.keys()
    assert [parse_object(draft)["name"] for draft in done.drafts] == [{"en": "Box 1"}]
    assert all(is_same(follower, image) for follower in followers)
