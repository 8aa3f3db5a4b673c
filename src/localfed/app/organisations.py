"""Organisations: beginning to host one, and what is known of each.

Spec: 03-identity (LF-ID), 05-documents (LF-ORG).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from localfed.app.ports import Ports, Reads, Transaction
from localfed.app.publishing import publish
from localfed.app.signing import author_of, put
from localfed.app.values import Publisher
from localfed.protocol.document import ORGANISATION_PATH
from localfed.protocol.errors import UnknownOrganisation
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
    """Begin to host an organisation: its identity, its own record, its first head.

    The signing key must be on disk before.
    """
    keys = ports.keys.signing_keys(new.did)
    now = ports.clock.now()
    jitter = ports.chance.fraction()

    def change(tx: Transaction) -> Publisher:
        identity = read_identity(new.log, now=now, allow_loopback=allow_loopback)
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


def the_hosted(reads: Reads, which: str | None = None) -> Publisher:
    """Return the hosted organisation that a command means: the only one, or the one named.

    `which` is a DID or a host. Raises:
        UnknownOrganisation: none is hosted, none of that name, or several and none named.

    """
    hosted = reads.publishers(hosted=True)
    if which is not None:
        hosted = [one for one in hosted if which in {one.did, one.host, one.base}]
    if len(hosted) == 1:
        return hosted[0]
    message = (
        "no such organisation is hosted here"
        if not hosted
        else "several organisations are hosted here; say which"
    )
    raise UnknownOrganisation(message)
