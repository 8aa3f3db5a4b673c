"""What tests of the outgoing door share: an evil server, and a door with little patience."""

from __future__ import annotations

from evil import evil_server, fetch

__all__ = ["evil_server", "fetch"]
