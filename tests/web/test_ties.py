"""The web of ties: the layout, the picture, the page."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

from localfed.app.ties import Tie, Tied, Web, around, cut, measure_km, within
from localfed.app.values import Point
from localfed.web.ties_layout import STEP, lay_out
from localfed.web.ties_picture import STYLES, View, draw
from web.pages_read import ALLOWED, Page
from web.test_partners import agree, scid

SVG = {"svg", "g", "path", "circle", "text"}


def random_ties(count, number, seed=1):
    chance = random.Random(seed)
    found = set()
    while len(found) < number:
        one, other = chance.randrange(count), chance.randrange(count)
        if one != other:
            found.add((min(one, other), max(one, other)))
    return sorted(found)


def make_web(ties, points=None):
    dids = sorted({did for tie in ties for did in (tie.one, tie.other)})
    organisations = {
        did: Tied(
            did=did,
            scid=did,
            host=f"{did}.example",
            names={"en": did.capitalize()},
            language="en",
            point=(points or {}).get(did),
        )
        for did in dids
    }
    return Web(organisations=organisations, ties=tuple(ties))


def tie(one, other, stage="promotion", **members):
    return Tie(one=one, other=other, stage=stage, **members)


# --- the layout ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "count, ties",
    [
        (2, [(0, 1)]),
        (3, [(0, 1), (1, 2), (0, 2)]),
        (40, random_ties(40, 60)),
        (300, random_ties(300, 200)),
        (500, [(0, other) for other in range(1, 500)]),
        (500, [(one, one + 1) for one in range(499)]),
    ],
)
def test_nobody_stands_on_anybody_and_all_are_in_the_picture(count, ties):
    points, width, height = lay_out(count, ties)

    assert len(set(points)) == count
    assert all(0 < x < width and 0 < y < height for x, y in points)
    ordered = sorted(points)
    for (x1, y1), (x2, y2) in pairwise(ordered):
        assert abs(x1 - x2) >= STEP - 0.001 or abs(y1 - y2) >= STEP - 0.001


def test_the_same_ties_give_the_same_picture():
    ties = random_ties(200, 300)

    assert lay_out(200, ties) == lay_out(200, list(ties))


def test_who_works_together_stands_nearer_than_others():
    ties = random_ties(120, 150)
    points, _, _ = lay_out(120, ties)

    def mean(pairs):
        lengths = [
            ((points[a][0] - points[b][0]) ** 2 + (points[a][1] - points[b][1]) ** 2) ** 0.5
            for a, b in pairs
        ]
        return sum(lengths) / len(lengths)

    everybody = [(a, b) for a in range(120) for b in range(a)]
    assert mean(ties) < 0.6 * mean(everybody)


def test_nothing_to_lay_out_is_no_fault():
    assert lay_out(0, [])[0] == []
    assert len(lay_out(2, [(0, 0)])[0]) == 2


# --- parts of a web --------------------------------------------------------------------------


def test_a_place_keeps_ties_with_one_side_in_it_and_says_who_is_elsewhere():
    near, far = Point(54.6, -2.3), Point(57.0, -2.3)
    web = make_web(
        [tie("a", "b"), tie("b", "c"), tie("c", "d")], {"a": near, "b": near, "c": far, "d": far}
    )

    part = within(web, near, 10)

    assert [(one.one, one.other) for one in part.ties] == [("a", "b"), ("b", "c")]
    assert {did: one.is_inside for did, one in part.organisations.items()} == {
        "a": True,
        "b": True,
        "c": False,
    }


def test_around_one_are_its_partners_and_what_they_have_with_each_other():
    web = make_web([tie("a", "b"), tie("a", "c"), tie("b", "c"), tie("c", "d")])

    part = around(web, "a")

    assert [(one.one, one.other) for one in part.ties] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert around(web, "nobody").ties == ()


def test_too_many_leave_out_those_with_the_fewest_ties():
    web = make_web([tie("a", "b"), tie("a", "c"), tie("b", "c"), tie("c", "d")])

    part = cut(web, 3)

    assert set(part.organisations) == {"a", "b", "c"}
    assert part.left_out == 1
    assert cut(web, 4) == web


def test_distances_are_over_the_earth():
    assert measure_km(Point(55.95, -3.19), Point(51.51, -0.13)) == pytest.approx(534, abs=3)
    assert measure_km(Point(0, 179.5), Point(0, -179.5)) == pytest.approx(111, abs=1)


# --- the picture -----------------------------------------------------------------------------


def picture_of(ties):
    web = make_web(ties)
    names = {did: one.names["en"] for did, one in web.organisations.items()}
    return draw(web, names, {did: f"/organisations/{did}" for did in web.organisations})


def test_each_kind_of_tie_is_drawn_with_another_line_whatever_its_colour():
    ties = [
        tie("a", "b", "guidance"),
        tie("b", "c", "collaboration"),
        tie("c", "d", "promotion"),
        tie("d", "e", "integrated"),
        tie("a", "e", None, kind="exchange"),
    ]

    picture = picture_of(ties)

    assert picture.styles == tuple(STYLES)
    lines = re.findall(
        r'<path class="tie (\w+)"[^>]*?stroke-width="([^"]+)"(?: stroke-dasharray="([^"]+)")?',
        picture.lines,
    )
    assert len(lines) == len({(width, dashes) for _, width, dashes in lines}) == 5
    assert "Q" in picture.lines  # an exchange is bent: it hides no partnership of the same two


@pytest.mark.parametrize(
    "ties",
    [
        ["ab"],
        ["ab", "bc"],
        ["ab", "ac", "ad", "ae", "bc"],
        ["ab", "cd", "ef"],
        ["ab", "ac", "ad", "ae", "af", "ag", "ah"],
    ],
)
def test_where_few_are_seen_each_has_its_name_from_the_start(ties):
    """Long names too: they are spread over the picture, and labels stand below or above."""
    web = make_web([tie(*pair) for pair in ties])
    names = {did: f"{did} Community Kitchen of Leith" for did in web.organisations}

    picture = draw(web, names, dict.fromkeys(names, "/"))

    assert picture.labels.count("<text") == picture.labels.count('class="z1"') == len(names)
    xs = [float(x) for x in re.findall(r'cx="([0-9]+)"', picture.dots)]
    assert max(xs) - min(xs) >= picture.width / 3 or len(set(xs)) == 1


def test_what_is_not_confirmed_is_fainter():
    ties = [tie("a", "b"), tie("b", "c", unconfirmed_since="2026-05-01T09:00:00Z")]

    assert picture_of(ties).lines.count("faint") == 1


def test_a_view_is_a_part_of_the_picture():
    picture = picture_of([tie("a", "b")])

    assert picture.box(View()) == f"0 0 {picture.width:.0f} {picture.height:.0f}"
    left, top, width, height = map(float, picture.box(View(500, 500, 4)).split())
    assert width == pytest.approx(picture.width / 4, abs=1)
    assert left == pytest.approx(picture.width * 3 / 8, abs=1)
    assert (top, height) == pytest.approx((picture.height * 3 / 8, picture.height / 4), abs=1)


def test_names_are_text_in_the_picture():
    web = make_web([tie("a", "b")])
    bad = '"><script>x()</script>'

    picture = draw(
        web, dict.fromkeys(web.organisations, bad), dict.fromkeys(web.organisations, '"')
    )

    for part in (picture.dots, picture.labels):
        assert "<script" not in part
        assert '""' not in part


# --- the page --------------------------------------------------------------------------------


@pytest.fixture
def svg(monkeypatch):
    """The one page with elements of a picture, and the one that loads a script of ours."""
    monkeypatch.setattr("web.pages_read.ALLOWED", ALLOWED | SVG | {"script"})


async def read(client, path):
    answer = await client.get(path)
    assert answer.status == 200
    return Page(await answer.text()), answer.headers


@pytest.mark.usefixtures("svg")
async def test_the_page_says_in_words_what_it_shows(town, client):
    await agree(town, "promotion", roles=["mentor"])

    page, headers = await read(client, "/ties")

    assert page.faults == []
    assert "2 organisations, 1 tie between them" in page.text
    assert "promotion with Tools (mentors; each shows the other)" in page.text
    assert "promotion with Kitchen (each shows the other)" in page.text
    assert [one["src"] for one in page.all("script")] == ["/static/ties.js"]
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert len(page.all("circle")) == 2


@pytest.mark.usefixtures("svg")
async def test_links_move_and_enlarge_the_picture_without_a_script(town, client):
    await agree(town)
    page, _ = await read(client, f"/ties?of={scid(town.tools)}")
    closer = next(one["href"] for one in page.all("a") if one.get("data-move") == "in")

    larger, _ = await read(client, "/ties" + closer.partition("#")[0])

    (before,), (after,) = page.all("svg")[-1:], larger.all("svg")[-1:]
    widths = [float(one["viewbox"].split()[2]) for one in (before, after)]
    assert widths[0] == pytest.approx(2 * widths[1], abs=1)
    assert f"of={scid(town.tools)}" in closer
    assert {"out", "left", "right", "up", "down", "whole"} <= {
        one.get("data-move") for one in larger.all("a")
    }


@pytest.mark.usefixtures("svg")
async def test_where_nobody_works_with_anybody_the_page_says_so(town, client):
    page, _ = await read(client, "/ties")
    assert "Nobody is known here that works with anybody" in page.text
    assert page.all("script") == []

    await agree(town)
    page, _ = await read(client, "/ties?near=0,0&radius=1")
    assert "in that place" in page.text


@pytest.mark.usefixtures("svg")
async def test_how_far_around_a_place_is_chosen_in_the_units_of_the_reader(town, client):
    """What the form sends where the place is empty is no fault, and what is usual is shown."""
    await agree(town)

    everywhere, _ = await read(client, "/ties?near=&radius=16.1")
    assert "1 tie between them" in everywhere.text
    assert "/api/v1/ties" in everywhere.links()
    usual, _ = await read(client, "/ties?near=54.6,-2.3")
    (chosen,) = [one for one in usual.all("option") if "selected" in one]
    assert chosen["value"] == "25"
    british = await client.get("/ties?near=54.6,-2.3", headers={"Accept-Language": "en-GB"})
    assert '<option value="16.1" selected>Within 10 miles</option>' in await british.text()


async def test_ties_are_those_of_the_moment(town, client):
    """LF-PART-4: what was kept of them is of no use once something is written."""
    assert (await (await client.get("/api/v1/ties")).json())["ties"] == []

    await agree(town)
    (found,) = (await (await client.get("/api/v1/ties")).json())["ties"]
    assert found["stage"] == "integrated"

    half = {"type": "Partnership", "partner": town.tools.did, "stage": "guidance"}
    await town.kitchen.publish(half)
    (found,) = (await (await client.get("/api/v1/ties")).json())["ties"]
    assert found["stage"] == "guidance"


async def test_exchanges_that_both_confirm_are_ties_too(town, client):
    """LF-EXCH-5: one tie for each pair, however many there were; what one side says alone is none."""
    flow = {
        "from": town.tools.did,
        "to": town.kitchen.did,
        "what": "Repairs",
        "quantity": "3",
        "unit": "hours",
    }
    for ref, sides in (("a" * 26, 2), ("b" * 26, 2), ("c" * 26, 1)):
        for one, other in ((town.kitchen, town.tools), (town.tools, town.kitchen))[:sides]:
            await one.publish(
                {
                    "type": "Exchange",
                    "partner": other.did,
                    "ref": ref,
                    "flows": [flow],
                    "period": {"start": "2026-04-01", "end": "2026-04-02"},
                }
            )
    await town.kitchen.sync(town.tools)

    (found,) = (await (await client.get("/api/v1/ties")).json())["ties"]
    page = await (await client.get("/ties")).text()

    assert (found["kind"], found["stage"], found["count"]) == ("exchange", None, 2)
    assert "confirmed exchanges with" in page
    assert "2 times" in page
