"""The widget wherever it is put: other languages and directions, dark, narrow, hostile styles, strict policies."""

from __future__ import annotations

import pytest

from attacks.people_material import PAYLOADS, SCRIPT_URLS
from surface.test_axe_in_chromium import LOOKS, violations
from widget.conftest import PLACE, settled
from widget.test_widget import directory, titles


async def test_a_page_in_welsh_gets_it_in_welsh(embed):
    page = await embed(directory('near="54.6,-2.3"'), page_of={"html": "lang=cy"})

    root = page.locator("[part=root]")
    assert await root.get_attribute("lang") == "cy"
    assert await page.locator("[part=status]").text_content() == "6 canlyniad"
    assert await page.get_by_role("link", name="Bocs llysiau").count() == 1
    # What nobody translated says in which language it is.
    drivers = page.locator("[part~=title]", has_text="Drivers")
    assert await drivers.get_attribute("lang") == "en"
    text = await page.locator("[part~=card]").first.inner_text()
    assert "0.2 milltir i ffwrdd" in text
    assert "gwiriwyd 1 Mai 2026" in text
    assert "Cyhoeddwyd gan" in text


@pytest.mark.parametrize(
    "lang, says",
    [
        ("en-GB", "0.2 miles away"),
        ("en-US", "0.2 miles away"),
        ("en-IE", "0.3 km away"),
        ("fr", "0,3 km away"),
    ],
)
async def test_distances_are_in_the_units_of_the_reader(embed, lang, says):
    page = await embed(directory(f'near="54.6,-2.3" lang="{lang}" kind="offer"'), locale="de-DE")

    assert says in (await page.locator("[part~=card]").first.inner_text()).replace("\u202f", " ")


@pytest.mark.parametrize(
    "lang, says",
    [
        ("en-GB", "about 0.6 miles away"),
        ("en-IE", "about 1.0 km away"),
        ("cy", "tua 0.6 milltir i ffwrdd"),
    ],
)
async def test_what_is_deliberately_vague_is_about_so_far_away(embed, website, lang, says):
    await website.town.publish(
        "lifts",
        {
            "type": "Offer",
            "name": {"en": "Lifts to the doctor"},
            "location": [{"latitude": "54.6", "longitude": "-2.3", "radius": 1_000}],
        },
    )
    page = await embed(directory(f'near="54.6,-2.3" lang="{lang}" kind="offer"'))

    vague = page.locator("[part~=card]", has_text="Lifts to the doctor")
    exact = page.locator("[part~=card]", has_text="Veg box")
    if lang == "cy":
        exact = page.locator("[part~=card]", has_text="Bocs llysiau")
    assert says in (await vague.inner_text()).replace("\u202f", " ")
    assert says not in (await exact.inner_text()).replace("\u202f", " ")


async def test_from_right_to_left_everything_is_the_other_way_round(embed, website):
    await website.town.publish(
        "bread",
        {"type": "Offer", "name": {"ar": "خبز طازج", "en": "Fresh bread"}, "location": PLACE},
    )
    page = await embed(directory("lang=ar"), viewport={"width": 600, "height": 800})

    assert await page.locator("[part=root]").get_attribute("dir") == "rtl"
    bread = page.locator("[part~=title]", has_text="خبز")
    assert await bread.get_attribute("dir") == "rtl"
    button = await page.get_by_role("button", name="Search").bounding_box()
    box = await page.locator("input[name=q]").bounding_box()
    assert button["x"] < box["x"]
    # English in it goes on being read from the left.
    assert await page.locator("[part~=title]", has_text="Drivers").get_attribute("dir") == "ltr"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
async def test_it_is_dark_where_the_visitor_or_the_page_wants_it_so(embed, scheme, theme):
    page = await embed(directory(f'theme="{theme}"'), color_scheme=scheme)

    ink = await page.locator("[part=root]").evaluate("one => getComputedStyle(one).color")
    is_dark = theme == "dark" or (theme == "auto" and scheme == "dark")
    assert ink == ("rgb(232, 235, 233)" if is_dark else "rgb(32, 38, 43)")


async def test_variables_and_parts_are_how_a_page_styles_it(embed):
    style = (
        "<style>localfed-directory { --localfed-link: rgb(1, 2, 3); --localfed-font-size: 20px; }"
        "localfed-directory::part(card) { border-color: rgb(4, 5, 6) }</style>"
    )
    page = await embed(style + directory())

    link = page.locator("[part=link]").first
    assert await link.evaluate("one => getComputedStyle(one).color") == "rgb(1, 2, 3)"
    assert (
        await page.locator("[part~=text]").first.evaluate("one => getComputedStyle(one).fontSize")
        == "20px"
    )
    card = page.locator("[part~=card]").first
    assert await card.evaluate("one => getComputedStyle(one).borderTopColor") == "rgb(4, 5, 6)"


@pytest.mark.parametrize("view", ["list", "cards", "compact"])
async def test_it_fits_a_narrow_column(embed, website, view):
    await website.town.publish(
        "long",
        {
            "type": "Offer",
            "name": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter" * 2,
            "category": ["Unreasonablylongcategorynamewithoutanyspacewhatsoever" * 2],
            "description": "x" * 300,
        },
    )
    page = await embed(directory(f'view="{view}"'), viewport={"width": 320, "height": 640})

    assert await page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("look", LOOKS)
async def test_the_rules_of_axe_find_nothing_in_it(embed, website, look):
    website.expected = ["net::"]
    options = {key: value for key, value in LOOKS[look].items() if key != "locale"}
    page = await embed(
        "<main><h1>Our village</h1><h2>Offers</h2>"
        + "".join(directory(f'view="{view}" limit="4"') for view in ("list", "cards", "compact"))
        + directory('kind="offers"')
        + directory('near="54.6,-2.3" partners-only')
        + "</main>",
        page_of={"html": "lang=cy" if look == "Welsh" else "lang=en-GB"},
        **options,
    )
    await settled(page, 5)

    assert await violations(page) == []


async def test_reduced_motion_is_respected(embed):
    page = await embed(directory(), reduced_motion="reduce")

    moving = await page.evaluate(
        "[...document.querySelector('localfed-directory').shadowRoot.querySelectorAll('*')]"
        ".filter(one => getComputedStyle(one).transitionDuration !== '0s'"
        " || getComputedStyle(one).animationName !== 'none').length"
    )
    assert moving == 0


HOSTILE_STYLE = """
<style>
  body * { display: none !important; visibility: hidden !important; opacity: 0 !important; zoom: 3 !important;
    font: italic 60px fantasy !important; color: red !important; direction: rtl !important; line-height: 0 !important;
    letter-spacing: 2em !important; text-transform: uppercase !important; filter: blur(9px) !important;
    writing-mode: vertical-rl !important; pointer-events: none !important; user-select: none !important;
    text-indent: -999em !important; white-space: nowrap !important; word-spacing: 9em !important;
    clip-path: circle(0) !important; cursor: none !important; text-align: right !important; }
  html { font-size: 70px !important; }
</style>
"""


async def test_hostile_styles_of_the_page_change_nothing(embed):
    viewport = {"width": 500, "height": 900}
    plain = await embed(directory("lang=en-GB"), path="/plain", viewport=viewport)
    hostile = await embed(
        HOSTILE_STYLE + directory("lang=en-GB"), path="/hostile", viewport=viewport
    )

    boxes = [
        await page.evaluate(
            "[...document.querySelector('localfed-directory').shadowRoot.querySelectorAll('*')]"
            ".map(one => { const {x, y, width, height} = one.getBoundingClientRect();"
            " const style = getComputedStyle(one);"
            " return [one.className, one.localName, ...[x, y, width, height].map(Math.round),"
            " style.color, style.fontSize, style.textTransform, style.pointerEvents, style.visibility] })"
        )
        for page in (plain, hostile)
    ]
    assert boxes[0] == boxes[1]
    await hostile.get_by_role("radio", name="Needs 1").click()
    await settled(hostile, 2)
    assert await titles(hostile) == ["Drivers"]


async def test_the_strictest_policy_of_a_page_lets_it_work(embed, website):
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {website.node}; connect-src {website.node}; style-src {website.node}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    page = await embed(directory(), headers={"Content-Security-Policy": policy}, path="/strict")

    assert len(await titles(page)) == 6
    sheet = await page.locator("[part~=card]").first.evaluate(
        "one => getComputedStyle(one).borderRadius"
    )
    assert sheet != "0px"
    await page.locator("input[name=q]").fill("vegetables")
    await page.locator("input[name=q]").press("Enter")
    await settled(page, 2)
    assert await titles(page) == ["Veg box"]


async def test_a_sandbox_without_forms_and_storage_lets_it_work(embed, website):
    website.pages["/inner"] = (website.body_of(directory()), {})
    page = await embed(
        f'<iframe sandbox="allow-scripts" src="{website.origin}/inner" width=600 height=900></iframe>',
        waits=False,
    )
    frame = page.frame_locator("iframe")

    await frame.locator("input[name=q]").fill("vegetables")
    await frame.locator("input[name=q]").press("Enter")
    await frame.locator("[part=status]", has_text="1 result").wait_for()

    assert await frame.locator("[part~=title]").all_inner_texts() == ["Veg box"]


async def test_nothing_that_strangers_write_runs_or_leads_astray(embed, website):
    answer = await website.town.client.get("/api/v1/search?limit=1")
    body = await answer.json()
    [pattern] = body["results"]
    texts = [*PAYLOADS.values(), *SCRIPT_URLS.values()]
    body["results"] = [filled(pattern, text) for text in texts]
    body["total"] = len(texts)
    body["facets"] = {"kind": {"offer": 1}, "category": dict.fromkeys(PAYLOADS.values(), 1)}
    page = await embed("", waits=False)
    await page.route("**/api/v1/search**", lambda route: route.fulfill(json=body))

    await page.evaluate(
        "html => { window.ran = 0; window.xyzzy = () => { window.ran += 1 };"
        " document.body.innerHTML = html }",
        directory(),
    )
    await settled(page)
    await page.evaluate(
        "document.querySelector('localfed-directory').shadowRoot.querySelectorAll('*').forEach(one => {"
        "for (const kind of ['mouseover', 'focus', 'load', 'error', 'toggle'])"
        " one.dispatchEvent(new Event(kind)) })"
    )

    assert await page.locator("[part~=card]").count() > 40
    assert await page.evaluate("window.ran") == 0
    found = await page.evaluate(
        "(() => { const root = document.querySelector('localfed-directory').shadowRoot;"
        " return [[...new Set([...root.querySelectorAll('*')].map(one => one.localName))].sort(),"
        " [...root.querySelectorAll('a')].map(one => one.protocol),"
        " root.querySelectorAll('[onclick], [onerror], [onload], [style], [src]').length] })()"
    )
    elements, protocols, active = found
    assert not {"script", "img", "iframe", "svg", "form", "style", "base", "meta"} & set(elements)
    assert set(protocols) <= {"http:", "https:"}
    assert active == 0


def filled(value, text):
    """The same value, with a text in every string but those without which there is no card."""
    if isinstance(value, dict):
        return {
            name: item if name in {"kind", "checked"} else filled(item, text)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [filled(item, text) for item in value]
    return text if isinstance(value, str) else value
