"""Times of drafts of ours that nobody could come by: refused before anything is signed."""

from __future__ import annotations

import pytest

from localfed.app import listings
from localfed.protocol.errors import BadDraft, BadTime, NeverOn, UnknownZone

MONDAYS = {"start": "2026-01-05T10:00", "minutes": 60, "timeZone": "Europe/London"}
RULE = MONDAYS | {"repeat": "FREQ=WEEKLY;BYDAY=MO"}


def offer(*schedule, **more):
    return {"type": "Offer", "name": "Box", "schedule": list(schedule), **more}


@pytest.fixture
async def grocer(federation):
    return await federation.node("grocer")


@pytest.mark.parametrize("kind", ["Offer", "Need"])
async def test_a_zone_that_is_not_known_is_refused_with_what_it_may_be(grocer, kind):
    draft = offer("Mo-Su 00:00-23:59 Europe/Londn", type=kind)

    with pytest.raises(UnknownZone, match=r"Europe/Londn; most like it are Europe/London"):
        await grocer.publish(draft)

    assert len(grocer.live(grocer)) == 1


NEVER = {
    "30 February": ([MONDAYS | {"repeat": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}], {}),
    "the second of two": ([RULE, MONDAYS | {"repeat": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31"}], {}),
    "once, before it begins": ([MONDAYS], {"validFrom": "2026-06-01T00:00:00Z"}),
    "once, after it ended": (
        [MONDAYS | {"start": "2026-07-05T10:00"}],
        {"validUntil": "2026-07-01T00:00:00Z"},
    ),
    "it is over": ([], {"validUntil": "2026-05-01T09:00:00Z"}),
}


@pytest.mark.parametrize("name", NEVER)
async def test_what_never_comes_is_refused(grocer, name):
    schedule, more = NEVER[name]

    with pytest.raises(NeverOn):
        await grocer.publish(offer(*schedule, **more))

    assert len(grocer.live(grocer)) == 1


async def test_what_comes_is_published(grocer):
    await grocer.publish(offer(RULE, MONDAYS, validUntil="2026-05-01T09:00:01Z"))
    await grocer.publish(offer(MONDAYS | {"repeat": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"}))

    assert len(grocer.live(grocer)) == 3


async def test_a_wrong_form_is_refused_as_such(grocer):
    with pytest.raises(BadDraft, match="minutes"):
        await grocer.publish(offer(RULE | {"minutes": 0, "timeZone": "Europe/Londn"}))
    with pytest.raises(BadTime):
        await grocer.publish(offer(RULE | {"until": "2025-01-01"}))
    with pytest.raises(BadTime):
        await grocer.publish(offer(validUntil="2026-02-30T00:00:00Z"))


async def test_times_that_are_all_over_are_told(grocer):
    over = await grocer.publish(offer(MONDAYS))
    going_on = await grocer.publish(offer(MONDAYS, RULE))
    own = f"{grocer.did}/org.json"

    assert "times are over" in listings.explain(grocer.ports, over)[0]
    assert listings.explain(grocer.ports, going_on) == []
    assert listings.explain(grocer.ports, own) == []
