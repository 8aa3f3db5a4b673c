"""Timing: whether what a draft of ours says of its times can come true.

Here: refusing times that nobody could come by, before anything is signed. Not here: the form of a schedule
(`protocol.schedule`), what others publish, which stays as readable as before. Spec: none: a draft never travels.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from localfed.app.values import StoredDocument
from localfed.interop.listing_times import Validity, first_time, is_all_over
from localfed.interop.recurrence import is_known_zone, zones_like
from localfed.protocol.draft import Draft
from localfed.protocol.errors import NeverOn, Rejected, UnknownZone
from localfed.protocol.listing import Listing, Need, Offer
from localfed.protocol.schedule import Recurrence, Schedule, check_schedule
from localfed.protocol.times import read_time, write_time

_READERS: Final[dict[str, msgspec.json.Decoder[Listing]]] = {
    "Offer": msgspec.json.Decoder(Offer),
    "Need": msgspec.json.Decoder(Need),
}


def check_times(draft: Draft, now: datetime) -> None:
    """Check that an offer or a need can be come by; what has a wrong form is refused when it is signed.

    Raises:
        UnknownZone: a time zone that is not known here.
        NeverOn: times that never come, or an end that lies in the past.

    """
    if draft.type not in _READERS:
        return
    try:
        schedule = msgspec.convert(draft.members.get("schedule", []), Schedule)
        check_schedule(schedule)
        validity = Validity(begins=_moment(draft, "validFrom"), ends=_moment(draft, "validUntil"))
    except (msgspec.ValidationError, Rejected):
        return
    if validity.ends is not None and validity.ends <= now:
        message = (
            f"validUntil, {write_time(validity.ends)}, lies in the past: it would be over at once. "
            "Give a later time or none; what is published already is withdrawn by localfed withdraw"
        )
        raise NeverOn(message)
    for number, one in enumerate(schedule, 1):
        _check(number, one, validity)


def explain(document: StoredDocument, now: datetime) -> str:
    """Say that all times of what was published are over; empty where there is nothing to say."""
    reader = _READERS.get(document.type)
    if (
        reader is None
        or document.body is None
        or not is_all_over(reader.decode(document.body), now)
    ):
        return ""
    return "all of its times are over: searches for what is on do not find it"


def _check(number: int, one: Recurrence, validity: Validity) -> None:
    if not is_known_zone(one.time_zone):
        message = f"schedule {number}: no time zone is called {one.time_zone}"
        like = zones_like(one.time_zone)
        raise UnknownZone(f"{message}; most like it are {', '.join(like)}" if like else message)
    if first_time(one, validity) is None:
        between = "" if validity == Validity() else " between validFrom and validUntil"
        message = f"schedule {number}: {one.repeat or one.start} never comes{between}"
        raise NeverOn(message)


def _moment(draft: Draft, name: str) -> datetime | None:
    said = draft.members.get(name)
    return read_time(said) if isinstance(said, str) else None
