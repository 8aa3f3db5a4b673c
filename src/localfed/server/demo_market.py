"""The marketplace of the demo: partners by steps, a joint offer, a match, an exchange.

Here: what `demo --check` plays between two organisations of the town, and what two have from the start without it. Not here: publishing and finding (`demo`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import msgspec

from localfed.protocol.document import DEFAULT_LICENSE
from localfed.protocol.errors import DemoFailed
from localfed.protocol.exchange import HOURS
from localfed.server.clock import SystemClock
from localfed.server.console import say
from localfed.server.demo_node import DemoNode
from localfed.server.demo_town import Draft

_WAIT_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.3
_REF: Final = "aldwatertownexchangenumber"
"""Of the exchange that is there from the start."""

_Row = dict[str, Any]


async def begin_ties(one: DemoNode, other: DemoNode) -> None:
    """Let two organisations be partners who show each other, with an exchange that both confirm.

    Published before anything is served, as each side would have by now: agreeing by messages, as `play_marketplace`
    does, would keep whoever wants to look around waiting.
    """
    last_month = SystemClock().now().date().replace(day=1) - timedelta(days=1)
    figures = {
        "ref": _REF,
        "flows": [
            _flow(one, other, "soup", "60", "bowls"),
            _flow(other, one, "mending chairs", "12", HOURS),
        ],
        "period": {"start": f"{last_month:%Y-%m}-01", "end": f"{last_month:%Y-%m-%d}"},
    }
    for node, partner in ((one, other), (other, one)):
        await node.publish(
            {"type": "Partnership", "partner": partner.did, "stage": "promotion", "promotes": True},
            {"type": "Exchange", "partner": partner.did, "license": DEFAULT_LICENSE, **figures},
        )


def _flow(giver: DemoNode, taker: DemoNode, what: str, quantity: str, unit: str) -> Draft:
    return {"from": giver.did, "to": taker.did, "what": what, "quantity": quantity, "unit": unit}


async def play_marketplace(lead: DemoNode, other: DemoNode) -> None:
    """Play what two organisations do together, and check each step on the node of the other.

    Raises:
        DemoFailed: a step did not go as it should; the message says which.

    """
    await _become_partners(lead, other)
    await _offer_together(lead, other)
    await _match(other)
    await _exchange(lead, other)
    await lead.json("partner", "step", other.url, "--stage", "collaboration")
    await other.json("sync", "--once")
    await _standing(other, lead, lambda row: row["in_force"] == "collaboration", "the step down")
    row = await _standing(other, lead, lambda row: not row["promotes"], "the end of the promotion")
    if row["mine"] != "promotion":
        raise DemoFailed("a step down of one changed what the other says")
    say("one steps down by itself; both nodes show the lower stage, and nobody promotes alone")


async def _become_partners(lead: DemoNode, other: DemoNode) -> None:
    """Propose on one node, accept on the other."""
    await lead.json("partner", "propose", other.url, "--stage", "promotion", "--promotes")
    asked = await _standing(other, lead, lambda row: row["asked"] == "promotion", "the proposal")
    await other.json("partner", "accept", str(asked["message"]), "--promotes")
    await _standing(lead, other, lambda row: row["mine"] == "promotion", "the answer")
    await asyncio.gather(lead.json("sync", "--once"), other.json("sync", "--once"))
    for one, its_partner in ((lead, other), (other, lead)):
        await _standing(
            one,
            its_partner,
            lambda row: row["in_force"] == "promotion" and row["promotes"],
            "the promotion",
        )
    say(
        "proposed on one node, accepted on the other: in force on both, and each promotes the other"
    )


async def _offer_together(lead: DemoNode, other: DemoNode) -> None:
    """Publish a joint offer; the contributor joins it, is found in it, and leaves."""
    organisations = await other.json("organisations")
    contributor = organisations[0]["did"]
    draft = {
        "type": "Offer",
        "name": "Winter supper with tools to borrow",
        "form": "service",
        "location": [{"latitude": "54.6021", "longitude": "-2.3014"}],
        "contributors": [{"organisation": contributor, "delivers": "the room"}],
    }
    joint = (await lead.json("publish", "-", stdin=msgspec.json.encode(draft)))["id"]
    await other.json("sync", "--once")
    joined = await other.json("partner", "join", joint)
    if not joined["is_in"]:
        raise DemoFailed("the contributor is not in the joint offer")
    await lead.json("sync", "--once")
    await _found(lead, other.folk.name, joint, is_found=True)
    await other.json("partner", "leave", joint)
    await lead.json("sync", "--once")
    await _found(lead, other.folk.name, joint, is_found=False)
    say("a joint offer is found under its contributor, until the contributor leaves")


async def _found(node: DemoNode, words: str, document_id: str, *, is_found: bool) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        answer = await node.json("search", words, "--kind", "offer", "--limit", "50")
        if any(row["id"] == document_id for row in answer["results"]) is is_found:
            return
        if time.monotonic() > end:
            what = "not found" if is_found else "still found"
            message = f"the joint offer is {what} under {words!r}"
            raise DemoFailed(message)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _match(node: DemoNode) -> None:
    """Find, for the need of another organisation, what this one offers, and why."""
    rows = [row for row in await node.json("matches") if row["why"]]
    if not any({"form", "distance"} <= {why["of"] for why in row["why"]} for row in rows):
        raise DemoFailed("no offer of the hall matches a need of the town")
    say("a need of one meets an offer of another, and the node says why")


async def _exchange(lead: DemoNode, other: DemoNode) -> None:
    """Record what was given on one node, confirm it on the other: confirmed on both."""
    hours = ("--gave", "mending chairs", "3", "hours")
    room = ("--received", "the hall", "2", "evenings")
    day = ("--since", "2026-04-01", "--until", "2026-04-30")
    ref = (await lead.json("exchange", "record", other.url, *hours, *room, *day))["ref"]
    await _account(other, ref, lambda row: row["asked"] is not None)
    await other.json("exchange", "confirm", ref)
    await _account(lead, ref, lambda row: row["mine"] is not None)
    await asyncio.gather(lead.json("sync", "--once"), other.json("sync", "--once"))
    for node in (lead, other):
        await _account(node, ref, lambda row: row["state"] == "confirmed")
        figures = await node.json("report")
        if (figures["exchanges"], figures["hours"], figures["ties"]) != (1, "3", 1):
            message = f"{node.folk.name} counts the exchange as {figures}"
            raise DemoFailed(message)
    say("an exchange is recorded by one, confirmed by the other, and both count it")


async def _account(node: DemoNode, ref: str, is_so: Callable[[_Row], bool]) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        rows = await node.json("exchange", "list")
        if any(row["ref"] == ref and is_so(row) for row in rows):
            return
        if time.monotonic() > end:
            message = f"the exchange is not as it should be at {node.folk.name}: {rows}"
            raise DemoFailed(message)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _standing(
    node: DemoNode, partner: DemoNode, is_so: Callable[[_Row], bool], what: str
) -> _Row:
    """Wait until the row of a partner is as it should be: nodes write to each other by themselves."""
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        for row in await node.json("partner", "list"):
            if row["host"] and str(partner.port) in row["host"] and is_so(row):
                found: _Row = row
                return found
        if time.monotonic() > end:
            message = f"{node.folk.name} does not see {what} of {partner.folk.name}"
            raise DemoFailed(message)
        await asyncio.sleep(_PAUSE_SECONDS)
