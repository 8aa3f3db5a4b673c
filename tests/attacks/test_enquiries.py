"""What a form for anybody can be turned into: an open relay, a machine that multiplies mail, a way into headers and screens.

Here: visitors who lie, and publishers who do. The form and its limits are in `web/test_enquiring`, the mail itself in
`interop/test_email_message`.
"""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from attacks.frame import unmoved
from attacks.people_material import PAYLOADS
from attacks.server_material import ask_one, request, serving
from localfed.app import enquiries, inbox, messages, passing_on
from localfed.app.contacts import NewContact, set_contact
from localfed.app.delivery import deliver_due
from localfed.app.enquiries import take
from localfed.app.enquiry_port import Desk, EnquiryKind
from localfed.app.mailing import mail_due
from localfed.app.message_values import OutboxKind
from localfed.app.visitor_words import Asked
from localfed.net.mail import Security, SmtpMail
from localfed.protocol.errors import BadDraft, BadEnquiry, LocalFedError, TooOften
from mail_servers import Mailbox
from mail_servers import serving as serving_mail

DESK = Desk(name="Victim node", url="https://victim.example", language="en")
OURS = "office@victim.example"
VICTIM = "victim@other.example"

INJECTIONS = {
    "a header": f"x\r\nBcc: {VICTIM}",
    "a header after a bare line feed": f"x\nBcc: {VICTIM}",
    "a header after a bare carriage return": f"x\rBcc: {VICTIM}",
    "an encoded word that holds a header": f"=?utf-8?q?x=0D=0ABcc:_{VICTIM.replace('@', '=40')}?=",
    "an encoded word in base64": "=?utf-8?b?eA0KQmNjOiB2aWN0aW1Ab3RoZXIuZXhhbXBsZQ==?=",
    "a line separator": f"x\u2028Bcc: {VICTIM}",
    "a next line": f"x\x85Bcc: {VICTIM}",
    "the end of the mail": f"x\r\n.\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<{VICTIM}>\r\nDATA\r\nspam\r\n.\r\n",
    "the end of the head": "x\r\n\r\nspam",
    "a second part": 'x\r\nContent-Type: multipart/mixed; boundary="y"\r\n\r\n--y',
    "another recipient": f"<{VICTIM}>, y",
    "a null": f"x\x00\r\nBcc: {VICTIM}",
}


class Office:
    """The victim's node with a mailbox and a mail server."""

    def __init__(self, victim, mailbox, port):
        self.victim, self.mailbox = victim, mailbox
        mail = SmtpMail(
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
            sender="node@victim.example",
            name="victim.example",
        )
        self.ports = msgspec.structs.replace(victim.ports, mail=mail)

    async def ask(self, about, **changes):
        asked = {"kind": EnquiryKind.CORRECTION, "text": "hello", **changes}
        return await take(self.ports, Asked(about=about, **asked), DESK)

    async def mails(self):
        """Mail all that waits; returns it, having seen that it went nowhere else."""
        await mail_due(self.ports, DESK)
        for envelope in self.mailbox.envelopes:
            assert (envelope.mail_from, envelope.rcpt_tos) == ("node@victim.example", [OURS])
        return self.mailbox.mails


@pytest.fixture
async def office(victim):
    mailbox = Mailbox()
    await set_contact(victim.ports, victim.node.did, NewContact(language="en", email=OURS))
    async with serving_mail(mailbox) as port:
        yield Office(victim, mailbox, port)


def check_one_mail(mails):
    (mail,) = mails
    assert mail.keys() == [
        *("From", "To", *(["Reply-To"] if mail["Reply-To"] else []), "Subject", "Date"),
        *(
            "Message-ID",
            "Auto-Submitted",
            "Content-Type",
            "Content-Transfer-Encoding",
            "MIME-Version",
        ),
    ]
    assert mail["To"] == OURS
    assert mail.get_content_type() == "text/plain"
    assert not mail.is_multipart()
    return mail


@pytest.mark.parametrize("words", INJECTIONS.values(), ids=INJECTIONS)
@pytest.mark.parametrize("field", ["text", "name"])
async def test_words_of_a_visitor_stay_in_the_body(office, field, words):
    await office.ask(office.victim.ids["veg"], **{field: words})

    check_one_mail(await office.mails())


@pytest.mark.parametrize("words", INJECTIONS.values(), ids=INJECTIONS)
async def test_an_address_for_the_answer_is_one_address_or_refused(office, words):
    for written in (words, f"a@b.example{words}", f"{words}@b.example", f'"{words}"@b.example'):
        with pytest.raises(BadEnquiry):
            await office.ask(office.victim.ids["veg"], reply_to=written)

    assert await office.mails() == []


@pytest.mark.parametrize(
    "words",
    [one for one in INJECTIONS.values() if one.isprintable()],
    ids=[name for name, one in INJECTIONS.items() if one.isprintable()],
)
async def test_the_name_of_a_listed_record_is_no_header(office, words):
    """Names come out of other people's tables."""
    listed = await office.victim.node.publish(
        {"type": "Organization", "listed": True, "name": words, "source": {"name": "Register"}}
    )
    await office.ask(listed)

    mail = check_one_mail(await office.mails())

    assert mail["Subject"].strip().startswith("Correction asked for: ")


@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
async def test_words_that_a_node_passes_on_stay_in_the_body(office, text):
    """LF-INBOX-8: a stranger's message becomes one mail to our own mailbox, and no address of its is in the head."""
    friend, victim = office.victim.friend, office.victim.node
    listed = await victim.publish(
        {"type": "Organization", "listed": True, "name": "Hall", "source": {"name": "Register"}}
    )
    await friend.follow(victim)
    await friend.sync(victim)
    draft = messages.Draft(type="Enquiry", language="en", text=text, about=listed)
    try:
        await messages.send(friend.ports, friend.did, victim.did, draft)
    except BadDraft:
        return  # what no message may hold is refused at the door as well (LF-MSG-6)
    body = friend.store.outbox()[-1].body
    await inbox.receive(office.ports, friend.publisher(friend).log + body + b"\n")

    mail = check_one_mail(await office.mails())

    assert mail["Reply-To"] is None


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
async def test_markup_in_a_mail_is_text(office, payload):
    await office.ask(office.victim.ids["veg"], text=payload, name=payload[:100])

    mail = check_one_mail(await office.mails())

    assert mail["Content-Type"].startswith("text/plain")


async def test_a_published_address_makes_nobody_elses_node_send_mail(office, monkeypatch):
    """LF-CONTACT-4: a friend publishes somebody's address, and a crowd asks at the victim's node."""
    victim = office.victim
    await set_contact(
        victim.friend.ports, victim.friend.did, NewContact(language="en", email=VICTIM)
    )
    await victim.node.sync(victim.friend)
    theirs = [
        one.id
        for one in victim.node.store.documents(victim.friend.did)
        if one.type == "Offer" and one.body is not None
    ]

    monkeypatch.setattr(passing_on, "QUEUE_OF_ONE", 40)
    taken = refused = 0
    for number in range(60):
        try:
            await office.ask(theirs[number % len(theirs)], text=f"spam {number}")
            taken += 1
        except TooOften:
            refused += 1
    await office.mails()
    await deliver_due(office.ports)

    a_day = passing_on.A_DAY_TO_ONE[EnquiryKind.CORRECTION]
    assert (taken, refused) == (a_day + 40, 20 - a_day)
    assert office.mailbox.envelopes == []
    assert len(victim.friend.store.messages()) == a_day
    # A day later no more than that goes, whatever waits.
    await passing_on.follow(office.ports, DESK)
    victim.federation.clock.advance(days=1)
    await passing_on.follow(office.ports, DESK)
    sent = [one for one in victim.node.store.outbox() if one.kind is OutboxKind.MESSAGE]
    assert len(sent) == a_day


async def test_one_enquiry_is_one_message_and_no_answer_is_sent_to_whoever_was_named(office):
    """No copy, no confirmation: the address for the answer may be anybody's."""
    friend = office.victim.friend
    about = next(
        one.id for one in office.victim.node.store.documents(friend.did) if one.type == "Offer"
    )
    await office.ask(about, reply_to=VICTIM)
    await office.ask(office.victim.ids["veg"], reply_to=VICTIM)

    mails = await office.mails()

    sent = [one for one in office.victim.node.store.outbox() if one.kind is OutboxKind.MESSAGE]
    assert (len(mails), len(sent)) == (1, 1)
    assert len(sent[0].body) < 2_500


async def test_a_crowd_at_once_is_held_to_the_same_limits(office, monkeypatch):
    monkeypatch.setattr(enquiries, "WAITING_MAX", 5)

    done = await asyncio.gather(
        *(office.ask(office.victim.ids["veg"], text=f"spam {one}") for one in range(30)),
        return_exceptions=True,
    )

    assert sum(isinstance(one, TooOften) for one in done) == 25
    assert len(await office.mails()) == 5


async def test_a_flood_of_forms_costs_little_and_leaves_little(victim):
    """From one address: the first few are taken, the others turned away unread; searching goes on."""
    body = json.dumps({"about": victim.ids["veg"], "text": "x" * 4_000}).encode()
    fields = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    async with serving(victim):
        answers = [
            await victim.send(request("/api/v1/enquiries", *fields, method="POST") + body)
            for _ in range(40)
        ]

    codes = [one.status for one in answers]
    assert codes == [202] * 8 + [429] * 32
    assert len(victim.node.store.enquiries()) == 8
    assert (await ask_one(victim, request("/"))).status == 200


@pytest.mark.parametrize(
    "about",
    [
        "",
        "x",
        "did:webvh:",
        "/etc/passwd",
        "https://victim.example/",
        "\x00",
        "did:webvh:" + "Q" * 5_000,
    ],
)
async def test_what_is_asked_about_is_a_record_or_nothing(victim, about):
    async with unmoved(victim, requests=0):
        with pytest.raises(LocalFedError) as refused:
            await take(victim.ports, Asked(kind=EnquiryKind.QUESTION, about=about, text="x"), DESK)

    assert refused.value.code == "unknown-document"
