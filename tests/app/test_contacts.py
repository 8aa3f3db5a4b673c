"""How an organisation is reached: published, renewed, taken back, and shown only while it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from localfed.app.contacts import NewContact, contact_of, remove_contact, set_contact
from localfed.app.renewals import renew
from localfed.protocol.errors import BadDraft, UnknownDocument
from localfed.protocol.times import read_time

OFFICE = NewContact(
    language="en",
    email="office@grocer.example",
    telephone="01632 960123",
    name="Office",
    hours="Mondays, 10 to 12",
    available_language=("en", "cy"),
)


def held(reader, publisher):
    return contact_of(reader.store, publisher.did, reader.clock.now())


async def test_a_contact_lives_ninety_days_and_says_nobody_looked_at_it(federation):
    """LF-CONTACT-2, LF-DOC-8."""
    grocer = await federation.node("grocer")

    contact = await set_contact(grocer.ports, grocer.did, OFFICE)

    assert read_time(contact.expires) - read_time(contact.updated) == timedelta(days=90)
    document = grocer.store.document(grocer.did, "contact.json")
    assert b'"assured"' not in document.body
    assert b'"license"' not in document.body
    assert held(grocer, grocer) == contact


async def test_followers_have_it_and_lose_it_when_it_is_taken_back(federation):
    """LF-CONTACT-2, LF-FEED-1: and it may be published again at the same path."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    await set_contact(grocer.ports, grocer.did, OFFICE)
    await baker.follow(grocer)
    await baker.sync(grocer)
    assert held(baker, grocer).email == "office@grocer.example"

    await remove_contact(grocer.ports, grocer.did)
    await baker.sync(grocer)
    assert held(baker, grocer) is None
    assert baker.store.document(grocer.did, "contact.json") is None

    await set_contact(grocer.ports, grocer.did, OFFICE)
    await baker.sync(grocer)
    assert held(baker, grocer).telephone == "01632 960123"


async def test_a_node_that_runs_renews_it_and_one_that_stopped_lets_it_fade(federation):
    """LF-CONTACT-2, LF-DOC-11, LF-DOC-14."""
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    first = await set_contact(grocer.ports, grocer.did, OFFICE)
    await baker.follow(grocer)
    await baker.sync(grocer)
    for _ in range(24):
        federation.clock.advance(days=6)
        await renew(grocer.ports, grocer.did)
    assert held(grocer, grocer).expires > first.expires
    assert held(grocer, grocer).revision > first.revision

    assert held(baker, grocer) is None
    await baker.sync(grocer)
    assert held(baker, grocer) == held(grocer, grocer)
    federation.clock.advance(days=91)
    assert held(baker, grocer) is None
    assert held(grocer, grocer) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"email": None, "telephone": None},
        {"email": "office"},
        {"email": "office@grocer.example\nBcc: b@c.example"},
        {"telephone": "ring the bell"},
        {"url": "javascript:alert(1)"},
        {"available_language": ("Welsh",)},
    ],
)
async def test_what_is_no_contact_is_refused_and_changes_nothing(federation, changes):
    """LF-CONTACT-1, LF-CONTACT-3."""
    grocer = await federation.node("grocer")
    before = grocer.publisher(grocer).head
    values = {"email": "office@grocer.example", "telephone": None, **changes}

    with pytest.raises(BadDraft):
        await set_contact(grocer.ports, grocer.did, NewContact(language="en", **values))

    assert grocer.publisher(grocer).head == before
    with pytest.raises(UnknownDocument):
        await remove_contact(grocer.ports, grocer.did)


async def test_a_draft_of_a_contact_is_published_at_its_path(federation):
    """LF-CONTACT-2: and withdrawn like any other."""
    grocer = await federation.node("grocer")

    first = await grocer.publish({"type": "Contact", "email": "office@grocer.example"})
    again = await grocer.publish(
        {"type": "Contact", "email": "shop@grocer.example", "hours": "Daily"}
    )
    await grocer.withdraw(again)
    third = await grocer.publish({"type": "Contact", "id": None, "telephone": "999"})

    assert first == again == third == grocer.did + "/contact.json"
    assert held(grocer, grocer).telephone == "999"
