"""The values that cross the ports: what use cases tell store, index and net, and are told.

Here: plain frozen structs and two vocabularies. Not here: who takes or gives them (`ports`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from localfed.protocol.did import parse_did
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.ratchet import HeadState


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """What the daily look at an identity's home brought (LF-FOLLOW-1)."""

    confirmed: str | None = None
    """When the log there last was the one held, or extended it; None: never, "not confirmed at its
    home"."""
    problem: str | None = None
    """Code of what was wrong there at the last look, or None."""


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a publisher is hidden: by the operator's word, or since nobody followed vouches for it any more.

    Undone for seven days, then it is forgotten.
    """

    since: str
    why: str
    """`unfollowed`, `blocked`, or `no-longer-vouched`."""


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a publisher grew that is known by "via" alone (LF-VIA-6)."""

    since: str | None = None
    """When the time over which is counted began."""
    base: int = 0
    """Documents that it had then."""
    count: int = 0
    """New paths and changed contents since."""
    held_back: int = 0
    """Documents that wait for the operator's word."""


class Publisher(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation whose documents are here: hosted by this node, followed, or vouched for."""

    did: str
    """The first DID: the name of the publisher everywhere."""
    scid: str
    base: str
    """BASE: where its files lie, ending in `/`."""
    host: str
    """What people are shown."""
    is_hosted: bool
    is_followed: bool
    allow_loopback: bool
    """The operator allowed loopback addresses for this publisher (development)."""
    is_closed: bool = False
    """Its identity log ends with a closing entry."""
    log: bytes
    """did.jsonl as received."""
    head: bytes | None = None
    """head.json as received: the newest accepted one."""
    state: HeadState | None = None
    """The ratchet: what the newest accepted head says."""
    head_expires: str | None = None
    poll_seconds: int = 900
    etag: str | None = None
    """ETag of head.json at its home."""
    checked: str | None = None
    """When its home last answered well (time of the wire), or None."""
    next_poll: str | None = None
    failures: int = 0
    problem: str | None = None
    """Code of the last failure, or None."""
    entries_since_snapshot: int = 0
    """Hosted only: entries since the last snapshot."""
    over_quota: int = 0
    """Documents its head lists beyond the quota."""
    step: int = 0
    """How far it is from whom the operator follows: 0 followed, 1 a partner of one, 2 of that one."""
    voucher: str | None = None
    """DID of whose partner it is, where it is only known by that ("via")."""
    is_shown: bool = True
    """False: nothing of it is shown, for it is blocked, removed, or its partnership does not hold."""
    quota: int | None = None
    """Documents that the operator allows it; None: as many as its step gives."""
    removal: Removal | None = None
    home: Home = Home()
    mirror: str | None = None
    """The mirror that the operator chose to read it from, ending in `/`; None: its home."""
    source: str | None = None
    """Where it was last read well, ending in `/`: BASE, or the folder of a mirror."""
    read: str | None = None
    """When it was last read well, wherever that was."""
    keys_changed: str | None = None
    """When a change of its keys was last seen; shown for 30 days."""
    renewing_until: str | None = None
    """Until when what a removed key signed is still shown (LF-READ-13)."""
    pinged: str | None = None
    """When a push last let it be polled sooner; within the minute, when it will."""
    growth: Growth = Growth()
    hold: str | None = None
    """Hosted only: code of why nothing may be signed until a person decides, or None."""
    kit_checked: str | None = None
    """Hosted only: when a person last showed that they have the recovery kit."""


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """A folder where the files of a publisher are read: its home, or its folder on a mirror."""

    base: str
    """A URL that ends in `/`."""
    is_home: bool
    allow_loopback: bool


class DocumentState(StrEnum):
    """What is known of a path that the newest accepted head lists."""

    LIVE = "live"
    """Bytes held, checked, listed."""
    WANTED = "wanted"
    """Listed; bytes not held: ask at each poll."""
    REJECTED = "rejected"
    """Listed; the bytes with that digest cannot be accepted (`problem` says why)."""


class StoredDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A path that a publisher's newest accepted head lists, and its bytes where held."""

    did: str
    path: str
    type: str
    digest: str
    state: DocumentState
    body: bytes | None = None
    revision: int = 0
    updated: str = ""
    expires: str = ""
    is_shown: bool = True
    """False: of an unknown type or with unknown critical members; relayed, not shown."""
    renew_at: str | None = None
    """Hosted only: when it is signed again."""
    problem: str | None = None
    """Why it is rejected; of one that is wanted: what it waits for, and until then nobody asks for it."""

    @property
    def id(self) -> str:
        """The document's id: DID/path."""
        return f"{self.did}/{self.path}"


class FeedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A feed page or snapshot part of a hosted organisation."""

    did: str
    path: str
    body: bytes
    remove_after: str | None = None
    """Replaced: kept until then for readers that are still at it."""


class MirrorState(msgspec.Struct, frozen=True, kw_only=True):
    """What was last seen of the mirror at a publisher's BASE; a hint of whom it is worth asking about."""

    base: str
    """BASE of the mirror: that of the publisher, and `mirror/`."""
    did: str
    """Whose mirror it is."""
    checked: str
    """When it was last asked."""
    clock: dict[str, int] | None
    """SCID and seq of each publisher that it has; None: there is no mirror, or it did not answer."""


class EvidenceKind(StrEnum):
    """What a publisher, or somebody in its name, did that a person should know."""

    FORKED = "forked"
    """Two heads with one number and different feeds."""
    LOG_FORKED = "log-forked"
    """Two identity logs that contradict each other."""
    STALE = "stale"
    """A head older than the newest one accepted: a rollback, or a slow mirror."""
    RESTARTED = "restarted"
    """A feed that does not go on where the one before ended."""
    OTHER_SNAPSHOT = "other-snapshot"
    """A snapshot that tells newcomers another directory than the pages do."""
    AHEAD = "ahead"
    """Hosted only: a head of our own identity that goes further than our own state."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Signed statements that contradict each other, kept as they came."""

    did: str
    kind: EvidenceKind
    first: str
    """When it was first seen."""
    last: str
    """When it was last seen."""
    times: int
    source: str
    """The URL that brought it, or how it came."""
    held: bytes
    """The statement that counts here: a head, or a log."""
    offered: bytes
    """The statement that does not."""


class BlockKind(StrEnum):
    """What can be blocked."""

    ORGANISATION = "organisation"
    HOST = "host"
    MIRROR = "mirror"


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the operator's private list of whom this node does not take anything from."""

    kind: BlockKind
    value: str
    """A SCID, a host name in lower case, or the BASE of a mirror."""
    since: str
    note: str = ""


class ClockReading(msgspec.Struct, frozen=True, kw_only=True):
    """What time it was at a host, compared with this machine."""

    host: str
    seconds: int
    """How far it was ahead of this machine; behind is negative."""
    seen: str


class LogRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the store's own append-only log: something at this path changed."""

    position: int
    did: str
    path: str


class ImportRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Which document an imported record became."""

    did: str
    source: str
    """Name of the source, as the importer gave it."""
    key: str
    """The record's own identifier there."""
    path: str
    fingerprint: str
    """Digest of what was imported: the same again changes nothing."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much of each is here."""

    publishers_hosted: int
    publishers_followed: int
    documents_live: int
    documents_wanted: int
    documents_rejected: int
    log_position: int


class Kind(StrEnum):
    """What a search result is."""

    ORGANISATION = "organisation"
    OFFER = "offer"
    NEED = "need"


class Point(msgspec.Struct, frozen=True):
    """A point on the Earth, in degrees (WGS 84)."""

    latitude: float
    longitude: float


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A place that somebody named, as a point."""

    label: str
    """As people write it: `EH1 1AD`, `Newport, Wales`, `55.95, -3.19`."""
    point: Point
    radius_km: float
    """How far off the point may be from what is meant."""
    kind: str
    """`point`, `code` or `name`."""
    country: str = ""
    population: int = 0
    others: tuple[str, ...] = ()
    """Labels of other places of that name."""

    @property
    def near(self) -> str:
        """The point as a search takes it."""
        return f"{self.point.latitude:.6f},{self.point.longitude:.6f}"


class PlaceSource(msgspec.Struct, frozen=True, kw_only=True):
    """Whence places come."""

    country: str
    kind: str
    """`units` (full postcodes), `codes` (parts of them, or postcodes of other countries) or `names`."""
    title: str
    licence: str
    attribution: str
    edition: str
    entries: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a fetch brought."""

    url: str
    """Where it came from in the end."""
    status: int
    """200 or 304 (with an `etag` asked), or 404 where `may_be_missing`."""
    body: bytes
    etag: str | None
    links: tuple[str, ...] = ()
    """Targets of HTTP Link headers with rel=localfed."""
    content_type: str = ""
    hosts: tuple[str, ...] = ()
    """Every host that was asked, in order: more than one after redirects."""
    date: datetime | None = None
    """What time it is there, as it says itself."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that an address seems to name; its identity log must confirm it."""

    did: str | None
    """The DID that the hint names; None where only a folder was found."""
    base: str
    """BASE, in its one form: https (http on localhost in development), ending in `/`."""


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """What an address led to: hints, none of which grants anything."""

    hosts: tuple[str, ...]
    """Every host that was asked, in order: people are shown them."""
    candidates: tuple[Candidate, ...]
    """At least one, in the order of their source, each BASE once."""


def page_of(did: str, path: str) -> str:
    """Name the page of a document on any node: a path from its root, stable as the id is."""
    scid = parse_did(did).scid
    if path == ORGANISATION_PATH:
        return f"/organisations/{scid}"
    return f"/documents/{scid}/{path.removesuffix('.json')}"
