"""Organisations: beginning to host one, and which of those hosted a person means.

A node hosts one or several. Each has an identity, keys, documents, a feed and messages of its own; what
it shares with the others is the machine. Spec: 03-identity (LF-ID), 05-documents (LF-ORG), 08-following
(LF-SERVE-6).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from localfed.app.bases import check_free
from localfed.app.names import name_on
from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.publishing import publish
from localfed.app.signing import author_of, put
from localfed.app.values import Publisher
from localfed.protocol.canonical import parse_object
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import Rejected, UnknownOrganisation, WhichOrganisation
from localfed.protocol.identity import create_log, read_identity
from localfed.protocol.keys import SigningKey
from localfed.protocol.kit import Kit
from localfed.protocol.webvh_entry import hash_key


class NewIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A new identity, before anything of it is stored."""

    did: str
    base: str
    log: bytes


def new_identity(
    kit: Kit,
    key: SigningKey,
    *,
    url: str,
    now: datetime,
    allow_loopback: bool,
    trustee: Kit | None = None,
) -> NewIdentity:
    """Make the identity log of a new organisation; `trustee` is a second kit beside the first.

    Raises:
        BadUrl, LoopbackNotAllowed: the URL cannot be an organisation's BASE.

    """
    base = url if url.endswith("/") else url + "/"
    log = create_log(
        kit=kit,
        base=base,
        keys=[key.multikey],
        now=now,
        allow_loopback=allow_loopback,
        trustee_hash=hash_key(trustee.update_key(0).multikey) if trustee is not None else None,
    )
    identity = read_identity(log, now=now, allow_loopback=allow_loopback)
    return NewIdentity(did=identity.did, base=identity.base, log=log)


async def host(
    ports: Ports, new: NewIdentity, *, name: str, language: str, url: str, allow_loopback: bool
) -> Publisher:
    """Begin to host an organisation, the first or another: its identity, its own record, its first head.

    The signing key must be on disk before.

    Raises:
        BadUrl: the node itself answers there. AlreadyInitialised: another one of it lives there.

    """
    keys = ports.keys.signing_keys(new.did)
    now = ports.clock.now()
    jitter = ports.chance.fraction()

    def change(tx: Transaction) -> Publisher:
        identity = read_identity(new.log, now=now, allow_loopback=allow_loopback)
        check_free(tx, identity.base, now)
        if tx.publishers(hosted=True):
            # The first one's is in the settings of the node, where the operator may change it.
            tx.save_fact(_language_fact(identity.scid), language)
        tx.save_publisher(
            Publisher(
                did=identity.did,
                scid=identity.scid,
                base=identity.base,
                host=identity.host,
                is_hosted=True,
                is_followed=False,
                allow_loopback=allow_loopback,
                log=new.log,
            )
        )
        author = author_of(tx, identity.did, keys, now)
        done = put(
            tx,
            author,
            path=ORGANISATION_PATH,
            members={
                "type": "Organization",
                "name": {language: name},
                "url": url,
                "language": language,
            },
            assured=now,
            jitter=jitter,
        )
        publish(tx, author, [done])
        publisher = tx.publisher(identity.did)
        assert publisher is not None
        return publisher

    return await ports.store.write(change)


def language_of(reads: Reads, publisher: Publisher, otherwise: str) -> str:
    """Return the language of a hosted organisation's plain strings; `otherwise` is that of the settings."""
    return reads.fact(_language_fact(publisher.scid)) or otherwise


def the_hosted(reads: Reads, which: str | None = None) -> Publisher:
    """Return the hosted organisation that a command means: the only one, or the one named.

    `which` is a DID, an address, a host or a name; a name counts where it is nobody's address. One that is
    closed is not meant while another is open.

    Raises:
        UnknownOrganisation: none is hosted, or none of that name.
        WhichOrganisation: several are meant, or several are hosted and none is named.

    """
    hosted = reads.publishers(hosted=True)
    if which is None:
        meant = [one for one in hosted if not one.is_closed] or hosted
    else:
        meant = _meant(reads, hosted, which)
    if len(meant) == 1:
        return meant[0]
    if not meant:
        message = "no such organisation is hosted here"
        raise UnknownOrganisation(message)
    several = ", ".join(one.base for one in meant)
    message = (
        f"this node hosts several organisations: say which with --as ({several})"
        if which is None
        else f"several organisations of this node are called so: {several}"
    )
    raise WhichOrganisation(message)


def neighbour(reads: Reads, did: str, which: str, *, by_name: bool = False) -> Publisher | None:
    """Return another organisation of the same node, by DID, address or host, or by name; None: none is meant.

    Raises:
        WhichOrganisation: several are meant.

    """
    meant = [
        one
        for one in reads.publishers(hosted=True)
        if one.did != did
        and not one.is_closed
        and (_is_called(reads, one, which) if by_name else _lives_at(one, which))
    ]
    if len(meant) > 1:
        several = ", ".join(one.base for one in meant)
        message = f"several organisations of this node are called so: {several}"
        raise WhichOrganisation(message)
    return meant[0] if meant else None


def name_of(reads: Reads, publisher: Publisher) -> str:
    """Return what an organisation calls itself, in the language of its record; its host if it does not."""
    return name_on(reads.document(publisher.did, ORGANISATION_PATH)) or publisher.host


def _meant(reads: Reads, hosted: list[Publisher], which: str) -> list[Publisher]:
    """Say which of these a person may mean: by address first, so that no name leads away from one."""
    at_address = [one for one in hosted if _lives_at(one, which)]
    return at_address or [one for one in hosted if _is_called(reads, one, which)]


def _lives_at(publisher: Publisher, which: str) -> bool:
    """Whether this is the DID, the SCID, the address or the host of an organisation."""
    typed, base = which.strip(), publisher.base.rstrip("/")
    scheme, separator, rest = typed.rstrip("/").rpartition("://")
    host, slash, path = rest.partition("/")  # hosts in whatever letters, paths as they are
    return typed in {publisher.did, publisher.scid} or (
        scheme + separator + host.lower() + slash + path
        in {publisher.host, base, base.partition("://")[2]}
    )


def _is_called(reads: Reads, publisher: Publisher, which: str) -> bool:
    """Whether this is a name of an organisation, in any of its languages."""
    return which.strip().casefold() in {one.casefold() for one in _names(reads, publisher)}


def _names(reads: Reads, publisher: Publisher) -> list[str]:
    """Return what an organisation calls itself in its own record."""
    document = reads.document(publisher.did, ORGANISATION_PATH)
    try:
        names = parse_object(document.body).get("name") if document and document.body else None
    except Rejected:
        return []  # a damaged record of one hides no other
    return [str(one) for one in names.values()] if isinstance(names, dict) else []


def _language_fact(scid: str) -> str:
    return f"language {scid}"
