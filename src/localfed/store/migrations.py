"""The tables, as numbered migrations: each brings a database from one version to the next.

Here: the schema and how a database gets it. Not here: what is read and written (one file per noun).
A migration that has been released is never changed again; a change is a new one at the end.
"""

from __future__ import annotations

from typing import Final

from localfed.protocol.errors import NewerDatabase, NotInitialised, StoreBroken
from localfed.store.connection import Connection

APPLICATION_ID: Final = 0x4C464544
"""`LFED`, in the header of the file: nobody else's database is taken for ours."""

_FIRST: Final = """
-- Every DID that was ever here, under a number: rows of documents and of the log stay short, and the
-- log and the retired paths outlive the publisher.
CREATE TABLE identity (
    id INTEGER PRIMARY KEY,
    did TEXT NOT NULL UNIQUE
) STRICT;

-- The long columns come last: what stands after them costs a walk over their pages.
CREATE TABLE publisher (
    id INTEGER PRIMARY KEY REFERENCES identity (id),
    added INTEGER NOT NULL UNIQUE,
    scid TEXT NOT NULL,
    base TEXT NOT NULL,
    host TEXT NOT NULL,
    is_hosted INTEGER NOT NULL CHECK (is_hosted IN (0, 1)),
    is_followed INTEGER NOT NULL CHECK (is_followed IN (0, 1)),
    allow_loopback INTEGER NOT NULL CHECK (allow_loopback IN (0, 1)),
    is_closed INTEGER NOT NULL CHECK (is_closed IN (0, 1)),
    era INTEGER,
    seq INTEGER,
    chain TEXT,
    updated TEXT,
    head_expires TEXT,
    poll_seconds INTEGER NOT NULL,
    etag TEXT,
    checked TEXT,
    next_poll TEXT,
    failures INTEGER NOT NULL,
    problem TEXT,
    entries_since_snapshot INTEGER NOT NULL,
    over_quota INTEGER NOT NULL,
    head BLOB,
    log BLOB NOT NULL,
    CHECK ((era IS NULL) = (seq IS NULL)),
    CHECK ((era IS NULL) = (chain IS NULL)),
    CHECK ((era IS NULL) = (updated IS NULL))
) STRICT;
CREATE INDEX publisher_hosted ON publisher (base) WHERE is_hosted = 1;
-- Never polled sorts before every time.
CREATE INDEX publisher_due ON publisher (COALESCE(next_poll, '')) WHERE is_followed = 1;

-- Rows of some 250 bytes, sixteen to a page; the bytes lie apart in `body`, because listing, counting
-- and looking for what is wanted or due never need them.
CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    publisher_id INTEGER NOT NULL REFERENCES publisher (id),
    path TEXT NOT NULL,
    type TEXT NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'wanted', 'rejected')),
    revision INTEGER NOT NULL,
    updated TEXT NOT NULL,
    expires TEXT NOT NULL,
    is_shown INTEGER NOT NULL CHECK (is_shown IN (0, 1)),
    renew_at TEXT,
    problem TEXT,
    UNIQUE (publisher_id, path)
) STRICT;
CREATE INDEX document_wanted ON document (publisher_id, path) WHERE state = 'wanted';
CREATE INDEX document_rejected ON document (publisher_id, path) WHERE state = 'rejected';
CREATE INDEX document_due ON document (publisher_id, renew_at, path) WHERE renew_at IS NOT NULL;

CREATE TABLE body (
    document_id INTEGER PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE retired (
    identity_id INTEGER NOT NULL REFERENCES identity (id),
    path TEXT NOT NULL,
    PRIMARY KEY (identity_id, path)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a position is never given twice, also if old rows should be removed one day.
CREATE TABLE log (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    identity_id INTEGER NOT NULL REFERENCES identity (id),
    path TEXT NOT NULL
) STRICT;

CREATE TABLE feed_file (
    id INTEGER PRIMARY KEY,
    publisher_id INTEGER NOT NULL REFERENCES publisher (id),
    path TEXT NOT NULL,
    remove_after TEXT,
    bytes BLOB NOT NULL,
    UNIQUE (publisher_id, path)
) STRICT;
CREATE INDEX feed_file_replaced ON feed_file (publisher_id, remove_after)
    WHERE remove_after IS NOT NULL;

CREATE TABLE import_record (
    publisher_id INTEGER NOT NULL REFERENCES publisher (id),
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    PRIMARY KEY (publisher_id, source, key)
) STRICT, WITHOUT ROWID;
"""

_SECOND: Final = """
-- What this node thinks of a publisher; apart from what the publisher says, whose long columns would
-- have to be walked over.
CREATE TABLE standing (
    id INTEGER PRIMARY KEY REFERENCES publisher (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    voucher TEXT,
    is_shown INTEGER NOT NULL CHECK (is_shown IN (0, 1)),
    quota INTEGER,
    removed TEXT,
    removal TEXT,
    home_confirmed TEXT,
    home_problem TEXT,
    mirror TEXT,
    source TEXT,
    read TEXT,
    keys_changed TEXT,
    renewing_until TEXT,
    pinged TEXT,
    growth_since TEXT,
    growth_base INTEGER NOT NULL,
    growth_count INTEGER NOT NULL,
    growth_held_back INTEGER NOT NULL,
    hold TEXT,
    kit_checked TEXT,
    CHECK ((removed IS NULL) = (removal IS NULL))
) STRICT;
-- Whoever was followed had its log read at its home.
INSERT INTO standing (
    id, step, is_shown, home_confirmed, source, read,
    growth_base, growth_count, growth_held_back
) SELECT id, 0, 1, checked, base, checked, 0, 0, 0 FROM publisher;

CREATE INDEX standing_vouched ON standing (voucher) WHERE voucher IS NOT NULL;
CREATE INDEX document_half ON document (publisher_id)
    WHERE type = 'Partnership' AND state = 'live';

DROP INDEX publisher_due;
CREATE INDEX publisher_due ON publisher (COALESCE(next_poll, '')) WHERE is_hosted = 0;

CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    publisher_id INTEGER NOT NULL REFERENCES publisher (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    times INTEGER NOT NULL,
    source TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    held BLOB NOT NULL,
    offered BLOB NOT NULL,
    UNIQUE (publisher_id, kind, fingerprint)
) STRICT;

CREATE TABLE block (
    kind TEXT NOT NULL CHECK (kind IN ('organisation', 'host', 'mirror')),
    value TEXT NOT NULL,
    since TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;

-- What the mirrors of followed publishers say that they have.
CREATE TABLE mirror (
    base TEXT PRIMARY KEY,
    did TEXT NOT NULL,
    checked TEXT NOT NULL,
    clock BLOB
) STRICT, WITHOUT ROWID;

-- What came to the inboxes of this node; each waits until a person opens it.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    type TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    expires TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'opened', 'dismissed')),
    is_stranger INTEGER NOT NULL CHECK (is_stranger IN (0, 1)),
    log BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX message_waiting ON message (is_stranger, sender) WHERE state = 'new';

-- What is to be sent to the inboxes of others: written with what caused it, in one transaction.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    allow_loopback INTEGER NOT NULL CHECK (allow_loopback IN (0, 1)),
    kind TEXT NOT NULL CHECK (kind IN ('ping', 'message')),
    digest TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    problem TEXT,
    created TEXT NOT NULL,
    next_try TEXT NOT NULL,
    failures INTEGER NOT NULL,
    expires TEXT,
    body BLOB,
    UNIQUE (sender, recipient, kind, digest)
) STRICT;
CREATE INDEX outbox_due ON outbox (host, next_try, id) WHERE state = 'waiting';

-- How the hosts of inboxes answer: a dead one is asked once a day, whatever waits for it.
CREATE TABLE peer (
    host TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    next_try TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clock_reading (
    host TEXT PRIMARY KEY,
    seconds INTEGER NOT NULL,
    seen TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Single facts about the node itself, such as what is wrong with its clock.
CREATE TABLE fact (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

_THIRD: Final = """
-- Each organisation of a node has a tray of its own: what waits for one takes no room of another.
DROP INDEX message_waiting;
CREATE INDEX message_waiting ON message (recipient, is_stranger, sender) WHERE state = 'new';
"""

_FOURTH: Final = """
-- What visitors wrote by a form, until it has arrived.
CREATE TABLE enquiry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    received TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('question', 'correction')),
    recipient TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('mail', 'tray', 'message', 'link')),
    name TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    text TEXT NOT NULL,
    problem TEXT,
    failures INTEGER NOT NULL,
    next_try TEXT NOT NULL,
    expires TEXT NOT NULL,
    link TEXT UNIQUE,
    message TEXT
) STRICT;
"""

_FIFTH: Final = """
-- What the operator should know: each once for an organisation, a kind and what it is about.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    did TEXT NOT NULL,
    about TEXT NOT NULL,
    text TEXT NOT NULL,
    since TEXT NOT NULL,
    seen TEXT,
    UNIQUE (did, kind, about)
) STRICT;
"""

_SIXTH: Final = """
-- Pictures that documents here name. The bytes lie apart, and are always encoded on this machine.
CREATE TABLE picture (
    id INTEGER PRIMARY KEY,
    publisher_id INTEGER NOT NULL REFERENCES publisher (id),
    path TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'wanted', 'refused')),
    bytes INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    copy TEXT,
    copy_width INTEGER NOT NULL,
    copy_height INTEGER NOT NULL,
    copy_bytes INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    next_try TEXT,
    problem TEXT,
    UNIQUE (publisher_id, path),
    CHECK ((state = 'held') = (copy IS NOT NULL)),
    CHECK ((state = 'wanted') = (next_try IS NOT NULL))
) STRICT;
CREATE INDEX picture_due ON picture (publisher_id, next_try) WHERE state = 'wanted';
CREATE INDEX picture_copy ON picture (copy) WHERE copy IS NOT NULL;

CREATE TABLE picture_body (
    picture_id INTEGER PRIMARY KEY REFERENCES picture (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE picture_use (
    publisher_id INTEGER NOT NULL,
    document TEXT NOT NULL,
    picture_id INTEGER NOT NULL REFERENCES picture (id) ON DELETE CASCADE,
    PRIMARY KEY (publisher_id, document, picture_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX picture_used ON picture_use (picture_id);
"""

_SEVENTH: Final = """
CREATE INDEX document_exchange ON document (publisher_id)
    WHERE type = 'Exchange' AND state = 'live';
"""

MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH, _SEVENTH)
"""Migration 1 first. The version of a database is the number of the last one it has had."""

VERSION: Final = len(MIGRATIONS)


def needs_migration(connection: Connection, *, create: bool) -> bool:
    """Say whether a database lacks migrations, having checked that it is one of ours.

    Raises:
        NotInitialised: it is empty, and none shall be made.
        NewerDatabase: it has migrations that are not known here.
        StoreBroken: it is somebody else's database.

    """
    version = connection.pragma("user_version")
    is_empty = version == 0 and connection.pragma("schema_version") == 0
    if is_empty:
        if not create:
            raise NotInitialised("that folder holds no node: its database is empty")
        return True
    if connection.pragma("application_id") != APPLICATION_ID:
        raise StoreBroken("the database is not one of LocalFed")
    check_version(version)
    return bool(version < VERSION)


def check_version(version: int) -> None:
    """Refuse a database of a newer LocalFed.

    Raises:
        NewerDatabase: it is one.

    """
    if version > VERSION:
        raise NewerDatabase(
            f"the database has version {version}; this LocalFed knows versions up to {VERSION}"
        )


def migrate(connection: Connection) -> None:
    """Bring a database to the present version, in one transaction.

    Raises:
        NewerDatabase, DiskFull, StoreBusy, StoreBroken: by name; it is as it was.

    """
    with connection.transaction():
        version = connection.pragma("user_version")  # another process may have been quicker
        check_version(version)
        for migration in MIGRATIONS[version:]:
            connection.run(migration)
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", VERSION)
