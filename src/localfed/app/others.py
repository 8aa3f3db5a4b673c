"""Others: finding whom one of our organisations deals with, by what a person calls it.

Here: one rule for partnerships and exchanges. Not here: what is done with them (the features).
"""

from __future__ import annotations

from localfed.app import moderation, organisations
from localfed.app.ports import Reads
from localfed.app.values import Publisher
from localfed.protocol.errors import BadDraft, UnknownOrganisation


def find_partner(reads: Reads, did: str, which: str) -> Publisher:
    """Find another organisation by URL, host or DID: somebody known here, or another of this node.

    Raises:
        BadDraft: it is oneself.
        UnknownOrganisation: nobody such is known here.

    """
    ours = reads.publisher(did)
    name = which.strip().rstrip("/")
    if ours is not None and name in {ours.did, ours.host, ours.base.rstrip("/"), ours.scid}:
        message = "a partner is somebody else: that is your own organisation"
        raise BadDraft(message)
    near = organisations.neighbour(reads, did, which)
    if near is not None:
        return near
    try:
        return moderation.find(reads, which)
    except UnknownOrganisation:
        near = organisations.neighbour(reads, did, which, by_name=True)
        if near is None:
            raise
        return near
