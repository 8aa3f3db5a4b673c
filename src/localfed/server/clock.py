"""The real clock and the real randomness; everything below gets them as ports."""

from __future__ import annotations

import random
import secrets
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)


class SystemChance:
    """The operating system's randomness."""

    def random_bytes(self, count: int) -> bytes:
        """Return unguessable bytes."""
        return secrets.token_bytes(count)

    def fraction(self) -> float:
        """Return a number in [0, 1), for jitter: it need not be unguessable."""
        return random.random()  # noqa: S311
