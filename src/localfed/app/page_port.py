"""Pages as the store knows them: which documents have one, read without reading a document.

Here: what the site map needs of the disk, as a type. Not here: the store's port as a whole (`store_port`).
"""

from __future__ import annotations

from typing import Protocol


class PageReads(Protocol):
    """Reading which documents have pages; bounded."""

    def pages(
        self, did: str, now: str, *, after: str, skip: int, limit: int
    ) -> list[tuple[str, str]]:
        """Return (path, updated) of what of a publisher has a page, sorted by path, past `after`."""
        ...

    def count_pages(self, did: str, now: str) -> tuple[int, str]:
        """Count what of a publisher has a page, and say when the newest of it was signed."""
        ...
