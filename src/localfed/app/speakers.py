"""Speakers: as much of each publisher as it takes to know whether what it says counts; a value that crosses the ports.

Here: the value alone. Not here: a publisher as a whole (`values`), what counts (`halves`).
"""

from __future__ import annotations

import msgspec


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a publisher as it takes to know whether what it says counts; read by the thousand."""

    did: str
    scid: str
    host: str
    is_closed: bool
    head_expires: str | None
    voucher: str | None
    is_shown: bool
