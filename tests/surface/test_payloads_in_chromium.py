"""Three hundred ways to get a script into a page, in every field, on every page and in the widget: none runs.

Real Chromium with scripts on, the policies as they are served. Whatever runs calls `xyzzy` or opens a dialog; whatever
a policy stops is reported: there is nothing to report, since nothing gets as far as being an element.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from federation import Federation
from judged.town import publish_all
from localfed.app import search
from localfed.web.routes import make_app
from surface.payloads import ALL, PAYLOADS, drafts_of, organisation_of
from surface.shown import addresses
from web.conftest import Town

PARTS = 4
_A_PAGE = 50

LISTEN = """
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => xyzzy(name);
document.addEventListener("securitypolicyviolation", (event) =>
  reported(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""

TOUCH = """
(() => {
  const all = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      all.push(one);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
  for (const one of all)
    for (const kind of ["mouseover", "focus", "load", "error", "animationstart", "toggle"])
      one.dispatchEvent(new Event(kind));
  return all.filter((one) => [...one.attributes].some(({ name }) => name.startsWith("on"))).length;
})()
"""


def test_there_are_three_hundred_and_each_is_another():
    assert len(set(PAYLOADS)) == 300
    assert all("yzzy" in one for one in ALL)


class Watched(msgspec.Struct, kw_only=True):
    """A browser in which nothing that a stranger wrote may run."""

    page: Any
    ran: list[str]
    reports: list[str]
    texts: int = 0
    """How many texts of strangers were seen: without any there was nothing to show."""

    async def look(self, address: str) -> None:
        """Open a page, touch everything on it, count what it shows."""
        await self.page.goto(address)
        handlers = await self.page.evaluate(TOUCH)
        assert handlers == 0, f"{address}: {handlers} elements with handlers of their own"
        shown = await self.page.evaluate("document.documentElement.innerText")
        self.texts += shown.count("xyzzy")
        assert self.ran == [], address
        assert self.reports == [], address


@pytest_asyncio.fixture
async def watched(browser) -> AsyncIterator[Any]:
    contexts = []

    async def start(**options: Any) -> Watched:
        context = await browser.new_context(**{"locale": "en-GB", **options})
        contexts.append(context)
        made = Watched(page=await context.new_page(), ran=[], reports=[])
        await context.expose_binding("xyzzy", lambda source, *_: made.ran.append(str(source)))
        await context.expose_binding("reported", lambda _, text: made.reports.append(text))
        await context.add_init_script(LISTEN)
        made.page.on("dialog", lambda dialog: made.ran.append(dialog.message))
        made.page.on("pageerror", lambda error: made.ran.append(str(error)))
        made.page.on(
            "console",
            lambda message: (
                made.reports.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )
        return made

    yield start
    for context in contexts:
        await context.close()


class Evil(msgspec.Struct, kw_only=True):
    """A node that shows what a hostile organisation wrote."""

    client: Any
    root: str
    scid: str
    pages: list[str]
    town: Any


async def _open(tmp_path: Any, payloads: tuple[str, ...]) -> tuple[Federation, Town, list[str]]:
    fed = Federation(tmp_path)
    kitchen, tools = await fed.node("kitchen"), await fed.node("tools")
    drafts = [draft for one in payloads for draft in drafts_of(one)]
    ids = await publish_all(tools, tools.did, drafts)
    await tools.publish(organisation_of(payloads[0]))
    for one, other in ((kitchen, tools), (tools, kitchen)):
        await one.publish(
            {
                "type": "Partnership",
                "partner": other.did,
                "stage": "integrated",
                "promotes": True,
                "description": {"en": payloads[-1]},
            }
        )
    await kitchen.follow(tools)
    await kitchen.sync(tools)
    veg = await kitchen.publish({"type": "Offer", "name": "Veg box", "category": ["Food"]})
    cycles = await kitchen.publish({"type": "Organization", "listed": True, "name": "Cycle club"})
    await search.catch_up(kitchen.ports)
    made = Town(federation=fed, kitchen=kitchen, tools=tools, ids={"veg": veg, "cycles": cycles})
    return fed, made, ids


@pytest_asyncio.fixture
async def evil(tmp_path, request) -> AsyncIterator[Evil]:
    fed, town, ids = await _open(tmp_path, ALL[request.param :: PARTS])
    # The widget and the frames say their node's own address.
    probe = TestServer(web.Application())
    await probe.start_server()
    port = probe.port
    await probe.close()
    node = msgspec.structs.replace(town.node, url=f"http://127.0.0.1:{port}/")
    async with TestClient(TestServer(make_app(node), port=port)) as client:
        town.client = client
        scid = town.tools.did.split(":")[2]
        pages = [f"/documents/{scid}/{one.partition('/')[2].removesuffix('.json')}" for one in ids]
        yield Evil(
            client=client, root=f"http://127.0.0.1:{port}", scid=scid, pages=pages, town=town
        )
    fed.close()


every_part = pytest.mark.parametrize("evil", range(PARTS), indirect=True)


@every_part
async def test_nothing_runs_on_any_page(evil, watched):
    visitor = await watched()
    lists = [f"/?near=54.6,-2.3&q=xyzzy&kind={kind}" for kind in ("offer", "need", "organisation")]
    lists += [f"/organisations/{evil.scid}", f"/embed?near=54.6,-2.3&organisation={evil.scid}"]
    lists += ["/?near=54.6,-2.3&view=print", "/?near=54.6,-2.3&view=map", "/ties", "/report"]

    for address in [*addresses(evil.town), *lists, *evil.pages]:
        await visitor.look(evil.root + address)

    # Every record has its own page, and says it there several times.
    assert visitor.texts > 5 * len(evil.pages)


@pytest.mark.parametrize("evil", [0], indirect=True)
async def test_nothing_runs_of_what_a_visitor_is_made_to_ask(evil, watched):
    visitor = await watched()
    texts = ALL[::25]

    for text in texts:
        for name in ("q", "near", "category", "kind", "cost", "cursor", "lang", "organisation"):
            address = evil.client.make_url("/").with_query({"q": "x", name: text})
            await visitor.look(str(address))
        for path in ("/ties", "/report", "/embed", "/embed/make"):
            await visitor.look(str(evil.client.make_url(path).with_query({"near": text})))

    assert visitor.texts > len(texts)


@every_part
async def test_nothing_runs_in_the_widget_on_a_page_of_another(evil, watched):
    visitor = await watched()
    kinds = ("offer", "need", "organisation")
    widgets = "".join(
        f'<localfed-directory near="54.6,-2.3" kind="{kind}" limit="{_A_PAGE}" view="{view}" map>'
        f'<a href="{evil.root}/">The directory</a></localfed-directory>'
        for kind in kinds
        for view in ("list", "cards", "compact")
    )
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Our village</title>"
        f'<script type="module" src="{evil.root}/widget.js"></script>{widgets}'
    )

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as other:
        await visitor.page.goto(str(other.make_url("/")))
        shown = "[...document.querySelectorAll('localfed-directory')].map(one => one.shadowRoot?.textContent ?? '')"
        await visitor.page.wait_for_function(
            f"{shown}.every(text => /xyzzy|wrong|went/.test(text))"
        )
        assert [one for one in await visitor.page.evaluate(shown) if "xyzzy" not in one] == []
        for _ in range(2):
            handlers = await visitor.page.evaluate(TOUCH)
            more = visitor.page.locator("localfed-directory [part~=more]")
            for at in range(await more.count()):
                if await more.nth(at).is_visible():
                    await more.nth(at).click()
            await visitor.page.wait_for_timeout(300)
            assert handlers == 0

    assert visitor.ran == []
    assert visitor.reports == []


@pytest.mark.parametrize("evil", [0], indirect=True)
async def test_a_script_that_did_run_would_be_seen(evil, watched):
    """The watching itself works: what the page is made to do is noticed."""
    visitor = await watched()
    await visitor.page.goto(evil.root + "/about")

    await visitor.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=xyzzy()>')"
    )
    await visitor.page.wait_for_timeout(200)
    stopped = list(visitor.reports)
    await visitor.page.evaluate("xyzzy()")

    assert any("script-src" in one or "default-src" in one for one in stopped), stopped
    assert len(visitor.ran) == 1
