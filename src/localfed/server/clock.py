"""The real clock and the real randomness; everything below gets them as ports."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock, put back to where the clocks of others are if it runs far ahead of them.

    Only ever put back: then nothing expires early. What is signed waits until the clock is right.
    """

    def __init__(self, correction: Callable[[], int | None] | None = None) -> None:
        """Make it; `correction` tells how many seconds others are ahead, None while all agree."""
        self._correction = correction

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        seconds = self._correction() if self._correction is not None else None
        return self.machine() + timedelta(seconds=min(seconds or 0, 0))

    def machine(self) -> datetime:
        """Return what this machine's clock says."""
        return datetime.now(UTC)


class SystemChance:
    """The operating system's randomness."""

    def random_bytes(self, count: int) -> bytes:
        """Return unguessable bytes."""
        return secrets.token_bytes(count)

    def fraction(self) -> float:
        """Return a number in [0, 1), for jitter: it need not be unguessable."""
        return random.random()  # noqa: S311
