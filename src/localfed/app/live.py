"""Live: what of the store is shown at a moment.

Here: looking documents up that something names, with their publishers. Not here: from whom anything is taken (`policy`).
"""

from __future__ import annotations

from datetime import datetime

from localfed.app import policy
from localfed.app.ports import Reads
from localfed.app.values import DocumentState, Publisher, StoredDocument
from localfed.protocol.times import write_time


class Live:
    """Looks up what is named, as it is now: an index may be a moment behind the store."""

    def __init__(self, reads: Reads, now: datetime) -> None:
        self._reads, self._now, self._moment = reads, now, write_time(now)
        self._publishers: dict[str, Publisher | None] = {}

    def look(self, did: str, path: str) -> tuple[Publisher, StoredDocument] | None:
        """Look at what is at a path; None where nothing of it is shown."""
        publisher = self.publisher(did)
        document = self._reads.document(did, path) if publisher is not None else None
        if publisher is None or document is None or not self.is_live(document):
            return None
        return publisher, document

    def publisher(self, did: str) -> Publisher | None:
        """Look at a publisher; None where nothing of it is shown."""
        if did not in self._publishers:
            publisher = self._reads.publisher(did)
            is_there = publisher is not None and is_shown(publisher, self._now)
            self._publishers[did] = publisher if is_there else None
        return self._publishers[did]

    def is_live(self, document: StoredDocument) -> bool:
        """Whether a document is one to show, whoever published it."""
        return (
            document.state is DocumentState.LIVE
            and document.is_shown
            and document.expires > self._moment
        )


def is_shown(publisher: Publisher, now: datetime) -> bool:
    """Whether documents of a publisher are shown: up to 14 days after its head expired."""
    return publisher.is_shown and policy.still_counts(publisher, now)
