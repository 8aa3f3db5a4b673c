"""Corrections that others pass on to the lister: told of at once, mailed or in the tray, within limits."""

from __future__ import annotations

import msgspec
import pytest

from localfed.app import corrections, enquiries, inbox, messages, passing_on
from localfed.app.contacts import NewContact, set_contact
from localfed.app.delivery import deliver_due
from localfed.app.enquiries import take
from localfed.app.enquiry_port import Desk, EnquiryKind, EnquiryState
from localfed.app.mailing import mail_due
from localfed.app.message_values import MessageState
from localfed.app.notices import unseen
from localfed.app.tidying import tidy
from localfed.app.visitor_words import Asked
from localfed.net.mail import Security, SmtpMail
from localfed.protocol.errors import TooOften, UnknownEnquiry
from mail_servers import Mailbox, serving

OURS = Desk(name="Lister node", url="https://lister.example", language="en")
THEIRS = Desk(name="Reader node", url="https://reader.example", language="en")
SECRET = "that is our hall, take us off"
HALL = {
    "type": "Organization",
    "listed": True,
    "name": "Chapel Hall",
    "source": {"name": "Noticeboard"},
}


class Pair:
    """A lister, and a node that shows what it lists to its own visitors; the lister follows nobody."""

    def __init__(self, federation, lister, reader):
        self.federation, self.lister, self.reader = federation, lister, reader
        self.mailbox, self.mail = Mailbox(), None

    @property
    def ports(self):
        return msgspec.structs.replace(self.lister.ports, mail=self.mail)

    async def ask(self, about=None, kind=EnquiryKind.CORRECTION, text=SECRET):
        """A visitor of the reader writes; the message is delivered."""
        asked = Asked(kind=kind, about=about or self.hall, text=text, reply_to="ann@mail.example")
        await take(self.reader.ports, asked, THEIRS)
        sent = self.reader.store.outbox()[-1]
        await self.post(self.reader, sent.body)

    async def write(self, sender, about=None, text=SECRET):
        """A node posts what it likes."""
        draft = messages.Draft(type="Enquiry", language="en", text=text, about=about or self.hall)
        await messages.send(sender.ports, sender.did, self.lister.did, draft)
        await self.post(sender, sender.store.outbox()[-1].body)

    async def post(self, sender, body):
        log = sender.publisher(sender).log
        await inbox.receive(self.ports, log + body + b"\n", at=self.lister.did)

    def told(self):
        return [(one.kind, one.text) for one in unseen(self.lister.store, self.lister.did)]

    def inbox(self):
        return [one.state for one in self.lister.store.messages()]


@pytest.fixture
async def pair(federation):
    lister, reader = await federation.node("lister"), await federation.node("reader")
    made = Pair(federation, lister, reader)
    made.hall = await lister.publish(HALL)
    made.box = await lister.publish({"type": "Offer", "name": "Veg box"})
    await reader.follow(lister)
    await reader.sync(lister)
    await set_contact(lister.ports, lister.did, NewContact(language="en", email="o@lister.example"))
    async with serving(made.mailbox) as port:
        made.server = SmtpMail(
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
            sender="node@lister.example",
            name="lister.example",
            seconds=2.0,
        )
        yield made


async def test_a_correction_asked_for_elsewhere_waits_in_the_tray_of_the_lister(pair):
    """LF-INBOX-8: without mail it is told of at once, and withdrawn by its number."""
    await pair.ask()

    (one,) = enquiries.waiting(pair.lister.store)
    assert (one.kind, one.state, one.about) == (
        EnquiryKind.CORRECTION,
        EnquiryState.TRAY,
        pair.hall,
    )
    assert SECRET in one.text
    assert "ann@mail.example" in one.text
    assert pair.told() == [("enquiry", "1 enquiry of a visitor waits (localfed enquiries)")]
    # Nothing is withdrawn by a message alone.
    assert pair.lister.store.document(*pair.hall.split("/", 1)) is not None

    now = pair.federation.clock.now()
    await enquiries.withdraw(pair.ports, enquiries.withdrawal_of(pair.lister.store, one, now))

    assert pair.lister.store.document(*pair.hall.split("/", 1)) is None
    assert pair.inbox() == [MessageState.DISMISSED]
    assert (pair.lister.store.enquiries(), pair.told()) == ([], [])


async def test_with_mail_it_goes_to_our_own_mailbox_with_the_link(pair):
    """LF-INBOX-8, LF-CONTACT-4, LF-INBOX-4: and nobody else hears of it."""
    pair.mail = pair.server
    await pair.ask()
    pair.federation.network.requests.clear()

    await mail_due(pair.ports, OURS)

    (mail,) = pair.mailbox.mails
    text = mail.get_content()
    assert (mail["To"], mail["Reply-To"]) == ("o@lister.example", None)
    assert mail["Subject"] == "Correction asked for: Chapel Hall"
    assert SECRET in text
    assert "reader.example sent this to Lister node" in text
    assert "by the form" not in text
    assert pair.federation.network.requests == []
    # There is room for the next one, and the words are in one place only.
    assert pair.inbox() == [MessageState.DISMISSED]
    (kept,) = pair.lister.store.enquiries()
    assert (kept.state, kept.text) == (EnquiryState.LINK, "")
    assert pair.told() == []

    link = next(line for line in text.splitlines() if "/withdraw/" in line)
    now = pair.federation.clock.now()
    found = enquiries.link_of(pair.lister.store, link.rpartition("/")[2].strip(), now)
    await enquiries.withdraw(pair.ports, found)

    assert pair.lister.store.document(*pair.hall.split("/", 1)) is None
    assert pair.lister.store.enquiries() == []


async def test_a_question_passed_on_stays_in_the_inbox_and_is_told_of(pair):
    pair.mail = pair.server
    await pair.ask(about=pair.box, kind=EnquiryKind.QUESTION)

    await mail_due(pair.ports, OURS)

    assert pair.lister.store.enquiries() == []
    assert pair.mailbox.mails == []
    assert pair.told() == [("question", "1 message asks something (localfed inbox)")]
    await pair.ask(about=pair.box, kind=EnquiryKind.QUESTION, text="another")
    assert pair.told() == [("question", "2 messages ask something (localfed inbox)")]

    for one in pair.lister.store.messages():
        await messages.mark(pair.ports, one.number, MessageState.OPENED)
    assert pair.told() == []


@pytest.mark.parametrize("about", ["own record", "offer", "made up", "of another", "contact"])
async def test_what_is_about_no_record_that_is_listed_here_is_a_question(pair, about):
    abouts = {
        "own record": f"{pair.lister.did}/org.json",
        "offer": pair.box,
        "made up": f"{pair.lister.did}/d/{'a' * 26}.json",
        "of another": await pair.reader.publish(HALL),
        "contact": f"{pair.lister.did}/contact.json",
    }
    await pair.write(pair.reader, about=abouts[about])

    assert pair.lister.store.enquiries() == []
    assert [kind for kind, _ in pair.told()] == ["question"]


async def test_dismissing_the_message_takes_it_out_of_the_tray_and_done_dismisses_it(pair):
    await pair.ask()
    await pair.ask(text="another")
    first, second = enquiries.waiting(pair.lister.store)

    await messages.mark(
        pair.ports,
        pair.lister.store.message_with(first.message).number,
        MessageState.DISMISSED,
    )
    assert [one.number for one in enquiries.waiting(pair.lister.store)] == [second.number]
    await enquiries.finish(pair.ports, second.number)

    assert pair.inbox() == [MessageState.DISMISSED] * 2
    assert (pair.lister.store.enquiries(), pair.told()) == ([], [])
    with pytest.raises(UnknownEnquiry):
        enquiries.find(pair.lister.store, first.number)


async def test_what_a_person_opened_stays_opened_when_it_is_dealt_with(pair):
    await pair.ask()
    (one,) = enquiries.waiting(pair.lister.store)
    await messages.mark(pair.ports, 1, MessageState.OPENED)
    assert enquiries.waiting(pair.lister.store) == [one]

    await enquiries.finish(pair.ports, one.number)

    assert pair.inbox() == [MessageState.OPENED]


async def test_the_same_bytes_again_change_nothing(pair):
    """LF-INBOX-6: also after they were mailed."""
    pair.mail = pair.server
    await pair.ask()
    body = pair.reader.store.outbox()[-1].body
    await pair.post(pair.reader, body)
    await mail_due(pair.ports, OURS)
    await pair.post(pair.reader, body)
    await mail_due(pair.ports, OURS)

    assert len(pair.mailbox.mails) == 1


async def test_one_sender_fills_neither_the_mailbox_nor_the_inbox(pair):
    """LF-INBOX-8, LF-INBOX-5: what is more than a few mails waits in the tray, and then nothing more is taken."""
    pair.mail = pair.server
    for number in range(corrections.MAILS_A_DAY_OF_ONE):
        await pair.write(pair.reader, text=f"take us off {number}")
        await mail_due(pair.ports, OURS)
    for number in range(inbox.WAITING_OF_A_STRANGER):
        await pair.write(pair.reader, text=f"and off {number}")
    with pytest.raises(TooOften):
        await pair.write(pair.reader, text="and once more")
    await mail_due(pair.ports, OURS)

    assert len(pair.mailbox.mails) == corrections.MAILS_A_DAY_OF_ONE
    waiting = enquiries.waiting(pair.lister.store)
    assert [one.state for one in waiting] == [EnquiryState.TRAY] * inbox.WAITING_OF_A_STRANGER
    # A day later it may be mailed again.
    await enquiries.finish(pair.ports, waiting[0].number)
    pair.federation.clock.advance(days=1)
    await pair.write(pair.reader, text="please")
    assert enquiries.waiting(pair.lister.store)[-1].state is EnquiryState.MAIL


async def test_many_senders_together_are_mailed_only_so_much(pair, monkeypatch):
    """LF-INBOX-8: identities cost nothing."""
    monkeypatch.setattr(corrections, "MAILS_A_DAY", 2)
    pair.mail = pair.server
    for number in range(3):
        liar = await pair.federation.node(f"liar{number}")
        await liar.follow(pair.lister)
        await liar.sync(pair.lister)
        await pair.write(liar)
        await mail_due(pair.ports, OURS)

    assert len(pair.mailbox.mails) == 2
    assert [one.state for one in enquiries.waiting(pair.lister.store)] == [EnquiryState.TRAY]


async def test_what_others_pass_on_takes_no_room_of_visitors_here(pair, monkeypatch):
    monkeypatch.setattr(enquiries, "WAITING_MAX", 1)
    monkeypatch.setattr(passing_on, "MESSAGES_A_DAY", 1)
    await pair.ask()

    await take(
        pair.ports, Asked(kind=EnquiryKind.CORRECTION, about=pair.hall, text="and here"), OURS
    )

    assert len(enquiries.waiting(pair.lister.store)) == 2


async def test_what_nobody_looks_at_goes_when_its_message_does(pair):
    """LF-INBOX-6."""
    await pair.ask()
    await pair.ask(about=pair.box, kind=EnquiryKind.QUESTION)
    assert len(pair.told()) == 2

    pair.federation.clock.advance(days=31)
    await tidy(pair.ports)
    # Time has to go by in the eyes of somebody else, or a day longer (LF-FOLLOW-8).
    pair.federation.clock.advance(days=1)
    await tidy(pair.ports)

    assert (pair.inbox(), pair.lister.store.enquiries(), pair.told()) == ([], [], [])


async def test_words_that_a_screen_would_obey_or_without_end_are_made_plain(pair):
    await pair.write(pair.reader, text="a\u200eb" + "x" * 9_000)

    (one,) = enquiries.waiting(pair.lister.store)
    assert one.text.startswith("abxxx")
    assert len(one.text) < 6_010


async def test_a_neighbour_on_the_same_node_reaches_the_tray_too(pair):
    chapel = await pair.lister.add("The Chapel", "https://lister.example/chapel/")
    draft = messages.Draft(type="Enquiry", language="en", text="our hall!", about=pair.hall)

    await messages.send(pair.lister.ports, chapel.did, pair.lister.did, draft)

    (one,) = enquiries.waiting(pair.lister.store)
    assert (one.recipient, one.text) == (pair.lister.did, "our hall!")


async def test_what_is_delivered_by_the_network_arrives_all_the_same(pair):
    asked = Asked(kind=EnquiryKind.CORRECTION, about=pair.hall, text=SECRET)
    await take(pair.reader.ports, asked, THEIRS)

    await deliver_due(pair.reader.ports)

    assert len(enquiries.waiting(pair.lister.store)) == 1
