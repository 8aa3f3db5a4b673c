"""Bases: which address an organisation of this node may have beside the others.

Here: who lives at which BASE now or did once, and what no BASE may be. Not here: hosting one
(`organisations`), moving one (`keyring`), answering requests (`web`). Spec: 08-following (LF-SERVE-6).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from localfed.app import policy
from localfed.app.ports import Reads
from localfed.app.values import Publisher
from localfed.protocol.errors import AlreadyInitialised, BadUrl, Blocked, Rejected
from localfed.protocol.identity import read_identity

RESERVED: Final = frozenset({".well-known", "api", "static"})
"""First parts of a path below which the node itself answers."""

MIRROR: Final = "mirror"
"""A part of a path below which the files of others lie: no organisation lives there."""


def bases_of(publisher: Publisher, now: datetime) -> tuple[str, ...]:
    """Return every BASE that a hosted organisation has or had, its present one among them."""
    try:
        bases = read_identity(publisher.log, now=now, allow_loopback=True).bases
    except Rejected:
        bases = (publisher.base,)  # a damaged log of one stands in the way of nobody else
    return tuple(dict.fromkeys((*bases, publisher.base)))


def check_free(reads: Reads, base: str, now: datetime, *, but: str | None = None) -> None:
    """Check that a BASE may become that of an organisation of this node; `but` may live there itself.

    Where another one lived that moved, followers look for it: that stays its own. Of a closed one they
    need nothing any more.
    Rules: LF-SERVE-6.

    Raises:
        BadUrl: the node itself answers there.
        AlreadyInitialised: another organisation of this node lives or lived there.
        Blocked: the operator blocked that host.

    """
    parts = urlsplit(base).path.strip("/").split("/")
    if parts[0] in RESERVED or MIRROR in parts:
        taken = parts[0] if parts[0] in RESERVED else MIRROR
        message = f"the node itself answers below /{taken}/: no organisation can live there"
        raise BadUrl(message)
    if policy.is_host_blocked(reads, urlsplit(base).netloc):
        message = (
            f"this node takes nothing from that host: localfed unblock host {urlsplit(base).netloc}"
        )
        raise Blocked(message)
    for one in reads.publishers(hosted=True):
        if one.did != but and not one.is_closed and base in bases_of(one, now):
            message = f"another organisation of this node lives at {base}, or did before it moved"
            raise AlreadyInitialised(message)
