"""Logs: reading the identity log of somebody else at an address, where it may not be there.

Here: one look at a URL, and at the home of a DID. Not here: what is made of it (`follows`, `vouching`),
taking a log over (`accepting`). Spec: 03-identity (LF-ID), 08-following (LF-FOLLOW-1).
"""

from __future__ import annotations

import msgspec

from localfed.app.ports import Ports
from localfed.protocol import limits
from localfed.protocol.did import log_url, parse_did
from localfed.protocol.errors import Refused, Rejected, Unreachable
from localfed.protocol.identity import Identity, confirms_home, read_identity


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """An identity log that was read somewhere, and is good."""

    identity: Identity
    data: bytes
    """did.jsonl as received."""


async def read_log(ports: Ports, url: str, did: str, *, allow_loopback: bool) -> Log | None:
    """Read a log of a DID somewhere; None where there is none that counts."""
    try:
        answer = await ports.fetch.get(
            url, limit_bytes=limits.LOG_BYTES, allow_loopback=allow_loopback
        )
        now = ports.clock.now()
        identity = read_identity(answer.body, now=now, allow_loopback=allow_loopback, did=did)
    except (Unreachable, Rejected, Refused):
        return None
    return Log(identity=identity, data=answer.body)


async def read_at_home(ports: Ports, did: str, *, allow_loopback: bool) -> Log | None:
    """Read the log of a DID at its home, once moved if the log there says so; None: not confirmed.

    Raises:
        BadDid: by name.

    """
    first = await read_log(ports, log_url(parse_did(did)), did, allow_loopback=allow_loopback)
    if first is None:
        return None
    home = first.identity.home
    found = first
    if home != log_url(parse_did(did)):
        moved = await read_log(ports, home, did, allow_loopback=allow_loopback)
        if moved is None:
            return None
        found = moved
    return found if confirms_home(first.identity, found.identity, home) else None
