"""Hostile texts in a real browser with scripts on: nothing runs, nothing is asked of anybody else.

The same texts on every page without a browser: `tests/attacks/test_people.py`. `visit` fails on whatever the
browser complains of, a breach of the policy for scripts included, and on requests to other hosts.
"""

from __future__ import annotations

import pytest

from attacks.people_material import PAYLOADS, drafts_of
from localfed.app import search

NAMES = list(PAYLOADS)


@pytest.mark.parametrize("part", range(4))
async def test_nothing_that_an_organisation_writes_runs(town, visit, part):
    names = NAMES[part::4]
    for name in names:
        for draft in drafts_of(PAYLOADS[name]):
            await town.tools.publish(draft)
    town.federation.clock.advance(minutes=20)
    await town.kitchen.sync(town.tools)
    await search.catch_up(town.kitchen.ports)
    scid = town.tools.did.split(":")[2]
    dialogs = []

    page = await visit("/", java_script_enabled=True)
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    addresses = ["/organisations", f"/organisations/{scid}"]
    addresses += [
        f"/documents/{scid}/{path.removesuffix('.json')}"
        for path in town.kitchen.live(town.tools)
        if path.startswith("d/")
    ]
    for address in addresses:
        await page.goto(address)
        # Blocks of data are no scripts: they stand beside these texts, and nothing runs them.
        scripts = page.locator("script:not([type='application/ld+json'])")
        assert await page.locator("img").count() == 0
        sources = await scripts.evaluate_all("all => all.map((one) => one.src + one.text)")
        assert sources in ([], [str(town.client.make_url("/static/map.js"))])
        assert await page.locator("script[type='application/ld+json']").count() <= 1
        # Where a handler waits to be touched: everything is, once.
        await page.evaluate(
            "document.querySelectorAll('*').forEach(one => {"
            "for (const kind of ['mouseover', 'focus', 'load', 'error'])"
            " one.dispatchEvent(new Event(kind)) })"
        )

    assert dialogs == []
    assert (
        await page.evaluate("document.querySelectorAll('[onclick], [onfocus], [style]').length")
        == 0
    )
