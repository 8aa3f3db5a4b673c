"""Reading a stranger's bytes with bounds: decompression, sizes, lines, header values.

Here: pure functions and small machines without a socket. Not here: requests (`fetch`).
Spec: 08-following (LF-FETCH). Source: RFC 1952 (gzip), RFC 8288 (Link), RFC 9110 (ETag, Retry-After).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urljoin

from localfed.protocol.errors import UnexpectedAnswer

PIECE_BYTES: Final = 262_144
"""Decompressed bytes made at one time: a bomb of a thousand to one is met piece by piece."""

WIRE_SLACK_BYTES: Final = 4_096
"""What a compressed form may be longer than its content: header, trailer, stored blocks."""

ETAG_CHARACTERS: Final = 200
"""An ETag that is kept: digests have 40 to 130; it is stored and sent back each poll."""

_FIRST_YEAR: Final = 1970

LINKS: Final = 20
"""Link targets of one answer that are looked at."""

RETRY_SECONDS_MAX: Final = 86_400
"""The longest `Retry-After` that is taken at its word: the longest time between two polls."""

# One tag of RFC 9110 (8.8.3). Neither a list nor `*`, which as a question is true of every file there is: a home
# that said it once would have us ask so for ever, and be answered that nothing is new.
_ETAG: Final = re.compile(r'(W/)?"[!#-~]*"')
_SECONDS: Final = re.compile(r"[0-9]{1,12}")
# One link of a Link header: the target, then parameters up to the next comma outside of quotes. No
# two parts can match the same character, so that hostile headers cost linear time.
_LINK: Final = re.compile(r'<([^<>]*)>((?:[^",<]|"(?:[^"\\]|\\.)*")*)')
# One parameter, a quoted value as a whole: what looks like a parameter inside of quotes is none.
_PARAMETER: Final = re.compile(r';\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')

IDENTITY_ENCODINGS: Final = frozenset({"", "identity"})
GZIP_ENCODINGS: Final = frozenset({"gzip", "x-gzip"})


class Decoder:
    """Undo a Content-Encoding, piece by piece; counts what comes in and what goes out.

    Only gzip is asked for and taken, and only one member: further members, like trailing bytes, have
    no use on the web and made decompressors quadratic.
    """

    def __init__(self, encoding: str, *, limit_bytes: int) -> None:
        name = encoding.strip().lower()
        self._gzip = None
        if name in GZIP_ENCODINGS:
            self._gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        elif name not in IDENTITY_ENCODINGS:
            raise UnexpectedAnswer(
                "the answer has an encoding that was not asked for", detail=ascii(encoding[:100])
            )
        self._limit = limit_bytes
        # Empty deflate blocks give nothing for ever: what comes in is bounded as well.
        self.limit_wire_bytes = limit_bytes
        """What may come in: more than the limit only where it is compressed."""
        if self._gzip is not None:
            self.limit_wire_bytes += limit_bytes // 64 + WIRE_SLACK_BYTES
        self._wire_left = self.limit_wire_bytes
        self.size = 0
        """Decoded bytes so far; more than the limit only in the piece that passes it."""

    @property
    def is_over(self) -> bool:
        """Whether more came than the limit."""
        return self.size > self._limit or self._wire_left < 0

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Decode what came, in pieces; ends early, with `is_over`, once the limit is passed.

        Raises:
            UnexpectedAnswer: not gzip, or something behind the end of it.

        """
        self._wire_left -= len(data)
        if self._gzip is None:
            self.size += len(data)
            yield data
            return
        while not self.is_over:
            try:
                piece = self._gzip.decompress(data, PIECE_BYTES)
            except zlib.error as error:
                raise UnexpectedAnswer("the answer is not gzip", detail=str(error)) from error
            self.size += len(piece)
            if piece:
                yield piece
            data = self._gzip.unconsumed_tail
            if self._gzip.unused_data:
                raise UnexpectedAnswer("something follows the end of the gzip data")
            # A piece cut at its limit may leave more inside the decompressor than in its tail.
            if not data and len(piece) < PIECE_BYTES:
                return

    def finish(self) -> None:
        """Say that all has come.

        Raises:
            UnexpectedAnswer: the gzip data have no end: cut short.

        """
        if self._gzip is not None and not self._gzip.eof:
            raise UnexpectedAnswer("the answer breaks off in the middle of its gzip data")


class LineSplitter:
    """Cut a stream in lines. Every line ends with a line feed, the last one too (LF-BYTES)."""

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._rest = b""

    def feed(self, data: bytes) -> tuple[list[bytes], bool]:
        """Return the lines that are now whole, and whether all is well so far.

        Not well is a line that is empty or longer than the limit: only the lines before it count.
        """
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        # One pass at the speed of C for what is nearly always so; a careful one only after it.
        if lines:
            sizes = list(map(len, lines))
            if max(sizes) > self._limit or not min(sizes):
                bad = next(at for at, size in enumerate(sizes) if not 0 < size <= self._limit)
                return lines[:bad], False
        return lines, len(self._rest) <= self._limit

    @property
    def is_whole(self) -> bool:
        """Whether everything so far was whole lines."""
        return not self._rest


def read_etag(value: str | None) -> str | None:
    """Return an ETag that can be stored and sent back, or None."""
    if value is None or len(value) > ETAG_CHARACTERS or not _ETAG.fullmatch(value):
        return None
    return value


def read_links(values: Iterable[str], url: str) -> tuple[str, ...]:
    """Return the targets of Link headers with `rel=localfed`, resolved against the page's URL.

    They are not checked: whoever follows one gives it to the guard.
    """
    found: list[str] = []
    for value in values:
        for target, parameters in _LINK.findall(value):
            words = _relations(parameters)
            if "localfed" not in words or len(found) >= LINKS:
                continue
            try:
                found.append(urljoin(url, target.strip()))
            except ValueError:  # such as "Invalid IPv6 URL"
                continue
    return tuple(found)


def _relations(parameters: str) -> list[str]:
    """Return the words of the first `rel`, the only one that counts (RFC 8288, 3.3)."""
    for parameter in _PARAMETER.finditer(parameters):
        if parameter[1].lower() == "rel":
            return (parameter[2] or parameter[3] or "").lower().split()
    return []


def read_date(value: str | None) -> datetime | None:
    """Return what time an answer says it is, or None; an age in a cache makes it no worse than old."""
    if not value or len(value) > ETAG_CHARACTERS:
        return None
    try:
        moment = parsedate_to_datetime(value)
        # A zone can take a date beyond the first and the last year that there is.
        zoned = moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    # No machine counts from before 1970: that is no clock, and no sum with it may leave the calendar.
    return zoned if zoned.year >= _FIRST_YEAR else None


def read_retry_after(value: str | None, date: str | None) -> int | None:
    """Return how many seconds an answer asks to wait, between 0 and a day, or None.

    A date is read against the answer's own `Date`: the other clock need not be right.
    """
    if not value:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return min(int(text), RETRY_SECONDS_MAX)
    if not date or len(text) > ETAG_CHARACTERS or len(date) > ETAG_CHARACTERS:
        return None
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError, IndexError):
        # TypeError: one of the two without a zone; the others: what email.utils lets through.
        return None
    return max(0, min(int(wait.total_seconds()), RETRY_SECONDS_MAX))
