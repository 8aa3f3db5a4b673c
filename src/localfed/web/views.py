"""What is shown of publishers and documents, for the API and for pages.

Here: reading stored bytes as values, who published a document and how fresh that is, addresses of
pages. Not here: JSON (`api`), HTML (`pages`).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from localfed.app import policy, values
from localfed.app.ports import Reads
from localfed.app.values import DocumentState, Kind, Publisher, StoredDocument
from localfed.protocol import limits
from localfed.protocol.did import parse_did
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import Expired, UnknownDocument
from localfed.protocol.listing import Need, Offer
from localfed.protocol.organisation import Organization
from localfed.protocol.times import read_time, write_time
from localfed.protocol.worded import Worded
from localfed.web.languages import say_day
from localfed.web.node import NODE
from localfed.web.translating import _

Shown = Organization | Offer | Need
"""The types of document that have a page."""

KINDS: Final = {"Organization": Kind.ORGANISATION, "Offer": Kind.OFFER, "Need": Kind.NEED}
"""Type of a document to the kind that people see."""

_DECODERS: Final[dict[str, msgspec.json.Decoder[Shown]]] = {
    "Organization": msgspec.json.Decoder(Organization),
    "Offer": msgspec.json.Decoder(Offer),
    "Need": msgspec.json.Decoder(Need),
}


_read_anything: Final = msgspec.json.Decoder().decode


class Relation(StrEnum):
    """What a publisher is to this node."""

    OWN = "own node"
    FOLLOWED = "followed"
    VIA = "via a partner"


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many live documents of each kind a publisher has here."""

    organisations: int = 0
    offers: int = 0
    needs: int = 0


def read_shown(document: StoredDocument) -> Shown | None:
    """See a stored document as the value of its type; None for what this version does not show.

    Nor what it cannot read: one bad row breaks no page.
    """
    if document.type not in KINDS or document.body is None or not document.is_shown:
        return None
    try:
        return _DECODERS[document.type].decode(document.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def raw_json(body: bytes | None) -> msgspec.Raw | None:
    """Return stored bytes as a part of an answer; None for what would make the whole of it unreadable."""
    try:
        _read_anything(body or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return msgspec.Raw(body or b"")


def own_record(reads: Reads, did: str) -> Organization | None:
    """Read what a publisher says of itself."""
    document = reads.document(did, ORGANISATION_PATH)
    if document is None or document.state is not DocumentState.LIVE:
        return None
    shown = read_shown(document)
    return shown if isinstance(shown, Organization) else None


def live_document(request: web.Request, did: str, path: str) -> StoredDocument:
    """Find a live document, for a page or for the API.

    Raises:
        UnknownDocument: not here, or its bytes are not.
        Expired: it is here, but its time is over.

    """
    node = request.app[NODE]
    document, publisher = node.ports.store.document(did, path), node.ports.store.publisher(did)
    if (
        document is None
        or document.body is None
        or document.state is not DocumentState.LIVE
        or publisher is None
        or not publisher.is_shown
    ):
        message = "there is no such document here; it may have been withdrawn"
        raise UnknownDocument(message)
    if document.expires <= write_time(node.ports.clock.now()):
        raise Expired(Worded("this document was valid until {time}", time=document.expires))
    return document


def relation_of(publisher: Publisher) -> Relation:
    """Say what a publisher is to this node."""
    if publisher.is_hosted:
        return Relation.OWN
    return Relation.VIA if publisher.voucher is not None else Relation.FOLLOWED


def voucher_of(reads: Reads, publisher: Publisher) -> Publisher | None:
    """Return whose partner a publisher is, where it is known here by that alone (LF-VIA-3)."""
    return reads.publisher(publisher.voucher) if publisher.voucher is not None else None


def shown_publishers(reads: Reads) -> list[Publisher]:
    """Return those who publish here, oldest first; not those of whom it is yet to be seen."""
    return [one for one in reads.publishers() if one.is_shown]


def checked_at(publisher: Publisher, now: datetime) -> str | None:
    """Say when it was last known that what a publisher says is current.

    Its own node always knows; it says the day, so that an answer stays the same for that long.
    """
    if publisher.is_hosted:
        return write_time(now.replace(hour=0, minute=0, second=0))
    return publisher.checked


def is_confirmed(publisher: Publisher, now: datetime) -> bool:
    """Whether the newest head of a publisher still holds (LF-HEAD); else "not confirmed since"."""
    return publisher.head_expires is not None and publisher.head_expires > write_time(now)


def home_note(publisher: Publisher, now: datetime) -> str:
    """Say in words what is not as it should be with where a publisher is read; empty: all is well."""
    if publisher.is_hosted:
        return ""
    parts = []
    home = publisher.home
    if home.confirmed is None:
        parts.append(_("not confirmed at its home"))
    elif home.problem is not None:
        parts.append(
            _("not confirmed at its home since %(day)s") % {"day": say_day(home.confirmed)}
        )
    if publisher.source is not None and publisher.source != publisher.base:
        host = urlsplit(publisher.source).hostname
        parts.append(_("read from a mirror at %(host)s") % {"host": host})
    if publisher.renewing_until is not None:
        parts.append(_("being renewed: its key was changed"))
    elif has_new_keys(publisher, now):
        day = say_day(publisher.keys_changed or "")
        parts.append(_("its keys changed on %(day)s") % {"day": day})
    return "; ".join(parts)


def has_new_keys(publisher: Publisher, now: datetime) -> bool:
    """Whether a change of keys is recent enough to be shown (LF-READ-13)."""
    if publisher.keys_changed is None or publisher.is_closed:
        return False
    return now < read_time(publisher.keys_changed) + timedelta(days=limits.KEY_CHANGE_DAYS)


def is_hidden(publisher: Publisher, now: datetime) -> bool:
    """Whether a head expired so long ago that nothing of its publisher is shown any more."""
    return publisher.is_closed or not policy.still_counts(publisher, now)


def homes_of(reads: Reads, record: Shown) -> dict[str, str]:
    """Name the pages of the networks that an organisation belongs to and that are known here, by DID."""
    found = {}
    for one in record.member_of if isinstance(record, Organization) else ():
        known = reads.publisher(one.organisation) if one.organisation else None
        if known is not None and known.is_shown:
            found[known.did] = page_of(known.did, ORGANISATION_PATH)
    return found


class _Ending(msgspec.Struct, frozen=True, rename="camel"):
    valid_until: str | None = None


class Tally:
    """Counts of live documents, kept until the store's log goes on."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._position = -1
        self._counts: dict[str, Counts] = {}
        self._ending: dict[str, list[tuple[str, str, str]]] = {}

    def of(self, did: str) -> Counts:
        """Count the live documents of one publisher."""
        self._keep_up()
        if did not in self._counts:
            self._counts[did] = self._count(did)
        return self._counts[did]

    def current(self, did: str, now: datetime) -> Counts:
        """Count those that have not ended (LF-LIST-3)."""
        counts = self.of(did)
        over = Counter(self.ended(did, now).values())
        return msgspec.structs.replace(
            counts, offers=counts.offers - over["Offer"], needs=counts.needs - over["Need"]
        )

    def ended(self, did: str, now: datetime) -> dict[str, str]:
        """Return the types of the listings of one publisher that have ended, by path."""
        self._keep_up()
        if did not in self._ending:
            self._ending[did] = [
                (path, kind, ends)
                for path, kind, body in self._reads.ending(did)
                if (ends := _ENDINGS.decode(body).valid_until) is not None
            ]
        moment = write_time(now)
        return {path: kind for path, kind, ends in self._ending[did] if ends <= moment}

    def _keep_up(self) -> None:
        position = self._reads.log_position()
        if position != self._position:
            self._position = position
            self._counts.clear()
            self._ending.clear()

    def _count(self, did: str) -> Counts:
        numbers = Counter(
            kind for _, kind, _, state in self._reads.rows(did) if state is DocumentState.LIVE
        )
        return Counts(
            organisations=numbers["Organization"], offers=numbers["Offer"], needs=numbers["Need"]
        )


_ENDINGS: Final = msgspec.json.Decoder(_Ending)
TALLY: Final = web.AppKey("TALLY", Tally)


page_of: Final = values.page_of
"""Names the page of a document, as mails name it too."""


def form_of(document: StoredDocument) -> str:
    """Name the page of the form about a document."""
    scid = parse_did(document.did).scid
    return f"/enquiries/{scid}/{document.path.removesuffix('.json')}"


def source_of(publisher: Publisher, path: str) -> str:
    """Name the file of a document at its publisher."""
    return publisher.base + path


def origin_of(url: str) -> str:
    """Name scheme and host of a URL of ours, without a slash: pages lie below it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
