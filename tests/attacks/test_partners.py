"""What somebody claims of others: to be their partner, to be shown by them, to deliver with them, to mentor.

A friend who is followed signs every claim well and publishes it. What the victim's node shows of it, on its real
site, is what the other side says too, and no more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from attacks.lies import scid_of
from attacks.people_material import PAYLOADS
from attacks.server_material import ask_one, request
from localfed.app import lapses, search
from localfed.protocol.partnership import half_path
from web.pages_read import ALLOWED, Page


@dataclass(frozen=True)
class Claim:
    """What the friend claims, and what may be seen of it."""

    name: str
    friend: list[dict[str, Any]]
    """Drafts; VICTIM, OTHER, VEG, TOOLS stand for DIDs and ids of offers."""
    victim: list[dict[str, Any]] = field(default_factory=list)
    other: list[dict[str, Any]] = field(default_factory=list)
    stages: tuple[str, ...] = ()
    """Of the partnerships that hold."""


def half(partner, stage="integrated", **members):
    return {"type": "Partnership", "partner": partner, "stage": stage, **members}


BOLD = {"promotes": True, "roles": ["lead", "mentor"]}

CLAIMS = [
    Claim("a partner of the victim's", [half("VICTIM", **BOLD)]),
    Claim("a partner of another's", [half("OTHER", **BOLD)]),
    Claim("a partner of somebody unknown", [half("STRANGER", **BOLD)]),
    Claim(
        "more than the victim grants",
        [half("VICTIM", **BOLD)],
        victim=[half("FRIEND", "guidance", promotes=True)],
        stages=("guidance",),
    ),
    Claim(
        "to be shown by who does not show it",
        [half("VICTIM", promotes=True)],
        victim=[half("FRIEND")],
        stages=("integrated",),
    ),
    Claim(
        "a partnership that the other has with somebody else",
        [half("VICTIM", **BOLD)],
        victim=[half("OTHER", **BOLD)],
    ),
    Claim(
        "an offer delivered by everybody",
        [
            {
                "type": "Offer",
                "name": "Everything",
                "contributors": [
                    {"organisation": "VICTIM", "delivers": "Vegetables"},
                    {"organisation": "OTHER", "delivers": "Tools"},
                    {"organisation": "STRANGER", "delivers": "The rest"},
                ],
            },
            half("VICTIM"),
        ],
        victim=[half("FRIEND", jointOffers=["VEG", "TOOLS"])],
        other=[half("FRIEND")],
        stages=("integrated",),
    ),
    Claim(
        "to deliver what the victim offers",
        [half("VICTIM", jointOffers=["VEG", "TOOLS", "VEG"])],
        victim=[half("FRIEND")],
        stages=("integrated",),
    ),
    Claim(
        "to deliver by a half towards somebody else",
        [half("OTHER", jointOffers=["VEG"])],
        victim=[{"type": "Offer", "id": "VEG", "name": "Veg box", "contributors": ["FRIEND"]}],
    ),
]


def named(value, victim):
    """Put DIDs and ids in the place of names."""
    names = {
        "VICTIM": victim.node.did,
        "FRIEND": victim.friend.did,
        "OTHER": victim.other.did,
        "STRANGER": victim.stranger.did,
        "VEG": victim.ids["veg"],
        "TOOLS": victim.ids["tools"],
    }
    if isinstance(value, dict):
        return {name: named(item, victim) for name, item in value.items()}
    if isinstance(value, list):
        return [named(item, victim) for item in value]
    return names.get(value, value)


async def publish(victim, claim):
    for node, drafts in (
        (victim.friend, claim.friend),
        (victim.node, claim.victim),
        (victim.other, claim.other),
    ):
        for draft in drafts:
            await node.publish(named(draft, victim))
    victim.federation.clock.advance(minutes=10)
    for node in (victim.friend, victim.other):
        await victim.node.sync(node)
    await lapses.refresh(victim.ports)
    await search.catch_up(victim.ports)


async def get(victim, target):
    answer = await ask_one(victim, request(target))
    assert answer.status == 200
    return json.loads(answer.body)


@pytest.mark.parametrize("claim", [pytest.param(one, id=one.name) for one in CLAIMS])
async def test_what_one_side_claims_is_nowhere_shown(victim, claim):
    """LF-PART-4, LF-PART-6, LF-JOINT-3."""
    await publish(victim, claim)

    held = await get(victim, "/api/v1/partnerships")
    ties = await get(victim, "/api/v1/ties")
    assert [one["stage"] for one in held["partnerships"]] == list(claim.stages)
    assert not any(one["promotion"] for one in held["partnerships"])
    assert [one["stage"] for one in ties["ties"]] == list(claim.stages)
    for who in (victim.node, victim.friend, victim.other):
        shown = await get(victim, f"/api/v1/promotions?organisation={scid_of(who)}")
        assert shown["partners"] == []
        page = Page(
            (await ask_one(victim, request(f"/organisations/{scid_of(who)}"))).body.decode()
        )
        assert "Our partners" not in page.text
        assert "What it delivers together" not in page.text
    found = await get(victim, "/api/v1/search?limit=100")
    assert all(one["contributors"] == [] for one in found["results"])
    for one in found["results"]:
        path = one["id"].partition("/")[2].removesuffix(".json")
        if path.startswith("d/"):
            scid = one["publisher"]["scid"]
            page = await ask_one(victim, request(f"/documents/{scid}/{path}"))
            assert b"Who delivers what" not in page.body


@pytest.mark.parametrize("word", ["Victim", "Other", "Stranger"])
async def test_naming_somebody_brings_no_offer_to_who_looks_for_them(victim, word):
    """LF-JOINT-5."""
    claim = next(one for one in CLAIMS if one.name == "an offer delivered by everybody")
    await publish(victim, claim)

    found = await get(victim, f"/api/v1/search?q={word}&kind=offer&limit=100")

    assert "Everything" not in [one["document"]["name"]["en"] for one in found["results"]]


async def test_a_mentor_is_who_mentors_somebody_that_says_so_too(victim):
    """LF-PART-4."""
    await publish(victim, CLAIMS[0])
    assert (await get(victim, "/api/v1/mentors"))["mentors"] == []

    await victim.node.publish(half(victim.friend.did, "guidance"))

    (found,) = (await get(victim, "/api/v1/mentors"))["mentors"]
    assert found["organisation"]["did"] == victim.friend.did


async def test_a_partner_that_turns_its_half_over_and_over_makes_no_work_for_the_index(victim):
    """LF-JOINT-5: only who is named in an offer can make it be looked at again."""
    offers = [victim.ids["veg"]] + [f"{victim.node.did}/d/{letter * 26}.json" for letter in "abcd"]
    await publish(victim, Claim("", [half("VICTIM")]))
    before = victim.node.store.log_position()

    for turn in range(4):
        joint = offers if turn % 2 else []
        await victim.friend.publish(half(victim.node.did, jointOffers=joint))
        victim.federation.clock.advance(minutes=10)
        await victim.node.sync(victim.friend)
        assert (await lapses.refresh(victim.ports)).touched == 0

    rows = victim.node.store.log_after(before, 100)
    assert {row.path for row in rows} == {half_path(victim.node.did)}


@pytest.mark.parametrize("payload", [pytest.param(one, id=name) for name, one in PAYLOADS.items()])
async def test_markup_in_a_name_is_text_in_the_picture(victim, payload, monkeypatch):
    """Also of what a partner delivers, in the API and on the page of the offer."""
    monkeypatch.setattr(
        "web.pages_read.ALLOWED", ALLOWED | {"svg", "g", "path", "circle", "text", "script"}
    )
    await victim.friend.publish({"type": "Organization", "name": payload})
    await victim.friend.publish(half(victim.node.did, jointOffers=[victim.ids["veg"]]))
    await victim.node.publish(half(victim.friend.did))
    said = [{"organisation": victim.friend.did, "delivers": payload}]
    await victim.node.publish(
        {"type": "Offer", "id": victim.ids["veg"], "name": "Veg box", "contributors": said}
    )
    await victim.node.sync(victim.friend)
    scid, path = scid_of(victim.node), victim.ids["veg"].partition("/")[2].removesuffix(".json")

    picture = Page((await ask_one(victim, request("/ties"))).body.decode())
    offer = Page((await ask_one(victim, request(f"/documents/{scid}/{path}"))).body.decode())

    flat = " ".join(payload.split())
    for page in (picture, offer):
        assert page.faults == []
        assert flat in page.text
        assert not [name for _, one in page.elements for name in one if name.startswith("on")]
    assert [one["src"] for one in picture.all("script")] == ["/static/ties.js"]
    assert offer.all("script") == []
    assert len(picture.all("circle")) == 2


@pytest.mark.parametrize(
    "target",
    [
        "/ties?view=" + "9" * 400,
        "/ties?view=1,1,-1",
        "/ties?page=" + "9" * 400,
        "/ties?near=1e309,0",
        "/ties?near=nan,nan&radius=inf",
        "/ties?of=%00",
        "/ties?of=did:webvh:" + "x" * 4_000,
        "/api/v1/ties?radius=0&near=0,0",
        "/api/v1/ties?of=../../etc",
        "/api/v1/mentors?limit=0",
        "/api/v1/mentors?organisation=",
        "/api/v1/partnerships?cursor=-1",
        "/api/v1/partnerships?stage=%E2%80%AE",
        "/api/v1/promotions?organisation=" + "Q" * 46,
    ],
)
async def test_nonsense_that_is_asked_of_ties_is_no_fault(victim, target):
    answer = await ask_one(victim, request(target))

    assert answer.status in {200, 400, 404}
