"""Signatures checked in the visitor's browser: what is shown where they fit, where not, and where it cannot be done."""

from __future__ import annotations

import json

import pytest

from localfed.protocol.times import write_time
from widget.conftest import told
from widget.test_widget import directory


@pytest.fixture
async def embed_at(embed, website):
    """As `embed`, at the time of the town; `change` may change what the node answers to a search."""

    async def open_page(content, change=None, **options):
        page = await embed("", waits=False, **options)
        await page.clock.set_fixed_time(write_time(website.town.federation.clock.now()))
        if change is not None:

            async def answer(route):
                response = await route.fetch()
                body = await response.json()
                change(body)
                await route.fulfill(response=response, body=json.dumps(body))

            await page.route("**/api/v1/search**", answer)
        await page.evaluate("html => { document.body.innerHTML = html }", content)
        await page.locator("[part~=proof], [part=proofs]").first.wait_for()
        return page

    return open_page


async def test_each_card_says_that_its_signature_was_checked(embed_at, website):
    page = await embed_at(directory("verify"))

    proofs = page.locator("[part=proof]")
    assert await proofs.count() == 6
    assert await told(page, "verified") == [{"checked": 6, "failed": 0, "unknown": 0}]
    assert "Signature checked in your browser" in await proofs.first.inner_text()
    await proofs.first.locator("summary").click()
    text = await proofs.first.inner_text()
    assert "kitchen.example" in text
    assert website.town.kitchen.did.split(":")[2] in text
    # One log for each publisher, however many records it has.
    logs = [one.url for one in website.requests if "/identities/" in one.url]
    assert len(logs) == 2


async def test_the_strictest_policy_of_a_page_lets_it_check(embed_at, website):
    policy = f"default-src 'none'; script-src {website.node}; connect-src {website.node}"
    page = await embed_at(
        directory("verify"), headers={"Content-Security-Policy": policy}, path="/strict"
    )

    assert await told(page, "verified") == [{"checked": 6, "failed": 0, "unknown": 0}]


def word(body):
    body["results"][0]["document"]["name"] = {"en": "Free money"}


def host(body):
    body["results"][0]["publisher"]["host"] = "bank.example"


def other(body):
    body["results"][0]["document"], body["results"][1]["document"] = (
        body["results"][1]["document"],
        body["results"][0]["document"],
    )


def bare(body):
    del body["results"][0]["document"]["proof"]


def odd(body):
    body["results"][0]["document"]["proof"]["proofValue"] = {"a": 1}


@pytest.mark.parametrize("change", [word, host, other, bare, odd])
async def test_what_its_publisher_did_not_sign_is_left_out(embed_at, change):
    page = await embed_at(directory("verify"), change)

    [said] = await told(page, "verified")
    assert said["failed"] == (2 if change is other else 1)
    first = page.locator("[part~=card]").first
    assert "Left out" in await first.inner_text()
    assert await first.locator("a").count() == 0
    assert "Free money" not in await page.locator("[part=root]").inner_text()


async def test_a_log_that_was_tampered_with_proves_nothing(embed_at, website):
    page = await embed_at("<p part=proofs>-")
    town = website.town
    log = town.publisher(town.kitchen).log.decode()
    forged = log.replace(town.kitchen.publisher(town.kitchen).host, "bank.example")
    assert forged != log
    await page.route(
        f"**/identities/{town.kitchen.did.split(':')[2]}", lambda route: route.fulfill(body=forged)
    )

    await page.evaluate("html => { document.body.innerHTML = html }", directory("verify"))
    await page.locator("[part=proof]").nth(5).wait_for()

    [said] = await told(page, "verified")
    assert said == {"checked": 3, "failed": 3, "unknown": 0}


async def test_without_the_log_it_says_that_nothing_was_checked(embed_at, website):
    website.expected = ["net::"]
    page = await embed_at("<p part=proofs>-")
    await page.route("**/identities/**", lambda route: route.abort())

    await page.evaluate("html => { document.body.innerHTML = html }", directory("verify"))
    await page.locator("[part=proof]").nth(5).wait_for()

    assert await told(page, "verified") == [{"checked": 0, "failed": 0, "unknown": 6}]
    assert (
        "did not say who the publisher is" in await page.locator("[part=proof]").first.inner_text()
    )


async def test_a_browser_that_cannot_says_so(embed_at):
    page = await embed_at("<p part=proofs>-")
    await page.evaluate(
        "SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError')); null"
    )

    await page.evaluate("html => { document.body.innerHTML = html }", directory("verify"))
    await page.locator("localfed-directory [part=proofs]").wait_for()

    assert "Signatures were not checked" in await page.locator("[part=proofs]").inner_text()
    assert await told(page, "verified") == [{"checked": 0, "failed": 0, "unknown": 6}]
    assert await page.locator("[part~=title]").count() == 6
