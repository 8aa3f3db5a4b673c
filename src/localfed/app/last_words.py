"""Last words: what two organisations last wrote to each other about an exchange, or about their partnership.

Here: the messages of both boxes, in their order. Not here: what follows from it (`ledger`, `partnerships`), what is so:
a message makes nothing true. Spec: 05-documents (LF-EXCH-6), 10-messages (LF-MSG).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final, Literal

import msgspec

from localfed.app.message_values import OutboxKind
from localfed.app.ports import Reads
from localfed.app.proposals import TAKEN_BACK, read_message
from localfed.app.values import Publisher
from localfed.protocol.message import Accept, Decline, Enquiry, Message, Proposal
from localfed.protocol.times import read_time

PARTNERSHIP: Final = ""
"""Stands where an exchange has its ref."""

Side = Literal["us", "them"]

_SETTLING: Final = timedelta(minutes=5)
"""So long another node may take from our Accept in its inbox to its half in its feed."""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What was last written, and by whom."""

    by: Side
    partner: str
    at: str
    """When it was sent or came (time of the wire)."""
    digest: str
    said: Message
    proposal: Proposal | None = None
    """What it proposes or answers; None: it is an enquiry."""

    @property
    def disputes(self) -> bool:
        """Whether it says that something was not so (LF-EXCH-6)."""
        return isinstance(self.said, Decline | Enquiry)

    @property
    def agrees(self) -> bool:
        """Whether it accepts what was proposed."""
        return isinstance(self.said, Accept)


def last_words(reads: Reads, did: str, refs: Mapping[str, str]) -> dict[tuple[str, str], Word]:
    """Find the last word with each other one: by its DID, and the ref of an exchange or `PARTNERSHIP`.

    `refs` gives the ref of a half of an exchange by its id: an enquiry of its partner about one disputes it. What is older than
    the boxes keep is not known; what we took back was not said.
    """
    # Within one second a proposal comes before its answer.
    words = sorted(_words(reads, did), key=lambda one: (one.at, one.proposal is None))
    proposals = {word.digest: word.proposal for word in words}
    found: dict[tuple[str, str], Word] = {}
    for word in words:
        said, ref = word.said, None
        if isinstance(said, Enquiry):
            ref = refs.get(said.about or "")
        elif isinstance(said, Accept | Decline):
            answered = proposals.get(said.in_reply_to)
            word = msgspec.structs.replace(word, proposal=answered)  # noqa: PLW2901 - the same word
        if word.proposal is not None:
            exchange = word.proposal.exchange
            ref = exchange.ref if exchange is not None else PARTNERSHIP
        if ref is not None:
            found[word.partner, ref] = word
    return found


def is_unread(word: Word | None, publisher: Publisher | None) -> bool:
    """Whether a word agrees, and the other's feed was not read since: its half is to be read there."""
    if word is None or not word.agrees or publisher is None or not publisher.is_followed:
        return False
    read = publisher.checked
    # Who accepts publishes before it says so; whose proposal we accepted, when our word is there.
    settled = read_time(word.at) + (_SETTLING if word.by == "us" else timedelta(0))
    return read is None or read_time(read) <= settled


def _words(reads: Reads, did: str) -> Iterator[Word]:
    """Yield what came and what was sent, as far as it may be about an exchange or a partnership."""
    for one in reads.messages():
        if one.recipient == did:
            yield from _word("them", one.sender, one.received, one.digest, one.body)
    for item in reads.outbox():
        is_said = item.kind is OutboxKind.MESSAGE and item.problem != TAKEN_BACK
        if item.sender == did and is_said and item.body is not None:
            yield from _word("us", item.recipient, item.created, item.digest, item.body)


class _Typed(msgspec.Struct, frozen=True):
    type: str


_TYPED: Final = msgspec.json.Decoder(_Typed)


def _word(by: Side, partner: str, at: str, digest: str, body: bytes) -> Iterator[Word]:
    try:
        kind = _TYPED.decode(body).type
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    said = read_message(kind, body)
    if said is not None:
        proposal = said if isinstance(said, Proposal) else None
        yield Word(by=by, partner=partner, at=at, digest=digest, said=said, proposal=proposal)
