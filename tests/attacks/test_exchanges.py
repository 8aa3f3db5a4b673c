"""Figures under attack: bombs and floods of a friend, of two that collude, markup in what was given, borrowed refs.

Here: what a report of the victim shows, and what it costs. Not here: what a half may say at all (`test_documents`),
messages that are replayed (`stories/test_exchanges`).
"""

from __future__ import annotations

import json
import time

import pytest

from attacks.frame import check_answer, unmoved
from attacks.lies import scid_of
from attacks.people_material import PAYLOADS, read_page, skeleton
from attacks.server_material import ask_one, request
from localfed.app import ledger, listings
from localfed.app.ledger import State
from web.pages_read import ALLOWED

SVG = {"svg", "desc", "defs", "pattern", "rect", "circle", "line", "g", "text"}
PERIOD = {"start": "2026-01-01", "end": "2026-01-31"}


@pytest.fixture(autouse=True)
def charts_are_drawn(monkeypatch):
    """The page with elements of a chart."""
    monkeypatch.setattr("web.pages_read.ALLOWED", ALLOWED | SVG)


def letters(number):
    return f"{number:026d}".translate(str.maketrans("0189", "wxyz"))


def half_of(issuer, partner, ref, *things):
    flows = [
        {
            "from": partner.did,
            "to": issuer.did,
            "what": "Bread",
            "quantity": "1",
            "unit": "hours",
            **one,
        }
        for one in things
    ]
    return {
        "type": "Exchange",
        "partner": partner.did,
        "ref": ref,
        "flows": flows,
        "period": PERIOD,
    }


async def both_say(one, other, ref, *things):
    """Let two say the same of an exchange."""
    half = half_of(one, other, ref, *things)
    await one.publish(half)
    await other.publish({**half, "partner": one.did})


async def read_again(victim, *nodes):
    victim.federation.clock.advance(minutes=20)
    for node in nodes:
        await victim.node.sync(node)


async def report_of(victim):
    answer = await ask_one(victim, request("/api/v1/report"))
    assert answer.status == 200
    return json.loads(answer.body)


@pytest.mark.parametrize("payload", [pytest.param(one, id=name) for name, one in PAYLOADS.items()])
async def test_markup_in_what_was_given_stays_text_on_every_page(victim, payload):
    """LF-EXCH-5: the same pages with innocent words have the same elements and attributes."""
    flat = " ".join(payload.split())
    targets = ["/report", f"/organisations/{scid_of(victim.friend)}"]
    ids = []
    pages = []
    for words in ("innocent words", flat):
        thing = {"what": words, "category": words, "unit": words, "quantity": "2"}
        half = half_of(victim.friend, victim.node, "r" * 26, thing)
        for number, (node, other) in enumerate(
            ((victim.friend, victim.node), (victim.node, victim.friend))
        ):
            known = {"id": ids[number]} if len(ids) > 1 else {}
            made = await node.publish({**half, "partner": other.did, **known})
            ids.append(made)
        await read_again(victim, victim.friend)
        pages.append([read_page((await ask_one(victim, request(one))).body) for one in targets])

    for innocent, hostile in zip(*pages, strict=True):
        assert skeleton(hostile) == skeleton(innocent)
        assert flat in hostile.text


async def test_a_friend_alone_makes_no_figures(victim):
    """LF-EXCH-5: whatever it says of whomever, however often."""
    partners = (victim.node, victim.other, victim.stranger)
    for number in range(60):
        thing = {"quantity": "10000"}
        await victim.friend.publish(
            half_of(victim.friend, partners[number % 3], letters(number), thing)
        )
    await read_again(victim, victim.friend)

    report = await report_of(victim)

    assert (report["exchanges"], report["organisations"], report["hours"]) == (0, 0, "0")
    states = {
        one.state
        for one in ledger.list_exchanges(
            victim.ports.store, victim.node.did, victim.node.clock.now()
        )
    }
    assert states == {State.THEIRS}


async def test_one_exchange_told_many_times_counts_at_most_once(victim, monkeypatch):
    """LF-EXCH-5: whoever publishes with a program that lets them."""
    monkeypatch.setattr(listings, "_check_once", lambda *_: None)
    await both_say(victim.friend, victim.other, "r" * 26, {"quantity": "5"})
    await read_again(victim, victim.friend, victim.other)
    assert (await report_of(victim))["hours"] == "5"

    for _ in range(5):
        await victim.friend.publish(
            half_of(victim.friend, victim.other, "r" * 26, {"quantity": "5"})
        )
    await read_again(victim, victim.friend)

    assert (await report_of(victim))["hours"] == "0"


async def test_a_borrowed_ref_takes_nothing_from_two_others(victim):
    """LF-EXCH-5."""
    await both_say(victim.node, victim.other, "r" * 26, {"quantity": "5"})
    await victim.friend.publish(half_of(victim.friend, victim.other, "r" * 26, {"quantity": "7"}))
    await victim.friend.publish(half_of(victim.friend, victim.node, "r" * 26, {"quantity": "7"}))
    await read_again(victim, victim.friend, victim.other)

    report = await report_of(victim)

    assert (report["exchanges"], report["hours"]) == (1, "5")


async def test_two_that_collude_flood_neither_the_page_nor_the_processor(victim):
    """LF-EXCH-2: thousands of units and categories of two stand behind what others share, and are seen to be of two."""
    await both_say(victim.node, victim.other, "r" * 26, {"quantity": "5", "category": "tools"})
    await both_say(victim.node, victim.friend, "s" * 26, {"quantity": "5", "category": "tools"})
    for number in range(40):
        things = [
            {
                "quantity": "1000000",
                "unit": f"unit {number} {n}",
                "category": f"about {number} {n} " + "x" * 200,
            }
            for n in range(19)
        ]
        await both_say(victim.friend, victim.other, letters(number), {"quantity": "10000"}, *things)
    await read_again(victim, victim.friend, victim.other)

    async with unmoved(victim, requests=0):
        began = time.process_time()
        answers = [
            await ask_one(victim, request(one))
            for one in ("/report", "/report.csv", "/api/v1/report")
        ]
        took = time.process_time() - began

    page, table, report = answers
    assert {one.status for one in answers} == {200}
    assert len(page.body) < 200_000
    assert len(table.body) < 1_500_000
    assert took < 5
    found = json.loads(report.body)
    assert "tools" in {line["name"] for line in found["categories"]}
    assert (len(found["things"]), len(found["categories"])) == (50, 50)
    assert (found["hours"], found["most_of_one_tie"]) == ("400010", "400000")
    assert "Two organisations alone account for 400,000 of the hours." in read_page(page.body).text


@pytest.mark.parametrize("name", ["since", "until", "near", "radius"])
@pytest.mark.parametrize(
    "word", ["\u0661", "9" * 400, "%00", "-1", "1e400", "NaN", "../..", "=1+1"]
)
async def test_nonsense_in_a_question_is_refused(victim, name, word):
    asked = f"{name}={word}" if name != "radius" else f"near=1,1&radius={word}"
    target = asked.replace("\u0661", "%D9%A1")
    code = "unknown-place" if name == "near" else "bad-query"

    async with unmoved(victim, requests=0):
        for path in ("/api/v1/report", "/api/v1/exchanges", "/report.csv"):
            check_answer(await ask_one(victim, request(f"{path}?{target}")), code, 400)
