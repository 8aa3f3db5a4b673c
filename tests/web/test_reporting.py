"""What organisations gave each other, on the web: the page, its charts and tables, CSV, JSON."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from localfed.app.report import Question, add_up
from localfed.web.charts import Bar, draw_columns
from localfed.web.rendering import render_chart
from localfed.web.reporting import category_charts, month_charts
from web.pages_read import ALLOWED, Page
from web.test_openapi import check, schema_for

SVG = {"svg", "desc", "defs", "pattern", "rect", "circle", "line", "g", "text"}
HOSTILE = "</text></svg><script>alert(1)</script>"
COLUMNS = 3


@pytest.fixture(autouse=True)
def charts_are_drawn(monkeypatch):
    """The page with elements of a chart."""
    monkeypatch.setattr("web.pages_read.ALLOWED", ALLOWED | SVG)


async def say(town, *flows, ref="r", end="2026-04-30", both=True):
    """Let the kitchen and the tool library say an exchange: (giver, what, quantity, unit, category)."""
    nodes = {"kitchen": town.kitchen, "tools": town.tools}
    said = []
    for who, what, quantity, unit, category in flows:
        (giver,), (taker,) = (
            [node for name, node in nodes.items() if (name == who) is is_giver]
            for is_giver in (True, False)
        )
        one = {"from": giver.did, "to": taker.did, "what": what, "quantity": quantity, "unit": unit}
        said.append(one | ({"category": category} if category else {}))
    half = {
        "type": "Exchange",
        "ref": ref * 26,
        "flows": said,
        "period": {"start": "2026-02-01", "end": end},
    }
    await town.tools.publish({**half, "partner": town.kitchen.did})
    if both:
        await town.kitchen.publish({**half, "partner": town.tools.did})
    town.federation.clock.advance(minutes=20)
    await town.kitchen.sync(town.tools)


async def read(client, path, status=200):
    answer = await client.get(path)
    assert answer.status == status
    page = Page(await answer.text())
    assert page.faults == []
    return page


def rows(page_text):
    return list(csv.reader(io.StringIO(page_text.removeprefix("\ufeff"))))


async def test_an_empty_report_says_so(client):
    page = await read(client, "/report")

    assert "Nothing is confirmed here yet." in page.text
    assert page.all("svg") == []


async def test_what_both_say_is_shown_with_charts_and_the_same_in_tables(town, client):
    """LF-EXCH-5."""
    await say(
        town, ("kitchen", "digging", "1234.5", "hours", "food"), ("tools", "jam", "7", "jars", None)
    )
    await say(town, ("tools", "mending", "3", "hours", "Repair"), ref="s", end="2026-02-10")

    page = await read(client, "/report")

    for words in ("1,237.5 hours", "2 exchanges", "2 organisations", "1 tie between them"):
        assert words in page.text
    assert "April 2026 1 2 1 1,234.5 7 jars" in page.text
    assert "March 2026 0 0 0 0 –" in page.text
    assert "food and drink 1 2 1 1,234.5" in page.text
    assert "Nothing said 1 2 1 0 7 jars" in page.text
    charts = page.all("svg")
    assert len(charts) == 4
    assert all(one["role"] == "img" for one in charts)
    assert len(page.all("table")) == COLUMNS
    # Bars differ by their pattern, and nothing is said by a colour.
    fills = {one.get("fill") for one in page.all("g")} - {None}
    assert fills == {
        "currentColor",
        *(
            f"url(#{name}-{what}-fill)"
            for name in ("months", "categories")
            for what in ("hours", "exchanges")
        ),
    }


def test_a_scale_of_whole_numbers_has_no_halves():
    def scale(*values: str) -> list[str]:
        bars = [Bar(label="x", value=Decimal(one), said=one) for one in values]
        chart = draw_columns(bars, name="n", title="t", about="a", pattern="hatched")
        return [one.text for one in chart.texts if one.anchor == "end"]

    assert scale("1", "0") == ["1", "0"]
    assert scale("0.3") == ["0.4", "0.2", "0"]
    assert scale("3") == ["4", "2", "0"]


async def test_what_one_side_alone_says_is_nowhere(town, client):
    """LF-EXCH-5."""
    await say(town, ("tools", "boasting", "9999", "hours", None), both=False)
    scid = town.tools.did.split(":")[2]

    for path in ("/report", f"/organisations/{scid}"):
        page = await read(client, path)
        assert "9,999" not in page.text
        assert "boasting" not in page.text
    for path in ("/api/v1/report", "/api/v1/exchanges", "/report.csv"):
        assert "9999" not in await (await client.get(path)).text()


async def test_the_page_of_an_organisation_names_what_it_gave_and_got(town, client):
    """LF-EXCH-5."""
    await say(
        town, ("kitchen", "digging", "12", "hours", "food"), ("tools", "jam", "7", "jars", None)
    )

    for node, words in (
        (
            town.kitchen,
            "Tools , 1 February 2026 to 30 April 2026: gave 12 hours, digging ( food and drink ); got 7 jars, jam",
        ),
        (
            town.tools,
            "Kitchen , 1 February 2026 to 30 April 2026: got 12 hours, digging ( food and drink ); gave 7 jars, jam",
        ),
    ):
        page = await read(client, f"/organisations/{node.did.split(':')[2]}")
        assert "1 exchange with one other, each confirmed by both." in page.text
        assert words in page.text


async def test_the_api_lists_and_adds_up_as_described(town, client):
    """LF-EXCH-5."""
    await say(town, ("kitchen", "digging", "12", "hours", "food"))
    await say(town, ("tools", "mending", "3", "hours", None), ref="s", end="2026-02-10")
    scid = town.tools.did.split(":")[2]

    answer = await client.get(f"/api/v1/exchanges?organisation={scid}&limit=1")
    found = await answer.json()
    report = await (await client.get("/api/v1/report?since=2026-03-01")).json()

    check(found, schema_for("/api/v1/exchanges"))
    check(report, schema_for("/api/v1/report"))
    assert (found["total"], found["next"]) == (2, "1")
    (one,) = found["exchanges"]
    assert one["flows"][0]["from"] == town.kitchen.did
    assert one["parties"] == sorted([town.kitchen.did, town.tools.did])
    for document, party in zip(one["documents"], one["parties"], strict=True):
        half = await (await client.get(f"/api/v1/documents?id={document}")).json(content_type=None)
        assert (half["issuer"], half["ref"]) == (party, one["ref"])
    assert 'rel="next"' in answer.headers["Link"]
    rest = await (await client.get("/api/v1/exchanges?limit=1&cursor=1")).json()
    assert [one["ref"] for one in rest["exchanges"]] == ["s" * 26]
    assert (report["hours"], report["asked"]["since"]) == ("12", "2026-03-01")


async def test_the_table_can_be_downloaded(town, client):
    await say(town, ("kitchen", "digging", "12", "=HYPERLINK(1)", "@food"))

    answer = await client.get("/report.csv?since=2026-04-01")
    table = rows(await answer.text())

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="exchanges.csv"'
    assert ["all", "", "quantity", "'=HYPERLINK(1)", "12"] in table
    assert ["category", "'@food", "exchanges", "", "1"] in table
    assert ["category", "'@food", "organisations", "", "2"] in table
    assert ["month", "2026-04", "ties", "", "1"] in table


async def test_time_and_place_are_in_the_address_and_in_the_links(town, client):
    await say(town, ("kitchen", "digging", "12", "hours", "food"))
    place = [{"latitude": "54.6021", "longitude": "-2.3014"}]
    await town.kitchen.publish({"type": "Organization", "name": "Kitchen", "location": place})

    page = await read(client, "/report?since=2026-04-01&until=2026-04-30&near=54.6,+-2.3&radius=5")

    assert "Confirmed from 1 April 2026 to 30 April 2026 within 5.0 km of 54.6, -2.3" in page.text
    assert "12 hours" in page.text
    link = "/report.csv?since=2026-04-01&until=2026-04-30&near=54.6%2C-2.3&radius=5"
    assert link in page.links()
    assert [one["value"] for one in page.all("input")] == ["2026-04-01", "2026-04-30", "54.6,-2.3"]
    named = await read(client, "/report?near=eh11ad&radius=5")
    assert "Confirmed within 5.0 km of EH1 1 " in named.text
    far = await read(client, "/report?near=40,0")
    assert "Nothing is confirmed here for what you asked." in far.text
    early = await read(client, "/report?until=2026-03-01")
    assert "Nothing is confirmed here for what you asked." in early.text


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "until=2026-02-30",
        "near=here",
        "near=1,1&radius=far",
        "since=2026-02-02&until=2026-02-01",
    ],
)
async def test_what_cannot_be_understood_is_said_in_words(client, query):
    page = await read(client, f"/report?{query}", status=400)
    assert page.all("form")
    assert [one for one in page.all("p") if one.get("role") == "alert"]

    for path in ("/api/v1/report", "/api/v1/exchanges", "/report.csv"):
        answer = await client.get(f"{path}?{query}")
        assert answer.status == 400
        assert (await answer.json(content_type=None))["code"] in {"bad-query", "unknown-place"}


@pytest.mark.parametrize(
    "path, status, code",
    [
        ("/api/v1/report?raduis=2", 400, "bad-query"),
        ("/api/v1/exchanges?cursor=x", 400, "bad-cursor"),
        ("/api/v1/exchanges?limit=0", 400, "bad-query"),
        ("/api/v1/exchanges?organisation=nobody", 400, "bad-query"),
        (f"/api/v1/exchanges?organisation={'1' * 46}", 404, "unknown-organisation"),
    ],
)
async def test_the_api_refuses_what_it_does_not_know(client, path, status, code):
    answer = await client.get(path)

    assert answer.status == status
    assert (await answer.json(content_type=None))["code"] == code


async def test_exchanges_of_one_are_asked_by_its_scid_or_its_did(town, client):
    await say(town, ("kitchen", "digging", "12", "hours", "food"))
    miller = await town.host("https://miller.example/", "Miller", seed=7)

    totals = []
    for did in (town.tools.did, town.tools.did.split(":")[2], miller):
        answer = await (await client.get(f"/api/v1/exchanges?organisation={did}")).json()
        totals.append(answer["total"])

    assert totals == [1, 1, 0]


async def test_months_of_a_chart_are_no_days(town, client):
    """`Apr 26` would be one."""
    await say(town, ("kitchen", "digging", "12", "hours", "food"))

    page = await read(client, "/report")

    assert "Apr 2026" in page.text
    assert "Apr 26" not in page.text


async def test_what_is_taken_back_is_gone_at_once(town, client):
    """LF-EXCH-5: and what has expired, though nothing was written."""
    await say(town, ("kitchen", "digging", "12", "hours", "food"))
    assert (await (await client.get("/api/v1/report")).json())["hours"] == "12"

    (path,) = [
        path for path, one in town.kitchen.live(town.kitchen).items() if one.type == "Exchange"
    ]
    await town.kitchen.withdraw(f"{town.kitchen.did}/{path}")

    assert (await (await client.get("/api/v1/report")).json())["hours"] == "0"


async def test_what_is_over_is_gone_though_nothing_was_written(town, client):
    """LF-DOC-11."""
    await say(town, ("kitchen", "digging", "12", "hours", "food"))
    assert (await (await client.get("/api/v1/exchanges")).json())["total"] == 1

    town.federation.clock.advance(days=181)

    assert (await (await client.get("/api/v1/exchanges")).json())["total"] == 0


def charts_of(*flows):
    from app.test_report import flow, one

    report = add_up([one(*(flow(*each) for each in flows))], Question())
    return [*month_charts(report), *category_charts(report, ("en",))]


def test_a_chart_is_a_file_of_its_own_with_a_title_and_a_description():
    for chart in charts_of(("12", "hours", "food"), ("3", "kg", HOSTILE)):
        body = render_chart(chart)
        root = ElementTree.fromstring(body)  # noqa: S314 - our own
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert names <= SVG | {"title"}
        assert b"<script" not in body
        ids = {element.get("id") for element in root.iter()} - {None}
        assert {root.get("aria-labelledby"), root.get("aria-describedby")} <= ids
        assert [element.text for element in root if element.tag.endswith("title")] == [chart.title]
        assert not [
            (element.tag, name)
            for element in root.iter()
            for name in element.attrib
            if name.startswith("on") or name in {"style", "href"}
        ]


def test_the_highest_bar_stands_within_its_chart_and_the_least_can_be_seen():
    for chart in charts_of(("9999", "hours", "food"), ("0.000001", "hours", "tools")):
        for box in chart.boxes:
            assert box.width >= 1
            assert box.height >= 1
            assert 0 <= box.x <= box.x + box.width <= chart.width
            assert 0 <= box.y <= box.y + box.height <= chart.height
        for text in chart.texts:
            assert 0 <= text.x <= chart.width
            assert 0 <= text.y <= chart.height


async def test_the_report_fits_a_narrow_screen_and_bars_are_seen_in_print(town, visit):
    await say(
        town,
        (
            "kitchen",
            "digging",
            "1234.5",
            "hours",
            "Unreasonablylongcategorynamewithoutanyspace" * 3,
        ),
        ("tools", "jam", "7", "jarsofaveryspecialkindindeed" * 6, None),
    )

    page = await visit("/report", viewport={"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    wide = await page.locator(".chart").first.bounding_box()
    assert wide["width"] <= 320
    await page.emulate_media(media="print", forced_colors="active")
    for chart in await page.locator(".chart").all():
        assert await chart.is_visible()
    assert await page.locator("form").is_hidden()


async def test_figures_are_asked_for_with_the_keyboard(town, visit):
    await say(town, ("kitchen", "digging", "12", "hours", "food"))
    page = await visit("/report")

    await page.locator("#since").fill("2026-05-01")
    await page.locator("#since").press("Enter")
    await page.wait_for_url("**/report?since=2026-05-01&until=&near=&radius=16.1")

    assert (
        "Nothing is confirmed here for what you asked." in await page.locator("main").inner_text()
    )
