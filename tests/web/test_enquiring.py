"""The forms by which visitors ask and correct, the same for programs, and the page behind a link in a mail."""

from __future__ import annotations

import logging
import re
from urllib.parse import quote

import pytest

from localfed.app import enquiries, passing_on
from localfed.app.contacts import NewContact, set_contact
from localfed.app.enquiry_port import EnquiryKind, EnquiryState
from localfed.web import enquiring
from localfed.web.form_tokens import LEAST_SECONDS, MOST_SECONDS, FormTokens, Judgement
from localfed.web.runner import RUNNER_OPTIONS
from web.pages_read import Page
from web.test_openapi import check, schema_for

WORDS = "Is there a box for one?"


def form_of(town, name):
    return town.page_of(name).replace("/documents/", "/enquiries/")


async def open_form(client, path):
    answer = await client.get(path)
    page = Page(await answer.text())
    assert (answer.status, page.faults) == (200, [])
    return page


def field(page, name):
    return next(one for one in page.all("input") if one.get("name") == name)["value"]


async def send(town, client, path, *, wait=10, token=None, **fields):
    """Open a form, write in it, and send it after a while."""
    if token is None:
        token = field(await open_form(client, path), "token")
    town.federation.clock.advance(seconds=wait)
    data = {"kind": "question", "token": token, "text": WORDS, "website": "", **fields}
    return await client.post(path, data=data, allow_redirects=False)


def kept(town):
    return town.kitchen.store.enquiries()


# --- the form --------------------------------------------------------------------------------


async def test_every_record_leads_to_the_form_and_to_the_correction(town, client):
    scid = town.kitchen.did.split(":")[2]
    for path, target in (
        (town.page_of("veg"), form_of(town, "veg")),
        (town.page_of("drivers"), form_of(town, "drivers")),
        (town.page_of("cycles"), form_of(town, "cycles")),
        (f"/organisations/{scid}", f"/enquiries/{scid}/org"),
    ):
        links = {one["href"] for one in (await open_form(client, path)).all("a")}
        assert {target, f"{target}?kind=correction"} <= links
        for link in (target, f"{target}?kind=correction"):
            page = await open_form(client, link)
            assert page.all("form")[0]["action"] == target
            labelled = {one["for"] for one in page.all("label")}
            assert {"text", "email", "name", "website"} == labelled
    assert "take us off" in await (await client.get(town.page_of("cycles"))).text()


async def test_only_what_somebody_else_listed_is_something_to_be_taken_off(town, client):
    own = await (await client.get(town.page_of("veg"))).text()
    listed = await (await client.get(town.page_of("cycles"))).text()
    cards = await (await client.get("/?q=veg")).text()
    listed_cards = await (await client.get("/?q=cycles")).text()

    for page in (own, cards):
        assert ">This is wrong<" in page
        assert "take us off" not in page
        assert "?kind=correction" in page
    for page in (listed, listed_cards):
        assert ">This is wrong, take us off<" in page


async def test_what_is_sent_waits_for_the_operator_and_the_visitor_is_thanked(town, client):
    answer = await send(town, client, form_of(town, "veg"), email="ann@mail.example", name="Ann")

    assert answer.status == 303
    thanks = await client.get(answer.headers["Location"])
    text = await thanks.text()
    assert (thanks.status, thanks.headers["Cache-Control"]) == (200, "no-store")
    assert "Thank you" in text
    (one,) = kept(town)
    assert (one.kind, one.state, one.about) == (
        EnquiryKind.QUESTION,
        EnquiryState.TRAY,
        town.ids["veg"],
    )
    assert (one.text, one.name, one.reply_to) == (WORDS, "Ann", "ann@mail.example")
    assert "Set-Cookie" not in thanks.headers


async def test_a_question_to_who_is_followed_becomes_a_message(town, client):
    answer = await send(town, client, form_of(town, "advice"))

    assert answer.headers["Location"].endswith("sent=message")
    (one,) = kept(town)
    assert (one.state, one.recipient) == (EnquiryState.MESSAGE, town.tools.did)
    assert town.kitchen.store.outbox()[-1].digest == one.message


async def test_who_cannot_be_passed_anything_is_shown_with_its_contact(town, client, monkeypatch):
    """LF-CONTACT-4."""
    await set_contact(
        town.tools.ports, town.tools.did, NewContact(language="en", email="office@tools.example")
    )
    await town.kitchen.sync(town.tools)
    monkeypatch.setattr(passing_on, "inbox_url", lambda *_: None)

    page = await open_form(client, form_of(town, "advice"))
    answer = await send(town, client, form_of(town, "advice"), token="x")

    assert page.all("form") == []
    assert "mailto:office@tools.example" in {one["href"] for one in page.all("a")}
    assert answer.status == 400
    assert kept(town) == []


@pytest.mark.parametrize(
    "fields,words",
    [
        ({"text": ""}, "Write what you want to say"),
        ({"text": "x" * 4_001}, "4,000 are passed on"),
        ({"email": "ann at mail"}, "no e-mail address"),
        ({"email": "ann@mail.example\r\nBcc: b@c.example"}, "no e-mail address"),
        ({"name": "x" * 101}, "at most 100"),
        ({"wait": 1}, "very quick"),
        ({"wait": MOST_SECONDS + 1}, "open for a long time"),
        ({"token": "1.abcdefghijkl." + "0" * 64}, "open for a long time"),
        ({"token": ""}, "open for a long time"),
        ({"kind": "removal"}, "kind is question or correction"),
        ({"kind": ""}, "kind is question or correction"),
        ({"kind": "Correction"}, "kind is question or correction"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_of_what_was_written_is_lost(
    town, client, fields, words
):
    """WCAG 3.3.1, 3.3.3."""
    given = {"text": 'A "box" <for> one', "name": "Ann & Bob", **fields}

    answer = await send(town, client, form_of(town, "veg"), **given)

    page = Page(await answer.text())
    assert (answer.status, page.faults) == (400, [])
    assert words in await answer.text()
    assert page.all("textarea")[0]["aria-describedby"] == "wrong"
    assert field(page, "name") == given["name"]
    if given["text"].startswith("A"):
        assert "A &#34;box&#34; &lt;for&gt; one" in await answer.text()
    assert kept(town) == []


async def test_a_kind_that_there_is_not_comes_back_as_what_can_take_a_listed_record_off(
    town, client
):
    for name, kind in (("cycles", "correction"), ("veg", "question")):
        answer = await send(town, client, form_of(town, name), kind="removal")

        page = Page(await answer.text())
        assert (answer.status, field(page, "kind")) == (400, kind)
        assert WORDS in await answer.text()
        again = await send(
            town, client, form_of(town, name), token=field(page, "token"), kind=field(page, "kind")
        )
        assert again.status == 303
    assert [one.kind for one in kept(town)] == [EnquiryKind.CORRECTION, EnquiryKind.QUESTION]


async def test_what_was_refused_can_be_sent_again_with_the_new_form(town, client):
    first = await send(town, client, form_of(town, "veg"), wait=0)
    token = field(Page(await first.text()), "token")

    answer = await send(town, client, form_of(town, "veg"), token=token)

    assert answer.status == 303
    assert len(kept(town)) == 1


async def test_an_impatient_finger_sends_it_once(town, client):
    path = form_of(town, "veg")
    token = field(await open_form(client, path), "token")

    answers = [await send(town, client, path, token=token) for _ in range(3)]

    assert [one.status for one in answers] == [303, 303, 303]
    assert len(kept(town)) == 1


async def test_a_form_is_good_for_its_own_record_alone(town, client):
    token = field(await open_form(client, form_of(town, "veg")), "token")

    answer = await send(town, client, form_of(town, "drivers"), token=token)

    assert answer.status == 400
    assert kept(town) == []


async def test_a_program_that_fills_in_everything_learns_nothing_and_reaches_nobody(town, client):
    answer = await send(town, client, form_of(town, "veg"), website="https://pills.example/")

    assert answer.status == 303
    assert kept(town) == []


@pytest.mark.parametrize(
    "body,kind",
    [
        (b"text=x&token=%FF", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(50)), "application/x-www-form-urlencoded"),
        ("text=ä".encode(), "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (b"text=x", ""),
    ],
)
async def test_what_no_browser_sends_is_refused(town, client, body, kind):
    answer = await client.post(
        form_of(town, "veg"), data=body, headers={"Content-Type": kind} if kind else {}
    )

    assert answer.status == 400
    assert kept(town) == []


async def test_a_form_too_large_is_refused_unread(town, client):
    answer = await send(town, client, form_of(town, "veg"), text="ä" * 20_000)

    assert answer.status == 413


async def test_one_address_sends_only_so_much(town, client):
    path = form_of(town, "veg")
    for number in range(int(enquiring.EACH[0])):
        assert (await send(town, client, path, text=f"question {number}")).status == 303

    answer = await send(town, client, path)

    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert "what you wrote is still there" in await answer.text()
    assert len(kept(town)) == int(enquiring.EACH[0])
    # Reading goes on.
    assert (await client.get(path)).status == 200


async def test_nothing_of_a_visitor_is_logged(town, client, caplog):
    caplog.set_level(logging.DEBUG)
    await send(town, client, form_of(town, "veg"), email="ann@mail.example", name="Ann Other")
    await send(town, client, form_of(town, "veg"), email="ann at mail", name="Ann Other")
    await client.post("/api/v1/enquiries", json={"about": "x", "text": WORDS})

    ours = [one.getMessage() for one in caplog.records if one.name != "aiohttp.access"]
    for secret in (WORDS, quote(WORDS), "ann", "127.0.0.1"):
        assert not any(secret in line for line in ours)
    # The server of these tests has an access log, that of a node has none.
    assert RUNNER_OPTIONS["access_log"] is None


async def test_what_is_withdrawn_or_unknown_has_no_form(town, client):
    path = form_of(town, "veg")
    await town.kitchen.withdraw(town.ids["veg"])

    for gone in (path, path.rsplit("/", 2)[0] + "/contact", "/enquiries/" + "Q" * 46 + "/org"):
        assert (await client.get(gone)).status == 404
        assert (await client.post(gone, data={"text": "x"})).status == 404


# --- for programs ----------------------------------------------------------------------------


async def test_a_program_asks_for_a_person(town, client):
    answer = await client.post(
        "/api/v1/enquiries",
        json={"about": town.ids["veg"], "text": WORDS, "reply_to": "ann@mail.example"},
    )

    value = await answer.json()
    assert (answer.status, value) == (202, {"way": "tray"})
    check(value, schema_for("/api/v1/enquiries", "202", method="post"))
    assert kept(town)[0].text == WORDS


async def test_a_program_is_told_the_kinds(town, client):
    value = {"about": town.ids["veg"], "text": WORDS, "kind": "removal"}

    answer = await client.post("/api/v1/enquiries", json=value)

    problem = await answer.json(content_type=None)
    assert (answer.status, problem["code"]) == (400, "bad-enquiry")
    assert "kind is question or correction" in problem["detail"]
    assert "removal" not in problem["detail"]
    assert kept(town) == []


@pytest.mark.parametrize(
    "value,status,code",
    [
        ({"text": WORDS}, 400, "bad-enquiry"),
        ({"about": "{veg}", "text": ""}, 400, "bad-enquiry"),
        ({"about": "{veg}", "text": WORDS, "to": "victim@other.example"}, 400, "bad-enquiry"),
        ({"about": "{veg}", "text": WORDS, "kind": "spam"}, 400, "bad-enquiry"),
        ({"about": "{veg}", "text": [WORDS]}, 400, "bad-enquiry"),
        ({"about": "{veg}", "text": WORDS, "reply_to": "a@b"}, 400, "bad-enquiry"),
        ({"about": "nonsense", "text": WORDS}, 404, "unknown-document"),
        (["about"], 400, "bad-enquiry"),
    ],
)
async def test_what_a_program_gets_wrong_has_a_code(town, client, value, status, code):
    if isinstance(value, dict) and value.get("about") == "{veg}":
        value = {**value, "about": town.ids["veg"]}

    answer = await client.post("/api/v1/enquiries", json=value)

    problem = await answer.json(content_type=None)
    assert (answer.status, problem["code"]) == (status, code)
    assert "victim" not in problem["detail"]
    assert kept(town) == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/ld+json"]
)
async def test_a_page_of_another_site_cannot_post_without_asking_and_is_told_no(town, client, kind):
    body = b'{"about":"%s","text":"x"}' % town.ids["veg"].encode()

    answer = await client.post("/api/v1/enquiries", data=body, headers={"Content-Type": kind})
    asked = await client.options("/api/v1/enquiries")

    assert answer.status == 400
    assert "POST" not in asked.headers["Access-Control-Allow-Methods"]
    assert kept(town) == []


# --- the page behind a link ------------------------------------------------------------------


async def asked_off(town):
    """A listed record that somebody wants to be taken off, and the secret of the link in the mail."""
    hall = await town.publish(
        "hall",
        {
            "type": "Organization",
            "listed": True,
            "name": "Chapel <Hall>",
            "source": {"name": "Noticeboard"},
        },
    )
    secret = "s" * 43
    now = town.federation.clock.now()

    def change(tx):
        from localfed.protocol.digest import digest
        from localfed.protocol.times import write_time

        tx.add_enquiry(
            enquiries.StoredEnquiry(
                received=write_time(now),
                kind=EnquiryKind.CORRECTION,
                recipient=town.kitchen.did,
                about=hall,
                state=EnquiryState.LINK,
                name="",
                reply_to="",
                text="",
                next_try=write_time(now),
                expires="2026-06-01T00:00:00Z",
                link=digest(secret.encode()),
            )
        )

    await town.kitchen.store.write(change)
    return hall, f"/withdraw/{secret}"


async def test_looking_behind_a_link_changes_nothing_and_the_button_withdraws(town, client):
    hall, link = await asked_off(town)
    for _ in range(2):
        page = await open_form(client, link)
        assert page.all("form")[0]["method"] == "post"
        assert (await client.head(link)).status == 200
    assert (await client.get(town.page_of("hall"))).status == 200

    answer = await client.post(link)

    text = await answer.text()
    assert (answer.status, Page(text).faults) == (200, [])
    assert "Chapel &lt;Hall&gt;" in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert (await client.get(town.page_of("hall"))).status == 404
    assert town.kitchen.store.is_retired(*hall.split("/", 1))
    for again in (await client.post(link), await client.get(link)):
        assert again.status == 410


async def test_a_made_up_link_is_over_and_cannot_be_tried_for_ever(town, client):
    await asked_off(town)

    answers = [await client.post("/withdraw/" + "A" * 43) for _ in range(10)]

    assert [one.status for one in answers[:8]] == [410] * 8
    assert {one.status for one in answers[8:]} == {429}
    assert (await client.get("/withdraw/short")).status == 404


# --- tokens ----------------------------------------------------------------------------------


def test_a_token_is_good_between_three_seconds_and_a_day():
    from datetime import UTC, datetime, timedelta

    tokens, now = FormTokens(), datetime(2026, 5, 1, tzinfo=UTC)
    token = tokens.make("veg", now)

    def judge(seconds, purpose="veg", text=token):
        return tokens.judge(text, purpose, now + timedelta(seconds=seconds))

    assert judge(LEAST_SECONDS - 1) is Judgement.TOO_SOON
    assert judge(-100) is Judgement.TOO_SOON
    assert judge(LEAST_SECONDS) is judge(MOST_SECONDS) is Judgement.GOOD
    assert judge(MOST_SECONDS + 1) is Judgement.OLD
    assert judge(10, "bread") is Judgement.OLD
    assert FormTokens().judge(token, "veg", now + timedelta(seconds=10)) is Judgement.OLD
    later = re.sub(r"^[0-9]+", lambda found: str(int(found[0]) + 5), token)
    assert judge(10, text=later) is Judgement.OLD
    tokens.use_up(token)
    assert judge(10) is Judgement.USED
