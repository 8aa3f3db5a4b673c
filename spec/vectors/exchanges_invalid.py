"""Halves of exchanges that every reader refuses, each for one reason: rule, code and document.

Here: what is wrong with one half by itself. Not here: two halves that differ, which is no fault of either.
"""

from __future__ import annotations

from typing import Any, Final

from forge_document import DID, PARTNER, Json, exchange, flow

ELSE: Final = f"did:webvh:Qm{'2' * 44}:miller.example"

Case = tuple[str, str, Json]


def _shape(rule: str, /, **changes: Any) -> Case:
    return rule, "wrong-shape", exchange(**changes)


def _flow(rule: str, /, **changes: Any) -> Case:
    return _shape(rule, flows=[flow(**changes)])


def _time(start: str, end: str, rule: str = "LF-EXCH-3", **changes: Any) -> Case:
    return rule, "bad-time", exchange(period={"start": start, "end": end}, **changes)


def exchanges() -> dict[str, Case]:
    """Give halves of which one member is wrong."""
    return {
        "exchange-without-partner": _shape("LF-EXCH-1", partner=...),
        "exchange-without-ref": _shape("LF-EXCH-1", ref=...),
        "exchange-ref-of-25": _shape("LF-EXCH-1", ref="r" * 25),
        "exchange-ref-of-27": _shape("LF-EXCH-1", ref="r" * 27),
        "exchange-ref-in-capitals": _shape("LF-EXCH-1", ref="R" * 26),
        "exchange-without-flows": _shape("LF-EXCH-1", flows=...),
        "exchange-of-nothing": _shape("LF-EXCH-1", flows=[]),
        "exchange-of-21-flows": _shape("LF-EXCH-1", flows=[flow()] * 21),
        "exchange-without-period": _shape("LF-EXCH-1", period=...),
        "exchange-period-of-a-start": _shape("LF-EXCH-1", period={"start": "2026-04-01"}),
        "exchange-period-with-time": _shape(
            "LF-EXCH-1", period={"start": "2026-04-01T00:00", "end": "2026-04-30T00:00"}
        ),
        "exchange-note-a-label": _shape("LF-EXCH-1", note="Thanks"),
        "flow-without-from": _flow("LF-EXCH-1", giver=...),
        "flow-without-to": _flow("LF-EXCH-1", to=...),
        "flow-of-nothing-said": _flow("LF-EXCH-1", what=...),
        "flow-of-an-empty-label": _flow("LF-EXCH-1", what=""),
        "flow-of-two-lines": _flow("LF-EXCH-1", what="Bread\nand cake"),
        "flow-with-categories": _flow("LF-EXCH-1", category=["food"]),
        "flow-without-quantity": _flow("LF-EXCH-1", quantity=...),
        "flow-without-unit": _flow("LF-EXCH-1", unit=...),
        "flow-quantity-a-number": _flow("LF-EXCH-1", quantity=3),
        "flow-quantity-in-words": _flow("LF-EXCH-1", quantity="many"),
        "flow-quantity-with-exponent": _flow("LF-EXCH-1", quantity="1e6"),
        "flow-quantity-not-a-number": _flow("LF-EXCH-1", quantity="NaN"),
        "exchange-with-oneself": _shape("LF-EXCH-2", partner=DID, flows=[flow(to=DID)]),
        "flow-to-oneself": _flow("LF-EXCH-2", to=DID),
        "flow-to-a-third": _flow("LF-EXCH-2", to=ELSE),
        "flow-between-others": _flow("LF-EXCH-2", giver=PARTNER, to=ELSE),
        "second-flow-to-a-third": _shape("LF-EXCH-2", flows=[flow(), flow(to=ELSE)]),
        "flow-of-zero": _flow("LF-EXCH-2", quantity="0"),
        "flow-of-zero-point-zero": _flow("LF-EXCH-2", quantity="0.000"),
        "flow-less-than-nothing": _flow("LF-EXCH-2", quantity="-1"),
        "flow-of-too-much": _flow("LF-EXCH-2", unit="loaves", quantity="1000000.000001"),
        "flow-of-far-too-much": _flow("LF-EXCH-2", unit="loaves", quantity="9999999999"),
        "flow-of-too-many-hours": _flow("LF-EXCH-2", quantity="10000.01"),
        "exchange-that-ends-before-it-begins": _time("2026-04-02", "2026-04-01"),
        "exchange-on-no-day": _time("2026-04-01", "2026-04-31"),
        "exchange-begun-on-no-day": _time("2026-02-29", "2026-04-30"),
        "exchange-before-the-years": _time("1969-12-31", "1970-01-01"),
        "exchange-that-has-not-been": _time("2026-05-01", "2026-05-04"),
        "exchange-of-more-than-a-year": _time("2025-01-01", "2026-01-02"),
        "exchange-kept-too-long": _time(
            "2023-06-01", "2023-06-30", "LF-EXCH-4", expires="2026-06-30T00:00:01Z"
        ),
    }
