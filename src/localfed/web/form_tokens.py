"""Form tokens: a form that is sent was shown here, a while ago and not long ago, and is sent once. No cookie is needed.

Here: making and judging them. Not here: the form (`enquiring`). The key is made at the start and is on no disk: a node
that starts anew shows a form once more.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections import OrderedDict
from datetime import datetime
from enum import Enum, auto
from hashlib import sha256
from typing import Final

LEAST_SECONDS: Final = 3
"""Nobody reads a form and writes in it in less; programs do."""

MOST_SECONDS: Final = 86_400
"""A day: whoever writes slowly, or is called away, is not cut off (WCAG 2.2.1: at least twenty hours)."""

_REMEMBERED: Final = 10_000
"""Tokens that were used; beyond that the oldest is forgotten. More than can be sent in a day within the limits."""

_TOKEN: Final = re.compile(
    r"(?P<made>[0-9]{1,12})\.(?P<salt>[A-Za-z0-9_-]{12})\.(?P<mac>[0-9a-f]{64})"
)


class Judgement(Enum):
    """What a token says of the form that it came with."""

    GOOD = auto()
    USED = auto()
    TOO_SOON = auto()
    OLD = auto()
    """Or made by somebody else, or before the node was started."""


class FormTokens:
    """Makes tokens and judges them."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: OrderedDict[str, None] = OrderedDict()

    def make(self, purpose: str, now: datetime) -> str:
        """Make the token of a form that is shown now; it is good for this purpose alone."""
        start = f"{int(now.timestamp())}.{secrets.token_urlsafe(9)}"
        return f"{start}.{self._mac(start, purpose)}"

    def judge(self, token: str, purpose: str, now: datetime) -> Judgement:
        """Judge a token; changes nothing."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return Judgement.OLD
        start = f"{match['made']}.{match['salt']}"
        if not hmac.compare_digest(match["mac"], self._mac(start, purpose)):
            return Judgement.OLD
        if start in self._used:
            return Judgement.USED
        age = int(now.timestamp()) - int(match["made"])
        if age < LEAST_SECONDS:
            return Judgement.TOO_SOON
        return Judgement.GOOD if age <= MOST_SECONDS else Judgement.OLD

    def use_up(self, token: str) -> None:
        """Remember that a form was sent: sent again, it changes nothing."""
        self._used[token.rpartition(".")[0]] = None
        while len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)

    def _mac(self, start: str, purpose: str) -> str:
        return hmac.new(self._key, f"{start}\n{purpose}".encode(), sha256).hexdigest()
