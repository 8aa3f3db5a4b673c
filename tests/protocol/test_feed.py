"""The feed: entries and chain, pages, snapshot parts, the form of the head."""

from __future__ import annotations

from hashlib import sha256

import pytest

from localfed.protocol import limits
from localfed.protocol.canonical import encode
from localfed.protocol.digest import digest, read_digest
from localfed.protocol.errors import BadFeed, WrongShape
from localfed.protocol.feed import (
    Entry,
    Head,
    Page,
    Part,
    Row,
    Snapshot,
    chain_over,
    chain_start,
    check_head_form,
    page_path,
    part_path,
    read_page,
    read_parts,
    write_page,
    write_parts,
)

SCID = f"Qm{'1' * 44}"
START = chain_start(SCID)
NAME = digest(b"x")


def put(seq, path="org.json"):
    return Entry(seq=seq, path=path, type="Offer", digest=NAME)


def head(**changes):
    members = {
        "context": "https://w3id.org/localfed/1.0",
        "id": "x",
        "type": "Head",
        "issuer": "x",
        "updated": "2026-05-02T09:30:00Z",
        "expires": "2026-05-16T09:30:00Z",
        "seq": 9,
        "chain": digest(b"9"),
        "page": "feed/5.json",
        "snapshot": snapshot(4, 2),
        "identity": "x",
        "poll": 900,
        "versions": ("1.0",),
    }
    return Head(**{**members, **changes})


def snapshot(seq, count, chain=START):
    parts = [Part(name=part_path(seq, at + 1), digest=NAME) for at in range(count)]
    return Snapshot(seq=seq, chain=chain, parts=tuple(parts))


def test_the_chain_is_what_the_text_says_written_out_by_hand():
    """LF-FEED-4: SHA-256 of the chain so far, 32 raw bytes, and the canonical entry."""
    start = sha256(b"localfed/1 " + SCID.encode()).digest()
    first = sha256(start + b'[7,"put","org.json","Offer","' + NAME.encode() + b'"]').digest()
    second = sha256(first + b'[9,"delete","org.json"]').digest()

    assert read_digest(START) == start
    assert read_digest(chain_over(START, [put(7)])) == first
    assert read_digest(chain_over(START, [put(7), Entry(seq=9, path="org.json")])) == second


def test_a_chain_can_be_carried_on_in_pieces():
    """LF-FEED-4."""
    entries = [put(number) for number in range(1, 6)]
    whole = chain_over(START, entries)

    assert chain_over(chain_over(START, entries[:2]), entries[2:]) == whole
    assert chain_over(START, []) == START
    assert chain_over(START, entries[::-1]) != whole


def test_a_page_that_was_written_is_read_again():
    """LF-FEED-3, LF-FEED-5, LF-FEED-6, LF-FEED-7."""
    entries = (put(7), Entry(seq=9, path="x/y.json"))
    page = Page(before=START, previous="feed/3.json", entries=entries)

    assert read_page(write_page(page), page_path(7)) == page
    assert (entries[0].is_delete, entries[1].is_delete) == (False, True)


def test_a_page_holds_a_hundred_entries_and_not_one_more():
    """LF-FEED-5."""
    entries = tuple(put(number) for number in range(1, limits.PAGE_ENTRIES + 2))
    full = Page(before=START, previous=None, entries=entries[:-1])

    assert read_page(write_page(full), "feed/1.json") == full
    with pytest.raises(BadFeed):
        read_page(write_page(Page(before=START, previous=None, entries=entries)), "feed/1.json")


@pytest.mark.parametrize("seq", [True, 0, -1, "1", None, [1]])
def test_the_number_of_an_entry_is_a_positive_integer(seq):
    """LF-FEED-3."""
    body = encode({"before": START, "previous": None, "entries": [[seq, "delete", "x.json"]]})

    with pytest.raises(BadFeed):
        read_page(body, f"feed/{seq}.json")


def test_a_snapshot_of_several_parts_is_read_again():
    """LF-FEED-9, LF-FEED-10: all parts but the last are full, whatever order the rows came in."""
    rows = [
        Row(path=f"x/{number:06}.json", type="Offer", digest=NAME)
        for number in range(limits.SNAPSHOT_ROWS + 2)
    ]

    parts = write_parts(rows[::-1])

    assert [len(part) > 1_000 for part in parts] == [True, False]
    assert read_parts(parts) == rows
    assert write_parts([]) == []
    for wrong in (parts[::-1], [parts[1], parts[0]], [parts[0], parts[0]], [parts[1], parts[1]]):
        with pytest.raises(BadFeed):
            read_parts(wrong)


def test_rows_are_sorted_across_parts_too():
    """LF-FEED-10."""
    rows = [
        Row(path=f"x/{number:06}.json", type="Offer", digest=NAME)
        for number in range(limits.SNAPSHOT_ROWS)
    ]
    first = write_parts(rows)
    early = write_parts([Row(path="a.json", type="Offer", digest=NAME)])

    with pytest.raises(BadFeed):
        read_parts([*first, *early])
    with pytest.raises(BadFeed):
        read_parts([*first, *write_parts(rows[-1:])])


def test_a_part_with_more_rows_than_allowed_is_refused():
    """LF-FEED-9."""
    rows = [[f"x/{number:06}.json", "Offer", NAME] for number in range(limits.SNAPSHOT_ROWS + 1)]

    with pytest.raises(BadFeed):
        read_parts([encode(rows)])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"snapshot": snapshot(0, 0)},
        {"snapshot": snapshot(4, 0)},
        {"snapshot": snapshot(9, 1, digest(b"9"))},
        {"page": "feed/9.json"},
        {"seq": 0, "page": None, "snapshot": snapshot(0, 0), "chain": START},
    ],
)
def test_a_head_that_fits_together_is_taken(changes):
    """LF-HEAD-3, LF-HEAD-4, LF-HEAD-5, LF-HEAD-6."""
    check_head_form(head(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"chain": "zQm"},
        {"snapshot": snapshot(4, 1, "zQm")},
        {"page": None},
        {"seq": 0},
        {"seq": 0, "page": None, "snapshot": snapshot(0, 0), "chain": digest(b"9")},
        {"page": "feed/10.json"},
        {"page": "feed/0.json"},
        {"page": "feed/05.json"},
        {"page": "page/5.json"},
        {"page": "feed/5.json\n"},
        {"snapshot": snapshot(10, 1)},
        {"snapshot": snapshot(9, 1)},
        {"snapshot": snapshot(0, 1)},
        {"snapshot": Snapshot(seq=4, chain=START, parts=snapshot(5, 1).parts)},
        {"snapshot": Snapshot(seq=4, chain=START, parts=snapshot(4, 3).parts[1:])},
        {"snapshot": Snapshot(seq=4, chain=START, parts=snapshot(4, 2).parts[::-1])},
    ],
)
def test_a_head_that_contradicts_itself_is_refused(changes):
    """LF-HEAD-2, LF-HEAD-3, LF-HEAD-4, LF-HEAD-5, LF-HEAD-6."""
    with pytest.raises(WrongShape):
        check_head_form(head(**changes))
