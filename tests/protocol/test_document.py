"""The envelope: contexts, times, paths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from localfed.protocol import limits
from localfed.protocol.document import (
    CONTEXT,
    Document,
    check_context,
    check_times,
    convert,
    is_known_path,
    is_possible_path,
    is_record_path,
)
from localfed.protocol.errors import (
    BadTime,
    Expired,
    Rejected,
    TooEarly,
    UnknownContext,
    WrongShape,
)
from localfed.protocol.times import read_time, write_time

UPDATED = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
RECORD = f"d/{'a' * 26}.json"


def document(updated=UPDATED, expires=UPDATED + 180 * DAY):
    return Document(
        context=CONTEXT,
        id="x",
        type="Offer",
        issuer="x",
        revision=1,
        updated=updated if isinstance(updated, str) else write_time(updated),
        expires=expires if isinstance(expires, str) else write_time(expires),
    )


def check(one, now=UPDATED, *, assured=None, days=limits.LIFETIME_DAYS, **more):
    text = assured and write_time(assured)
    check_times(one, now, lifetime_days=days, assured=text, **more)


@pytest.mark.parametrize("number", ["0", "1", "9", "10", "999"])
def test_every_context_of_major_1_is_read(number):
    """LF-DOC-2."""
    check_context(f"https://w3id.org/localfed/1.{number}")


@pytest.mark.parametrize(
    "context",
    [
        "",
        CONTEXT + "\n",
        CONTEXT + "/",
        CONTEXT.upper(),
        "https://w3id.org/localfed/1",
        "https://w3id.org/localfed/1.",
        "https://w3id.org/localfed/1.00",
        "https://w3id.org/localfed/1.1000",
        "https://w3id.org/localfed/1.٣",
        "https://w3id.org/localfed/2.0",
        "https://w3idXorg/localfed/1.0",
    ],
)
def test_any_other_context_is_refused(context):
    """LF-DOC-2."""
    with pytest.raises(UnknownContext):
        check_context(context)


def test_a_document_lives_as_long_as_it_may_and_not_a_second_longer():
    """LF-DOC-8."""
    check(document(expires=UPDATED + 180 * DAY))
    check(document(expires=UPDATED + 100 * DAY), days=limits.HEAD_DAYS)

    for expires in (UPDATED, UPDATED - SECOND, UPDATED + 180 * DAY + SECOND):
        with pytest.raises(BadTime):
            check(document(expires=expires))
    with pytest.raises(BadTime):
        check(document(expires=UPDATED + 100 * DAY + SECOND), days=limits.HEAD_DAYS)


def test_a_record_fades_when_nobody_looks_at_it():
    """LF-DOC-9."""
    expires = UPDATED + 180 * DAY
    check(document(), assured=UPDATED + 300 * SECOND)
    check(document(), assured=expires - 400 * DAY)

    for assured in (UPDATED + 301 * SECOND, expires - 400 * DAY - SECOND):
        with pytest.raises(BadTime):
            check(document(), assured=assured)


def test_the_clock_of_the_publisher_may_run_five_minutes_ahead():
    """LF-DOC-10."""
    check(document(), UPDATED - 300 * SECOND)

    with pytest.raises(TooEarly):
        check(document(), UPDATED - 301 * SECOND)


def test_a_document_ends_at_the_very_second_that_it_names():
    """LF-DOC-11."""
    end = UPDATED + 180 * DAY
    check(document(), end - SECOND)
    check(document(), end + DAY, may_be_expired=True)

    with pytest.raises(Expired):
        check(document(), end)


@pytest.mark.parametrize(
    "updated, expires",
    [
        ("9999-12-31T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("1000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59Z", "1000-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"),
        ("2026-02-30T00:00:00Z", "2026-03-02T00:00:00Z"),
        ("2026-05-01T24:00:00Z", "2026-05-03T00:00:00Z"),
    ],
)
def test_times_at_the_ends_of_the_calendar_are_refused_and_do_no_harm(updated, expires):
    """LF-BYTES-9, LF-DOC-8, LF-DOC-10: the year 9999 plus 180 days is no date."""
    with pytest.raises(Rejected) as caught:
        check(document(updated, expires), assured=read_time("9999-12-31T00:00:00Z"))

    assert isinstance(caught.value, BadTime | TooEarly)


def test_known_paths_are_known():
    """LF-DOC-6."""
    known = ["org.json", RECORD, f"p/Qm{'1' * 44}.json"]

    assert [path for path in known if not is_known_path(path)] == []
    assert [path for path in known if not is_possible_path(path)] == []
    assert [path for path in known if is_record_path(path)] == [RECORD]


@pytest.mark.parametrize(
    "path",
    [
        "x.json",
        "org2.json",
        "d/short.json",
        f"d/{'A' * 26}.json",
        f"d/{'1' * 26}.json",
        "w/a/b/c.json",
        "0.json",
        "feeds/1.json",
        "headjson.json",
        "a" * 195 + ".json",
    ],
)
def test_paths_of_later_versions_are_possible_and_not_known(path):
    """LF-DOC-7, LF-DOC-12."""
    assert is_possible_path(path)
    assert not is_known_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".json",
        "/x.json",
        "x",
        "x.JSON",
        "x.json\n",
        "x.json/",
        "../x.json",
        "d/../x.json",
        "d/./x.json",
        "d//x.json",
        "d\\x.json",
        "d/x%2e.json",
        "d/x.y.json",
        "d/-x.json",
        "_/x.json",
        "X.json",
        "é.json",
        "a/b/c/d/e.json",
        "a" * 196 + ".json",
        "head.json",
        "feed/1.json",
        "snapshot/1-1.json",
        "mirror/x.json",
        "m/x.json",
        "api/x.json",
        ".well-known/localfed.json",
        "did.jsonl",
    ],
)
def test_paths_that_lead_elsewhere_are_impossible(path):
    """LF-DOC-7, LF-FEED-2."""
    assert not is_possible_path(path)


def test_a_member_of_another_form_is_named_in_the_message():
    with pytest.raises(WrongShape, match="revision"):
        convert(
            {"@context": CONTEXT, "id": "x", "type": "A", "issuer": "x", "revision": "1"}, Document
        )
