"""Outgoing texts: what strangers wrote, fit for files of other formats.

Here: leaving out characters that a format forbids or that show a reader something else than is there. Not here:
the escapes of a format, which are for its own writer (`atom`, `icalendar`, `schema_org`).
"""

from __future__ import annotations

import re
from typing import Final

# Controls but for the line feed, halves of pairs, what XML 1.0 forbids, and what turns the direction of all that
# follows: in a list of somebody else's program nothing ends an override where its text ends.
_UNFIT: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_LINE_ENDS: Final = re.compile("\r\n?|\u2028|\u2029|\x85")


def clean(text: str) -> str:
    """Return a text of several lines without what is unfit; every line ends with a line feed."""
    return _UNFIT.sub("", _LINE_ENDS.sub("\n", text.replace("\t", " ")))


def clean_line(text: str) -> str:
    """Return a text as one line without what is unfit."""
    return " ".join(clean(text).split())
