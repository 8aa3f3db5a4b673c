"""The form of a schedule: what a pattern cannot say."""

from __future__ import annotations

import pytest

from localfed.protocol.errors import BadTime, WrongShape
from localfed.protocol.schedule import Recurrence, check_schedule, rule_parts


def once(**changes):
    return Recurrence(
        **{"start": "2026-05-04T10:00", "minutes": 60, "time_zone": "Europe/London", **changes}
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"start": "2026-02-30T10:00"},
        {"start": "1969-12-31T10:00"},
        {"start": "3000-01-01T10:00"},
        {"repeat": "FREQ=DAILY", "until": "2026-05-03"},
        {"repeat": "FREQ=DAILY", "until": "2026-06-31"},
        {"repeat": "FREQ=DAILY", "except_date": ("2027-02-29",)},
    ],
)
def test_a_day_or_time_that_never_is_is_refused(changes):
    """LF-WHEN-1, LF-WHEN-2."""
    check_schedule((once(repeat="FREQ=DAILY", until="2026-05-04"),))

    with pytest.raises(BadTime):
        check_schedule((once(**changes),))


@pytest.mark.parametrize(
    "changes",
    [
        {"repeat": "FREQ=WEEKLY;BYMONTHDAY=1"},
        {"repeat": "FREQ=YEARLY;BYDAY=1MO"},
        {"repeat": "FREQ=MONTHLY;BYSETPOS=1"},
        {"repeat": "FREQ=DAILY;BYDAY=MO;BYSETPOS=1"},
        {"repeat": "FREQ=DAILY;COUNT=2", "until": "2026-06-01"},
        {"until": "2026-06-01"},
        {"except_date": ("2026-06-01",)},
    ],
)
def test_parts_that_do_not_go_together_are_refused(changes):
    """LF-WHEN-3, LF-WHEN-4."""
    with pytest.raises(WrongShape):
        check_schedule((once(**changes),))


def test_a_rule_is_read_part_by_part():
    assert rule_parts("FREQ=MONTHLY;BYDAY=-1SU,5MO") == {"FREQ": "MONTHLY", "BYDAY": "-1SU,5MO"}
