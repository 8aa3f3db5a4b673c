"""How many documents a second each side verifies: `cd tests && ../.venv/bin/python -m agreement.measure`.

Both read the records of `drafts.py` from text to verdict, one after the other, on one core, many times
over; the first times, while Node still compiles, do not count. Theirs checks the proof; ours is the
whole door: form, issuer, path and times too. Records with an extension go our long way.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from agreement import drafts
from agreement.other import HERE, ask, verify
from agreement.verdicts import AT
from localfed.protocol.accept import open_document
from node_packages import install

WARMING = 1_000
"""How many documents are read before it counts."""


def theirs(packages: Path, bodies: Sequence[bytes]) -> float:
    """Documents a second that the other implementation verifies."""
    answers = ask(packages, (verify(body, drafts.known()) for body in bodies))
    assert all(answer["verified"] for answer in answers)
    counted = answers[min(WARMING, len(answers) // 2) :]
    return 1_000 * len(counted) / sum(answer["milliseconds"] for answer in counted)


def ours(bodies: Sequence[bytes]) -> float:
    """Documents a second that our door takes."""
    identity = drafts.identity()
    start = perf_counter()
    for body in bodies:
        open_document(body, identity=identity, now=AT)
    return len(bodies) / (perf_counter() - start)


def main(*, documents: int = 5_000, rounds: int = 5) -> None:
    """Print the median of some rounds; the two alternate, so that a slow moment slows both."""
    packages = install(HERE)
    bodies = [one.body for one in drafts.records()]
    extended = [body for body in bodies if b'"ext":' in body]
    plain = [body for body in bodies if b'"ext":' not in body]
    sys.stdout.write("documents a second\n")
    for name, some in (("without extension", plain), ("with extension", extended)):
        many = (some * (documents // len(some) + 1))[:documents]
        found = [(theirs(packages, many), ours(many)) for _ in range(rounds)]
        size = sum(map(len, many)) / len(many)
        sys.stdout.write(
            f"{name:20}{size:6,.0f} bytes   theirs {median(one for one, _ in found):6,.0f}"
            f"   ours {median(one for _, one in found):6,.0f}\n"
        )


if __name__ == "__main__":
    main()
