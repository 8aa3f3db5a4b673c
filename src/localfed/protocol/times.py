"""Times as the wire writes them.

Spec: 02-bytes (LF-BYTES-9). Source: a strict subset of RFC 3339.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from localfed.protocol.errors import BadTime

_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def write_time(moment: datetime) -> str:
    """Write a moment (aware) as `YYYY-MM-DDTHH:MM:SSZ`, its fraction of a second dropped."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: str) -> datetime:
    """Read `YYYY-MM-DDTHH:MM:SSZ`.

    Raises:
        BadTime: another form, or a day or hour that does not exist.

    """
    # 1000 is the least year: strftime does not pad smaller ones everywhere.
    if not _TIME.fullmatch(text) or text < "1000":
        message = f"{text[:40]!a} is not a time such as 2026-05-01T09:30:00Z"
        raise BadTime(message)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text} does not exist"
        raise BadTime(message) from error
    # Later versions of Python read 24:00:00 as the next day.
    if text[11:13] == "24":
        message = f"{text} does not exist"
        raise BadTime(message)
    return moment


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970: what new numbers start from (LF-WRITE-2)."""
    return int(moment.timestamp() * 1000)
