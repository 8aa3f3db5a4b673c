"""Listing times: when an offer or a need is on, by its schedule and from its beginning to its end.

Here: the times of a whole listing, and whether they are over. Not here: on which days one recurrence falls
(`recurrence`), words for people (`web`). Spec: 05-documents (LF-WHEN-5, LF-LIST-3).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from localfed.interop.recurrence import (
    AHEAD,
    LOOKS,
    Occurrence,
    first_occurrence,
    is_past,
    occurrences,
)
from localfed.protocol.listing import Listing
from localfed.protocol.schedule import Recurrence
from localfed.protocol.times import read_time


class Validity(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when a listing counts; None: it does not say."""

    begins: datetime | None = None
    ends: datetime | None = None

    def has_begun(self, now: datetime) -> bool:
        """Whether it counts already; what has ended has begun."""
        return self.begins is None or self.begins <= now

    def has_ended(self, now: datetime) -> bool:
        """Whether it counts no longer."""
        return self.ends is not None and self.ends <= now

    def cut(self, found: Iterable[Occurrence]) -> list[Occurrence]:
        """Keep what of some times lies within it; a time that reaches over an end is cut there."""
        kept = []
        for one in found:
            start, end = one.start, one.end
            if self.begins is not None and start < self.begins:
                start = self.begins.astimezone(start.tzinfo)
            if self.ends is not None and end > self.ends:
                end = self.ends.astimezone(end.tzinfo)
            # By UTC: of two moments in one zone Python compares what its clocks show.
            if start.astimezone(UTC) < end.astimezone(UTC):
                kept.append(Occurrence(start=start, end=end))
        return kept


def validity_of(listing: Listing) -> Validity:
    """Read from when to when a listing counts.

    Raises:
        BadTime: a draft that nobody has checked yet.

    """
    return Validity(
        begins=read_time(listing.valid_from) if listing.valid_from is not None else None,
        ends=read_time(listing.valid_until) if listing.valid_until is not None else None,
    )


def times_of(listing: Listing, *, since: datetime, until: datetime) -> list[Occurrence]:
    """Work out when a listing is on within a span of time, or into it, earliest first."""
    found = validity_of(listing).cut(occurrences(listing.schedule, since=since, until=until))
    # What was cut may lie outside now.
    return [one for one in found if one.start < until and one.end > since]


def is_on(listing: Listing, now: datetime) -> bool:
    """Whether it is on at this moment: "open now"."""
    return on_until(listing, now) is not None


def on_until(listing: Listing, now: datetime) -> datetime | None:
    """Say until when it is on; None: it is not on now."""
    found = times_of(listing, since=now, until=now + LOOKS[0])
    return max((one.end for one in found if one.start <= now < one.end), default=None)


def next_time(listing: Listing, now: datetime) -> Occurrence | None:
    """Find the first time that is still to begin; None: there is none within `AHEAD` of now, or of its beginning."""
    return next(iter(next_times(listing, now, 1)), None)


def next_times(listing: Listing, now: datetime, number: int) -> list[Occurrence]:
    """Find the first so many times that are still to begin, earliest first."""
    begins = validity_of(listing).begins
    since = now if begins is None else max(now, begins)
    found: list[Occurrence] = []
    # Most things come again within a week or a month: the long look is for those that do not.
    for span in LOOKS:
        found = [
            one for one in times_of(listing, since=since, until=since + span) if one.start > now
        ]
        if len(found) >= number:
            break
    return found[:number]


def first_time(one: Recurrence, validity: Validity) -> Occurrence | None:
    """Find the first whole time of a recurrence that lies, or reaches, into a validity; None: there is none."""
    first = first_occurrence(one, after=validity.begins)
    if first is None or (validity.ends is not None and first.start >= validity.ends):
        return None
    return first


def is_over(one: Recurrence, validity: Validity, now: datetime) -> bool:
    """Whether a recurrence was on, and is not now and never again."""
    if validity.has_ended(now) or is_past(one, now):
        return True
    if validity.ends is None or validity.ends > now + AHEAD or not validity.has_begun(now):
        return False
    is_left = validity.cut(occurrences((one,), since=now, until=validity.ends))
    return not is_left and first_time(one, validity) is not None


def is_all_over(listing: Listing, now: datetime) -> bool:
    """Whether a listing names times, and all of them are over."""
    validity = validity_of(listing)
    return bool(listing.schedule) and all(is_over(one, validity, now) for one in listing.schedule)
