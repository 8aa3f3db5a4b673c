"""Sync: reading the feeds of the publishers that this node takes from.

Here: one poll of one publisher: the daily look at its home, where it is read, what a failure means.
Not here: when to poll (the roof's worker), one look at one folder (`polling`), beginning to follow
(`follows`). Spec: 08-following (LF-FOLLOW).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from localfed.app import accepting, mirrors, policy
from localfed.app.gathering import Progress
from localfed.app.polling import Poll, Report
from localfed.app.ports import Ports
from localfed.app.values import Folder, Home, Publisher
from localfed.protocol import limits
from localfed.protocol.errors import Closed, Expired, NoAnswer, Refused, Rejected, Unreachable
from localfed.protocol.times import read_time, write_time

__all__ = ["Report", "is_confirmed", "poll"]


async def poll(ports: Ports, did: str, *, progress: Progress | None = None) -> Report:
    """Read what is new of one publisher. Never raises for what the publisher does.

    Raises:
        Unavailable: our own disk; nothing half done.

    """
    publisher = ports.store.publisher(did)
    if publisher is None or not policy.is_taken_from(ports.store, publisher):
        return Report(did=did, host="", problem="unknown-organisation", message="not followed")
    try:
        return await _poll(ports, publisher, progress)
    except (Rejected, Refused, Unreachable) as error:
        # Refused too: an identity that moves to where this node may not go is the publisher's doing.
        code, wait = error.code, error.retry_after if isinstance(error, Unreachable) else None
        now, jitter = ports.clock.now(), ports.chance.fraction()
        await ports.store.write(
            lambda tx: accepting.note_failure(
                tx, did, code=code, now=now, wait_seconds=wait or 0, jitter=jitter
            )
        )
        return Report(did=did, host=publisher.host, problem=code, message=error.message)


async def _poll(ports: Ports, publisher: Publisher, progress: Progress | None) -> Report:
    """Look at the home where it is due, then read the publisher: at home, or else at a mirror."""
    if _was_read_in_the_future(publisher, ports.clock.now()):
        # Our clock ran ahead then: what it took for expired need not be (LF-FOLLOW-8).
        did = publisher.did
        await ports.store.write(lambda tx: accepting.want_again(tx, did, Expired.code))
    if publisher.voucher is not None and publisher.mirror is not None:
        return await _poll_voucher(ports, publisher, progress)
    home = Folder(base=publisher.base, is_home=True, allow_loopback=publisher.allow_loopback)
    poll = Poll(ports, publisher, home, progress)
    if _is_look_due(publisher, poll.now):
        await _look_at_home(poll)
    if poll.publisher.mirror is not None:
        report = await _poll_mirrors(ports, poll, [_chosen(poll.publisher)], progress)
        if report is not None:
            return report
    try:
        return await poll.run()
    except Unreachable as error:
        # The home is away: who is followed and mirrors it may have it (LF-MIRROR-5).
        folders = await mirrors.folders_of(ports, poll.publisher)
        report = await _poll_mirrors(ports, poll, folders, progress)
        if report is None:
            raise
        did, confirmed = publisher.did, poll.publisher.home.confirmed
        away = Home(confirmed=confirmed, problem=error.code)
        await ports.store.write(lambda tx: accepting.note_home(tx, did, away))
        return report


async def _poll_voucher(ports: Ports, publisher: Publisher, progress: Progress | None) -> Report:
    """Read a publisher at the mirror of who vouches for it and nowhere else: its home asks nothing of us.

    Rules: LF-VIA-4.

    Raises:
        NoAnswer: it does not read well there.
        Closed: the log there closes the identity.

    """
    folder = _chosen(publisher)
    report = await _poll_mirrors(ports, Poll(ports, publisher, folder), [folder], progress)
    if report is None:
        message = "the mirror of who vouches for it does not have it as it should"
        raise NoAnswer(message)
    return report


def _chosen(publisher: Publisher) -> Folder:
    """Name the folder on the mirror that the operator chose."""
    assert publisher.mirror is not None
    loopback = publisher.allow_loopback
    return mirrors.folder_on(publisher.mirror, publisher.scid, allow_loopback=loopback)


async def _poll_mirrors(
    ports: Ports, at_home: Poll, folders: list[Folder], progress: Progress | None
) -> Report | None:
    """Read a publisher at the first of these folders that reads well; None: none does.

    Raises:
        Closed: the log there closes the identity.

    """
    for folder in folders:
        present = ports.store.publisher(at_home.publisher.did)
        if present is None or mirrors.is_mirror_blocked(ports.store, folder):
            continue
        poll = Poll(ports, present, folder, progress)
        poll.notes += at_home.notes
        try:
            # A last head can be served for ever: where the home is away, the log here has to tell.
            await poll.look_at_log()
            return await poll.run()
        except Closed:
            raise
        except (Rejected, Refused, Unreachable):
            continue  # it lies, is behind or is away too: what it said changed nothing
    return None


def _was_read_in_the_future(publisher: Publisher, now: datetime) -> bool:
    """Whether this machine's clock was set back since a publisher was last read, by more than clocks differ."""
    if publisher.read is None:
        return False
    return read_time(publisher.read) - now > timedelta(seconds=limits.CLOCK_SECONDS)


def _is_look_due(publisher: Publisher, now: datetime) -> bool:
    """Whether the home was not found as it should be on this day yet (LF-FOLLOW-1)."""
    confirmed = publisher.home.confirmed
    if confirmed is None or publisher.home.problem is not None:
        return True
    return read_time(confirmed).date() != now.date()


async def _look_at_home(poll: Poll) -> None:
    """Look once a day whether the log at the home goes on (LF-FOLLOW-1).

    Closing and a key taken away are seen here, even where nobody writes a head any more.
    """
    did, held = poll.publisher.did, poll.publisher.home
    try:
        await poll.look_at_home()
    except Closed:
        raise
    except (Unreachable, Rejected, Refused) as error:
        # Shown and not followed: what was read before stays, and the feed is read as ever.
        poll.notes.append(f"home not confirmed: {error.code}")
        home = Home(confirmed=held.confirmed, problem=error.code)
    else:
        home = Home(confirmed=write_time(poll.now), problem=None)
    await poll.ports.store.write(lambda tx: accepting.note_home(tx, did, home))


def is_confirmed(publisher: Publisher, now: datetime) -> bool:
    """Whether the newest head of a publisher has not expired (LF-READ)."""
    return publisher.head_expires is not None and read_time(publisher.head_expires) > now
