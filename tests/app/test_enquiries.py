"""What visitors write: which way it goes, how it is mailed, and that nothing of it stays."""

from __future__ import annotations

import msgspec
import pytest

from localfed.app import enquiries, mailing, messages, passing_on
from localfed.app.contacts import NewContact, remove_contact, set_contact
from localfed.app.delivery import deliver_due
from localfed.app.enquiries import Way, take, waiting
from localfed.app.enquiry_port import Desk, EnquiryKind, EnquiryState
from localfed.app.imports import import_table
from localfed.app.mailing import mail_due, try_mail
from localfed.app.message_values import MessageState, OutboxKind, Posted
from localfed.app.notices import unseen
from localfed.app.tidying import tidy
from localfed.app.visitor_words import Asked
from localfed.interop.csv_table import read_csv
from localfed.net.mail import Security, SmtpMail
from localfed.protocol.canonical import parse_object
from localfed.protocol.errors import (
    BadEnquiry,
    CannotAsk,
    LinkOver,
    MailNotTaken,
    TooOften,
    UnknownDocument,
    UnknownEnquiry,
)
from localfed.protocol.times import read_time
from mail_servers import Mailbox, serving

DESK = Desk(name="Grocer node", url="https://grocer.example", language="en")
OFFICE = NewContact(language="en", email="office@grocer.example")
SECRET = "the visitor's very own words"
QUESTIONS_A_DAY = passing_on.A_DAY_TO_ONE[EnquiryKind.QUESTION]
CORRECTIONS_A_DAY = passing_on.A_DAY_TO_ONE[EnquiryKind.CORRECTION]


class Place:
    """A node with an offer and a listed record, its mail server, and a neighbour whom it follows."""

    def __init__(self, federation, grocer, baker):
        self.federation, self.grocer, self.baker = federation, grocer, baker
        self.mailbox, self.mail = Mailbox(), None

    @property
    def ports(self):
        return msgspec.structs.replace(self.grocer.ports, mail=self.mail)

    @property
    def clock(self):
        return self.federation.clock

    async def ask(self, about, text=SECRET, **changes):
        asked = {"kind": EnquiryKind.QUESTION, "reply_to": "ann@mail.example", **changes}
        return await take(self.ports, Asked(about=about, text=text, **asked), DESK)

    def rows(self):
        return self.grocer.store.enquiries()

    def holds(self, words):
        """Whether the files of the node hold these words anywhere."""
        return any(
            words.encode() in path.read_bytes()
            for path in self.grocer.folder.rglob("*")
            if path.is_file()
        )


@pytest.fixture
async def place(federation):
    grocer, baker = await federation.node("grocer"), await federation.node("baker")
    made = Place(federation, grocer, baker)
    made.box = await grocer.publish({"type": "Offer", "name": "Veg box"})
    made.bread = await baker.publish({"type": "Offer", "name": "Bread"})
    await grocer.follow(baker)
    await grocer.sync(baker)
    await set_contact(grocer.ports, grocer.did, OFFICE)
    async with serving(made.mailbox) as port:
        made.mail = SmtpMail(
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
            sender="node@grocer.example",
            name="grocer.example",
            seconds=2.0,
        )
        yield made


# --- hosted here -----------------------------------------------------------------------------


async def test_a_question_is_mailed_to_the_role_mailbox_and_then_gone(place):
    """LF-CONTACT-4."""
    assert await place.ask(place.box) is Way.MAIL
    assert place.holds(SECRET)

    done = await mail_due(place.ports, DESK)

    assert (done.mailed, done.waiting, done.to_tray) == (1, 0, 0)
    (mail,) = place.mailbox.mails
    assert (mail["To"], mail["Reply-To"]) == ("office@grocer.example", "ann@mail.example")
    assert mail["Subject"] == "A visitor asks about: Veg box"
    assert SECRET in mail.get_content()
    assert (
        f"https://grocer.example/documents/{place.grocer.did.split(':')[2]}/d/"
        in mail.get_content()
    )
    assert "withdraw" not in mail.get_content()
    assert place.rows() == []


async def test_nothing_of_a_visitor_is_left_in_the_files_of_a_node(place):
    """Deleting overwrites: SQLite would leave the text in free pages."""
    await place.ask(place.box, text=SECRET * 100)
    await mail_due(place.ports, DESK)

    place.grocer.store.close()  # the write-ahead log is folded in

    assert not place.holds(SECRET)
    assert not place.holds("ann@mail.example")
    place.grocer._open()


@pytest.mark.parametrize("way", ["mailed", "done", "passed on"])
async def test_nothing_of_a_visitor_is_left_in_the_files_while_the_node_runs(place, way):
    """The log of writes is emptied too: it kept the words until it had grown."""
    if way == "done":
        place.mail = None
    await place.ask(place.bread if way == "passed on" else place.box, text=SECRET * 100)
    assert place.holds(SECRET)

    if way == "mailed":
        await mail_due(place.ports, DESK)
    elif way == "done":
        await enquiries.finish(place.ports, place.rows()[0].number)
    else:
        await deliver_due(place.ports)
        await passing_on.follow(place.ports, DESK)

    assert not place.holds(SECRET)
    assert not place.holds("ann@mail.example")


async def test_who_reads_meanwhile_delays_that_until_the_next_write(place):
    await place.ask(place.box)
    reader = place.grocer.store._connection()
    with reader.snapshot():
        reader.rows("SELECT id FROM enquiry")
        await mail_due(place.ports, DESK)
        assert place.holds(SECRET)

    await place.grocer.store.write(lambda tx: tx.save_fact("anything", "written"))

    assert not place.holds(SECRET)


@pytest.mark.parametrize("without", ["server", "mailbox"])
async def test_without_a_server_or_a_mailbox_it_waits_for_the_operator(place, without):
    if without == "server":
        place.mail = None
    else:
        await remove_contact(place.grocer.ports, place.grocer.did)

    assert await place.ask(place.box) is Way.TRAY
    assert (await mail_due(place.ports, DESK)).mailed == 0
    (one,) = waiting(place.grocer.store)
    assert (one.text, one.reply_to) == (SECRET, "ann@mail.example")
    (notice,) = unseen(place.grocer.store, place.grocer.did)
    assert (notice.kind, notice.text) == (
        "enquiry",
        "1 enquiry of a visitor waits (localfed enquiries)",
    )

    await enquiries.finish(place.ports, one.number)
    assert place.rows() == []
    assert unseen(place.grocer.store) == []
    with pytest.raises(UnknownEnquiry):
        await enquiries.finish(place.ports, one.number)


async def test_a_mailbox_that_is_taken_back_meanwhile_brings_it_into_the_tray(place):
    await place.ask(place.box)
    await remove_contact(place.grocer.ports, place.grocer.did)

    done = await mail_due(place.ports, DESK)

    assert (done.mailed, done.to_tray) == (0, 1)
    assert waiting(place.grocer.store)[0].state is EnquiryState.TRAY


async def test_a_server_that_is_away_is_tried_again_later_each_time(place):
    working, place.mail = (
        place.mail,
        SmtpMail(
            host="127.0.0.1",
            port=1,
            security=Security.NONE,
            sender="node@grocer.example",
            name="grocer.example",
        ),
    )
    await place.ask(place.box)
    waits = []
    for _ in range(12):
        started = place.clock.moment
        await mail_due(place.ports, DESK)
        first = place.rows()[0]
        waits.append((read_time(first.next_try) - started).total_seconds())
        place.clock.moment = read_time(first.next_try)
    assert all(0.8 * 60 * 2**n - 1 <= waits[n] <= 1.2 * 60 * 2**n + 1 for n in range(8))
    assert max(waits) <= 1.2 * mailing.LONGEST_SECONDS
    assert place.rows()[0].problem.startswith("the mail server")
    # What comes meanwhile waits for a minute at a time: it is asked for the server by the next of them.
    await place.ask(place.box, text="another")
    place.clock.moment = read_time(place.rows()[0].next_try)
    await mail_due(place.ports, DESK)
    assert [one.failures for one in place.rows()] == [13, 0]

    place.mail = working
    place.clock.advance(minutes=1)
    await mail_due(place.ports, DESK)
    place.clock.advance(hours=8)
    await mail_due(place.ports, DESK)
    assert ["another" in one.get_content() for one in place.mailbox.mails] == [True, False]
    assert place.rows() == []


async def test_what_the_server_asks_to_wait_for_holds_up_nothing_else(place):
    await place.ask(place.box)
    place.mailbox.data_answer = "451 try again"
    await mail_due(place.ports, DESK)
    place.mailbox.data_answer = ""
    await place.ask(place.box, text="another")

    done = await mail_due(place.ports, DESK)

    assert done.mailed == 1
    assert "another" in place.mailbox.mails[0].get_content()


async def test_what_the_server_refuses_for_good_comes_into_the_tray(place):
    await place.ask(place.box)
    place.mailbox.rcpt_answer = "550 nobody of that name, said by a stranger"

    await mail_due(place.ports, DESK)

    (one,) = waiting(place.grocer.store)
    assert (one.state, one.problem) == (EnquiryState.TRAY, "the mail server answered 550")


async def test_what_nobody_looks_at_is_deleted_after_thirty_days(place):
    place.mail = None
    await place.ask(place.box)

    place.clock.advance(days=29)
    place.federation.clock.advance(hours=23)
    await tidy(place.ports)
    assert len(place.rows()) == 1
    assert len(unseen(place.grocer.store)) == 1
    place.clock.advance(hours=2)
    await tidy(place.ports)
    # Time has to go by in the eyes of somebody else, or a day longer (LF-FOLLOW-8).
    place.clock.advance(days=1)
    await tidy(place.ports)

    assert place.rows() == []
    assert unseen(place.grocer.store) == []


async def test_a_test_mail_shows_whether_it_works(place):
    assert await try_mail(place.ports, DESK, place.grocer.did) == "office@grocer.example"
    assert place.mailbox.mails[0]["Subject"] == "A test"

    place.mail = None
    with pytest.raises(MailNotTaken):
        await try_mail(place.ports, DESK, place.grocer.did)


# --- others ----------------------------------------------------------------------------------


async def test_a_question_to_who_is_followed_goes_to_its_node_as_a_message(place):
    """LF-CONTACT-4, LF-MSG-1: never by mail, whatever it publishes."""
    await set_contact(
        place.baker.ports, place.baker.did, NewContact(language="en", email="victim@other.example")
    )
    await place.grocer.sync(place.baker)

    assert await place.ask(place.bread) is Way.MESSAGE
    await mail_due(place.ports, DESK)
    await deliver_due(place.ports)
    await passing_on.follow(place.ports, DESK)

    assert place.mailbox.envelopes == []
    (message,) = place.baker.store.messages()
    said = parse_object(message.body)
    assert (said["type"], said["about"]) == ("Enquiry", place.bread)
    assert SECRET in said["text"]["en"]
    assert "ann@mail.example" in said["text"]["en"]
    assert said["text"]["en"].startswith("A visitor of Grocer node")
    # On this side nothing but that there was one.
    assert waiting(place.grocer.store) == []
    assert place.grocer.store.outbox() == []
    place.clock.advance(days=1, seconds=1)
    await tidy(place.ports)
    assert place.rows() == []


async def test_a_message_that_is_refused_comes_into_the_tray(place):
    await place.ask(place.bread)
    place.federation.network.answers["https://baker.example/inbox"] = Posted(
        status=403, retry_after=None
    )
    await deliver_due(place.ports)
    await passing_on.follow(place.ports, DESK)

    (one,) = waiting(place.grocer.store)
    assert (one.state, one.text) == (EnquiryState.TRAY, SECRET)
    assert "could not be delivered" in one.problem
    assert place.grocer.store.outbox() == []


async def test_only_so_much_goes_to_one_publisher_in_a_day(place):
    for number in range(QUESTIONS_A_DAY):
        await place.ask(place.bread, text=f"question {number}")
    with pytest.raises(TooOften):
        await place.ask(place.bread)
    await deliver_due(place.ports)
    await passing_on.follow(place.ports, DESK)
    with pytest.raises(TooOften):
        await place.ask(place.bread)
    assert len(place.baker.store.messages()) == QUESTIONS_A_DAY

    place.clock.advance(days=1)
    assert await place.ask(place.bread) is Way.MESSAGE


async def test_only_so_much_goes_to_all_publishers_in_a_day(place, monkeypatch):
    monkeypatch.setattr(passing_on, "MESSAGES_A_DAY", 2)
    await place.ask(place.bread)
    await place.ask(place.bread, text="another")

    with pytest.raises(TooOften):
        await place.ask(place.bread, text="a third")


@pytest.mark.parametrize(
    "contact,reached",
    [
        ({"email": "office@baker.example"}, "office@baker.example"),
        ({"telephone": "+44 1632 960000"}, "+44 1632 960000"),
        (None, "https://baker.example/"),
    ],
)
async def test_who_is_refused_is_told_how_the_publisher_is_reached(place, contact, reached):
    if contact:
        await set_contact(place.baker.ports, place.baker.did, NewContact(language="en", **contact))
        await place.grocer.sync(place.baker)
    for _ in range(QUESTIONS_A_DAY):
        await place.ask(place.bread)

    with pytest.raises(TooOften) as refused:
        await place.ask(place.bread)

    assert reached in refused.value.message


async def test_corrections_beyond_a_days_wait_for_their_turn_oldest_first(place):
    for number in range(CORRECTIONS_A_DAY + 2):
        way = await place.ask(place.bread, kind=EnquiryKind.CORRECTION, text=f"wrong {number}")
        assert way is Way.MESSAGE

    async def arrived():
        await passing_on.follow(place.ports, DESK)
        await deliver_due(place.ports)
        await passing_on.follow(place.ports, DESK)
        held = place.baker.store.messages()
        for one in held:
            await messages.mark(place.baker.ports, one.number, MessageState.OPENED)
        texts = [parse_object(one.body)["text"]["en"] for one in held]
        return [int(text.split("wrong ")[1].split()[0]) for text in texts]

    assert await arrived() == list(range(CORRECTIONS_A_DAY))
    # Questions have room of their own.
    place.clock.advance(hours=23)
    assert await place.ask(place.bread, text="wrong 99") is Way.MESSAGE
    assert len(await arrived()) == CORRECTIONS_A_DAY + 1
    assert len(waiting(place.grocer.store)) == 2

    place.clock.advance(hours=1)
    assert (await arrived())[-2:] == [CORRECTIONS_A_DAY, CORRECTIONS_A_DAY + 1]
    assert waiting(place.grocer.store) == []


async def test_the_queue_counts_in_what_goes_in_a_day(place):
    """What was sent from the queue this morning leaves as much less room for the rest of the day."""
    for number in range(CORRECTIONS_A_DAY * 2):
        await place.ask(place.bread, kind=EnquiryKind.CORRECTION, text=f"wrong {number}")
    place.clock.advance(days=1)
    assert await passing_on.follow(place.ports, DESK) == CORRECTIONS_A_DAY
    assert await passing_on.follow(place.ports, DESK) == 0

    await place.ask(place.bread, kind=EnquiryKind.CORRECTION, text="late")

    assert await passing_on.follow(place.ports, DESK) == 0
    sent = [one for one in place.grocer.store.outbox() if one.kind is OutboxKind.MESSAGE]
    assert len(sent) == CORRECTIONS_A_DAY * 2


@pytest.mark.parametrize("limit", ["QUEUE_OF_ONE", "QUEUE_MAX"])
async def test_the_queue_has_an_end(place, monkeypatch, limit):
    monkeypatch.setattr(passing_on, limit, 2)
    for number in range(CORRECTIONS_A_DAY + 2):
        await place.ask(place.bread, kind=EnquiryKind.CORRECTION, text=f"wrong {number}")

    with pytest.raises(TooOften):
        await place.ask(place.bread, kind=EnquiryKind.CORRECTION)

    assert len(place.rows()) == CORRECTIONS_A_DAY + 2


async def test_what_was_cut_off_before_it_was_sent_is_sent_an_hour_later(place, monkeypatch):
    class PowerCut(Exception):
        pass

    async def go_down(*_):
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(passing_on, "send", go_down)
        with pytest.raises(PowerCut):
            await place.ask(place.bread)
    assert await passing_on.follow(place.ports, DESK) == 0

    place.clock.advance(hours=1, seconds=1)
    assert await passing_on.follow(place.ports, DESK) == 1
    await deliver_due(place.ports)

    assert len(place.baker.store.messages()) == 1


async def test_a_queue_that_has_no_way_any_more_comes_into_the_tray(place):
    for number in range(CORRECTIONS_A_DAY + 1):
        await place.ask(place.bread, kind=EnquiryKind.CORRECTION, text=f"wrong {number}")
    place.clock.advance(days=1)

    await passing_on.follow(place.ports, msgspec.structs.replace(DESK, sends_messages=False))

    (one,) = [one for one in waiting(place.grocer.store) if one.state is EnquiryState.TRAY]
    assert one.text == f"wrong {CORRECTIONS_A_DAY}"
    assert "could not be passed on" in one.problem
    assert "1 enquiry of a visitor waits" in unseen(place.grocer.store)[0].text


async def test_what_is_not_passed_on_is_refused_before_anything_is_stored(place):
    desk = msgspec.structs.replace(DESK, sends_messages=False)

    with pytest.raises(CannotAsk):
        await take(
            place.ports,
            Asked(kind=EnquiryKind.QUESTION, about=place.bread, text=SECRET),
            desk,
        )

    messages = [one for one in place.grocer.store.outbox() if one.kind is OutboxKind.MESSAGE]
    assert (place.rows(), messages) == ([], [])


async def test_only_so_much_waits_for_one_organisation(place, monkeypatch):
    monkeypatch.setattr(enquiries, "WAITING_MAX", 2)
    place.mail = None
    await place.ask(place.box)
    await place.ask(place.box)

    with pytest.raises(TooOften):
        await place.ask(place.box)

    assert len(place.rows()) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"text": ""},
        {"text": " \n\u202e\x00 "},
        {"text": "x" * 4_001},
        {"name": "x" * 101},
        {"reply_to": "ann"},
        {"reply_to": "ann@mail.example\r\nBcc: b@c.example"},
        {"reply_to": "ann@mail.example, b@c.example"},
        {"reply_to": "<ann@mail.example>"},
        {"reply_to": "ann@" + "x" * 250 + ".example"},
    ],
)
async def test_what_is_nothing_or_too_much_is_refused_and_not_repeated(place, changes):
    with pytest.raises(BadEnquiry) as refused:
        await place.ask(place.box, **changes)

    assert "b@c.example" not in refused.value.message + refused.value.detail
    assert place.rows() == []


async def test_what_a_screen_would_obey_is_left_out(place):
    place.mail = None
    await place.ask(place.box, text="a\x1b[2Jb\r\nc\u202ed", name="An\x00n\n<b>")

    (one,) = place.rows()
    assert (one.text, one.name) == ("a[2Jb\ncd", "Ann <b>")


async def test_nothing_can_be_asked_about_what_is_not_shown(place):
    await place.grocer.withdraw(place.box)

    for about in (
        place.box,
        f"{place.grocer.did}/d/{'a' * 26}.json",
        f"{place.grocer.did}/contact.json",
        "nonsense",
        "",
    ):
        with pytest.raises(UnknownDocument):
            await place.ask(about)


# --- corrections of what is listed -----------------------------------------------------------


def shops(*names):
    lines = "".join(f"{name.split()[0]},{name},Retail\n" for name in names)
    return read_csv(("Identifier,Name,Sector\n" + lines).encode(), file_name="shops.csv")


async def listed(place, *names):
    await import_table(place.grocer.ports, place.grocer.did, shops(*names), withdraw_missing=False)
    return next(
        one.id for one in place.grocer.store.documents(place.grocer.did) if b"Hall" in one.body
    )


async def asked_off(place):
    """Ask for a listed record to be taken off; returns its id and the secret of the link in the mail."""
    hall = await listed(place, "h1 Hall", "s1 Shop")
    await place.ask(hall, kind=EnquiryKind.CORRECTION)
    await mail_due(place.ports, DESK)
    text = place.mailbox.mails[-1].get_content()
    link = next(line for line in text.splitlines() if "/withdraw/" in line)
    return hall, link.rpartition("/")[2].strip()


async def test_a_lister_withdraws_by_the_link_in_its_mail_once(place):
    hall, secret = await asked_off(place)
    assert place.mailbox.mails[0]["Subject"] == "Correction asked for: h1 Hall"
    # What was written has arrived; the node knows the link by its digest alone.
    (kept,) = place.rows()
    assert (kept.state, kept.text, kept.name, kept.reply_to) == (EnquiryState.LINK, "", "", "")
    assert not place.holds(secret)
    assert waiting(place.grocer.store) == []

    found = enquiries.link_of(place.grocer.store, secret, place.clock.now())
    assert found.document.id == hall
    assert place.grocer.store.document(*hall.split("/", 1)) is not None
    await enquiries.withdraw(place.ports, found)

    assert place.grocer.store.document(*hall.split("/", 1)) is None
    with pytest.raises(LinkOver):
        enquiries.link_of(place.grocer.store, secret, place.clock.now())
    assert place.rows() == []


async def test_what_was_taken_off_stays_off_whatever_the_next_edition_says(place):
    _, secret = await asked_off(place)
    await enquiries.withdraw(
        place.ports, enquiries.link_of(place.grocer.store, secret, place.clock.now())
    )

    for edition in (
        ("h1 Hall", "s1 Shop"),
        ("h1 Great Hall", "s1 Shop"),
        ("s1 Shop",),
        ("h1 Hall",),
    ):
        await import_table(
            place.grocer.ports, place.grocer.did, shops(*edition), withdraw_missing=True
        )
        bodies = [one.body for one in place.grocer.store.documents(place.grocer.did)]
        assert not any(b"Hall" in body for body in bodies), edition


async def test_a_link_that_is_over_or_made_up_does_nothing(place):
    hall, secret = await asked_off(place)
    for wrong in (secret[:-1], secret + "A", secret.swapcase(), "", "A" * 43):
        with pytest.raises(LinkOver):
            enquiries.link_of(place.grocer.store, wrong, place.clock.now())
    place.clock.advance(days=30)

    with pytest.raises(LinkOver):
        enquiries.link_of(place.grocer.store, secret, place.clock.now())

    assert place.grocer.store.document(*hall.split("/", 1)) is not None


async def test_of_two_who_ask_the_same_the_second_link_is_over_with_the_first(place):
    hall, first = await asked_off(place)
    await place.ask(hall, kind=EnquiryKind.CORRECTION)
    await place.ask(hall)
    await mail_due(place.ports, DESK)

    await enquiries.withdraw(
        place.ports, enquiries.link_of(place.grocer.store, first, place.clock.now())
    )

    assert place.rows() == []


async def test_what_an_organisation_says_itself_has_no_link(place):
    await place.ask(place.box, kind=EnquiryKind.CORRECTION)
    await mail_due(place.ports, DESK)

    assert "/withdraw/" not in place.mailbox.mails[0].get_content()
    assert place.rows() == []
    place.mail = None
    await place.ask(f"{place.grocer.did}/org.json", kind=EnquiryKind.CORRECTION)
    with pytest.raises(UnknownDocument):
        enquiries.withdrawal_of(place.grocer.store, place.rows()[0], place.clock.now())
