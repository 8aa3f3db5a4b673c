"""How a publisher is reached, on pages and in the API."""

from __future__ import annotations

from localfed.app.contacts import NewContact, remove_contact, set_contact
from web.pages_read import Page

OFFICE = NewContact(
    language="en",
    email="office@tools.example",
    telephone="+44 (0)1632 960-123",
    url="https://tools.example/ask",
    name="Office <b>",
    hours="Mondays & Tuesdays",
    available_language=("en", "cy"),
)


async def reach(town, contact=OFFICE):
    await set_contact(town.tools.ports, town.tools.did, contact)
    await town.kitchen.sync(town.tools)
    return town.tools.did.split(":")[2]


async def links_of(client, path):
    answer = await client.get(path)
    page = Page(await answer.text())
    assert (answer.status, page.faults) == (200, [])
    return {one["href"] for one in page.all("a")}, await answer.text()


async def test_pages_of_a_publisher_and_of_what_it_offers_say_how_it_is_reached(town, client):
    """LF-CONTACT-4: to people, as links; the node itself writes to nobody."""
    scid = await reach(town)

    for path in (f"/organisations/{scid}", town.page_of("advice")):
        links, text = await links_of(client, path)
        assert {"mailto:office@tools.example", "tel:+441632960123"} <= links
        assert "https://tools.example/ask" in links
        assert "Office &lt;b&gt;" in text
        assert "Mondays &amp; Tuesdays" in text
    # A record about somebody else is not how that somebody is reached.
    links, _ = await links_of(client, town.page_of("cycles"))
    assert "mailto:office@tools.example" not in links


async def test_the_api_gives_the_contact_as_it_was_signed(town, client):
    """LF-CONTACT-2."""
    scid = await reach(town)
    document = town.kitchen.store.document(town.tools.did, "contact.json")

    answer = await client.get(f"/api/v1/organisations/{scid}")
    body = await answer.read()

    assert document.body in body
    assert (await answer.json())["contact"]["email"] == "office@tools.example"


async def test_what_is_over_or_taken_back_is_nowhere(town, client):
    """LF-DOC-11, LF-CONTACT-2."""
    scid = await reach(town)
    town.federation.clock.advance(days=10)
    await remove_contact(town.tools.ports, town.tools.did)
    await town.kitchen.sync(town.tools)

    links, _ = await links_of(client, f"/organisations/{scid}")
    api = await (await client.get(f"/api/v1/organisations/{scid}")).json()
    assert "mailto:office@tools.example" not in links
    assert api["contact"] is None


async def test_a_node_serves_the_contact_of_whom_it_hosts(town, client):
    """LF-CONTACT-2."""
    assert (await client.get("/contact.json")).status == 404

    await set_contact(town.kitchen.ports, town.kitchen.did, OFFICE)

    answer = await client.get("/contact.json")
    assert answer.status == 200
    assert (await answer.json(content_type=None))["type"] == "Contact"
