"""Times as the wire writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from localfed.protocol.errors import BadTime
from localfed.protocol.times import milliseconds, read_time, write_time


def test_a_time_is_written_in_utc_without_its_fraction():
    """LF-BYTES-9."""
    moment = datetime(2026, 5, 1, 11, 30, 59, 999_999, tzinfo=timezone(timedelta(hours=2)))

    assert write_time(moment) == "2026-05-01T09:30:59Z"


@pytest.mark.parametrize(
    "text", ["1000-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "9999-12-31T23:59:59Z"]
)
def test_a_time_that_exists_is_read_as_it_was_written(text):
    """LF-BYTES-9."""
    assert write_time(read_time(text)) == text
    assert read_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-05-01",
        "2026-05-01T09:30Z",
        "2026-05-01T09:30:00",
        "2026-05-01T09:30:00.5Z",
        "2026-05-01T09:30:00+00:00",
        "2026-05-01 09:30:00Z",
        "2026-05-01t09:30:00z",
        " 2026-05-01T09:30:00Z",
        "2026-05-01T09:30:00Z\n",
        "+026-05-01T09:30:00Z",
        "٢٠٢٦-05-01T09:30:00Z",
        "2026-W18-5T09:30:00Z",
        "0999-12-31T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-05-00T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-05-01T24:00:00Z",
        "2026-05-01T09:60:00Z",
        "2026-12-31T23:59:60Z",
    ],
)
def test_another_form_or_a_time_that_does_not_exist_is_refused(text):
    """LF-BYTES-9."""
    with pytest.raises(BadTime):
        read_time(text)


def test_milliseconds_are_counted_from_1970():
    """LF-WRITE-2."""
    moment = datetime(1970, 1, 1, 0, 0, 1, 234_999, tzinfo=UTC)

    assert milliseconds(moment) == 1_234
