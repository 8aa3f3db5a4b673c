"""Reading with bounds: any cut of the bytes gives the same, and nothing grows."""

from __future__ import annotations

import contextlib
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evil import bomb, gzipped
from localfed.net.reading import (
    PIECE_BYTES,
    Decoder,
    LineSplitter,
    read_etag,
    read_links,
    read_retry_after,
)
from localfed.protocol.errors import UnexpectedAnswer


@st.composite
def pieces_of(draw, data: bytes) -> list[bytes]:
    """Any way of cutting bytes in pieces, empty ones too."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    ends = [0, *cuts, len(data)]
    return [data[start:end] for start, end in itertools.pairwise(ends)]


ROWS = st.lists(st.binary(min_size=1, max_size=30).map(lambda row: row.replace(b"\n", b"x")))


@given(st.data(), ROWS)
def test_lines_are_the_same_however_they_are_cut(data, rows):
    whole = b"".join(row + b"\n" for row in rows)
    splitter = LineSplitter(limit_bytes=30)

    found = []
    for piece in data.draw(pieces_of(whole)):
        lines, is_well = splitter.feed(piece)
        assert is_well
        found += lines

    assert found == rows
    assert splitter.is_whole


@given(st.data(), st.binary(max_size=200), st.integers(1, 40))
def test_any_bytes_give_lines_or_a_refusal_never_more_than_came(data, whole, limit):
    splitter = LineSplitter(limit_bytes=limit)

    found = []
    is_well = True
    for piece in data.draw(pieces_of(whole)):
        lines, is_well = splitter.feed(piece)
        found += lines
        if not is_well:
            break

    honest = whole.split(b"\n")[:-1]
    assert found == honest[: len(found)]
    assert all(0 < len(line) <= limit for line in found)
    if is_well:
        assert found == honest
        assert splitter.is_whole == (not whole or whole.endswith(b"\n"))


@given(st.data(), st.binary(max_size=2_000), st.sampled_from(["gzip", "", "identity"]))
def test_a_body_is_decoded_the_same_however_it_is_cut(data, body, encoding):
    sent = gzipped(body) if encoding == "gzip" else body
    decoder = Decoder(encoding, limit_bytes=2_000)

    out = b"".join(piece for part in data.draw(pieces_of(sent)) for piece in decoder.pieces(part))
    decoder.finish()

    assert out == body
    assert not decoder.is_over


@given(st.data(), st.binary(max_size=300))
def test_any_bytes_as_gzip_give_bytes_or_our_refusal(data, junk):
    decoder = Decoder("gzip", limit_bytes=1_000)

    with contextlib.suppress(UnexpectedAnswer):
        for part in data.draw(pieces_of(junk)):
            for piece in decoder.pieces(part):
                assert len(piece) <= PIECE_BYTES
        decoder.finish()


@given(st.data())
def test_a_damaged_gzip_body_never_passes_as_another(data):
    body = b"the true content " * 20
    sent = bytearray(gzipped(body))
    sent[data.draw(st.integers(0, len(sent) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    decoder = Decoder("gzip", limit_bytes=10_000)

    try:
        out = b"".join(decoder.pieces(bytes(sent)))
        decoder.finish()
    except UnexpectedAnswer:
        return

    assert out == body, "a flag of the gzip header may flip unseen, the content may not"


def test_a_bomb_is_met_piece_by_piece_and_left_at_the_limit():
    decoder = Decoder("gzip", limit_bytes=1_000_000)

    sizes = [len(piece) for piece in decoder.pieces(bomb(100))]

    assert decoder.is_over
    assert max(sizes) <= PIECE_BYTES
    assert sum(sizes) <= 1_000_000 + PIECE_BYTES


@pytest.mark.parametrize("size", [PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_nothing_stays_behind_in_the_decompressor(size):
    decoder = Decoder("gzip", limit_bytes=size)

    out = b"".join(decoder.pieces(gzipped(b"x" * size)))
    decoder.finish()

    assert len(out) == size
    assert not decoder.is_over


def test_splitting_costs_less_than_two_microseconds_a_line():
    data = b"".join(b"x" * 200 + b"\n" for _ in range(50_000))
    parts = [data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES)]

    best = 1.0
    for _ in range(5):
        splitter = LineSplitter(limit_bytes=65_536)
        begun = time.perf_counter()
        for part in parts:
            splitter.feed(part)
        best = min(best, time.perf_counter() - begun)

    assert best / 50_000 < 2e-6


@pytest.mark.parametrize(
    "value", ["<" * 8_000, '<>;"' * 2_000, "<a>;" + "x" * 8_000, '<a>;rel="' + '\\"' * 4_000]
)
def test_a_hostile_link_header_costs_no_time(value):
    begun = time.perf_counter()

    read_links([value] * 10, "https://grocer.example/")

    assert time.perf_counter() - begun < 0.5


@given(st.text(max_size=100))
def test_any_header_value_is_read_or_passed_over(text):
    assert read_etag(text) in {None, text}
    read_links([text, f"<{text}>; rel=localfed", f"<x>; rel={text}"], "https://grocer.example/")
    wait = read_retry_after(text, text)
    assert wait is None or 0 <= wait <= 86_400
